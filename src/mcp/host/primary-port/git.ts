// The three questions about the project's repository: what has changed, what was committed, how two states differ. Commits are
// named by the caller but looked up first, so that git's other commands get nothing but a hash; paths are taken as they stand, stay inside the project and
// come behind `--`.
import { resolve } from "node:path";
import { z } from "zod";
import { type GitOutput, type Repository, withRepository } from "./git-repository.js";
import type { PortAnswerer, PortContext } from "./index.js";
import { isBelow } from "./is-below.js";
import { PortError } from "./port-error.js";

/** No option, no path inside a commit, no search: `main`, `v1.2`, `HEAD~3`, `origin/x@{upstream}`. */
const commit = z
  .string()
  .max(200)
  .regex(
    /^[\p{L}\p{N}_@][\p{L}\p{N}_./@{}^~+#=-]*$/u,
    "give a branch, a tag, a hash, or one of them with ~1 or ^ behind it",
  )
  .refine((name) => !name.includes("..") && !name.includes("{/"), "give one commit, no range and no search");
const path = z
  .string()
  .min(1)
  .max(4_096)
  .refine((text) => !text.includes("\0"), "it holds a NUL character");
const words = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !/\p{Cc}/u.test(text), "it holds a control character");
const day = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?$/, "give a date such as 2026-03-31");

const statusArgs = z.strictObject({ path: path.optional(), untracked: z.boolean().default(true) });
const logArgs = z.strictObject({
  from: commit.optional(),
  to: commit.optional(),
  path: path.optional(),
  author: words.optional(),
  message: words.optional(),
  since: day.optional(),
  until: day.optional(),
  count: z.int().min(1).max(200).default(20),
});
const diffArgs = z.strictObject({
  from: commit.optional(),
  to: commit.optional(),
  staged: z.boolean().default(false),
  path: path.optional(),
  summary: z.boolean().default(false),
  context: z.int().min(0).max(50).default(3),
});

/** Nothing runs inside a submodule: it brings settings of its own. */
const NO_SUBMODULES = "--ignore-submodules=all";
const PLAIN_DIFF = ["--no-ext-diff", "--no-textconv", "--no-color", "-l400", NO_SUBMODULES];

/** `text`: as `git status --porcelain=v2 --branch -z` writes it. */
export const gitStatus: PortAnswerer<z.output<typeof statusArgs>> = {
  args: statusArgs,
  answer: (args, context) =>
    asked(context, ({ git }) => {
      const untracked = `--untracked-files=${args.untracked ? "normal" : "no"}`;
      return git([
        "status",
        "--porcelain=v2",
        "--branch",
        "-z",
        untracked,
        NO_SUBMODULES,
        "--",
        inside(args.path, context),
      ]);
    }),
};

/** `text`: records ended by \x1e of fields divided by \x1f: hash, author, time, names that point to it, first line, the rest. */
export const gitLog: PortAnswerer<z.output<typeof logArgs>> = {
  args: logArgs,
  answer: (args, context) =>
    asked(context, async (repository) => {
      const range = [await hashOf(repository, args.to ?? "HEAD")];
      if (args.from !== undefined) range.push(`^${await hashOf(repository, args.from)}`);
      const filters = [
        args.author && `--author=${args.author}`,
        args.message && `--grep=${args.message}`,
        args.since && `--since=${args.since}`,
        args.until && `--until=${args.until}`,
      ].filter((filter) => filter !== undefined);
      const format = "--format=%H%x1f%an%x1f%aI%x1f%D%x1f%s%x1f%b%x1e";
      const head = [
        "log",
        "--no-color",
        "--no-show-signature",
        "--fixed-strings",
        "--regexp-ignore-case",
        "--no-patch",
      ];
      // Without a path git also tells of commits that changed no file.
      const paths = args.path === undefined ? [] : [inside(args.path, context)];
      return repository.git([...head, format, `--max-count=${args.count}`, ...filters, ...range, "--", ...paths]);
    }),
};

/** `text`: a unified diff, or lines that count the changes of each file. */
export const gitDiff: PortAnswerer<z.output<typeof diffArgs>> = {
  args: diffArgs,
  answer: (args, context) =>
    asked(context, async (repository) => {
      if (args.staged && args.to !== undefined) {
        throw new PortError("What is staged is compared with one commit; leave out to, or staged.");
      }
      if (args.from === undefined && args.to !== undefined)
        throw new PortError("Give from as well as to, or from alone.");
      const commits = await Promise.all(
        [args.from, args.to].flatMap((name) => (name === undefined ? [] : hashOf(repository, name))),
      );
      const shape = args.summary ? ["--stat=120", "--summary"] : [`--unified=${args.context}`];
      const staged = args.staged ? ["--cached"] : [];
      return repository.git(["diff", ...PLAIN_DIFF, ...shape, ...staged, ...commits, "--", inside(args.path, context)]);
    }),
};

async function asked(
  { project, signal }: PortContext,
  ask: (repository: Repository) => Promise<GitOutput>,
): Promise<Record<string, unknown>> {
  return { ...(await withRepository(project, signal, ask)) };
}

/** The hash of a commit; `--end-of-options` keeps a name from being taken for anything else. */
async function hashOf({ git }: Repository, name: string): Promise<string> {
  try {
    const { text } = await git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`]);
    if (/^[0-9a-f]{40,64}\n$/.test(text)) return text.trim();
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
  }
  if (name === "HEAD") throw new PortError("The repository has no commit yet; use git_status to see what is there.");
  throw new PortError(`No commit is named "${name}"; use git_log to see the commits.`);
}

function inside(path: string | undefined, { project }: PortContext): string {
  const real = resolve(project, path ?? ".");
  if (!isBelow(project, real))
    throw new PortError(`"${path}" leads outside the working folder; give a path inside it.`);
  return real;
}
