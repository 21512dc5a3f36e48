// Spans as the rest of the app sees them: a name, a parent named by its W3C traceparent (a plain text, so that it travels in
// messages and to servers), and an end. Where traces are exported they are OpenTelemetry's; everywhere else they are two random
// ids, so that log lines of one request can be found together all the same.
import { randomBytes } from "node:crypto";

export interface SpanOptions {
  /** `client`: a request that leaves the process. Default `internal`. */
  readonly kind?: "internal" | "client";
  /** The `traceparent` of the span this one is part of. Absent: a trace of its own. */
  readonly parent?: string | undefined;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
}

export interface Span {
  readonly traceId: string;
  /** `00-<trace>-<span>-<flags>`, see the W3C's Trace Context. */
  readonly traceparent: string;
  /** Once; what follows is ignored. `error` is a code, never a message. */
  end(outcome?: {
    readonly error?: string | undefined;
    readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  }): void;
}

export type StartSpan = (name: string, options: SpanOptions) => Span;

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export function readTraceparent(
  text: string | undefined,
): { traceId: string; spanId: string; flags: number } | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text ?? "") ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

/** Nothing is recorded; the ids are ours, and made only for those who ask. */
class Untraced implements Span {
  #traceId: string | undefined;
  #traceparent: string | undefined;

  constructor(private readonly parent: string | undefined) {}

  get traceId(): string {
    this.#traceId ??= readTraceparent(this.parent)?.traceId ?? randomBytes(16).toString("hex");
    return this.#traceId;
  }

  get traceparent(): string {
    this.#traceparent ??= `00-${this.traceId}-${randomBytes(8).toString("hex")}-00`;
    return this.#traceparent;
  }

  end(): void {}
}

const untraced: StartSpan = (_name, { parent }) => new Untraced(parent);

let start = untraced;

export function startSpan(name: string, options: SpanOptions = {}): Span {
  return start(name, options);
}

/** True while spans are exported: only then are servers told of them. */
export function isTracing(): boolean {
  return start !== untraced;
}

/** From now on spans are made by `exported`. Returns what takes that back. */
export function exportSpans(exported: StartSpan): () => void {
  start = exported;
  return () => {
    if (start === exported) start = untraced;
  };
}
