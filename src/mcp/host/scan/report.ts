// What the scan of a module found: each finding with its place, the rule that found it and the reason, in words for its author.

export type ScanAction = "warn" | "ask" | "block";

export interface Finding {
  /** The rule's name, such as `code-from-strings`. */
  readonly rule: string;
  /** One sentence: why this is not let through, and what to do instead. */
  readonly reason: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 units. */
  readonly column: number;
  /** The piece of code, at most 120 characters. */
  readonly excerpt: string;
  readonly action: ScanAction;
}

export interface ScanReport {
  readonly findings: readonly Finding[];
  /** The gravest action of all findings. */
  readonly verdict: "pass" | ScanAction;
}
