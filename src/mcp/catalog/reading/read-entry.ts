// One file as an entry: what its frontmatter says, and where it says nothing its heading, its first paragraph and its name.
import type { CatalogEntry, Diagnosis } from "../entry.js";
import type { FoundFile } from "./find-files.js";
import { partFrontmatter } from "./frontmatter.js";
import { outlineOf } from "./outline.js";

/** All of an entry but its id, which depends on what else there is. */
export type ReadEntry = Omit<CatalogEntry, "id">;
export interface ReadFile {
  /** Absent for a file that says nothing. */
  readonly entry?: ReadEntry;
  readonly body: string;
  readonly diagnoses: readonly Diagnosis[];
}

const MOST_NAME = 200;
const MOST_DESCRIPTION = 8_000;
const MOST_TAGS = 50;
const MOST_STEPS = 20;

export function readEntry(file: FoundFile, source: string): ReadFile {
  const say = (line: number, problem: string, left: Diagnosis["left"]) => ({ file: file.path, line, problem, left });
  if (source.includes("\u0000")) return { body: "", diagnoses: [say(1, "this is no text", "out")] };
  const { fields, body, fenced, faults } = partFrontmatter(source);
  const diagnoses = faults.map(({ line, problem }) => say(line, problem, "in"));
  if (body.trim() === "" && textOf(fields.description) === "")
    return { body: "", diagnoses: [...diagnoses, say(1, "the file says nothing", "out")] };
  if (!fenced && file.kind !== "workflow") diagnoses.push(say(1, "there is no frontmatter", "in"));
  const name = one(textOf(fields.name)).slice(0, MOST_NAME);
  if (fenced && name === "" && file.kind !== "workflow") diagnoses.push(say(1, "the frontmatter has no name", "in"));
  const described = textOf(fields.description).slice(0, MOST_DESCRIPTION);
  if (fenced && described === "") diagnoses.push(say(1, "the frontmatter has no description", "in"));
  const folders = file.place.split("/");
  const model = one(textOf(fields.model)).slice(0, MOST_NAME);
  return {
    entry: {
      kind: file.kind,
      name: name || (folders.at(-1) ?? file.place).slice(0, MOST_NAME),
      description: described || opening(body) || outlineOf(body).headings[0] || "",
      plugin: file.plugin,
      path: file.path,
      ...(model && { model }),
      capabilities: tags(fields.capabilities),
      keywords: [...new Set([...tags(fields.keywords), ...tags(fields.tags), ...tags(fields.triggers)])],
      ...(file.kind === "skill" && {
        category: one(textOf(fields.category)).slice(0, MOST_NAME) || (folders.at(-2) ?? file.plugin),
      }),
      ...(file.kind === "workflow" && workflow(fields, body)),
    },
    body,
    diagnoses,
  };
}

function workflow(fields: Readonly<Record<string, unknown>>, body: string): Partial<ReadEntry> {
  const hint = one(textOf(fields["argument-hint"] ?? fields.arguments)).slice(0, MOST_NAME);
  const agents = body.matchAll(/(?:subagent_type|agent_type)\s*(?:["']\s*)?[:=]\s*["'`]?([\w.-]+(?::{1,2}[\w.-]+)?)/g);
  return {
    ...(hint && { arguments: hint }),
    steps: stepsOf(body),
    agents: [...new Set(Array.from(agents, ([, agent = ""]) => agent))].slice(0, MOST_STEPS),
  };
}

/** Numbered headings where there are some, else the headings of the second level, else numbered lines. */
function stepsOf(body: string): readonly string[] {
  const { numbered, sections, lines } = outlineOf(body);
  return [numbered, sections, lines].find((found) => found.length > 1)?.slice(0, MOST_STEPS) ?? [];
}

/** The first paragraph that is prose. */
function opening(body: string): string {
  const paragraphs = body
    .slice(0, 20_000)
    .replace(/^(```|~~~)[\s\S]*?^\1.*$/gm, "")
    .split(/\n\s*\n/);
  const prose = paragraphs.map((each) => each.replace(/^#{1,6}\s.*$/gm, "").trim());
  return one(prose.find((each) => /\p{L}{2}/u.test(each) && !/^(?:[|<]|---)/.test(each)) ?? "").slice(0, 1_000);
}

function tags(value: unknown): string[] {
  const items = Array.isArray(value) ? value.map((item) => textOf(item, 1)) : textOf(value).split(/[,;\n]/);
  return items
    .map((item) => one(item).slice(0, 100))
    .filter((item) => item !== "")
    .slice(0, MOST_TAGS);
}

/** A list may hold itself, by an alias: beyond a list of lists there is nothing. */
function textOf(value: unknown, within = 0): string {
  if (typeof value === "string") return value.trim();
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value) && within < 2)
    return value
      .map((item) => textOf(item, within + 1))
      .filter((item) => item !== "")
      .join(", ");
  return "";
}

function one(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
