// The whole chat with its screen in a real terminal (tmux), opened on an empty conversation and on one of 100,000 messages, in
// turn: how long until it can be typed into and shows the last message, and what memory it takes, also after looking back.
//   node bench/sessions-chat.mjs [--json] [--messages=100000] [--rounds=5]
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { writeLongSession } from "./long-session.mjs";

const option = (name, otherwise) =>
  Number(process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise);
const MESSAGES = option("messages", 100_000);
const ROUNDS = option("rounds", 5);
const PAGES_BACK = 20;
const LIMITS = { openMs: 300, rssMb: 150 };
const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const socket = `banyan-bench-${process.pid}`;

function tmux(...args) {
  const { stdout, stderr, status } = spawnSync("tmux", ["-L", socket, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`tmux ${args[0]}: ${stderr}`);
  return stdout;
}

async function shows(wanted) {
  for (const since = performance.now(); !wanted.test(tmux("capture-pane", "-p")); await sleep(5)) {
    if (performance.now() - since > 60_000) throw new Error(`never showed ${wanted}: ${tmux("capture-pane", "-p")}`);
  }
}

function rssMb(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
}

/** The chat is the terminal's own process, so its memory is that of the pane's. */
async function run({ home, project, last }) {
  const started = performance.now();
  tmux(
    ...["new-session", "-d", "-x", "100", "-y", "40", "-c", project],
    ...[process.execPath, cli, "--home", home, "--model", "offline", "--resume"],
  );
  await shows(/for commands/);
  await shows(last);
  const ms = performance.now() - started;
  const pid = Number(tmux("list-panes", "-F", "#{pane_pid}"));
  const opened = rssMb(pid);
  for (let page = 0; page < PAGES_BACK; page++) {
    const before = MESSAGES - page * 20;
    tmux("send-keys", "-l", `/history ${before}`);
    tmux("send-keys", "Enter");
    await shows(/for commands/);
  }
  const lookedBack = rssMb(pid);
  tmux("kill-server");
  return { ms, opened, lookedBack };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round((sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2);
}

const folder = mkdtempSync(join(tmpdir(), "banyan-bench-"));
const place = async (name, messages, last) => {
  const [home, project] = [join(folder, name), join(folder, `${name}-project`)];
  mkdirSync(join(home, "data"), { recursive: true });
  mkdirSync(project);
  await writeLongSession(join(home, "data", "banyan.db"), { messages, project });
  return { home, project, last };
};
const places = [
  await place("2 messages", 2, /number1/),
  await place(`${MESSAGES} messages`, MESSAGES, new RegExp(`number${MESSAGES - 1}`)),
];
const runs = places.map(() => []);
for (let round = 0; round < ROUNDS; round++) {
  for (const [index, one] of places.entries()) runs[index].push(await run(one));
}
rmSync(folder, { recursive: true, force: true });
const [short, long] = runs.map((of) => ({
  ms: median(of.map(({ ms }) => ms)),
  openedMb: median(of.map(({ opened }) => opened)),
  lookedBackMb: median(of.map(({ lookedBack }) => lookedBack)),
}));
const result = { node: process.version, messages: MESSAGES, limits: LIMITS, short, long, addedMs: long.ms - short.ms };
if (process.argv.includes("--json")) console.log(JSON.stringify(result, null, 2));
else {
  console.log(`Node ${process.version}, median of ${ROUNDS}; limits: ${LIMITS.openMs} ms, ${LIMITS.rssMb} MB`);
  console.table({ "2 messages": short, [`${MESSAGES} messages`]: long });
  console.log(`the long one takes ${result.addedMs} ms more to open`);
}
