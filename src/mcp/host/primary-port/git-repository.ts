// Runs git on a repository that may be hostile. Git believes a repository's own settings: they name programs for watching files, for filters,
// diffs, hooks, pagers and transports, and other places for its files. To switch these off one by one is to hope that none is
// forgotten. So git never sees them: it is given a folder of ours as its repository, with settings of ours, in which stand copies of
// the few small files it needs and a link to the branches; objects, index and work tree it reads in place. From the repository's settings only
// a few words that can do no harm are taken over (`harmless`).
//
// What a repository could still do is to lead elsewhere: a `.git` file that names somebody else's repository, borrowed objects, links. Those are refused, except
// a work tree that its repository knows of, as `git worktree add` makes it.
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import {
  access,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { devNull, tmpdir } from "node:os";
import { basename, delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { isBelow } from "./is-below.js";
import { PortError } from "./port-error.js";

const GIT_MS = 10_000;
const MAX_OUTPUT = 500_000;
/** Of a file that holds one line. */
const LONGEST_POINTER = 4_096;
const LONGEST_SETTINGS = 1_000_000;
const LONGEST_COPY = 64_000_000;

export interface GitOutput {
  readonly text: string;
  /** There was more than is taken. */
  readonly cut: boolean;
}

export interface Repository {
  /** The folder that holds `.git`. */
  readonly top: string;
  /** Runs git in the project with these arguments; those from outside must stand behind `--` or be checked. */
  git(args: readonly string[]): Promise<GitOutput>;
}

/** Opens the repository the project lies in for as long as `use` takes. */
export async function withRepository<T>(
  project: string,
  signal: AbortSignal,
  use: (repository: Repository) => Promise<T>,
): Promise<T> {
  const program = await findGit(project);
  const place = await findRepository(project);
  const stage = await mkdtemp(join(tmpdir(), "banyan-git-"));
  try {
    const env = await dress(stage, place, program, signal);
    return await use({
      top: place.top,
      git: (args) => run(program, ["--no-pager", ...args], { cwd: project, env, signal }),
    });
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

interface Place {
  readonly top: string;
  /** What belongs to this work tree: HEAD and the index. */
  readonly own: string;
  /** What its work trees share: objects, branches, settings. The same folder where there is one alone. */
  readonly common: string;
}

async function findRepository(project: string): Promise<Place> {
  for (let top = project; ; top = dirname(top)) {
    const dotGit = join(top, ".git");
    const found = await lstat(dotGit).catch(() => undefined);
    if (found?.isDirectory()) return checked({ top, own: dotGit, common: dotGit });
    if (found?.isFile()) return checked(await linkedWorkTree(top, dotGit));
    if (found !== undefined)
      throw new PortError("Here .git is neither a folder nor a file, so it is not opened; remove it.");
    if (dirname(top) === top) {
      throw new PortError(
        "The working folder is in no Git repository; make one with git init, or start Banyan inside one.",
      );
    }
  }
}

/** A `.git` file can name any folder. It is believed if that folder is where a repository keeps its work trees and names this one back. */
async function linkedWorkTree(top: string, dotGit: string): Promise<Place> {
  const elsewhere = new PortError(
    "Here .git leads to a repository that does not know of this work tree (a submodule's does not either); start Banyan in the folder above.",
  );
  const named = /^gitdir: (.+)$/.exec(await line(dotGit))?.[1];
  if (named === undefined) throw elsewhere;
  try {
    const own = await realpath(resolve(top, named));
    const back = resolve(own, await line(join(own, "gitdir")));
    const common = dirname(dirname(own));
    const shared = await realpath(resolve(own, await line(join(own, "commondir"))));
    const known = basename(dirname(own)) === "worktrees" && shared === common && (await realpath(back)) === dotGit;
    if (known) return { top, own, common };
  } catch (error) {
    if (error instanceof PortError) throw error;
  }
  throw elsewhere;
}

/** Nothing in it leads to another repository's objects or files. */
async function checked(place: Place): Promise<Place> {
  const { own, common } = place;
  const objects = join(common, "objects");
  for (const folder of new Set([own, common, objects, join(objects, "pack"), join(objects, "info")])) {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      if (entry.isSymbolicLink()) {
        throw new PortError(
          `The repository has a symbolic link for its ${entry.name}, so it is not opened; replace it by what it links to.`,
        );
      }
      if (folder === join(objects, "info") && /alternates$/.test(entry.name)) {
        throw new PortError(
          "The repository borrows objects of another, so it is not opened; run git repack -ad and remove .git/objects/info/alternates.",
        );
      }
    }
  }
  return place;
}

/** Fills the folder that git takes for its repository; answers with git's whole environment. */
async function dress(
  stage: string,
  place: Place,
  program: string,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const { top, own, common } = place;
  await mkdir(join(stage, "info"));
  await mkdir(join(stage, "objects"));
  for (const folder of ["refs", "reftable"]) {
    const real = join(common, folder);
    // A junction is a link that Windows lets everybody make; elsewhere the word means nothing.
    if (await lstat(real).catch(() => undefined)) await symlink(real, join(stage, folder), "junction");
  }
  await copySmall(join(own, "HEAD"), join(stage, "HEAD"));
  for (const file of ["packed-refs", "shallow", join("info", "exclude"), join("info", "attributes")]) {
    await copySmall(join(common, file), join(stage, file));
  }
  const index = join(own, "index");
  await regular(index);
  const config = join(common, "config");
  await regular(config, LONGEST_SETTINGS);
  await writeFile(join(stage, "config"), "[core]\n\trepositoryformatversion = 0\n\tbare = false\n");
  const env = {
    PATH: dirname(program),
    HOME: stage,
    XDG_CONFIG_HOME: stage,
    LC_ALL: "C",
    GIT_DIR: stage,
    GIT_WORK_TREE: top,
    GIT_OBJECT_DIRECTORY: join(common, "objects"),
    GIT_INDEX_FILE: index,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_SYSTEM: devNull,
    GIT_CONFIG_GLOBAL: devNull,
    GIT_ATTR_NOSYSTEM: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: "none",
    GIT_TERMINAL_PROMPT: "0",
  };
  const list = ["config", "--file", config, "--no-includes", "--null", "--list"];
  const { text } = await run(program, list, { cwd: stage, env, signal }).catch(() => ({ text: "" }));
  await writeFile(join(stage, "config"), settings(text));
  return env;
}

const FIXED = `[core]
	bare = false
	quotePath = false
	untrackedCache = false
	hooksPath = ${devNull}
[diff]
	autoRefreshIndex = false
[gc]
	auto = 0
[protocol]
	allow = never
`;
const HARMLESS = /^core\.(filemode|ignorecase|symlinks|precomposeunicode|autocrlf|eol)$/;
const FORMAT = /^extensions\.(objectformat|refstorage)$/;
/** What tells which branch follows which. */
const FOLLOWS = /^(branch|remote)\.([^"\\\p{Cc}]{1,200})\.(remote|merge|fetch)$/u;

/** Our settings, with what is taken over of the repository's: pairs of `name\nvalue`, each ended by a NUL. */
function settings(listed: string): string {
  let version = 0;
  let text = FIXED;
  for (const pair of listed.split("\0")) {
    const [name = "", value = ""] = pair.split("\n");
    const [section = "", key = ""] = name.split(".");
    const follows = FOLLOWS.exec(name);
    if ((HARMLESS.test(name) || FORMAT.test(name)) && /^\w{1,20}$/.test(value)) {
      if (FORMAT.test(name)) version = 1;
      text += `[${section}]\n\t${key} = ${value}\n`;
    } else if (follows !== null && /^[\w./*+:@-]{1,300}$/.test(value)) {
      text += `[${follows[1]} "${follows[2]}"]\n\t${follows[3]} = ${value}\n`;
    }
  }
  return `[core]\n\trepositoryformatversion = ${version}\n${text}`;
}

async function line(file: string): Promise<string> {
  await regular(file, LONGEST_POINTER);
  return (await readFile(file, "utf8")).trimEnd();
}

async function copySmall(from: string, to: string): Promise<void> {
  if (await regular(from, LONGEST_COPY)) await copyFile(from, to);
}

/** False if it does not exist. A pipe would hold up whoever opens it, and a link would lead elsewhere. */
async function regular(file: string, longest = Number.POSITIVE_INFINITY): Promise<boolean> {
  const found = await lstat(file).catch(() => undefined);
  if (found === undefined) return false;
  if (!found.isFile() || found.size > longest) {
    throw new PortError(`The repository's ${basename(file)} is no plain file of a usual size, so it is not opened.`);
  }
  return true;
}

/** The user's git, and never one that the project brings with it. */
async function findGit(project: string): Promise<string> {
  const name = process.platform === "win32" ? "git.exe" : "git";
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const program = join(folder, name);
    try {
      await access(program, constants.X_OK);
      if (!isBelow(project, await realpath(program)) && !isBelow(project, program)) return program;
    } catch {
      // not here
    }
  }
  throw new PortError("git is not installed, or not in PATH; install it to ask about the repository.");
}

interface RunOptions {
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly signal: AbortSignal;
}

function run(program: string, args: readonly string[], { cwd, env, signal }: RunOptions): Promise<GitOutput> {
  return new Promise((settle, reject) => {
    const limits = { timeout: GIT_MS, killSignal: "SIGKILL", maxBuffer: MAX_OUTPUT, encoding: "utf8" } as const;
    const child = execFile(
      program,
      args,
      { ...limits, cwd, env, signal, windowsHide: true },
      (error, stdout, stderr) => {
        if (error === null) settle({ text: stdout, cut: false });
        else if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") settle({ text: stdout, cut: true });
        else if (signal.aborted) reject(signal.reason);
        else if (error.killed)
          reject(new PortError(`git took longer than ${GIT_MS / 1_000} s and was stopped; ask for less.`));
        else
          reject(
            new PortError(
              `git could not tell: ${complaint(stderr, cwd)}; check the path and the names of the commits.`,
            ),
          );
      },
    );
    child.stdin?.end();
  });
}

/** The first thing git complains about, without the places of our own making. */
function complaint(stderr: string, cwd: string): string {
  const said = /^(?:fatal|error): (.+)$/m.exec(stderr)?.[1] ?? "it failed";
  const plain = said.replaceAll(cwd, ".").replace(/\S*banyan-git-\w+\S*/g, "its files");
  return plain.replace(/\p{Cc}+/gu, " ").slice(0, 200);
}
