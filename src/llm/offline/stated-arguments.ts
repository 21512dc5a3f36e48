// Values the message gives to an argument by name or by the very words of its schema: JSON, `key=value`, `key: value`,
// `--key value`, choices of an enum, flags, time zones.
import type { Draft } from "./draft.js";
import { timezoneIn } from "./timezones.js";
import { FREE_TEXT } from "./tool-profile.js";
import { partsOf, stem } from "./words.js";
import { asBoolean, coerce, findWords, squeeze } from "./written-values.js";

export function readStated(draft: Draft): void {
  readJson(draft);
  readPairs(draft);
  readOptions(draft);
  readChoices(draft);
  readFlags(draft);
  readTimezone(draft);
}

/** A JSON object with the names of arguments, or an array for the one that takes any. */
function readJson(draft: Draft): void {
  for (const literal of draft.free("json")) {
    const { value } = literal;
    if (Array.isArray(value)) {
      const argument = draft.open(true).find(({ kind }) => kind === "list" || kind === "structure");
      if (argument !== undefined) draft.set(argument, value, literal, "json");
    } else if (typeof value === "object" && value !== null) {
      const known = draft.profile.arguments.map((argument) => argument.name);
      const fits = Object.keys(value).some((key) => known.includes(key));
      if (!fits && draft.message.namedUntil === undefined) continue;
      for (const [key, item] of Object.entries(value)) draft.fill(key, item);
      draft.consume(literal, "json");
    }
  }
}

/** `key=value` */
function readPairs(draft: Draft): void {
  for (const literal of draft.free("pair")) {
    const argument = draft.profile.arguments.find(({ name }) => squeeze(name) === squeeze(literal.key ?? ""));
    const value = argument && coerce(literal.value, argument);
    if (argument !== undefined && value !== undefined) draft.set(argument, value, literal, "pair");
  }
}

/** `key: value` and `--key value` */
function readOptions(draft: Draft): void {
  const { text, literals, words } = draft.message;
  for (const word of words) {
    const argument = draft.profile.arguments.find(({ name }) => squeeze(name) === squeeze(word.text));
    if (argument === undefined || draft.has(argument.name)) continue;
    const isOption = text.slice(0, word.start).endsWith("--");
    if (isOption && argument.kind === "boolean") {
      draft.assign(word, argument, true);
      continue;
    }
    const mark = isOption ? /^\s+/.exec(text.slice(word.end)) : /^:\s*/.exec(text.slice(word.end));
    if (mark === null) continue;
    const from = word.end + mark[0].length;
    const literal = literals.find((one) => one.start === from && !draft.isTaken(one));
    const isLong = !isOption && FREE_TEXT.includes(argument.kind);
    const written = (isLong ? /^[^\n]+/ : /^[^\s,;]+/).exec(text.slice(from))?.[0].trim() ?? "";
    const value = coerce(literal?.value ?? written, argument);
    if (value === undefined || written === "") continue;
    draft.assign({ start: word.start, end: literal?.end ?? from + written.length }, argument, value);
  }
}

/** A choice of an enum, wherever its words stand. */
function readChoices(draft: Draft): void {
  const text = draft.message.text.toLowerCase();
  for (const argument of draft.ofKind("enum")) {
    const forms = argument.choices.flatMap((choice) => {
      const spaced = partsOf(String(choice)).join(" ");
      return [String(choice).toLowerCase(), spaced].map((form) => ({ choice, form }));
    });
    for (const { choice, form } of forms.sort((a, b) => b.form.length - a.form.length)) {
      const start = findWords(text, form);
      const stretch = { start, end: start + form.length };
      if (start < 0 || draft.isTaken(stretch)) continue;
      draft.assign(stretch, argument, choice);
      draft.fitting.push("enum");
      // "imperial units": the argument's own name beside its value is said of nothing else.
      const beside = draft.contentWords().filter((word) => draft.touches(word, stretch));
      draft.taken.push(...beside.filter((word) => argument.nameStems.includes(word.stem) && !draft.isName(word)));
      break;
    }
  }
}

/** A flag is set by naming it ("dry run", "with image"), and unset by "no", "not" or "without" before it. */
function readFlags(draft: Draft): void {
  for (const argument of draft.ofKind("boolean")) {
    const name = argument.nameStems.filter((one) => !FLAG_VERBS.has(one));
    const words = draft.message.words.filter((word) => name.includes(word.stem) && !draft.isTaken(word));
    const [first] = words;
    if (first === undefined || new Set(words.map((word) => word.stem)).size < name.length) continue;
    if (words.some((word) => draft.isName(word))) continue;
    const stated = /^\s*(?:=|:|is)?\s*(true|yes|on|false|no|off)\b/i.exec(draft.message.text.slice(first.end))?.[1];
    const before = draft.message.text.slice(0, first.start);
    const negated = /\b(no|not|non|without|don't|disable|skip)\s+(\w+\s+)?$/i.test(before.slice(-60));
    draft.fill(argument.name, stated === undefined ? !negated : asBoolean(stated));
    draft.taken.push(...words);
  }
}

/** A place with a time zone of its own. */
function readTimezone(draft: Draft): void {
  const [argument] = draft.ofKind("timezone");
  const found = argument && timezoneIn(draft.message.text);
  if (argument === undefined || found === undefined || draft.isTaken(found)) return;
  draft.assign(found, argument, found.zone);
  draft.fitting.push("timezone");
}

const FLAG_VERBS = new Set("include is enable with use has show do".split(" ").map(stem));
