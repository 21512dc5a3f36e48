// The Router: the one way to call a tool, for the chat, the command line and whoever else. A plain object that callers share; a
// call goes from its caller to the server's wrapper and back, and through no other process: where a tool runs is asked of the
// ServerManager once and remembered until something about the servers changes. Its figures, breakers and lines are in memory,
// outlive every process of the tree, and are gathered anew when the program starts again.
//
// A call is sent again only where that can do no harm: it was never sent, or its server was lost and the tool says that it is
// read-only or idempotent. What has perhaps taken effect is never repeated; its error says so.
import { setTimeout as sleep } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import { again } from "../../../actors/again.js";
import { showQueues } from "../../../actors/telemetry/queues.js";
import type { Ref } from "../../../supervision/index.js";
import { callTime } from "../calls.js";
import { CallCancelledError, ServerLostError, ServerProtocolError, ServerUnavailableError } from "../errors.js";
import { fingerprint } from "../fingerprint.js";
import { GiveUp } from "../give-up.js";
import type { NamespacedTool, ToolResult } from "../mcp-types.js";
import type { Elicitor } from "../questions.js";
import { optional } from "../sdk-shapes.js";
import type { ServerManager } from "../server-manager.js";
import type { ProgressWatcher } from "../tool-work.js";
import { inOrder } from "./balance.js";
import { explain, isGone, isTheServers, mayBeRepeated } from "./failures.js";
import { RetryBudget } from "./retry-budget.js";
import type { Routing } from "./routing.js";
import { newsSoFar } from "./server-news.js";
import { Capability, Lane, Upstream } from "./upstream.js";

type Arguments = Readonly<Record<string, unknown>>;

export interface RoutedCallOptions {
  /** Who calls: those that wait for the same server take turns. */
  readonly caller?: string;
  /** Names the call for progress; unique among the calls under way. */
  readonly callId?: string | undefined;
  /** Milliseconds for waiting and running together; the server's own time when absent. */
  readonly timeoutMs?: number;
  /** Gives up; the server is told. The Router listens to it alone. */
  readonly giveUp?: GiveUp | undefined;
  readonly progress?: Ref<ProgressWatcher> | undefined;
  /** Who answers what the server asks for this call; this program's user when absent. */
  readonly elicitor?: Ref<Elicitor> | undefined;
  /** The span the call is part of, as the W3C writes it. */
  readonly traceparent?: string | undefined;
  /** With `balance = "hash"`: calls with the same key go to the same replica. The arguments when absent. */
  readonly key?: string;
  /** The tool as the caller knows it: one that is another by now is not run. */
  readonly fingerprint?: string;
  /** The call is made again, because of this error. */
  readonly onRetry?: (error: Error) => void;
  /** Asked before another tool is called in its place; without it, it is. */
  readonly mayFallBack?: (tool: NamespacedTool, error: Error) => Promise<boolean>;
}

/** How a tool does, over all replicas of its server. */
export interface ToolFigures {
  readonly calls: number;
  readonly errors: number;
  readonly latencyMs: number;
  readonly errorRate: number;
  readonly cost: number;
  readonly breaker: "closed" | "open" | "half-open";
  /** Left out of lists until it is well. */
  readonly hidden: boolean;
}

/** The way to a tool, as last asked for. */
interface Way {
  readonly info: NamespacedTool;
  readonly timeoutMs: number;
  readonly routing: Routing;
  readonly lanes: readonly Lane[];
  readonly group: Group;
  readonly safe: boolean;
  /** {@link newsSoFar} when it was asked. */
  readonly news: number;
}

/** What replicas of one server share. */
interface Group {
  turn: number;
  readonly budget: RetryBudget;
}

/** One attempt: what of the caller's wishes it needs, and what ends it alone. */
interface Attempt {
  readonly way: Way;
  readonly args: Arguments;
  readonly options: RoutedCallOptions;
  readonly deadline: number;
  readonly giveUp: GiveUp | undefined;
  /** A lane to take only if there is no other. */
  readonly avoid?: Lane | undefined;
  /** Told of the lane it goes by. */
  readonly onLane?: (lane: Lane) => void;
}

