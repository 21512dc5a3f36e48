// A connection of the official SDK client to one of the bundled servers, started as users start it.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { RequestOptions } from "@modelcontextprotocol/sdk/shared/protocol.js";
import { CallToolResultSchema, type ClientCapabilities } from "@modelcontextprotocol/sdk/types.js";
import { built } from "./build.js";

export interface Result {
  readonly isError: boolean;
  readonly texts: readonly string[];
  /** All text blocks, one a line. */
  readonly text: string;
}

export interface Connection {
  readonly client: Client;
  readonly pid: number;
  /** Settles when the server's end of the connection is gone. */
  readonly closed: Promise<void>;
  /** What the server wrote to stderr so far. */
  stderr(): string;
  call(name: string, args?: Record<string, unknown>, options?: RequestOptions): Promise<Result>;
}

export interface ConnectOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[];
  readonly capabilities?: ClientCapabilities;
  /** Called before connecting, for handlers of what the server asks or tells. */
  readonly prepare?: (client: Client) => void;
}

export async function connect(server: "host" | "demo", options: ConnectOptions = {}): Promise<Connection> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...(options.nodeArgs ?? []), built(`servers/${server}/main.js`)],
    env: { ...getDefaultEnvironment(), ...options.env },
    stderr: "pipe",
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let log = "";
  transport.stderr?.on("data", (chunk) => {
    log += String(chunk);
  });
  const client = new Client({ name: "test", version: "1" }, { capabilities: options.capabilities ?? {} });
  options.prepare?.(client);
  const closed = new Promise<void>((resolve) => {
    client.onclose = resolve;
  });
  await client.connect(transport);
  const { pid } = transport;
  if (pid === null) throw new Error("the server has no pid");
  return {
    client,
    pid,
    closed,
    stderr: () => log,
    async call(name, args = {}, callOptions) {
      const raw = await client.callTool({ name, arguments: args }, CallToolResultSchema, callOptions);
      const { isError, content } = CallToolResultSchema.parse(raw);
      const texts = content.map((block) => (block.type === "text" ? block.text : `<${block.type}>`));
      return { isError: isError === true, texts, text: texts.join("\n") };
    },
  };
}
