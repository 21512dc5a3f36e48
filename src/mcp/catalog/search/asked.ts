// A query as what it asks for: each of its words (or phrases) with all that may stand for it in the texts.
import type { Candidate, Segment } from "./segment.js";
import { mostWrong } from "./spelling.js";
import { stopWords, weakWords } from "./stop-words.js";
import { type Meaning, MOST_PHRASE, synonyms } from "./synonym-table.js";
import { weights } from "./weights.js";
import { stemOf, wordsOf } from "./words.js";

/** Something that may stand for it: one stem, or several that have to stand together. */
export interface Variant {
  readonly stems: readonly string[];
  readonly weight: number;
}
export interface Concept {
  /** As it was written. */
  readonly word: string;
  readonly variants: readonly Variant[];
  /** 1 for a word of the query, less for what was added. */
  readonly share: number;
  /** A phrase tells more of words that are asked for already: not to find it is no lack. */
  readonly extra: boolean;
}

/** As many as there are bits to tell which were found. */
const MOST_CONCEPTS = 30;
const MOST_QUERY = 4_000;
/** In so many texts stands a word that one beside it is likely to be misspelled for. */
const COMMON = 10;

export function conceptsOf(text: string, expand: readonly string[], segments: readonly Segment[]): Concept[] {
  const words = wordsOf(text.slice(0, MOST_QUERY));
  const concepts = new Map<string, Concept>();
  const add = (word: string, variants: readonly Variant[], share: number, extra: boolean): void => {
    const key = stemOf(word);
    if (variants.length > 0 && !concepts.has(key) && concepts.size < MOST_CONCEPTS)
      concepts.set(key, { word, variants, share, extra });
  };
  const asked = words.filter((word) => !stopWords.has(word));
  // Someone who asks in such words alone means them.
  for (const word of asked.length > 0 ? asked : words)
    add(word, variantsOf(word, segments), weakWords.has(word) ? weights.weak : 1, false);
  for (const { word, variants } of phrasesIn(words)) add(word, variants, 1, true);
  for (const { word, variants } of joinedIn(asked, segments)) add(word, variants, 1, true);
  const more = expand.flatMap((phrase) => wordsOf(phrase.slice(0, 200))).filter((word) => !stopWords.has(word));
  for (const word of more) add(word, variantsOf(word, segments), weights.expansion, true);
  return [...concepts.values()];
}

function variantsOf(word: string, segments: readonly Segment[]): Variant[] {
  const stem = stemOf(word);
  const documents = most(segments.map((segment) => segment.documents(segment.stem(stem))));
  const variants: Variant[] = documents > 0 ? [{ stems: [stem], weight: 1 }] : [];
  const meanings = meaningsOf(stem, weights.synonym);
  variants.push(...meanings);
  if (documents === 0 && !synonyms().known.has(stem)) variants.push(...guesses(word, segments));
  else if (documents === 1 && !synonyms().known.has(stem)) variants.push(...misspelledInText(word, segments));
  else if (documents === 0 && meanings.length === 0) variants.push(...beginnings(word, segments));
  return variants.length > 0 ? variants : [{ stems: [stem], weight: 1 }];
}

function meaningsOf(key: string, weight: number): Variant[] {
  const { meanings } = synonyms();
  const scaled = (found: readonly Meaning[] = []): Variant[] =>
    found.map((meaning) => ({ stems: meaning.stems, weight: weight * meaning.weight }));
  // "slowly" is "slow", and means what that does.
  const root = key.replace(/li$/, "");
  if (meanings.has(key) || root === key || root.length < 4) return scaled(meanings.get(key));
  return [{ stems: [root], weight }, ...scaled(meanings.get(root))];
}

