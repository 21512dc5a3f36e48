// Which documents answer what is asked, and how well.
import type { Concept } from "./asked.js";
import type { Segment } from "./segment.js";
import { weights } from "./weights.js";

export interface Ranked {
  readonly segment: Segment;
  readonly document: number;
  readonly rank: number;
  /** Bits of the concepts that were found. */
  readonly found: number;
}

/** How much it tells that a stem stands in a document, where it does in so many of all. */
export function rarity(documents: number, all: number): number {
  return Math.log(1 + (all - documents + 0.5) / (documents + 0.5));
}

/** What each segment needs to add up the scores; kept from one query to the next, all 0 between them. */
export class Scores {
  readonly rank: Float32Array;
  readonly found: Uint32Array;
  /** What the concept at hand has given, and which that is. */
  readonly given: Float32Array;
  readonly concept: Uint8Array;
  readonly touched: Uint32Array;
  count = 0;

  constructor(size: number) {
    this.rank = new Float32Array(size);
    this.given = new Float32Array(size);
    this.found = new Uint32Array(size);
    this.concept = new Uint8Array(size);
    this.touched = new Uint32Array(size);
  }

  clear(): void {
    for (let at = 0; at < this.count; at++) {
      const document = this.touched[at] ?? 0;
      this.rank[document] = 0;
      this.found[document] = 0;
      this.given[document] = 0;
      this.concept[document] = 0;
    }
    this.count = 0;
  }
}

export interface Rarities {
  readonly of: (stem: string) => number;
  /** Of the word of the query itself; undefined if it stands nowhere. */
  readonly own: (concept: Concept) => number | undefined;
}

/** Adds up what the concepts give to each document of the segment. */
export function score(segment: Segment, scores: Scores, concepts: readonly Concept[], rarities: Rarities): void {
  concepts.forEach((concept, number) => {
    // What stands for a common word tells no more than that word, however rare it is itself.
    const most = weights.cap * (rarities.own(concept) ?? Number.POSITIVE_INFINITY);
    for (const { stems, weight } of concept.variants) {
      const numbers = stems.map((stem) => segment.stem(stem));
      if (numbers.some((stem) => stem < 0)) continue;
      const [stem = -1, ...others] = numbers;
      const worth = concept.share * weight * Math.min(most, Math.max(...stems.map(rarities.of)));
      if (others.length === 0) addTerm(segment, scores, number, stem, worth);
      else addTogether(segment, scores, number, [stem, ...others], worth);
    }
  });
}

function addTerm({ tables }: Segment, scores: Scores, number: number, stem: number, worth: number): void {
  const { postingStarts, postingDocuments, postingImpacts } = tables;
  const factor = worth / 65_535;
  const end = postingStarts[stem + 1] ?? 0;
  for (let at = postingStarts[stem] ?? 0; at < end; at++)
    give(scores, number, postingDocuments[at] ?? 0, (postingImpacts[at] ?? 0) * factor);
}

/** Several stems count as the one that describes the document least. */
function addTogether(
  { tables }: Segment,
  scores: Scores,
  number: number,
  stems: readonly number[],
  worth: number,
): void {
  const { postingStarts, postingDocuments, postingImpacts } = tables;
  const at = stems.map((stem) => postingStarts[stem] ?? 0);
  const ends = stems.map((stem) => postingStarts[stem + 1] ?? 0);
  for (;;) {
    let [latest, least] = [0, 65_535];
    for (let of = 0; of < stems.length; of++) {
      const place = at[of] ?? 0;
      if (place >= (ends[of] ?? 0)) return;
      latest = Math.max(latest, postingDocuments[place] ?? 0);
    }
    let together = true;
    for (let of = 0; of < stems.length; of++) {
      let place = at[of] ?? 0;
      while (place < (ends[of] ?? 0) && (postingDocuments[place] ?? 0) < latest) place++;
      at[of] = place;
      if (place >= (ends[of] ?? 0)) return;
      if (postingDocuments[place] !== latest) together = false;
      least = Math.min(least, postingImpacts[place] ?? 0);
    }
    if (!together) continue;
    give(scores, number, latest, (least / 65_535) * worth);
    for (let of = 0; of < stems.length; of++) at[of] = (at[of] ?? 0) + 1;
  }
}

/** Of all that stands for one concept the best counts. */
function give(scores: Scores, number: number, document: number, worth: number): void {
  const mark = number + 1;
  if (scores.found[document] === 0) scores.touched[scores.count++] = document;
  if (scores.concept[document] !== mark) {
    scores.concept[document] = mark;
    scores.given[document] = worth;
    scores.rank[document] = (scores.rank[document] ?? 0) + worth;
    scores.found[document] = (scores.found[document] ?? 0) | (1 << number);
  } else if (worth > (scores.given[document] ?? 0)) {
    scores.rank[document] = (scores.rank[document] ?? 0) + worth - (scores.given[document] ?? 0);
    scores.given[document] = worth;
  }
}

/** The best of a segment that pass, each cluster once. `worths`: of each concept, what finding it is worth. */
export function best(
  segment: Segment,
  scores: Scores,
  worths: readonly number[],
  limit: number,
  passes: (document: number) => boolean,
): Ranked[] {
  const all = worths.reduce((sum, worth) => sum + worth, 0);
  const shares = new Map<number, number>();
  const shareOf = (found: number): number => {
    let share = shares.get(found);
    if (share === undefined) {
      share = worths.reduce((sum, worth, at) => (found & (1 << at) ? sum + worth : sum), 0) / (all || 1);
      shares.set(found, share);
    }
    return share;
  };
  const { clusters } = segment.tables;
  const kept: Ranked[] = [];
  for (let at = 0; at < scores.count; at++) {
    const document = scores.touched[at] ?? 0;
    const least = kept.length >= limit ? (kept.at(-1)?.rank ?? 0) : -1;
    if ((scores.rank[document] ?? 0) <= least) continue; // what is left of it below can only be less
    const found = scores.found[document] ?? 0;
    const rank = (scores.rank[document] ?? 0) * (1 - weights.coverage + weights.coverage * shareOf(found));
    if (rank <= least) continue;
    if (!passes(document)) continue;
    const alike = kept.findIndex((other) => clusters[other.document] === clusters[document]);
    if (alike >= 0) {
      if ((kept[alike]?.rank ?? 0) >= rank) continue;
      kept.splice(alike, 1);
    }
    let place = kept.length;
    while (place > 0 && (kept[place - 1]?.rank ?? 0) < rank) place--;
    kept.splice(place, 0, { segment, document, rank, found });
    if (kept.length > limit) kept.pop();
  }
  return kept;
}
