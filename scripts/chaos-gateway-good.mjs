// The good clients of chaos-gateway.mjs, in a process of their own: URL TOOL. Some sessions, each over one connection that stays open,
// each with a call every few milliseconds. Told over IPC to begin a measurement, and to say how it went.
import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

const [base, tool] = process.argv.slice(2);
const { hostname, port } = new URL(base);
const CLIENTS = 8;
const PAUSE_MS = 25;
let times = [];
let failures = [];

function send(agent, session, body) {
  const headers = { accept: "application/json, text/event-stream", "content-type": "application/json" };
  if (session !== undefined) headers["mcp-session-id"] = session;
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path: "/mcp", method: "POST", agent, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text += part));
      answer.on("error", reject).on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    sent.on("error", reject).end(JSON.stringify({ jsonrpc: "2.0", ...body }));
  });
}

async function client(number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const params = {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: `good ${number}`, version: "1" },
  };
  const { headers } = await send(agent, undefined, { id: 0, method: "initialize", params });
  const session = headers["mcp-session-id"];
  await send(agent, session, { method: "notifications/initialized" });
  for (let id = 1; ; id++) {
    const began = performance.now();
    const message = `${number} ${id}`;
    try {
      const call = { id, method: "tools/call", params: { name: tool, arguments: { message } } };
      const { status, text } = await send(agent, session, call);
      if (status === 200 && text.includes(message)) times.push(performance.now() - began);
      else failures.push(`${status} ${text.slice(0, 200)}`);
    } catch (error) {
      failures.push(String(error));
    }
    await pause(PAUSE_MS);
  }
}

process.on("message", (word) => {
  if (word === "report") {
    times.sort((a, b) => a - b);
    const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
    process.send({
      calls: times.length,
      p50: at(0.5),
      p99: at(0.99),
      failures: failures.length,
      failed: failures.slice(0, 3),
    });
  }
  times = [];
  failures = [];
});
for (let number = 0; number < CLIENTS; number++) void client(number);
process.send("ready");
