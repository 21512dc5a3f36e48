import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { deathIn, whyOf } from "../../../src/actors/daemon/death.js";
import { type KeeperKind, startKeeper } from "../../../src/actors/daemon/keeper.js";
import { daemonFiles, findDaemon, forgetApp, writeApp, writeKeeper } from "../../../src/actors/daemon/record.js";
import { cutStderr, lastWords, lastWordsIn } from "../../../src/actors/daemon/stderr-file.js";
import { isAlive, ownerOf } from "../../../src/actors/run-owner.js";
import { temporaryHome } from "../../support/home.js";

/** Fails the first time it is run in a folder; then it stays until it is told to end, and says so. */
const PROGRAM = `
if [ ! -e tried ]; then touch tried; echo "no bread" >&2; exit 7; fi
trap 'echo "told to end" >&2; exit 0' TERM
echo "$$" >running
while :; do sleep 0.02; done`;

/** On a slow machine, at the end of its strength. */
const PATIENCE = { timeout: 60_000 };

describe.each<KeeperKind>(["shell", "node"])("the keeper as a %s script", (kind) => {
  it("starts again at once what has died, leaves why, and ends with what it was told to end", async () => {
    const { folder, files } = stateFolder();
    const keeper = await startKeeper(
      {
        ...{ deaths: files.deaths, stderr: files.stderr, again: true, cwd: folder, env: process.env },
        command: ["/bin/sh", "-c", PROGRAM],
      },
      kind,
    );
    onTestFinished(() => end(keeper.pid));
    writeKeeper(files, ownerOf(keeper.pid));
    keeper.go();
    await expect.poll(() => read(join(folder, "running")), PATIENCE).toMatch(/\d\n/);
    const death = deathIn(read(files.deaths));
    expect(death).toMatchObject({ restarts: 1, code: 7 });
    expect(findDaemon(files)).toEqual({ keeper: ownerOf(keeper.pid) });
    expect(lastWords(files.stderr)).toBe("no bread");
    const app = Number(read(join(folder, "running")));
    process.kill(keeper.pid, "SIGTERM");
    await expect.poll(() => isAlive(ownerOf(keeper.pid)), PATIENCE).toBe(false);
    expect(isAlive(ownerOf(app))).toBe(false);
    expect(lastWords(files.stderr)).toBe("told to end");
    expect(findDaemon(files)).toBeUndefined();
  });

  it("starts nobody before it is let, and nobody again where that is switched off", async () => {
    const { folder, files } = stateFolder();
    const options = { deaths: files.deaths, stderr: files.stderr, again: false, cwd: folder, env: process.env };
    const keeper = await startKeeper({ ...options, command: ["/bin/sh", "-c", "kill -s KILL $$"] }, kind);
    onTestFinished(() => end(keeper.pid));
    expect(read(files.stderr.path)).toBe("");
    keeper.go();
    await expect.poll(() => isAlive(ownerOf(keeper.pid)), PATIENCE).toBe(false);
    expect(deathIn(read(files.deaths))).toMatchObject({ restarts: 1, code: 137 });
    expect(read(files.stderr.path).match(/ started$/gm)).toHaveLength(1);
  });
});

describe("who the daemon is", () => {
  it("is nobody once its processes are gone, even where another program has one of their pids", () => {
    const { files } = stateFolder();
    expect(findDaemon(files)).toBeUndefined();
    writeFileSync(files.record, "{ half a rec");
    expect(findDaemon(files)).toBeUndefined();
    const self = ownerOf(process.pid);
    writeKeeper(files, { ...self, started: `${self.started}0` });
    expect(findDaemon(files)).toBeUndefined();
    const app = { ...self, url: "http://127.0.0.1:3700", since: 1 };
    writeApp(files, app);
    expect(findDaemon(files)).toEqual({ app });
    expect(read(files.pid)).toBe(`${process.pid}\n`);
    const unsaid = { ...app, started: "" };
    writeApp(files, unsaid);
    expect(findDaemon(files)).toEqual({ app: unsaid });
    const beforeTheMachineStarted = new Date(1);
    utimesSync(files.record, beforeTheMachineStarted, beforeTheMachineStarted);
    expect(findDaemon(files)).toBeUndefined();
    forgetApp(files, process.pid);
    expect(read(files.pid)).toBe("");
  });
});

describe("why it died", () => {
  it.each([
    ["3 137 1795306455 no\n", "", "it was ended by SIGKILL"],
    ["3 137 1795306455 yes\n", "", "it was ended by SIGKILL; the system ran out of memory meanwhile"],
    ["1 134 1795306455 no\n", "FATAL ERROR: heap out of memory", "it was ended by SIGABRT, for its heap was full"],
    ["1 1 1795306455 yes\n", "oh", "it ended with code 1"],
  ])("%j after the words %j: %s", (left, words, why) => {
    const death = deathIn(left);
    expect(death?.at).toBe(1_795_306_455_000);
    expect(death === undefined ? "" : whyOf(death, words)).toBe(why);
  });

  it("is not made up from what the keeper never wrote", () => {
    for (const left of ["", "1 2 3", "1 1 1 maybe\n", "x 1 1 no\n"]) expect(deathIn(left)).toBeUndefined();
  });

  it("goes with the last words of the app that ended, not with those of the next", () => {
    const first = "--- 2026 started\nlistening\nout of bread\nat line 3\n--- 2026 ended with code 1 after 9 s; …\n";
    expect(lastWordsIn(`${first}--- 2026 started\nlistening\n`)).toBe("listening\nout of bread\nat line 3");
    expect(lastWordsIn(first + first.replace("bread", "salt"))).toMatch(/salt/);
    expect(lastWordsIn("--- 2026 started\n")).toBe("");
  });

  it("has room: past its size the file of stderr becomes the one of before, and stays the one that is written to", () => {
    const { files } = stateFolder();
    const file = { ...files.stderr, most: 10 };
    cutStderr(file);
    writeFileSync(file.path, "ten bytes!");
    cutStderr(file);
    expect(read(file.path)).toBe("ten bytes!");
    writeFileSync(file.path, "eleven byte");
    cutStderr(file);
    expect([read(file.path), read(`${file.path}.1`)]).toEqual(["", "eleven byte"]);
  });
});

function stateFolder() {
  const folder = temporaryHome();
  const logs = join(folder, "logs");
  mkdirSync(logs);
  return { folder, files: daemonFiles({ state: folder, logs }) };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function end(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
