// ToolRun: one tool call of a turn, in a process of its own, so that it is seen in the tree, can be ended alone, and takes nobody
// along when it crashes: its turn tells the model and goes on. It asks for approval, runs the tool, and keeps what came of it; a
// tool that failed is a result like any other.
// temporary, 1 s; it ends with its turn, and how far it got is in the session. One that is begun with a call that was under way runs it
// again with a yes to just that, or if it changes nothing.
import { again } from "../actors/again.js";
import type { HealthMonitor } from "../actors/health/health-monitor.js";
import type { KeptAttachment, ToolMessage } from "../actors/session/message.js";
import type { Session } from "../actors/session/session.js";
import type { Store } from "../actors/store/store.js";
import type { ToolCall } from "../llm/provider.js";
import { argumentsProblem } from "../llm/tool-arguments.js";
import type { Aggregator } from "../mcp/client/aggregator.js";
import { ServerLostError } from "../mcp/client/errors.js";
import { fingerprint } from "../mcp/client/fingerprint.js";
import { GiveUp } from "../mcp/client/give-up.js";
import type { NamespacedTool, ToolResult } from "../mcp/client/mcp-types.js";
import type { Router } from "../mcp/client/router/router.js";
import { BanyanError, exit, GenServer, messageOf, type Named, type Ref, stop } from "../supervision/index.js";
import { keepImages } from "./attachments.js";
import type { NoticeLevel } from "./events.js";
import type { SizeLimits } from "./mentions/content.js";
import { saveContent, saveText } from "./saved-content.js";
import { cutText, resultText } from "./transcript.js";
import type { Approval, TurnOwner } from "./turn-owner.js";
import { codeOf, type ToolTrail } from "./turn-trail.js";

export interface ToolRunOptions {
  readonly chat: Named<TurnOwner>;
  readonly session: Named<Session>;
  readonly aggregator: Named<Aggregator>;
  readonly health: Named<HealthMonitor>;
  readonly router: Router;
  readonly sessionId: string;
  readonly call: ToolCall;
  /** The call as it is kept: it waits, or was under way. */
  readonly message: ToolMessage;
  readonly trail: ToolTrail;
  /** Fires when the turn has ended. */
  readonly turn: AbortSignal;
  /** Fires when the turn has ended or its time is over. */
  readonly deadline: AbortSignal;
  /** Most bytes of the result that the model is given. */
  readonly maxResultBytes: number;
  /** The folder for what tools answer that is no text, or too long. */
  readonly results: string;
  /** Keeps the images of the result for the model, up to these sizes. */
  readonly store: Named<Store>;
  readonly imageSizes: SizeLimits;
}

const FOREVER = Number.POSITIVE_INFINITY;

export class ToolRun extends GenServer<ToolRunOptions> {
  private options!: ToolRunOptions; // set by init, as are the three below
  private chat!: Ref<TurnOwner>;
  private session!: Ref<Session>;
  private health!: Ref<HealthMonitor>;
  /** Its time is its own: that of the user's answer is none of it. */
  private started: number | undefined;

  protected override init(options: ToolRunOptions) {
    this.options = options;
    this.chat = this.use(options.chat);
    this.session = this.use(options.session);
    this.health = this.use(options.health);
    this.setLabel(options.call.name);
    if (options.turn.aborted) return stop("normal");
    options.turn.addEventListener("abort", () => exit(this.self(), "shutdown"), { once: true, signal: this.signal });
    this.continueWith("run");
    return undefined;
  }

  protected override async handleContinue() {
    const { call, trail } = this.options;
    try {
      await this.run();
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      trail.ended(codeOf(error));
      if (isTheServer(error)) this.health.cast.record(false, call.name);
      await this.done("failed", messageOf(error));
    }
    return stop("normal");
  }

