// What a turn leaves behind it: a span around the whole, one around each request to the model and each tool call, and a happening
// at the end of each, from which the log and the metrics are made. Names, outcomes and figures only, never what was said.

import { announce, type Trail } from "../actors/telemetry/happenings.js";
import { type Span, startSpan } from "../actors/telemetry/spans.js";
import type { TokenUsage } from "../llm/provider.js";
import { BanyanError } from "../supervision/index.js";

/** A tool call under way. */
export interface ToolTrail {
  /** For the server: the span its own are part of. */
  readonly traceparent: string;
  /** The approval is there and the tool begins to run. */
  running(): void;
  /** Once; what follows is ignored. */
  ended(outcome: string): void;
}

export class TurnTrail {
  private readonly span: Span;
  private readonly trail: Trail;
  private readonly started = performance.now();
  private over = false;
  /** What ends each request and call under way. */
  private readonly open = new Set<(outcome: string) => void>();

  /** `process` is the id of the turn's process. */
  constructor(
    private readonly process: string,
    sessionId: string,
    requestId: string,
  ) {
    this.span = startSpan("turn", { attributes: { "session.id": sessionId, "banyan.request.id": requestId } });
    this.trail = { traceId: this.span.traceId, sessionId, requestId };
    announce({ type: "turn_started", process, ...this.trail });
  }

  /** Once; what follows is ignored. */
  ended(outcome: "done" | "failed" | "cancelled" | "crashed"): void {
    if (this.over) return;
    this.over = true;
    for (const end of this.open) end("cancelled");
    const { process, trail } = this;
    announce({ type: "turn", process, outcome, ms: performance.now() - this.started, ...trail });
    this.span.end({ error: outcome === "done" ? undefined : outcome });
  }

  /** A request to the model is sent. Returns what is to be called when its answer is over: once, what follows is
   * ignored. */
  modelRequest(model: string): (outcome: string, retry: boolean, usage: TokenUsage | undefined) => void {
    const attributes = { "gen_ai.operation.name": "chat", "gen_ai.request.model": model };
    const span = startSpan(`chat ${model}`, { kind: "client", parent: this.span.traceparent, attributes });
    const started = performance.now();
    const ended = (outcome: string, retry = false, usage?: TokenUsage): void => {
      if (!this.open.delete(ended)) return;
      announce({
        type: "model_request",
        model,
        outcome,
        retry,
        ms: performance.now() - started,
        ...(usage && { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens }),
        ...this.trail,
      });
      span.end({
        error: outcome === "done" ? undefined : outcome,
        ...(usage && {
          attributes: {
            "gen_ai.usage.input_tokens": usage.inputTokens,
            "gen_ai.usage.output_tokens": usage.outputTokens,
          },
        }),
      });
    };
    this.open.add(ended);
    return ended;
  }

  /** `id` is that of the call's message. */
  toolCall(tool: string, id: string): ToolTrail {
    const attributes = { "gen_ai.tool.name": tool, "banyan.request.id": id };
    const span = startSpan(`tool ${tool}`, { parent: this.span.traceparent, attributes });
    let began: number | undefined;
    const ended = (outcome: string): void => {
      if (!this.open.delete(ended)) return;
      const ms = began === undefined ? 0 : performance.now() - began;
      announce({ ...this.trail, type: "tool_call", tool, outcome, ms, requestId: id });
      span.end({ error: outcome === "done" ? undefined : outcome });
    };
    this.open.add(ended);
    return {
      traceparent: span.traceparent,
      running: () => {
        began = performance.now();
      },
      ended,
    };
  }
}

/** For figures: the code of an expected failure; anything else is a crash. */
export function codeOf(error: unknown): string {
  return error instanceof BanyanError ? error.code : "crashed";
}
