// Turn: one answer, from the user's message to the last word about it. A temporary process of its own, so that the chat stays
// reachable while it works and Esc is simply its end: its signal then cancels the model's stream and every tool call under
// way. Each step is in the session before it is shown, so whatever dies, what was shown is there.
// It is linked to the chat: the chat's crash ends it, and the chat that comes back marks what was under way as interrupted.
import { setTimeout as sleep } from "node:timers/promises";
import { again } from "../actors/again.js";
import { BreakerOpenError, type CircuitBreaker } from "../actors/circuit-breaker.js";
import type { HealthMonitor } from "../actors/health/health-monitor.js";
import { type AssistantMessage, type StoredMessage, stamp, type ToolMessage } from "../actors/session/message.js";
import type { Session } from "../actors/session/session.js";
import type { Store } from "../actors/store/store.js";
import { costOf, type Price } from "../llm/price.js";
import {
  type ModelEvent,
  type ModelRequest,
  type Provider,
  ProviderError,
  type ThinkingEffort,
  type TokenUsage,
  type ToolCall,
} from "../llm/provider.js";
import { retryDelayMs } from "../llm/retry.js";
import { argumentsProblem } from "../llm/tool-arguments.js";
import type { Aggregator } from "../mcp/client/aggregator.js";
import { fingerprint } from "../mcp/client/fingerprint.js";
import type { NamespacedTool, ToolResult } from "../mcp/client/mcp-types.js";
import type { ResourceCache } from "../mcp/client/resource-cache.js";
import type { Router } from "../mcp/client/router/router.js";
import type { ServerManager } from "../mcp/client/server-manager.js";
import type { ToolChange } from "../mcp/client/tool-pins.js";
import type { ProgressWatcher } from "../mcp/client/tool-work.js";
import { BanyanError, GenServer, messageOf, type Named, type NoReply, type Ref, stop } from "../supervision/index.js";
import { isImage } from "./attachments.js";
import type { NoticeLevel, TurnState } from "./events.js";
import { GrowingAnswer } from "./growing-answer.js";
import type { MentionLimits } from "./mentions/read.js";
import { saveContent } from "./saved-content.js";
import { cutText, modelMessages, resultText } from "./transcript.js";
import { seenBy, TurnAttachments } from "./turn-attachments.js";
import type { TurnClock } from "./turn-clock.js";
import { type ToolTrail, TurnTrail } from "./turn-trail.js";

export interface ApprovalRequest {
  readonly callId: string;
  readonly tool: string;
  readonly description: string;
  readonly arguments: { readonly [key: string]: unknown };
  readonly readOnly: boolean;
  readonly fingerprint: string;
  /** How it differs from the tool the user has seen or accepted. */
  readonly change?: ToolChange;
}

export interface FormRequest {
  readonly id: string;
  /** What the arguments are for: a tool, or a command that takes some. */
  readonly tool: Pick<NamespacedTool, "name" | "inputSchema">;
  readonly known: { readonly [key: string]: unknown };
  readonly missing: readonly string[];
}

export type Approval = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/** The chat, as a turn sees it. */
export interface TurnOwner extends ProgressWatcher {
  turnState(state: TurnState): void;
  /** The message is in the session. */
  turnMessage(message: StoredMessage): void;
  turnDelta(id: string, text: string): void;
  note(level: NoticeLevel, text: string): void;
  approve(request: ApprovalRequest): NoReply | Approval;
  /** The arguments as the user filled them in, or undefined when dismissed. */
  fillForm(request: FormRequest): NoReply | { readonly [key: string]: unknown } | undefined;
}

export interface TurnOptions {
  readonly chat: Named<TurnOwner>;
  readonly session: Named<Session>;
  readonly servers: Named<ServerManager>;
  readonly router: Router;
  readonly aggregator: Named<Aggregator>;
  readonly breaker: Named<CircuitBreaker>;
  readonly health: Named<HealthMonitor>;
  readonly provider: Provider;
  /** Who answers in its place while the breaker is open or it has failed, in this order. The breaker guards the first alone. */
  readonly fallback: readonly Provider[];
  readonly prices: readonly Price[];
  readonly sessionId: string;
  readonly store: Named<Store>;
  readonly resources: Named<ResourceCache>;
  /** What the paths of mentioned files are relative to. */
  readonly folder: string;
  readonly mentions: MentionLimits;
  /** The id of the user's message that is answered. */
  readonly requestId: string;
  readonly system: string;
  /** Most rounds of tool calls. */
  readonly maxSteps: number;
  /** How long the turn may take; the chat's, which stops it while a question is open. */
  readonly clock: TurnClock;
  readonly temperature: number | undefined;
  readonly maxTokens: number | undefined;
  readonly thinking: ThinkingEffort | undefined;
  /** Most bytes of a tool's result that the model is given. */
  readonly maxResultBytes: number;
  /** The folder for what tools answer that is no text. */
  readonly results: string;
}

