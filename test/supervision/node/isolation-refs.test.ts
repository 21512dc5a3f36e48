import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Pid } from "../../../src/supervision/index.js";
import { banyan, eventually, fixtures, type Guest as GuestProtocol } from "./support.js";

const { child, exit, GenServer, isDown, isExit, monitor, named, send, Supervisor } = banyan;
const { Guest, Counter } = fixtures;

/** Lives with the test, as the parent's side. */
class Host extends GenServer<void, { count: number; notes: unknown[] }> {
  protected override init() {
    this.trapExit = true;
    this.state = { count: 0, notes: [] };
  }
  increment(by = 1) {
    return (this.state.count += by);
  }
  note(what: unknown) {
    this.state.notes.push(what);
  }
  notes() {
    return this.state.notes;
  }
  halt() {
    return banyan.stop({ shutdown: "done" });
  }
  tieTo(ref: Pid) {
    this.link(ref);
  }
  watch(ref: Pid) {
    this.monitor(ref);
  }
  /** Calls a guest that calls back: a cycle. */
  roundTrip(ref: Pid<GuestProtocol>, self: Pid<Host>) {
    return (this.use(ref) as Pid<GuestProtocol>).call.add(self, 1);
  }
  relay(ref: Pid<GuestProtocol>, self: Pid<Host>) {
    return (this.use(ref) as Pid<GuestProtocol>).call.add(self, 1);
  }
  protected override handleInfo(message: unknown) {
    if (isDown(message) || isExit(message))
      this.state.notes.push({ type: message.type, reason: message.reason, pid: message.pid?.id });
    else this.state.notes.push(message);
  }
}

const hostName = named<Host>("host");
const guests: Pid[] = [];
let host: Pid<Host>;

beforeAll(async () => {
  host = await Host.start(undefined, { name: hostName });
});
afterAll(() => exit(host, "kill"));
afterEach(async () => {
  for (const pid of guests.splice(0)) {
    exit(pid, "kill");
    await pid.down;
  }
});

