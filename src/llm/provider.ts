// What a model is to the rest of Banyan: one function that streams events until it is done or its signal fires.
// Providers are stateless; retries, the breaker, approvals and the tool loop belong to the processes that call them.
import { BanyanError } from "../supervision/errors.js";
import type { ContextWindow } from "./context-window.js";

/** A JSON Schema object as MCP tools carry it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** A tool the model may call. Its name is the namespaced one, `server.tool`. */
export interface ToolDescription {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
}

/** A call the model asks for. `arguments` is what the model wrote, parsed as JSON but not yet checked against the schema. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: { readonly [key: string]: unknown };
}

/** What a model thought before it answered. */
export interface Thought {
  readonly text: string;
  /** What its provider wants back with the conversation, to know its own thought again: a signature, or the thought encrypted. */
  readonly proof?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}

/** An image, of a kind that models see: PNG, JPEG, GIF or WebP. */
export interface ModelImage {
  /** Where it comes from. */
  readonly name: string;
  readonly mimeType: string;
  readonly data: Uint8Array;
}

/** One message of the conversation, as every provider is given it. */
export type ModelMessage =
  | {
      readonly role: "user";
      readonly text: string;
      /** Texts that go with it: files, pages, resources. */
      readonly attached?: readonly { readonly name: string; readonly text: string }[];
      readonly images?: readonly ModelImage[];
    }
  | {
      readonly role: "assistant";
      readonly text: string;
      readonly toolCalls: readonly ToolCall[];
      /** Which model wrote it, `provider:model`: thoughts are given back to the model that had them and to no other. */
      readonly model?: string;
      readonly thoughts?: readonly Thought[];
    }
  | {
      readonly role: "tool";
      readonly callId: string;
      readonly tool: string;
      readonly text: string;
      readonly isError: boolean;
      /** Given to models whose API takes images in results; the text names them, too. */
      readonly images?: readonly ModelImage[];
    };

/** How much a model thinks before it answers. */
export type ThinkingEffort = "off" | "low" | "medium" | "high";

export interface ModelRequest {
  readonly system?: string;
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ToolDescription[];
  /** 0 to 2; the provider's own default when absent. */
  readonly temperature?: number;
  /** Most tokens to generate; the provider's own default when absent. */
  readonly maxTokens?: number;
  /** The model's own default when absent. */
  readonly thinking?: ThinkingEffort;
}

/** What one answer took. */
export interface TokenUsage {
  /** All of what was sent, also what the provider had in its cache. */
  readonly inputTokens: number;
  /** All of what was written, also what was only thought. */
  readonly outputTokens: number;
  /** The part of the input that was read from the provider's cache. */
  readonly cacheReadTokens?: number;
  /** The part of the input that was put into it. */
  readonly cacheWriteTokens?: number;
}

/** What a stream yields. It ends with exactly one `done`, or throws a {@link ProviderError} or the signal's reason. */
export type ModelEvent =
  | { readonly type: "text"; readonly delta: string }
  /** The model is thinking; for showing only, the whole follows as `thought`. */
  | { readonly type: "thinking"; readonly delta: string }
  | { readonly type: "thought"; readonly thought: Thought }
  /** A tool call is being written; for showing only, the whole call follows as `tool-call`. */
  | { readonly type: "tool-input"; readonly id: string; readonly name: string; readonly delta: string }
  | { readonly type: "tool-call"; readonly call: ToolCall }
  /** The offline model knows the tool but not all of its arguments: ask the user for the `missing` ones. */
  | {
      readonly type: "form";
      readonly tool: string;
      readonly known: { readonly [key: string]: unknown };
      readonly missing: readonly string[];
    }
  | ({ readonly type: "usage" } & TokenUsage)
  | { readonly type: "done"; readonly reason: "stop" | "tool-calls" | "length" | "content-filter" | "other" };

export interface Provider {
  /** `provider:model`, as the user names it. */
  readonly id: string;
  /** Whether it sees images; one without this is not shown any. Never rejects. */
  seesImages?(): Promise<boolean>;
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
  /** How much the model takes at once, as far as can be found out; asked once. Never rejects. Absent: there is no measure. */
  readonly contextWindow?: () => Promise<ContextWindow>;
}

export type ProviderFailure =
  | "provider_auth" // the key is missing or refused
  | "provider_request" // the request was refused: retrying it unchanged cannot help
  | "provider_too_long" // the conversation is longer than the model takes
  | "provider_rate_limited" // 429
  | "provider_unavailable" // 5xx, refused or cut before the first event
  | "provider_stalled" // nothing arrived for the stall time
  | "provider_cut" // the connection ended in the middle of an answer
  | "provider_malformed"; // the answer does not follow the wire format

/** A model call that failed for a reason outside this program. */
export class ProviderError extends BanyanError {
  declare readonly code: ProviderFailure;
  /** True when the same request may be sent again: nothing had been streamed and the failure may pass. */
  readonly retryable: boolean;
  /** What the provider asked us to wait, in milliseconds (Retry-After). */
  readonly retryAfterMs: number | undefined;
  /** How many tokens the model takes, where a refusal as too long said so. */
  readonly window: number | undefined;

  constructor(
    code: ProviderFailure,
    message: string,
    options: { retryable: boolean; retryAfterMs?: number | undefined; window?: number | undefined; cause?: unknown },
  ) {
    super(code, message, { kind: "module", cause: options.cause });
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.window = options.window;
  }

  /** A refused key or request says nothing about the health of the service. */
  get isTheService(): boolean {
    return !["provider_auth", "provider_request", "provider_too_long"].includes(this.code);
  }
}
