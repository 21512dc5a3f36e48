// The scan of foreign code before it is let in. It reads the source with a real parser and judges it by an allowlist; see docs/security.md
// for what it stops and what it cannot. It loads a native parser, so import it only when there is something to scan.

import { inspect } from "./inspect.js";
import { tooDeep } from "./nesting.js";
import type { Finding, ScanReport } from "./report.js";
import { type RuleName, rules, type ScanPolicy } from "./rules.js";
import { resolveScopes } from "./scope.js";
import { type Parsed, parseModule } from "./syntax.js";

export type { ScanPolicy } from "./rules.js";

export interface ScanOptions {
  /** Actions that differ from the rules' defaults. */
  readonly policy?: ScanPolicy;
  /** `tool` (the default) is judged strictly; `plugin`, which its user installed, one step milder. */
  readonly kind?: "tool" | "plugin";
}

const maxSource = 256 * 1024;
const maxFindings = 50;

/**
 * Judges a module's source. Never throws for what the source holds.
 * @param source JavaScript or TypeScript.
 * @param file its name: the ending tells the language.
 */
export function scanModule(source: string, file: string, options: ScanOptions = {}): ScanReport {
  const kind = options.kind ?? "tool";
  const lines = new Lines(source);
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const add = (rule: RuleName, start: number, end: number, reason: string = rules[rule].reason) => {
    const action = options.policy?.[rule] ?? rules[rule][kind];
    const { line, column } = lines.at(start);
    if (action === "allow" || seen.has(`${rule}:${line}`)) return;
    seen.add(`${rule}:${line}`);
    findings.push({ rule, reason, line, column, excerpt: lines.excerpt(start, end), action });
  };

  if (source.length > maxSource) add("too-large", 0, 0);
  else {
    const hidden = /[\u202a-\u202e\u2066-\u2069]/.exec(source);
    if (hidden !== null) add("hidden-text", hidden.index, hidden.index + 40);
    const parsed: Parsed = tooDeep(source) ? { kind: "too-deep", at: 0 } : parseModule(source, file, kind === "plugin");
    if (parsed.kind === "too-deep") add("too-deep", parsed.at, parsed.at + 40);
    else if (parsed.kind === "invalid") {
      const { line, column } = lines.at(parsed.at);
      add(
        "syntax",
        parsed.at,
        parsed.at + 40,
        `The code cannot be parsed: ${sentence(parsed.message)} at line ${line}, column ${column}.`,
      );
    } else inspect(parsed.syntax, resolveScopes(parsed.syntax), (rule, at) => add(rule, at.start, at.end));
  }
  return summary(findings);
}

function summary(findings: readonly Finding[]): ScanReport {
  const gravity = { block: 0, ask: 1, warn: 2 } as const;
  const verdict = findings.reduce<ScanReport["verdict"]>(
    (gravest, { action }) => (gravest === "pass" || gravity[action] < gravity[gravest] ? action : gravest),
    "pass",
  );
  // What decides comes first where there are too many to show.
  const shown = [...findings].sort((a, b) => gravity[a.action] - gravity[b.action]).slice(0, maxFindings);
  return { findings: shown.sort((a, b) => a.line - b.line || a.column - b.column), verdict };
}

function sentence(message: string): string {
  const plain = message
    .replace(/\.$/, "")
    .replace(/[\p{Cc}\p{Cf}]/gu, " ")
    .slice(0, 200);
  return plain === "" ? "it is not valid" : plain;
}

class Lines {
  readonly #source: string;
  readonly #starts: number[] = [0];

  constructor(source: string) {
    this.#source = source;
    for (let at = source.indexOf("\n"); at >= 0; at = source.indexOf("\n", at + 1)) this.#starts.push(at + 1);
  }

  at(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }

  excerpt(start: number, end: number): string {
    const piece = this.#source
      .slice(start, Math.max(end, start))
      .replace(/[\s\p{Cc}\p{Cf}]+/gu, " ")
      .trim();
    return piece.length > 120 ? `${piece.slice(0, 119)}…` : piece;
  }
}
