// The words in which everything above this folder speaks of MCP. They belong to no era of the protocol and to no SDK: an
// adapter (today `connection.ts`) translates. All of it is plain data that survives structured cloning.
import type { JsonSchema } from "../../llm/provider.js";

/** What a server says about a tool's effects; absent hints take the protocol's cautious defaults. */
export interface ToolAnnotations {
  readonly title?: string;
  readonly readOnly: boolean;
  readonly destructive: boolean;
  readonly idempotent: boolean;
  readonly openWorld: boolean;
}

/** A tool as one server names it. */
export interface ToolInfo {
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  /** It runs as a task alone: begun, asked after, and fetched. */
  readonly asTask?: true;
  readonly annotations: ToolAnnotations;
  /** Of its code, where that is known: with another one the tool has changed, also where it says the same of itself. */
  readonly revision?: string;
}

/** Whether a client knows what a server offers as `server.name`: always, where another server has the same name, or only where the
 * plain name is another's already. Among ourselves it is `server.name` in any case. */
export const prefixes = ["always", "on_conflict", "never"] as const;
export type Prefix = (typeof prefixes)[number];

/** A tool under the name it has among all servers: `server.tool`. */
export interface NamespacedTool extends ToolInfo {
  readonly server: string;
  /** As its server's settings have it. */
  readonly prefix?: Prefix;
  /** The server's own name for it. */
  readonly tool: string;
}

export interface ResourceInfo {
  readonly uri: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
  /** Bytes, if the server knows. */
  readonly size?: number;
}

export interface ResourceTemplateInfo {
  readonly uriTemplate: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
}

export interface PromptInfo {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly arguments: readonly { readonly name: string; readonly description?: string; readonly required: boolean }[];
}

export type ResourceContents =
  | { readonly uri: string; readonly mimeType?: string; readonly text: string }
  /** `blob` is base64. */
  | { readonly uri: string; readonly mimeType?: string; readonly blob: string };

export type ContentBlock =
  | { readonly type: "text"; readonly text: string }
  /** `data` is base64. */
  | { readonly type: "image" | "audio"; readonly data: string; readonly mimeType: string }
  | { readonly type: "resource"; readonly resource: ResourceContents }
  | ({ readonly type: "resource_link" } & ResourceInfo);

/** What a tool answered. `isError` is the tool's own failure: a value to show to the model, not an error of ours. */
export interface ToolResult {
  readonly content: readonly ContentBlock[];
  readonly structuredContent?: { readonly [key: string]: unknown };
  /** How `structuredContent` breaks the schema that the tool promised; absent if it does not, or could not be checked. */
  readonly mismatch?: string;
  readonly isError: boolean;
  /** Milliseconds of the call in which people were waited for: its own user, whom the server asked something, or others' whose
   * calls had to end first; absent if none. */
  readonly askedMs?: number;
  /** The server has logged something during the call, which those who hear its log are to be told before this. */
  readonly logged?: true;
  /** What the server says beside it, for whoever knows what that means. */
  readonly meta?: { readonly [key: string]: unknown };
}

export interface PromptResult {
  readonly description?: string;
  readonly messages: readonly { readonly role: "user" | "assistant"; readonly content: ContentBlock }[];
}

export interface Progress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

export interface Root {
  readonly uri: string;
  readonly name?: string;
}

/** A server asks the user to fill in a flat form, or to go to a web page for what must not pass through here. */
export type ElicitationRequest =
  | { readonly mode: "form"; readonly message: string; readonly schema: JsonSchema }
  | { readonly mode: "url"; readonly message: string; readonly url: string; readonly elicitationId: string };

export type ElicitationAnswer =
  | { readonly action: "accept"; readonly values: { readonly [key: string]: string | number | boolean | string[] } }
  | { readonly action: "decline" | "cancel" };

/** A server asks for an answer of a model. The fields are its text; `whole` is all of it, for whoever passes it on. */
export interface SamplingRequest {
  readonly system?: string;
  readonly messages: readonly { readonly role: "user" | "assistant"; readonly text: string }[];
  /** Models the server would like, best first; for showing, the model is the user's. */
  readonly modelHints: readonly string[];
  readonly maxTokens: number;
  readonly temperature?: number;
  /** What it holds besides text, as a sentence of why it is refused by who takes text alone; absent: nothing. */
  readonly beyondText?: string;
  /** The parameters of `sampling/createMessage` as they came, checked and bounded. */
  readonly whole?: Readonly<Record<string, unknown>>;
}

export type SamplingAnswer =
  /** The result of `sampling/createMessage` as another client of the model gave it. */
  | { readonly allowed: true; readonly whole: Readonly<Record<string, unknown>> }
  | {
      readonly allowed: true;
      readonly model: string;
      readonly text: string;
      readonly stopReason: "endTurn" | "maxTokens";
    }
  /** `reason` is told to the server. */
  | { readonly allowed: false; readonly reason: string };

/** What an argument is completed for: a prompt's, or a variable of a resource template. */
export type CompletionTarget =
  | { readonly type: "prompt"; readonly name: string }
  | { readonly type: "template"; readonly uriTemplate: string };

export interface Completion {
  /** Best first; at most 100. */
  readonly values: readonly string[];
  readonly hasMore: boolean;
}

/** From the least serious on. */
export const logLevels = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"] as const;

export type LogLevel = (typeof logLevels)[number];

/** What a server tells without being asked. */
export type ServerNotification =
  | { readonly type: "tools-changed" | "resources-changed" | "prompts-changed" }
  | { readonly type: "resource-updated"; readonly uri: string }
  | {
      readonly type: "log";
      readonly level: LogLevel;
      readonly logger?: string;
      readonly data: unknown;
      /** The call it is about, where the connection says so. */
      readonly callId?: string;
    }
  | ({ readonly type: "progress"; readonly callId: string } & Progress)
  /** What the user was sent to a web page for is done. */
  | { readonly type: "elicitation-complete"; readonly elicitationId: string }
  /** How far a call that runs as a task has come. */
  | { readonly type: "task-status"; readonly taskId: string; readonly status: string; readonly message?: string }
  /** What its program wrote to stderr. */
  | { readonly type: "stderr"; readonly lines: readonly string[] }
  /** A notification no version of the protocol we know has. */
  | { readonly type: "other"; readonly method: string; readonly params: unknown }
  /** The server broke the protocol in a way that was survived; `text` says how. */
  | { readonly type: "fault"; readonly text: string };

export interface ServerIdentity {
  readonly name: string;
  readonly version: string;
  readonly instructions?: string;
  readonly capabilities: {
    readonly tools: boolean;
    readonly resources: boolean;
    readonly subscribe: boolean;
    readonly prompts: boolean;
    readonly logging: boolean;
    readonly completions: boolean;
  };
}
