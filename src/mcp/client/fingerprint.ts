// What a tool promises, as one short text: it changes when the tool's name, description, schemas or annotations do.
import { createHash } from "node:crypto";
import type { ToolInfo } from "./mcp-types.js";

/** SHA-256 over canonical JSON (keys in order, no spaces), in hexadecimal. The server's name for the tool counts, not ours. */
export function fingerprint(tool: ToolInfo, name = tool.name): string {
  const { title, description, inputSchema, outputSchema, annotations } = tool;
  const told = { name, title, description, inputSchema, outputSchema, annotations };
  return createHash("sha256")
    .update(JSON.stringify(ordered(told)))
    .digest("hex");
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, ordered(inner)]));
}
