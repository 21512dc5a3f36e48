// The arguments of a tool as they are typed: one JSON object, or `key=value` pairs that become what the tool's schema asks for.
import type { NamespacedTool } from "../../mcp/client/mcp-types.js";
import { BanyanError } from "../../supervision/index.js";
import { nameAndPairs } from "../pairs.js";

type Tool = Pick<NamespacedTool, "name" | "inputSchema">;

/** Throws a `usage` error for what is neither. */
export function readArguments(tool: Tool, text: string): Record<string, unknown> {
  if (text.startsWith("{")) return objectOf(tool, text);
  const { pairs } = nameAndPairs(`- ${text}`);
  const properties = propertiesOf(tool);
  return Object.fromEntries(Object.entries(pairs).map(([key, value]) => [key, typed(value, properties[key])]));
}

/** What the tool takes, by name. */
export function propertiesOf({ inputSchema }: Tool): Record<string, Record<string, unknown>> {
  const { properties } = inputSchema;
  if (!isRecord(properties)) return {};
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, isRecord(value) ? value : {}]));
}

export function requiredOf({ inputSchema }: Tool): string[] {
  return Array.isArray(inputSchema.required) ? inputSchema.required.map(String) : [];
}

/** A text stays one where a text is wanted; elsewhere it is read as JSON where it is that. A list may be written with commas. */
function typed(value: string, { type, items }: Record<string, unknown> = {}): unknown {
  if (type === "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    const ofTexts = isRecord(items) && items.type === "string";
    return type === "array" && ofTexts ? value.split(",").map((part) => part.trim()) : value;
  }
}

function objectOf({ name }: Tool, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Falls through: it is said below.
  }
  throw new BanyanError(
    "usage",
    `What follows ${name} is no JSON object; write it as in {"path": "notes.txt"}, or as path=notes.txt.`,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
