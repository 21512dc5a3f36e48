// The patterns of one project in memory, found by their goals: similarity = 0.5 cosine of TF-IDF + 0.3 keywords shared + 0.2 edit
// distance, ranked by similarity × success rate. Words lead to the patterns that have them, so the many that share none are never
// looked at, and the edit distance, which costs most, is worked out only where it can still change the answer.
import { distance } from "fastest-levenshtein";
import type { Pattern, PatternMatch } from "../queries.js";
import { goalWords, plainGoal } from "./goal-words.js";

const COSINE = 0.5;
const KEYWORDS = 0.3;
const EDIT = 0.2;
/** What is further away is no help to anybody. */
const FAR = 0.3;
/** The same words are the same, whatever the last digit says. */
const SAME = 1 - 1e-9;

interface Slot {
  pattern: Pattern;
  readonly text: string;
  readonly words: ReadonlyMap<string, number>;
  /** Of its vector, with the weights of now. */
  norm: number;
}

interface Candidate {
  readonly slot: Slot;
  /** Similarity without the edit distance. */
  readonly base: number;
  /** Similarity at most. */
  readonly most: number;
}

interface Ranked extends PatternMatch {
  readonly score: number;
}

/** How often it succeeded, as far as that can be told from so few: one that nobody has tried is as likely to succeed as to fail. */
export function successRate({ success_count, failure_count }: Pattern): number {
  return (success_count + 1) / (success_count + failure_count + 2);
}

export class PatternTable {
  /** Each at a place of its own; a place that is free is used again. */
  private readonly slots: (Slot | undefined)[] = [];
  private readonly places = new Map<string, number>();
  private readonly free: number[] = [];
  /** At which places a word is, and how often there. */
  private readonly having = new Map<string, Map<number, number>>();
  /** A word's weight is another one with each pattern that comes or goes. */
  private weighed = true;

  get size(): number {
    return this.places.size;
  }

  /** Adds the pattern, or puts it in the place of the one of its id. */
  put(pattern: Pattern): void {
    const known = this.slots[this.places.get(pattern.id) ?? -1];
    if (known?.pattern.goal === pattern.goal) {
      known.pattern = pattern;
      return;
    }
    this.remove(pattern.id);
    const slot = { pattern, text: plainGoal(pattern.goal), words: goalWords(pattern.goal), norm: 1 };
    const place = this.free.pop() ?? this.slots.length;
    this.slots[place] = slot;
    this.places.set(pattern.id, place);
    for (const [word, count] of slot.words) {
      let all = this.having.get(word);
      if (all === undefined) {
        all = new Map();
        this.having.set(word, all);
      }
      all.set(place, count);
    }
    this.weighed = false;
  }

  remove(id: string): void {
    const place = this.places.get(id);
    const slot = this.slots[place ?? -1];
    if (place === undefined || slot === undefined) return;
    this.places.delete(id);
    this.slots[place] = undefined;
    this.free.push(place);
    for (const word of slot.words.keys()) {
      const all = this.having.get(word);
      all?.delete(place);
      if (all?.size === 0) this.having.delete(word);
    }
    this.weighed = false;
  }

  /** The best `limit` whose similarity is `least` or more, by similarity × success rate. */
  find(goal: string, least: number, limit: number): PatternMatch[] {
    const text = plainGoal(goal);
    const inOrder = this.candidates(goal, text, least)
      .map((candidate) => ({ ...candidate, rate: successRate(candidate.slot.pattern) }))
      .sort((a, b) => b.most * b.rate - a.most * a.rate);
    const best: Ranked[] = [];
    for (const { slot, base, most, rate } of inOrder) {
      const last = best.length < limit ? undefined : best.at(-1);
      if (last !== undefined && most * rate < last.score) break; // nor can those after it be better
      const similarity = base + EDIT * editSimilarity(text, slot.text);
      if (similarity < least) continue;
      const { pattern } = slot;
      const task_count = pattern.success_count + pattern.failure_count;
      best.push({ pattern, similarity, success_rate: rate, task_count, score: similarity * rate });
      best.sort((a, b) => b.score - a.score || b.similarity - a.similarity || compare(a.pattern.id, b.pattern.id));
      if (best.length > limit) best.pop();
    }
    return best.map(({ score: _, ...match }) => match);
  }

  /** The goals that come nearest, for an answer that found none; none that share no word. */
  nearest(goal: string, limit: number): string[] {
    const best: Candidate[] = [];
    for (const candidate of this.candidates(goal, plainGoal(goal), FAR, true)) {
      const last = best.length < limit ? undefined : best.at(-1);
      if (last !== undefined && candidate.base <= last.base) continue;
      best.push(candidate);
      best.sort((a, b) => b.base - a.base);
      if (best.length > limit) best.pop();
    }
    return best.map(({ slot }) => slot.pattern.goal);
  }

  /** All whose similarity can be `least` or more; what shares no word is as similar as its letters alone make it. */
  private candidates(goal: string, text: string, least: number, sharing = least > EDIT): Candidate[] {
    this.weigh();
    const words = goalWords(goal);
    const products = new Float64Array(this.slots.length);
    const shared = new Uint16Array(this.slots.length);
    const touched: number[] = [];
    let square = 0;
    for (const [word, count] of words) {
      const weight = this.weightOf(word);
      square += (count * weight) ** 2;
      for (const [place, theirs] of this.having.get(word) ?? []) {
        if (shared[place] === 0) touched.push(place);
        products[place] = (products[place] ?? 0) + count * theirs * weight * weight;
        shared[place] = (shared[place] ?? 0) + 1;
      }
    }
    const norm = Math.sqrt(square) || 1;
    const found: Candidate[] = [];
    for (const place of sharing ? touched : this.places.values()) {
      const slot = this.slots[place];
      if (slot === undefined) continue;
      const cosine = (products[place] ?? 0) / (norm * slot.norm);
      const keywords = (2 * (shared[place] ?? 0)) / Math.max(1, words.size + slot.words.size);
      const base = COSINE * (cosine > SAME ? 1 : cosine) + KEYWORDS * keywords;
      if (base + EDIT < least) continue;
      const most = base + EDIT * editSimilarityAtMost(text, slot.text);
      if (most >= least) found.push({ slot, base, most });
    }
    return found;
  }

  private weigh(): void {
    if (this.weighed) return;
    this.weighed = true;
    const weights = new Map<string, number>();
    for (const word of this.having.keys()) weights.set(word, this.weightOf(word));
    for (const slot of this.slots) {
      if (slot === undefined) continue;
      let square = 0;
      for (const [word, count] of slot.words) square += (count * (weights.get(word) ?? 0)) ** 2;
      slot.norm = Math.sqrt(square) || 1;
    }
  }

  /** Rarer words count more; one that no pattern has counts as the rarest. */
  private weightOf(word: string): number {
    return 1 + Math.log((1 + this.size) / (1 + (this.having.get(word)?.size ?? 0)));
  }
}

function editSimilarity(a: string, b: string): number {
  return a === b ? 1 : 1 - distance(a, b) / Math.max(a.length, b.length, 1);
}

/** Without looking at the letters: so many must be added or taken away in any case. */
function editSimilarityAtMost(a: string, b: string): number {
  return 1 - Math.abs(a.length - b.length) / Math.max(a.length, b.length, 1);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
