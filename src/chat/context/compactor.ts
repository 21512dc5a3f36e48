// The request a model is sent, made so that it fits: what is older is summed up by the model itself, or left out, and kept as one
// message in the session. That message is written at once: whoever is killed before it has the conversation as it was.
import { setTimeout as sleep } from "node:timers/promises";
import { again } from "../../actors/again.js";
import type { CircuitBreaker } from "../../actors/circuit-breaker.js";
import { type SummaryMessage, stamp } from "../../actors/session/message.js";
import type { Strategy } from "../../actors/session/own-context.js";
import type { Session, SessionView } from "../../actors/session/session.js";
import { costOf, type Price } from "../../llm/price.js";
import { type ModelRequest, type Provider, ProviderError, type ToolDescription } from "../../llm/provider.js";
import { retryDelayMs } from "../../llm/retry.js";
import { estimateTokens } from "../../llm/tokens.js";
import { BanyanError, messageOf, type Ref } from "../../supervision/index.js";
import type { NoticeLevel, TurnState } from "../events.js";
import type { SentMessage } from "../sent-message.js";
import { chooseKept } from "./choose.js";
import { messageTokens, storedTokens, sum, toolTokens } from "./estimate.js";
import { fitted } from "./fit.js";
import { referenceLines, references } from "./references.js";
import { type Room, type RoomSettings, roomOf } from "./room.js";
import { isRequest, sentAsItIs, sentMessages, sentTokens } from "./sent.js";
import { summaryRequest } from "./summary-request.js";

export interface CompactorOptions {
  /** Bound, as the two below, to the process that asks the model. */
  readonly session: Ref<Session>;
  readonly breaker: Ref<CircuitBreaker>;
  readonly chat: Ref<CompactorWatcher>;
  readonly settings: RoomSettings;
  /** What the model is told before the conversation, unless that has words of its own. */
  readonly system: string;
  readonly prices: readonly Price[];
}

export interface CompactorWatcher {
  turnState(state: TurnState): void;
  turnMessage(message: SummaryMessage): void;
  note(level: NoticeLevel, text: string): void;
}

export interface FittedRequest {
  readonly request: Pick<ModelRequest, "system" | "tools"> & { readonly messages: readonly SentMessage[] };
  /** Its tokens as they are estimated before they are corrected. */
  readonly estimated: number;
}

interface Compaction {
  /** What stays as it is may have so many tokens, by estimate. */
  readonly budget: number;
  readonly room: Room | undefined;
  /** What the user wants kept above all. */
  readonly focus: string;
  /** False: what is older is left out. */
  readonly byModel: boolean;
}

/** No model takes less than so many tokens: then none need be asked how much it takes. */
const FITS_ANY = 1_000;
/** Of the room, what the newest messages may take when the others are compacted. */
const KEPT_PART = 0.3;
/** And the references to the results of tools. */
const REFERENCES_PART = 0.1;
/** Less than this part of the room is not worth a request for a summary. */
const LEAST_GAIN = 0.05;
/** A model that refused a request as too long and did not say what it takes, takes so much of it. */
const LESS = 0.6;
/** And one that was refused had at least so much of what the model takes. */
const MORE = 1.2;

export class Compactor {
  private toldOfTools = false;

  constructor(private readonly options: CompactorOptions) {}

  /** What is to be sent now. May ask the model for a summary first. */
  async request(model: Provider, tools: readonly ToolDescription[], signal: AbortSignal): Promise<FittedRequest> {
    const view = await this.view();
    const full = this.requestOf(view, tools);
    if (full.estimated * view.context.factor < FITS_ANY) return full;
    const room = await this.room(model, view);
    if (room === undefined || this.strategyOf(view) === "none") return full;
    if (full.estimated * view.context.factor <= room.threshold) return full;
    const compacted = await this.compact(model, view, room, tools, signal);
    return this.cut(compacted ? this.requestOf(await this.view(), tools) : full, view, room);
  }

