// Time that stands still until somebody moves it. Timers fire in the order of their times, those of the same time in the order
// they were set. It starts at 0, and its epoch at 2000-01-01, so that dates in reports are the same in every run.
import type { Clock } from "./clock.js";

interface Timer {
  readonly at: number;
  readonly number: number;
  readonly fire: () => void;
  readonly essential: boolean;
  cancelled: boolean;
}

const EPOCH = Date.UTC(2000, 0, 1);

export class VirtualClock implements Clock {
  private time = 0;
  private numbers = 0;
  /** A binary heap; cancelled timers leave it when they come to its top. */
  private readonly heap: Timer[] = [];
  /** Timers set and neither fired nor cancelled, but for the deadlines of calls. */
  pending = 0;

  now(): number {
    return this.time;
  }

  epoch(): number {
    return EPOCH + this.time;
  }

  setTimer(ms: number, fire: () => void, essential = true): () => void {
    const timer = { at: this.time + Math.max(0, ms), number: this.numbers++, fire, essential, cancelled: false };
    if (essential) this.pending++;
    this.insert(timer);
    return () => {
      if (!timer.cancelled && essential) this.pending--;
      timer.cancelled = true;
    };
  }

  /** When the next timer fires. */
  get next(): number | undefined {
    for (let top = this.heap[0]; top !== undefined; top = this.heap[0]) {
      if (!top.cancelled) return top.at;
      this.removeTop();
    }
    return undefined;
  }

  moveTo(time: number): void {
    this.time = Math.max(this.time, time);
  }

  /** Moves to the next timer and fires it. */
  fireNext(): void {
    if (this.next === undefined) return;
    const timer = this.removeTop();
    if (timer === undefined) return;
    this.moveTo(timer.at);
    if (timer.essential) this.pending--;
    timer.cancelled = true;
    timer.fire();
  }

  private insert(timer: Timer): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !before(timer, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = timer;
  }

  private removeTop(): Timer | undefined {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (left === undefined) break;
      const smaller = right !== undefined && before(right, left) ? right : left;
      if (smaller === right) child++;
      if (!before(smaller, last)) break;
      heap[at] = smaller;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.number < b.number);
}
