import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { withLock } from "../../../src/actors/config/lock.js";

it("a lock is one's alone and writes nothing, so that it can be had on a full disk", async () => {
  const folder = mkdtempSync(join(tmpdir(), "banyan-lock-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "daemon.json");
  const order: string[] = [];
  await Promise.all([
    withLock(file, async () => {
      order.push("first");
      expect(readdirSync(folder)).toEqual(["daemon.json.lock"]);
      await new Promise(setImmediate);
      order.push("first is done");
    }),
    withLock(file, () => void order.push("second")),
  ]);
  expect(order).toEqual(["first", "first is done", "second"]);
  expect(readdirSync(folder)).toEqual(["daemon.json.lock"]);
  expect(statSync(join(folder, "daemon.json.lock")).size).toBe(0);
});
