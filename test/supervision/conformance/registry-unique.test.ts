// Elixir's Registry with unique keys (elixir: registry/unique_test.exs).
import { afterEach, describe, expect, it } from "vitest";
import {
  Application,
  child,
  exit,
  GenServer,
  named,
  type Pid,
  Registry,
  type RegistryOptions,
  resume,
  stopProcess,
  suspend,
  whereis,
} from "../../../src/supervision/index.js";
import { Registrant, registrant } from "./registrant.js";

let started: Pid | undefined;

async function start<V>(options: Partial<RegistryOptions> = {}): Promise<Registry<unknown, V>> {
  const registry = new Registry<unknown, V>("unique", { keys: "unique", ...options });
  started = await registry.start();
  return registry;
}

afterEach(async () => {
  if (started?.alive) await stopProcess(started);
});

describe("Registry: unique", () => {
  it("A131 counts keys", async () => {
    const registry = await start<string>();
    expect(registry.count()).toBe(0);
    const one = await registrant(registry);
    await one.call.register("hello", "value");
    await one.call.register("world", "value");
    expect(registry.count()).toBe(2);
  });

  it("A132 has unique registrations across processes; a failed attempt leaves no link to the registry", async () => {
    const registry = await start<string>();
    const [owner, other] = [await registrant(registry), await registrant(registry)];
    expect(await owner.call.register("hello", "value")).toEqual({ ok: started });
    expect(await other.call.register("hello", "value")).toEqual({ error: "already_registered", detail: owner });
    expect(await owner.call.register("hello", "again")).toEqual({ error: "already_registered", detail: owner });
    expect(registry.keys(other)).toEqual([]);
    expect(registry.lookup("hello")).toEqual([{ key: "hello", pid: owner, value: "value" }]);
    if (started !== undefined) exit(started, "kill");
    expect(await owner.down).toBe("killed");
    expect(other.alive).toBe(true);
  });

  it("A133 has unique registrations even if the registry is delayed", async () => {
    const registry = await start<string>();
    const [owner, other] = [await registrant(registry), await registrant(registry)];
    await owner.call.register("hello", "old");
    if (started === undefined) throw new Error("no registry");
    await suspend(started);
    exit(owner, "kill");
    await owner.down;
    expect(await other.call.register("hello", "new")).toMatchObject({ ok: started });
    expect(registry.lookup("hello")).toEqual([{ key: "hello", pid: other, value: "new" }]);
    await resume(started);
    expect(registry.lookup("hello")).toHaveLength(1);
  });

  it("A134 compares keys as a Map does: 1 and '1' differ, NaN is itself, -0 is 0, objects are equal by identity", async () => {
    const registry = await start<string>();
    const one = await registrant(registry);
    const key = {};
    for (const each of [1, "1", Number.NaN, 0, key, {}]) {
      expect(await one.call.register(each, "value")).toMatchObject({ ok: started });
    }
    for (const taken of [Number.NaN, -0, key]) {
      expect(await one.call.register(taken, "value")).toMatchObject({ error: "already_registered" });
    }
    expect(registry.lookup({})).toEqual([]);
    expect(registry.keys(one)).toEqual([1, "1", Number.NaN, 0, key, {}]);
  });

  it("A135 updates the value of the own key only", async () => {
    const registry = await start<number>();
    const [one, other] = [await registrant(registry), await registrant(registry)];
    let asked = 0;
    const increment = (value: number) => {
      asked++;
      return value + 1;
    };
    expect(await one.call.update("hello", increment)).toEqual({ error: "not_registered" });
    await other.call.register("hello", 1);
    expect(await one.call.update("hello", increment)).toEqual({ error: "not_registered" });
    expect(asked).toBe(0);
    expect(await other.call.update("hello", increment)).toEqual({ ok: { value: 2, previous: 1 } });
    expect(registry.lookup("hello")).toEqual([{ key: "hello", pid: other, value: 2 }]);
  });

  it("A136 unregisters by key, own entries only", async () => {
    const registry = await start<string>();
    const [one, other] = [await registrant(registry), await registrant(registry)];
    await one.call.unregister("hello");
    await one.call.register("hello", "value");
    await one.call.register("world", "value");
    await other.call.unregister("world");
    await one.call.unregister("hello");
    expect(registry.keys(one)).toEqual(["world"]);
    expect(registry.lookup("hello")).toEqual([]);
  });

  it("is linked to the registry only while it has an entry", async () => {
    const registry = await start<string>();
    const one = await registrant(registry);
    await one.call.register("hello", "value");
    await one.call.unregister("hello");
    if (started !== undefined) exit(started, "kill");
    await started?.down;
    expect(await one.call.heard()).toEqual([]);
  });

  it("A137 tells listeners of entries made and taken back, and not of the end of a process", async () => {
    const listener = named<Registrant<unknown, string>>("listener");
    const registry = await start<string>({ listeners: [listener, named("nobody")] });
    const ear = await Registrant.start(registry as never, { name: listener as never });
    const one = await registrant(registry);
    await one.call.register("hello", "value");
    await listener.call.register("own", "mine");
    await one.call.unregister("hello");
    await one.call.register("dies", "with me");
    exit(one, "kill");
    await one.down;
    expect(await listener.call.heard()).toEqual([
      { type: "register", key: "hello", pid: one, value: "value" },
      { type: "register", key: "own", pid: ear, value: "mine" },
      { type: "unregister", key: "hello", pid: one, value: undefined },
      { type: "register", key: "dies", pid: one, value: "with me" },
    ]);
  });

  it("A138 throws for a registry that was never started", async () => {
    const registry = new Registry<string, string>("unheard of", { keys: "unique" });
    const one = await registrant(registry);
    await expect(one.call.register("hello", "value")).rejects.toMatchObject({ cause: { code: "unknown_registry" } });
    expect(() => registry.lookup("hello")).toThrow("there is no registry unheard of");
    const name = registry.via<Echo>("hello");
    await expect(Echo.start("lost", { name })).rejects.toMatchObject({ cause: { code: "unknown_registry" } });
  });

  class Echo extends GenServer<string, string> {
    protected override init(word: string) {
      this.state = word;
    }
    say() {
      return this.state;
    }
    crash(): never {
      throw new Error("echo crashed");
    }
  }

  it("A139 via: a process is started, found and called under a key, and a second start finds the name taken", async () => {
    const registry = await start<undefined>();
    const name = registry.via<Echo>("hello");
    await expect(name.call.say()).rejects.toMatchObject({ code: "noproc" });
    const pid = await Echo.start("echo", { name });
    expect(whereis(name)).toBe(pid);
    expect(registry.lookup("hello")).toEqual([{ key: "hello", pid, value: undefined }]);
    expect(await name.call.say()).toBe("echo");
    await expect(Echo.start("echo", { name })).rejects.toMatchObject({ code: "already_started" });
    const rival = await registrant(registry);
    expect(await rival.call.register("hello", undefined)).toEqual({ error: "already_registered", detail: pid });
    await stopProcess(pid);
    expect(whereis(name)).toBeUndefined();
    expect(registry.count()).toBe(0);
  });

  it("via: leads to whoever registered itself, until it takes that back; only text and numbers make a name", async () => {
    const registry = await start<string>();
    const one = await registrant(registry);
    await one.call.register(7, "seven");
    const name = registry.via<Registrant<unknown, string>>(7);
    expect(await name.call.heard()).toEqual([]);
    await expect(Echo.start("x", { name: registry.via<Echo>(7) })).rejects.toMatchObject({ code: "already_started" });
    await one.call.unregister(7);
    expect(whereis(name)).toBeUndefined();
    expect(() => registry.via({})).toThrow("only a string or a finite number");
  });

  it("via: calls wait for a child that its supervisor restarts", async () => {
    const registry = new Registry<string>("rooms", { keys: "unique" });
    const name = registry.via<Echo>("lobby");
    const app = await Application.start({
      strategy: "one_for_one",
      children: [registry.child(), child(Echo, "lobby", { name })],
    });
    const before = whereis(name);
    const [crashed, waited] = [name.call.crash(), name.call.say()].map((call) => call.catch((error: unknown) => error));
    expect(await crashed).toMatchObject({ cause: { message: "echo crashed" } });
    await waited;
    expect(await name.call.say()).toBe("lobby");
    expect(registry.lookup("lobby")).toMatchObject([{ pid: whereis(name) }]);
    expect(whereis(name)).not.toBe(before);
    await app.stop();
  });

  it("via: calls that wait at a key are answered by whoever registers under it meanwhile", async () => {
    const registry = new Registry<string>("rooms", { keys: "unique" });
    const name = registry.via<Echo>("lobby");
    const backoff = { initial: 60_000, max: 60_000, jitter: 0 };
    const app = await Application.start({
      strategy: "one_for_one",
      children: [registry.child(), child(Echo, "lobby", { name, backoff })],
    });
    await name.call.crash().catch(() => {});
    const waits = registry.via<Registrant<string, void>>("lobby").call.heard();
    const stands = await registrant(registry);
    expect(await stands.call.register("lobby", undefined)).toMatchObject({ ok: expect.anything() });
    expect(await waits).toEqual([]);
    await app.stop();
  });

  it("a crash of the registry takes its registrants along, both come back, and calls wait for that", async () => {
    const registry = new Registry<string>("rooms", { keys: "unique" });
    const name = registry.via<Echo>("lobby");
    const backoff = { initial: 10, max: 10, jitter: 0 };
    const app = await Application.start({
      strategy: "one_for_one",
      children: [registry.child(), child(Echo, "lobby", { name, backoff })],
    });
    const before = whereis(name);
    exit(named("rooms"), "kill");
    expect(await before?.down).toBe("killed");
    expect(await name.call.say()).toBe("lobby");
    expect(registry.lookup("lobby")).toMatchObject([{ pid: whereis(name) }]);
    await app.stop();
  });

  it("A140 match, countMatch and unregisterMatch filter by a predicate", async () => {
    const registry = await start<{ kind: string; size: number }>();
    const one = await registrant(registry);
    const value = { kind: "atom", size: 1 };
    await one.call.register("hello", value);
    expect(registry.match("hello", ({ size }) => size === 1)).toEqual([{ key: "hello", pid: one, value }]);
    expect(registry.match("hello", ({ size }) => Object.is(size, "1"))).toEqual([]);
    expect(registry.countMatch("hello", (_, pid) => pid === one)).toBe(1);
    expect(registry.countMatch("absent", () => true)).toBe(0);
    await one.call.unregisterMatch("hello", ({ size }) => size > 1);
    expect(registry.count()).toBe(1);
    await one.call.unregisterMatch("hello", ({ size }) => size > 0);
    expect(registry.count()).toBe(0);
  });

  it("A141 select and countSelect filter over all keys; what is no predicate throws", async () => {
    const registry = await start<string>();
    expect(registry.select(() => true)).toEqual([]);
    const one = await registrant(registry);
    await one.call.register("hello", "value");
    await one.call.register("world", "other");
    expect(registry.select(({ key }) => key === "hello").map(({ value }) => value)).toEqual(["value"]);
    expect(registry.countSelect(({ value }) => value.startsWith("o"))).toBe(1);
    expect(() => registry.select([] as never)).toThrow(TypeError);
  });

  it("A142 does not grow when a key is already registered", async () => {
    const registry = await start<string>();
    const [owner, other] = [await registrant(registry), await registrant(registry)];
    await owner.call.register("hello", "value");
    for (let i = 0; i < 3; i++) await other.call.register("hello", "value");
    expect(registry.count()).toBe(1);
    // Whatever was kept for the refused process would take it along now.
    if (started !== undefined) exit(started, "kill");
    await owner.down;
    expect(other.alive).toBe(true);
  });

  it("keeps metadata as long as the registry's process lives", async () => {
    const registry = await start<string>();
    expect(registry.meta("colour")).toBeUndefined();
    registry.putMeta("colour", "green");
    expect(registry.meta("colour")).toBe("green");
    registry.deleteMeta("colour");
    expect(registry.meta("colour")).toBeUndefined();
  });
});
