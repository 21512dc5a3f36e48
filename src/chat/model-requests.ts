// What a turn asks of the model: one request after another, each with the conversation as it stands. A request that fails is sent
// again where that may help, then to the models that stand in. What the model says is in the session before it is shown.
import { setTimeout as sleep } from "node:timers/promises";
import { again } from "../actors/again.js";
import { BreakerOpenError, type CircuitBreaker } from "../actors/circuit-breaker.js";
import type { Settings } from "../actors/config/schema.js";
import type { HealthMonitor } from "../actors/health/health-monitor.js";
import { type AssistantMessage, stamp } from "../actors/session/message.js";
import type { Session } from "../actors/session/session.js";
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
import type { Aggregator } from "../mcp/client/aggregator.js";
import type { NamespacedTool } from "../mcp/client/mcp-types.js";
import type { Router } from "../mcp/client/router/router.js";
import type { ServerManager } from "../mcp/client/server-manager.js";
import { messageOf, type Ref } from "../supervision/index.js";
import { Compactor, type FittedRequest } from "./context/compactor.js";
import { GrowingAnswer } from "./growing-answer.js";
import type { TurnAttachments } from "./turn-attachments.js";
import type { TurnOwner } from "./turn-owner.js";
import { codeOf, type TurnTrail } from "./turn-trail.js";

export interface ModelOptions {
  readonly router: Router;
  readonly provider: Provider;
  /** Who answers in its place while the breaker is open or it has failed, in this order. The breaker guards the first alone. */
  readonly fallback: readonly Provider[];
  readonly prices: readonly Price[];
  readonly system: string;
  readonly context: Settings["context"];
  readonly temperature: number | undefined;
  readonly maxTokens: number | undefined;
  readonly thinking: ThinkingEffort | undefined;
}

/** Whom it works with; bound to the process of the turn. */
export interface ModelNeighbours {
  readonly chat: Ref<TurnOwner>;
  readonly session: Ref<Session>;
  readonly servers: Ref<ServerManager>;
  readonly aggregator: Ref<Aggregator>;
  readonly breaker: Ref<CircuitBreaker>;
  readonly health: Ref<HealthMonitor>;
  readonly attachments: TurnAttachments;
  readonly trail: TurnTrail;
  /** Fires when the turn has ended. */
  readonly ended: AbortSignal;
}

/** Where an answer stands in the conversation. */
type Place = Pick<AssistantMessage, "id" | "at">;

const FOREVER = Number.POSITIVE_INFINITY;

export class ModelRequests {
  /** Sent and written by the requests of this turn, as the providers count. */
  tokens = 0;
  /** Of which models the user was told that they answer in the first one's place. */
  private readonly told = new Set<string>();
  private readonly compactor: Compactor;

  constructor(
    private readonly options: ModelOptions,
    private readonly parts: ModelNeighbours,
  ) {
    const { system, context, maxTokens, prices } = options;
    this.compactor = new Compactor({ ...parts, settings: { context, maxTokens }, system, prices });
  }

