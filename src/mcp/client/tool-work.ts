// One call of a tool, made ready to be sent: that it is still the tool the caller knows, who hears of its progress, and what becomes
// of its answer before the caller has it.
import type { From, Ref } from "../../supervision/index.js";
import { type Calls, callTime, type Work } from "./calls.js";
import { requiredPages } from "./elicited-url.js";
import { ServerProtocolError, ToolChangedError, VisitRequiredError } from "./errors.js";
import { fingerprint } from "./fingerprint.js";
import type { Progress, ServerNotification, ToolInfo, ToolResult } from "./mcp-types.js";
import { type Asked, type Elicitor, OWN_USER, type Questions } from "./questions.js";
import type { ServerConfig } from "./server-config.js";
import { checked } from "./structured-output.js";

/** Who hears of a call's progress. */
export interface ProgressWatcher {
  toolProgress(callId: string, progress: Progress): void;
}

/** Who asks a server for something, and what he calls that: unique among what is under way. */
export interface CallerOptions {
  readonly callId: string;
  /** Who answers what the server asks meanwhile; this program's user when absent. */
  readonly elicitor?: Ref<Elicitor>;
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
  /** Who answers what the server asks for this call; this program's user when absent. */
  readonly elicitor?: Ref<Elicitor> | undefined;
  /** The tool as the caller knows it; if it is another one by the time of the call, it is not run ({@link ToolChangedError}). */
  readonly fingerprint?: string | undefined;
}

/** A call as a process was asked for it. */
export interface AskedCall extends Omit<ToolCallOptions, "elicitor"> {
  readonly callId: string;
  readonly party: Asked;
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

/** A call that is not over. */
interface Open {
  readonly party: Asked;
  readonly since: number;
  /** How long somebody was waited for in it. */
  ms: number;
  /** The server has logged something that may be about it. */
  logged: boolean;
}

export class ToolWork {
  private readonly open = new Map<string, Open>();

  constructor(private readonly host: ToolWorkHost) {}

  begun(callId: string, party: Asked): void {
    this.open.set(callId, { party, since: performance.now(), ms: 0, logged: false });
  }

  /** Who answers what the server asks for the call; undefined when it is over. */
  partyOf(callId: string): Asked | undefined {
    return this.open.get(callId)?.party;
  }

  ended(callId: string): void {
    this.open.delete(callId);
  }

  /** He was being asked for so long, for whichever of his calls. */
  asked({ key }: Asked, ms: number): void {
    const now = performance.now();
    for (const call of this.open.values()) if (call.party.key === key) call.ms += Math.min(ms, now - call.since);
  }

  /** The server has logged something: about this call, or nobody knows about which. */
  logged(callId: string | undefined): void {
    for (const [id, call] of this.open) if (callId === undefined || callId === id) call.logged = true;
  }

  /** It has waited until now for others' calls to end. */
  admitted(callId: string): void {
    const call = this.open.get(callId);
    if (call !== undefined) call.ms = performance.now() - call.since;
  }

  of(call: AskedCall): Work<ToolResult> {
    const { callId, name, args, traceparent, fingerprint: expected } = call;
    const { config } = this.host;
    const known = this.host.tool(name);
    const safeToRetry = known?.annotations.readOnly === true || known?.annotations.idempotent === true;
    return {
      what: name,
      timeoutMs: call.timeoutMs ?? callTime(config.timeoutMs, known),
      safeToRetry,
      from: this.fromAsked(call),
      run: (connection, { giveUp }) => {
        // Only now, when it is sent: a server that was away comes back with the tools it has by then.
        const tool = this.host.tool(name);
        if (expected !== undefined && tool !== undefined && fingerprint(tool) !== expected) {
          return Promise.reject(new ToolChangedError(config.name, name));
        }
        const onProgress = this.progressOf(call);
        const answer = connection
          .callTool(name, args, { callId, giveUp, safeToRetry, traceparent, onProgress, asTask: tool?.asTask })
          .catch((error: unknown) => this.visitFirst(call, error, giveUp?.signal));
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

  /** The caller, who is told how much of the time was not the server's. */
  private fromAsked({ callId, from }: AskedCall): From<ToolResult> {
    return {
      reply: (result) => {
        const { ms = 0, logged = false } = this.open.get(callId) ?? {};
        const askedMs = Math.round(ms);
        this.open.delete(callId);
        if (askedMs === 0 && !logged) return from.reply(result);
        return from.reply({ ...result, ...(askedMs > 0 ? { askedMs } : {}), ...(logged ? { logged: true } : {}) });
      },
      fail: (error) => {
        this.open.delete(callId);
        return from.fail(error);
      },
    };
  }

  /** A tool that cannot run before the user has been to a web page: the user is asked, and whoever called is told to call again. A
   * client of ours gets the error itself, which tells it the same. */
  private async visitFirst(
    { name: tool, party }: AskedCall,
    error: unknown,
    signal = this.host.signal,
  ): Promise<never> {
    const { elicitor, config, questions } = this.host;
    const pages = error instanceof ServerProtocolError ? requiredPages(error) : [];
    if (pages.length === 0 || elicitor === undefined || party.key !== OWN_USER.key) throw error;
    const visited: string[] = [];
    for (const page of pages) {
      const { action } = await questions.elicitOwnUser(page, signal);
      if (action !== "accept") throw new VisitRequiredError(config.name, tool, page.url, false);
      visited.push(page.url);
    }
    throw new VisitRequiredError(config.name, tool, visited.join(" and "), true);
  }
}
