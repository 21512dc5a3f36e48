import { describe, expect, it, onTestFinished } from "vitest";
import { type ConnectionPool, type PoolOptions, poolName } from "../../../src/actors/pools/connection-pool.js";
import { ConnectionPools, type ConnectionPoolsOptions } from "../../../src/actors/pools/connection-pools.js";
import { bytesOf, fetchThrough, request } from "../../../src/actors/pools/request.js";
import { Application, child, countChildren, exit, type Named, named, whereis } from "../../../src/supervision/index.js";
import { type Origin, startOrigin } from "./origin.js";

const pools = named<ConnectionPools>("ConnectionPools");
const park = { initial: 10, max: 10, jitter: 0 };

async function start(origin: Origin, options: Partial<PoolOptions> = {}): Promise<Named<ConnectionPool>> {
  const pool: PoolOptions = {
    name: "p",
    url: origin.url,
    min: 0,
    max: 4,
    idleMs: 30_000,
    queue: 100,
    health: undefined,
    ...options,
  };
  const arg: ConnectionPoolsOptions = { pools: [pool], park, maxRestarts: 1_000 };
  const app = await Application.start({
    strategy: "one_for_one",
    children: [child(ConnectionPools, arg, { name: pools })],
  });
  onTestFinished(() => app.stop());
  await countChildren(pools); // its pools are started before it answers
  return poolName("p");
}

async function text(pool: Named<ConnectionPool>, path = "/"): Promise<string> {
  return Buffer.from(await bytesOf(await request(pool, { path }), 1_000_000)).toString();
}

