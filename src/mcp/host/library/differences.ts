// What is different between two versions of the tools, for people: which files, and which lines of them.
import type { FileDifference, ToolSource } from "./versions.js";

const MOST_LINES = 200;
const LONGEST_LINE = 300;
/** Lines of code in a record of the history. */
const MOST_RECORDED = 12;
/** Beyond so many edits two texts are told for wholly different: to find the least of more takes too long. */
const MOST_EDITS = 2_000;

interface Changed {
  readonly name: string;
  readonly file: string;
  readonly before?: ToolSource | undefined;
  readonly after?: ToolSource | undefined;
}

/** The files that are not the same in both, by name. */
export function changedFiles(before: readonly ToolSource[], after: readonly ToolSource[]): Changed[] {
  const [old, now] = [byFile(before), byFile(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort()
    .map((file) => ({ file, before: old.get(file), after: now.get(file) }))
    .map((each) => ({ ...each, name: (each.after ?? each.before)?.name ?? each.file }))
    .filter((each) => each.before?.hash !== each.after?.hash);
}

export async function differences(
  before: readonly ToolSource[],
  after: readonly ToolSource[],
): Promise<FileDifference[]> {
  return Promise.all(changedFiles(before, after).map(differenceOf));
}

/** In few lines, for the history. */
export async function codeLines(before: ToolSource | undefined, after: ToolSource | undefined): Promise<string[]> {
  if (before === undefined || after === undefined) {
    const lines = (before ?? after)?.source.trimEnd().split("\n").length ?? 0;
    const code = lines === 1 ? "1 line of code" : `${lines} lines of code`;
    return [before === undefined ? code : `${code} removed`];
  }
  const { added, removed, lines } = await differenceOf({ name: after.name, file: after.file, before, after });
  const changed = lines.filter((line) => /^[+-]/.test(line));
  const shown = changed.slice(0, MOST_RECORDED);
  const more = changed.length - shown.length;
  return [`code: +${added} -${removed} lines`, ...shown, ...(more > 0 ? [`… and ${more} lines more`] : [])];
}

function changeOf({ before, after }: Changed): FileDifference["change"] {
  if (before === undefined) return "added";
  return after === undefined ? "removed" : "changed";
}

async function differenceOf(changed: Changed): Promise<FileDifference> {
  const { structuredPatch } = await import("diff");
  const { name, file, before, after } = changed;
  const [from, to] = [before?.source ?? "", after?.source ?? ""];
  const patch = structuredPatch(file, file, from, to, "", "", { context: 2, maxEditLength: MOST_EDITS });
  const change = changeOf(changed);
  if (patch === undefined) {
    const [removed, added] = [from, to].map((text) => text.split("\n").length);
    return {
      name,
      change,
      added: added ?? 0,
      removed: removed ?? 0,
      lines: ["… the two have next to nothing in common"],
    };
  }
  const all = patch.hunks.flatMap(({ oldStart, newStart, lines }) => [`@@ -${oldStart} +${newStart} @@`, ...lines]);
  const count = (sign: string) => all.filter((line) => line.startsWith(sign)).length;
  const shown = all
    .slice(0, MOST_LINES)
    .map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line));
  const lines = all.length > shown.length ? [...shown, `… and ${all.length - shown.length} lines more`] : shown;
  return { name, change, added: count("+"), removed: count("-"), lines };
}

function byFile(files: readonly ToolSource[]): Map<string, ToolSource> {
  return new Map(files.map((file) => [file.file, file]));
}
