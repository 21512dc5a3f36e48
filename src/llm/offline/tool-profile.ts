// What the offline model knows of a tool: the words of its name and description, and for each argument what kind of value it
// takes. Everything is read from the tool's name, description and JSON schema, so it holds for any tool.
import type { JsonSchema, ToolDescription } from "../provider.js";
import { isStopWord, partsOf, stem, stemsOf } from "./words.js";

/** What an argument takes. `prose` is what someone writes, word for word, `text` the name of something; `query` is text one searches for, `glob` a pattern; `structure` can only be given as JSON. */
export type ArgumentKind =
  | "prose"
  | "text"
  | "query"
  | "glob"
  | "path"
  | "url"
  | "email"
  | "date"
  | "expression"
  | "timezone"
  | "enum"
  | "number"
  | "boolean"
  | "list"
  | "structure";

/** Kinds that take whatever is written, those first that want it word for word. */
export const FREE_TEXT: readonly ArgumentKind[] = ["prose", "text", "query", "glob"];

export interface Argument {
  readonly name: string;
  readonly kind: ArgumentKind;
  /** For a `list`: what its items are. */
  readonly item: ArgumentKind | undefined;
  readonly required: boolean;
  readonly integer: boolean;
  readonly choices: readonly (string | number)[];
  readonly fallback: unknown;
  readonly nameStems: readonly string[];
  readonly description: string;
  readonly descriptionStems: readonly string[];
}

export interface ToolProfile {
  readonly tool: ToolDescription;
  /** The name without the server's. */
  readonly shortName: string;
  readonly nameStems: readonly string[];
  readonly serverStems: readonly string[];
  readonly descriptionStems: readonly string[];
  readonly arguments: readonly Argument[];
  readonly deprecated: boolean;
}

const MOST_ARGUMENTS = 50;

/** Reads a tool's name, description and schema; what lies beyond the first 50 arguments is not looked at. */
export function profileOf(tool: ToolDescription): ToolProfile {
  const dot = tool.name.indexOf(".");
  const shortName = tool.name.slice(dot + 1);
  const description = tool.description.slice(0, 4000);
  const { required } = tool.inputSchema;
  const properties = Object.entries(record(tool.inputSchema.properties)).slice(0, MOST_ARGUMENTS);
  const aboutFiles = partsOf(shortName).some((word) => /^(files?|director(y|ies)|folders?|paths?)$/.test(word));
  return {
    tool,
    shortName,
    nameStems: identifierStems(shortName),
    serverStems: dot < 0 ? [] : identifierStems(tool.name.slice(0, dot)),
    descriptionStems: stemsOf(description),
    arguments: properties.map(([name, schema]) => {
      return argument(name, record(schema), Array.isArray(required) && required.includes(name), aboutFiles);
    }),
    deprecated: /\bdeprecated\b/i.test(description),
  };
}

function argument(name: string, schema: JsonSchema, required: boolean, aboutFiles: boolean): Argument {
  const plain = withoutNull(schema);
  const kind = kindOf(name, plain, aboutFiles);
  const description = typeof plain.description === "string" ? plain.description.slice(0, 1000) : "";
  return {
    name,
    kind,
    item: kind === "list" ? kindOf(name, record(plain.items), aboutFiles) : undefined,
    required,
    integer: plain.type === "integer",
    choices: choicesOf(plain),
    fallback: plain.default,
    nameStems: identifierStems(name),
    description,
    descriptionStems: stemsOf(description),
  };
}

function identifierStems(name: string): string[] {
  const words = partsOf(name);
  const telling = words.filter((word) => !isStopWord(word) && word !== "tool");
  return [...new Set((telling.length > 0 ? telling : words).map(stem))];
}

const BY_NAME: readonly (readonly [ArgumentKind, RegExp])[] = [
  ["url", /^(url|uri|link|href|endpoint|webpage)s?$/],
  ["expression", /^(expression|formula|equation|calculation|expr)s?$/],
  ["timezone", /^(timezone|tz|zone)$/],
  ["email", /^e?mails?$/],
  ["path", /^(path|file|filename|filepath|dir|directory|folder|cwd)s?$/],
  ["glob", /^(glob|pattern)s?$/],
  ["prose", /^(message|text|content|body|prompt|comment|reply|note)s?$/],
  ["query", /^(query|q|search|regex|term|keyword|needle)s?$/],
];
const FILE_ENDS = /^(source|destination|from|to|src|dest|target|input|output|old|new)$/;

function kindOf(name: string, schema: JsonSchema, aboutFiles: boolean): ArgumentKind {
  if (choicesOf(schema).length > 0) return "enum";
  switch (schema.type) {
    case "number":
    case "integer":
      return "number";
    case "boolean":
      return "boolean";
    case "array": {
      const item = record(schema.items).type;
      return item === "object" || item === "array" ? "structure" : "list";
    }
    case "object":
      return "structure";
  }
  switch (schema.format) {
    case "uri":
      return "url";
    case "date":
    case "date-time":
      return "date";
    case "email":
      return "email";
  }
  const words = partsOf(name);
  for (const [kind, pattern] of BY_NAME) if (words.some((word) => pattern.test(word))) return kind;
  return aboutFiles && words.some((word) => FILE_ENDS.test(word)) ? "path" : "text";
}

function choicesOf(schema: JsonSchema): (string | number)[] {
  const choices = schema.enum;
  if (!Array.isArray(choices)) return [];
  return choices.filter((choice) => typeof choice === "string" || typeof choice === "number").slice(0, 500);
}

/** `anyOf [X, null]` and `type: [X, "null"]` are X. */
function withoutNull(schema: JsonSchema): JsonSchema {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(alternatives)) {
    const one = alternatives.map(record).find((alternative) => alternative.type !== "null");
    return one === undefined ? schema : { ...schema, ...one };
  }
  if (Array.isArray(schema.type)) return { ...schema, type: schema.type.find((type) => type !== "null") };
  return schema;
}

function record(value: unknown): JsonSchema {
  // The check leaves an object; what its fields are is looked at where they are used.
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonSchema) : {};
}