describe("a connection pool", () => {
  it("uses one connection again for requests that follow each other", async () => {
    const origin = await startOrigin();
    const pool = await start(origin);
    for (let i = 0; i < 20; i++) expect(await text(pool)).toBe("hello");
    expect([origin.requests, origin.connections]).toEqual([20, 1]);
  });

  it("never has more than max connections, and lets the rest wait in line", async () => {
    const origin = await startOrigin();
    const pool = await start(origin, { max: 3, min: 1 });
    const answers = await Promise.all(Array.from({ length: 60 }, () => text(pool)));
    expect(new Set(answers)).toEqual(new Set(["hello"]));
    expect(origin.requests).toBe(60);
    expect(origin.most).toBeLessThanOrEqual(3);
    expect(origin.connections).toBe(3);
  });

  it("refuses at once what would wait behind a full queue, and a request that waits too long at its deadline", async () => {
    const origin = await startOrigin();
    const pool = await start(origin, { max: 1, queue: 1 });
    const held = request(pool, { path: "/held" });
    await expect.poll(() => origin.held.length).toBe(1);
    const waiting = request(pool, { path: "/", timeoutMs: 50 });
    await expect(request(pool, { path: "/" })).rejects.toMatchObject({
      code: "pool_full",
      message: expect.stringContaining("raise pools.p.max"),
    });
    await expect(waiting).rejects.toMatchObject({ code: "pool_timeout" });
    origin.held[0]?.end("at last");
    expect(Buffer.from(await bytesOf(await held, 100)).toString()).toBe("at last");
    expect(origin.requests).toBe(1);
    expect(await text(pool)).toBe("hello");
  });

  it("gives up a request whose caller does, waiting or under way, and its connection is free for others", async () => {
    const origin = await startOrigin();
    const pool = await start(origin, { max: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const held = request(pool, { path: "/held", signal: first.signal });
    await expect.poll(() => origin.held.length).toBe(1);
    const waiting = request(pool, { path: "/never", signal: second.signal });
    const other = text(pool);
    second.abort(new Error("not any more"));
    await expect(waiting).rejects.toThrow("not any more");
    first.abort(new Error("nor this"));
    await expect(held).rejects.toThrow("nor this");
    expect(await other).toBe("hello");
    expect(origin.requests).toBe(2);
  });

  it("closes connections that are idle, and keeps min of them warm without a request", async () => {
    const origin = await startOrigin();
    const pool = await start(origin, { min: 2, max: 5, idleMs: 100 });
    await expect.poll(() => origin.open.size).toBe(2);
    expect(origin.requests).toBe(0);
    const held = Array.from({ length: 5 }, () => text(pool, "/held"));
    await expect.poll(() => origin.held.length).toBe(5);
    expect(origin.open.size).toBe(5);
    for (const response of origin.held) response.end();
    await Promise.all(held);
    // All five grow idle and close, and two new ones take their place.
    await expect.poll(() => [origin.open.size, origin.connections]).toEqual([2, 7]);
    expect(await text(pool)).toBe("hello");
    expect(origin.connections).toBe(7);
  });

  it("opens warm connections again when the origin closes them", async () => {
    const origin = await startOrigin();
    const pool = await start(origin, { min: 2 });
    await expect.poll(() => origin.open.size).toBe(2);
    for (const socket of origin.open) socket.destroy();
    await expect.poll(() => origin.connections).toBe(4);
    await expect.poll(() => origin.open.size).toBe(2);
    const level = async () => (await pool.call.getStatus()).level;
    await origin.down();
    await expect.poll(level).toBe("error");
    await origin.up();
    await expect.poll(level).toBe("ok");
  });

  it("says that an origin is failing while it is down, and answers again when it is back", async () => {
    const origin = await startOrigin();
    const pool = await start(origin, { min: 1, health: { path: "/health", intervalMs: 50 } });
    const level = async () => (await pool.call.getStatus()).level;
    expect(await text(pool)).toBe("hello");
    await origin.down();
    await expect(request(pool, { path: "/" })).rejects.toMatchObject({ code: "pool_unreachable" });
    await expect.poll(level).toBe("error");
    const { details, since } = await pool.call.getStatus();
    expect(details).toMatch(/^failing, http:\/\/127\.0\.0\.1:\d+: .*, \d+ in a row$/);
    await expect
      .poll(async () => Number(/(\d+) in a row/.exec((await pool.call.getStatus()).details)?.[1]))
      .toBeGreaterThan(3);
    expect((await pool.call.getStatus()).since).toBe(since);
    await origin.up();
    await expect.poll(level).toBe("ok");
    expect(await text(pool)).toBe("hello");
    await expect.poll(() => origin.open.size).toBeGreaterThan(0);
  });

  it("takes an answer of 500 and above to its health path for a failure, and asks at intervals", async () => {
    const origin = await startOrigin();
    const pool = await start(origin, { health: { path: "/health", intervalMs: 20 } });
    const level = async () => (await pool.call.getStatus()).level;
    origin.health = 401;
    await expect.poll(() => origin.requests).toBeGreaterThan(2);
    expect(await level()).toBe("ok");
    origin.health = 503;
    await expect.poll(async () => (await pool.call.getStatus()).details).toContain("/health answers 503");
    origin.health = 200;
    await expect.poll(level).toBe("ok");
  });

  it("sends method, headers and body, and answers with status, headers and a body that is read at the reader's pace", async () => {
    const origin = await startOrigin();
    const pool = await start(origin);
    const echoed = await request(pool, {
      path: "/echo?x=1",
      method: "POST",
      headers: { "x-a": "b" },
      body: "söme text",
    });
    expect([echoed.status, echoed.headers.get("x-method"), echoed.headers.getSetCookie()]).toEqual([
      201,
      "POST",
      ["a=1", "b=2"],
    ]);
    expect(Buffer.from(await bytesOf(echoed, 100)).toString()).toBe("söme text");
    await expect(bytesOf(await request(pool, { path: "/endless" }), 200_000)).rejects.toMatchObject({
      code: "pool_cut",
      message: expect.stringContaining("longer than 200000 bytes"),
    });
    await expect.poll(() => origin.open.size).toBe(1); // what was not taken was closed
    await expect(bytesOf(await request(pool, { path: "/broken" }), 100)).rejects.toMatchObject({ code: "pool_cut" });
  });

  it("refuses what is no request in one sentence", async () => {
    const pool = await start(await startOrigin());
    for (const wrong of [
      { path: "x" },
      { path: "/a b" },
      { path: "/", headers: { a: "b\r\nc" } },
      { path: "/", timeoutMs: 0 },
    ]) {
      await expect(request(pool, wrong), JSON.stringify(wrong)).rejects.toMatchObject({ code: "pool_request" });
    }
    expect(await text(pool)).toBe("hello");
  });

  it("killed under load, fails what was under way at once, comes back by itself, and leaves no connection behind", async () => {
    const origin = await startOrigin();
    const pool = await start(origin, { max: 4, min: 2 });
    await text(pool);
    const underWay = Array.from({ length: 20 }, () => request(pool, { path: "/held" }).catch((error: Error) => error));
    await expect.poll(() => origin.held.length).toBe(4);
    const dead = whereis(pool);
    if (dead !== undefined) exit(dead, "kill");
    for (const lost of await Promise.all(underWay)) expect(lost).toMatchObject({ code: "pool_lost" });
    expect(await text(pool)).toBe("hello");
    expect(whereis(pool)?.id).not.toBe(dead?.id);
    await expect.poll(() => origin.open.size).toBe(2);
  });

  it("is back with its supervisor when that crashes", async () => {
    const origin = await startOrigin();
    const pool = await start(origin);
    expect(await text(pool)).toBe("hello");
    const dead = whereis(pool);
    const supervisor = whereis(pools);
    if (supervisor !== undefined) exit(supervisor, "kill");
    await dead?.down;
    expect(await text(pool)).toBe("hello");
    expect(await countChildren(pools)).toMatchObject({ active: 1 });
  });
});

describe("a fetch through a pool", () => {
  it("is like the usual one: status, headers, body as it comes, abort", async () => {
    const origin = await startOrigin();
    const fetch = fetchThrough(await start(origin));
    const echoed = await fetch(`${origin.url}/echo`, {
      method: "PUT",
      body: "hi",
      headers: { "content-type": "text/plain" },
    });
    expect([echoed.status, await echoed.text()]).toEqual([201, "hi"]);
    const abort = new AbortController();
    const endless = await fetch(`${origin.url}/endless`, { signal: abort.signal });
    const reader = endless.body?.getReader();
    expect((await reader?.read())?.value?.byteLength).toBeGreaterThan(0);
    abort.abort();
    await expect(
      (async () => {
        for (;;) await reader?.read();
      })(),
    ).rejects.toThrow();
    await expect.poll(() => origin.open.size).toBeLessThan(2);
    expect(await (await fetch(origin.url)).text()).toBe("hello");
  });
});
