// The words of the tool library: what the tools folder holds at one moment, and the snapshots of such moments.
import type { ToolDefinition } from "../../client/tool-diff.js";
import type { Finding } from "../scan/report.js";

/** A file of a version, without its content. */
export interface ToolFile {
  readonly name: string;
  /** The file's name in the folder. */
  readonly file: string;
  /** SHA-256 of the source, in hex. */
  readonly hash: string;
}

/** One file of the tools folder. */
export interface ToolSource extends ToolFile {
  readonly source: string;
}

export interface LibraryVersion {
  /** SHA-256 of all files' names and hashes: two versions of one tree are the same. */
  readonly tree: string;
  /** In the order of their names, each name once. */
  readonly tools: readonly ToolSource[];
  /** One sentence for each file of the folder that is no tool, with the mend. */
  readonly ignored: readonly string[];
}

/** A tool that is scanned, transpiled and ready to be imported. */
export interface StagedTool {
  readonly name: string;
  /** Of the source. */
  readonly hash: string;
  /** The absolute path of the module that host processes import. */
  readonly file: string;
  /** What the scan found and let through. */
  readonly findings: readonly Finding[];
}

/** Why a source is not taken. */
export interface Refusal {
  readonly name: string;
  /** One sentence with the place and the mend. */
  readonly reason: string;
  readonly findings: readonly Finding[];
}

export function isRefusal(staged: StagedTool | Refusal): staged is Refusal {
  return "reason" in staged;
}

/** A version as it was kept. The newest is what the folder holds, unless a file was edited since. */
export interface Snapshot {
  /** A number, ascending with time. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly tree: string;
  readonly tools: readonly ToolFile[];
  /** The host ran well with it. */
  readonly good: boolean;
  /** It was rolled back from. */
  readonly bad: boolean;
  /** What led to it, in a few words. */
  readonly why: string;
}

export type ToolChangeKind = "created" | "updated" | "deleted" | "restored";

/** One line of a tool's history. */
export interface ToolChangeRecord {
  readonly at: number;
  readonly tool: string;
  readonly change: ToolChangeKind;
  /** Hashes of the source. */
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  /** The snapshot that the change led to. */
  readonly snapshot: string;
  /** Who: a client's name, `the command line`, `a file change`, `a rollback`. */
  readonly by: string;
  /** What is different, a line each: fields of the definition, lines of code added and removed. */
  readonly what: readonly string[];
  /** What the tool said it was after the change, where that is known. */
  readonly definition?: ToolDefinition | undefined;
}

/** What one file is in two versions. */
export interface FileDifference {
  readonly name: string;
  readonly change: "added" | "changed" | "removed";
  readonly added: number;
  readonly removed: number;
  /** Unified, at most 200 lines. */
  readonly lines: readonly string[];
}

/** The folder holds another version than before. */
export interface Restored {
  /** What it holds now. */
  readonly snapshot: Snapshot;
  /** The snapshot that was asked for. */
  readonly from: string;
  /** What it held before, to be returned to. */
  readonly before: Snapshot;
  readonly tools: readonly { readonly tool: string; readonly change: "added" | "changed" | "removed" }[];
}
