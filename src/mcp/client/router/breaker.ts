// The circuit breaker of one tool, or of one server: a plain object, for there may be thousands. While all is well it holds
// nothing and costs one comparison; the first failure gives it the machine that the model's breaker has, too.
//
// There is no timer: when it is next asked, it sees that it has waited. Each failed probe doubles the wait. A server that was
// connected anew since the last failure is another program, so what failed before is tried at once.
import { BreakerLife, type BreakerState } from "../../../actors/breaker-life.js";
import type { BreakerStatus } from "../../../actors/circuit-breaker.js";

/** How long it stays open at first, and at most, in milliseconds. */
const FIRST_WAIT = 10_000;
const LONGEST_WAIT = 300_000;
const PROBES = 1;

export class Breaker {
  private life: BreakerLife | undefined;
  /** When it opened after it was last closed, when it last failed, and when a probe may go out. All times are the caller's. */
  private openedAt = 0;
  private failedAt = 0;
  private retryAt = 0;
  private wait = FIRST_WAIT;

  /** Opens after so many failures in a row. `changed` hears of every change of its state. */
  constructor(
    private readonly failures: number,
    private readonly changed: (state: BreakerState) => void,
  ) {}

  get status(): BreakerStatus {
    const { state = "closed", failures = 0, lastError } = this.life ?? {};
    return { state, failures, lastError, retryAt: state === "open" ? this.retryAt : undefined };
  }

  /** True while no call is let through. `readyAt` is when the server was last connected. */
  isOpen(now: number, readyAt: number): boolean {
    if (this.life === undefined || this.life.state === "closed") return false;
    return this.life.state === "open" ? now < this.retryAt && readyAt <= this.failedAt : this.life.isProbing;
  }

  /** It is open, and has not been closed for `ms`. */
  isOpenFor(ms: number, now: number, readyAt: number): boolean {
    return this.isOpen(now, readyAt) && now - this.openedAt >= ms;
  }

  /** A call goes out, which {@link isOpen} has allowed: how it ends is to be told by one of the three below. */
  acquire(): void {
    if (this.life === undefined || this.life.state === "closed") return;
    if (this.life.state === "open") this.happen({ type: "waited" });
    this.happen({ type: "acquired" });
  }

  succeeded(): void {
    if (this.life === undefined) return;
    this.happen({ type: "succeeded" });
    if (this.life.state !== "closed") return;
    this.life = undefined;
    this.wait = FIRST_WAIT;
  }

  failed(error: string, now: number): void {
    this.life ??= new BreakerLife({ failures: this.failures, probes: PROBES });
    const before = this.life.state;
    this.failedAt = now;
    this.happen({ type: "failed", error });
    if (this.life.state !== "open" || before === "open") return;
    if (before === "closed") this.openedAt = now;
    else this.wait = Math.min(LONGEST_WAIT, this.wait * 2);
    this.retryAt = now + this.wait;
  }

  /** The call was given up by its caller: it proves nothing. */
  released(): void {
    if (this.life?.isProbing) this.happen({ type: "released" });
  }

  private happen(event: Parameters<BreakerLife["happen"]>[0]): void {
    if (this.life === undefined) return;
    const before = this.life.state;
    this.life.happen(event);
    if (this.life.state !== before) this.changed(this.life.state);
  }
}
