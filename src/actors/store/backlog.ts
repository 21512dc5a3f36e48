// Rows that nobody waits for, collected until the Store writes a lot of them at once. It holds so many and no more: while the
// database cannot be written the oldest go, and are counted.
import type { Statement } from "./store.js";

const MOST_ROWS = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;

export class Backlog {
  private rows: Statement[] = [];
  private bytes = 0;
  /** Rows that were let go since the start. */
  dropped = 0;

  get length(): number {
    return this.rows.length;
  }

  add(statement: Statement): void {
    this.rows.push(statement);
    this.bytes += sizeOf(statement);
    let gone = 0;
    for (; this.rows.length - gone > MOST_ROWS || this.bytes > MOST_BYTES; gone++) {
      const oldest = this.rows[gone];
      if (oldest === undefined) break;
      this.bytes -= sizeOf(oldest);
    }
    if (gone > 0) this.rows.splice(0, gone);
    this.dropped += gone;
  }

  /** The oldest rows, which stay until they are said to be written. */
  oldest(count: number): readonly Statement[] {
    return this.rows.slice(0, count);
  }

  written(count: number): void {
    for (const row of this.rows.splice(0, count)) this.bytes -= sizeOf(row);
  }
}

function sizeOf({ params = [] }: Statement): number {
  return params.reduce((sum: number, value) => {
    if (typeof value === "string") return sum + value.length;
    return sum + (value instanceof Uint8Array ? value.byteLength : 8);
  }, 0);
}
