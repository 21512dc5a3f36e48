// Random numbers that come out the same for the same seed (mulberry32). Each use of chance takes a stream of its own, so that
// turning one off does not shift the others.

/** A function that returns numbers from 0 to 1 (1 excluded), the same ones for the same seed and stream. */
export function seededRandom(seed: number, stream: number): () => number {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