/** Of a word that nobody knows: what it begins, what it may be misspelled for, the two words it is made of. */
function guesses(word: string, segments: readonly Segment[]): Variant[] {
  const near = nearTo(word, segments);
  const begun = beginnings(word, segments);
  const least = near[0]?.wrong ?? 0;
  const spelled: Variant[] = near
    .filter(({ wrong }) => wrong <= least + 0.5)
    .map(({ wrong, word: meant }) => ({
      stems: [stemOf(meant)],
      weight: weights.typo * (1 - wrong / Math.max(4, word.length)),
    }));
  const [likeliest] = spelled;
  if (likeliest !== undefined)
    spelled.push(...meaningsOf(likeliest.stems.join(" "), likeliest.weight * weights.synonym));
  const halves = spelled.length + begun.length > 0 ? [] : splitIn(word, segments);
  return [...begun, ...spelled, ...halves];
}

/** Where no word comes near, one more letter may be wrong. */
function nearTo(word: string, segments: readonly Segment[]): Candidate[] {
  const most = mostWrong(word.length);
  const within = (wrong: number): Candidate[] => segments.flatMap((segment) => segment.near(word, 3, wrong));
  const near = within(most);
  if (near.length === 0 && word.length > 4) near.push(...within(most + 1));
  return near.sort((a, b) => a.wrong - b.wrong || b.documents - a.documents);
}

/** What stands in one text alone may be misspelled there as it is here, where another word that is near is common. */
function misspelledInText(word: string, segments: readonly Segment[]): Variant[] {
  return segments
    .flatMap((segment) => segment.near(word, 3))
    .filter(({ wrong, documents }) => wrong > 0 && wrong <= 1 && documents >= COMMON)
    .map(({ wrong, word: meant }) => ({
      stems: [stemOf(meant)],
      weight: weights.typo * weights.typo * (1 - wrong / Math.max(4, word.length)),
    }));
}

function beginnings(word: string, segments: readonly Segment[]): Variant[] {
  if (word.length < 3) return [];
  return segments
    .flatMap((segment) => segment.beginning(word, 4))
    .map(({ word: whole }) => ({
      stems: [stemOf(whole)],
      weight: weights.prefix * (0.4 + (0.6 * word.length) / whole.length),
    }));
}

function splitIn(word: string, segments: readonly Segment[]): Variant[] {
  for (let at = word.length - 3; at >= 3; at--) {
    const halves = [stemOf(word.slice(0, at)), stemOf(word.slice(at))];
    const least = at > 3 && word.length - at > 3 ? 1 : 2;
    if (halves.every((half) => segments.some((segment) => segment.documents(segment.stem(half)) >= least)))
      return [{ stems: halves, weight: weights.typo }, ...meaningsOf(halves.join(" "), weights.typo * weights.phrase)];
  }
  return [];
}

/** Phrases that have a meaning of their own: "pull request", "blind people". */
function* phrasesIn(words: readonly string[]): Iterable<{ word: string; variants: Variant[] }> {
  const { openings, meanings } = synonyms();
  const kept = words.filter((word) => !stopWords.has(word));
  for (const of of [kept, words]) {
    const stems = of.map(stemOf);
    for (let at = 0; at < stems.length; at++) {
      if (!openings.has(stems[at] ?? "")) continue;
      for (let end = Math.min(stems.length, at + MOST_PHRASE); end > at + 1; end--) {
        const key = stems.slice(at, end).join(" ");
        if (meanings.has(key)) yield { word: of.slice(at, end).join(" "), variants: meaningsOf(key, weights.phrase) };
      }
    }
    if (kept.length === words.length) return;
  }
}

/** "micro services" where the texts say "microservices". */
function* joinedIn(
  words: readonly string[],
  segments: readonly Segment[],
): Iterable<{ word: string; variants: Variant[] }> {
  for (let at = 0; at + 1 < words.length; at++) {
    const joined = `${words[at]}${words[at + 1]}`;
    const stem = stemOf(joined);
    if (joined.length > 5 && segments.some((segment) => segment.stem(stem) >= 0))
      yield { word: joined, variants: [{ stems: [stem], weight: 1 }] };
  }
}

function most(numbers: readonly number[]): number {
  return Math.max(0, ...numbers);
}
