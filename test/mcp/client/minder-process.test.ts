import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type MinderKind, nodeScript, startMinder } from "../../../src/mcp/client/minder-process.js";
import { eventually, gone, isAlive } from "./support.js";

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

/** A process group whose one process ignores SIGTERM if it is `stubborn`, and says when it is ready. */
async function group(stubborn = false): Promise<{ pid: number; signal: Promise<NodeJS.Signals | null> }> {
  const script = `${stubborn ? 'process.on("SIGTERM", () => {});' : ""} setInterval(() => {}, 1000); console.log("up")`;
  const child = spawn(process.execPath, ["-e", script], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
  started.push(child);
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  if (child.pid === undefined) throw new Error("not started");
  const signal = new Promise<NodeJS.Signals | null>((resolve) => child.once("exit", (_, by) => resolve(by)));
  return { pid: child.pid, signal };
}

describe.each<MinderKind>(["shell", "node"])("the minder as a %s script", (kind) => {
  test("ends every group it knows when its pipe closes, the stubborn ones too, and then itself", async () => {
    const minder = await startMinder(kind);
    const groups = [await group(), await group(true), await group(true)];
    for (const { pid } of groups) minder.watch(pid);
    minder.close();
    expect(await Promise.all(groups.map(({ signal }) => signal))).toEqual(["SIGTERM", "SIGKILL", "SIGKILL"]);
    await minder.ended;
  });

  test("leaves alone what it was told to forget", async () => {
    const minder = await startMinder(kind);
    const [kept, ended] = [await group(), await group()];
    minder.watch(kept.pid);
    minder.watch(ended.pid);
    minder.unwatch(kept.pid);
    minder.close();
    await gone(ended.pid);
    await minder.ended;
    expect(isAlive(kept.pid)).toBe(true);
  });

  test("goes without ending anybody when dismissed", async () => {
    const minder = await startMinder(kind);
    const kept = await group();
    minder.watch(kept.pid);
    minder.dismiss();
    await minder.ended;
    expect(isAlive(kept.pid)).toBe(true);
  });

  test("is not ended by the signals that end a terminal's programs", async () => {
    const minder = await startMinder(kind);
    const victim = await group();
    minder.watch(victim.pid);
    // The answer to a line would tell that it has set its traps; it answers none, so wait until the system shows them.
    await eventually("its traps are set", () => ignores(minder.pid, [1, 2, 15], kind));
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.kill(minder.pid, signal);
    minder.close();
    await gone(victim.pid);
    await minder.ended;
  });
});

test("the shell minder takes about a megabyte", async () => {
  const minder = await startMinder("shell");
  const status = await eventually("it runs", () => {
    const text = readFileSync(`/proc/${minder.pid}/status`, "utf8");
    return /^Name:\s+(sh|dash|bash)/m.test(text) ? text : undefined;
  });
  expect(Number(/RssAnon:\s+(\d+)/.exec(status)?.[1])).toBeLessThan(1_024);
  minder.close();
});

test("on Windows the Node script ends a process with all its descendants through taskkill", async () => {
  // Windows itself is not here: its taskkill is played by a program that writes down how it was called.
  const folder = mkdtempSync(join(tmpdir(), "minder-"));
  const log = join(folder, "calls");
  writeFileSync(join(folder, "taskkill"), `#!/bin/sh\necho "$@" >> ${log}\n`);
  chmodSync(join(folder, "taskkill"), 0o755);
  const platform = join(folder, "windows.cjs");
  writeFileSync(platform, 'Object.defineProperty(process, "platform", { value: "win32" });');
  const minder = spawn(process.execPath, ["--require", platform, "-e", nodeScript], {
    env: { PATH: `${folder}:${process.env.PATH}` },
  });
  started.push(minder);
  minder.stdin.end("+4321\n+5\n-5\n");
  await new Promise((resolve) => minder.once("exit", resolve));
  expect(new Set(readFileSync(log, "utf8").trim().split("\n"))).toEqual(new Set(["/PID 4321 /T /F"]));
});

/** Whether the process ignores (shell) or handles (Node) the signals of these numbers. */
function ignores(pid: number, signals: readonly number[], kind: MinderKind): boolean {
  const field = kind === "shell" ? "SigIgn" : "SigCgt";
  const mask = BigInt(
    `0x${new RegExp(`${field}:\\s+(\\w+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0"}`,
  );
  return signals.every((signal) => (mask >> BigInt(signal - 1)) & 1n);
}
