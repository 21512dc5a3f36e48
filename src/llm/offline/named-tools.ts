// Finds the tool a message names outright, as `files.read_file` or `read_file`.
import { literalsOf } from "./literals.js";
import type { ToolProfile } from "./tool-profile.js";
import { overlap } from "./utterance.js";

/** Tools whose very name stands in the message, and where it stands. */
export interface Named {
  readonly profiles: readonly ToolProfile[];
  readonly start: number;
  readonly end: number;
}

/**
 * A full name counts anywhere outside quotes, and so does a short one that is no plain word. A short name of one plain word
 * may begin an ordinary sentence, so it is weighed like any other word.
 */
export function namedTools(text: string, profiles: readonly ToolProfile[]): Named | undefined {
  const names = new Map<string, ToolProfile[]>();
  for (const profile of profiles) {
    for (const form of formsOf(profile)) names.set(form, [...(names.get(form) ?? []), profile]);
  }
  const beginning = text.slice(0, 2000);
  const quoted = literalsOf(beginning).filter(({ kind }) => kind === "quoted" || kind === "json" || kind === "pair");
  for (const token of beginning.matchAll(/[\p{L}\p{N}_][\p{L}\p{N}_.-]*/gu)) {
    const written = token[0].replace(/[.-]+$/, "");
    const found = names.get(written.toLowerCase());
    const stretch = { start: token.index, end: token.index + written.length };
    if (found !== undefined && !quoted.some((one) => overlap(one, stretch))) return { profiles: found, ...stretch };
  }
  return undefined;
}

function formsOf({ tool, shortName }: ToolProfile): Set<string> {
  const forms = [tool.name, tool.name.replace(".", "__")];
  if (/[_-]/.test(shortName)) forms.push(shortName);
  return new Set(forms.map((form) => form.toLowerCase()));
}
