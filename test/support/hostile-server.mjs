// An MCP server over stdio that misbehaves on demand, written without any SDK so that it can. Flags set how it behaves from
// its start, tools make it misbehave during a call.
//   --stubborn        ignores the end of stdin and SIGTERM
//   --grandchild      starts a process of its own that is just as stubborn
//   --mute            never answers initialize
//   --banner          prints lines on stdout that are no protocol
//   --exit=CODE       ends right after the start
//   --pids=FILE       writes the process ids (own, grandchild's) to FILE as JSON once it is up
//   --no-ping         never answers a ping
//   --missed-pings=N  does not answer its first N pings
//   --starts=FILE     adds a line to FILE at its start
//   --bad-tool        lists one tool against the protocol
//   --pages=N         lists its tools on N pages
//   --endless=BYTES   lists pages without end, each with one tool whose description has so many bytes
//   --page-delay=MS   takes so long for each page of a list
//   --big-schema      lists one tool with a schema of a megabyte, and one with a long description
//   --ask=N           asks the user N questions as soon as it is connected
import { spawn } from "node:child_process";
import { appendFileSync, closeSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

const flags = process.argv.slice(2);
const has = (flag) => flags.includes(flag);
const value = (flag) => flags.find((given) => given.startsWith(`${flag}=`))?.slice(flag.length + 1);

if (value("--starts") !== undefined) appendFileSync(value("--starts"), `${process.pid}\n`);
if (value("--exit") !== undefined) {
  process.stderr.write("cannot go on: no licence file\n");
  process.exit(Number(value("--exit")));
}

let grandchild;
if (has("--grandchild")) {
  const script = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); process.stdout.write("up");';
  grandchild = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => grandchild.stdout.once("data", resolve));
}
if (has("--stubborn")) {
  process.on("SIGTERM", () => {});
  setInterval(() => {}, 1_000);
}
if (has("--banner")) process.stdout.write("Welcome!\n{ not json\n\n[1,2]\n");

const say = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const text = (content) => ({ content: [{ type: "text", text: content }] });
const tool = (name, annotations = {}) => ({ name, description: name, inputSchema: { type: "object" }, annotations });

const tools = [
  tool("echo", { readOnlyHint: true }),
  tool("hang"),
  tool("hang_readonly", { readOnlyHint: true }),
  tool("die"),
  tool("answer_and_die"),
  tool("big"),
  tool("progress_and_answer"),
  tool("invalid_utf8"),
  tool("garbage"),
  tool("flood_stderr"),
  tool("freeze"),
  tool("grow"),
  tool("ask"),
  tool("ask_many"),
  tool("hoard"),
  tool("sample"),
  tool("visit"),
  { ...tool("promise"), outputSchema: { type: "object", properties: { n: { type: "number" } }, required: ["n"] } },
  tool("pids"),
  tool("environment"),
  tool("stop_reading"),
  tool("wait", { readOnlyHint: true }),
  tool("release"),
  tool("first_time", { readOnlyHint: true }),
  tool("first_time_unsafe"),
  tool("late"),
  tool("wrong_id"),
  tool("exit_mid_reply"),
  tool("close_stdout"),
  tool("flood_stdout"),
];

const form = (message) => ({
  message,
  requestedSchema: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
});
let floods = Number(value("--ask") ?? 0);
const hoarded = [];
const held = [];

/** Once it is connected and nobody calls it; it tells in a log message how they were answered, for a call would let it ask. */
async function flood() {
  const count = floods;
  floods = 0;
  await setTimeout(300);
  const answers = {};
  for await (const { action } of Array.from({ length: count }, (_, i) =>
    ask("elicitation/create", form(`flood ${i}`)),
  )) {
    answers[action] = (answers[action] ?? 0) + 1;
  }
  say({
    method: "notifications/message",
    params: { level: "info", data: `flood answered ${JSON.stringify(answers)}` },
  });
}

let missedPings = Number(value("--missed-pings") ?? 0);
let asked = 0;
const questions = new Map();
const ask = (method, params) =>
  new Promise((resolve) => {
    const id = `q${++asked}`;
    questions.set(id, resolve);
    say({ id, method, params });
  });