  private async run(): Promise<void> {
    const { call, message, router, trail, deadline, results, store, imageSizes } = this.options;
    const unreadable = argumentsProblem(call);
    if (unreadable !== undefined) return this.done("failed", unreadable);
    const signal = AbortSignal.any([deadline, this.signal]);
    const info = await router.find(call.name, signal);
    const underWay = message.status === "running";
    const approval = await this.approved(info, underWay ? "The turn was broken off" : undefined);
    if (!approval.allowed) return this.done(underWay ? "interrupted" : "denied", approval.reason);
    if (signal.aborted) return this.done("cancelled", "The turn's time was over, so the tool was not run.");
    await this.keep({ ...message, status: "running" });
    trail.running();
    this.started = performance.now();
    const result = await this.callToItsEnd(info, signal);
    this.started += result.askedMs ?? 0;
    this.health.cast.record(true, call.name); // a tool that says what went wrong has answered
    const text = resultText(result, await saveContent(result.content, results));
    const attachments = await keepImages(this.use(store), call.name, result.content, imageSizes);
    return this.done(result.isError ? "failed" : "done", text || "(the tool answered with nothing)", attachments);
  }

  /** `runAgain`: why it is not known whether it took effect. */
  private async approved(info: NamespacedTool, runAgain?: string): Promise<Approval> {
    const { message, aggregator } = this.options;
    const change = await again(() => this.use(aggregator).call.changeOf(info));
    return this.chat.with({ timeout: FOREVER, signal: this.signal }).call.approve({
      callId: message.id,
      tool: info.name,
      server: info.server,
      description: info.description,
      arguments: message.arguments,
      readOnly: info.annotations.readOnly,
      fingerprint: fingerprint(info),
      ...(change === undefined ? {} : { change }),
      ...(runAgain === undefined ? {} : { again: runAgain }),
    });
  }

  /** A call whose server was lost under it may have taken effect, so it is the user's to say whether it is made again. */
  private async callToItsEnd(info: NamespacedTool, signal: AbortSignal): Promise<ToolResult> {
    let askedMs = 0;
    for (;;) {
      try {
        const result = await this.callTool(info, signal);
        return { ...result, askedMs: (result.askedMs ?? 0) + askedMs };
      } catch (error) {
        if (!(error instanceof ServerLostError) || error.safeToRetry || signal.aborted) throw error;
        const asked = performance.now();
        const { allowed } = await this.approved(info, "Its server was lost");
        askedMs += performance.now() - asked;
        if (!allowed) throw error;
      }
    }
  }

  /** Another tool that the settings name in its place needs a yes of its own. */
  private callTool(info: NamespacedTool, signal: AbortSignal): Promise<ToolResult> {
    const { router, sessionId, chat, message, trail } = this.options;
    const note = (level: NoticeLevel, text: string): void => this.chat.cast.note(level, text);
    return router.call(info.name, message.arguments, {
      caller: sessionId,
      callId: message.id,
      fingerprint: fingerprint(info),
      giveUp: GiveUp.at(signal),
      progress: chat,
      traceparent: trail.traceparent,
      onRetry: () => note("info", `${info.name} changes nothing, so it is sent again once its server is back.`),
      mayFallBack: async (other, error) => {
        note("warn", `${messageOf(error)} ${other.name} is to be called in its place.`);
        return (await this.approved(other)).allowed;
      },
    });
  }

  /** What comes of a call whose turn has ended is the chat's to say: it marks what was under way. */
  private async done(
    status: ToolMessage["status"],
    text: string,
    images: readonly KeptAttachment[] = [],
  ): Promise<void> {
    const { message, trail, turn, maxResultBytes, results } = this.options;
    if (turn.aborted) return;
    trail.ended(status);
    const given = cutText(text, maxResultBytes, "bytes");
    const whole = given === text ? undefined : await saveText(text, results);
    const took = this.started === undefined ? {} : { durationMs: Math.round(performance.now() - this.started) };
    const where = whole === undefined ? "" : `; all of it is in ${whole}`;
    const attachments = images.length === 0 ? {} : { attachments: [...images] };
    const more = { ...attachments, ...(whole !== undefined && { whole }) };
    await this.keep({ ...message, status, ...took, text: given + where, ...more });
  }

  /** On disk first, then on the screen. */
  private async keep(message: ToolMessage): Promise<void> {
    await again(() => this.session.call.put(message));
    this.chat.cast.turnMessage(message);
  }
}

/** A call of a tool that does not exist, or one that was taken back, says nothing about the health of its server. */
function isTheServer({ code }: BanyanError): boolean {
  return ["server_lost", "server_unavailable", "server_overloaded", "call_timed_out"].includes(code);
}
