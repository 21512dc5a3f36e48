// Locks by key, held by processes: one holder each, the others wait in the order they came. A holder that dies frees its
// lock, and a process that died while it waited is passed over.
import { CallError } from "./messages.js";
import type { Process } from "./process.js";

interface Waiter {
  readonly process: Process;
  grant(release: () => void): void;
  refuse(error: CallError): void;
}

export class Locks {
  /** Those who wait for each lock that is held. */
  private readonly held = new Map<unknown, Waiter[]>();
  private closed = false;

  /** Resolves with what frees the lock, once this process has it. */
  acquire(process: Process, key: unknown): Promise<() => void> {
    return new Promise((grant, refuse) => {
      const waiter = { process, grant, refuse };
      if (this.closed || !process.alive) this.refuse(waiter);
      else if (this.held.has(key)) this.held.get(key)?.push(waiter);
      else {
        this.held.set(key, []);
        this.grant(key, waiter);
      }
    });
  }

  private grant(key: unknown, { process, grant }: Waiter): void {
    let done = false;
    const free = (): void => {
      if (done) return;
      done = true;
      forget();
      this.next(key);
    };
    const forget = process.addCleanup(free);
    grant(free);
  }

  private next(key: unknown): void {
    const waiting = this.held.get(key) ?? [];
    for (let waiter = waiting.shift(); waiter !== undefined; waiter = waiting.shift()) {
      if (waiter.process.alive) {
        this.grant(key, waiter);
        return;
      }
      this.refuse(waiter);
    }
    this.held.delete(key);
  }

  private refuse({ process, refuse }: Waiter): void {
    refuse(
      process.alive
        ? CallError.noproc("the registry that keeps this lock")
        : new CallError("fenced", `${process.title} has ended; it gets no lock`, "killed"),
    );
  }

  /** Nobody gets a lock any more. */
  close(): void {
    this.closed = true;
    for (const waiting of this.held.values()) for (const waiter of waiting) this.refuse(waiter);
    this.held.clear();
  }
}
