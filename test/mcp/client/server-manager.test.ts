import { afterEach, describe, expect, test } from "vitest";
import { ServerConfigError, ServerUnavailableError, UnknownNameError } from "../../../src/mcp/client/errors.js";
import type { ServerConfigInput } from "../../../src/mcp/client/server-config.js";
import { exit, type Pid, whereis, whichChildren } from "../../../src/supervision/index.js";
import { eventually, everything, isAlive } from "./support.js";
import { type Branch, hostileServer, type Recorder, startBranch, startRecorder } from "./tree.js";

let branch: Branch | undefined;
afterEach(async () => {
  await branch?.app.stop();
  branch = undefined;
});

const server = (name: string, more: Partial<ServerConfigInput> = {}): ServerConfigInput =>
  hostileServer([], { name, ...more });
const thrown = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

async function stage(servers: readonly ServerConfigInput[]): Promise<Branch & { watcher: Pid<Recorder> }> {
  const watcher = await startRecorder();
  branch = await startBranch([]);
  await branch.manager.call.subscribe(watcher);
  await branch.manager.call.setServers(servers);
  return { ...branch, watcher };
}

/** Resolves once the lazy server has been put to sleep. */
function asleep({ manager }: Branch, name: string): Promise<unknown> {
  return eventually(`${name} sleeps`, async () => {
    const status = (await manager.call.status()).find((each) => each.name === name);
    return status?.asleep === true && status.state === "disconnected" && status.pid === undefined;
  });
}

async function pids({ manager }: Branch): Promise<Record<string, number | undefined>> {
  return Object.fromEntries((await manager.call.status()).map(({ name, pid }) => [name, pid]));
}

