// The same text stands under several names in every large collection. A sketch of each text (the smallest hashes of all runs of four
// words) tells how much two have in common without comparing them.
export const SKETCH = 48;
/** From this share of common runs on, two are the same. */
const ALIKE = 0.7;
/** So many of the smallest hashes lead to those that may be alike. */
const LEADS = 8;
/** No more are compared with for one lead: what is in so many texts is a template's line. */
const MOST_COMPARED = 30;

/** `hashes`: one a word, in their order. Sorted; shorter than SKETCH for short texts. */
export function sketchOf(hashes: Uint32Array, count: number): Uint32Array {
  const runs = Math.max(0, count - 3);
  // Of evenly spread hashes, four times as many as needed lie below this.
  const limit = runs <= SKETCH * 4 ? 0xffffffff : (0xffffffff / runs) * SKETCH * 4;
  const kept: number[] = [];
  for (let at = 0; at < runs; at++) {
    let hash = 0;
    for (let next = at; next < at + 4; next++) hash = Math.imul(hash ^ (hashes[next] ?? 0), 0x9e3779b1) ^ (hash >>> 15);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    const spread = (hash ^ (hash >>> 13)) >>> 0;
    if (spread <= limit) kept.push(spread);
  }
  const sorted = new Uint32Array(kept).sort();
  return sorted.filter((hash, at) => at === 0 || hash !== sorted[at - 1]).slice(0, SKETCH);
}

/** How much two texts have in common, from 0 to 1. */
export function likeness(a: Uint32Array, b: Uint32Array): number {
  if (a.length === 0 || b.length === 0) return 0;
  const most = Math.min(SKETCH, Math.max(a.length, b.length));
  let [common, seen, x, y] = [0, 0, 0, 0];
  for (; seen < most && (x < a.length || y < b.length); seen++) {
    const [left, right] = [a[x] ?? Number.POSITIVE_INFINITY, b[y] ?? Number.POSITIVE_INFINITY];
    if (left === right) common++;
    if (left <= right) x++;
    if (right <= left) y++;
  }
  return common / seen;
}

/** For each of them the number of the first that is alike (its own, if none is). Only those of one kind are. */
export function clustersOf(documents: readonly { readonly kind: string; readonly sketch: Uint32Array }[]): Uint32Array {
  const clusters = new Uint32Array(documents.length);
  const led = new Map<number, number[]>();
  documents.forEach(({ kind, sketch }, at) => {
    clusters[at] = at;
    const leads = sketch.subarray(0, LEADS);
    const compared = new Set<number>();
    for (const lead of leads) for (const other of (led.get(lead) ?? []).slice(0, MOST_COMPARED)) compared.add(other);
    let best = ALIKE;
    for (const other of compared) {
      const like = documents[other]?.kind === kind ? likeness(sketch, documents[other].sketch) : 0;
      if (like >= best) [best, clusters[at]] = [like + 1e-9, other];
    }
    if (clusters[at] !== at) return; // the first of them stands for all
    for (const lead of leads) {
      const others = led.get(lead);
      if (others === undefined) led.set(lead, [at]);
      else others.push(at);
    }
  });
  return clusters;
}
