// Values whose argument has to be inferred: from what kind of value it is, from the words beside it, and, for free text, from
// what nothing else has taken.
import { barePath, hereIn } from "./bare-paths.js";
import type { Draft } from "./draft.js";
import { leftoverText } from "./leftover-text.js";
import { kindOfText, type Literal } from "./literals.js";
import { PHRASE, placeNumbers } from "./number-places.js";
import { type Argument, type ArgumentKind, FREE_TEXT } from "./tool-profile.js";
import { isStopWord, type Word, wordsOf } from "./words.js";
import { coerce } from "./written-values.js";

export function inferArguments(draft: Draft): void {
  placeByKind(draft);
  fillNumbers(draft);
  fillLists(draft);
  fillPath(draft);
  fillQuoted(draft);
  fillRest(draft);
}

/** Which kinds of argument a kind of value suits, best first. */
const TAKES: Readonly<Record<string, readonly ArgumentKind[]>> = {
  url: ["url"],
  path: ["path"],
  glob: ["glob", "query", "path"],
  date: ["date"],
  email: ["email"],
  expression: ["expression"],
  number: ["number"],
};
const ANY_TEXT: readonly ArgumentKind[] = [...FREE_TEXT, "path", "url", "email", "date", "expression", "timezone"];

/** URLs, paths, patterns, dates, addresses and arithmetic, each to an argument that is made for it. */
function placeByKind(draft: Draft): void {
  for (const literal of draft.message.literals) {
    if (draft.isTaken(literal) || literal.kind === "number") continue;
    const kind = literal.kind === "quoted" ? kindOfText(literal.text) : literal.kind;
    if (kind === undefined) continue;
    const isName =
      kind === "path" && /\b(?:named|called)\s+$/i.test(draft.message.text.slice(0, literal.start).slice(-40));
    const open = [...draft.open(true), ...draft.open(false)];
    const takes = isName ? ["glob", ...(TAKES.path ?? [])] : (TAKES[kind] ?? []);
    const fitting = takes.flatMap((wanted) => open.filter((argument) => argument.kind === wanted));
    const argument = fitting.find((one) => draft.isNamedBefore(literal, one)) ?? fitting[0];
    if (argument === undefined) continue;
    const value = kind === "expression" ? inItsSigns(draft, literal.text) : literal.text;
    draft.set(argument, value, literal, kind === "path" && /[^/]\.\w+$/.test(value) ? "file" : kind);
  }
}

/** A power is `**` to some calculators and `^` to others; the tool's own description tells. */
function inItsSigns(draft: Draft, expression: string): string {
  const { description } = draft.profile.tool;
  return description.includes("^") && !description.includes("**") ? expression.replaceAll("**", "^") : expression;
}

/** Where the words beside them point; then to what is required, in order; then to the only argument there is. */
function fillNumbers(draft: Draft): void {
  const open = draft.ofKind("number");
  for (const place of placeNumbers(draft.free("number"), open, draft.contentWords(), draft.isName)) {
    if (place.pull >= PHRASE) draft.fitting.push("phrase");
    setNumber(draft, place.argument, place.literal);
  }
  const left = draft.free("number");
  for (const argument of draft.open(true).filter(({ kind }) => kind === "number")) {
    const literal = left.shift();
    if (literal !== undefined) setNumber(draft, argument, literal);
  }
  const [only, ...others] = draft.ofKind("number");
  const [literal] = left;
  if (only !== undefined && literal !== undefined && others.length === 0) setNumber(draft, only, literal);
}

function setNumber(draft: Draft, argument: Argument, literal: Literal): void {
  const value = coerce(literal.value, argument);
  if (value === undefined) return;
  draft.set(argument, value, literal, "number");
  // The unit belongs to the value.
  const unit = draft.contentWords().find((word) => word.start >= literal.end && draft.touches(word, literal));
  if (unit === undefined || draft.isName(unit)) return;
  if ([...argument.nameStems, ...argument.descriptionStems].includes(unit.stem)) draft.taken.push(unit);
}

