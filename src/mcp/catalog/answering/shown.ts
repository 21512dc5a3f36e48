// How much of what was found is told: by the mode, and within the budget. Tokens are estimated by characters, on the safe side: what
// is told takes no more than was allowed, and what that leaves out is counted.
import { optional } from "../../client/sdk-shapes.js";
import type { answerModes, Found } from "../queries.js";
import type { FoundEntry } from "./find.js";

type Mode = (typeof answerModes)[number];

export interface Shown {
  readonly entries: readonly Found[];
  readonly leftOut: number;
}

export interface Allowance {
  readonly mode: Mode;
  readonly maxTokens?: number | undefined;
  /** What the rest of the answer takes. */
  readonly spent: number;
  readonly textOf: (id: string) => Promise<string>;
}

/** Of whole files, where no budget is named: what hosts take of a tool's result without a warning. */
const FULL_TOKENS = 20_000;
const LONGEST_DESCRIPTION = 120;
const MOST_TAGS = 8;
const MOST_ALTERNATES = 5;
/** Text cut shorter than this tells nothing. */
const LEAST_TEXT = 40;

/** Fewer characters a token than any text in use has: letters of other alphabets are a token each, and some two. */
export function tokensOf(text: string): number {
  let wide = 0;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) wide++;
  return Math.ceil((text.length - wide) / 3 + wide * 1.5);
}

/** What is told of each: at once, but for the texts of files, which are read. */
export function shown(found: readonly FoundEntry[], allowance: Allowance): Shown | Promise<Shown> {
  const { mode, maxTokens = mode === "full" ? FULL_TOKENS : undefined, spent } = allowance;
  const room = maxTokens === undefined ? Number.POSITIVE_INFINITY : maxTokens - spent;
  if (mode === "full") return inFull(found, room, allowance.textOf);
  const fitted = fitting(found, room, mode === "index" ? [inIndex] : [inCatalog, inIndex]);
  return { entries: fitted.entries, leftOut: found.length - fitted.entries.length };
}

/** As many as there is room for, the best first, each in the longest form in which it fits. */
function fitting(
  found: readonly FoundEntry[],
  room: number,
  forms: readonly ((found: FoundEntry) => Found)[],
): { entries: Found[]; room: number } {
  const entries: Found[] = [];
  let left = room;
  for (const each of found) {
    const fits = (form: Found): boolean => tokensOf(JSON.stringify(form)) + 1 <= left;
    const form = forms.map((make) => make(each)).find((made) => left === Number.POSITIVE_INFINITY || fits(made));
    if (form === undefined) break;
    if (left !== Number.POSITIVE_INFINITY) left -= tokensOf(JSON.stringify(form)) + 1;
    entries.push(form);
  }
  return { entries, room: left };
}

/** The entries first, then of their texts what there is room for, each an equal part of what is left. */
async function inFull(found: readonly FoundEntry[], room: number, textOf: Allowance["textOf"]): Promise<Shown> {
  const fitted = fitting(found, room, [whole, inCatalog, inIndex]);
  const { entries } = fitted;
  let left = fitted.room;
  const told: Found[] = [];
  for (const [index, entry] of entries.entries()) {
    const text = entry.kind === "tool" ? undefined : await textOf(entry.id).catch(() => undefined);
    const cut = text === undefined ? undefined : cutToTokens(text, left / (entries.length - index));
    if (cut !== undefined) left -= tokensOf(JSON.stringify(cut)) + 4;
    told.push(cut === undefined ? entry : { ...entry, text: cut });
  }
  return { entries: told, leftOut: found.length - entries.length };
}

function inIndex({ entry: { id, kind, name, plugin }, score }: FoundEntry): Found {
  return { id, kind, name, plugin, score: rounded(score) };
}

function inCatalog(found: FoundEntry): Found {
  const { entry, alternates } = found;
  const { description, model, category, role, fallbacks, capabilities, keywords } = entry;
  return {
    ...inIndex(found),
    ...(description === "" ? {} : { description: cutAtWord(description, LONGEST_DESCRIPTION) }),
    ...optional({ model, category, role, fallbacks }),
    ...(entry.arguments === undefined ? {} : { arguments: cutAtWord(entry.arguments, LONGEST_DESCRIPTION) }),
    ...some({ capabilities, keywords, alternates: alternates.slice(0, MOST_ALTERNATES) }, MOST_TAGS),
  };
}

function whole(found: FoundEntry): Found {
  const { entry, alternates } = found;
  const { id: _, kind: __, name: ___, plugin: ____, path: _____, capabilities, keywords, ...rest } = entry;
  return { ...inIndex(found), ...rest, ...some({ capabilities, keywords, alternates }, Number.POSITIVE_INFINITY) };
}

/** Lists that have something. */
function some(lists: Readonly<Record<string, readonly string[]>>, most: number): Partial<Found> {
  const filled = Object.entries(lists).filter(([, list]) => list.length > 0);
  return Object.fromEntries(filled.map(([name, list]) => [name, list.slice(0, most)]));
}

/** At most so many characters of its first lines, ended at a word. */
export function cutAtWord(text: string, most: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= most) return line;
  const cut = line.slice(0, most - 1);
  const space = cut.lastIndexOf(" ");
  const end = space > most / 2 ? space : cut.length - (isHighSurrogate(cut.charCodeAt(cut.length - 1)) ? 1 : 0);
  return `${cut.slice(0, end).replace(/[\s,;:.–-]+$/, "")}…`;
}

/** Undefined where there is no room for anything that tells something. */
function cutToTokens(text: string, most: number): string | undefined {
  if (tokensOf(JSON.stringify(text)) + 4 <= most) return text;
  let [low, high] = [0, Math.min(text.length, Math.max(0, Math.ceil(most * 3)))];
  const cutAt = (length: number): string => {
    const end = isHighSurrogate(text.charCodeAt(length - 1)) ? length - 1 : length;
    return `${text.slice(0, end)}\n… (${text.length - end} characters more)`;
  };
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (tokensOf(JSON.stringify(cutAt(middle))) + 4 <= most) low = middle;
    else high = middle - 1;
  }
  return low < LEAST_TEXT ? undefined : cutAt(low);
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function rounded(score: number): number {
  return Number(score.toFixed(3));
}
