// The primary's port for git, with the git of this machine on real repositories, hostile ones among them. A hostile repository carries a
// program that leaves a canary; each trick is first played on plain git, to show that it is one, and then on the port.
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { primaryPort } from "../../../../src/mcp/host/primary-port/index.js";
import { makeWorkspace } from "../../../support/workspace.js";

const work = makeWorkspace();
const home = dirname(work.root);
const canary = join(home, "canary");
const identity = {
  GIT_AUTHOR_NAME: "Ann",
  GIT_AUTHOR_EMAIL: "ann@example.org",
  GIT_COMMITTER_NAME: "Ann",
  GIT_COMMITTER_EMAIL: "a@b.c",
};
const env = {
  PATH: process.env.PATH,
  HOME: home,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_DATE: "2026-01-02T03:04:05Z",
  GIT_COMMITTER_DATE: "2026-01-02T03:04:05Z",
  ...identity,
};
const git = (cwd: string, ...args: string[]) =>
  execFileSync("git", ["-c", "protocol.file.allow=always", ...args], {
    cwd,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });

const never = new AbortController().signal;
const ask = async (project: string, what: string, args: Record<string, unknown> = {}) =>
  ((await primaryPort({ project })(what, args, never)) as { text: string }).text; // git's answers have a text

let template: string | undefined;

/** A repository of one commit. */
function repository(name: string): string {
  const folder = join(work.root, name);
  if (template === undefined) template = firstRepository();
  cpSync(template, folder, { recursive: true });
  return folder;
}

function firstRepository(): string {
  const folder = join(home, "template");
  mkdirSync(join(folder, "sub"), { recursive: true });
  git(folder, "init", "-q", "-b", "main");
  writeFileSync(join(folder, "a.txt"), "one\n");
  writeFileSync(join(folder, "sub", "b.txt"), "two\n");
  git(folder, "add", ".");
  git(folder, "commit", "-qm", "First\n\nWith a body");
  return folder;
}

let plain: string;
beforeAll(() => {
  plain = repository("plain");
  git(plain, "tag", "v1");
  writeFileSync(join(plain, "a.txt"), "one\nmore\n");
  git(plain, "commit", "-qam", "Second");
  writeFileSync(join(plain, "sub", "b.txt"), "changed\n");
  writeFileSync(join(plain, "new – file.txt"), "new\n");
  git(plain, "add", "sub");
  writeFileSync(join(plain, "a.txt"), "not yet added\n");
});
afterAll(() => work.remove());

