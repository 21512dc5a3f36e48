// The difference of two texts as a unified diff, in bounded time: texts that have little in common are not compared to the end.
import { count } from "./text.js";

const MAX_MS = 150; // the comparison holds the thread, so others wait for it
const MAX_SHOWN = 60_000;

export interface Difference {
  /** The diff with its two heads, "" for equal texts, undefined if the texts differ too much to be compared. */
  readonly diff: string | undefined;
  /** `+3 -1 lines`. */
  readonly summary: string;
}

export async function unifiedDiff(
  [oldName, oldText]: readonly [string, string],
  [newName, newText]: readonly [string, string],
  options: { readonly context?: number; readonly ignoreSpace?: boolean } = {},
): Promise<Difference> {
  if (oldText === newText) return { diff: "", summary: "no lines differ" };
  const { FILE_HEADERS_ONLY, formatPatch, structuredPatch } = await import("diff");
  const patch = structuredPatch(oldName, newName, oldText, newText, undefined, undefined, {
    context: options.context ?? 3,
    ignoreWhitespace: options.ignoreSpace ?? false,
    timeout: MAX_MS,
  });
  if (!patch) return { diff: undefined, summary: "too many lines differ to be shown" };
  if (patch.hunks.length === 0) return { diff: "", summary: "no lines differ" };
  const lines = patch.hunks.flatMap((hunk) => hunk.lines);
  const added = lines.filter((line) => line.startsWith("+")).length;
  const removed = lines.filter((line) => line.startsWith("-")).length;
  const summary = `${count(added, "line")} added, ${removed} removed`;
  const diff = formatPatch(patch, FILE_HEADERS_ONLY).replace(/\n$/, "");
  if (diff.length <= MAX_SHOWN) return { diff, summary };
  const whole = diff.lastIndexOf("\n", MAX_SHOWN);
  return { diff: diff.slice(0, whole), summary: `${summary}; the rest of the diff is not shown` };
}
