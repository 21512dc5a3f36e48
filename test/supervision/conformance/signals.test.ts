// Links, monitors, exit signals, and what terminate may count on. (otp: Reference Manual, "Processes"; gen_server)
import { describe, expect, it } from "vitest";
import {
  child,
  type Down,
  type Exit,
  exit,
  GenServer,
  getState,
  isDown,
  isExit,
  monitor,
  type Named,
  named,
  type Pid,
  type Ref,
  resume,
  Supervisor,
  stop,
  stopProcess,
  suspend,
  whereis,
} from "../../../src/supervision/index.js";
import { settled, withManualClock } from "./manual-clock.js";

withManualClock();

class Plain extends GenServer<void, string> {
  ping() {
    return "pong";
  }
}

class Watcher extends GenServer<boolean, (Down | Exit)[]> {
  protected override init(traps: boolean) {
    this.trapExit = traps;
    this.state = [];
  }
  protected override handleInfo(message: unknown) {
    if (isDown(message) || isExit(message)) this.state.push(message);
  }
  watch(ref: Ref<unknown>) {
    return this.monitor(ref);
  }
  unwatch(id: number, flush: boolean) {
    this.demonitor(id, { flush });
  }
  linkTo(ref: Ref<unknown>) {
    this.link(ref);
  }
  unlinkFrom(ref: Ref<unknown>) {
    this.unlink(ref);
  }
  linkThenUnlinkTheDying(pid: Pid<Plain>) {
    this.link(pid);
    this.unlink(pid);
    exit(pid, { error: "boom" });
  }
}

describe("monitors", () => {
  it("A178 DOWN noproc and multiplicity: the dead are noproc at once, three monitors are three DOWNs, and a flush removes one that waits", async () => {
    const watcher = await Watcher.start(false);
    const dead = await Plain.start();
    await stopProcess(dead);
    await watcher.call.watch(dead);
    expect(await getState(watcher)).toMatchObject([{ type: "DOWN", pid: dead, reason: "noproc" }]);

    const live = await Plain.start();
    const ids = [await watcher.call.watch(live), await watcher.call.watch(live), await watcher.call.watch(live)];
    exit(live, "kill");
    await settled();
    const [, ...downs] = (await getState(watcher)) as Down[];
    expect(downs.map(({ id, reason }) => [id, reason])).toEqual(ids.map((id) => [id, "killed"]));

    const other = await Plain.start();
    const [kept, flushed] = [await watcher.call.watch(other), await watcher.call.watch(other)];
    class Unwatcher extends Watcher {
      async demonitorWithQueued(target: Pid<Plain>, flush: boolean) {
        const id = this.monitor(target);
        exit(target, "kill");
        await target.down; // its DOWN waits behind this message
        this.demonitor(id, { flush });
      }
    }
    for (const flush of [true, false]) {
      const unwatcher = await Unwatcher.start(false);
      await unwatcher.call.demonitorWithQueued(await Plain.start(), flush);
      expect(await getState(unwatcher)).toHaveLength(flush ? 0 : 1);
    }
    await watcher.call.unwatch(flushed, true);
    exit(other, "kill");
    await settled();
    expect(((await getState(watcher)) as Down[]).slice(4).map(({ id }) => id)).toEqual([kept]);
  });

  it("A179 name free before DOWN: when the DOWN comes, the name is nobody's and can be taken", async () => {
    const name = named<Plain>("contended");
    class Heir extends GenServer<Named<Plain>, { found: unknown; heir: Pid<Plain> | undefined }> {
      protected override init(target: Named<Plain>) {
        this.state = { found: "unknown", heir: undefined };
        this.monitor(target);
      }
      protected override async handleInfo(message: unknown) {
        if (!isDown(message)) return;
        this.state.found = whereis(name);
        this.state.heir = await Plain.start(undefined, { name });
      }
      inheritance() {
        return this.state;
      }
    }
    const pid = await Plain.start(undefined, { name });
    const heir = await Heir.start(name);
    exit(pid, "kill");
    await settled();
    const { found, heir: next } = await heir.call.inheritance();
    expect(found).toBeUndefined();
    expect(whereis(name)).toBe(next);
  });

  it("reports the name of what was monitored by name", async () => {
    const name = named<Plain>("watched_by_name");
    const pid = await Plain.start(undefined, { name });
    const watcher = await Watcher.start(false);
    await watcher.call.watch(name);
    await watcher.call.watch(named("never_started"));
    exit(pid, "kill");
    await settled();
    expect(await getState(watcher)).toMatchObject([
      { name: "never_started", pid: undefined, reason: "noproc" },
      { name: "watched_by_name", pid, reason: "killed" },
    ]);
  });

  it("tells plain code once, and not after it took the monitor back", async () => {
    const pid = await Plain.start();
    const seen: unknown[] = [];
    monitor(pid, (reason) => seen.push(reason));
    monitor(pid, (reason) => seen.push(["never", reason]))();
    exit(pid, "kill");
    exit(pid, "kill");
    await settled();
    expect(seen).toEqual(["killed"]);
  });
});

