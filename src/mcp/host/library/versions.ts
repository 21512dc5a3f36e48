// The words of the tool library: what the tools folder holds at one moment, and the snapshots of such moments.

/** One file of the tools folder. */
export interface ToolSource {
  readonly name: string;
  /** The file's name in the folder. */
  readonly file: string;
  /** SHA-256 of the source, in hex. */
  readonly hash: string;
  readonly source: string;
}

export interface LibraryVersion {
  /** SHA-256 of all names and hashes: two versions of one tree are the same. */
  readonly tree: string;
  readonly tools: readonly ToolSource[];
}

/** A tool that is scanned, transpiled and ready to be imported. */
export interface StagedTool {
  readonly name: string;
  readonly hash: string;
  /** The absolute path of the module that host processes import. */
  readonly file: string;
}

/** Why a source is not taken. */
export interface Refusal {
  readonly name: string;
  /** One sentence with the place and the mend. */
  readonly reason: string;
}

export interface Snapshot {
  /** Ascending with time. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly tree: string;
  readonly tools: readonly { readonly name: string; readonly file: string; readonly hash: string }[];
  /** The host ran well with it. */
  readonly good: boolean;
  /** It was rolled back from. */
  readonly bad: boolean;
  /** What was about to happen, in a few words. */
  readonly why: string;
}

export type ToolChangeKind = "created" | "updated" | "deleted" | "restored";

/** One line of a tool's history. */
export interface ToolChangeRecord {
  readonly at: number;
  readonly tool: string;
  readonly change: ToolChangeKind;
  readonly before?: string;
  readonly after?: string;
  /** Who: a client's name, `the command line`, `a file change`, `a rollback`. */
  readonly by: string;
  /** What is different, a line each: fields of the definition, lines of code added and removed. */
  readonly what: readonly string[];
}