describe("the servers there should be", () => {
  test("are told when the folders they may work in have changed", async () => {
    const watcher = await startRecorder();
    const all: ServerConfigInput = { name: "all", command: process.execPath, args: everything };
    branch = await startBranch([all], { roots: [{ uri: "file:///one", name: "one" }] });
    const { manager, notifications } = branch;
    await notifications.call.subscribe(watcher);
    const wrapper = (await manager.call.route("all.get-roots-list")).wrapper.with({ timeout: 100_000 });
    const roots = async (): Promise<string> => JSON.stringify(await wrapper.call.callTool("get-roots-list", {}));
    expect(await roots()).toContain("file:///one");
    await manager.call.setRoots([{ uri: "file:///two", name: "two" }]);
    expect(await eventually("the new ones are known", async () => (await roots()).includes("file:///two"))).toBe(true);
    await manager.call.setRoots([{ uri: "file:///two", name: "two" }]); // nothing new, so nobody is told
  });

  test("are asked for the log messages that are wanted, also when that changes, and are not started again for it", async () => {
    const all: ServerConfigInput = { name: "all", command: process.execPath, args: everything, logLevel: "emergency" };
    const { manager, watcher, notifications } = await stage([]);
    await notifications.call.subscribe(watcher);
    await manager.call.setServers([all]);
    await watcher.call.event("up");
    const before = (await manager.call.status())[0]?.pid;
    const wrapper = (await manager.call.route("all.toggle-simulated-logging")).wrapper.with({ timeout: 100_000 });
    await wrapper.call.callTool("get-roots-list", {}); // it logs an info when it has them
    await manager.call.setServers([{ ...all, logLevel: "debug" }]);
    await wrapper.call.callTool("toggle-simulated-logging", {}); // its first message, of any level, comes at once
    expect(await watcher.call.notification("log", "-level message")).toMatchObject({ server: "all" });
    expect(JSON.stringify(await watcher.call.notifications())).not.toContain("Roots updated");
    expect(await manager.call.status()).toMatchObject([{ pid: before, restarts: 0 }]);
  });

  test("are started, listed with their state, and their tools are named server.tool", async () => {
    const running = await stage([server("one"), server("two", { enabled: false })]);
    const { manager, watcher } = running;
    expect(await watcher.call.event("up")).toMatchObject({ server: "one", tools: expect.any(Number) });
    const status = await manager.call.status();
    expect(status).toMatchObject([
      { name: "one", state: "ready", pid: expect.any(Number), attempts: 0, restarts: 0 },
      { name: "two", state: "disconnected", tools: 0 },
    ]);
    const tools = await running.aggregator.call.tools();
    expect(tools).toHaveLength(status[0]?.tools ?? 0);
    expect(tools.find(({ tool }) => tool === "echo")).toMatchObject({
      name: "one.echo",
      server: "one",
      tool: "echo",
      annotations: { readOnly: true },
    });
  });

  test("given in the start argument are started with the tree", async () => {
    branch = await startBranch([server("one")]);
    expect(await branch.manager.call.route("one.echo")).toMatchObject({ info: { tool: "echo" } });
  });

  test("a change touches only the server it is about", async () => {
    const running = await stage([server("kept"), server("changed"), server("dropped")]);
    const { manager, watcher } = running;
    for (const name of ["kept", "changed", "dropped"]) await watcher.call.event("up", name);
    const before = await pids(running);
    await manager.call.setServers([server("kept"), server("changed", { env: { NEW: "1" } }), server("added")]);
    await watcher.call.event("removed", "dropped");
    await watcher.call.event("up", "added");
    const after = await eventually("the changed one runs again", async () => {
      const now = await pids(running);
      return now.changed !== undefined && now.changed !== before.changed ? now : undefined;
    });
    expect(after.kept).toBe(before.kept);
    expect(Object.keys(after).sort()).toEqual(["added", "changed", "kept"]);
    expect(isAlive(before.changed ?? 0)).toBe(false);
    expect(isAlive(before.dropped ?? 0)).toBe(false);
  });

  test("a server that is removed and wanted again before it has ended runs once, with the new settings", async () => {
    const running = await stage([server("one")]);
    await running.watcher.call.event("up");
    const { one: before } = await pids(running);
    await running.manager.call.setServers([]);
    await running.manager.call.setServers([server("one", { env: { NEW: "1" } })]);
    const { wrapper } = await eventually("it runs with the new settings", async () => {
      const route = await running.manager.call.route("one.environment").catch(() => undefined);
      const config = (await route?.wrapper.call.describe().catch(() => undefined))?.config;
      return config?.env.NEW === "1" ? route : undefined;
    });
    await wrapper.with({ timeout: 100_000 }).call.callTool("echo", { message: "x" });
    expect((await pids(running)).one).not.toBe(before);
    expect(isAlive(before ?? 0)).toBe(false);
    expect(await whichChildren(running.wrappers)).toHaveLength(1);
  });

  test("wrong settings are refused whole, with the field that is wrong, and nothing changes", async () => {
    const running = await stage([server("one")]);
    await running.watcher.call.event("up");
    const before = await pids(running);
    const error = await thrown(running.manager.call.setServers([server("two"), server("a.b")]));
    expect(error).toBeInstanceOf(ServerConfigError);
    expect(error).toMatchObject({ message: "servers.a.b.name is wrong: use 1 to 64 letters, digits, _ or -" });
    const twice = await thrown(running.manager.call.setServers([server("two"), server("two")]));
    expect(twice).toMatchObject({ message: 'two servers are named "two"; rename one of them' });
    expect(await pids(running)).toEqual(before);
  });
});

describe("the start", () => {
  test("is settled when every server has been reached or given up for now", async () => {
    branch = await startBranch([
      server("one"),
      server("broken", { command: "npxx" }),
      server("off", { enabled: false }),
    ]);
    await branch.manager.call.settled();
    expect((await branch.manager.call.status()).map(({ state }) => state)).toEqual(["ready", "parked", "disconnected"]);
    await branch.manager.call.settled();
  });
});

