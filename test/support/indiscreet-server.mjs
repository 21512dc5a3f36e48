// An MCP server over stdio that repeats whatever it is told: arguments, environment, request metadata. Written without any SDK.
//   repeat   answers with its `text` and the request's `_meta`
//   refuse   answers with a protocol error that quotes its environment
//   die      says its environment and arguments on stderr, and ends
import { createInterface } from "node:readline";

const say = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const known = () => `TOKEN is ${process.env.TOKEN}, FILE is ${process.env.FILE}, args are ${process.argv.slice(2)}`;
process.stderr.write(`started: ${known()}\n`);

const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "indiscreet", version: "1" },
  }),
  "tools/list": () => ({
    tools: ["repeat", "refuse", "die"].map((name) => ({ name, description: name, inputSchema: { type: "object" } })),
  }),
  "tools/call": ({ name, arguments: { text }, _meta }) => {
    if (name === "refuse") throw new Error(`refused: ${known()}, and "${text}"`);
    if (name === "die") {
      process.stderr.write(`dying: ${known()}\n`, () => process.exit(3));
      return undefined;
    }
    return { content: [{ type: "text", text: JSON.stringify({ text, _meta }) }] };
  },
  ping: () => ({}),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined || method === undefined) continue;
  try {
    const result = answers[method](params);
    if (result !== undefined) say({ id, result });
  } catch (error) {
    say({ id, error: { code: -32_000, message: error.message } });
  }
}
