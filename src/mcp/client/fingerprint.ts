// What a tool promises, as one short text: it changes when the tool's name, description, schemas or annotations do.
import { createHash } from "node:crypto";
import type { NamespacedTool, ToolInfo } from "./mcp-types.js";

/** What has been worked out: a tool is looked at again with every call of it. */
const known = new WeakMap<ToolInfo, string>();

/** SHA-256 over canonical JSON (keys in order, no spaces), in hexadecimal. The server's name for the tool counts, not ours. */
export function fingerprint(tool: ToolInfo | NamespacedTool): string {
  let found = known.get(tool);
  if (found === undefined) {
    found = workedOut(tool, "tool" in tool ? tool.tool : tool.name);
    known.set(tool, found);
  }
  return found;
}

function workedOut(tool: ToolInfo, name: string): string {
  const { title, description, inputSchema, outputSchema, annotations } = tool;
  const told = { name, title, description, inputSchema, outputSchema, annotations };
  return createHash("sha256").update(canonical(told)).digest("hex");
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members: string[] = [];
  for (const [key, member] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonical(member)}`);
  }
  return `{${members.join(",")}}`;
}
