// Turn: one answer, from the user's message to the last word about it. A temporary process of its own, so that the chat stays
// reachable while it works and Esc is simply its end: its signal then cancels the model's stream and every tool call under
// way. Each step is in the session before it is shown, so whatever dies, what was shown is there.
// It is linked to the chat: the chat's crash ends it. Whatever ended it, the next one for the same message goes on from what is kept:
// no call that had ended is run again, one that was under way only with a yes (or if it changes nothing), and an answer that was
// cut off is asked for again in its place.
import { again } from "../actors/again.js";
import type { CircuitBreaker } from "../actors/circuit-breaker.js";
import type { HealthMonitor } from "../actors/health/health-monitor.js";
import { type StoredMessage, settled, stamp, type ToolMessage } from "../actors/session/message.js";
import type { Session } from "../actors/session/session.js";
import type { Store } from "../actors/store/store.js";
import type { ToolCall } from "../llm/provider.js";
import type { Aggregator } from "../mcp/client/aggregator.js";
import type { ResourceCache } from "../mcp/client/resource-cache.js";
import type { ServerManager } from "../mcp/client/server-manager.js";
import {
  BanyanError,
  child,
  describeReason,
  GenServer,
  isClean,
  messageOf,
  type Named,
  type Ref,
  startChild,
  stop,
} from "../supervision/index.js";
import type { MentionLimits } from "./mentions/read.js";
import { type ModelOptions, ModelRequests } from "./model-requests.js";
import { repeatedCall } from "./repeated-call.js";
import { MOST_RESUMED, type OpenCall, standingOf } from "./standing.js";
import { ToolRun } from "./tool-run.js";
import { TurnAttachments } from "./turn-attachments.js";
import type { TurnClock } from "./turn-clock.js";
import type { TurnOwner } from "./turn-owner.js";
import { TurnTrail } from "./turn-trail.js";

export interface TurnOptions extends ModelOptions {
  readonly chat: Named<TurnOwner>;
  readonly session: Named<Session>;
  readonly servers: Named<ServerManager>;
  readonly aggregator: Named<Aggregator>;
  readonly breaker: Named<CircuitBreaker>;
  readonly health: Named<HealthMonitor>;
  /** The dynamic supervisor that tool calls run under. */
  readonly tasks: Named<unknown>;
  readonly sessionId: string;
  /** The id of the user's message that is answered. */
  readonly requestId: string;
  /** Rounds of tool calls after which the user is asked. */
  readonly maxSteps: number;
  /** Tokens, sent and written, after which the user is asked. */
  readonly maxTokensOfTurn: number | undefined;
  /** How long the turn may take; the chat's, which stops it while a question is open. */
  readonly clock: TurnClock;
  /** Most bytes of a tool's result that the model is given. */
  readonly maxResultBytes: number;
  /** The folder for what tools answer that is no text. */
  readonly results: string;
  readonly store: Named<Store>;
  readonly resources: Named<ResourceCache>;
  /** What the paths of mentioned files are relative to. */
  readonly folder: string;
  readonly mentions: MentionLimits;
}

const FOREVER = Number.POSITIVE_INFINITY;
const TOOL_RUN = { restart: "temporary", shutdown: 1_000 } as const;

export class Turn extends GenServer<TurnOptions> {
  private options!: TurnOptions; // set by init, as are the five below
  private chat!: Ref<TurnOwner>;
  private session!: Ref<Session>;
  private trail!: TurnTrail;
  private attachments!: TurnAttachments;
  private model!: ModelRequests;
  /** What was spent when the user last let it go on. */
  private tokensFrom = 0;

  protected override init(options: TurnOptions) {
    this.options = options;
    this.chat = this.use(options.chat);
    this.session = this.use(options.session);
    this.link(options.chat);
    const trail = new TurnTrail(this.self().id, options.sessionId, options.requestId);
    this.trail = trail;
    this.attachments = new TurnAttachments((ref) => this.use(ref), options);
    this.model = new ModelRequests(options, {
      chat: this.chat,
      session: this.session,
      servers: this.use(options.servers),
      aggregator: this.use(options.aggregator),
      breaker: this.use(options.breaker),
      health: this.use(options.health),
      attachments: this.attachments,
      trail,
      ended: this.signal,
    });
    this.signal.addEventListener("abort", () => trail.ended(endOf(this.signal.reason)), { once: true });
    // Not bound to this process: it is said when this process has ended. A probe of the model that is broken off proves nothing.
    this.signal.addEventListener("abort", () => options.breaker.cast.released(), { once: true });
    this.continueWith("answer");
  }

  /** The whole turn. It holds the mailbox to its end; nobody calls a turn. */
  protected override async handleContinue() {
    const { clock } = this.options;
    const deadline = AbortSignal.any([this.signal, clock.signal]);
    try {
      await this.answer(deadline);
    } catch (error) {
      if (!(error instanceof BanyanError) && !deadline.aborted) throw error;
      if (this.signal.aborted) return undefined;
      const why = deadline.aborted
        ? `The turn took longer than ${clock.limitMs / 1000} s and was stopped.`
        : messageOf(error);
      this.chat.cast.note("error", why);
      this.trail.ended("failed");
    }
    this.trail.ended("done");
    return stop("normal");
  }

