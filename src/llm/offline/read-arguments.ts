// Reads a tool's arguments out of a message, by the tool's schema alone: first what the message states outright, then what
// has to be inferred.
import { Draft } from "./draft.js";
import { inferArguments } from "./inferred-arguments.js";
import { readStated } from "./stated-arguments.js";
import type { ToolProfile } from "./tool-profile.js";
import type { Utterance } from "./utterance.js";
import type { Word } from "./words.js";

export interface ReadArguments {
  readonly values: { readonly [name: string]: unknown };
  /** Required arguments without a value. */
  readonly missing: readonly string[];
  /** Kinds of the values that went to an argument made for them. */
  readonly fitting: readonly string[];
  /** How many values nothing took. */
  readonly unused: number;
  /** Words that are no part of any argument: what is said about the tool itself. */
  readonly otherWords: readonly Word[];
  /** True when the rest of the message became an argument. */
  readonly tookText: boolean;
}

/** `isName` says of a word whether it stands for a part of the tool's name. */
export function readArguments(
  profile: ToolProfile,
  message: Utterance,
  isName: (word: Word) => boolean,
): ReadArguments {
  const draft = new Draft(profile, message, isName);
  readStated(draft);
  inferArguments(draft);
  const missing: string[] = [];
  for (const { name, fallback } of draft.open(true)) {
    if (fallback === undefined) missing.push(name);
    else draft.fill(name, fallback);
  }
  return {
    values: draft.values(),
    missing,
    fitting: draft.fitting,
    unused: message.literals.filter((literal) => !draft.isTaken(literal)).length,
    otherWords: message.words.filter((word) => !draft.isTaken(word)),
    tookText: draft.tookText,
  };
}