const MOST_TOOLS = 20_000;
const MOST_SERVERS = 2_000;
const MOST_TRIES = 3;
const RETRY_MS = 100;
const LEAST_HEDGE_MS = 10;
const FOREVER = Number.POSITIVE_INFINITY;
const NO_OPTIONS: RoutedCallOptions = {};

export class Router {
  private readonly ways = new LRUCache<string, Way>({ max: MOST_TOOLS });
  private readonly tools = new LRUCache<string, Capability>({ max: MOST_TOOLS });
  private readonly servers = new LRUCache<string, Upstream>({ max: MOST_SERVERS });
  private readonly groups = new LRUCache<string, Group>({ max: MOST_SERVERS });
  private calls = 0;

  constructor(private readonly manager: Ref<ServerManager>) {}

  /** What is known of the tool `server.tool`. Waits for a server that is on its way. */
  async find(tool: string, signal?: AbortSignal): Promise<NamespacedTool> {
    return (await this.way(tool, signal)).info;
  }

  /** Runs a tool. Rejects with the typed error of why there is no answer; a {@link ServerLostError} says whether it is safe to
   * send it again. */
  async call(tool: string, args: Arguments, options: RoutedCallOptions = NO_OPTIONS): Promise<ToolResult> {
    let way = this.known(tool) ?? (await this.way(tool, options.giveUp?.signal));
    const deadline = performance.now() + (options.timeoutMs ?? way.timeoutMs);
    way.group.budget.called();
    for (let tries = 1; ; tries++) {
      try {
        return await this.once(way, args, options, deadline);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        const pause = pauseBeforeRetry(error, way, tries, deadline, options.giveUp);
        if (pause === undefined) return await this.instead(error, way, args, options, deadline);
        options.onRetry?.(error);
        await sleep(pause, undefined, optional({ signal: options.giveUp?.signal })).catch(() => {});
        way = await this.way(tool, options.giveUp?.signal);
      }
    }
  }

  /** Those of the tools that are well enough to be offered. */
  visible<T extends { readonly name: string }>(tools: readonly T[]): readonly T[] {
    const now = performance.now();
    return tools.filter(({ name }) => !this.isHidden(name, now));
  }

  /** Undefined for a tool that was not called yet. */
  figures(tool: string): ToolFigures | undefined {
    const way = this.ways.peek(tool);
    if (way === undefined) return undefined;
    const each = way.lanes.map((lane) => lane.tool.figures);
    const sum = (of: (figures: (typeof each)[number]) => number): number => each.reduce((all, one) => all + of(one), 0);
    const calls = sum((one) => one.calls);
    if (calls === 0) return undefined;
    const now = performance.now();
    const open = way.lanes.filter((lane) => lane.isOpen(now)).length;
    const troubled = way.lanes.some(({ tool, server }) => !isClosed(tool) || !isClosed(server));
    return {
      calls,
      errors: sum((one) => one.errors),
      latencyMs: sum((one) => one.calls * one.latencyMs) / calls,
      errorRate: sum((one) => one.calls * one.errorRate) / calls,
      cost: way.routing.costs[way.info.tool] ?? 1,
      breaker: open === way.lanes.length ? "open" : troubled ? "half-open" : "closed",
      hidden: this.isHidden(tool, now),
    };
  }

  /** For the metrics, of every server that was called; what it answers ends that. */
  show(): () => void {
    return showQueues(() =>
      Array.from(this.servers.values(), ({ name, slots, breaker }) => ({
        queue: `server ${name}`,
        ...{ inFlight: slots.inUse, waiting: slots.waiting, breaker: breaker.status.state },
      })),
    );
  }

  // --- the way to a tool -------------------------------------------------------------------------------------------------

  private known(tool: string): Way | undefined {
    const way = this.ways.get(tool);
    return way?.news === newsSoFar() ? way : undefined;
  }

