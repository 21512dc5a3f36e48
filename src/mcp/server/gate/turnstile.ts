// How much at once: so many requests are answered at a time, and of one session so many. The rest waits, each session in a line of its
// own, and the lines are served in turn, so that a session with a thousand requests holds up another with one by one request
// and not by a thousand. What waits is bounded: when there is no room, the session that has most waiting gives up its newest. Nobody waits
// longer than a deadline. Entering, leaving and giving up cost the same however many wait; only making room in a full
// queue looks at each session that waits.
import { BanyanError, type Clock } from "../../../supervision/index.js";

export interface TurnstileLimits {
  /** Requests that are answered at a time. */
  readonly inFlight: number;
  /** Requests that wait, of all sessions. */
  readonly queue: number;
  readonly queueMs: number;
}

/** Too much is asked at once. Code `overloaded`. */
export class OverloadedError extends BanyanError {
  /** By then what is answered now is over, as a rule. */
  readonly retryAfterMs = 1_000;

  constructor() {
    super("overloaded", "Too much is asked at once; ask again in a second.");
  }
}

/** Whoever waited is gone. */
class GoneError extends BanyanError {
  constructor() {
    super("cancelled", "The request was cancelled while it waited for its turn.");
  }
}

/** Its signal is asked for only when it has to wait. */
export interface Cancellable {
  readonly signal: AbortSignal;
}

interface Waiting {
  readonly line: Line;
  readonly until: number;
  admit(): void;
  refuse(error: Error): void;
}

/** One session's requests, those that are answered and those that wait. Get one from {@link Turnstile.line}. */
export class Line {
  running = 0;
  readonly waiting = new Set<Waiting>();
  closed = false;

  constructor(
    private readonly turnstile: Turnstile,
    /** How many of it are answered at a time. */
    readonly most: number,
  ) {}

  /**
   * Resolves when it is the request's turn; answers nothing at all when that is at once, which saves most requests a turn of the
   * event loop. Whoever was let in calls `leave` once. Throws or rejects with {@link OverloadedError}.
   */
  enter(call?: Cancellable): Promise<void> | undefined {
    return this.turnstile.enter(this, call);
  }

  leave(): void {
    if (!this.closed) this.turnstile.leave(this);
  }

  /** The session is over: what it held is free, and what it had waiting waits no more. */
  close(): void {
    if (!this.closed) this.turnstile.closeLine(this);
  }
}

export class Turnstile {
  private running = 0;
  /** In the order in which they came. All wait as long, so the first is the first whose time is over. */
  private readonly queue = new Set<Waiting>();
  /** The sessions whose turn it may be, the next first: those that have something waiting and may have more answered. */
  private readonly turns = new Set<Line>();
  /** All that have something waiting. */
  private readonly lines = new Set<Line>();
  private cancelTimer: (() => void) | undefined;

  constructor(
    private readonly limits: TurnstileLimits,
    private readonly clock: Clock,
  ) {}

  get figures(): { readonly running: number; readonly waiting: number } {
    return { running: this.running, waiting: this.queue.size };
  }

  /** `most`: of it answered at a time. */
  line(most: number): Line {
    return new Line(this, most);
  }

  /** As {@link Line.enter}. */
  enter(line: Line, call: Cancellable | undefined): Promise<void> | undefined {
    if (line.closed) throw new GoneError();
    if (this.running < this.limits.inFlight && line.running < line.most && line.waiting.size === 0) {
      this.running++;
      line.running++;
      return undefined;
    }
    if (this.queue.size >= this.limits.queue) this.makeRoom(line);
    return this.wait(line, call?.signal);
  }

  leave(line: Line): void {
    line.running--;
    this.running--;
    if (line.waiting.size > 0) this.turns.add(line);
    this.admit();
  }

  closeLine(line: Line): void {
    line.closed = true;
    this.running -= line.running;
    line.running = 0;
    for (const waiting of [...line.waiting]) waiting.refuse(new GoneError());
    this.admit();
  }

  private wait(line: Line, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.reject(new GoneError());
    return new Promise((resolve, reject) => {
      const gone = (): void => waiting.refuse(new GoneError());
      const over = (): void => {
        signal?.removeEventListener("abort", gone);
        this.queue.delete(waiting);
        line.waiting.delete(waiting);
        if (line.waiting.size === 0) {
          this.lines.delete(line);
          this.turns.delete(line);
        }
        if (this.queue.size === 0) this.stopTimer();
      };
      const waiting: Waiting = {
        line,
        until: this.clock.now() + this.limits.queueMs,
        admit: () => {
          over();
          resolve();
        },
        refuse: (error) => {
          over();
          reject(error);
        },
      };
      this.queue.add(waiting);
      line.waiting.add(waiting);
      this.lines.add(line);
      signal?.addEventListener("abort", gone, { once: true });
      if (line.running < line.most) this.turns.add(line);
      this.cancelTimer ??= this.clock.setTimer(this.limits.queueMs, () => this.timeIsOver(), false);
    });
  }

  /** One of each session in turn, as long as more may be answered. */
  private admit(): void {
    for (const line of this.turns) {
      if (this.running >= this.limits.inFlight) return;
      this.turns.delete(line); // to the end, if it stays: what is added meanwhile is come to in this same loop
      const [first] = line.waiting;
      if (first === undefined) continue;
      this.running++;
      line.running++;
      first.admit();
      if (line.waiting.size > 0 && line.running < line.most) this.turns.add(line);
    }
  }

  /** Throws when it is the session itself that has most waiting. */
  private makeRoom(line: Line): void {
    let longest = line;
    for (const other of this.lines) if (other.waiting.size > longest.waiting.size) longest = other;
    const error = new OverloadedError();
    if (longest.waiting.size <= line.waiting.size + 1) throw error;
    const newest = [...longest.waiting].at(-1);
    newest?.refuse(error);
  }

  private timeIsOver(): void {
    this.cancelTimer = undefined;
    const now = this.clock.now();
    for (const waiting of this.queue) {
      if (waiting.until > now) break;
      waiting.refuse(new OverloadedError());
    }
    const [next] = this.queue;
    if (next === undefined) return;
    this.cancelTimer ??= this.clock.setTimer(Math.max(1, next.until - now), () => this.timeIsOver(), false);
  }

  private stopTimer(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }
}