  /** What is to be sent in place of a request that the model refused as too long; undefined when nothing shorter can be. */
  async shorter(
    model: Provider,
    refused: FittedRequest,
    { window }: ProviderError,
    signal: AbortSignal,
  ): Promise<FittedRequest | undefined> {
    const before = await this.view();
    if (this.strategyOf(before) === "none") return undefined;
    const counted = refused.estimated * before.context.factor;
    const tokens = window ?? Math.floor(counted * LESS);
    const { session } = this.options;
    await again(() => session.call.setContext({ learned: { model: model.id, tokens } }));
    // It was less by our count, so we count too little.
    if (tokens > counted) await again(() => session.call.measured(refused.estimated, Math.ceil(tokens * MORE)));
    const view = await this.view();
    const room = await this.room(model, view);
    if (room === undefined) return undefined;
    const { tools } = refused.request;
    const compacted = await this.compact(model, view, room, tools, signal);
    const request = this.cut(compacted ? this.requestOf(await this.view(), tools) : refused, view, room);
    return request.estimated < refused.estimated ? request : undefined;
  }

  /** By hand: whatever there is before the last messages. Undefined when there is nothing to compact. */
  async compactNow(model: Provider, focus: string, signal: AbortSignal): Promise<SummaryMessage | undefined> {
    const view = await this.view();
    const room = await this.room(model, view);
    const messages = sentAsItIs(view);
    const tokens = (list: typeof messages) => sum(list.map(({ message }) => storedTokens(message)));
    const lastExchange = tokens(messages.slice(messages.findLastIndex(isRequest)));
    const budget = Math.min(Math.max(tokens(messages) * KEPT_PART, lastExchange), this.budget(view, room));
    return this.compactTo(model, view, { budget, room, focus, byModel: true }, signal);
  }

  private async compact(
    model: Provider,
    view: SessionView,
    room: Room,
    tools: readonly ToolDescription[],
    signal: AbortSignal,
  ): Promise<boolean> {
    this.tellOfTools(view, room, tools);
    const messages = sum(sentAsItIs(view).map(({ message }) => storedTokens(message)));
    const others = this.requestOf(view, tools).estimated - messages;
    const budget = Math.min(this.budget(view, room), room.threshold / view.context.factor - others);
    // Else every request would be preceded by one for a summary where the tools alone fill the room.
    if ((messages - Math.max(0, budget)) * view.context.factor < room.limit * LEAST_GAIN) return false;
    const byModel = this.strategyOf(view) === "compact";
    const summary = await this.compactTo(model, view, { budget, room, focus: "", byModel }, signal);
    return summary !== undefined;
  }

  private async compactTo(
    model: Provider,
    view: SessionView,
    { budget, room, focus, byModel }: Compaction,
    signal: AbortSignal,
  ): Promise<SummaryMessage | undefined> {
    const choice = chooseKept(sentAsItIs(view), budget);
    const first = choice?.kept[0];
    if (choice === undefined || first === undefined) return undefined;
    const { summary: earlier } = view;
    // The user's last message may be sent again after it was summed up; it is counted once.
    const count = choice.compacted.filter(({ position }) => position >= (earlier?.keptFrom ?? 0)).length;
    const before = this.tokensOf(view);
    let text = "";
    if (byModel) {
      this.options.chat.cast.note("info", `Summing up ${count} earlier messages to make room; Esc stops it.`);
      this.options.chat.cast.turnState("compacting");
      const limit = (room?.limit ?? Number.MAX_SAFE_INTEGER) / view.context.factor;
      const request = summaryRequest({ earlier, messages: choice.compacted, focus, budget: limit });
      text = await this.summed(model, request, signal);
    }
    const most = (room?.limit ?? Number.MAX_SAFE_INTEGER) * REFERENCES_PART;
    const summary: SummaryMessage = {
      ...stamp(),
      role: "summary",
      model: text === "" ? "" : model.id,
      text: text === "" ? (earlier?.text ?? "") : text,
      keptFrom: first.position,
      messages: (earlier?.messages ?? 0) + count,
      tokensBefore: before,
      tokensAfter: 0,
      calls: within(references(earlier?.calls ?? [], choice.compacted), most),
      status: "complete",
    };
    const whole = { ...summary, tokensAfter: this.tokensOf({ ...view, summary }) };
    await again(() => this.options.session.call.put(whole));
    this.options.chat.cast.turnMessage(whole);
    return whole;
  }

