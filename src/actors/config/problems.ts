// What is wrong with the settings, in one sentence each: where it stands, which key, what was found and what is allowed.
// A value that may be a secret is never repeated.
import type { z } from "zod";
import { BanyanError } from "../../supervision/errors.js";
import { isTable, type Origin } from "./merge.js";
import { type Path, schemaAt, settingsIn } from "./schema.js";

/** One thing that is wrong, as plain data. `message` is the whole sentence, place included. */
export interface ConfigProblem {
  readonly message: string;
  readonly key?: string;
  /** Where the wrong value stands; absent when a file as a whole cannot be read. */
  readonly origin?: Origin;
}

/** Settings that do not hold, with every problem found. Code `config_invalid`. */
export class ConfigError extends BanyanError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
    super("config_invalid", `${problems[0]?.message ?? "The settings are not valid."}${more}`);
    this.problems = problems;
  }
}

const MOST_PROBLEMS = 20;

/** The problems of one layer, one a path, in the order of the file; past twenty the rest is only counted. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], values: unknown, origin: (path: Path) => Origin) {
  const found = new Map<string, { key: string; from: Origin; says: () => string }>();
  for (const { path, says } of issues.flatMap((issue) => sentences(issue, values))) {
    const key = keyOf(path);
    if (!found.has(key)) found.set(key, { key, from: origin(path), says });
  }
  const sorted = [...found.values()].sort((one, other) => lineOf(one.from) - lineOf(other.from));
  const problems = sorted.slice(0, MOST_PROBLEMS).map(({ key, from, says }): ConfigProblem => {
    return { message: `${placeOf(from)}: ${key} ${says()}.`, key, origin: from };
  });
  const next = sorted[MOST_PROBLEMS];
  if (next === undefined) return problems;
  const message = `${placeOf(next.from)}: ${next.key} is wrong too, and ${sorted.length - MOST_PROBLEMS - 1} after it.`;
  return [...problems, { message, key: next.key, origin: next.from }];
}

/** Each with its text made only when it is told: a hostile file has a hundred thousand of them. */
function sentences(issue: z.core.$ZodIssue, values: unknown): { path: Path; says: () => string }[] {
  const at = issue.path.filter((step) => typeof step !== "symbol");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...at, key], says: () => unknownKey(at, key) }));
  }
  if (issue.code === "invalid_key") {
    const [what, allowed] =
      at[0] === "pools" || at[0] === "prices"
        ? [`a ${at[0].slice(0, -1)}`, 'a-z, 0-9, "_" and "-", beginning with a letter or digit, at most 64 long']
        : at[2] === "headers"
          ? ["a header", 'letters, digits, "-" and what else HTTP allows']
          : ["an environment variable", 'letters, digits and "_"'];
    return [{ path: at, says: () => `is no name for ${what}; allowed: ${allowed}` }];
  }
  return [{ path: at, says: () => `is ${shown(at, valueAt(values, at))}; allowed: ${issue.message}` }];
}

/** A path that leads nowhere, in one sentence without its full stop. */
export function unknownSetting(path: Path): string {
  const length = path.findIndex((_, index) => schemaAt(path.slice(0, index + 1)) === undefined);
  const known = path.slice(0, Math.max(0, length));
  return `${keyOf(path)} ${unknownKey(known, String(path[known.length] ?? ""))}`;
}

function unknownKey(table: Path, key: string): string {
  const allowed = Object.keys(settingsIn(schemaAt(table)));
  const near = nearest(key, allowed) ?? elsewhere(key);
  const suggestion = near === undefined ? "" : ` (did you mean ${near}?)`;
  const inTable =
    table.length === 0 ? "at the top" : table[0] === "servers" ? "in [[servers]]" : `in [${table.join(".")}]`;
  return `is no setting${suggestion}; allowed ${inTable}: ${allowed.join(", ")}`;
}

/** A setting of exactly this name in another table. */
function elsewhere(key: string, at: Path = []): string | undefined {
  for (const [name, schema] of Object.entries(settingsIn(schemaAt(at)))) {
    const path = [...at, name];
    if (name === key && schema !== undefined) return keyOf(path);
    const deeper = elsewhere(key, path);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

/** The allowed name that was most likely meant, or undefined when none is near. */
export function nearest(written: string, allowed: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[-_]/g, "");
  const key = plain(written.slice(0, 64));
  const ranked = allowed
    .map((name) => {
      const inside = key.includes(plain(name)) && name.length > 3;
      return { name, distance: inside ? 1 : editDistance(key, plain(name)) };
    })
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(plain(name).length / 3)))
    // Of two as near the longer, which more of what was written is in: mcpServers means servers, not server.
    .sort((one, other) => one.distance - other.distance || other.name.length - one.name.length);
  return ranked[0]?.name;
}

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours. */
function editDistance(one: string, other: string): number {
  let before: number[] = [];
  let above = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      const swapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const at = (line: number[], index: number) => line[index] ?? Number.POSITIVE_INFINITY;
      current[column] = Math.min(
        at(above, column) + 1,
        at(current, column - 1) + 1,
        at(above, column - 1) + (same ? 0 : 1),
        swapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = above;
    above = current;
  }
  return above[other.length] ?? 0;
}

/** `/x/config.toml:12`, or the name of the environment variable or flag. */
export function placeOf(origin: Origin): string {
  if (origin.layer === "default") return "default";
  return "file" in origin ? `${origin.file}:${origin.line}` : origin.name;
}

function lineOf(origin: Origin | undefined): number {
  return origin !== undefined && "line" in origin ? origin.line : 0;
}

function keyOf(path: Path): string {
  const key = path.reduce<string>((before, step) => {
    if (typeof step === "number") return `${before}[${step}]`;
    const name = /^[\w-]{1,64}$/.test(step) ? step : quoted(step);
    return before === "" ? name : `${before}.${name}`;
  }, "");
  return key === "" ? "the file" : key;
}

function valueAt(values: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => {
    if (Array.isArray(value)) return value[Number(step)];
    return isTable(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }, values);
}

function shown(path: Path, value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "symbol") return value.description ?? "";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isTable(value)) return "a table";
  // A text where a table belongs may be a key as well: [providers] openai = "sk-…".
  const isTableOfSettings = Object.keys(settingsIn(schemaAt(path))).length > 0;
  const maybeSecret =
    path.includes("api_key") || path[2] === "env" || path[2] === "headers" || path[2] === "url" || isTableOfSettings;
  if (maybeSecret) return `a ${typeof value} (not shown)`;
  return typeof value === "string" ? quoted(value.replace(/\/\/[^/@]*@/, "//…@")) : String(value);
}

/** In quotes, cut to a readable length, and without characters that would steer a terminal. */
function quoted(text: string): string {
  const steering = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
  return JSON.stringify(cut(text)).replaceAll(
    steering,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
