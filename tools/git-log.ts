// Commits, as the primary's git tells them.
import { z } from "zod";
import { defineTool } from "./define.js";
import { expected, gitOutput } from "./support/answers.js";
import { count, cut as cutText } from "./support/text.js";

const LONGEST_BODY = 2_000;
const day = z.string().max(40);

export const gitLog = defineTool({
  name: "git_log",
  description:
    "List commits of the Git repository of the working folder, newest first: hash, date, author, branches and tags, message. Narrow by path, " +
    "author, words of the message, dates or a range of commits. Example: what came since a release: from v1.2. To see what a commit " +
    "changed use git_diff from HASH~1 to HASH.",
  input: z.strictObject({
    to: z.string().min(1).max(200).optional().describe("Start at this commit, branch or tag (default: HEAD)"),
    from: z.string().min(1).max(200).optional().describe("Leave out this commit and all before it"),
    path: z.string().min(1).max(4096).optional().describe("Only commits that changed this file or folder"),
    author: z.string().min(1).max(200).optional().describe("Only by authors whose name or address contains this"),
    message: z.string().min(1).max(200).optional().describe("Only with this in the message"),
    since: day.optional().describe("Only since this date, such as 2026-03-31"),
    until: day.optional().describe("Only until this date"),
    count: z.int().min(1).max(200).default(20).describe("At most this many commits"),
    body: z.boolean().default(false).describe("Show whole messages, not only their first lines"),
  }),
  annotations: {
    title: "Git log",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["git"],
  async handler({ body, ...args }, { ask }) {
    const { text, cut } = expected(gitOutput, await ask("git.log", args));
    const records = text.split("\x1e").map((record) => record.replace(/^\n/, ""));
    records.pop(); // what follows the last one: nothing, or a part
    if (records.length === 0) return "(No commit matches; give other words, dates or another path.)";
    const lines = records.map((record) => {
      const [hash = "", author = "", time = "", names = "", subject = "", rest = ""] = record.split("\x1f");
      const head = `${hash.slice(0, 12)} ${time.slice(0, 16).replace("T", " ")} ${author}${names && ` (${names})`}: ${subject}`;
      const more = body && rest.trim() !== "" ? `\n${cutText(rest.trim(), LONGEST_BODY).replace(/^/gm, "    ")}` : "";
      return head + more;
    });
    const full = cut || records.length === args.count;
    return full
      ? [lines.join("\n"), `(${count(lines.length, "commit")}; there may be more: raise count or narrow.)`]
      : lines.join("\n");
  },
});
