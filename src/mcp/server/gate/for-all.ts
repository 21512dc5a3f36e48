// One answer for all who wait for it. What is told of Banyan itself costs the processor the same for one as for hundreds, so those who ask
// while it is being worked out are given the next answer together: none is older than the question. Between two there is a rest as long as
// the work took a few times over, so that whoever asks without end, over however many connections, has a share of the processor and not
// all of it.
import { type Clock, currentRuntime } from "../../../supervision/index.js";

/** Times what the last took: a fifth of the time is for this at most. */
const REST = 4;
const LONGEST_REST_MS = 200;

/** `work`, made once for all who ask while it is being made; at any time one is made or rested from, and at most one is to come. */
export function forAll<T>(work: () => Promise<T>, clock: Clock = currentRuntime().clock): () => Promise<T> {
  let now: Promise<void> | undefined;
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    next = undefined;
    const began = clock.now();
    const made = work();
    const rested = (): Promise<void> => {
      const rest = Math.min(REST * (clock.now() - began), LONGEST_REST_MS);
      return new Promise((resolve) => void clock.setTimer(rest, resolve, false));
    };
    const ended: Promise<void> = made.then(rested, rested).then(() => {
      if (now === ended) now = undefined;
    });
    now = ended;
    return made;
  };
  return () => {
    if (next === undefined && now === undefined) return begin();
    next ??= (now ?? Promise.resolve()).then(begin);
    return next;
  };
}