  private async way(tool: string, signal?: AbortSignal): Promise<Way> {
    const known = this.known(tool);
    if (known !== undefined) return known;
    const news = newsSoFar();
    const manager = this.manager.with({ timeout: FOREVER, ...optional({ signal }) });
    const { info, targets, timeoutMs, routing } = await again(() => manager.call.route(tool)).catch(
      (error: unknown) => {
        throw signal?.aborted ? new CallCancelledError(tool.slice(0, tool.indexOf(".")), tool) : error;
      },
    );
    const { readOnly, idempotent } = info.annotations;
    const cost = Math.min(routing.costs[info.tool] ?? 1, routing.concurrency);
    const lanes = targets.map(({ server: name, wrapper }) => {
      const server = kept(this.servers, name, () => new Upstream(name, routing.concurrency));
      server.slots.limit = routing.concurrency;
      const path = `${name}.${info.tool}`;
      const own = kept(this.tools, path, () => new Capability(path));
      return new Lane(name, wrapper.with({ timeout: FOREVER }), server, own, cost);
    });
    const group = kept(this.groups, info.server, () => ({ turn: 0, budget: new RetryBudget() }));
    const way = {
      info,
      timeoutMs: callTime(timeoutMs, info),
      routing,
      lanes,
      group,
      safe: readOnly || idempotent,
      news,
    };
    this.ways.set(tool, way);
    return way;
  }

  private isHidden(tool: string, now: number): boolean {
    const way = this.ways.peek(tool);
    if (way === undefined) return false;
    const { hideAfterMs } = way.routing;
    return way.lanes.every((lane) => lane.isOpenFor(hideAfterMs, now));
  }

  // --- one call ----------------------------------------------------------------------------------------------------------

  private once(way: Way, args: Arguments, options: RoutedCallOptions, deadline: number): Promise<ToolResult> {
    const { hedge } = way.routing;
    const attempt = { way, args, options, deadline, giveUp: options.giveUp };
    return hedge === false || !way.info.annotations.readOnly ? this.attempt(attempt) : this.hedged(attempt, hedge);
  }

  private async attempt({ way, args, options, deadline, giveUp, avoid, onLane }: Attempt): Promise<ToolResult> {
    const lane = this.choose(way, args, options.key, avoid);
    onLane?.(lane);
    const { server, tool, cost } = lane;
    lane.acquire();
    const what = way.info.tool;
    if (!server.slots.take(cost)) {
      const ms = Math.max(0, deadline - performance.now());
      try {
        await server.slots.wait({ caller: options.caller ?? "", what, cost, ms, signal: giveUp?.signal });
      } catch (error) {
        lane.released();
        throw error;
      }
    }
    tool.running++;
    const started = performance.now();
    try {
      const result = await this.send(lane, what, args, options, Math.max(1, Math.round(deadline - started)), giveUp);
      lane.answered(performance.now() - started - (result.askedMs ?? 0));
      return result;
    } catch (error) {
      const why = explain(error, lane.name, what, way.safe);
      if (isTheServers(why)) lane.failed(why.message, performance.now());
      // A refusal is an answer. What was never sent, or given up by its caller, tells nothing.
      else if (why instanceof ServerProtocolError) lane.answered(performance.now() - started);
      else lane.released();
      throw why;
    } finally {
      tool.running--;
      server.slots.give(cost);
    }
  }

  private send(
    { wrapper, name }: Lane,
    tool: string,
    args: Arguments,
    options: RoutedCallOptions,
    timeoutMs: number,
    giveUp: GiveUp | undefined,
  ): Promise<ToolResult> {
    const { progress, elicitor, traceparent, fingerprint } = options;
    let { callId } = options;
    if (giveUp?.reason !== undefined) throw new CallCancelledError(name, tool);
    if (giveUp !== undefined) {
      const id = callId ?? `routed-${++this.calls}`;
      callId = id;
      // A wrapper that has answered it by then knows no such call any more.
      giveUp.onGivenUp(() => wrapper.cast.cancel(id));
    }
    return wrapper.call.callTool(tool, args, { callId, timeoutMs, progress, elicitor, traceparent, fingerprint });
  }

