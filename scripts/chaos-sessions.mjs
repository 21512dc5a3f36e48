// Many clients at once, over all three transports: sessions of the official SDK's client at one `banyan serve --http` (Streamable HTTP,
// and SSE as it was in 2024), and others that each start a `banyan serve --stdio`. Every one makes three calls at once:
// one whose progress it hears, one whose server asks its user something, and one that it cancels. Each must see what is its own and nothing
// of another's; when all have gone no session and no call is left. Exits with 1 if anything is wrong.
//   npm run chaos:sessions [-- --sessions=50 --stdio=10 --known --others]     (from dist/: npm run build first)
// `--known`: a session alone comes before them, so that it is known which tool asks; else that is found out while all call at once, and where a
// question takes longer than a second to come, one that is nobody's for certain is shown to nobody.
// `--others`: clients of other hosts, too, installed into a folder for the run: the AI SDK's over all three, and mcp-remote in front of the
// SDK's over the two that it speaks.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const { values } = parseArgs({
  options: {
    sessions: { type: "string", default: "50" },
    stdio: { type: "string", default: "10" },
    others: { type: "boolean", default: false },
    known: { type: "boolean", default: false },
  },
});
const sessions = Number(values.sessions);
const overStdio = Number(values.stdio);
const CALL_MS = 120_000;
/** The SDK's clients give every request the same signal, whose listeners pile up on Node 20; here only streams are ever broken off. */
const ownSignals = { fetch: (url, init) => fetch(url, init?.method === "POST" ? { ...init, signal: null } : init) };

const folder = mkdtempSync(join(tmpdir(), "banyan-sessions-"));
writeFileSync(
  join(folder, "config.toml"),
  // One address asks for all of them, far more often than a person would.
  `[bundled]\nhost = false\ndemo = true\n[server]\nsse = true\nmax_clients = ${sessions + 10}\n`,
);
const banyan = [join(dirname(fileURLToPath(import.meta.url)), "..", "dist", "cli.js"), "serve", "--home", folder];
const server = spawn(process.execPath, [...banyan, "--http", "127.0.0.1:0"], { stdio: ["ignore", "ignore", "pipe"] });
const wrong = [];

