// Tools of connected servers as entries of the catalog.
import type { NamespacedTool } from "../client/mcp-types.js";
import type { CatalogEntry } from "./entry.js";

const MOST_ARGUMENTS = 50;

/** What a tool takes says what it is for, so the names of its arguments are its keywords. */
export function toolEntry({ name, server, title, description, inputSchema }: NamespacedTool): CatalogEntry {
  const properties = inputSchema.properties;
  const taken = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  return {
    id: `tool:${name}`,
    kind: "tool",
    name,
    description: title === undefined || title === description ? description : `${title}: ${description}`,
    plugin: server,
    capabilities: [],
    keywords: taken.slice(0, MOST_ARGUMENTS),
  };
}