  /** One request to the model, or to those that stand in for it. Resolves with the tool calls it asks for. The answer takes the place
   * of the one that was cut off. */
  async ask(cutOff: AssistantMessage | undefined, signal: AbortSignal): Promise<readonly ToolCall[]> {
    const { provider, fallback } = this.options;
    this.parts.chat.cast.turnState("thinking");
    // Right after the start the servers are still on their way; a model not told of their tools would do without.
    await again(() => this.parts.servers.with({ timeout: FOREVER }).call.settled());
    const tools = await again(() => this.parts.aggregator.call.tools());
    let failed: unknown;
    for (const model of [provider, ...fallback]) {
      if (failed !== undefined) this.tellOfFallback(failed, model);
      try {
        return await this.askFitting(model, cutOff ?? stamp(), tools, signal);
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
    this.parts.chat.cast.note("warn", `${messageOf(failed)} ${id} answers in its place.`);
  }

  /** With what fits the model; where it refuses even that as too long, once again with less. */
  private async askFitting(
    model: Provider,
    place: Place,
    tools: readonly NamespacedTool[],
    signal: AbortSignal,
  ): Promise<readonly ToolCall[]> {
    const fitting = await this.compactor.request(model, this.options.router.visible(tools), signal);
    try {
      return await this.askModel(model, fitting, place, tools, signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof ProviderError) || error.code !== "provider_too_long") throw error;
      const shorter = await this.compactor.shorter(model, fitting, error, signal);
      if (shorter === undefined) throw error;
      return await this.askModel(model, shorter, place, tools, signal);
    }
  }

  private async askModel(
    model: Provider,
    { request: sent, estimated }: FittedRequest,
    { id, at }: Place,
    tools: readonly NamespacedTool[],
    signal: AbortSignal,
  ): Promise<readonly ToolCall[]> {
    const { temperature, maxTokens, thinking } = this.options;
    const request: ModelRequest = {
      ...sent,
      messages: await this.parts.attachments.filled(sent.messages, model),
      ...(temperature === undefined ? {} : { temperature }),
      ...(maxTokens === undefined ? {} : { maxTokens }),
      ...(thinking === undefined ? {} : { thinking }),
    };
    this.parts.chat.cast.turnState("thinking");
    const guarded = model === this.options.provider;
    for (let attempt = 1; ; attempt++) {
      if (guarded) await again(() => this.parts.breaker.call.acquire());
      const message: AssistantMessage = {
        id,
        at,
        role: "assistant",
        model: model.id,
        text: "",
        toolCalls: [],
        status: "streaming",
      };
      const answer = new GrowingAnswer(message, this.parts.chat, (grown) =>
        again(() => this.parts.session.call.put(grown)),
      );
      const ended = this.parts.trail.modelRequest(model.id);
      try {
        const events = model.stream(request, signal);
        return await this.stream(events, answer, tools, guarded, (usage) => {
          ended("done", false, usage);
          if (usage !== undefined) this.parts.session.cast.measured(estimated, usage.inputTokens);
        });
      } catch (error) {
        const wait = error instanceof ProviderError ? pauseBeforeRetry(error, attempt + 1) : undefined;
        ended(signal.aborted ? "cancelled" : codeOf(error), wait !== undefined, undefined);
        this.modelFailed(error, guarded);
        if (wait === undefined || !(error instanceof ProviderError)) {
          if (answer.begun) await answer.end(signal.aborted ? "interrupted" : "failed");
          throw error;
        }
        const what = isCut(error) ? `The answer of ${model.id} was cut off; it is asked for again.` : messageOf(error);
        this.parts.chat.cast.note("warn", `${what} Trying again in ${(wait / 1000).toFixed(1)} s.`);
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
    if (guarded) this.parts.breaker.cast.succeeded();
    this.parts.health.cast.record(true, "the model");
    if (form !== undefined) answer.calls.push(...(await this.completeForm(form, tools)));
    await answer.end("complete");
    return answer.calls;
  }

  private async count(usage: TokenUsage, model: string): Promise<void> {
    const { inputTokens, outputTokens, cacheReadTokens } = usage;
    this.tokens += inputTokens + outputTokens;
    const cost = costOf(usage, model, this.options.prices);
    await again(() => this.parts.session.call.addUsage(inputTokens, outputTokens, cost, cacheReadTokens));
  }

  private modelFailed(error: unknown, guarded: boolean): void {
    if (this.parts.ended.aborted) throw this.parts.ended.reason;
    if (error instanceof ProviderError && error.isTheService) {
      if (guarded) this.parts.breaker.cast.failed(messageOf(error));
      this.parts.health.cast.record(false, "the model");
    }
  }

  private async completeForm(
    { tool, known, missing }: Extract<ModelEvent, { type: "form" }>,
    tools: readonly NamespacedTool[],
  ): Promise<ToolCall[]> {
    const info = tools.find(({ name }) => name === tool);
    if (info === undefined) return [];
    const { id } = stamp();
    this.parts.chat.cast.turnState("waiting-for-you");
    const values = await this.parts.chat
      .with({ timeout: FOREVER, signal: this.parts.ended })
      .call.fillForm({ id, tool: info, known, missing });
    return values === undefined ? [] : [{ id, name: tool, arguments: values }];
  }
}

/** Another model may answer where this one cannot now and has said nothing yet; a refused key or request is the user's to mend. */
function mayStandIn(error: unknown): boolean {
  if (error instanceof BreakerOpenError) return true;
  return error instanceof ProviderError && (error.retryable || error.code === "provider_rate_limited");
}

/** Milliseconds; undefined when it is not tried again. An answer that was cut off is asked for anew, whole. */
function pauseBeforeRetry(error: ProviderError, attempt: number): number | undefined {
  const { retryable, retryAfterMs } = error;
  return retryDelayMs({ retryable: retryable || isCut(error), retryAfterMs }, attempt);
}

function isCut({ code }: ProviderError): boolean {
  return code === "provider_cut";
}