const FOREVER = Number.POSITIVE_INFINITY;

export class Turn extends GenServer<TurnOptions> {
  private options!: TurnOptions; // set by init, as are the seven below
  private chat!: Ref<TurnOwner>;
  private session!: Ref<Session>;
  private servers!: Ref<ServerManager>;
  private breaker!: Ref<CircuitBreaker>;
  private health!: Ref<HealthMonitor>;
  private trail!: TurnTrail;
  private attachments!: TurnAttachments;
  /** Of which models the user was told that they answer in the first one's place. */
  private readonly told = new Set<string>();

  protected override init(options: TurnOptions) {
    this.options = options;
    this.chat = this.use(options.chat);
    this.session = this.use(options.session);
    this.servers = this.use(options.servers);
    this.breaker = this.use(options.breaker);
    this.health = this.use(options.health);
    this.link(options.chat);
    const use = <T>(ref: Ref<T>): Ref<T> => this.use(ref);
    this.attachments = new TurnAttachments({ ...options, use, limits: options.mentions });
    const trail = new TurnTrail(this.self().id, options.sessionId, options.requestId);
    this.trail = trail;
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
    const { maxSteps } = this.options;
    await this.readMentions(signal);
    for (let step = 1; step <= maxSteps; step++) {
      signal.throwIfAborted();
      const calls = await this.ask(signal);
      if (calls.length === 0) return;
      this.chat.cast.turnState("running-tools");
      await Promise.all(calls.map((call) => this.runTool(call, signal)));
    }
    this.chat.cast.note("warn", `The turn stopped after ${maxSteps} rounds of tool calls; say "go on" to continue.`);
  }

  private async readMentions(signal: AbortSignal): Promise<void> {
    const { messages } = await again(() => this.session.call.view());
    const message = messages.findLast(({ id }) => id === this.options.requestId);
    if (message?.role !== "user" || message.unread === undefined) return;
    const read = await this.attachments.read(message, signal);
    if (read === undefined) return;
    await this.keep(read);
    const images = read.attachments?.filter(isImage) ?? [];
    const { provider } = this.options;
    if (images.length === 0 || (await provider.seesImages?.(signal)) === true) return;
    const names = images.map(({ name }) => name).join(", ");
    this.chat.cast.note("warn", `${provider.id} sees no images, so it is not shown ${names}; /models lists others.`);
  }

  // --- the model ---------------------------------------------------------------------------------------------------------

  /** One request to the model, or to those that stand in for it. Resolves with the tool calls it asks for. */
  private async ask(signal: AbortSignal): Promise<readonly ToolCall[]> {
    const { provider, fallback, system, temperature, maxTokens, thinking } = this.options;
    this.chat.cast.turnState("thinking");
    // Right after the start the servers are still on their way; a model not told of their tools would do without.
    await again(() => this.servers.with({ timeout: FOREVER }).call.settled());
    const [view, tools] = await Promise.all([
      again(() => this.session.call.view()),
      again(() => this.use(this.options.aggregator).call.tools()),
    ]);
    const request: ModelRequest = {
      system,
      messages: modelMessages(view.messages, await this.attachments.contentsOf(view.messages)),
      tools: this.options.router.visible(tools),
      ...(temperature === undefined ? {} : { temperature }),
      ...(maxTokens === undefined ? {} : { maxTokens }),
      ...(thinking === undefined ? {} : { thinking }),
    };
    let failed: unknown;
    for (const model of [provider, ...fallback]) {
      if (failed !== undefined) this.tellOfFallback(failed, model);
      try {
        return await this.askModel(model, request, tools, signal);
      } catch (error) {
        if (signal.aborted || !mayStandIn(error)) throw error;
        failed = error;
      }
    }
    throw failed;
  }

  private tellOfFallback(failed: unknown, { id }: Provider): void {
    if (this.told.has(id)) return;
    this.told.add(id);
    this.chat.cast.note("warn", `${messageOf(failed)} ${id} answers in its place.`);
  }

