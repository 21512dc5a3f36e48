// One timer for the deadlines of all pending calls. Calls with the same time-out expire in the order they were made, so each
// time-out value has a linked list whose head is the earliest; a reply unlinks its call in O(1).
import type { Clock } from "./clock.js";

/** Something that ends at a point in time. The list's links live in the entry itself. */
export interface Expiring {
  deadline: number;
  expire(): void;
  list: DeadlineList | undefined;
  previous: Expiring | undefined;
  next: Expiring | undefined;
}

export interface DeadlineList {
  head: Expiring | undefined;
  tail: Expiring | undefined;
}

export class Deadlines {
  private readonly lists = new Map<number, DeadlineList>();
  private cancelTimer: (() => void) | undefined;
  private timerAt = Number.POSITIVE_INFINITY;

  constructor(private readonly clock: Clock) {}

  /** Starts the clock of `entry`: it expires `ms` from now unless removed. */
  add(entry: Expiring, ms: number): void {
    entry.deadline = this.clock.now() + ms;
    let list = this.lists.get(ms);
    if (list === undefined) this.lists.set(ms, (list = { head: undefined, tail: undefined }));
    entry.list = list;
    entry.previous = list.tail;
    if (list.tail === undefined) list.head = entry;
    else list.tail.next = entry;
    list.tail = entry;
    if (entry.deadline < this.timerAt) this.arm(entry.deadline);
  }

  /** What has not expired yet. */
  *pending(): Generator<Expiring> {
    for (const { head } of this.lists.values())
      for (let entry = head; entry !== undefined; entry = entry.next) yield entry;
  }

  remove(entry: Expiring): void {
    const { list, previous, next } = entry;
    if (list === undefined) return;
    if (previous === undefined) list.head = next;
    else previous.next = next;
    if (next === undefined) list.tail = previous;
    else next.previous = previous;
    entry.list = entry.previous = entry.next = undefined;
  }

  private arm(at: number): void {
    this.cancelTimer?.();
    this.timerAt = at;
    this.cancelTimer = this.clock.setTimer(Math.max(0, at - this.clock.now()), this.fire, false);
  }

  private readonly fire = (): void => {
    this.cancelTimer = undefined;
    this.timerAt = Number.POSITIVE_INFINITY;
    const now = this.clock.now();
    let earliest = Number.POSITIVE_INFINITY;
    for (const [ms, list] of this.lists) {
      for (let entry = list.head; entry !== undefined && entry.deadline <= now; entry = list.head) {
        this.remove(entry);
        entry.expire();
      }
      if (list.head === undefined) this.lists.delete(ms);
      else earliest = Math.min(earliest, list.head.deadline);
    }
    if (earliest < this.timerAt) this.arm(earliest);
  };
}
