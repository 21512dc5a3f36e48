#!/usr/bin/env node
// Tools as an MCP server over stdio, in a process of their own: whatever a tool does to it, the one who started it lives on and
// starts it again. stdout carries the protocol alone. Alone it serves the bundled tools in the folder it was started in; as a
// process of Banyan's tool host (`--set`) it is told by calls of reserved names, which are never listed, which dynamic tools to
// load, and says of every call when its handler begins: until then nothing has happened, and the call may go elsewhere.
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type ServerNotification,
} from "@modelcontextprotocol/sdk/types.js";
import type { ToolContext } from "../../tools/define.js";
import { endWithClient } from "../lifetime.js";
import { asking } from "./ask.js";
import { attributeThrows, described } from "./attribution.js";
import { DefinitionError } from "./dynamic-tool.js";
import { DynamicTools, loadArguments } from "./dynamic-tools.js";
import { bundledTool, type HostTool } from "./host-tool.js";
import { hostOptions } from "./options.js";
import { runTool } from "./run-tool.js";
import { ToolServer } from "./tool-server.js";
import { takeStreams } from "./tool-streams.js";

const { set, root, timeMs } = hostOptions(process.argv.slice(2));
/** Characters of progress that wait to be read. */
const MOST_UNREAD = 65_536;
const LIMITS = { timeMs, outputBytes: 1_000_000 };
/** Banyan's tool host queues by itself. */
const MAX_CALLS = set === undefined ? 32 : 1_000;

endWithClient();
const log = process.stderr;
const streams = set === undefined ? process : takeStreams();
if (set !== undefined) attributeThrows(say);
const dynamic = new DynamicTools(say);
const bundled = set === "dynamic" ? [] : (await import("../../tools/index.js")).tools.map(bundledTool);
const byName = new Map(bundled.map((tool) => [tool.name, tool]));
// From here on nothing but foreign code and what is loaded already runs.
if (set === "dynamic") (await import("../sandbox/confine.js")).confine();
let calls = 0;

const instructions = set === "dynamic" ? "Tools made by the user." : `File tools work inside ${root} alone.`;
const server = new ToolServer({ name: "banyan-tools", version: "0.1.0" }, instructions);

server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [...bundled, ...dynamic.all()].map(listed) }));

server.setRequestHandler(
  CallToolRequestSchema,
  async ({ params }, { signal, _meta, sendNotification, sendRequest }) => {
    const { name, arguments: args } = params;
    const notify = (progress: Progress) => {
      if (_meta?.progressToken === undefined) return;
      const notification: ServerNotification = {
        method: "notifications/progress",
        params: { progressToken: _meta.progressToken, ...progress },
      };
      sendNotification(notification).catch((error) => say(described(error)));
    };
    // Sent before this returns, for the SDK and a pipe do not wait; and no progress of a tool looks like it.
    const begun = () => set !== undefined && notify({ progress: 0 });
    let last = 0;
    let over = false;
    const progress: ToolContext["progress"] = (done, total, message) => {
      const [now, whole] = [Number(done), Number(total)];
      // What nobody has read yet would fill the memory.
      if (over || !(now > last && Number.isFinite(now)) || streams.stdout.writableLength > MOST_UNREAD) return;
      last = now;
      notify({
        progress: last,
        ...(whole > 0 && Number.isFinite(whole) && { total: whole }),
        ...(message && { message: String(message).slice(0, 1_000) }),
      });
    };
    const context: ToolContext = { root, signal, limits: LIMITS, progress, ask: asking(sendRequest, signal) };
    const onBug = (error: unknown) => say(described(error));

    if (set !== undefined && name.startsWith("banyan:")) {
      const call = (tool: HostTool, args: unknown) => runTool(tool, args, { context, onBug });
      return control(name, args, () => void begun(), call);
    }
    const tool = byName.get(name) ?? dynamic.get(name);
    if (!tool) {
      throw new McpError(
        ErrorCode.InvalidParams,
        `No tool is named "${name.slice(0, 100)}"; list the tools to see their names.`,
      );
    }
    if (calls >= MAX_CALLS)
      return failed(`${MAX_CALLS} calls are already running here; wait until one has ended and call again.`);
    calls++;
    try {
      return await runTool(tool, args, { context, begun: () => void begun(), onBug });
    } finally {
      over = true;
      calls--;
    }
  },
);

// What the client sent could hold anything, so only the kind of trouble goes to the log.
server.onerror = (error) => say(`a message was skipped (${error.name}).`);
// The SDK closes the transport when a message is too long to hold, and nothing would ever be heard again.
server.onclose = () => process.exit(1);
await server.connect(new StdioServerTransport(streams.stdin, streams.stdout));

interface Progress {
  progress: number;
  total?: number;
  message?: string;
}

/** What Banyan says to this process, by calls no client sees. */
async function control(
  name: string,
  args: unknown,
  begun: () => void,
  call: (tool: HostTool, args: unknown) => Promise<CallToolResult>,
): Promise<CallToolResult> {
  if (name === "banyan:alive") return { content: [], structuredContent: {} };
  if (set === "dynamic" && name === "banyan:unload") {
    const wanted = String(Object(args).name);
    return dynamic.unload(wanted) ? { content: [] } : failed(`No tool named "${wanted.slice(0, 100)}" is loaded.`);
  }
  if (set === "dynamic" && name === "banyan:load") {
    const read = loadArguments.safeParse(args);
    if (!read.success)
      return failed(`banyan:load was called with ${read.error.issues[0]?.path.join(".")} that is not valid.`);
    try {
      const tool = await dynamic.load(read.data, begun, call);
      return { content: [], structuredContent: { ...listed(tool) } };
    } catch (error) {
      if (error instanceof DefinitionError) return failed(error.message);
      throw error;
    }
  }
  throw new McpError(ErrorCode.InvalidParams, `${name.slice(0, 100)} is nothing that this process does.`);
}

function listed({ name, description, inputSchema, annotations }: HostTool) {
  const title = annotations?.title;
  return {
    ...{ name, description, inputSchema },
    ...(typeof title === "string" && { title }),
    ...(annotations && { annotations: { ...annotations } }),
  };
}

function failed(text: string): CallToolResult {
  return { isError: true, content: [{ type: "text", text }] };
}

function say(text: string): void {
  log.write(`banyan-tools: ${text}\n`);
}
