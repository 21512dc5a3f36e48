// Which number belongs to which argument: "3 steps for 10 seconds", "duration 2", "the first 5 lines". The words beside a
// number pull it towards the arguments whose name or description has them, and all numbers are placed together, so that
// the sum of the pulls is the greatest.
import type { Literal } from "./literals.js";
import type { Argument } from "./tool-profile.js";
import type { Word } from "./words.js";

/** A pull this strong comes from a phrase the description itself uses. */
export const PHRASE = 4;

export interface Place {
  readonly literal: Literal;
  readonly argument: Argument;
  readonly pull: number;
}

/** Places for the numbers that some word speaks for; at most 6 numbers and 8 arguments are looked at. */
export function placeNumbers(
  numbers: readonly Literal[],
  open: readonly Argument[],
  words: readonly Word[],
  isName: (word: Word) => boolean,
): Place[] {
  const literals = numbers.slice(0, 6);
  const places = literals.map((literal) =>
    open.slice(0, 8).map((argument) => ({ literal, argument, pull: pullOf(literal, argument, words, isName) })),
  );
  return best(places);
}

/** The name counts more than the description, near words more than far ones, and a word after more than one before. */
function pullOf(literal: Literal, argument: Argument, words: readonly Word[], isName: (word: Word) => boolean): number {
  const after = words.filter((word) => word.start >= literal.end).slice(0, 2);
  const before = words
    .filter((word) => word.end <= literal.start)
    .slice(-2)
    .reverse();
  const [next] = after;
  const [previous] = before;
  let pull = 0;
  if (next !== undefined && previous !== undefined) {
    // "the first 5 lines" is what "the first N lines" describes.
    const phrase = new RegExp(`\\b${literally(previous.text)} (?:n|x|\\d+) ${literally(next.text)}\\b`, "i");
    if (phrase.test(argument.description)) pull += PHRASE;
  }
  for (const side of [after, before]) {
    for (const [distance, word] of side.entries()) {
      const named = argument.nameStems.includes(word.stem) ? 2 : 0;
      const described = argument.descriptionStems.includes(word.stem) && !isName(word) ? 1 : 0;
      pull += Math.max(named, described) / (1 + distance) + (side === after && named + described > 0 ? 0.1 : 0);
    }
  }
  return pull;
}

function best(rows: readonly (readonly Place[])[]): Place[] {
  let chosen: Place[] = [];
  let most = 0;
  const walk = (row: number, places: Place[], sum: number): void => {
    const options = rows[row];
    if (options === undefined) {
      if (sum > most) [chosen, most] = [places, sum];
      return;
    }
    for (const place of options) {
      if (place.pull <= 0 || places.some(({ argument }) => argument === place.argument)) continue;
      walk(row + 1, [...places, place], sum + place.pull);
    }
    walk(row + 1, places, sum);
  };
  walk(0, [], 0);
  return chosen;
}

function literally(word: string): string {
  return word.replaceAll(/[^\p{L}\p{N}]/gu, "\\$&");
}
