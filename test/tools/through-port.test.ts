// The tools that ask the primary (git, processes, disk, sqlite), with the real port behind them, compiled as users run it.
import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hold } from "../../src/actors/store/held.js";
import type { AskPrimary } from "../../src/mcp/client/primary-ask.js";
import { messageOf } from "../../src/supervision/index.js";
import { type Tool, ToolError } from "../../tools/define.js";
import { disk } from "../../tools/disk.js";
import { gitDiff } from "../../tools/git-diff.js";
import { gitLog } from "../../tools/git-log.js";
import { gitStatus } from "../../tools/git-status.js";
import { processes } from "../../tools/processes.js";
import { sqliteQuery } from "../../tools/sqlite-query.js";
import { built } from "../support/build.js";
import { callTool } from "../support/call-tool.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();
const { root } = work;
const env = {
  ...process.env,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "Ann",
  GIT_COMMITTER_NAME: "Ann",
  EMAIL: "ann@example.org",
  GIT_AUTHOR_DATE: "2026-01-02T03:04:05Z",
};
const git = (...args: string[]) => execFileSync("git", args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
let port: AskPrimary;

/** As the tools' process does it: what the primary refuses is an expected failure of the tool. */
const ask = (what: string, args: object) =>
  port(what, args, new AbortController().signal).catch((error: unknown) => {
    throw new ToolError(messageOf(error));
  });
const call = (tool: Tool, args: Record<string, unknown> = {}) => callTool(tool, args, { root, ask });

beforeAll(async () => {
  port = (await import(built("mcp/host/primary-port/index.js"))).primaryPort({ project: root });
  git("init", "-q", "-b", "main");
  for (const name of ["changed.txt", "gone.txt", "old name.txt"]) work.write(name, `${name}\nline\n`);
  git("add", ".");
  git("commit", "-qm", "First\n\nWhy it was made");
  git("tag", "v1");
  work.write("changed.txt", "changed\nline\n");
  renameSync(join(root, "old name.txt"), join(root, "new name.txt"));
  git("add", "-A");
  git("rm", "-q", "gone.txt");
  work.write("changed.txt", "changed\nagain\n");
  work.write("folder/inner/new.bin", Buffer.alloc(50_000));
  work.write("folder/small.txt", "x");
  symlinkSync(work.outside, join(root, "folder", "out"));
  const database = hold(new Database(join(root, "shop.db")));
  database.exec("CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (1, 'x,y'), (2, NULL)");
  database.close();
});
afterAll(() => work.remove());

describe("git", () => {
  it("git_status groups files by what became of them", async () => {
    expect((await call(gitStatus)).text).toBe(
      [
        "Branch main.",
        "Staged (3):",
        "  changed: changed.txt",
        "  deleted: gone.txt",
        "  renamed: old name.txt -> new name.txt",
        "Not staged (1):",
        "  changed: changed.txt",
        "Unknown to Git (2):",
        "  folder/",
        "  shop.db",
      ].join("\n"),
    );
    expect((await call(gitStatus, { path: "new name.txt", untracked: false })).text).toMatch(
      /Staged \(1\):\n {2}new: new name.txt$/,
    );
  });

  it("git_log writes a line for each commit, and its message when asked", async () => {
    expect((await call(gitLog)).text).toMatch(/^[0-9a-f]{12} 2026-01-02 03:04 Ann \(HEAD -> main, tag: v1\): First$/);
    expect((await call(gitLog, { body: true, count: 1 })).texts).toEqual([
      expect.stringMatching(/: First\n {4}Why it was made$/),
      "(1 commit; there may be more: raise count or narrow.)",
    ]);
    expect((await call(gitLog, { author: "Nobody" })).text).toContain("No commit matches");
    expect(await call(gitLog, { to: "--all" })).toMatchObject({
      isError: true,
      text: expect.stringContaining('"to" is not valid'),
    });
  });

  it("git_diff shows changes, or their numbers", async () => {
    expect((await call(gitDiff)).text).toContain("-line\n+again\n");
    expect((await call(gitDiff, { staged: true, summary: true })).text).toMatch(
      /gone\.txt.*\n.*old name\.txt => new name\.txt/,
    );
    expect((await call(gitDiff, { path: "folder" })).text).toBe("(No differences.)");
    expect(await call(gitDiff, { from: "v2" })).toMatchObject({
      isError: true,
      text: 'No commit is named "v2"; use git_log to see the commits.',
    });
  });
});

describe("processes", () => {
  it("lists this very process among those with its name", async () => {
    const { texts } = await call(processes, { name: "node", sort: "memory", count: 100 });
    expect(texts[0]).toMatch(/^PID +PARENT +CPU +MEMORY +RUNS +COMMAND\n/);
    expect(texts[0]).toMatch(new RegExp(`^${process.pid} +${process.ppid} +[\\d.]+ % +[\\d.]+ MB`, "m"));
  });
});

describe("disk", () => {
  it("tells the room left where the working folder is", async () => {
    expect((await call(disk)).text).toMatch(/project.*[kMGT]B free of [\d.]+ [kMGT]B {2}\d+ % used/);
  });

  it("measures what is in a folder, largest first, and follows no link out of it", async () => {
    const { texts } = await call(disk, { path: "folder" });
    expect(texts[0]).toMatch(/kB +2 entries +inner\n/);
    expect(texts[0]).not.toContain("secret");
    expect(texts[1]).toMatch(/^\([\d.]+ kB in 4 entries of folder\.\)$/);
    expect((await call(disk, { path: "." })).texts[0]).toContain(".git");
  });

  it.each([["../outside"], ["folder/out"], ["missing"], ["changed.txt"], ["a\0b"]])("refuses %j", async (path) => {
    expect((await call(disk, { path })).isError).toBe(true);
  });

  it("counts a file with two names once", async () => {
    mkdirSync(join(root, "twice"));
    writeFileSync(join(root, "twice", "a"), Buffer.alloc(100_000, 1));
    execFileSync("ln", [join(root, "twice", "a"), join(root, "twice", "b")]);
    expect((await call(disk, { path: "twice" })).texts[1]).toMatch(/^\(1\d\d(\.\d)? kB in 2 entries/);
  });
});

describe("sqlite_query", () => {
  it("returns rows as CSV", async () => {
    expect((await call(sqliteQuery, { path: "shop.db", query: "SELECT a, b FROM t" })).texts).toEqual([
      'a,b\n1,"x,y"\n2,NULL',
      "(2 rows.)",
    ]);
    expect(
      (await call(sqliteQuery, { path: "shop.db", query: "SELECT a FROM t WHERE a > ?", parameters: [1] })).texts[0],
    ).toBe("a\n2");
    expect((await call(sqliteQuery, { path: "shop.db", query: "SELECT a FROM t", max_rows: 1 })).texts[1]).toContain(
      "There is more",
    );
  });

  it("shows the primary's refusal", async () => {
    expect(await call(sqliteQuery, { path: "shop.db", query: "DELETE FROM t" })).toMatchObject({
      isError: true,
      text: expect.stringContaining("only reads"),
    });
    expect((await call(sqliteQuery, { path: "changed.txt", query: "SELECT 1" })).text).toContain(
      "is no SQLite database",
    );
  });
});
