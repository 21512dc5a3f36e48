// Compares two files, or a file with a text, as a unified diff.
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { readText } from "./support/read-text.js";
import { unifiedDiff } from "./support/unified-diff.js";

const MAX_BYTES = 2_000_000;

export const diffFiles = defineTool({
  name: "diff_files",
  description:
    "Compare two text files of the working folder, or a file with a text, and show what differs as a unified diff (- in the " +
    "first, + in the second). Files up to 2 MB. To see what changed since a commit use git_diff; to know only whether files are " +
    "equal, binary ones too, use hash_file.",
  input: z.strictObject({
    path: z.string().min(1).max(4096).describe("The first file, relative to the working folder"),
    other_path: z.string().min(1).max(4096).optional().describe("The second file"),
    other_text: z.string().max(MAX_BYTES).optional().describe("A text to compare with, instead of a second file"),
    context_lines: z.int().min(0).max(50).default(3).describe("Equal lines to show around each difference"),
    ignore_space: z
      .boolean()
      .default(false)
      .describe("Take lines that differ only in leading or trailing spaces as equal"),
  }),
  annotations: {
    title: "Compare files",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["files:read"],
  async handler({ path, other_path: otherPath, other_text: otherText, ...options }, { root, signal }) {
    if ((otherPath === undefined) === (otherText === undefined)) {
      throw new ToolError("Give either other_path or other_text to compare with, and not both.");
    }
    const first = await readText(root, path, MAX_BYTES, signal);
    const second =
      otherPath === undefined
        ? { text: otherText ?? "", shown: "other_text" }
        : await readText(root, otherPath, MAX_BYTES, signal);
    const { diff, summary } = await unifiedDiff([first.shown, first.text], [second.shown, second.text], {
      context: options.context_lines,
      ignoreSpace: options.ignore_space,
    });
    const both = `${first.shown} and ${second.shown}`;
    if (diff === undefined) return `${both} have too little in common to show line by line.`;
    if (diff === "") return first.text === second.text ? `${both} are equal.` : `${both} differ in spaces alone.`;
    return [diff, `(${summary}.)`];
  },
});
