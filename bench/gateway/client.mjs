// The client of bench/gateway.mjs, in a process of its own so that what is measured shares no thread with it. Told over IPC how to
// connect, then how many calls to make; answers with the times, in milliseconds. Every answer is looked at: a gateway that answers
// fast and wrongly fails here.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Pool } from "undici";

const args = { message: "hello" };
const clientInfo = { name: "bench", version: "1.0.0" };

/** The SDK's clients give every request the same signal, whose listeners pile up on Node 20; here only streams are ever broken off. */
const http = { fetch: (url, init) => fetch(url, init?.method === "POST" ? { ...init, signal: null } : init) };

const transports = {
  stdio: ({ command }) => new StdioClientTransport({ command: command[0], args: command.slice(1), stderr: "ignore" }),
  http: ({ url }) => new StreamableHTTPClientTransport(new URL(url), http),
  sse: ({ url }) => new SSEClientTransport(new URL(url), http),
};

async function bySdk(way) {
  const client = new Client(clientInfo, { capabilities: {} });
  const transport = transports[way.over](way);
  await client.connect(transport);
  const call = async () => check(await client.callTool({ name: way.tool, arguments: args }));
  return { call, pid: transport.pid ?? undefined };
}

/** Streamable HTTP over connections that stay open, with as little between as there can be. */
async function raw({ url, tool, atOnce }) {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections: atOnce });
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const post = async (message) => {
    const answer = await pool.request({ path, method: "POST", headers, body: JSON.stringify(message) });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`HTTP ${answer.statusCode}: ${text.slice(0, 200)}`);
    return { text, answer };
  };
  const initialize = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
  const { answer } = await post({ jsonrpc: "2.0", id: 0, method: "initialize", params: initialize });
  const session = answer.headers["mcp-session-id"];
  if (session !== undefined) headers["mcp-session-id"] = session;
  await post({ jsonrpc: "2.0", method: "notifications/initialized" });
  let id = 0;
  const call = async () => {
    const message = { jsonrpc: "2.0", id: ++id, method: "tools/call", params: { name: tool, arguments: args } };
    const mine = id;
    const { text } = await post(message);
    const found = messages(text).find((one) => one.id === mine);
    check(found?.result, text);
  };
  return { call };
}

/** The messages of an answer, in JSON or as a stream of events. */
function messages(text) {
  if (text.startsWith("{")) return [JSON.parse(text)];
  return text
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice("data: ".length)));
}

function check(result, text = JSON.stringify(result)) {
  if (result?.content?.[0]?.text !== "Echo: hello") throw new Error(`not the answer of echo: ${text.slice(0, 200)}`);
}

async function oneAtATime(call, count) {
  const took = [];
  const begun = performance.now();
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await call();
    took.push(performance.now() - start);
  }
  return { ...quantiles(took), perSecond: (count / (performance.now() - begun)) * 1_000 };
}

async function manyAtOnce(call, count, atOnce) {
  const took = [];
  let left = count;
  const begun = performance.now();
  const caller = async () => {
    while (left-- > 0) {
      const start = performance.now();
      await call();
      took.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  return { ...quantiles(took), perSecond: (count / (performance.now() - begun)) * 1_000 };
}

function quantiles(took) {
  took.sort((a, b) => a - b);
  const at = (share) => took[Math.min(took.length - 1, Math.floor(took.length * share))];
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

let call;
process.on("message", async ({ way, one, many, atOnce }) => {
  try {
    if (way !== undefined) {
      const opened = await (way.over === "raw" ? raw(way) : bySdk(way));
      call = opened.call;
      await call();
      process.send({ pid: opened.pid });
    } else process.send({ one: await oneAtATime(call, one), many: await manyAtOnce(call, many, atOnce) });
  } catch (error) {
    process.send({ error: error instanceof Error ? error.message : String(error) });
  }
});
process.on("disconnect", () => process.exit());
