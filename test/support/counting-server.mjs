// An MCP server over stdio, without any SDK, whose tools count how often they run, across all its lives.
//   --folder=DIR   where each run of a tool adds a line to the file TOOL.runs, and which holds the gate: while the file TOOL.gate is
//                  there the tool does not end
// Its tools: `write` may change anything, `look` says that it is read-only. Each takes { "text": … } and answers it.
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

const folder = process.argv.find((flag) => flag.startsWith("--folder="))?.slice("--folder=".length) ?? ".";
const say = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);

const tool = (name, readOnlyHint) => ({
  name,
  description: `Does ${name}.`,
  inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
  annotations: { readOnlyHint },
});
const tools = [tool("write", false), tool("look", true)];

async function call({ name, arguments: { text } }) {
  appendFileSync(join(folder, `${name}.runs`), `${text}\n`);
  while (existsSync(join(folder, `${name}.gate`))) await pause(10);
  return { content: [{ type: "text", text: `${name}: ${text}` }] };
}

const methods = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "counting", version: "1.0.0" },
  }),
  ping: () => ({}),
  "tools/list": () => ({ tools }),
  "tools/call": call,
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined || method === undefined) continue;
  const answer = methods[method];
  if (answer === undefined) say({ id, error: { code: -32601, message: "Method not found" } });
  // Not awaited: calls run side by side.
  else Promise.resolve(answer(params)).then((result) => say({ id, result }));
}
process.exit(0);