  private async askModel(
    model: Provider,
    request: ModelRequest,
    tools: readonly NamespacedTool[],
    signal: AbortSignal,
  ): Promise<readonly ToolCall[]> {
    const guarded = model === this.options.provider;
    for (let attempt = 1; ; attempt++) {
      if (guarded) await again(() => this.breaker.call.acquire());
      const message: AssistantMessage = {
        ...stamp(),
        role: "assistant",
        model: model.id,
        text: "",
        toolCalls: [],
        status: "streaming",
      };
      const answer = new GrowingAnswer(message, this.chat, (grown) => this.save(grown));
      const ended = this.trail.modelRequest(model.id);
      try {
        const messages = await seenBy(model, request.messages, signal);
        const events = model.stream({ ...request, messages }, signal);
        return await this.stream(events, answer, tools, guarded, (usage) => ended("done", false, usage));
      } catch (error) {
        const wait = error instanceof ProviderError ? retryDelayMs(error, attempt + 1) : undefined;
        ended(signal.aborted ? "cancelled" : codeOf(error), wait !== undefined, undefined);
        await this.modelFailed(answer, error, guarded, signal);
        if (wait === undefined || !(error instanceof ProviderError)) throw error;
        this.chat.cast.note("warn", `${messageOf(error)} Trying again in ${(wait / 1000).toFixed(1)} s.`);
        await sleep(wait, undefined, { signal });
      }
    }
  }

  private async stream(
    events: AsyncIterable<ModelEvent>,
    answer: GrowingAnswer,
    tools: readonly NamespacedTool[],
    guarded: boolean,
    answered: (usage: TokenUsage | undefined) => void,
  ): Promise<readonly ToolCall[]> {
    let form: Extract<ModelEvent, { type: "form" }> | undefined;
    let usage: TokenUsage | undefined;
    for await (const event of events) {
      if (event.type === "text") await answer.append(event.delta);
      else if (event.type === "thinking") answer.think(event.delta);
      else if (event.type === "thought") answer.thoughts.push(event.thought);
      else if (event.type === "tool-call") answer.calls.push(event.call);
      else if (event.type === "form") form = event;
      else if (event.type === "usage") {
        usage = event;
        await this.count(usage, answer.model);
      }
    }
    answered(usage);
    if (guarded) this.breaker.cast.succeeded();
    this.health.cast.record(true, "the model");
    if (form !== undefined) answer.calls.push(...(await this.completeForm(form, tools)));
    await answer.end("complete");
    return answer.calls;
  }

  private async count(usage: TokenUsage, model: string): Promise<void> {
    const { inputTokens, outputTokens } = usage;
    const cost = costOf(usage, model, this.options.prices);
    await again(() => this.session.call.addUsage(inputTokens, outputTokens, cost));
  }

  private async modelFailed(
    answer: GrowingAnswer,
    error: unknown,
    guarded: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    if (this.signal.aborted) throw this.signal.reason;
    if (error instanceof ProviderError && isTheService(error)) {
      if (guarded) this.breaker.cast.failed(messageOf(error));
      this.health.cast.record(false, "the model");
    }
    if (answer.begun) await answer.end(signal.aborted ? "interrupted" : "failed");
  }

  private async completeForm(
    { tool, known, missing }: Extract<ModelEvent, { type: "form" }>,
    tools: readonly NamespacedTool[],
  ): Promise<ToolCall[]> {
    const info = tools.find(({ name }) => name === tool);
    if (info === undefined) return [];
    const { id } = stamp();
    this.chat.cast.turnState("waiting-for-you");
    const values = await this.chat.with({ timeout: FOREVER }).call.fillForm({ id, tool: info, known, missing });
    return values === undefined ? [] : [{ id, name: tool, arguments: values }];
  }

  // --- tools -------------------------------------------------------------------------------------------------------------

