import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { gone, hostile, isAlive } from "./support.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
let primary: ChildProcess | undefined;
afterEach(() => void primary?.kill("SIGKILL"));

interface Running {
  primary: ChildProcess;
  server: number;
  grandchild: number;
  minder: number;
}

async function startPrimary(...flags: string[]): Promise<Running> {
  const args = [here("../../support/run.mjs"), here("./primary.ts"), hostile, ...flags];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  primary = child;
  const [line] = await new Promise<string[]>((resolve) =>
    createInterface(child.stdout).once("line", (...got) => resolve(got)),
  );
  const { pids, minder } = JSON.parse(line ?? "");
  expect(minder.groups).toEqual([pids.server]);
  return { primary: child, server: pids.server, grandchild: pids.grandchild, minder: minder.pid };
}

describe("when the primary dies by kill -9", () => {
  test("a server that ignores everything, and what it started, are gone within moments, and so is the minder", async () => {
    const running = await startPrimary("--stubborn", "--grandchild");
    expect(isAlive(running.server) && isAlive(running.grandchild) && isAlive(running.minder)).toBe(true);
    running.primary.kill("SIGKILL");
    await Promise.all([gone(running.server), gone(running.grandchild), gone(running.minder)]);
  });

  test("also when Ctrl-C reached the terminal's whole foreground group first", async () => {
    const running = await startPrimary("--stubborn", "--grandchild");
    // The minder is in a session of its own, so the terminal would not even signal it; it ignores the signals besides.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.kill(running.minder, signal);
    running.primary.kill("SIGKILL");
    await Promise.all([gone(running.server), gone(running.grandchild), gone(running.minder)]);
  });
});
