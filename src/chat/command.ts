// What a slash command is, and what it may ask. Most answer at once; one that waits for servers or models runs in a process of its own.
import type { Aliases } from "../actors/aliases.js";
import type { CircuitBreaker } from "../actors/circuit-breaker.js";
import type { Health } from "../actors/health/health.js";
import type { Usage } from "../actors/session/session.js";
import type { Models } from "../llm/models.js";
import type { Provider, ToolCall } from "../llm/provider.js";
import type { DescribedTool } from "../mcp/client/aggregator.js";
import type { NamespacedTool, PromptResult } from "../mcp/client/mcp-types.js";
import type { NotificationHandler } from "../mcp/client/notification-handler.js";
import type { ServerStatus } from "../mcp/client/server-status.js";
import type { Ref, TreeNode } from "../supervision/index.js";
import type { Approvals } from "./approvals.js";
import type { FormValues } from "./asking.js";
import type { ChatOptions } from "./chat-options.js";
import type { SessionContext } from "./commands/session-commands.js";
import type { CommandHint, CommandView, PanelChoice, ToolCallView } from "./events.js";
import type { ServerReach } from "./server-reach.js";
import type { Approval, ApprovalRequest, FormRequest } from "./turn-owner.js";
import type { Turns } from "./turns.js";

/** The order in which /help shows them. */
export const commandGroups = [
  "conversation",
  "model",
  "servers and tools",
  "resources and prompts",
  "app",
  "typing",
] as const;

export type CommandGroup = (typeof commandGroups)[number];

/** Another name of a command; with `rest` it stands for the name and these words: `saved` for `/servers saved`. */
export type CommandAlias = string | { readonly name: string; readonly rest: string };

/** What a line may go on as: `name` is all that follows the command's name and a space, `label` what of it is shown. */
export type Suggestions = readonly CommandHint[];

/** What is known of a command besides what it does. */
export interface CommandFacts {
  readonly name: string;
  /** Names that the users of other programs know it by. No two commands may share a name. */
  readonly aliases?: readonly CommandAlias[];
  /** One line. */
  readonly summary: string;
  /** Typed alone, it opens this where a view can be shown. */
  readonly view?: CommandView;
  /** Default "app". */
  readonly group?: CommandGroup;
  /** What may follow the name, one form each; the empty text for nothing. */
  readonly usage?: readonly string[];
  /** Whole lines. */
  readonly examples?: readonly string[];
  /** It shows what servers offer, so where nobody sees them come up it waits until they have. */
  readonly settled?: true;
  /** What may follow the name, for what is typed after it and a space; asked for at each Tab, so it may ask processes. */
  complete?(typed: string, surroundings: Surroundings): Suggestions | Promise<Suggestions>;
}

/** The processes around the chat, by name, for what no other field of a context offers. */
export interface Surroundings {
  readonly names: ChatOptions;
  /** Binds a name to the process that asks. */
  use<T>(ref: Ref<T>): Ref<T>;
}

export interface CommandContext extends Surroundings {
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
  /** The tool calls that wait or run. */
  running(): readonly ToolCallView[];
  /** Bound likewise. */
  readonly notifications: Ref<Pick<NotificationHandler, "query">>;
  readonly approvals: Pick<Approvals, "list" | "readOnlyAllowed" | "remove">;
  /** Bound likewise. */
  readonly breaker: Ref<Pick<CircuitBreaker, "status" | "reset">>;
  /** The model that answers now, `provider:model`. */
  readonly model: string;
  readonly turns: Pick<Turns, "busy" | "queued" | "again" | "sayInstead" | "takeBack" | "cancel"> & {
    /** What the user said last; undefined, and said, if there is nothing. */
    last(): Promise<string | undefined>;
  };
  /** Puts a text into the line that is being written. */
  draft(text: string): void;
  /** False: no screen shows any. */
  showPanels(panels: PanelChoice): boolean;
  clear(): Promise<void>;
  quit(): void;
}

/** A command that answers at once. */
export interface QuickCommand extends CommandFacts {
  /** Answers Markdown, or nothing. `rest` is what followed the name, as it was typed. */
  run(context: CommandContext, rest: string): Promise<string | undefined>;
}

/** What a command that waits for servers may ask. */
export interface ServerCommandContext extends Surroundings, ServerReach {
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
  /** Aborts when the command is to end. */
  readonly signal: AbortSignal;
  /** Asks the user for a yes, as for a tool's call. */
  approve(request: ApprovalRequest): Promise<Approval>;
  /** True when the tool may run without asking. */
  isAllowed(tool: DescribedTool): Promise<boolean>;
}

/** Markdown; or what is said in the conversation in the name of a prompt; or tools to run as the model would; or nothing. */
export type ServerCommandAnswer = string | { readonly calls: readonly ToolCall[] } | PromptSaid | undefined;

export interface PromptSaid {
  readonly prompt: string;
  readonly messages: PromptResult["messages"];
}

/** A command that waits for servers. Expected failures are rejections with a `BanyanError`. */
export interface ServerCommand extends CommandFacts {
  /** It changes what a turn works with, so it does not run beside one. */
  readonly alone?: true;
  ask(context: ServerCommandContext, rest: string): Promise<ServerCommandAnswer>;
}

/** A command of which most forms answer at once, and those wait for servers that `waits` names. */
export interface MixedCommand extends CommandFacts {
  waits(rest: string): boolean;
  run: QuickCommand["run"];
  ask: ServerCommand["ask"];
}

export type Command = QuickCommand | ServerCommand | MixedCommand;

/** A command's other names. */
export function namesOf({ aliases = [] }: CommandFacts): string[] {
  return aliases.map((alias) => (typeof alias === "string" ? alias : alias.name));
}
