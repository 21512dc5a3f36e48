// What happens in the app besides crashes and restarts, told once by whoever does it: `announce` says it, and the Telemetry process
// makes log lines and metrics of it. Telling costs next to nothing, waits for nobody, and nobody need be listening, so a
// process that tells needs no name of a listener in its start arguments. Crashes and restarts are the framework's reports.
// Facts are names, outcomes and figures, and what servers write to stderr, which is their own log; what users, models and tools
// say to each other is never among them.
import { EventEmitter } from "eventemitter3";

/** What a line of the log, a span and a row of the database have in common. */
export interface Trail {
  /** 32 hex digits: the span's where traces are exported, else random. */
  readonly traceId: string;
  readonly sessionId: string;
  /** The id of the user's message that the turn answers, or of the tool call's message. */
  readonly requestId: string;
}

/** `ms` is always a duration in milliseconds. */
export type Happening =
  /** `process` is the id of the process that does it: its crash can then name the trail. */
  | (Trail & { readonly type: "turn_started"; readonly process: string })
  | (Trail & {
      readonly type: "turn";
      readonly process: string;
      readonly outcome: "done" | "failed" | "cancelled" | "crashed";
      readonly ms: number;
    })
  /** `outcome` is `done`, `cancelled` or the code of the error; a `retry` will follow it. */
  | (Trail & {
      readonly type: "model_request";
      readonly model: string;
      readonly outcome: string;
      readonly ms: number;
      readonly retry: boolean;
      readonly inputTokens?: number;
      readonly outputTokens?: number;
    })
  /** `tool` is `server.tool`; the time is that of the call itself, without the wait for an approval. */
  | (Trail & { readonly type: "tool_call"; readonly tool: string; readonly outcome: string; readonly ms: number })
  /** A request of a client of ours that was answered. `outcome` is `done`, `cancelled` or the code of the error; `tool` is what it
   * called, as `server.tool`. */
  | {
      readonly type: "client_request";
      readonly session: string;
      readonly method: string;
      readonly outcome: string;
      readonly ms: number;
      readonly tool?: string | undefined;
      readonly requestId?: string | undefined;
      readonly traceId?: string | undefined;
    }
  /** A request over HTTP, until its answer began. `route` is one of ours, or `other`. */
  | {
      readonly type: "http_request";
      readonly method: string;
      readonly route: string;
      readonly status: number;
      readonly ms: number;
      readonly requestId: string;
    }
  | { readonly type: "approval"; readonly tool: string; readonly decision: "asked" | "allowed" | "denied" }
  /** One request to an MCP server and its answer. `outcome` is `done` or the code of the error. */
  | {
      readonly type: "server_request";
      readonly server: string;
      readonly method: string;
      readonly outcome: string;
      readonly ms: number;
      /** Of what it was made for, as the W3C writes it. */
      readonly traceparent?: string | undefined;
    }
  /** `state` is the connection's, or `gone` when there is none any more. */
  | { readonly type: "connection"; readonly server: string; readonly state: string; readonly reason?: string }
  /** What a server's program wrote to its stderr; of a flood, its beginning. */
  | { readonly type: "server_stderr"; readonly server: string; readonly lines: readonly string[] }
  /** A server's program has come past one of its limits, and goes on for now. */
  | { readonly type: "server_warning"; readonly server: string; readonly text: string }
  /** The tools of a server are others than before. */
  | { readonly type: "tools"; readonly server: string }
  | { readonly type: "breaker"; readonly service: string; readonly state: "closed" | "open" | "half-open" }
  /** What the start took, where that is measured. */
  | { readonly type: "startup"; readonly profile: object }
  /** The app before this one ended without having been told to. */
  | { readonly type: "predecessor"; readonly restarts: number; readonly why: string; readonly lastWords: string }
  /** The settings changed, or a change was refused; `text` is what the user was told. */
  | { readonly type: "settings"; readonly level: "info" | "warn"; readonly text: string }
  /** Something happened to the index of the catalog that whoever runs this should know. */
  | { readonly type: "catalog"; readonly level: "info" | "warn"; readonly text: string }
  | { readonly type: "cache"; readonly cache: string; readonly outcome: "hit" | "miss" }
  /** A question to the catalog that was answered: out of its cache, or worked out. */
  | { readonly type: "catalog_query"; readonly method: string; readonly outcome: "hit" | "miss"; readonly ms: number }
  /** There is another index: of how many entries, and how long it took to make where files were read for it. */
  | {
      readonly type: "catalog_index";
      readonly entries: Readonly<Record<"agent" | "skill" | "workflow" | "tool", number>>;
      readonly ms?: number;
    }
  /** The gate let a client's request not in. */
  | { readonly type: "refused"; readonly why: "forbidden" | "rate_limited" | "overloaded" }
  | {
      readonly type: "store";
      readonly operation: "read" | "write";
      readonly outcome: "done" | "failed";
      readonly ms: number;
    };

/** Its one event is `happened`. */
export const happenings = new EventEmitter<{ happened: [Happening] }>();

export function announce(happening: Happening): void {
  happenings.emit("happened", happening);
}
