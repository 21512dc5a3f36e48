// The words of a goal that say what is meant: stemmed, without those that every goal has. Written so that "Add OAuth2 sign-ins" and
// "implement OAuth2 sign-in" have the same.
import { stemmer } from "stemmer";

/** Of a goal that says nothing else, they count all the same. */
const SAY_LITTLE = new Set(
  (
    "a an and any are as at be by can for from has have how i in into is it its me my need needs of on onto or our so some that " +
    "the their them then there these this to up us want we with without you your " +
    "add build create do get implement make new please set setup write existing"
  ).split(" "),
);
const MOST_STEMS = 50_000;

const stems = new Map<string, string>();

/** As it is compared letter by letter, and as two goals are the same. */
export function plainGoal(goal: string): string {
  return goal.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}

/** Each word with how often it is there. */
export function goalWords(goal: string): ReadonlyMap<string, number> {
  const spaced = goal.normalize("NFKC").replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2");
  const all = (spaced.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).flatMap(parts);
  const telling = all.filter((word) => !SAY_LITTLE.has(word));
  const words = new Map<string, number>();
  for (const word of telling.length > 0 ? telling : all) {
    const stem = stemOf(word);
    words.set(stem, (words.get(stem) ?? 0) + 1);
  }
  return words;
}

/** Where words are written without spaces between, each two letters stand for one. */
function parts(word: string): string[] {
  if (!/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(word) || word.length < 3) return [word];
  return Array.from({ length: word.length - 1 }, (_, index) => word.slice(index, index + 2));
}

/** Stemming takes longer than all the rest, and goals are made of the same words. */
function stemOf(word: string): string {
  let stem = stems.get(word);
  if (stem === undefined) {
    stem = stemmer(word);
    if (stems.size >= MOST_STEMS) stems.clear();
    stems.set(word, stem);
  }
  return stem;
}
