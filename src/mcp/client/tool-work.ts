// One call of a tool, made ready to be sent: that it is still the tool the caller knows, who hears of its progress, and what becomes
// of its answer before the caller has it.
import type { From, Ref } from "../../supervision/index.js";
import { type Calls, callTime, type Work } from "./calls.js";
import { requiredPages } from "./elicited-url.js";
import { ServerProtocolError, ToolChangedError, VisitRequiredError } from "./errors.js";
import { fingerprint } from "./fingerprint.js";
import type { Progress, ServerNotification, ToolInfo, ToolResult } from "./mcp-types.js";
import type { Elicitor, Questions } from "./questions.js";
import type { ServerConfig } from "./server-config.js";
import { checked } from "./structured-output.js";

/** Who hears of a call's progress. */
export interface ProgressWatcher {
  toolProgress(callId: string, progress: Progress): void;
}

export interface ToolCallOptions {
  /** Names the call for `cancel` and for progress; unique among the calls under way. */
  readonly callId?: string | undefined;
  /** Milliseconds for waiting and running together; the server's configured time when absent. Progress begins them anew, up to
   * ten minutes beyond them; the time the user is asked does not count, likewise. Give the call itself more. */
  readonly timeoutMs?: number | undefined;
  readonly progress?: Ref<ProgressWatcher> | undefined;
  /** The span the call is part of, as the W3C writes it; the server is told while traces are exported. */
  readonly traceparent?: string | undefined;
  /** The tool as the caller knows it; if it is another one by the time of the call, it is not run ({@link ToolChangedError}). */
  readonly fingerprint?: string | undefined;
}

/** A call as a process was asked for it. */
export interface AskedCall extends ToolCallOptions {
  readonly callId: string;
  readonly name: string;
  readonly args: { readonly [key: string]: unknown };
  readonly from: From<ToolResult>;
}

export interface ToolWorkHost {
  readonly config: ServerConfig;
  readonly calls: Calls;
  readonly questions: Questions;
  /** Bound to the process that is asked. */
  readonly elicitor: Ref<Elicitor> | undefined;
  /** Over when that process ends. */
  readonly signal: AbortSignal;
  /** The tool as it is now. */
  tool(name: string): ToolInfo | undefined;
  heard(notification: ServerNotification): void;
}

export class ToolWork {
  constructor(private readonly host: ToolWorkHost) {}

  of(call: AskedCall): Work<ToolResult> {
    const { name, args, traceparent, fingerprint: expected } = call;
    const { config } = this.host;
    const known = this.host.tool(name);
    const safeToRetry = known?.annotations.readOnly === true || known?.annotations.idempotent === true;
    return {
      what: name,
      timeoutMs: call.timeoutMs ?? callTime(config.timeoutMs, known),
      safeToRetry,
      from: this.fromAsked(call.from),
      run: (connection, { giveUp }) => {
        // Only now, when it is sent: a server that was away comes back with the tools it has by then.
        const tool = this.host.tool(name);
        if (expected !== undefined && tool !== undefined && fingerprint(tool) !== expected) {
          return Promise.reject(new ToolChangedError(config.name, name));
        }
        const onProgress = this.progressOf(call);
        const answer = connection
          .callTool(name, args, { giveUp, safeToRetry, traceparent, onProgress, asTask: tool?.asTask })
          .catch((error: unknown) => this.visitFirst(name, error, giveUp?.signal));
        const schema = tool?.outputSchema;
        return schema === undefined ? answer : answer.then((result) => checked(result, schema));
      },
    };
  }

  private progressOf({ callId, progress }: AskedCall): ((made: Progress) => void) | undefined {
    if (progress === undefined) return undefined;
    return (made) => {
      this.host.calls.moved(callId);
      progress.cast.toolProgress(callId, made);
      this.host.heard({ type: "progress", callId, ...made });
    };
  }

  /** The caller, who is told how much of the time was the user's. */
  private fromAsked(from: From<ToolResult>): From<ToolResult> {
    const { questions } = this.host;
    const before = questions.askedMs;
    return {
      reply: (result) => {
        const askedMs = Math.round(questions.askedMs - before);
        return from.reply(askedMs > 0 ? { ...result, askedMs } : result);
      },
      fail: (error) => from.fail(error),
    };
  }

  /** A tool that cannot run before the user has been to a web page: the user is asked, and whoever called is told to call again. */
  private async visitFirst(tool: string, error: unknown, signal = this.host.signal): Promise<never> {
    const { elicitor, config, questions } = this.host;
    const pages = error instanceof ServerProtocolError ? requiredPages(error) : [];
    if (pages.length === 0 || elicitor === undefined) throw error;
    const visited: string[] = [];
    for (const page of pages) {
      const { action } = await questions.elicit(elicitor, page, signal);
      if (action !== "accept") throw new VisitRequiredError(config.name, tool, page.url, false);
      visited.push(page.url);
    }
    throw new VisitRequiredError(config.name, tool, visited.join(" and "), true);
  }
}