try {
  const mcp = await listening(server);
  const base = new URL(mcp).origin;
  const kinds = Array.from({ length: sessions }, (_, n) => (n < overStdio ? "stdio" : n % 2 === 0 ? "http" : "sse"));
  const transports = {
    stdio: () =>
      new StdioClientTransport({ command: process.execPath, args: [...banyan, "--stdio"], stderr: "ignore" }),
    http: () => new StreamableHTTPClientTransport(new URL(mcp), ownSignals),
    sse: () => new SSEClientTransport(new URL(`${base}/sse`), ownSignals),
  };
  if (values.known) await session("the first", sessions, transports.http());
  const started = performance.now();
  await Promise.all(kinds.map((kind, n) => session(`${kind}-${n}`, n, transports[kind]())));
  const count = (kind) => kinds.filter((one) => one === kind).length;
  const took = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(
    `${sessions} sessions at once (stdio ${count("stdio")}, http ${count("http")}, sse ${count("sse")}): ${took} s`,
  );
  await nothingLeft(base, sessions - overStdio + (values.known ? 1 : 0));
  if (values.others) await otherHosts(mcp);
} finally {
  if (server.exitCode === null) {
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}
for (const text of wrong) console.log(`WRONG: ${text}`);
console.log(
  wrong.length === 0 ? "each saw its own progress, cancellation and elicitation, and nothing of another's" : "",
);
process.exitCode = wrong.length === 0 ? 0 : 1;

/** One client from beginning to end. Its numbers are its own, so that whatever it hears tells whose it is. */
async function session(name, n, transport) {
  const check = (holds, what) => holds || wrong.push(`${name}: ${what}`);
  const client = new Client({ name, version: "1" }, { capabilities: { elicitation: {} } });
  const heard = [];
  let asked = 0;
  client.setRequestHandler(ElicitRequestSchema, async () => {
    asked++;
    await sleep(20); // a very quick user
    return { action: "accept", content: { name, colour: "green" } };
  });
  try {
    await client.connect(transport);
    // Looked at as it comes: the SDK's client loses progress that arrives together with the answer.
    const take = transport.onmessage;
    transport.onmessage = (message, ...more) => {
      if (message.method === "notifications/progress") heard.push(message.params.total);
      take(message, ...more);
    };
    const calls = [
      () => progressing(client, check, heard, 1 + n / 1_000),
      () => greeted(client, check, name),
      () => given(client, check, 300 + n),
    ];
    // Each begins with another, so that the server meets them in every order.
    await Promise.all(calls.map((_, i) => calls[(i + n) % calls.length]()));
    const others = heard.filter((total) => total !== 1 + n / 1_000 && total !== 300 + n);
    check(others.length === 0, `heard of the progress of others: ${others}`);
    check(asked === 1, `its user was asked ${asked} times`);
    await transport.terminateSession?.();
  } catch (error) {
    check(false, error.message);
  } finally {
    await client.close();
  }
}

async function progressing(client, check, heard, seconds) {
  const call = { name: "demo.slow", arguments: { seconds } };
  const { content } = await client.callTool(call, undefined, { onprogress: () => {}, timeout: CALL_MS });
  check(content[0].text === `Worked for ${seconds} s.`, `was answered ${content[0].text}`);
  const own = heard.filter((total) => total === seconds).length;
  check(own >= 4, `heard ${own} times of its progress`);
}

async function greeted(client, check, name) {
  const { content } = await client.callTool({ name: "demo.ask_name", arguments: {} }, undefined, { timeout: CALL_MS });
  check(content[0].text.includes(name), `was greeted with ${content[0].text}`);
}

async function given(client, check, seconds) {
  const stop = new AbortController();
  const call = { name: "demo.slow", arguments: { seconds } };
  const options = { onprogress: () => stop.abort("enough"), timeout: CALL_MS, signal: stop.signal };
  const ended = await client.callTool(call, undefined, options).then(
    () => "an answer",
    (error) => error.message ?? error,
  );
  check(String(ended).includes("enough"), `a cancelled call ended with ${ended}`);
}

/** Every cancellation has reached the server, and no client's process is left. */
async function nothingLeft(base, cancelled) {
  const metrics = async () => {
    const answer = await fetch(`${base}/metrics`, { headers: { accept: "text/plain" } });
    const text = await answer.text();
    const value = (name) => Number(new RegExp(`^${name} (\\d+)`, "m").exec(text)?.[1] ?? 0);
    const calls = [
      ...text.matchAll(/^banyan_tool_calls_total\{server="demo",tool="demo\.slow",outcome="(\w+)"\} (\d+)/gm),
    ];
    return {
      sessions: value("banyan_client_sessions"),
      cancelled: calls.filter(([, how]) => how === "cancelled").reduce((sum, [, , count]) => sum + Number(count), 0),
      how: calls.map(([, how, count]) => `${how} ${count}`).join(", "),
    };
  };
  for (let tries = 600; ; tries--) {
    const found = await metrics();
    if (found.sessions === 0 && found.cancelled === cancelled) return;
    if (tries > 0) await sleep(100);
    else
      return wrong.push(
        `left: ${found.sessions} sessions; ${found.cancelled} of ${cancelled} calls cancelled (${found.how})`,
      );
  }
}

/** The clients of other hosts call a tool and are told its progress, where they have a way to hear it. */
async function otherHosts(mcp) {
  const npm = ["install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const { status, stderr } = spawnSync("npm", [...npm, "@ai-sdk/mcp@1", "mcp-remote@0.1"], { encoding: "utf8" });
  if (status !== 0) return console.log(`clients of other hosts are left out: ${stderr.trim().split("\n").at(-1)}`);
  const modules = join(folder, "node_modules");
  const sse = mcp.replace(/mcp$/, "sse");
  const part = (name) => import(pathToFileURL(join(modules, "@ai-sdk", "mcp", "dist", name)).href);
  const { experimental_createMCPClient, createMCPClient = experimental_createMCPClient } = await part("index.mjs");
  const { Experimental_StdioMCPTransport: Stdio } = await part("mcp-stdio/index.mjs");
  const transports = {
    stdio: new Stdio({ command: process.execPath, args: [...banyan, "--stdio"], stderr: "ignore" }),
    http: { type: "http", url: mcp },
    sse: { type: "sse", url: sse },
  };
  for (const [kind, transport] of Object.entries(transports)) {
    const client = await createMCPClient({ transport });
    const tools = await client.tools();
    const slow = Object.entries(tools).find(([name]) => /slow$/.test(name))?.[1];
    const { content } = await slow.execute({ seconds: 0.3 }, { messages: [], toolCallId: "1" });
    if (content[0].text !== "Worked for 0.3 s.") wrong.push(`the AI SDK over ${kind}: ${content[0].text}`);
    await client.close();
    console.log(`the AI SDK's client over ${kind}: ${Object.keys(tools).length} tools, ${content[0].text}`);
  }
  const proxy = join(modules, "mcp-remote", "dist", "proxy.js");
  const env = { ...process.env, MCP_REMOTE_CONFIG_DIR: join(folder, "mcp-remote") };
  for (const [kind, url] of Object.entries({ http: mcp, sse })) {
    const args = [proxy, url, "--allow-http", "--transport", `${kind}-only`];
    const transport = new StdioClientTransport({ command: process.execPath, args, env, stderr: "ignore" });
    await session(`mcp-remote over ${kind}`, 7, transport);
    console.log(`the SDK's client through mcp-remote over ${kind}`);
  }
}

/** The address it says it listens at. */
async function listening({ stderr }) {
  for await (const line of createInterface({ input: stderr })) {
    const [, url] = /listening on (http\S+)/.exec(line) ?? [];
    if (url === undefined) continue;
    stderr.resume();
    return url;
  }
  throw new Error("banyan serve has ended before it listened; run npm run build first");
}
