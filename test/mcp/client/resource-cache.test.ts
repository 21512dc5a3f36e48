// With a real server that counts what it is asked.
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { ResourceCacheOptions } from "../../../src/mcp/client/resource-cache.js";
import { type Branch, startBranch } from "./tree.js";

const changing = fileURLToPath(new URL("../../support/changing-server.mjs", import.meta.url));
const server = (name: string, ...flags: readonly string[]) => ({
  name,
  command: process.execPath,
  args: [changing, ...flags],
  restartDelayMs: 10,
});

async function started(cache: Partial<ResourceCacheOptions> = {}, ...flags: readonly string[]): Promise<Branch> {
  const branch = await startBranch([server("a", ...flags), server("b")], {}, cache);
  onTestFinished(() => branch.app.stop());
  await branch.manager.call.settled();
  return branch;
}

async function call({ manager }: Branch, tool: string, args: Record<string, unknown> = {}): Promise<string> {
  const { wrapper, info } = await manager.call.route(tool);
  const { content } = await wrapper.with({ timeout: 100_000 }).call.callTool(info.tool, args);
  return content[0]?.type === "text" ? content[0].text : "";
}

const read = async ({ resources }: Branch, name: string, uri: string): Promise<string> => {
  const [part] = await resources.with({ timeout: 100_000 }).call.read(name, uri);
  return part !== undefined && "text" in part ? part.text : "";
};
const write = (branch: Branch, uri: string, text: string) => call(branch, "a.write", { uri, text });
const asked = async (branch: Branch, method = "resources/read"): Promise<number> =>
  JSON.parse(await call(branch, "a.asked"))[method] ?? 0;

test("what was read once is not asked for again, by server and uri", async () => {
  const branch = await started();
  await write(branch, "r://1", "one");
  for (let n = 0; n < 3; n++) expect(await read(branch, "a", "r://1")).toBe("one");
  expect(await read(branch, "b", "r://1")).toBe("what r://1 says");
  expect(await asked(branch)).toBe(1);
  expect(await branch.resources.call.stats()).toMatchObject({ entries: 2, hits: 2, misses: 2 });
  const [last, first] = await branch.resources.call.entries();
  expect(last).toMatchObject({ server: "b", uri: "r://1", hits: 0 });
  expect(first).toMatchObject({ server: "a", uri: "r://1", hits: 2, bytes: 64 + 2 * "one".length });
  expect(await branch.resources.call.clear()).toBe(2);
  expect(await read(branch, "a", "r://1")).toBe("one");
  expect(await asked(branch)).toBe(2);
});

test("many who want the same at the same time wait for one reading", async () => {
  const branch = await started();
  const all = await Promise.all(Array.from({ length: 50 }, () => read(branch, "a", "r://1")));
  expect(new Set(all)).toEqual(new Set(["what r://1 says"]));
  expect(await asked(branch)).toBe(1);
});

test("a resource is read again once its server has said that it changed", async () => {
  const branch = await started();
  expect(await read(branch, "a", "r://1")).toBe("what r://1 says");
  await write(branch, "r://1", "news");
  await expect.poll(() => read(branch, "a", "r://1")).toBe("news");
  expect(await branch.resources.call.stats()).toMatchObject({ invalidated: 1 });
});

test("a server that cannot say so is not asked to; what it said is kept for a while", async () => {
  const branch = await started({ maxAgeMs: 150 }, "--no-subscribe");
  expect(await read(branch, "a", "r://1")).toBe("what r://1 says");
  await write(branch, "r://1", "news");
  await expect.poll(() => read(branch, "a", "r://1")).toBe("news");
  expect(await asked(branch, "resources/subscribe")).toBe(0);
});

test("a server is asked to tell of a hundred resources at most; of the oldest nothing is kept then", async () => {
  const branch = await started();
  for (let n = 0; n < 102; n++) await read(branch, "a", `r://${n}`);
  expect(await asked(branch, "resources/subscribe")).toBe(102);
  await expect.poll(() => asked(branch, "resources/unsubscribe")).toBe(2);
  await expect.poll(async () => (await branch.resources.call.stats()).entries).toBe(100);
});

test("is bounded in number and in bytes; the least used goes first", async () => {
  const branch = await started({ maxBytes: 10_000, maxEntries: 3 });
  for (const uri of ["r://1", "r://2", "r://3", "r://1", "r://4", "r://1"]) await read(branch, "a", uri);
  expect(await branch.resources.call.stats()).toMatchObject({ entries: 3, evicted: 1, hits: 2 });
  await write(branch, "r://huge", "x".repeat(100_000));
  expect(await read(branch, "a", "r://huge")).toHaveLength(100_000);
  expect(await branch.resources.call.stats()).toMatchObject({ entries: 3 });
});

test("a server that was lost is asked again, and asked again to tell of changes", async () => {
  const branch = await started();
  await read(branch, "a", "r://1");
  const pid = (await branch.manager.call.status()).find(({ name }) => name === "a")?.pid ?? 0;
  process.kill(pid, "SIGKILL");
  await expect.poll(async () => (await branch.resources.call.stats()).invalidated).toBe(1);
  expect(await read(branch, "a", "r://1")).toBe("what r://1 says");
  await write(branch, "r://1", "news");
  await expect.poll(() => read(branch, "a", "r://1")).toBe("news");
});

test("what cannot be read is told to everybody who waits, and not kept", async () => {
  const branch = await started();
  await expect(read(branch, "nobody", "r://1")).rejects.toMatchObject({ code: "unknown_name" });
  await branch.manager.call.disconnect("a");
  const both = await Promise.allSettled([read(branch, "a", "r://1"), read(branch, "a", "r://1")]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await branch.manager.call.connect("a");
  expect(await read(branch, "a", "r://1")).toBe("what r://1 says");
});