  /** Asks for approval, runs the tool, and keeps what came of it. Never throws for a tool that failed: the model is told. */
  private async runTool(call: ToolCall, signal: AbortSignal): Promise<void> {
    const message: ToolMessage = {
      ...stamp(),
      role: "tool",
      callId: call.id,
      tool: call.name,
      arguments: { ...call.arguments },
      text: "",
      status: "waiting",
    };
    await this.keep(message);
    // Its time is its own: that of the user's answer is none of it.
    let started: number | undefined;
    const trail = this.trail.toolCall(call.name, message.id);
    const done = (
      status: ToolMessage["status"],
      text: string,
      images: Pick<ToolMessage, "attachments"> = {},
    ): Promise<void> => {
      trail.ended(status);
      const took = started === undefined ? {} : { durationMs: Math.round(performance.now() - started) };
      return this.keep({
        ...message,
        ...images,
        status,
        ...took,
        text: cutText(text, this.options.maxResultBytes, "bytes"),
      });
    };
    try {
      const unreadable = argumentsProblem(call);
      if (unreadable !== undefined) return await done("failed", unreadable);
      const info = await this.options.router.find(call.name, signal);
      const approval = await this.approved(message, info);
      if (!approval.allowed) return await done("denied", approval.reason);
      if (signal.aborted) return await done("cancelled", "The turn's time was over, so the tool was not run.");
      await this.keep({ ...message, status: "running" });
      trail.running();
      started = performance.now();
      const result = await this.callTool(info, message, trail, signal);
      started += result.askedMs ?? 0;
      this.health.cast.record(true, call.name); // a tool that says what went wrong has answered
      const text = resultText(result, await saveContent(result.content, this.options.results));
      const images = await this.attachments.ofResult(call.name, result.content);
      return await done(result.isError ? "failed" : "done", text || "(the tool answered with nothing)", images);
    } catch (error) {
      trail.ended(codeOf(error));
      if (!(error instanceof BanyanError)) throw error;
      if (isTheServer(error)) this.health.cast.record(false, call.name);
      return await done("failed", messageOf(error));
    }
  }

  private async approved(message: ToolMessage, info: NamespacedTool): Promise<Approval> {
    const change = await again(() => this.use(this.options.aggregator).call.changeOf(info));
    return this.chat.with({ timeout: FOREVER }).call.approve({
      callId: message.id,
      tool: info.name,
      description: info.description,
      arguments: message.arguments,
      readOnly: info.annotations.readOnly,
      fingerprint: fingerprint(info),
      ...(change === undefined ? {} : { change }),
    });
  }

  /** Another tool that the settings name in its place needs a yes of its own. */
  private callTool(
    info: NamespacedTool,
    message: ToolMessage,
    { traceparent }: ToolTrail,
    signal: AbortSignal,
  ): Promise<ToolResult> {
    const { router, sessionId, chat } = this.options;
    const note = (level: NoticeLevel, text: string): void => this.chat.cast.note(level, text);
    return router.call(info.name, message.arguments, {
      caller: sessionId,
      callId: message.id,
      fingerprint: fingerprint(info),
      signal,
      progress: chat,
      traceparent,
      onRetry: () => note("info", `${info.name} changes nothing, so it is sent again once its server is back.`),
      mayFallBack: async (other, error) => {
        note("warn", `${messageOf(error)} ${other.name} is to be called in its place.`);
        return (await this.approved(message, other)).allowed;
      },
    });
  }

  // --- keeping -----------------------------------------------------------------------------------------------------------

  /** On disk first, then on the screen. */
  private async keep(message: StoredMessage): Promise<void> {
    await this.save(message);
    this.chat.cast.turnMessage(message);
  }

  private save(message: StoredMessage): Promise<void> {
    return again(() => this.session.call.put(message));
  }
}

/** For figures: the code of an expected failure; anything else is a crash. */
function codeOf(error: unknown): string {
  return error instanceof BanyanError ? error.code : "crashed";
}

/** How a turn ended that did not say so itself. */
function endOf(reason: unknown): "cancelled" | "crashed" {
  return typeof reason === "object" && reason !== null && "error" in reason ? "crashed" : "cancelled";
}

/** Another model may answer where this one cannot now and has said nothing yet; a refused key or request is the user's to mend. */
function mayStandIn(error: unknown): boolean {
  if (error instanceof BreakerOpenError) return true;
  return error instanceof ProviderError && (error.retryable || error.code === "provider_rate_limited");
}

/** A refused key or request says nothing about the health of the service. */
function isTheService({ code }: ProviderError): boolean {
  return code !== "provider_auth" && code !== "provider_request";
}

/** A call of a tool that does not exist, or one that was taken back, says nothing about the health of its server. */
function isTheServer({ code }: BanyanError): boolean {
  return ["server_lost", "server_unavailable", "server_overloaded", "call_timed_out"].includes(code);
}
