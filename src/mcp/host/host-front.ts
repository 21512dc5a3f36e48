// The tool host as an MCP server: one connection to it, inside this process. It says MCP to the one who connected and asks the
// ToolHost for everything, so that whoever uses the host's tools sees one ordinary server, whatever becomes of its processes.
//
// Temporary: one for each connection, started when it is opened. It ends with its connection, and with the ToolHost, whose
// successor knows nothing of it; then the connection is opened again. It keeps nothing that would have to be recovered.
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { CallToolRequest, CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import {
  BanyanError,
  CallError,
  child,
  GenServer,
  isDown,
  messageOf,
  type Ref,
  type Stop,
  send,
  stop,
} from "../../supervision/index.js";
import { openFront } from "../client/embedded-front.js";
import type { OpenEmbedded } from "../client/embedded-link.js";
import { ServerProtocolError } from "../client/errors.js";
import type { Progress, ToolResult } from "../client/mcp-types.js";
import { optional, sdkTool } from "../client/sdk-shapes.js";
import type { ProgressWatcher } from "../client/tool-work.js";
import { ToolHostLostError, ToolUnknownError } from "./host-errors.js";
import type { ToolHost } from "./tool-host.js";

export interface HostFrontOptions {
  readonly host: Ref<ToolHost>;
  readonly transport: Transport;
  readonly version: string;
}

const FOREVER = Number.POSITIVE_INFINITY;
const CLOSED = "the connection is closed";

/** Opens a connection to the tool host; its front runs under `processes`. */
export function openToolHost(host: Ref<ToolHost>, processes: Ref<unknown>, version: string): OpenEmbedded {
  return openFront(processes, "the tool host", (transport) =>
    child(HostFront, { host, transport, version }, { id: "front", restart: "temporary", shutdown: 1_000 }),
  );
}

export class HostFront extends GenServer<HostFrontOptions> implements ProgressWatcher {
  #host!: Ref<ToolHost>; // set by init, as is the server
  #server!: Server;
  /** By the id of the call: what its caller named its progress. */
  readonly #tokens = new Map<string, string | number>();
  #calls = 0;

  protected override async init({ host, transport, version }: HostFrontOptions): Promise<void> {
    this.trapExit = true;
    // With the first connection: whoever opens it loads the other half of the SDK anyway.
    const [{ Server }, { CallToolRequestSchema, ErrorCode, ListToolsRequestSchema, McpError }] = await Promise.all([
      import("@modelcontextprotocol/sdk/server/index.js"),
      import("@modelcontextprotocol/sdk/types.js"),
    ]);
    this.#host = host.with({ timeout: FOREVER }); // not bound: calls go on beyond the message in hand
    this.monitor(host);
    const instructions = await this.use(host).call.watch(this.self<HostFront>());
    const about = { name: "banyan-tools", version };
    const server = new Server(about, { capabilities: { tools: { listChanged: true } }, instructions });
    this.#server = server;
    server.setRequestHandler(ListToolsRequestSchema, async () => ({
      tools: (await this.#host.call.tools()).map((tool) => sdkTool(tool, tool.name)),
    }));
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, _meta }) => {
      try {
        return shownResult(await this.#call(params, signal, _meta?.progressToken));
      } catch (error) {
        if (error instanceof ToolUnknownError) throw new McpError(ErrorCode.InvalidParams, error.message);
        if (error instanceof ServerProtocolError) {
          throw new McpError(error.rpcCode ?? ErrorCode.InternalError, error.message, error.data);
        }
        return shownFailure(error, params.name);
      }
    });
    const self = this.self();
    server.onclose = () => send(self, CLOSED);
    await server.connect(transport);
  }

  async #call(
    { name, arguments: args = {} }: CallToolRequest["params"],
    signal: AbortSignal,
    progressToken: string | number | undefined,
  ): Promise<ToolResult> {
    const callId = `${++this.#calls}`;
    const self = this.self<HostFront>();
    const front = self.id;
    const cancel = (): void => this.#host.cast.cancel(front, callId);
    signal.addEventListener("abort", cancel, { once: true });
    if (progressToken !== undefined) this.#tokens.set(callId, progressToken);
    const progress = progressToken === undefined ? undefined : self;
    try {
      return await this.#host.call.callTool({
        ...{ front, callId, tool: name, args, progress },
        by: this.#server.getClientVersion()?.name ?? "a client",
      });
    } finally {
      signal.removeEventListener("abort", cancel);
      this.#tokens.delete(callId);
    }
  }

  toolProgress(callId: string, progress: Progress): void {
    const progressToken = this.#tokens.get(callId);
    if (progressToken === undefined) return;
    const params = { progressToken, ...progress };
    this.#server.notification({ method: "notifications/progress", params }).catch(() => {}); // closed meanwhile
  }

  /** The tools are others than before. */
  toolsChanged(): void {
    this.#server.sendToolListChanged().catch(() => {}); // closed meanwhile
  }

  /** Its host has crashed and starts anew. */
  end(): Stop {
    return stop("normal");
  }

  protected override handleInfo(message: unknown): Stop {
    // The host is gone, or nobody is connected any more, or it is shut down.
    return stop(isDown(message) || message === CLOSED ? "normal" : "shutdown");
  }

  protected override async terminate(): Promise<void> {
    await this.#server.close();
  }
}

function shownResult({ content, structuredContent, isError }: ToolResult): CallToolResult {
  return {
    content: content as CallToolResult["content"], // the SDK's blocks are ours and more
    ...optional({ structuredContent }),
    isError,
  };
}

/** For the model a sentence, for programs its code. */
function shownFailure(error: unknown, tool: string): CallToolResult {
  const told = error instanceof CallError ? new ToolHostLostError(tool, "the tool host crashed", "unknown") : error;
  const code = told instanceof BanyanError ? told.code : "tool_failed";
  const message = messageOf(told);
  const effect = told instanceof ToolHostLostError ? { effect: told.effect } : {};
  return {
    isError: true,
    content: [{ type: "text", text: message }],
    structuredContent: { error: { code, message, ...effect } },
  };
}