describe("a lazy server", () => {
  test("is started once to learn its tools, when a turn wants all of them, and sleeps again", async () => {
    branch = await startBranch([server("one"), server("late", { start: "lazy" })]);
    await branch.manager.call.route("one.echo");
    expect(await branch.manager.call.status()).toMatchObject([
      { state: "ready" },
      { state: "disconnected", unknown: true },
    ]);
    expect(await pids(branch)).toMatchObject({ late: undefined });
    await branch.manager.call.settled();
    for (const status of await branch.manager.call.status()) expect(status.unknown).toBeUndefined();
    expect((await branch.aggregator.call.tools()).map(({ name }) => name)).toContain("late.echo");
    await asleep(branch, "late");
    await branch.manager.call.settled();
    expect(await pids(branch)).toMatchObject({ late: undefined });
    expect((await branch.aggregator.call.tools()).map(({ name }) => name)).toContain("late.echo");
  });

  test("is started by a call, and sleeps again when nobody has needed it for a while", async () => {
    branch = await startBranch([server("late", { start: "lazy", idleStopMs: 100 })]);
    const wrapper = (await branch.manager.call.route("late.echo")).wrapper.with({ timeout: 100_000 });
    await asleep(branch, "late");
    await wrapper.with({ timeout: 100_000 }).call.callTool("echo", { message: "x" });
    expect(await branch.manager.call.status()).toMatchObject([{ name: "late", tools: expect.any(Number) }]);
    await asleep(branch, "late");
    await wrapper.with({ timeout: 100_000 }).call.callTool("echo", { message: "x" });
  });

  test("that is prewarmed is up before anybody needs it, holds up no start, and sleeps when it is idle", async () => {
    const args = [...(hostileServer().args ?? []), "--mute"];
    const { manager, watcher } = await stage([
      server("warm", { start: "lazy", prewarm: true, idleStopMs: 300 }),
      server("mute", { start: "lazy", prewarm: true, args }),
    ]);
    await manager.call.settled();
    await watcher.call.event("up", "warm");
    await asleep({ manager } as Branch, "warm");
  });

  test("stays disconnected when a person has said so", async () => {
    branch = await startBranch([server("late", { start: "lazy" })]);
    const wrapper = (await branch.manager.call.route("late.echo")).wrapper.with({ timeout: 100_000 });
    await branch.manager.call.disconnect("late");
    expect(await thrown(wrapper.call.callTool("echo", { message: "x" }))).toBeInstanceOf(ServerUnavailableError);
    expect(await branch.aggregator.call.tools()).toEqual([]);
  });

  test("whose wrapper crashed is started by the next call", async () => {
    branch = await startBranch([server("late", { start: "lazy" })]);
    const wrapper = (await branch.manager.call.route("late.echo")).wrapper.with({ timeout: 100_000 });
    exit(wrapper, "kill");
    await wrapper.down;
    const again = await branch.manager.call.route("late.echo");
    await again.wrapper.with({ timeout: 100_000 }).call.callTool("echo", { message: "x" });
  });
});

test("a server in the background is started at once, and nobody waits for it", async () => {
  const mute = server("mute", { args: [...(hostileServer().args ?? []), "--mute"], start: "background" });
  branch = await startBranch([server("one"), mute]);
  await branch.manager.call.settled();
  expect((await branch.manager.call.status()).map(({ state }) => state)).toEqual([
    "ready",
    expect.stringMatching(/connecting|initializing/),
  ]);
  await eventually("its program runs", async () => (await pids({ manager: branch?.manager } as Branch)).mute);
});

