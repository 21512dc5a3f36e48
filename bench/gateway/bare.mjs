// The least that the official SDK (v1) makes a gateway of: its Server in front, its Client behind, tools alone, nothing checked and
// nothing kept. What bench/gateway.mjs holds Banyan against.
//   node bare.mjs stdio|http PROGRAM ARGS…     (over HTTP it prints its port)
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const [over, command, ...args] = process.argv.slice(2);
const info = { name: "bare", version: "1.0.0" };
const upstream = new Client(info, { capabilities: {} });
await upstream.connect(new StdioClientTransport({ command, args, stderr: "ignore" }));

function front() {
  const server = new Server(info, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, ({ params }) => upstream.listTools(params));
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => upstream.callTool(params));
  return server;
}

if (over === "stdio") {
  process.stdin.once("end", () => upstream.close().then(() => process.exit()));
  await front().connect(new StdioServerTransport());
} else {
  const sessions = new Map();
  const listener = createServer(async (request, response) => {
    let transport = sessions.get(request.headers["mcp-session-id"]);
    if (transport === undefined) {
      transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        enableJsonResponse: true,
        onsessioninitialized: (id) => sessions.set(id, transport),
      });
      await front().connect(transport);
    }
    await transport.handleRequest(request, response);
  });
  listener.listen(0, "127.0.0.1", () => console.log(listener.address().port));
}
