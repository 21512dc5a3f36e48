// The few globals the framework's core needs, typed by hand, so that the core compiles without Node's types and without the
// DOM's, and runs in Node, in a browser page, in a Web Worker and in workerd.

/** The runtime's own AbortSignal type where its library declares one, else the part the framework uses. */
export type AbortSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } }
  ? Signal
  : MinimalAbortSignal;

export interface MinimalAbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

export interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

interface TimerHandle {
  unref?(): unknown;
}

interface Port {
  onmessage: (() => void) | null;
  postMessage(message: null): void;
}

/** The part of Node's `process` that tells what keeps the event loop waiting. */
interface HostProcess {
  getActiveResourcesInfo?(): string[];
}

interface Platform {
  setTimeout(run: () => void, ms: number): TimerHandle | number;
  clearTimeout(handle: TimerHandle | number): void;
  setImmediate?(run: () => void): unknown;
  MessageChannel?: new () => { port1: Port; port2: Port };
  performance: { now(): number };
  navigator?: { readonly hardwareConcurrency?: number };
  AbortController: new () => AbortController;
  process?: HostProcess;
  console?: { error(...values: unknown[]): void };
}

// The cast is the point of this file: every JavaScript runtime we support has these.
export const platform = globalThis as unknown as Platform;

/** Runs `task` after the event loop had its turn: timers, I/O, rendering. */
export const afterEventLoopTurn: (task: () => void) => void = makeAfterEventLoopTurn();

function makeAfterEventLoopTurn(): (task: () => void) => void {
  const immediate = platform.setImmediate;
  if (immediate !== undefined) return (task) => void immediate(task);
  if (platform.MessageChannel !== undefined) {
    const tasks: (() => void)[] = [];
    const { port1, port2 } = new platform.MessageChannel();
    port1.onmessage = () => tasks.shift()?.();
    return (task) => {
      tasks.push(task);
      port2.postMessage(null);
    };
  }
  return (task) => void platform.setTimeout(task, 0);
}
