// Differences between states of the repository, as the primary's git tells them.
import { z } from "zod";
import { defineTool } from "./define.js";
import { expected, gitOutput, wholeLines } from "./support/answers.js";

const MAX_CHARACTERS = 200_000;

export const gitDiff = defineTool({
  name: "git_diff",
  description:
    "Show differences in the Git repository of the working folder as a unified diff, or as numbers of lines for each file with summary. Without " +
    "arguments: changes not yet staged; staged: what the next commit holds; from: against a commit; from and to: between two commits. " +
    "Files unknown to Git are not in it, git_status lists them. For files outside Git use diff_files.",
  input: z.strictObject({
    from: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe("A commit, branch or tag to compare with, such as HEAD~1 or main"),
    to: z.string().min(1).max(200).optional().describe("The other commit (default: the files as they are now)"),
    staged: z.boolean().default(false).describe("Compare what is staged with HEAD, or with from"),
    path: z.string().min(1).max(4096).optional().describe("Only this file or folder, relative to the working folder"),
    summary: z.boolean().default(false).describe("Only which files changed and by how many lines"),
    context: z.int().min(0).max(50).default(3).describe("Unchanged lines shown around each change"),
  }),
  annotations: {
    title: "Git diff",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["git"],
  async handler(args, { ask }) {
    const { text, cut } = expected(gitOutput, await ask("git.diff", args));
    if (text === "") return "(No differences.)";
    const shown = wholeLines(text, MAX_CHARACTERS);
    if (!cut && shown === text) return text;
    return [shown, "(The diff goes on; use summary to see which files changed, then path for one of them.)"];
  },
});
