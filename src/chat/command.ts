// What a slash command is, and what it may ask.
import type { Aliases } from "../actors/aliases.js";
import type { Health } from "../actors/health/health.js";
import type { NamespacedTool } from "../mcp/client/mcp-types.js";
import type { ServerStatus } from "../mcp/client/server-status.js";
import type { Ref, TreeNode } from "../supervision/index.js";
import type { SessionContext } from "./session-commands.js";

export interface CommandContext {
  servers(): Promise<readonly ServerStatus[]>;
  tools(): Promise<readonly NamespacedTool[]>;
  tree(): TreeNode | undefined;
  health(): Promise<Health>;
  /** Bound to the process that runs the command. */
  readonly aliases: Ref<Pick<Aliases, "list" | "define" | "remove">>;
  readonly sessions: SessionContext;
  clear(): Promise<void>;
  quit(): void;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Answers Markdown, or nothing. `rest` is what followed the name, as it was typed. */
  run(context: CommandContext, rest: string): Promise<string | undefined>;
}