const run = {
  echo: ({ message }) => text(`Echo: ${message}`),
  hang: () => undefined,
  hang_readonly: () => undefined,
  die({ code = 3 }) {
    process.stderr.write("fatal: the disk is gone\n");
    process.exit(code);
  },
  answer_and_die({ code = 0 }, id) {
    process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result: text("my last words") })}\n`, () =>
      process.exit(code),
    );
  },
  big: ({ bytes }) => text("x".repeat(bytes)),
  // The progress and the answer in one write, so that they are read as one.
  progress_and_answer(_, id, meta) {
    const params = { progressToken: meta?.progressToken, progress: 1, total: 1 };
    const progress = JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params });
    process.stdout.write(`${progress}\n${JSON.stringify({ jsonrpc: "2.0", id, result: text("done") })}\n`);
  },
  invalid_utf8(_, id) {
    const [before, after] = JSON.stringify({ jsonrpc: "2.0", id, result: text("caf|") }).split("|");
    process.stdout.write(Buffer.concat([Buffer.from(before), Buffer.from([0xe9, 0xff]), Buffer.from(`${after}\n`)]));
  },
  garbage({ lines = 1 }) {
    process.stdout.write("debug: something happened\n".repeat(lines));
    return text("done");
  },
  async flood_stderr({ bytes }) {
    const line = `${"e".repeat(99)}\n`;
    for (let sent = 0; sent < bytes; sent += line.length * 100) {
      if (!process.stderr.write(line.repeat(100)))
        await new Promise((resolve) => process.stderr.once("drain", resolve));
    }
    return text("done");
  },
  freeze({ ms }) {
    const end = Date.now() + ms;
    while (Date.now() < end);
    return text("thawed");
  },
  grow({ name }) {
    tools.push(tool(name));
    say({ method: "notifications/tools/list_changed" });
    return text("grown");
  },
  async ask({ message }) {
    return text(JSON.stringify(await ask("elicitation/create", form(message))));
  },
  async ask_many({ count }) {
    const answers = await Promise.all(
      Array.from({ length: count }, (_, i) => ask("elicitation/create", form(`held ${i}`))),
    );
    return text(JSON.stringify(answers.map(({ action }) => action)));
  },
  hoard({ bytes }) {
    hoarded.push(Buffer.alloc(bytes, 1));
    return text("hoarded");
  },
  sample: async (params) => text(JSON.stringify(await ask("sampling/createMessage", params))),
  promise: ({ n }) => ({ ...text("kept as text"), structuredContent: { n } }),
  visit: async (params) => text(JSON.stringify(await ask("elicitation/create", { mode: "url", ...params }))),
  pids: () => text(JSON.stringify({ server: process.pid, grandchild: grandchild?.pid })),
  environment: () => text(JSON.stringify(process.env)),
  /** Answers when `release` is called. */
  wait: () => new Promise((resolve) => held.push(() => resolve(text("released")))),
  release() {
    const count = held.length;
    for (const go of held.splice(0)) go();
    return text(`${count}`);
  },
  /** The first call of all servers that were given the same file dies or hangs; the others answer. */
  first_time({ file, how }) {
    try {
      writeFileSync(file, "", { flag: "wx" });
    } catch {
      return text(`${process.pid}`);
    }
    if (how === "die") process.exit(3);
    return undefined;
  },
  first_time_unsafe: (args) => run.first_time(args),
  stop_reading() {
    process.stdin.pause();
    setInterval(() => {}, 60_000); // nothing else keeps it from ending
    return text("deaf");
  },
  async late({ ms }) {
    await setTimeout(ms);
    return text("at last");
  },
  wrong_id(_, id) {
    for (const wrong of [id + 1_000_000, -1, "x"]) say({ id: wrong, result: text("for somebody else") });
  },
  exit_mid_reply(_, id) {
    const reply = JSON.stringify({ jsonrpc: "2.0", id, result: text("never whole") });
    process.stdout.write(reply.slice(0, reply.length / 2), () => process.exit(0));
  },
  close_stdout() {
    closeSync(1);
  },
  flood_stdout({ lines }) {
    const params = { level: "info", data: "f".repeat(100) };
    for (let i = 0; i < lines; i++) say({ method: "notifications/message", params });
    return text("done");
  },
};

async function handle({ id, method, params, result, error }) {
  if (method === undefined) {
    questions.get(id)?.(error ?? result);
    questions.delete(id);
  } else if (method === "initialize") {
    if (has("--mute")) return;
    const capabilities = { tools: { listChanged: true } };
    const serverInfo = { name: "hostile", version: "1.0.0" };
    say({ id, result: { protocolVersion: params.protocolVersion, capabilities, serverInfo } });
  } else if (method === "tools/list") {
    if (value("--page-delay") !== undefined) await setTimeout(Number(value("--page-delay")));
    if (value("--endless") !== undefined) {
      const number = Number(params?.cursor ?? 0) + 1;
      process.stderr.write(`page ${number}\n`);
      const endless = { ...tool(`t${number}`), description: "d".repeat(Number(value("--endless"))) };
      say({ id, result: { tools: [endless], nextCursor: String(number) } });
      return;
    }
    const pages = Number(value("--pages") ?? 1);
    const page = Number(params?.cursor ?? 0);
    const size = Math.ceil(tools.length / pages);
    const listed = tools.slice(page * size, (page + 1) * size);
    if (has("--big-schema")) {
      const properties = { a: { type: "string", description: "s".repeat(1_000_000) } };
      listed.push({ ...tool("big_schema"), inputSchema: { type: "object", properties } });
      listed.push({ ...tool("long_winded"), description: "w".repeat(1_000_000) });
    }
    if (has("--bad-tool") && page === 0) listed.push({ name: "bad", inputSchema: "no schema" });
    if (floods > 0) void flood();
    say({ id, result: { tools: listed, ...(page + 1 < pages ? { nextCursor: String(page + 1) } : {}) } });
  } else if (method === "tools/call" && params.name === "odd_refusal") {
    say({ id, error: { code: 1, message: { toString: 1 } } });
  } else if (method === "tools/call") {
    const answer = await run[params.name](params.arguments ?? {}, id, params._meta);
    if (answer !== undefined) say({ id, result: answer });
  } else if (method === "ping") {
    if (has("--no-ping") || missedPings-- > 0) return;
    say({ id, result: {} });
  } else if (id !== undefined) {
    say({ id, error: { code: -32601, message: "Method not found" } });
  }
}

let buffered = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  const lines = (buffered + chunk).split("\n");
  buffered = lines.pop();
  for (const line of lines) void handle(JSON.parse(line));
});
process.stdin.on("end", () => {
  if (has("--stubborn")) return;
  grandchild?.kill("SIGKILL");
  process.exit(0);
});

const file = value("--pids");
if (file !== undefined) writeFileSync(file, JSON.stringify({ server: process.pid, grandchild: grandchild?.pid }));
