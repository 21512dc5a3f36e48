// What the primary answers to a tool that asks it, checked: it comes from another process.
import { z } from "zod";
import { ToolError } from "../define.js";
import { cut } from "./text.js";

/** What git wrote, and whether there was more. */
export const gitOutput = z.object({ text: z.string(), cut: z.boolean() });

/** The answer in the shape it should have. */
export function expected<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const checked = schema.safeParse(answer);
  if (checked.success) return checked.data;
  throw new ToolError("The answer is not in the expected form; update Banyan and try again.");
}

/** Rows in columns that line up; the last one is as long as it is. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row
        .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The whole lines among the first `max` characters. */
export function wholeLines(text: string, max: number): string {
  if (text.length <= max) return text;
  const head = cut(text, max);
  return head.slice(0, head.lastIndexOf("\n") + 1);
}
