// A growing ring buffer: the queue under every mailbox and under the scheduler. O(1) at both ends, no garbage per item, and
// a burst's memory is given back once it is drained.

const INITIAL = 8;
const KEEP = 1024;

export class Ring<T> {
  private items: (T | undefined)[] = new Array(INITIAL);
  private head = 0;
  private mask = INITIAL - 1;
  length = 0;

  push(item: T): void {
    if (this.length > this.mask) this.grow();
    this.items[(this.head + this.length) & this.mask] = item;
    this.length++;
  }

  /** Puts an item before all others. */
  unshift(item: T): void {
    if (this.length > this.mask) this.grow();
    this.head = (this.head - 1) & this.mask;
    this.items[this.head] = item;
    this.length++;
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.items[this.head];
    this.items[this.head] = undefined;
    this.head = (this.head + 1) & this.mask;
    if (--this.length === 0 && this.mask >= KEEP) {
      this.items = new Array(INITIAL);
      this.head = 0;
      this.mask = INITIAL - 1;
    }
    return item;
  }

  peek(): T | undefined {
    return this.items[this.head];
  }

  pop(): T | undefined {
    if (this.length === 0) return undefined;
    const at = (this.head + --this.length) & this.mask;
    const item = this.items[at];
    this.items[at] = undefined;
    return item;
  }

  /** Removes and returns the first item that passes, keeping the order of the others. O(length). */
  take(test: (item: T) => boolean): T | undefined {
    for (let i = 0; i < this.length; i++) {
      const item = this.items[(this.head + i) & this.mask];
      if (item === undefined || !test(item)) continue;
      if (i === 0) return this.shift();
      for (let j = i; j < this.length - 1; j++) {
        this.items[(this.head + j) & this.mask] = this.items[(this.head + j + 1) & this.mask];
      }
      this.pop();
      return item;
    }
    return undefined;
  }

  private grow(): void {
    const size = this.items.length;
    const next: (T | undefined)[] = new Array(size * 2);
    for (let i = 0; i < this.length; i++) next[i] = this.items[(this.head + i) & this.mask];
    this.items = next;
    this.head = 0;
    this.mask = size * 2 - 1;
  }
}
