// The app whose tools chaos-toolhost.mjs looks after: `banyan serve --toolhost`, killed with -9 while its tools are changed over its socket as the
// command line changes them.
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { callThroughApp } from "../dist/actors/control/client.js";
import { resolvePaths } from "../dist/actors/paths.js";

const cli = join(dirname(fileURLToPath(import.meta.url)), "..", "dist", "cli.js");
const NAMES = ["ash", "beech", "cedar", "fig"];
/** Changes that are let through before the one that is cut short; it has so long at most, and so long once it is decided. */
const MOST_CHANGES = 2;
const MOMENT_MS = 400;
const DECIDED_MS = 30;

/**
 * Starts the app, lets `settled` look at what it made of the tools, changes them and kills it in the middle of a change. Answers with that change,
 * and tells `done` of those before it.
 */
export async function killApp(folder, random, settled, done) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const { socket } = resolvePaths({ home: folder, env: {}, platform: process.platform, cwd: folder });
  const app = spawn(process.execPath, [cli, "serve", "--toolhost", "--http", "127.0.0.1:0", "--home", folder], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const closed = new Promise((resolve) => app.once("close", (_, signal) => resolve(signal)));
  const endToo = () => app.kill("SIGKILL");
  process.once("exit", endToo);
  void closed.then(() => process.off("exit", endToo));
  let complaint = "";
  await new Promise((resolve) => {
    app.stderr.setEncoding("utf8").on("data", (text) => {
      complaint += text;
      if (complaint.includes("listening")) resolve();
    });
    void closed.then(resolve);
  });
  const never = new AbortController().signal;
  const call = (tool, args) => callThroughApp(socket, { tool: `host.${tool}`, arguments: args }, () => {}, never);
  const asked = async (tool, args) => {
    const { isError, structuredContent } = await call(tool, args);
    if (isError) throw new Error(`${tool} was refused: ${structuredContent.code}`);
    return structuredContent;
  };

  await asked("list_snapshots", {}); // answered once it has looked at its tools
  await settled();
  for (let left = Math.floor(random() * (MOST_CHANGES + 1)); ; left--) {
    const { snapshots } = await asked("list_snapshots", {});
    const change = nextChange(folder, random, pick, snapshots);
    if (left > 0) {
      await asked(change.tool, change.args);
      done(change.intended);
      continue;
    }
    killSoon(app, folder, random);
    await asked(change.tool, change.args).then(
      () => app.kill("SIGKILL"), // it was faster
      () => {},
    );
    const signal = await closed;
    if (signal !== "SIGKILL") throw new Error(`the app ended by itself: ${complaint}`);
    return change;
  }
}

/** At a random moment, or shortly after the change is decided. */
function killSoon(app, folder, random) {
  if (random() < 0.3) return void setTimeout(() => app.kill("SIGKILL"), random() * MOMENT_MS);
  const moment = random() * DECIDED_MS;
  const snapshots = join(folder, "data", "snapshots");
  mkdirSync(snapshots, { recursive: true });
  const watcher = watch(snapshots, (_, name) => {
    if (name !== "journal.json") return;
    watcher.close();
    setTimeout(() => app.kill("SIGKILL"), moment);
  });
  app.once("close", () => watcher.close());
}

function nextChange(folder, random, pick, snapshots) {
  const now = filesNow(folder);
  const others = snapshots.filter(({ tree }) => tree !== snapshots.at(-1).tree);
  if (others.length > 0 && random() < 0.4) {
    const { id, tools } = pick(others);
    const files = tools.map(({ file, hash }) => [
      file,
      readFileSync(join(folder, "data/snapshots/objects", hash), "utf8"),
    ]);
    return { kind: "rollback", tool: "rollback", args: { snapshot: id }, intended: json(files) };
  }
  const name = pick(NAMES);
  const file = `${name}.js`;
  const rest = Object.entries(now).filter(([other]) => other !== file);
  if (file in now && random() < 0.4)
    return { kind: "delete", tool: "delete_tool", args: { name }, intended: json(rest) };
  const code = `export default { name: "${name}", description: "Says ${random()}", input: { type: "object" }, handler: () => "${random()}" };\n`;
  const args = { name, code, replace: true };
  return {
    kind: file in now ? "update" : "create",
    tool: "create_tool",
    args,
    intended: json([...rest, [file, code]]),
  };
}

export function filesNow(folder) {
  const tools = join(folder, "data", "tools");
  try {
    const names = readdirSync(tools).sort();
    return Object.fromEntries(names.map((file) => [file, readFileSync(join(tools, file), "utf8")]));
  } catch (error) {
    if (error.code === "ENOENT") return {};
    throw error;
  }
}

function json(files) {
  return JSON.stringify(Object.fromEntries([...files].sort(([a], [b]) => (a < b ? -1 : 1))));
}