describe("what git is asked", () => {
  it("tells the branch, what is staged, what has changed and what git does not know", async () => {
    const records = (await ask(plain, "git.status")).split("\0");
    expect(records).toContain("# branch.head main");
    expect(records.some((record) => /^1 \.M .* a\.txt$/.test(record))).toBe(true);
    expect(records.some((record) => /^1 M\. .* sub\/b\.txt$/.test(record))).toBe(true);
    expect(records).toContain("? new – file.txt");
    expect(await ask(plain, "git.status", { untracked: false, path: "sub" })).not.toMatch(/a\.txt|new/);
  });

  it("tells commits, newest first, narrowed by path, words, author and range", async () => {
    const log = async (args: Record<string, unknown>) =>
      (await ask(plain, "git.log", args))
        .split("\x1e\n")
        .filter((record) => record !== "")
        .map((record) => record.split("\x1f"));
    const [second, first] = await log({});
    expect(second?.slice(1)).toEqual(["Ann", "2026-01-02T03:04:05+00:00", "HEAD -> main", "Second", ""]);
    expect(first?.slice(3)).toEqual(["tag: v1", "First", "With a body\n"]);
    expect(await log({ count: 1 })).toHaveLength(1);
    expect(await log({ path: "sub" })).toHaveLength(1);
    expect(await log({ from: "v1" })).toEqual([second]);
    expect(await log({ message: "FIRST" })).toEqual([first]);
    expect(await log({ author: "Bob" })).toEqual([]);
    expect(await log({ since: "2027-01-01" })).toEqual([]);
  });

  it("shows differences of the work tree, of the stage and between commits", async () => {
    expect(await ask(plain, "git.diff")).toContain("\n-one\n-more\n+not yet added\n");
    expect(await ask(plain, "git.diff", { staged: true })).toContain("\n-two\n+changed\n");
    expect(await ask(plain, "git.diff", { from: "v1", to: "main" })).toContain("\n one\n+more\n");
    expect(await ask(plain, "git.diff", { from: "HEAD~1", to: "HEAD", path: "sub" })).toBe("");
    expect(await ask(plain, "git.diff", { from: "v1", summary: true })).toMatch(
      /2 files changed, 2 insertions\(\+\), 2 del/,
    );
  });

  it("follows the branch that a branch follows, and a work tree its repository knows of", async () => {
    const clone = join(work.root, "clone");
    git(work.root, "clone", "-q", plain, clone);
    git(clone, "commit", "-q", "--allow-empty", "-m", "Ahead");
    expect(await ask(clone, "git.status")).toContain("# branch.upstream origin/main\0# branch.ab +1 -0\0");
    const linked = join(home, "linked");
    git(plain, "worktree", "add", "-q", "-b", "side", linked);
    expect(await ask(linked, "git.status")).toContain("# branch.head side\0");
    expect(await ask(linked, "git.log", { count: 1 })).toContain("Second");
  });

  it("keeps to the project where that is a part of the repository", async () => {
    expect(await ask(join(plain, "sub"), "git.diff")).toBe("");
    await expect(ask(join(plain, "sub"), "git.diff", { path: "../a.txt" })).rejects.toThrow(
      "outside the working folder",
    );
  });

  it("says in a sentence what is missing", async () => {
    await expect(ask(work.outside, "git.status")).rejects.toThrow("in no Git repository");
    const empty = join(work.root, "empty");
    mkdirSync(empty);
    git(empty, "init", "-q");
    await expect(ask(empty, "git.log")).rejects.toThrow("has no commit yet");
    expect(await ask(empty, "git.status")).toContain("# branch.oid (initial)");
    await expect(ask(plain, "git.log", { to: "nothing" })).rejects.toThrow('No commit is named "nothing"; use git_log');
    const deaf = AbortSignal.abort(new Error("given up"));
    await expect(primaryPort({ project: plain })("git.log", {}, deaf)).rejects.toThrow("given up");
  });

  it("writes nothing into the repository", async () => {
    const look = () =>
      readdirSync(join(plain, ".git"), { recursive: true, encoding: "utf8" })
        .sort()
        .map((name) => `${name} ${statSync(join(plain, ".git", name)).mtimeMs}`);
    const before = look();
    await Promise.all([ask(plain, "git.status"), ask(plain, "git.diff"), ask(plain, "git.log")]);
    expect(look()).toEqual(before);
  });
});

describe("arguments that would be more than they say", () => {
  it.each([
    ["git.log", { to: "--output=/tmp/x" }],
    ["git.log", { to: "-n1" }],
    ["git.log", { to: "main..v1" }],
    ["git.log", { to: "HEAD:a.txt" }],
    ["git.log", { to: ":/First" }],
    ["git.log", { to: "HEAD^{/First}" }],
    ["git.log", { to: "main --all" }],
    ["git.log", { to: "main\n--all" }],
    ["git.log", { to: "HEAD^{tree}" }],
    ["git.log", { since: "yesterday --all" }],
    ["git.log", { author: "a\0b" }],
    ["git.log", { count: 1e9 }],
    ["git.log", { format: "%H" }],
    ["git.diff", { from: "--no-index", to: "/etc/passwd" }],
    ["git.diff", { from: "HEAD", path: "../../../etc/passwd" }],
    ["git.diff", { path: "/etc" }],
    ["git.diff", { path: "a\0b" }],
    ["git.diff", { to: "HEAD" }],
    ["git.diff", { staged: true, from: "HEAD", to: "HEAD" }],
    ["git.diff", { context: "3 --output=x" }],
    ["git.status", "no object"],
    ["git.push", {}],
    ["constructor", {}],
  ])("%s %j is refused", async (what, args) => {
    await expect(primaryPort({ project: plain })(what, args, never)).rejects.toMatchObject({ code: "port_refused" });
  });

  it("an author that looks like an option is an author", async () => {
    expect(await ask(plain, "git.log", { author: "--all", message: "-x" })).toBe("");
    expect(await ask(plain, "git.status", { path: "--help" })).not.toContain("usage");
  });
});