describe("routing", () => {
  test("gives the wrapper itself, also before the server is connected", async () => {
    const { manager } = await stage([server("one")]);
    const { wrapper, info } = await manager.call.route("one.echo");
    const result = await wrapper.call.callTool(info.tool, { message: "direct" });
    expect(result.content).toEqual([{ type: "text", text: "Echo: direct" }]);
  });

  test("an unknown tool, an unknown server and a parked server are told apart and say what there is", async () => {
    const running = await stage([server("one"), server("broken", { command: "npxx" })]);
    const { manager, watcher } = running;
    await watcher.call.event("up", "one");
    await watcher.call.event("parked", "broken");
    const tool = await thrown(manager.call.route("one.nothing"));
    expect(tool).toBeInstanceOf(UnknownNameError);
    expect(tool).toMatchObject({
      message: expect.stringMatching(/"one" has no tool "one.nothing"; it has: answer_and_die, ask/),
    });
    expect(await thrown(manager.call.route("nobody.echo"))).toMatchObject({
      message: 'there is no server for "nobody.echo"; the servers are: one, broken',
    });
    const parked = await thrown(manager.call.route("broken.echo"));
    expect(parked).toBeInstanceOf(ServerUnavailableError);
    expect(parked).toMatchObject({ state: "parked", reason: expect.stringContaining("command not found") });
  });

  test("an unknown tool of a server that is still on its way is unknown, as soon as the server has said what it has", async () => {
    const { manager } = await stage([server("one")]);
    const tool = await thrown(manager.call.route("one.nothing"));
    expect(tool).toBeInstanceOf(UnknownNameError);
    expect(tool).toMatchObject({ message: expect.stringContaining('"one" has no tool "one.nothing"') });
  });

  test("a caller that waits for a server hears at once when the server is parked or removed", async () => {
    const { manager } = await stage([
      server("mute", { args: [...(hostileServer().args ?? []), "--mute"], connectTimeoutMs: 300, maxRestarts: 0 }),
      server("slow", { args: [...(hostileServer().args ?? []), "--mute"] }),
    ]);
    const parked = thrown(manager.call.route("mute.echo"));
    const removed = thrown(manager.call.route("slow.echo"));
    expect(await parked).toMatchObject({ code: "server_unavailable", state: "parked" });
    await manager.call.setServers([]);
    expect(await removed).toBeInstanceOf(Error);
  });
});

test("a server that is given up has no program any more, once that has ended, and is told of once", async () => {
  const args = [...(hostileServer().args ?? []), "--mute", "--stubborn"];
  const { manager, watcher } = await stage([
    server("mute", { args, connectTimeoutMs: 300, maxRestarts: 0, graceMs: 200 }),
    server("other"),
  ]);
  await watcher.call.event("parked", "mute");
  const ended = async () => {
    const [mute] = await manager.call.status();
    return mute?.state === "parked" && mute.pid === undefined;
  };
  expect(await eventually("its program is gone", ended)).toBe(true);
  expect((await watcher.call.allEvents()).filter(({ type }) => type === "parked")).toHaveLength(1);
});

describe("by hand", () => {
  test("a server is disconnected, connected and, when parked, retried", async () => {
    const running = await stage([server("one"), server("broken", { command: "npxx" })]);
    const { manager, watcher } = running;
    await watcher.call.event("up", "one");
    await manager.call.disconnect("one");
    expect(await watcher.call.event("stopped", "one")).toBeDefined();
    expect(await pids({ manager } as Branch)).not.toHaveProperty("one", expect.any(Number));
    expect((await running.aggregator.call.tools()).length).toBe(0);
    await manager.call.connect("one");
    await watcher.call.event("up", "one");
    await watcher.call.event("parked", "broken");
    await manager.call.retry("broken");
    await watcher.call.event("parked", "broken");
    expect(await thrown(manager.call.retry("nobody"))).toBeInstanceOf(UnknownNameError);
  });
});