  /** Empty, and said, when the model cannot: then what is older is left out. */
  private async summed(model: Provider, request: ModelRequest, signal: AbortSignal): Promise<string> {
    const { breaker, chat } = this.options;
    if (model.contextWindow === undefined) {
      chat.cast.note("warn", `${model.id} cannot sum up what was said, so it is left out of what is sent.`);
      return "";
    }
    for (let attempt = 1; ; attempt++) {
      try {
        await again(() => breaker.call.acquire());
        const text = await this.answer(model, request, signal);
        breaker.cast.succeeded();
        if (text !== "") return text;
        chat.cast.note("warn", `${model.id} summed up nothing, so what was said earlier is left out of what is sent.`);
        return "";
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof BanyanError)) throw error;
        const wait = error instanceof ProviderError ? retryDelayMs(error, attempt + 1) : undefined;
        if (error instanceof ProviderError && error.isTheService) breaker.cast.failed(messageOf(error));
        if (wait === undefined) {
          chat.cast.note(
            "warn",
            `${messageOf(error)} What was said earlier is left out of what is sent, not summed up.`,
          );
          return "";
        }
        await sleep(wait, undefined, { signal });
      }
    }
  }

  private async answer(model: Provider, request: ModelRequest, signal: AbortSignal): Promise<string> {
    const { session, prices } = this.options;
    let text = "";
    for await (const event of model.stream(request, signal)) {
      if (event.type === "text") text += event.delta;
      else if (event.type === "usage") {
        const { inputTokens, outputTokens, cacheReadTokens } = event;
        const cost = costOf(event, model.id, prices);
        await again(() => session.call.addUsage(inputTokens, outputTokens, cost, cacheReadTokens));
      }
    }
    return text.trim();
  }

  /** What is left of the room for the newest messages, by estimate. */
  private budget(view: SessionView, room: Room | undefined): number {
    return room === undefined ? Number.MAX_SAFE_INTEGER : (room.limit * KEPT_PART) / view.context.factor;
  }

  private requestOf(view: SessionView, tools: readonly ToolDescription[]): FittedRequest {
    const system = view.context.system ?? this.options.system;
    const estimated = fixedTokens(system, tools) + sentTokens(view);
    return { request: { system, messages: sentMessages(view), tools }, estimated };
  }

  /** With texts cut where even the newest messages do not fit. */
  private cut(full: FittedRequest, { context: { factor } }: SessionView, room: Room): FittedRequest {
    if (full.estimated * factor <= room.limit) return full;
    const { system = "", tools, messages } = full.request;
    const fixed = fixedTokens(system, tools);
    const cut = fitted(messages, Math.max(0, room.limit / factor - fixed));
    return { request: { ...full.request, messages: cut }, estimated: fixed + sum(cut.map(messageTokens)) };
  }

  private tellOfTools({ context: { factor } }: SessionView, room: Room, tools: readonly ToolDescription[]): void {
    const tokens = sum(tools.map(toolTokens)) * factor;
    if (this.toldOfTools || tokens < room.limit / 2) return;
    this.toldOfTools = true;
    const text = `The tools alone fill ${percent(tokens, room.limit)} of what the model takes: /disconnect servers that are not needed, or choose a model with a larger window.`;
    this.options.chat.cast.note("warn", text);
  }

  /** Of the messages that are sent. */
  private tokensOf(view: SessionView): number {
    return Math.round(sentTokens(view) * view.context.factor);
  }

  private strategyOf({ context }: SessionView): Strategy {
    return context.strategy ?? this.options.settings.context.strategy;
  }

  private room(model: Provider, { context: { learned } }: SessionView): Promise<Room | undefined> {
    return roomOf(model, this.options.settings, learned?.model === model.id ? learned.tokens : undefined);
  }

  private view(): Promise<SessionView> {
    return again(() => this.options.session.call.view());
  }
}

/** What is sent whatever was said. */
function fixedTokens(system: string, tools: readonly ToolDescription[]): number {
  return estimateTokens(system) + sum(tools.map(toolTokens));
}

/** The newest references that have at most so many tokens together. */
function within(calls: SummaryMessage["calls"], most: number): SummaryMessage["calls"] {
  let kept = calls;
  while (kept.length > 0 && estimateTokens(referenceLines(kept)) > most) kept = kept.slice(Math.ceil(kept.length / 4));
  return kept;
}

export function percent(part: number, whole: number): string {
  return `${Math.round((part / whole) * 100)}%`;
}
