// Elixir's Registry with duplicate keys, and its locks (elixir: registry/duplicate_test.exs, registry_test.exs).
import { afterEach, describe, expect, it } from "vitest";
import { exit, type Pid, Registry, stopProcess } from "../../../src/supervision/index.js";
import { registrant } from "./registrant.js";

let started: Pid | undefined;

async function start(keys: "unique" | "duplicate" = "duplicate"): Promise<Registry<string, string>> {
  const registry = new Registry<string, string>(keys, { keys });
  started = await registry.start();
  return registry;
}

function gate(): { promise: Promise<void>; open: () => void } {
  let open = (): void => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

afterEach(async () => {
  if (started?.alive) await stopProcess(started);
});

describe("Registry: duplicate", () => {
  it("A131 counts keys", async () => {
    const registry = await start();
    const one = await registrant(registry);
    expect(registry.count()).toBe(0);
    await one.call.register("hello", "one");
    await one.call.register("hello", "two");
    expect(registry.count()).toBe(2);
  });

  it("A143 has duplicate registrations", async () => {
    const registry = await start();
    const one = await registrant(registry);
    for (const [key, value] of [
      ["hello", "one"],
      ["hello", "two"],
      ["world", "three"],
    ] as const) {
      expect(await one.call.register(key, value)).toEqual({ ok: started });
    }
    expect(registry.keys(one)).toEqual(["hello", "hello", "world"]);
    expect(registry.values("hello", one)).toEqual(["one", "two"]);
    await one.call.unregister("hello");
    expect(registry.keys(one)).toEqual(["world"]);
    exit(one, "kill");
    await one.down;
    expect(registry.count()).toBe(0);
  });

  it("A144 dispatches to the entries of one key, in the caller", async () => {
    const registry = await start();
    const [one, other] = [await registrant(registry), await registrant(registry)];
    await one.call.register("hello", "one");
    await other.call.register("hello", "two");
    await one.call.register("world", "three");
    const seen: unknown[] = [];
    registry.dispatch("hello", (entries) => seen.push(entries));
    registry.dispatch("absent", () => seen.push("never"));
    expect(seen).toEqual([
      [
        { key: "hello", pid: one, value: "one" },
        { key: "hello", pid: other, value: "two" },
      ],
    ]);
    expect(() =>
      registry.dispatch("hello", () => {
        throw new Error("mine");
      }),
    ).toThrow("mine");
  });

  // One heap has no partitions and one thread runs one callback at a time, so there is no parallel dispatch to choose.
  it("A145 dispatches in the caller whatever the number of registrants, once, and leaves nothing behind", async () => {
    const registry = await start();
    const all = await Promise.all(Array.from({ length: 8 }, () => registrant(registry)));
    for (const [i, one] of all.entries()) await one.call.register("hello", String(i));
    let calls = 0;
    let inside = true;
    registry.dispatch("hello", (entries) => {
      calls++;
      expect(inside).toBe(true);
      expect(entries).toHaveLength(8);
    });
    inside = false;
    expect(calls).toBe(1);
    expect(await Promise.all(all.map((one) => one.call.heard()))).toEqual(all.map(() => []));
  });

  it("A146 unregisterMatch takes back one of two values", async () => {
    const registry = await start();
    const [one, other] = [await registrant(registry), await registrant(registry)];
    await one.call.register("hello", "one");
    await one.call.register("hello", "two");
    await other.call.register("hello", "two");
    await one.call.unregisterMatch("hello", (value) => value === "two");
    expect(registry.lookup("hello").map(({ pid, value }) => [pid, value])).toEqual([
      [one, "one"],
      [other, "two"],
    ]);
  });

  it("A147 throws when used as a name, or asked to update a value", async () => {
    const registry = await start();
    const one = await registrant(registry);
    expect(() => registry.via("hello")).toThrow("via is for unique keys; duplicate has duplicates");
    await expect(one.call.update("hello", (value) => value)).rejects.toMatchObject({ cause: { name: "TypeError" } });
  });

  it("A148 rejects an invalid keys option", () => {
    expect(() => new Registry("r", { keys: "invalid" as never })).toThrow(TypeError);
    expect(() => new Registry("r[1]", { keys: "unique" })).toThrow(TypeError);
  });
});

describe("Registry: lock", () => {
  it("A149 different keys do not wait for each other; one key has one holder at a time", async () => {
    const registry = await start("unique");
    const [one, two, three] = [await registrant(registry), await registrant(registry), await registrant(registry)];
    const { promise, open } = gate();
    const order: string[] = [];
    const first = one.call.lock(1, () => promise.then(() => order.push("first")));
    const waits = two.call.lock(1, () => order.push("second"));
    expect(await three.call.lock(2, () => "taken")).toBe("taken");
    expect(order).toEqual([]);
    open();
    await Promise.all([first, waits]);
    expect(order).toEqual(["first", "second"]);
  });

  it("A150 a holder that throws frees the lock, and so does one that is killed", async () => {
    for (const end of ["throws", "is killed"]) {
      const registry = await start("unique");
      const [holder, waiter] = [await registrant(registry), await registrant(registry)];
      const { promise, open } = gate();
      const held = holder.call
        .lock("k", async () => {
          await promise;
          throw new Error("held badly");
        })
        .catch((error: unknown) => error);
      const waited = waiter.call.lock("k", () => "mine");
      if (end === "throws") open();
      else exit(holder, "kill");
      expect(await waited).toBe("mine");
      await held;
      open();
      expect(await waiter.call.lock("k", () => "again")).toBe("again");
      if (started !== undefined) await stopProcess(started);
    }
  });

  it("A151 a waiter that dies is passed over", async () => {
    const registry = await start("unique");
    const [holder, dies, waits] = [await registrant(registry), await registrant(registry), await registrant(registry)];
    const { promise, open } = gate();
    const held = holder.call.lock("k", () => promise);
    let ran = false;
    const never = dies.call
      .lock("k", () => {
        ran = true;
      })
      .catch((error: unknown) => error);
    const waited = waits.call.lock("k", () => "mine");
    exit(dies, "kill");
    await dies.down;
    open();
    await held;
    expect(await waited).toBe("mine");
    expect(await never).toMatchObject({ code: "exited" });
    expect(ran).toBe(false);
    expect(dies.inspect().zombies).toBe(0);
  });

  it("rejects those who wait when the registry ends", async () => {
    const registry = await start("unique");
    const [holder, waiter] = [await registrant(registry), await registrant(registry)];
    const { promise, open } = gate();
    const held = holder.call.lock("k", () => promise);
    const waited = waiter.call.lock("k", () => "mine").catch((error: unknown) => error);
    if (started !== undefined) await stopProcess(started);
    expect(await waited).toMatchObject({ cause: { code: "noproc" } });
    open();
    await held;
  });
});