  private choose(way: Way, args: Arguments, key: string | undefined, avoid: Lane | undefined): Lane {
    const { lanes, routing, group } = way;
    const now = performance.now();
    const [only] = lanes;
    const order =
      lanes.length === 1 ? lanes : inOrder(lanes, routing.balance, group.turn++, () => key ?? JSON.stringify(args));
    const free = order.filter((lane) => !lane.isOpen(now));
    const found = free.find(({ name }) => name !== avoid?.name) ?? free[0];
    if (found !== undefined) return found;
    if (only !== undefined) throw only.refusal(now);
    throw new ServerUnavailableError(way.info.server, "gone", undefined, undefined);
  }

  // --- when once is not enough -------------------------------------------------------------------------------------------

  /** Sends it a second time if the first takes too long; whichever answers first counts, the other is taken back. */
  private async hedged(attempt: Attempt, hedge: true | number): Promise<ToolResult> {
    const { way, options } = attempt;
    let lane: Lane | undefined;
    const over = [new GiveUp(), new GiveUp()] as const;
    const whole = options.giveUp;
    const cancel = (why: Error): void => {
      for (const each of over) each.because(why);
    };
    whole?.onGivenUp(cancel);
    if (whole?.reason !== undefined) cancel(whole.reason);
    const first = this.attempt({ ...attempt, giveUp: over[0], onLane: (taken) => (lane = taken) });
    const ms = hedge === true ? Math.max(LEAST_HEDGE_MS, lane?.tool.figures.slowMs ?? 0) : hedge;
    try {
      const late = new AbortController();
      const slow = sleep(ms, "slow" as const, { signal: late.signal }).catch(() => "slow" as const);
      const sooner = await Promise.race([first, slow]).finally(() => late.abort());
      if (sooner !== "slow") return sooner;
      if (!way.group.budget.take()) return await first;
      const { callId, progress: _, ...rest } = options;
      const own = callId === undefined ? rest : { ...rest, callId: `${callId}~2` };
      const second = this.attempt({ ...attempt, options: own, giveUp: over[1], avoid: lane });
      // The first error is what is told if both fail.
      return await Promise.any([first, second]).catch(() => first);
    } finally {
      whole?.onGivenUp(undefined);
      cancel(new Error("the other attempt was answered"));
    }
  }

  /** The tool that is to be called when this one cannot, unless this one has perhaps taken effect. */
  private async instead(
    error: Error,
    way: Way,
    args: Arguments,
    options: RoutedCallOptions,
    deadline: number,
  ): Promise<ToolResult> {
    const other = way.routing.fallbacks[way.info.tool];
    const left = Math.round(deadline - performance.now());
    if (other === undefined || !mayBeRepeated(error) || options.giveUp?.reason || left <= 0) throw error;
    const found = await this.way(other, options.giveUp?.signal).catch(() => undefined);
    if (found === undefined || (await options.mayFallBack?.(found.info, error)) === false) throw error;
    // While the user was asked it may have become another tool, which the yes is not for.
    const agreed = { ...options, fingerprint: fingerprint(found.info) };
    return this.once(found, args, agreed, performance.now() + left);
  }
}

/** Undefined: it is not to be sent again. */
function pauseBeforeRetry(
  error: Error,
  way: Way,
  tries: number,
  deadline: number,
  giveUp: GiveUp | undefined,
): number | undefined {
  if (tries >= MOST_TRIES || giveUp?.reason) return undefined;
  const elsewhere = error instanceof ServerUnavailableError && (isGone(error) || way.lanes.length > 1);
  if (!elsewhere && !(error instanceof ServerLostError && error.safeToRetry)) return undefined;
  const pause = Math.random() * RETRY_MS * 2 ** (tries - 1);
  return performance.now() + pause < deadline && way.group.budget.take() ? pause : undefined;
}

function isClosed({ breaker }: { readonly breaker: Upstream["breaker"] }): boolean {
  return breaker.status.state === "closed";
}

function kept<V extends object>(cache: LRUCache<string, V>, key: string, make: () => V): V {
  const found = cache.get(key);
  if (found !== undefined) return found;
  const made = make();
  cache.set(key, made);
  return made;
}