describe.each(["thread", "process"] as const)("from inside a %s", (isolation) => {
  async function guest(options: object = {}): Promise<Pid<GuestProtocol>> {
    const pid = await Guest.start(options, { isolation, startTimeout: 60_000 });
    guests.push(pid);
    return pid;
  }

  it("a pid and a name that arrive in messages can be called, and cast to in order", async () => {
    const pid = await guest();
    const before = await host.call.increment(0);
    expect(await pid.call.add(host, 2)).toBe(before + 2);
    expect(await pid.call.add(hostName, 3)).toBe(before + 5);
    await pid.call.castMany(host, 1000);
    expect(await pid.call.add(host, 0)).toBe(before + 1005);
  });

  it("names of the parent's side are reached without being sent; one that nobody has is noproc", async () => {
    const pid = await guest();
    const before = await host.call.increment(0);
    expect(await pid.call.addByName("host", 1)).toBe(before + 1);
    await expect(pid.call.addByName("nobody-at-all", 1)).rejects.toMatchObject({
      code: "exited",
      cause: { code: "noproc" },
    });
  });

  it("its own pid comes back as the very ref its starter holds", async () => {
    const pid = await guest();
    expect((await pid.call.me()) === pid).toBe(true);
  });

  it("isolated processes reach each other through the parent", async () => {
    const pid = await guest();
    const other = await Counter.start(5, { isolation: isolation === "thread" ? "process" : "thread" });
    guests.push(other);
    expect(await pid.call.add(other, 2)).toBe(7);
    await pid.call.castMany(other, 100);
    expect(await pid.call.add(other, 0)).toBe(107);
    await pid.call.watch(other);
    exit(other, "kill");
    await eventually(async () => (await pid.call.seen()).length > 0);
    expect(await pid.call.seen()).toEqual([{ type: "DOWN", name: undefined, reason: "killed" }]);
  });

  it("monitors: by pid and by name, of the living and of the dead", async () => {
    const pid = await guest();
    const name = named<Host>(`watched-${isolation}`);
    const watched = await Host.start(undefined, { name });
    await pid.call.watch(watched);
    await pid.call.watch(name);
    expect(await pid.call.seen()).toEqual([]);
    watched.cast.halt();
    await eventually(async () => (await pid.call.seen()).length === 2);
    const reason = { shutdown: "done" };
    expect(await pid.call.seen()).toEqual(
      expect.arrayContaining([
        { type: "DOWN", name: undefined, reason },
        { type: "DOWN", name: name.name, reason },
      ]),
    );
    await pid.call.watch(watched);
    await pid.call.watch(name);
    await eventually(async () => (await pid.call.seen()).length === 4);
    expect((await pid.call.seen()).slice(2)).toMatchObject([{ reason: "noproc" }, { reason: "noproc" }]);
  });

  it("links: the death of a process of the parent's side ends it, or is a message if it traps", async () => {
    for (const by of ["pid", "name"] as const) {
      const name = named<Host>(`linked-${isolation}-${by}`);
      const linked = await Host.start(undefined, { name });
      const soft = await guest();
      const hard = await guest({ traps: true });
      await soft.call.tie(by === "pid" ? linked : name);
      await hard.call.tie(by === "pid" ? linked : name);
      await soft.call.seen();
      await hard.call.addByName("host", 0);
      exit(linked, "kill");
      expect(await soft.down).toBe("killed");
      await eventually(async () => (await hard.call.seen()).length === 1);
      expect(await hard.call.seen()).toEqual([{ type: "EXIT", reason: "killed" }]);
    }
  });

  it("links and monitors of the parent's side hear of its death", async () => {
    const pid = await guest();
    const before = (await host.call.notes()).length;
    await host.call.tieTo(pid);
    await host.call.watch(pid);
    exit(pid, "kill");
    await pid.down;
    await eventually(async () => (await host.call.notes()).length === before + 2);
    expect((await host.call.notes()).slice(before)).toEqual(
      expect.arrayContaining([
        { type: "EXIT", reason: "killed", pid: pid.id },
        { type: "DOWN", reason: "killed", pid: pid.id },
      ]),
    );
  });

  it("plain messages arrive in handleInfo, refs in them too", async () => {
    const pid = await guest();
    send(pid, { hello: [host, hostName] });
    await eventually(async () => (await pid.call.seen()).length === 1);
    const [{ hello }] = (await pid.call.seen()) as [{ hello: [Pid<Host>, typeof hostName] }];
    expect([hello[0] === host, hello[1].name, hello[1].whereis() === host]).toEqual([true, "host", true]);
  });

  it("terminate runs on shutdown if it traps exits, and has the parent's side to talk to", async () => {
    const supervisor = await Supervisor.start({
      strategy: "one_for_one",
      children: [child(Guest, { traps: true }, { isolation })],
    });
    const before = (await host.call.notes()).length;
    exit(supervisor, "shutdown");
    expect(await supervisor.down).toBe("shutdown");
    expect((await host.call.notes()).slice(before)).toEqual(["terminated: shutdown"]);
  });

  it("an exit signal that it traps is a message; it lives on", async () => {
    const supervisor = await Supervisor.start({
      strategy: "one_for_one",
      children: [child(Guest, { traps: true }, { isolation, name: named<GuestProtocol>(`trapping-${isolation}`) })],
    });
    const pid = named<GuestProtocol>(`trapping-${isolation}`);
    exit(pid, { shutdown: "please" });
    await eventually(async () => (await pid.call.seen()).length === 1);
    expect(await pid.call.seen()).toEqual([{ type: "EXIT", reason: { shutdown: "please" } }]);
    exit(supervisor, "kill");
    await supervisor.down;
  });

  it("a cycle across the border is found when it is made", async () => {
    const pid = await guest();
    const error = await host.call.roundTrip(pid, host).then(undefined, (thrown: unknown) => thrown);
    let cause: unknown = error;
    while (cause instanceof Error && !("code" in cause && cause.code === "cycle")) cause = cause.cause;
    expect(cause).toMatchObject({ code: "cycle" });
    host = await Host.start(undefined, { name: hostName });
  });

  it("a ref of a process that has died while the message was under way is a ref of nobody", async () => {
    const pid = await guest();
    const gone = await Host.start();
    exit(gone, "kill");
    await gone.down;
    await expect(pid.call.add(gone, 1)).rejects.toMatchObject({ code: "exited", cause: { code: "noproc" } });
  });

  it("monitors from plain code work on it like on any other", async () => {
    const pid = await guest();
    const reasons: unknown[] = [];
    monitor(pid, (reason) => reasons.push(reason));
    const cancel = monitor(pid, () => reasons.push("cancelled"));
    cancel();
    exit(pid, { shutdown: "enough" });
    await pid.down;
    expect(reasons).toEqual([{ shutdown: "enough" }]);
  });
});
