// What has changed since the last commit, as the primary's git tells it: this process may start no program.
import { z } from "zod";
import { defineTool } from "./define.js";
import { expected, gitOutput } from "./support/answers.js";
import { count } from "./support/text.js";

const MOST_FILES = 500;

export const gitStatus = defineTool({
  name: "git_status",
  description:
    "Tell the state of the Git repository of the working folder: branch, how far it is from the branch it follows, and which files are staged, " +
    "changed, in conflict or unknown to Git. It changes nothing. To see what changed in files use git_diff, for commits git_log. Submodules " +
    "are left out; filters such as LFS are not run.",
  input: z.strictObject({
    path: z.string().min(1).max(4096).optional().describe("Only this file or folder, relative to the working folder"),
    untracked: z.boolean().default(true).describe("Also list files that Git does not know"),
  }),
  annotations: {
    title: "Git status",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  needs: ["git"],
  async handler(args, { ask }) {
    const { text, cut } = expected(gitOutput, await ask("git.status", args));
    const records = text.split("\0");
    if (cut) records.pop(); // it may end in the middle
    const { head, groups } = read(records);
    const lines = [head];
    let left = MOST_FILES;
    for (const [title, files] of Object.entries(groups)) {
      if (files.length === 0) continue;
      lines.push(`${title} (${files.length}):`, ...files.slice(0, left).map((file) => `  ${file}`));
      left = Math.max(0, left - files.length);
    }
    if (lines.length === 1) lines.push(cut ? "" : "Nothing has changed.");
    const total = Object.values(groups).reduce((sum, files) => sum + files.length, 0);
    const remark = `(${cut ? "At least " : ""}${count(total, "entry", "entries")}; ${MOST_FILES} shown at most. Give path to narrow it.)`;
    return cut || total > MOST_FILES ? [lines.join("\n"), remark] : lines.join("\n");
  },
});

const CHANGES: Readonly<Record<string, string>> = {
  M: "changed",
  A: "new",
  D: "deleted",
  R: "renamed",
  C: "copied",
  T: "of another type",
};

/** Reads what `git status --porcelain=v2 --branch -z` writes. */
function read(records: readonly string[]): { head: string; groups: Record<string, string[]> } {
  const branch = new Map<string, string>();
  const groups: Record<string, string[]> = { "In conflict": [], Staged: [], "Not staged": [], "Unknown to Git": [] };
  const put = (group: string, change: string, file: string): void => {
    if (change !== ".") groups[group]?.push(`${CHANGES[change] ?? change}: ${file}`);
  };
  for (let at = 0; at < records.length; at++) {
    const record = records[at] ?? "";
    const fact = /^# branch\.(\S+) (.*)$/s.exec(record);
    const entry = /^([12u]) (.)(.) \S+ (.*)$/s.exec(record);
    if (fact) branch.set(fact[1] ?? "", fact[2] ?? "");
    else if (record.startsWith("? ")) groups["Unknown to Git"]?.push(record.slice(2));
    else if (entry) {
      const [, kind, staged = ".", changed = ".", rest = ""] = entry;
      // What comes before the path: modes and hashes, as many as the kind of entry has.
      const file = rest
        .split(" ")
        .slice({ "1": 5, "2": 6, u: 7 }[kind ?? "1"])
        .join(" ");
      if (kind === "u") groups["In conflict"]?.push(file);
      else {
        const from = kind === "2" ? `${records[++at] ?? ""} -> ` : "";
        put("Staged", staged, from + file);
        put("Not staged", changed, file);
      }
    }
  }
  return { head: headOf(branch), groups };
}

function headOf(branch: ReadonlyMap<string, string>): string {
  const name = branch.get("head") ?? "unknown";
  const first = branch.get("oid") === "(initial)" ? ", no commit yet" : "";
  const where = name === "(detached)" ? `No branch, at ${branch.get("oid")?.slice(0, 12)}` : `Branch ${name}${first}`;
  const upstream = branch.get("upstream");
  const [, ahead = "0", behind = "0"] = /^\+(\d+) -(\d+)$/.exec(branch.get("ab") ?? "") ?? [];
  if (upstream === undefined) return `${where}.`;
  if (!branch.has("ab")) return `${where}, follows ${upstream}, which is gone.`;
  return `${where}, follows ${upstream}: ${ahead} ahead, ${behind} behind.`;
}
