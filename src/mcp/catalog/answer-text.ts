// An answer as a model reads it: a line for each entry, which costs a third of the same as JSON.
import type { Found } from "./queries.js";

/** Undefined for an answer that is no list of entries. */
export function answerText(answer: object): string | undefined {
  const list = entriesIn(answer);
  if (list === undefined) return undefined;
  const { reasoning, nearest, left_out } = answer as Said; // of an answer with such a list
  const lines = [
    reasoning,
    ...list.map(entryText),
    ...(nearest === undefined || nearest.length === 0 ? [] : [`The nearest names are: ${nearest.join(", ")}.`]),
    ...(left_out === undefined ? [] : [`${left_out} more did not fit max_tokens.`]),
  ];
  return lines.join("\n");
}

interface Said {
  readonly reasoning: string;
  readonly nearest?: readonly string[];
  readonly left_out?: number;
}

/** The list of a query's answer, whatever it is called there. */
export function entriesIn(answer: object): readonly Found[] | undefined {
  for (const name of ["agents", "skills", "workflows", "tools"]) {
    const list: unknown = Reflect.get(answer, name);
    if (Array.isArray(list)) return list;
  }
  return undefined;
}

function entryText({ name, plugin, model, role, description, arguments: takes, alternates, text }: Found): string {
  const notes = [plugin, model, role && `role ${role}`].filter((note) => note !== undefined && note !== "");
  const head = `- ${name}${takes === undefined ? "" : ` ${takes}`} (${notes.join(", ")})`;
  const also = alternates === undefined || alternates.length === 0 ? "" : ` [same: ${alternates.join(", ")}]`;
  const told = `${head}${description === undefined ? "" : `: ${description}`}${also}`;
  return text === undefined ? told : `${told}\n\n${text}\n`;
}
