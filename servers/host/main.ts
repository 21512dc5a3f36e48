#!/usr/bin/env node
// The bundled tools as an MCP server over stdio, in a process of their own: whatever a tool does to it, the one who started it
// lives on and starts it again. The working folder is the folder it was started in; stdout carries the protocol alone.
import { realpathSync } from "node:fs";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { CallToolRequestSchema, ErrorCode, ListToolsRequestSchema, McpError } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { tools } from "../../tools/index.js";
import { endWithClient } from "../lifetime.js";
import { asking } from "./ask.js";
import { runTool } from "./run-tool.js";
import { ToolServer } from "./tool-server.js";

const LIMITS = { timeMs: 30_000, outputBytes: 1_000_000 };
const MAX_CALLS = 32;

endWithClient();

const root = realpathSync(process.cwd());
const byName = new Map(tools.map((tool) => [tool.name, tool]));
let calls = 0;

const server = new ToolServer({ name: "banyan-tools", version: "0.1.0" }, `File tools work inside ${root} alone.`);

server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: tools.map(({ name, description, input, annotations }) => ({
    name,
    title: annotations.title,
    description,
    // An object schema gives type "object", which is what the SDK's type asks for and zod's cannot say.
    inputSchema: z.toJSONSchema(input, { io: "input" }) as { type: "object" },
    annotations,
  })),
}));

server.setRequestHandler(
  CallToolRequestSchema,
  async ({ params }, { signal, _meta, sendNotification, sendRequest }) => {
    const tool = byName.get(params.name);
    if (!tool) {
      const name = params.name.slice(0, 100);
      throw new McpError(ErrorCode.InvalidParams, `No tool is named "${name}"; list the tools to see their names.`);
    }
    if (calls >= MAX_CALLS) {
      const text = `${MAX_CALLS} calls are already running here; wait until one has ended and call again.`;
      return { isError: true, content: [{ type: "text", text }] };
    }
    const progressToken = _meta?.progressToken;
    const progress = (done: number, total?: number, message?: string) => {
      if (progressToken === undefined) return;
      const params = { progressToken, progress: done, ...(total && { total }), ...(message && { message }) };
      sendNotification({ method: "notifications/progress", params }).catch(report);
    };
    calls++;
    try {
      return await runTool(
        tool,
        params.arguments,
        { root, signal, limits: LIMITS, progress, ask: asking(sendRequest, signal) },
        report,
      );
    } finally {
      calls--;
    }
  },
);

// What the client sent could hold anything, so only the kind of trouble goes to the log.
server.onerror = (error) => process.stderr.write(`banyan-tools: a message was skipped (${error.name}).\n`);
// The SDK closes the transport when a message is too long to hold, and nothing would ever be heard again.
server.onclose = () => process.exit(1);
await server.connect(new StdioServerTransport());

function report(error: unknown): void {
  process.stderr.write(`banyan-tools: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
