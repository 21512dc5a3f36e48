// What the catalog knows of one thing: an agent, a skill, a workflow (what a host calls a command) or a tool of a server. Identity is
// kind, plugin and path; names are nobody's alone.

export const entryKinds = ["agent", "skill", "workflow", "tool"] as const;
export type EntryKind = (typeof entryKinds)[number];

export interface CatalogEntry {
  /** `kind:plugin/path` without the extension, or `tool:server.name`. */
  readonly id: string;
  readonly kind: EntryKind;
  readonly name: string;
  readonly description: string;
  /** The folder under plugins/, `.claude` for a project's own, or a tool's server. */
  readonly plugin: string;
  /** The file, relative to the folder that was read; absent for a tool. */
  readonly path?: string;
  /** As the file says: opus, haiku, a dated id. */
  readonly model?: string;
  readonly capabilities: readonly string[];
  readonly keywords: readonly string[];
  /** Of a skill: the folder it lies in. */
  readonly category?: string;
  /** Of a workflow: what it takes, as its file says. */
  readonly arguments?: string;
  /** Of a workflow: its headings or numbered steps, and the agents it names. */
  readonly steps?: readonly string[];
  readonly agents?: readonly string[];
  /** From agent-registry.yml. */
  readonly role?: string;
  readonly fallbacks?: readonly string[];
}

/** Something about a file that was not as it should be; `left` out or read all the same. */
export interface Diagnosis {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly problem: string;
  readonly left: "out" | "in";
}
