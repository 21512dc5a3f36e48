// What a slash command is, and what it may ask. Most answer at once; one that waits for servers or models runs in a process of its own.
import type { Aliases } from "../actors/aliases.js";
import type { Health } from "../actors/health/health.js";
import type { Usage } from "../actors/session/session.js";
import type { Models } from "../llm/models.js";
import type { Provider } from "../llm/provider.js";
import type { NamespacedTool, PromptResult } from "../mcp/client/mcp-types.js";
import type { NotificationHandler } from "../mcp/client/notification-handler.js";
import type { ServerStatus } from "../mcp/client/server-status.js";
import type { Ref, TreeNode } from "../supervision/index.js";
import type { FormValues } from "./asking.js";
import type { ServerReach } from "./server-reach.js";
import type { SessionContext } from "./session-commands.js";
import type { FormRequest } from "./turn.js";

export interface CommandContext {
  servers(): Promise<readonly ServerStatus[]>;
  tools(): Promise<readonly NamespacedTool[]>;
  tree(): TreeNode | undefined;
  health(): Promise<Health>;
  /** Bound to the process that runs the command. */
  readonly aliases: Ref<Pick<Aliases, "list" | "define" | "remove">>;
  usage(): Usage;
  /** What the model thought before the last answer it thought about. */
  thinking(): string | undefined;
  readonly sessions: SessionContext;
  /** Bound likewise. */
  readonly notifications: Ref<Pick<NotificationHandler, "query">>;
  clear(): Promise<void>;
  quit(): void;
}

/** A command that answers at once. */
export interface QuickCommand {
  readonly name: string;
  readonly summary: string;
  /** Answers Markdown, or nothing. `rest` is what followed the name, as it was typed. */
  run(context: CommandContext, rest: string): Promise<string | undefined>;
}

/** What a command that waits for servers may ask. */
export interface ServerCommandContext extends ServerReach {
  /** Asks the user for what is missing; undefined when dismissed, or nobody can be asked. */
  fillIn(request: Omit<FormRequest, "id">): Promise<FormValues>;
  /** From now on the user is told, or not any more, when the resource changes. */
  subscribed(server: string, uri: string, wanted: boolean): void;
  readonly models: Models;
  /** The model that answers now, `provider:model`. */
  readonly model: string;
  /** It answers from the next message on. */
  chooseModel(provider: Provider): void;
  /** Says something beside the answer. */
  note(text: string): void;
  /** What files are relative to. */
  readonly folder: string;
}

/** Markdown; or what is said in the conversation in the name of a prompt; or nothing. */
export type ServerCommandAnswer = string | PromptSaid | undefined;

export interface PromptSaid {
  readonly prompt: string;
  readonly messages: PromptResult["messages"];
}

/** A command that waits for servers. Expected failures are rejections with a `BanyanError`. */
export interface ServerCommand {
  readonly name: string;
  readonly summary: string;
  ask(context: ServerCommandContext, rest: string): Promise<ServerCommandAnswer>;
}

export type Command = QuickCommand | ServerCommand;
