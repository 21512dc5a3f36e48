// Watching a process at work, whatever its behaviour: its system events as they happen, the last of them, and its counters.
// A process that nobody traces pays nothing. (otp: stdlib, sys, `install`, `log`, `statistics`)
import type { Process } from "./process.js";
import { type Observer, type TraceEvent, traced } from "./process-events.js";
import type { Ref } from "./ref.js";
import { request } from "./system.js";

export interface Statistics {
  /** Milliseconds since the epoch. */
  readonly startTime: number;
  readonly currentTime: number;
  /** Messages taken from the mailbox. */
  readonly messagesIn: number;
  /** Calls answered by the handler that took them. */
  readonly messagesOut: number;
}

/** Calls `fn` with each system event from now on, until the returned function is called, `fn` throws, or the process ends. */
export function trace(ref: Ref<unknown>, fn: (event: TraceEvent) => void): Promise<() => void> {
  return request(ref, (process) => {
    const untrace = process.observe(
      tracer((event) => {
        try {
          fn(event);
        } catch {
          untrace();
        }
      }),
    );
    return untrace;
  });
}

const logs = new WeakMap<Process, () => void>();

/** Keeps the last `count` system events, for {@link getLog}, `getStatus` and crash reports; 0 keeps none, and forgets. */
export function logEvents(ref: Ref<unknown>, count = 10): Promise<void> {
  if (!(Number.isInteger(count) && count >= 0))
    throw new TypeError(`a count of events is a whole number, not ${count}`);
  return request(ref, (process) => {
    logs.get(process)?.();
    logs.delete(process);
    process.log = undefined;
    if (count === 0) return;
    const log: TraceEvent[] = [];
    process.log = log;
    const off = process.observe(
      tracer((event) => {
        log.push(event);
        if (log.length > count) log.shift();
      }),
    );
    logs.set(process, off);
  });
}

/** The events kept, oldest first. */
export function getLog(ref: Ref<unknown>): Promise<TraceEvent[]> {
  return request(ref, ({ log = [] }) => [...log]);
}

export async function statistics(ref: Ref<unknown>): Promise<Statistics> {
  const [startTime, { handled, replied }] = await Promise.all([
    request(ref, ({ startedAt }) => startedAt),
    request(ref, (process) => process.counters()),
  ]);
  return { startTime, currentTime: Date.now(), messagesIn: handled, messagesOut: replied };
}

function tracer(fn: (event: TraceEvent) => void): Observer {
  return (event) => {
    const shown = traced(event);
    if (shown !== undefined) fn(shown);
  };
}
