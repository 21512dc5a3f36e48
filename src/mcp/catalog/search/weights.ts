// How much counts what, chosen on labelled queries (npm run eval:catalog). One changed by itself matters little, but for the body, saturation
// and coverage.
import type { Field } from "./document.js";

export const weights = {
  /** What a word in this field is worth, beside one in the text. */
  field: { name: 5, tags: 4, plugin: 1.5, description: 3, headings: 1.2, body: 0.5 } as Record<Field, number>,
  /** How much the length of a field matters: 0 not at all, 1 in full. */
  length: { name: 0.3, tags: 0.3, plugin: 0.3, description: 0.4, headings: 0.6, body: 0.7 } as Record<Field, number>,
  /** From how many on more of the same word add little. */
  saturation: 6,
  /** What a word is worth that stands for one of the query. */
  synonym: 0.65,
  /** Of a phrase of the query. */
  phrase: 0.8,
  /** Of a word that tells little. */
  weak: 0.5,
  /** A word the caller added. */
  expansion: 0.5,
  /** How much rarer than the word it stands for one may count. */
  cap: 0.6,
  typo: 0.8,
  prefix: 0.6,
  /** How much of the score depends on the share of the query that was found. */
  coverage: 0.2,
};