/** A repository whose settings name a program, made after its commits so that only later commands meet it. */
function hostile(name: string, settings: string, attributes = ""): string {
  const folder = repository(name);
  const program = join(folder, "evil.sh");
  writeFileSync(program, `#!/bin/sh\necho ${name} >> '${canary}'\ncat 2>/dev/null\nexit 0\n`);
  chmodSync(program, 0o755);
  appendFileSync(join(folder, ".git", "config"), settings.replaceAll("EVIL", program));
  writeFileSync(join(folder, ".gitattributes"), attributes);
  writeFileSync(join(folder, "a.txt"), "uno\n"); // as long as before, so that git must look into it
  return folder;
}
const everything = async (project: string): Promise<string> =>
  (
    await Promise.all(
      (
        [
          ["git.status", {}],
          ["git.log", {}],
          ["git.diff", {}],
          ["git.diff", { staged: true }],
          ["git.diff", { from: "HEAD", summary: true }],
        ] as const
      ).map(([what, args]) => ask(project, what, args).catch((error: Error) => error.message)),
    )
  ).join("\n");

describe.skipIf(process.platform === "win32")("a hostile repository", () => {
  const tricks: Record<string, { settings: string; attributes?: string; plainly: string[] }> = {
    fsmonitor: { settings: "[core]\n\tfsmonitor = EVIL\n", plainly: ["status"] },
    clean: {
      settings: '[filter "x"]\n\tclean = EVIL\n\trequired = true\n',
      attributes: "* filter=x\n",
      plainly: ["diff"],
    },
    process: { settings: '[filter "y"]\n\tprocess = EVIL\n', attributes: "* filter=y\n", plainly: ["status"] },
    external: { settings: "[diff]\n\texternal = EVIL\n", plainly: ["diff"] },
    driver: { settings: '[diff "z"]\n\tcommand = EVIL\n', attributes: "* diff=z\n", plainly: ["diff"] },
    textconv: { settings: '[diff "t"]\n\ttextconv = EVIL\n', attributes: "* diff=t\n", plainly: ["diff"] },
    pager: { settings: "[core]\n\tpager = EVIL\n[pager]\n\tlog = EVIL\n", plainly: ["-p", "log"] },
    signature: { settings: "[log]\n\tshowSignature = true\n[gpg]\n\tprogram = EVIL\n", plainly: [] },
    hooks: { settings: "[core]\n\thooksPath = .\n", plainly: [] },
    alias: { settings: "[alias]\n\tstatus = !EVIL\n\tlog = !EVIL\n", plainly: [] },
    included: { settings: "[include]\n\tpath = ../evil.config\n", plainly: ["status"] },
    ssh: {
      settings:
        '[core]\n\tsshCommand = EVIL\n[remote "origin"]\n\turl = ssh://x/y\n\tpromisor = true\n[extensions]\n\tpartialClone = origin\n',
      plainly: [],
    },
  };

  it.each(Object.entries(tricks))("runs nothing by its %s", async (name, { settings, attributes, plainly }) => {
    const folder = hostile(name, settings, attributes);
    writeFileSync(join(folder, "evil.config"), `[core]\n\tfsmonitor = ${join(folder, "evil.sh")}\n`);
    rmSync(canary, { force: true });
    if (plainly.length > 0) {
      try {
        git(folder, ...plainly);
      } catch {
        // a filter that cannot talk makes git fail after it was run
      }
      // A pager alone is run for a terminal only, whatever one asks.
      if (name !== "pager") expect(existsSync(canary), "plain git falls for it").toBe(true);
      rmSync(canary, { force: true });
    }
    const said = await everything(folder);
    expect(existsSync(canary)).toBe(false);
    expect(said).toContain("# branch.head main");
    expect(said).toContain("+uno");
  });

  it("runs nothing by a submodule's settings, a hook, or a git of its own", async () => {
    const folder = hostile("submodule", "");
    const inner = join(folder, "inner");
    git(folder, "submodule", "add", "-q", plain, "inner");
    git(folder, "commit", "-qm", "with a module");
    const evil = join(folder, "evil.sh");
    appendFileSync(join(folder, ".git", "modules", "inner", "config"), `[core]\n\tfsmonitor = ${evil}\n`);
    for (const hook of ["post-index-change", "fsmonitor-watchman", "reference-transaction"]) {
      writeFileSync(join(folder, ".git", "hooks", hook), `#!/bin/sh\necho hook >> '${canary}'\n`);
      chmodSync(join(folder, ".git", "hooks", hook), 0o755);
    }
    writeFileSync(join(inner, "a.txt"), "dirty\n");
    rmSync(canary, { force: true });
    git(folder, "status");
    expect(existsSync(canary), "plain git falls for it").toBe(true);
    rmSync(canary, { force: true });
    const bin = join(folder, "bin");
    mkdirSync(bin);
    symlinkSync(evil, join(bin, "git"));
    const path = process.env.PATH;
    process.env.PATH = `.:${bin}:${path}`;
    try {
      await everything(folder);
      await everything(inner);
    } finally {
      process.env.PATH = path;
    }
    expect(existsSync(canary)).toBe(false);
  });

  it("is not led out of its folder", async () => {
    const secret = join(work.outside, "private");
    mkdirSync(secret);
    git(secret, "init", "-q", "-b", "main");
    writeFileSync(join(secret, "diary.txt"), "my secret\n");
    git(secret, "add", ".");
    git(secret, "commit", "-qm", "Secret message");
    const hash = git(secret, "rev-parse", "HEAD").trim();
    const target = join(secret, ".git");

    const pointing = repository("pointing");
    rmSync(join(pointing, ".git"), { recursive: true });
    writeFileSync(join(pointing, ".git"), `gitdir: ${target}\n`);
    expect(git(pointing, "log")).toContain("Secret message");
    expect(await everything(pointing)).not.toMatch(/ecret/);

    unlinkSync(join(pointing, ".git"));
    symlinkSync(target, join(pointing, ".git"));
    expect(await everything(pointing)).not.toMatch(/ecret/);

    // A work tree that claims to belong to a repository which does not know of it.
    const fake = join(pointing, "fake", "worktrees", "w");
    mkdirSync(fake, { recursive: true });
    unlinkSync(join(pointing, ".git"));
    writeFileSync(join(pointing, ".git"), "gitdir: fake/worktrees/w\n");
    writeFileSync(join(fake, "gitdir"), `${join(pointing, ".git")}\n`);
    writeFileSync(join(fake, "commondir"), `${target}\n`);
    writeFileSync(join(fake, "HEAD"), "ref: refs/heads/main\n");
    expect(git(pointing, "log")).toContain("Secret message");
    expect(await everything(pointing)).not.toMatch(/ecret/);

    const tree = repository("tree");
    git(tree, "config", "core.worktree", secret);
    expect(git(tree, "status", "--porcelain")).toContain("diary.txt");
    expect(await everything(tree)).not.toMatch(/diary|ecret/);

    const shared = repository("shared");
    writeFileSync(join(shared, ".git", "commondir"), `${target}\n`);
    expect(git(shared, "log")).toContain("Secret message");
    expect(await everything(shared)).not.toMatch(/ecret/);

    const borrowing = repository("borrowing");
    writeFileSync(join(borrowing, ".git", "objects", "info", "alternates"), `${join(target, "objects")}\n`);
    writeFileSync(join(borrowing, ".git", "refs", "heads", "main"), `${hash}\n`);
    expect(git(borrowing, "log")).toContain("Secret message");
    expect(await everything(borrowing)).not.toMatch(/ecret message|diary/);
    await expect(ask(borrowing, "git.log")).rejects.toThrow("borrows objects of another");

    for (const part of ["objects", "refs", "HEAD", "index", "config", "packed-refs"]) {
      const linked = repository(`linked-${part}`);
      rmSync(join(linked, ".git", part), { recursive: true, force: true });
      symlinkSync(join(target, part), join(linked, ".git", part));
      await expect(ask(linked, "git.status"), part).rejects.toThrow(`a symbolic link for its ${part}`);
    }
  });

  it("does not hold anybody up by a pipe in place of a file", async () => {
    const piped = repository("piped");
    for (const file of ["HEAD", "config", "index", "packed-refs"]) {
      const path = join(piped, ".git", file);
      const aside = join(home, "aside");
      if (existsSync(path)) renameSync(path, aside);
      execFileSync("mkfifo", [path]);
      await expect(ask(piped, "git.status"), file).rejects.toThrow(`${file} is no plain file`);
      unlinkSync(path);
      if (existsSync(aside)) renameSync(aside, path);
    }
    expect(readdirSync(join(piped, ".git"))).toContain("HEAD");
    expect(await ask(piped, "git.status")).toContain("# branch.head main");
  });
});
