// A table of text on stdout. Names and words come from servers, so nothing in them acts on the terminal; what looks like a secret is
// not shown.
import { redact } from "../actors/telemetry/redact.js";
import { plainText } from "../supervision/index.js";

const WIDEST = 60;

export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  if (rows.length > 0) process.stdout.write(`${tableText(head, rows)}\n`);
}

/** Without the last line break. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows.map((row) => row.map(cell))];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return lines.join("\n");
}

function cell(text: string): string {
  const line = plainText(redact(text)).replace(/\s+/g, " ");
  return line.length > WIDEST ? `${line.slice(0, WIDEST - 1)}…` : line;
}
