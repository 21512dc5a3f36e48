// Tools that are the front's own and no server's: listed first, whatever else is listed, and called without leaving the process.
import type { ToolInfo, ToolResult } from "../client/mcp-types.js";
import type { IncomingCall } from "./peer.js";

export type Arguments = Readonly<Record<string, unknown>>;

export interface OwnTool {
  /** Its name is `banyan.health`, `chat.send`: a word that is no server's, a dot, and what it does. */
  readonly info: ToolInfo;
  /** A throw is told as a refusal; what the model can mend is a result with `isError`. */
  call(args: Arguments, context: OwnCall): Promise<ToolResult>;
}

/** A tool with the name the client knows it by; `item.name` is the one it has among all. */
export interface KnownTool {
  readonly item: ToolInfo;
  readonly name: string;
}

/** The call that is answered. */
export interface OwnCall {
  readonly call: IncomingCall;
  /** Names the client among those that call. */
  readonly caller: string;
  /** Every tool this client may call. */
  tools(): Promise<readonly KnownTool[]>;
  /** Calls another tool as if the client had, under this very call: its progress, its cancellation, its questions. */
  callTool(name: string, args: Arguments): Promise<ToolResult>;
}

/** A result that says the same to models and to programs. */
export function told(text: string, structuredContent: { readonly [key: string]: unknown }): ToolResult {
  return { content: [{ type: "text", text }], structuredContent, isError: false };
}

/** A failure the model can mend. */
export function failed(code: string, message: string): ToolResult {
  return { content: [{ type: "text", text: message }], structuredContent: { error: { code, message } }, isError: true };
}
