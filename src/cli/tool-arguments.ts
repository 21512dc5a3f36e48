// The arguments of `banyan tools call`: one JSON object, `key=value` pairs, or `-` for a JSON object on stdin.
import { BanyanError } from "../supervision/index.js";

/** As JSON; a running app takes a little more. */
const LONGEST = 1024 * 1024;

export async function argumentsFrom(
  words: readonly string[],
  stdin: AsyncIterable<unknown>,
): Promise<Record<string, unknown>> {
  const [first = "", ...others] = words;
  if (words.length === 0) return {};
  if (others.length === 0 && first === "-") return objectOf(await textOf(stdin));
  if (others.length === 0 && first.trimStart().startsWith("{")) return objectOf(first);
  return Object.fromEntries(words.map(pairOf));
}

function pairOf(word: string): [string, unknown] {
  const [, key, value] = /^([^=\s]+)=(.*)$/s.exec(word) ?? [];
  if (key === undefined || value === undefined) {
    throw usage(
      `${word.slice(0, 60)} is no argument; give one JSON object, or key=value pairs, or - to read JSON from stdin.`,
    );
  }
  try {
    return [key, JSON.parse(value)];
  } catch {
    return [key, value]; // a text needs no quotes
  }
}

function objectOf(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw usage('The arguments are not valid JSON; write them as in \'{"path": "notes.txt"}\'.');
  }
  if (text.length > LONGEST)
    throw usage(`The arguments have ${text.length} characters, and at most ${LONGEST} are taken.`);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw usage('The arguments are JSON, but no object; write them as in \'{"path": "notes.txt"}\'.');
}

async function textOf(stdin: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const part of stdin) {
    text += String(part);
    if (text.length > LONGEST)
      throw usage(`More than ${LONGEST} characters came from stdin; give the tool less at a time.`);
  }
  return text;
}

function usage(text: string): BanyanError {
  return new BanyanError("usage", text);
}
