// One process of the tool host, started as the primary starts it, and the official SDK client to it.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { Progress } from "@modelcontextprotocol/sdk/types.js";
import { type CallToolResult, CallToolResultSchema, type JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { type Grants, noGrants } from "../../src/mcp/host/grants.js";
import { sandboxed } from "../../src/mcp/host/sandbox.js";
import { built } from "./build.js";

export interface ToolChild {
  readonly client: Client;
  /** What the process wrote to stdout so far that is neither an answer to us nor the progress of a call. */
  readonly unasked: JSONRPCMessage[];
  /** All progress of all calls so far. The SDK's client drops what comes along with the answer. */
  readonly progress: unknown[];
  /** Settles when the process is gone. */
  readonly closed: Promise<void>;
  stderr(): string;
  /** Writes the module into the staged folder and has it loaded, without any scan. */
  load(name: string, source: string, options?: { test?: boolean }): Promise<Answer>;
  call(name: string, args?: object, onprogress?: (progress: Progress) => void): Promise<Answer>;
  kill(): void;
}

export interface Answer {
  readonly isError: boolean;
  readonly text: string;
  readonly result: CallToolResult;
}

export interface ToolChildOptions {
  readonly set?: "bundled" | "dynamic";
  /** A folder for what is loaded. */
  readonly folder: string;
  readonly root?: string;
  readonly callTimeoutMs?: number;
  readonly grants?: Partial<Grants>;
}

let loads = 0;

export async function toolChild({
  set = "dynamic",
  folder,
  root = folder,
  callTimeoutMs,
  grants,
}: ToolChildOptions): Promise<ToolChild> {
  const staged = join(folder, "staged");
  mkdirSync(staged, { recursive: true });
  const timeout = callTimeoutMs === undefined ? [] : ["--call-timeout", String(callTimeoutMs)];
  const program = sandboxed(
    { ...noGrants, read: [staged], ...grants },
    {
      script: built("servers/host/main.js"),
      args: ["--set", set, "--root", root, ...timeout],
      shared: set === "dynamic",
    },
  );
  const transport = new StdioClientTransport({ ...program, stderr: "pipe" });
  let log = "";
  transport.stderr?.on("data", (chunk) => {
    log += String(chunk);
  });
  const client = new Client({ name: "test", version: "1" });
  const closed = new Promise<void>((resolve) => {
    client.onclose = resolve;
  });
  const unasked: JSONRPCMessage[] = [];
  const progress: unknown[] = [];
  await client.connect(transport);
  const asked = new Set<unknown>();
  const { onmessage, send } = transport;
  transport.send = (message) => {
    if ("id" in message) asked.add(message.id);
    return send.call(transport, message);
  };
  transport.onmessage = (message) => {
    const isAnswer = !("method" in message) && asked.delete(message.id);
    const isProgress = "method" in message && message.method === "notifications/progress";
    if (isProgress) progress.push({ ...message.params, progressToken: undefined });
    else if (!isAnswer) unasked.push(message);
    onmessage?.(message);
  };
  const { pid } = transport;
  if (pid === null) throw new Error("the process has no id");
  const call: ToolChild["call"] = async (name, args = {}, onprogress) => {
    const params = { name, arguments: { ...args } };
    const raw = await client.callTool(params, CallToolResultSchema, onprogress ? { onprogress } : {});
    const result = CallToolResultSchema.parse(raw);
    const texts = result.content.map((block) => (block.type === "text" ? block.text : `<${block.type}>`));
    return { isError: result.isError === true, text: texts.join("\n"), result };
  };
  return {
    ...{ client, unasked, progress, closed, call, stderr: () => log },
    load(name, source, { test = false } = {}) {
      const file = join(staged, `${name}.${++loads}.mjs`);
      writeFileSync(file, withAddresses(source));
      return call("banyan:load", { name, file, hash: String(loads), test });
    },
    kill: () => void process.kill(pid, "SIGKILL"),
  };
}

/** What a tool imports by name, by its address. */
function withAddresses(source: string): string {
  const address = (file: string) => JSON.stringify(pathToFileURL(built(`servers/host/${file}`)).href);
  return source.replaceAll('"zod"', address("tool-zod.js")).replaceAll('"banyan/tool"', address("tool-api.js"));
}
