// Whose work a throw belongs to. Several tools run in one process, and what they throw from timers and promises reaches nobody:
// Node would end the process and every call in it. Here each piece of work carries its name along, a throw out of it is its own
// failure, and the others go on. A throw that belongs to no call that still runs, but to a module's own timers, ends the process
// with the tool's name as last words: such a tool would go on throwing.
import { AsyncLocalStorage } from "node:async_hooks";

export interface Work {
  readonly tool: string;
  /** A call may throw late without harm, a module may not. */
  readonly kind: "call" | "load";
  over: boolean;
  fail(error: unknown): void;
}

// A tool finds what is stored on its own timers, so that is only a mark, and the work itself is kept here.
const marks = new AsyncLocalStorage<object>();
const works = new WeakMap<object, Work>();
const current = (): Work | undefined => works.get(marks.getStore() ?? works);

/** Runs `task` so that whatever it throws later fails `work`. */
export function attributed<T>(work: Work, task: () => T): T {
  const mark = Object.freeze({});
  works.set(mark, work);
  return marks.run(mark, task);
}

/** From now on no throw is nobody's. `say` writes to the log. */
export function attributeThrows(say: (text: string) => void): void {
  const settle = (work: Work | undefined, error: unknown) => {
    if (work !== undefined && !work.over) return work.fail(error);
    say(`${work === undefined ? "something" : `the tool ${work.tool}`} threw outside of any call: ${described(error)}`);
    if (work?.kind !== "call") process.exit(1);
  };
  process.on("uncaughtException", (error) => settle(current(), error));
  process.on("unhandledRejection", (error) => settle(current(), error));
  // Node 20 has forgotten whose a microtask is by the time it throws.
  const queue = globalThis.queueMicrotask;
  globalThis.queueMicrotask = (task) => {
    const work = current();
    queue(() => {
      try {
        task();
      } catch (error) {
        settle(work, error);
      }
    });
  };
}

/** Anything can be thrown, also what cannot be made a text of. */
export function described(error: unknown): string {
  try {
    if (!(error instanceof Error)) return String(error).slice(0, 1_000);
    return String(error.stack ?? error.message).slice(0, 4_000);
  } catch {
    return "something that cannot be shown";
  }
}
