// A table of text on stdout. Names and words come from servers, so nothing in them acts on the terminal; what looks like a secret is
// not shown.
import { redact } from "../actors/telemetry/redact.js";
import { plainText } from "../supervision/index.js";

const WIDEST = 60;
const GAP = "  ";
/** What is left of the last column, which is mostly prose, before others give way, and of any at all. */
const [LEAST_PROSE, LEAST] = [12, 6];

export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  if (rows.length > 0) process.stdout.write(`${tableText(head, rows, process.stdout.columns)}\n`);
}

/** Without the last line break. `room`: columns of the terminal; absent, as where the output is piped, nothing gives way to it. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[], room?: number): string {
  const all = [head, ...rows.map((row) => row.map(cell))];
  const whole = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const widths = room === undefined ? whole : fitted(whole, room - GAP.length * (head.length - 1));
  const lines = all.map((row) =>
    row
      .map((text, column) => shortened(text, widths[column] ?? 0).padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
  return lines.join("\n");
}

/** The last column gives way first, then the widest of those between, and the first, by which a row is named, last of all. */
function fitted(whole: readonly number[], room: number): readonly number[] {
  const widths = [...whole];
  const last = widths.length - 1;
  for (let over = sum(widths) - room; over > 0; over -= 1) {
    const between = Math.max(LEAST, ...widths.slice(1, last));
    const givesWay = (widths[last] ?? 0) > LEAST_PROSE ? last : between > LEAST ? widths.indexOf(between, 1) : 0;
    const width = widths[givesWay] ?? 0;
    if (width <= LEAST) break;
    widths[givesWay] = width - 1;
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function cell(text: string): string {
  return shortened(plainText(redact(text)).replace(/\s+/g, " "), WIDEST);
}

function shortened(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
