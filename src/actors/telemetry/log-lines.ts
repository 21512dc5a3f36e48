// Which line of the log a report or a happening becomes: its level, and fields without secrets. Of reports only what was looked
// through is written: states and messages hold the conversation.
import { describeReason, type Report, type ReportName } from "../../supervision/index.js";
import type { Happening, Trail } from "./happenings.js";
import type { LogLevel } from "./log-writer.js";
import { loggable } from "./redact.js";
import { readTraceparent } from "./spans.js";

export interface LogLine {
  readonly level: LogLevel;
  /** Made when they are written: of most lines nobody wants to hear. */
  fields(): Readonly<Record<string, unknown>>;
}

const HEALTH_LEVELS: Readonly<Record<string, LogLevel>> = { ok: "info", warn: "warn", error: "error" };
const LEVEL_OF: Record<ReportName, LogLevel> = {
  progress: "debug",
  alert: "error",
  warning: "warn",
  overflow: "warn",
  supervisor: "warn",
  crash: "error",
};

/** `trail`: what the process that is reported on was doing, where that is known. */
export function reportLine(report: Report, trail: Partial<Trail> | undefined): LogLine {
  const { kind, at: _, state: __, log: ___, message, reason, ...fields } = report;
  const error = typeof reason === "object" && "error" in reason ? reason.error : undefined;
  return {
    // An alert about a part's health may say that it is well again.
    level: HEALTH_LEVELS[String(report.health)] ?? LEVEL_OF[kind],
    fields: () =>
      loggable({
        event: kind === "alert" && report.stray === true ? "stray_error" : kind,
        ...trail,
        ...fields,
        // The name of the method that was in hand. What else is called a message is somebody's words.
        ...(kind === "crash" && typeof message === "string" ? { method: message } : {}),
        ...(reason === undefined ? {} : { reason: describeReason(reason) }),
        ...(error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {}),
      }),
  };
}

/** By far the most there are: of use to those alone who look for a fault. */
export function isDetail(happening: Happening): boolean {
  if (happening.type === "http_request") return happening.status < 500;
  if (happening.type === "client_request") return happening.outcome === "done" || happening.outcome === "cancelled";
  return happening.type === "server_request";
}

/** Undefined: it is counted, and not worth a line. */
export function happeningLine(happening: Happening): LogLine | undefined {
  const line = (level: LogLevel, fields: object): LogLine => ({
    level,
    fields: () => loggable({ event: happening.type, ...fields }),
  });
  switch (happening.type) {
    case "turn_started":
    case "tools":
    case "cache":
    case "catalog_query":
    case "catalog_index":
    case "refused":
      return undefined;
    case "turn":
      return line(happening.outcome === "crashed" ? "error" : "info", {
        ...trailOf(happening),
        ...timed("turn", happening),
      });
    case "model_request": {
      const { model, retry, inputTokens, outputTokens, outcome } = happening;
      const level = outcome === "done" || outcome === "cancelled" ? "info" : "warn";
      return line(level, { ...trailOf(happening), ...timed(model, happening), retry, inputTokens, outputTokens });
    }
    case "tool_call":
      return line("info", { ...trailOf(happening), ...timed(happening.tool, happening) });
    case "client_request": {
      const { session, method, tool, requestId, traceId } = happening;
      return line(isDetail(happening) ? "debug" : "info", {
        traceId,
        requestId,
        session,
        tool,
        ...timed(method, happening),
      });
    }
    case "http_request": {
      const { method, route, status, ms, requestId } = happening;
      return line(isDetail(happening) ? "debug" : "warn", {
        requestId,
        ...timed(`${method} ${route}`, { outcome: `${status}`, ms }),
      });
    }
    case "approval":
      return line("info", { method: happening.tool, decision: happening.decision });
    case "server_request": {
      const { server, method, traceparent } = happening;
      return line("debug", { traceId: readTraceparent(traceparent)?.traceId, server, ...timed(method, happening) });
    }
    case "settings":
    case "catalog":
      return line(happening.level, { text: happening.text });
    case "predecessor": {
      const { restarts, why, lastWords } = happening;
      return line("warn", { restarts, why, last_words: lastWords });
    }
    case "startup":
      return line("info", happening.profile);
    case "connection": {
      const { server, state, reason } = happening;
      return line(state === "parked" || state === "backoff" ? "warn" : "info", { server, state, reason });
    }
    case "server_stderr":
      return line("info", { server: happening.server, lines: happening.lines });
    case "server_warning":
      return line("warn", { server: happening.server, text: happening.text });
    case "breaker":
      return line(happening.state === "open" ? "warn" : "info", { service: happening.service, state: happening.state });
    case "store":
      return happening.outcome === "failed" ? line("error", timed(happening.operation, happening)) : undefined;
  }
}

function trailOf({ traceId, sessionId, requestId }: Trail): Trail {
  return { traceId, sessionId, requestId };
}

function timed(method: string, { outcome, ms }: { readonly outcome: string; readonly ms: number }) {
  return { method, outcome, duration_ms: Math.round(ms * 10) / 10 };
}