describe("crashes", () => {
  test("of the manager: servers run on untouched, are found again, and are watched as before", async () => {
    const running = await stage([server("one"), server("off", { enabled: false })]);
    const { manager, watcher } = running;
    await watcher.call.event("up", "one");
    const before = await pids(running);
    const tools = await running.aggregator.call.tools();
    const first = whereis(manager);
    if (first === undefined) throw new Error("no manager");
    exit(first, "kill");
    await first.down;
    expect(await pids(running)).toEqual(before);
    expect(await running.aggregator.call.tools()).toEqual(tools);
    await manager.call.subscribe(watcher);
    process.kill(before.one ?? 0, "SIGKILL");
    expect(await watcher.call.event("down", "one")).toMatchObject({ reason: expect.stringContaining("SIGKILL") });
    await watcher.call.event("back", "one");
    await manager.call.connect("off");
    await watcher.call.event("up", "off");
  });

  test("of a wrapper: another is started, its server runs once, callers find it", async () => {
    const running = await stage([server("one")]);
    const { manager, watcher } = running;
    await watcher.call.event("up");
    const before = await pids(running);
    const wrapper = (await manager.call.route("one.echo")).wrapper.with({ timeout: 100_000 });
    exit(wrapper, "kill");
    expect(await watcher.call.event("down")).toMatchObject({
      reason: expect.stringContaining("its wrapper ended: killed"),
    });
    const route = await manager.call.route("one.echo");
    await route.wrapper.with({ timeout: 100_000 }).call.callTool("echo", { message: "x" });
    await watcher.call.event("back");
    expect((await pids(running)).one).not.toBe(before.one);
    await eventually("the old server is gone", () => !isAlive(before.one ?? 0));
  });

  test("of a wrapper again and again: it is parked with its reason and nobody else is touched", async () => {
    const running = await stage([server("one", { maxRestarts: 2, restartDelayMs: 1 }), server("other")]);
    const { manager, watcher, wrappers } = running;
    await watcher.call.event("up", "other");
    const before = await pids(running);
    for (let i = 0; i < 3; i++) {
      const wrapper = (await manager.call.route("one.echo")).wrapper.with({ timeout: 100_000 });
      exit(wrapper, "kill");
      await wrapper.down;
    }
    expect(await watcher.call.event("parked", "one")).toMatchObject({ reason: "its wrapper ended: killed" });
    expect((await pids(running)).other).toBe(before.other);
    expect(await whichChildren(wrappers)).toHaveLength(1);
    await manager.call.retry("one");
    await watcher.call.event("back", "one");
  });

  test("of the whole ServerSupervisor: every server is started again", async () => {
    const running = await stage([server("one"), server("two")]);
    const { watcher, wrappers } = running;
    await watcher.call.event("up", "one");
    await watcher.call.event("up", "two");
    const supervisor = whereis(wrappers);
    if (supervisor === undefined) throw new Error("no supervisor");
    exit(supervisor, "kill");
    await watcher.call.event("back", "one");
    await watcher.call.event("back", "two");
  });

  test("of the PortSupervisor: the servers die with their Ports and come back", async () => {
    const running = await stage([server("one")]);
    await running.watcher.call.event("up");
    const before = await pids(running);
    const supervisor = whereis(running.ports);
    if (supervisor === undefined) throw new Error("no supervisor");
    exit(supervisor, "kill");
    await running.watcher.call.event("back");
    expect(isAlive(before.one ?? 0)).toBe(false);
  });

  test("do not make a subscriber that comes back hear everything twice", async () => {
    const { manager, watcher } = await stage([]);
    await manager.call.subscribe(watcher);
    await manager.call.setServers([server("one")]);
    await watcher.call.event("up");
    await manager.call.setServers([]);
    await watcher.call.event("removed");
    expect((await watcher.call.allEvents()).map(({ type }) => type)).toEqual(["up", "removed"]);
  });

  test("of a subscriber: it is forgotten, the others still hear", async () => {
    const { manager, watcher } = await stage([]);
    const other = await startRecorder();
    await manager.call.subscribe(other);
    exit(other, "kill");
    await manager.call.setServers([server("one")]);
    await watcher.call.event("up");
  });
});
