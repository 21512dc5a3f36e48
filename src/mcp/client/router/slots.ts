// How many calls a server has at a time, and who is next. Every caller has a line of its own and the lines are served in turn, so
// a caller with a thousand calls waiting holds up another's first by one place and not by a thousand. When too many wait, the
// longest line gives way, not the newest caller.
import { CallCancelledError, ServerOverloadedError } from "../errors.js";

interface Waiter {
  readonly cost: number;
  readonly go: () => void;
  readonly refuse: (error: Error) => void;
}

export interface Patience {
  /** Who calls: a session, a client. */
  readonly caller: string;
  /** The tool; for messages. */
  readonly what: string;
  readonly cost: number;
  /** Milliseconds it may wait. */
  readonly ms: number;
  readonly signal?: AbortSignal | undefined;
}

const MOST_WAITING = 2_000;

export class Slots {
  waiting = 0;
  private taken = 0;
  /** In the order in which they are served. */
  private readonly lines = new Map<string, Waiter[]>();

  constructor(
    private readonly server: string,
    /** Changes with the settings. */
    public limit: number,
    private readonly mostWaiting = MOST_WAITING,
  ) {}

  get inUse(): number {
    return this.taken;
  }

  /** Takes `cost` places if they are free and nobody waits for them; never more than there are. */
  take(cost: number): boolean {
    if (this.waiting > 0 || !this.fits(cost)) return false;
    this.taken += cost;
    return true;
  }

  /** Resolves when the places are taken. Rejects with a typed error when the time is over, too many wait, or the signal fires. */
  wait({ caller, what, cost, ms, signal }: Patience): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", cancel);
      };
      const waiter: Waiter = {
        cost,
        go: () => {
          done();
          resolve();
        },
        refuse: (error) => {
          done();
          reject(error);
        },
      };
      const giveUp = (error: Error): void => {
        if (this.remove(caller, waiter)) waiter.refuse(error);
      };
      const cancel = (): void => giveUp(new CallCancelledError(this.server, what));
      const timer = setTimeout(() => {
        const { limit } = this;
        giveUp(new ServerOverloadedError(this.server, `its ${limit} places were taken for ${Math.round(ms)} ms`));
      }, ms);
      signal?.addEventListener("abort", cancel, { once: true });
      this.enter(caller, waiter);
      if (signal?.aborted) cancel();
    });
  }

  /** Gives back what {@link take} or {@link wait} took. */
  give(cost: number): void {
    this.taken -= cost;
    if (this.waiting > 0) this.serve();
  }

  private fits(cost: number): boolean {
    return this.taken + cost <= this.limit || this.taken === 0;
  }

  private enter(caller: string, waiter: Waiter): void {
    const line = this.lines.get(caller);
    if (line === undefined) this.lines.set(caller, [waiter]);
    else line.push(waiter);
    this.waiting++;
    if (this.waiting > this.mostWaiting) this.shorten();
  }

  /** The last of the longest line has to go; where several are as long, of the one that is served last. */
  private shorten(): void {
    let [longest, most] = ["", 0];
    for (const [caller, { length }] of this.lines) if (length >= most) [longest, most] = [caller, length];
    const last = this.lines.get(longest)?.at(-1);
    if (last === undefined || !this.remove(longest, last)) return;
    last.refuse(new ServerOverloadedError(this.server, `${this.mostWaiting} calls wait for it`));
  }

  /** A line that has more moves to the end, where this comes by again. */
  private serve(): void {
    for (const [caller, line] of this.lines) {
      const next = line[0];
      // One that costs much is not passed by those that cost little, or it might wait for ever.
      if (next === undefined || !this.fits(next.cost)) return;
      this.lines.delete(caller);
      line.shift();
      if (line.length > 0) this.lines.set(caller, line);
      this.waiting--;
      this.taken += next.cost;
      next.go();
    }
  }

  private remove(caller: string, waiter: Waiter): boolean {
    const line = this.lines.get(caller);
    const at = line?.indexOf(waiter) ?? -1;
    if (line === undefined || at < 0) return false;
    line.splice(at, 1);
    if (line.length === 0) this.lines.delete(caller);
    this.waiting--;
    return true;
  }
}
