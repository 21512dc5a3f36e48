// How a GenServer starts and stops. (otp: gen_server_SUITE; elixir: gen_server_test)
import { describe, expect, it } from "vitest";
import {
  child,
  type Down,
  type Exit,
  exit,
  failure,
  GenServer,
  getState,
  ignore,
  isDown,
  isExit,
  named,
  type Pid,
  type Ref,
  type Report,
  StartError,
  Supervisor,
  startChild,
  stop,
  stopProcess,
  whereis,
} from "../../../src/supervision/index.js";
import { settled, withManualClock } from "./manual-clock.js";

const manual = withManualClock();

class Plain extends GenServer<void, string> {
  protected override init() {
    this.state = "initial";
  }
  ping() {
    return "pong";
  }
}

class Owner extends GenServer<void, (Down | Exit)[]> {
  protected override trapExit = true;
  protected override init() {
    this.state = [];
  }
  protected override handleInfo(message: unknown) {
    if (isDown(message) || isExit(message)) this.state.push(message);
  }
  async startPlain(how: "alone" | "link" | "monitor"): Promise<Pid<Plain>> {
    const pid = await Plain.start();
    if (how === "link") this.link(pid);
    if (how === "monitor") this.monitor(pid);
    return pid;
  }
}

class Starts extends GenServer<"ignore" | "error" | "stop"> {
  protected override init(how: "ignore" | "error" | "stop") {
    if (how === "ignore") return ignore;
    if (how === "error") return failure("foobar");
    return stop({ shutdown: "stopped" });
  }
}

function reportsOf(): Report[] {
  const seen: Report[] = [];
  const { reports } = manual.runtime;
  for (const kind of ["crash", "supervisor", "warning"] as const) reports.on(kind, (report) => void seen.push(report));
  return seen;
}

describe("start and stop", () => {
  it("A93 start: an anonymous server starts alone, linked or monitored; its stop is an EXIT or a DOWN, and later calls are noproc", async () => {
    const owner = await Owner.start();
    const reason = { shutdown: "stopped" } as const;
    for (const how of ["alone", "link", "monitor"] as const) {
      const pid = await owner.call.startPlain(how);
      expect(await pid.call.ping()).toBe("pong");
      await stopProcess(pid, reason);
      await expect(pid.call.ping()).rejects.toMatchObject({ code: "noproc" });
    }
    expect(await getState(owner)).toMatchObject([
      { type: "EXIT", reason },
      { type: "DOWN", reason },
    ]);
  });

  it("A94 start: init may ignore, refuse with an error that nobody reports, or stop", async () => {
    const reports = reportsOf();
    await expect(Starts.start("ignore")).rejects.toMatchObject({ code: "ignore" });
    await expect(Starts.start("error")).rejects.toMatchObject({ reason: { error: "foobar" } });
    await expect(Starts.start("stop")).rejects.toMatchObject({ reason: { shutdown: "stopped" } });
    expect(reports).toEqual([]);
  });

  it("A95 start: a taken name is already_started, and after the stop it can be used again", async () => {
    const name = named<Plain>("my_test_name");
    const first = await Plain.start(undefined, { name });
    await expect(Plain.start(undefined, { name })).rejects.toMatchObject({ code: "already_started" });
    expect(whereis(name)).toBe(first);
    await stopProcess(first);
    const second = await Plain.start(undefined, { name });
    expect(whereis(name)).toBe(second);
  });

  it("A96 otp_7669: a start that failed has freed the name when it returns", async () => {
    const name = named<Starts>("foo");
    for (let i = 0; i < 100; i++) {
      for (const how of ["ignore", "stop"] as const) {
        await expect(Starts.start(how, { name })).rejects.toBeInstanceOf(StartError);
        expect(whereis(name)).toBeUndefined();
      }
    }
  });

  it("A97 undef_init: an init that calls what does not exist fails the start with the error and its stack, and the starter sees no EXIT", async () => {
    class Undefined extends GenServer {
      protected override init() {
        // The missing function of an untyped module.
        const module: { missing?: () => void } = {};
        (module.missing as () => void)();
      }
    }
    await expect(Undefined.start()).rejects.toMatchObject({ code: "start_failed", cause: expect.any(TypeError) });

    const reports = reportsOf();
    const supervisor = await Supervisor.start({ strategy: "one_for_one", children: [] });
    const result = await startChild(supervisor, child(Undefined));
    expect(result).toMatchObject({
      error: "start_failed",
      detail: { error: { stack: expect.stringContaining("init") } },
    });
    await settled();
    expect(reports.map(({ kind, context }) => [kind, context])).toEqual([
      ["crash", undefined],
      ["supervisor", "start_error"],
    ]);
  });

  it("A98 stop2: a stop with a reason of its own is ok, and the server is gone", async () => {
    const pid = await Plain.start();
    await stopProcess(pid, { error: "other_reason" }, Number.POSITIVE_INFINITY);
    expect(pid.alive).toBe(false);
    expect(await pid.down).toEqual({ error: "other_reason" });
  });

  it("A99 stop3: an invalid time-out is the caller's error, and the server lives", async () => {
    const pid = await Plain.start();
    await expect(stopProcess(pid, "normal", -1)).rejects.toThrow(TypeError);
    await expect(stopProcess(pid, "normal", Number.NaN)).rejects.toThrow(TypeError);
    expect(await pid.call.ping()).toBe("pong");
  });

  it("A100 stop/3: a server that stops itself from a handler is told calling_self, and lives", async () => {
    class Suicidal extends GenServer {
      async leave(bound: boolean) {
        const self: Ref<Suicidal> = bound ? this.use(this.self<Suicidal>()) : this.self<Suicidal>();
        return stopProcess(self, "normal").then(
          () => "stopped",
          (error: unknown) => failure(error),
        );
      }
    }
    const pid = await Suicidal.start();
    for (const bound of [true, false]) {
      await expect(pid.call.leave(bound)).rejects.toMatchObject({ code: "calling_self" });
    }
    expect(pid.alive).toBe(true);
  });

  it("A101 start_link: what is not a name is the caller's error, and no name means unnamed", async () => {
    // As plain JavaScript would call it.
    const start = (name: unknown) => Plain.start(undefined, { name } as never);
    await expect(start("my_name")).rejects.toThrow(TypeError);
    await expect(start({ via: "somewhere" })).rejects.toThrow(TypeError);
    expect(() => named("")).toThrow(TypeError);
    expect(() => named(7 as never)).toThrow(TypeError);
    expect(() => child(Plain, undefined, { name: "my_name" as never })).toThrow(TypeError);
    expect((await start(undefined)).inspect().name).toBeUndefined();
  });
});

