// What lazy servers cost that nobody needs: the CPU of a start with 200 of them beside a start with none, in turns, median of ten
// pairs. Before that their tools are learnt once; from then on no start may start any of them.
//   node bench/lazy-servers.mjs [--json]
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SERVERS = 200;
const TOOLS = 10;
const PAIRS = 10;
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const cli = join(root, "dist", "cli.js");
const fixture = join(root, "test", "support", "changing-server.mjs");
const folder = mkdtempSync(join(tmpdir(), "banyan-bench-"));
const startedFile = join(folder, "started");

// Written by the process itself as the last thing it does, to a pipe of its own.
const report = `import { writeSync } from "node:fs";
process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  writeSync(3, JSON.stringify({ cpuMs: (user + system) / 1000, rssMb: process.memoryUsage.rss() / 1048576 }));
});`;

function home(name, servers) {
  const path = join(folder, name);
  mkdirSync(path);
  const blocks = Array.from({ length: servers }, (_, index) => {
    const args = JSON.stringify([fixture, `--tools=${TOOLS}`, `--started=${startedFile}`]);
    return `[[servers]]\nname = "lazy-${index}"\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${args}\nstart = "lazy"\n`;
  });
  writeFileSync(join(path, "config.toml"), `[bundled]\nhost = false\ncatalog = false\n${blocks.join("")}`);
  return path;
}

function run(homePath, args) {
  const { status, output, stdout } = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(report)}`, cli, ...args],
    {
      env: { ...process.env, BANYAN_HOME: homePath },
      cwd: folder,
      stdio: ["ignore", "pipe", "ignore", "pipe"],
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    },
  );
  if (status !== 0) throw new Error(`banyan ${args.join(" ")} ended with ${status}`);
  return { stdout, ...JSON.parse(output[3]) };
}

const started = () => (existsSync(startedFile) ? readFileSync(startedFile, "utf8").trim().split("\n").length : 0);

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

const [none, many] = [home("none", 0), home("many", SERVERS)];
const tools = () => JSON.parse(run(many, ["tools", "list", "--json"]).stdout);
let learnt = 0;
while (tools().length < SERVERS * (TOOLS + 3)) if (++learnt > 20) throw new Error("the tools were not learnt");
const before = started();

const commands = { start: ["-p", "/help"], "tools list": ["tools", "list"] };
const results = Object.entries(commands).map(([name, args]) => {
  const pairs = Array.from({ length: PAIRS }, () => [run(none, args), run(many, args)]);
  const of = (index, key) => Math.round(median(pairs.map((pair) => pair[index][key])) * 10) / 10;
  const perServer = median(pairs.map(([without, with200]) => (with200.cpuMs - without.cpuMs) / SERVERS));
  return { name, cpuNone: of(0, "cpuMs"), cpuMany: of(1, "cpuMs"), perServerMs: Math.round(perServer * 1000) / 1000 };
});
const startedByThem = started() - before;
const listed = tools().length;
rmSync(folder, { recursive: true, force: true });

const figures = {
  node: process.version,
  servers: SERVERS,
  toolsEach: TOOLS + 3,
  listed,
  startedByThem,
  limitMs: 1,
  results,
};
if (process.argv.includes("--json")) console.log(JSON.stringify(figures, null, 2));
else {
  console.log(
    `Node ${process.version}: ${SERVERS} lazy servers, ${listed} tools listed, ${startedByThem} processes started`,
  );
  console.table(
    Object.fromEntries(
      results.map(({ name, cpuNone, cpuMany, perServerMs }) => [
        name,
        {
          "CPU ms, none": cpuNone,
          [`CPU ms, ${SERVERS}`]: cpuMany,
          "ms a server": perServerMs,
          ...(name === "start" ? { "at most": 1 } : {}),
        },
      ]),
    ),
  );
}
if (startedByThem > 0 || results.some(({ name, perServerMs }) => name === "start" && perServerMs >= 1))
  process.exitCode = 1;
