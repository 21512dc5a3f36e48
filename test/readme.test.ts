import { readFileSync } from "node:fs";
import { expect, it, vi } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

it("the README shows the counter example as it stands, and it does what it says", async () => {
  expect(read("README.md")).toContain(read("examples/counter.ts"));
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await import("../examples/counter.js");
  expect(log).toHaveBeenCalledWith(42);
  log.mockRestore();
});
