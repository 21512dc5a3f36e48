// The gate every request of a client comes through, whichever way it came: may it ask that, is it asking too fast, is there room. A
// session has a pass of its own ({@link Pass}), made when it begins and closed when it ends, which gives back all it held. State of the
// program and not of a process, since a message to a process for each request would cost more than most requests do: every method
// runs to its end at once, and a pass is closed by whatever ends its session.
// What costs nothing (a ping, a notification, an answer of the client) is never counted and never waits.
import { announce } from "../../../actors/telemetry/happenings.js";
import { showQueues } from "../../../actors/telemetry/queues.js";
import { type Clock, currentRuntime } from "../../../supervision/index.js";
import { Refusal } from "../refusals.js";
import { KEYLESS, type Principal } from "./principal.js";
import type { Part } from "./scopes.js";
import { Buckets, type Rate, TokenBucket, takeOfEach } from "./token-bucket.js";
import { type Line, OverloadedError, Turnstile, type TurnstileLimits } from "./turnstile.js";

export interface GateLimits extends TurnstileLimits {
  /** Of the requests that are answered at a time, those of one session. */
  readonly inFlightSession: number;
  /** Of all that one key asks. */
  readonly rate: Rate | undefined;
  readonly rateSession: Rate | undefined;
  /** Of the calls of one tool by one key. */
  readonly rateTool: Rate | undefined;
}

/** In JSON-RPC's range for servers; over HTTP they are the statuses 403 and 429. */
export const FORBIDDEN = -32_003;
export const TOO_MUCH = -32_029;

const FREE = "ping";

export class Gate {
  readonly turnstile: Turnstile;
  private readonly keys: Buckets;
  private readonly tools: Buckets;

  constructor(
    readonly limits: GateLimits,
    readonly clock: Clock = currentRuntime().clock,
  ) {
    this.turnstile = new Turnstile(limits, clock);
    this.keys = new Buckets(limits.rate);
    this.tools = new Buckets(limits.rateTool);
  }

  /** For the metrics; what it answers ends that. */
  show(): () => void {
    return showQueues(() => {
      const { running: inFlight, waiting } = this.turnstile.figures;
      return [{ queue: "gate", inFlight, waiting }];
    });
  }

  /** For a session. */
  pass(principal: Principal): Pass {
    const { rateSession, inFlightSession } = this.limits;
    const bucket = rateSession && new TokenBucket(rateSession, this.clock.now());
    return new Pass(this, principal, this.turnstile.line(inFlightSession), bucket);
  }

  /** For all that somebody asks without a session, of which `most` is answered at a time. */
  commonPass(principal: Principal, most = this.limits.inFlight): Pass {
    return new Pass(this, principal, this.turnstile.line(most), undefined);
  }

  /** @internal Of a {@link Pass}. */
  bucketOfKey({ id }: Principal, now: number): TokenBucket | undefined {
    return this.keys.of(id, now);
  }

  /** @internal Of a {@link Pass}. */
  bucketOfTool({ id }: Principal, tool: string, now: number): TokenBucket | undefined {
    return this.tools.of(`${id} ${tool}`, now);
  }
}

export class Pass {
  private asked = 0;

  constructor(
    private readonly gate: Gate,
    readonly principal: Principal,
    private readonly line: Line,
    private readonly bucket: TokenBucket | undefined,
  ) {}

  /** Whether it has done more than begin. */
  get hasAsked(): boolean {
    return this.asked > 1;
  }

  /**
   * Before a request is answered; `leave` after it, once, if this did not throw or reject. Answers nothing at all when the request's turn
   * is at once. Throws or rejects with a {@link Refusal}, whose `data.code` is `forbidden`, `rate_limited` or `overloaded`.
   */
  enter(method: string, call?: { readonly signal: AbortSignal }): Promise<void> | undefined {
    if (method === FREE) return undefined;
    if (!this.principal.permission.mayAsk(method)) throw forbidden(method);
    this.count();
    try {
      return this.line.enter(call)?.catch(refused);
    } catch (error) {
      return refused(error);
    }
  }

  private count(): void {
    this.asked++;
    const { limits, clock } = this.gate;
    if (limits.rate === undefined && this.bucket === undefined) return;
    const now = clock.now();
    const wait = takeOfEach([this.gate.bucketOfKey(this.principal, now), this.bucket], now);
    if (wait > 0) throw tooFast(wait);
  }

  /** After what `enter` let in, by the same method. */
  leave(method: string): void {
    if (method !== FREE) this.line.leave();
  }

  /** Throws a {@link Refusal} where the scopes do not open a part. */
  need(part: Part): void {
    if (!this.principal.permission.may(part)) throw forbidden(part);
  }

  /** Before a tool is called, by its full name: for each way there is to call one. Throws a {@link Refusal}. */
  callTool(name: string): void {
    if (!this.principal.permission.mayCall(name)) throw forbidden(`the tool ${name.slice(0, 200)}`);
    const { limits, clock } = this.gate;
    if (limits.rateTool === undefined) return;
    const now = clock.now();
    const wait = takeOfEach([this.gate.bucketOfTool(this.principal, name, now)], now);
    if (wait > 0) throw tooFast(wait, ` of ${name.slice(0, 200)}`);
  }

  /** The session is over. */
  close(): void {
    this.line.close();
  }
}

const NO_LIMIT = Number.POSITIVE_INFINITY;

/** For a part of this program itself. */
export function unlimited(): Pass {
  const rates = { rate: undefined, rateSession: undefined, rateTool: undefined };
  const limits = { inFlight: NO_LIMIT, inFlightSession: NO_LIMIT, queue: 0, queueMs: 0 };
  return new Gate({ ...limits, ...rates }).pass(KEYLESS);
}

/** The same whether there is such a thing or not. */
function forbidden(what: string): Refusal {
  announce({ type: "refused", why: "forbidden" });
  return new Refusal(FORBIDDEN, `the scopes of this key do not open ${what}`, { code: "forbidden" });
}

function tooFast(waitMs: number, what = ""): Refusal {
  announce({ type: "refused", why: "rate_limited" });
  const retry_after_ms = Math.ceil(waitMs);
  const when = `ask again in ${Math.max(1, Math.ceil(waitMs / 1_000))} s`;
  return new Refusal(TOO_MUCH, `the limit of requests${what} is reached; ${when}`, {
    code: "rate_limited",
    retry_after_ms,
  });
}

function refused(error: unknown): never {
  if (!(error instanceof OverloadedError)) throw error;
  announce({ type: "refused", why: "overloaded" });
  const { code, retryAfterMs: retry_after_ms, message } = error;
  throw new Refusal(TOO_MUCH, message, { code, retry_after_ms });
}
