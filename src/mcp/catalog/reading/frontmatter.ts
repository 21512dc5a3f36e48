// The frontmatter of real files. Strict YAML first; where a file is not that (a quarter of one large collection is not, mostly for an
// unquoted `: ` in the description), what can be told line by line is taken, and what was wrong is said with its line.
import { parseDocument } from "yaml";
import { messageOf } from "../../../supervision/errors.js";
import { isTooDeepForYaml, TOO_DEEP } from "./yaml-bounds.js";

export interface Fault {
  /** From 1, of the file. */
  readonly line: number;
  readonly problem: string;
}
export interface Parted {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** False where the file has none: no fault in itself. */
  readonly fenced: boolean;
  readonly faults: readonly Fault[];
}

/** The fields a salvaged line may start. Another word with a colon is more of the description: dialogues stand in there. */
const known = new Set([
  ...[
    "name",
    "description",
    "model",
    "tools",
    "color",
    "capabilities",
    "keywords",
    "tags",
    "triggers",
    "category",
    "arguments",
  ],
  ...[
    "argument-hint",
    "allowed-tools",
    "disallowed-tools",
    "disallowedtools",
    "allowed_tools",
    "version",
    "author",
    "license",
  ],
  ...[
    "metadata",
    "skills",
    "permissionmode",
    "hooks",
    "mcpservers",
    "type",
    "title",
    "when_to_use",
    "context",
    "agent",
    "role",
  ],
  ...[
    "user-invocable",
    "disable-model-invocation",
    "compatibility",
    "priority",
    "domain",
    "specialization",
    "subagent_type",
  ],
]);
const field = /^["']?([A-Za-z][\w-]*)["']?\s*:(?:\s+(.*))?$/;
const MOST_FRONTMATTER = 64 * 1024;

export function partFrontmatter(source: string): Parted {
  const text = source.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const opening = /^\s*---[ \t]*\n/.exec(text);
  if (opening === null) return { fields: {}, body: text, fenced: false, faults: [] };
  const start = opening[0].length;
  const firstLine = opening[0].split("\n").length;
  const { end, bodyStart, fault } = closing(text, start, firstLine);
  const inside = text.slice(start, Math.min(end, start + MOST_FRONTMATTER));
  const body = text.slice(bodyStart);
  const read = fault === undefined ? strictly(inside, firstLine) : { fields: salvage(inside), faults: [fault] };
  return { ...read, body, fenced: true };
}

function closing(text: string, start: number, firstLine: number): { end: number; bodyStart: number; fault?: Fault } {
  const fence = /^(?:---|\.\.\.)(?:[ \t]*(?:\n|$)|(?=[ \t]*#))/m;
  const found = fence.exec(text.slice(start));
  if (found !== null) return { end: start + found.index, bodyStart: start + found.index + found[0].length };
  // No end: it goes as far as lines of fields go.
  let [at, line] = [start, firstLine];
  for (const row of text.slice(start).split("\n")) {
    if (row.trim() === "" || row.startsWith("#") || !(field.test(row) || /^\s*-\s|^\s+\S/.test(row))) break;
    at += row.length + 1;
    line++;
  }
  const end = Math.min(at, text.length);
  return { end, bodyStart: end, fault: { line, problem: "the frontmatter has no closing --- line" } };
}

function strictly(inside: string, firstLine: number): Pick<Parted, "fields" | "faults"> {
  const plain = plainly(inside);
  if (plain !== undefined) return { fields: plain, faults: [] };
  if (isTooDeepForYaml(inside)) {
    const problem = `the frontmatter is not read as YAML: ${TOO_DEEP}`;
    return { fields: salvage(inside), faults: [{ line: firstLine, problem }] };
  }
  try {
    // Where each error is, as YAML would tell it, costs a look at its whole line: minutes for a long line full of errors.
    const document = parseDocument(inside, { logLevel: "silent", prettyErrors: false });
    const [error] = document.errors;
    if (error !== undefined) {
      const line = firstLine + linesBefore(inside, error.pos[0]);
      const problem = `the frontmatter is not YAML: ${error.message.split("\n")[0]}`;
      return { fields: salvage(inside), faults: [{ line, problem }] };
    }
    const value: unknown = document.toJS();
    if (value === null) return { fields: {}, faults: [] };
    if (typeof value === "object" && !Array.isArray(value)) return { fields: lowered({ ...value }), faults: [] };
    return { fields: salvage(inside), faults: [{ line: firstLine, problem: "the frontmatter is no list of fields" }] };
  } catch (error) {
    const problem = `the frontmatter is not YAML: ${messageOf(error)}`; // an alias to nothing, as in `tools: *`
    return { fields: salvage(inside), faults: [{ line: firstLine, problem }] };
  }
}

export function linesBefore(text: string, at: number): number {
  return text.slice(0, at).split("\n").length - 1;
}

/** Most files hold nothing but words after `key: `, where YAML cannot say anything else than these words; that saves nine tenths of the
 * time the YAML takes. Undefined for all others. */
function plainly(inside: string): Record<string, unknown> | undefined {
  const fields: Record<string, unknown> = {};
  for (const row of inside.split("\n")) {
    if (row === "") continue;
    const found = /^([a-z][\w-]*): ([A-Za-z][^#]*[^#:\s])$/.exec(row);
    const [, key, value] = found ?? [];
    if (key === undefined || value === undefined || Object.hasOwn(fields, key)) return undefined;
    if (/:\s|\t|^(?:true|false|null|[yn]|yes|no|on|off)$/i.test(value)) return undefined;
    fields[key] = value;
  }
  return fields;
}

/** Line by line: a known field starts at column 0, all until the next is its own. The first of two alike counts. */
function salvage(inside: string): Record<string, unknown> {
  const rows = new Map<string, string[]>();
  let current: string[] | undefined;
  for (const row of inside.split("\n")) {
    const [, key, value] = field.exec(row) ?? [];
    const name = key?.toLowerCase();
    if (name !== undefined && known.has(name)) {
      current = [value ?? ""];
      if (!rows.has(name)) rows.set(name, current);
    } else current?.push(row);
  }
  return Object.fromEntries([...rows].map(([name, found]) => [name, salvaged(name, found)]));
}

function salvaged(name: string, [first = "", ...more]: string[]): string | string[] {
  const value = first.trim();
  const items = more.map((row) => /^\s*-\s+(.*)$/.exec(row)?.[1]).filter((item) => item !== undefined);
  if (value === "" && items.length > 0) return items.map(unquoted);
  const list = /^\[(.*)\]$/.exec(value)?.[1];
  if (list !== undefined && name !== "argument-hint") return list.split(",").map((item) => unquoted(item.trim()));
  if (name !== "description") return unquoted(value);
  const text = /^[|>][+-]?\d?$/.test(value) ? more : [value, ...more];
  return unquoted(
    text
      .map((row) => row.trim())
      .join("\n")
      .trim(),
  );
}

function unquoted(text: string): string {
  return /^(["'])([\s\S]*)\1$/.exec(text)?.[2] ?? text;
}

function lowered(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key.toLowerCase(), value]));
}
