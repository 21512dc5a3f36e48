import { describe, expect, test } from "vitest";
import { ResourceCache } from "../../../src/mcp/client/resource-cache.js";
import type { Pid } from "../../../src/supervision/index.js";

const text = (size: number) => [{ uri: "r://x", text: "x".repeat(size) }];

async function put(cache: Pid<ResourceCache>, server: string, uri: string, size = 10): Promise<void> {
  const lookup = await cache.call.get(server, uri);
  await cache.call.put(server, uri, text(size), lookup.hit ? 0 : lookup.since);
}
const has = async (cache: Pid<ResourceCache>, server: string, uri: string) => (await cache.call.get(server, uri)).hit;

describe("the ResourceCache", () => {
  test("gives back what was put in, by server and uri", async () => {
    const cache = await ResourceCache.start();
    await put(cache, "a", "r://1");
    expect(await cache.call.get("a", "r://1")).toEqual({ hit: true, contents: text(10) });
    expect(await has(cache, "b", "r://1")).toBe(false);
    expect(await cache.call.stats()).toMatchObject({ entries: 1, hits: 1, misses: 2 });
  });

  test("is bounded in bytes and in number; the least used goes first", async () => {
    const cache = await ResourceCache.start({ maxBytes: 10_000, maxEntries: 3 });
    for (const uri of ["r://1", "r://2", "r://3"]) await put(cache, "a", uri);
    await has(cache, "a", "r://1");
    await put(cache, "a", "r://4");
    expect([await has(cache, "a", "r://1"), await has(cache, "a", "r://2")]).toEqual([true, false]);
    await put(cache, "a", "r://big", 4_960);
    expect(await cache.call.stats()).toMatchObject({ entries: 1, evicted: 4 });
    await put(cache, "a", "r://huge", 1_000_000);
    expect(await has(cache, "a", "r://huge")).toBe(false);
  });

  test("forgets what is too old", async () => {
    const cache = await ResourceCache.start({ maxAgeMs: 1 });
    await put(cache, "a", "r://1");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await has(cache, "a", "r://1")).toBe(false);
  });

  test("forgets one resource, or all of a server, and no other's", async () => {
    const cache = await ResourceCache.start();
    for (const [server, uri] of [
      ["a", "r://1"],
      ["a", "r://2"],
      ["b", "r://1"],
    ] as const)
      await put(cache, server, uri);
    await cache.call.invalidate("a", "r://1");
    expect(await Promise.all([has(cache, "a", "r://1"), has(cache, "a", "r://2")])).toEqual([false, true]);
    await cache.call.invalidate("a");
    expect(await Promise.all([has(cache, "a", "r://2"), has(cache, "b", "r://1")])).toEqual([false, true]);
    expect(await cache.call.stats()).toMatchObject({ invalidated: 2 });
  });

  test("does not keep what was read before a change and arrives after it", async () => {
    const cache = await ResourceCache.start();
    const lookup = await cache.call.get("a", "r://1");
    if (lookup.hit) throw new Error("nothing was put in");
    await cache.call.invalidate("a", "r://1");
    await cache.call.put("a", "r://1", text(1), lookup.since);
    expect(await has(cache, "a", "r://1")).toBe(false);
  });
});
