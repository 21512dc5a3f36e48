// What a shell completes: commands, their options and what these may be.

export type Values = readonly string[] | "file" | "folder";

export interface CompletedOption {
  readonly flags: readonly string[];
  readonly description: string;
  /** Whether the word after it is its value. */
  readonly takesValue: boolean;
  /** What that may be, where it is known. */
  readonly values?: Values;
}

export interface CompletedCommand {
  /** The words that lead to it, empty for `banyan` itself. */
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly CompletedOption[];
  /** What its first argument may be, where it is known. */
  readonly argument: readonly string[];
}