  private async answer(signal: AbortSignal): Promise<void> {
    const standing = standingOf(await this.messages(), this.options.requestId);
    if (standing.over) return;
    await this.readMentions(signal);
    let { calls, cutOff } = standing;
    for (let { rounds } = standing; ; rounds++) {
      if (rounds > 0 && cutOff === undefined) {
        await this.runTools(calls, signal);
        if (standing.byHand || (await this.goesInCircles()) || !(await this.isWithinLimits(rounds))) return;
      }
      signal.throwIfAborted();
      const asked = await this.model.ask(cutOff, signal);
      if (asked.length === 0) return;
      calls = asked.map((call) => ({ call, message: undefined }));
      cutOff = undefined;
    }
  }

  /** Once: a turn that goes on after a crash finds them read. */
  private async readMentions(signal: AbortSignal): Promise<void> {
    const message = (await this.messages()).findLast(({ id }) => id === this.options.requestId);
    if (message?.role !== "user" || message.unread === undefined) return;
    const read = await this.attachments.read(message, message.unread, signal);
    await this.keep(read);
    const unseen = await this.attachments.unseenBy(this.options.provider, read);
    if (unseen !== undefined) this.chat.cast.note("warn", unseen);
  }

  /** Or the user lets it go on past them. */
  private async isWithinLimits(rounds: number): Promise<boolean> {
    const { maxSteps, maxTokensOfTurn = Number.POSITIVE_INFINITY } = this.options;
    const { tokens } = this.model;
    if (rounds % maxSteps === 0) {
      return this.mayGoOn(`The turn took ${rounds} rounds of tool calls.`, `It may take ${maxSteps} more.`);
    }
    if (tokens - this.tokensFrom < maxTokensOfTurn) return true;
    this.tokensFrom = tokens;
    return this.mayGoOn(`The turn took ${tokens} tokens.`, `It may take ${maxTokensOfTurn} more.`);
  }

  /** A turn has reached a limit: the user is asked, and told how to go on later. */
  private async mayGoOn(reached: string, more: string): Promise<boolean> {
    const { id } = stamp();
    const asked = this.chat.with({ timeout: FOREVER, signal: this.signal }).call.mayGoOn({ id, reached, more });
    if (await asked) return true;
    this.chat.cast.note("warn", `${reached} It was stopped; say "go on" to continue.`);
    return false;
  }

  /** True, and said, when the model asks for the same again and again and gets the same. */
  private async goesInCircles(): Promise<boolean> {
    const repeated = repeatedCall(await this.messages(), this.options.requestId);
    if (repeated === undefined) return false;
    const { tool, times } = repeated;
    const said = `The model called ${tool} ${times} times in the same way and got the same result, so the turn was stopped`;
    this.chat.cast.note("warn", `${said}; say what it should do instead, or "go on".`);
    return true;
  }

  /** All are kept, in the order of the model, before any of them begins. */
  private async runTools(calls: readonly OpenCall[], deadline: AbortSignal): Promise<void> {
    if (calls.length > 0) this.chat.cast.turnState("running-tools");
    const runs: (() => Promise<void>)[] = [];
    for (const { call, message: kept } of calls) {
      const message: ToolMessage = kept ?? {
        ...stamp(),
        role: "tool",
        callId: call.id,
        tool: call.name,
        arguments: { ...call.arguments },
        text: "",
        status: "waiting",
      };
      if (kept === undefined) await this.keep(message);
      runs.push(() => this.runTool(call, message, deadline));
    }
    await Promise.all(runs.map((run) => run()));
  }

  /** However it ends, the turn goes on. One that crashes is started again, so often and no more. */
  private async runTool(call: ToolCall, message: ToolMessage, deadline: AbortSignal, crashes = 0): Promise<void> {
    const { chat, session, aggregator, health, router, sessionId, tasks, maxResultBytes, results, store } =
      this.options;
    const imageSizes = this.options.mentions.size;
    const trail = this.trail.toolCall(call.name, message.id);
    const arg = {
      ...{ chat, session, aggregator, health, router, sessionId, maxResultBytes, results, store, imageSizes },
      ...{ call, message, trail, turn: this.signal, deadline },
    };
    const started = await startChild(this.use(tasks), child(ToolRun, arg, TOOL_RUN));
    const reason = "ok" in started ? await started.ok?.down : { error: started.error };
    if (reason === undefined || reason === "normal" || this.signal.aborted) return;
    const stopped = isClean(reason) || reason === "killed";
    trail.ended(stopped ? "cancelled" : "crashed");
    this.chat.cast.note("warn", `${call.name} ${stopped ? "was stopped" : `crashed (${describeReason(reason)})`}.`);
    const kept = (await this.messages()).findLast(({ id }) => id === message.id) ?? message;
    if (!stopped && crashes < MOST_RESUMED && kept.role === "tool") {
      return this.runTool(call, kept, deadline, crashes + 1);
    }
    const marked = settled(kept);
    if (marked !== undefined) await this.keep(marked);
  }

  private async messages(): Promise<readonly StoredMessage[]> {
    return (await again(() => this.session.call.view())).messages;
  }

  /** On disk first, then on the screen. */
  private async keep(message: StoredMessage): Promise<void> {
    await again(() => this.session.call.put(message));
    this.chat.cast.turnMessage(message);
  }
}

/** How a turn ended that did not say so itself. */
function endOf(reason: unknown): "cancelled" | "crashed" {
  return typeof reason === "object" && reason !== null && "error" in reason ? "crashed" : "cancelled";
}