describe("what stop and start promise besides", () => {
  it("stops for another reason than asked: the one who stops is told the actual one", async () => {
    class Stubborn extends GenServer {
      protected override terminate(): never {
        this.exitWith("shutdown");
      }
    }
    await expect(stopProcess(await Stubborn.start())).rejects.toMatchObject({ code: "exited", reason: "shutdown" });
  });

  it("gives up waiting for a stop after its time-out, and the server is not killed", async () => {
    class Slow extends GenServer {
      protected override async terminate() {
        await new Promise(() => {});
      }
    }
    const pid = await Slow.start();
    const stopped = expect(stopProcess(pid, "normal", 50)).rejects.toMatchObject({ code: "timeout" });
    await manual.clock.advance(50);
    await stopped;
    expect(pid.alive).toBe(true);
    exit(pid, "kill");
    expect(await pid.down).toBe("killed");
    expect(pid.inspect().zombies).toBe(1);
  });

  it("kills an init that takes longer than startTimeout, frees its name, and says timeout", async () => {
    class Hangs extends GenServer<Promise<void>> {
      protected override async init(gate: Promise<void>) {
        await gate;
      }
    }
    const name = named<Hangs>("hangs");
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const failed = expect(Hangs.start(gate, { name, startTimeout: 100 })).rejects.toMatchObject({
      code: "start_failed",
      reason: "timeout",
    });
    await manual.clock.advance(99);
    const starting = whereis(name);
    expect(starting?.alive).toBe(true);
    await manual.clock.advance(1);
    await failed;
    expect(whereis(name)).toBeUndefined();
    expect(starting?.inspect()).toMatchObject({ status: "stopped", zombies: 1 });
    open();
    await settled();
    expect(starting?.inspect().zombies).toBe(0);

    const supervisor = await Supervisor.start({ strategy: "one_for_one", children: [] });
    const result = startChild(supervisor, child(Hangs, new Promise<void>(() => {}), { startTimeout: 100 }));
    await manual.clock.advance(100);
    expect(await result).toEqual({ error: "start_failed", detail: "timeout" });
    expect(supervisor.alive).toBe(true);
  });

  it("does not limit an init that ends in time", async () => {
    class Quick extends GenServer {
      protected override async init() {}
    }
    const pid = await Quick.start(undefined, { startTimeout: 100 });
    await manual.clock.advance(1_000);
    expect(pid.alive).toBe(true);
  });

  it("warns once for each class whose terminate no shutdown would run", async () => {
    class Forgetful extends GenServer {
      protected override terminate() {}
    }
    class Careful extends Forgetful {
      protected override init() {
        this.trapExit = true;
      }
    }
    const reports = reportsOf();
    await Promise.all([Forgetful.start(), Forgetful.start(), Careful.start(), Plain.start()]);
    expect(reports).toMatchObject([{ kind: "warning", behaviour: "Forgetful" }]);
  });
});