describe("links", () => {
  it("sends no exit signal over a link that was taken back, though the other dies in the same turn", async () => {
    for (const traps of [true, false]) {
      const watcher = await Watcher.start(traps);
      const pid = await Plain.start();
      await watcher.call.linkThenUnlinkTheDying(pid);
      await pid.down;
      await settled();
      expect(watcher.alive).toBe(true);
      expect(await getState(watcher)).toEqual([]);
    }
  });

  it("is one link however often it was made, and one unlink takes it back, from either side", async () => {
    const [a, b] = [await Watcher.start(true), await Watcher.start(true)];
    await a.call.linkTo(b);
    await a.call.linkTo(b);
    await b.call.linkTo(a);
    await b.call.unlinkFrom(a);
    exit(b, "kill");
    await settled();
    expect(await getState(a)).toEqual([]);
  });

  it("gives noproc to who links to the dead, as an EXIT if it traps, and throws for a name that nobody has", async () => {
    const dead = await Plain.start();
    await stopProcess(dead);
    const trapper = await Watcher.start(true);
    await trapper.call.linkTo(dead);
    expect(await getState(trapper)).toMatchObject([{ type: "EXIT", pid: dead, reason: "noproc" }]);
    const plain = await Watcher.start(false);
    await plain.call.linkTo(dead);
    expect(await plain.down).toBe("noproc");
    await expect(trapper.call.linkTo(named("nobody"))).rejects.toMatchObject({ cause: { code: "noproc" } });
  });

  it("and trapExit exist inside a process only: plain code is told so in clear words", () => {
    const outside = Object.create(Watcher.prototype) as { link(ref: Ref<unknown>): void };
    expect(() => new Watcher()).toThrow("Watcher is a process: start it with Watcher.start");
    expect(() => outside.link(named("nobody"))).toThrow("link works inside a process only");
  });
});

describe("terminate", () => {
  class Ends extends GenServer<{ traps: boolean; seen: string[] }> {
    private seen: string[] = [];
    protected override init({ traps, seen }: { traps: boolean; seen: string[] }) {
      this.trapExit = traps;
      this.seen = seen;
    }
    protected override terminate(reason: unknown) {
      this.seen.push(`terminate ${String(reason)}`);
      if (reason === "normal") throw new Error("terminate failed");
    }
    halt(how: "shutdown" | "normal") {
      return stop(how, "bye");
    }
  }

  it("A180 stop with reply order: terminate runs before the reply, the caller gets the reply and not the exit, even if terminate throws", async () => {
    for (const how of ["shutdown", "normal"] as const) {
      const seen: string[] = [];
      const pid = await Ends.start({ traps: false, seen });
      const reply = pid.call.halt(how).then((text) => seen.push(`reply ${text}`));
      await reply;
      expect(seen).toEqual([`terminate ${how}`, "reply bye"]);
      expect(await pid.down).toEqual(how === "normal" ? { error: new Error("terminate failed") } : "shutdown");
    }
  });

  it("A181 terminate only when trapping: under a supervisor that stops, it runs in the one that traps exits alone", async () => {
    const [trapping, other]: [string[], string[]] = [[], []];
    const supervisor = await Supervisor.start({
      strategy: "one_for_one",
      children: [
        child(Ends, { traps: true, seen: trapping }, { id: "trapping", shutdown: 5_000 }),
        child(Ends, { traps: false, seen: other }, { id: "other", shutdown: 5_000 }),
      ],
    });
    exit(supervisor, "shutdown");
    expect(await supervisor.down).toBe("shutdown");
    expect([trapping, other]).toEqual([["terminate shutdown"], []]);
  });
});

describe("suspended under a supervisor", () => {
  it("A186 sys suspend: a cast waits, a call times out, the parent's EXIT ends it nevertheless", async () => {
    // See sys.test.ts for the queue after a resume.
    for (const traps of [true, false]) {
      const seen: string[] = [];
      class Held extends Watcher {
        protected override terminate(reason: unknown) {
          seen.push(String(reason));
        }
      }
      const name = named<Held>("held");
      const supervisor = await Supervisor.start({ strategy: "one_for_one", children: [child(Held, traps, { name })] });
      await suspend(name);
      const pid = name.whereis();
      exit(supervisor, "shutdown");
      expect(await pid?.down).toBe("shutdown");
      expect(seen).toEqual(traps ? ["shutdown"] : []);
      await expect(resume(name)).rejects.toMatchObject({ code: "noproc" });
    }
  });
});
