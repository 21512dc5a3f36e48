// Queues that are no process's mailbox, such as the gate's and those before each server: whoever keeps some shows them here, and they are
// read when somebody asks for the metrics. State of the program, as what keeps them is.
import type { BreakerState } from "../breaker-life.js";

export interface QueueFigures {
  /** `gate`, or `server NAME`. */
  readonly queue: string;
  /** What is being done; of servers, the places it takes. */
  readonly inFlight: number;
  readonly waiting: number;
  /** Of the server behind it. */
  readonly breaker?: BreakerState;
}

const shown = new Set<() => readonly QueueFigures[]>();

/** What it answers takes them away again. */
export function showQueues(read: () => readonly QueueFigures[]): () => void {
  shown.add(read);
  return () => void shown.delete(read);
}

/** Those of one name together. */
export function queuesNow(): readonly QueueFigures[] {
  const byName = new Map<string, QueueFigures>();
  for (const one of [...shown].flatMap((read) => read())) {
    const other = byName.get(one.queue) ?? { inFlight: 0, waiting: 0 };
    const [inFlight, waiting] = [one.inFlight + other.inFlight, one.waiting + other.waiting];
    byName.set(one.queue, { ...other, ...one, inFlight, waiting });
  }
  return [...byName.values()];
}
