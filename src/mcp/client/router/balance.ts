// Which of several replicas gets a call: the order in which they are tried.
import { createHash } from "node:crypto";

export type Balance = "round_robin" | "least_latency" | "hash";

/** What is known of a replica. */
export interface Candidate {
  readonly name: string;
  /** Calls it has now. */
  readonly running: number;
  readonly latencyMs: number;
  readonly errorRate: number;
}

/** All candidates, best first. `turn` counts the calls; `key` is what must go to the same replica each time. */
export function inOrder<C extends Candidate>(
  candidates: readonly C[],
  how: Balance,
  turn: number,
  key: () => string,
): readonly C[] {
  if (how === "round_robin") {
    const first = turn % candidates.length;
    return [...candidates.slice(first), ...candidates.slice(0, first)];
  }
  if (how === "least_latency") return ranked(candidates, expectedMs);
  const text = key();
  return ranked(candidates, ({ name }) => score(name, text));
}

/** One that was never called comes first, so that it is known soon; one that has only failed comes last. Each error counts like ten answers. */
function expectedMs({ latencyMs, running, errorRate }: Candidate): number {
  if (latencyMs === 0 && errorRate > 0) return Number.MAX_VALUE;
  return latencyMs * (running + 1) * (1 + 10 * errorRate);
}

/** Rendezvous hashing: when one replica is gone, only its own keys move. */
function score(name: string, key: string): number {
  return createHash("sha256").update(`${name}\n${key}`).digest().readUInt32BE();
}

function ranked<C>(candidates: readonly C[], rank: (candidate: C) => number): readonly C[] {
  return candidates
    .map((candidate) => ({ candidate, rank: rank(candidate) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ candidate }) => candidate);
}