/** A list takes every value of its kind; a list of any text takes what is quoted. */
function fillLists(draft: Draft): void {
  for (const argument of draft.open(true).filter(({ kind }) => kind === "list")) {
    const wanted = argument.item ?? "text";
    const literals = draft.message.literals.filter((literal) => {
      if (draft.isTaken(literal)) return false;
      if (wanted === "text" || wanted === "prose") return literal.kind === "quoted";
      const kind = literal.kind === "quoted" ? kindOfText(literal.text) : literal.kind;
      return kind !== undefined && (TAKES[kind] ?? []).includes(wanted);
    });
    if (literals.length === 0) continue;
    const items = literals.map((literal) => (wanted === "number" ? literal.value : literal.text));
    draft.fill(argument.name, items);
    for (const literal of literals) draft.consume(literal, literals.length > 1 ? "several" : wanted);
  }
}

/** A name that is a path only by the words around it. */
function fillPath(draft: Draft): void {
  const [argument] = draft.ofKind("path");
  if (argument === undefined) return;
  const here = hereIn(draft.message.text);
  if (here !== undefined && !draft.isTaken(here)) {
    // Where it may be left out, the tool's own default is the place.
    if (argument.required) draft.fill(argument.name, ".");
    draft.fitting.push("path");
    return;
  }
  const mayBe = (word: Word) => !draft.isName(word) && !draft.isTaken(word);
  const alone = argument.required && !draft.open(true).some(({ kind }) => FREE_TEXT.includes(kind));
  const found = barePath(draft.message, mayBe, alone);
  if (found === undefined) return;
  draft.assign(found, argument, draft.message.text.slice(found.start, found.end));
  draft.fitting.push("path");
}

/** What is quoted: where the argument's name stands before it, else prose first, else whatever takes text. */
function fillQuoted(draft: Draft): void {
  for (const literal of draft.free("quoted")) {
    const open = draft.open(true).filter(({ kind }) => ANY_TEXT.includes(kind));
    const optional = draft.open(false).filter(({ kind }) => FREE_TEXT.includes(kind));
    const named = [...open, ...optional].find((argument) => draft.isNamedBefore(literal, argument));
    const free = FREE_TEXT.flatMap((wanted) => open.filter(({ kind }) => kind === wanted))[0] ?? open[0];
    const argument = named ?? free ?? (draft.open(true).length === 0 ? draft.ofKind("query")[0] : undefined);
    if (argument !== undefined) draft.set(argument, literal.text, literal, "quoted");
  }
}

/** The rest of the message, for the one required argument that takes free text, or for what a tool searches. */
function fillRest(draft: Draft): void {
  const named = draft.message.namedUntil !== undefined;
  const kinds = named ? ANY_TEXT : FREE_TEXT;
  const open = draft.open(true).filter(({ fallback }) => fallback === undefined);
  const texts = open.filter(({ kind }) => kinds.includes(kind));
  const argument = texts[0] ?? (open.length === 0 ? draft.ofKind("query")[0] : undefined);
  const from = draft.message.namedUntil ?? prefixEnd(draft);
  if (argument === undefined || from === undefined || (texts.length > 1 && !named)) return;

  const about = new Set([...draft.profile.nameStems, ...draft.profile.serverStems, ...draft.profile.descriptionStems]);
  const rest = leftoverText(draft.message.text, from, argument, named, draft.taken, (one) => about.has(one));
  const words = wordsOf(rest.text, []);
  if (words.length === 0) return;
  // Words of grammar alone, or of the tool's own vocabulary, are said about something else.
  const isGrammar = words.every((word) => isStopWord(word.text));
  if (isGrammar && !argument.required) return;
  if (!named && !isGrammar && words.every((word) => isStopWord(word.text) || about.has(word.stem))) return;
  if (texts.length > 1) {
    // After the outright name of a tool: one word for each argument, and the last takes what is left.
    const parts = rest.text.split(/\s+/);
    if (parts.length < texts.length) return;
    for (const [at, one] of texts.entries()) {
      draft.fill(one.name, at === texts.length - 1 ? parts.slice(at).join(" ") : parts[at]);
    }
  } else {
    draft.fill(argument.name, rest.text);
  }
  draft.taken.push(...rest.stretches);
  draft.tookText = true;
}

/** Where the words that name the tool end: the first that does, and those right after it. */
function prefixEnd(draft: Draft): number | undefined {
  const { words } = draft.message;
  const first = words.findIndex((word) => draft.isName(word) && !draft.isTaken(word));
  let end = words[first]?.end;
  for (const word of words.slice(first + 1)) {
    if (end === undefined || draft.isTaken(word)) break;
    if (draft.isName(word) || word.text === "tool") end = word.end;
    else if (!isStopWord(word.text)) break;
  }
  return end;
}
