// What is different between two versions of a tool, in few lines that a person reads before they trust it again. All that is new is
// shown, sentence by sentence, with invisible characters written out: a description is read by the model, and new words in one may be
// meant for it. Lines that seem to be are marked; that is a hint and no proof, either way.
import type { ToolInfo } from "./mcp-types.js";

/** What a fingerprint is taken of, but for the name. */
export type ToolDefinition = Pick<ToolInfo, "title" | "description" | "inputSchema" | "outputSchema" | "annotations">;

const MOST_LINES = 24;
const LONGEST_LINE = 1_000;
const DEEPEST = 12;
/** Of one text; what comes after them is looked at as one. */
const MOST_SENTENCES = 2_000;
/** Of a long text, what is shown before the words that speak to the model. */
const BEFORE = 100;

/** Almost every text, told apart far faster. */
const PRINTED = /^[\n\x20-\x7e]*$/;
const HIDDEN = /\p{Cc}|\p{Cf}|\p{Co}|\p{Cs}|\u2028|\u2029|\p{Variation_Selector}/gu;

/** Words that tell a model what to do rather than a reader what a tool does. */
const TO_THE_MODEL =
  /\b(ignore|disregard|forget)\b.{0,40}\b(previous|prior|above|instructions?|rules)\b|\b(do not|don't|never|without)\b.{0,30}\b(tell|mention|inform|reveal|show|ask(ing)?)\b|\b(you (must|should|are|have to|need to|will)|always|first|before (using|calling|running|you)|instead of)\b.{0,80}\b(call|use|read|send|pass|include|run|tool|file|key|secret|password)|\b(important|system prompt|assistant|instructions?)\b|<\/?[a-z_]+>|\.ssh|id_rsa|api[ _-]?key|password|\\u\{/i;

export function definitionOf({ title, description, inputSchema, outputSchema, annotations }: ToolInfo): ToolDefinition {
  return {
    ...(title === undefined ? {} : { title }),
    description,
    inputSchema,
    ...(outputSchema === undefined ? {} : { outputSchema }),
    annotations,
  };
}

/** Lines that begin with `-` for what is gone and `+` for what is new. */
export function toolDiff(before: ToolDefinition, after: ToolDefinition): string[] {
  const [old, now] = [leavesOf(before), leavesOf(after)];
  const lines: string[] = [];
  for (const place of [...new Set([...old.keys(), ...now.keys()])]) {
    const gone = sentences(old.get(place));
    const came = sentences(now.get(place));
    for (const text of without(gone, came)) lines.push(`- ${place}: ${cut(text)}`);
    for (const text of without(came, gone)) {
      const found = TO_THE_MODEL.exec(text);
      const mark = found === null ? "" : "  <- seems to speak to the model";
      lines.push(`+ ${place}: ${cut(text, found?.index)}${mark}`);
    }
  }
  if (lines.length <= MOST_LINES) return lines;
  const first = lines.filter((line) => line.endsWith("the model"));
  const rest = lines.filter((line) => !line.endsWith("the model"));
  const shown = [...first, ...rest].slice(0, MOST_LINES);
  return [...shown, `… and ${lines.length - shown.length} lines more`];
}

/** Text with everything invisible written out. */
export function visible(text: string): string {
  if (PRINTED.test(text)) return text;
  return text.replace(HIDDEN, (character) =>
    character === "\n" ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** Every text, number and truth value of it, by where it stands. */
function leavesOf(value: unknown, place: readonly string[] = [], found = new Map<string, string>()) {
  if (typeof value === "object" && value !== null && !Array.isArray(value) && place.length < DEEPEST) {
    for (const [key, member] of Object.entries(value)) leavesOf(member, [...place, key], found);
    const isEmpty = Object.keys(value).length === 0;
    if (isEmpty && place.at(-1) !== "properties") found.set(nameOf(place), "{}");
  } else if (value !== undefined) {
    found.set(nameOf(place), typeof value === "string" ? value : JSON.stringify(value));
  }
  return found;
}

/** `inputSchema.properties.path.type` is the argument `path`'s type. */
function nameOf(place: readonly string[]): string {
  const [schema, properties, ...rest] = place;
  if (properties !== "properties" || rest.length === 0) return visible(place.join("."));
  return visible(`${schema === "inputSchema" ? "argument" : "answer"} ${rest.join(".")}`);
}

function sentences(text: string | undefined): string[] {
  if (text === undefined) return [];
  const all = text.split(/\n+|(?<=[.!?])\s+/);
  const rest = all.slice(MOST_SENTENCES).join(" ");
  return [...all.slice(0, MOST_SENTENCES), rest].map((part) => visible(part).trim()).filter((part) => part !== "");
}

/** Those of the first that the second has not, each as often as it has it more often. */
function without(texts: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const text of others) left.set(text, (left.get(text) ?? 0) + 1);
  return texts.filter((text) => {
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count <= 0;
  });
}

function cut(text: string, at = 0): string {
  if (text.length <= LONGEST_LINE) return text;
  const from = at + BEFORE < LONGEST_LINE ? 0 : at - BEFORE;
  const shown = text.slice(from, from + LONGEST_LINE);
  return `${from > 0 ? "…" : ""}${shown}… and ${text.length - shown.length} characters more`;
}
