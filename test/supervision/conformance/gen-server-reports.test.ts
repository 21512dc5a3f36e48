// Crashes, what they report, and what a class may hide. (otp: gen_server_SUITE)
import { describe, expect, it } from "vitest";
import { formatReport } from "../../../src/supervision/format-report.js";
import {
  child,
  failure,
  GenServer,
  getLog,
  getState,
  getStatus,
  logEvents,
  named,
  type Pid,
  type Ref,
  type Report,
  type Status,
  Supervisor,
  send,
  startChild,
  stop,
  stopProcess,
  suspend,
} from "../../../src/supervision/index.js";
import { settled, withManualClock } from "./manual-clock.js";

const manual = withManualClock();

function reportsOf(...kinds: ("crash" | "supervisor" | "warning")[]): Report[] {
  const seen: Report[] = [];
  for (const kind of kinds) manual.runtime.reports.on(kind, (report) => void seen.push(report));
  return seen;
}

class Formats extends GenServer<string, { secret: string }> {
  protected override init(secret: string) {
    this.state = { secret };
  }
  protected override formatStatus({ log, ...status }: Status<{ secret: string }>): Status {
    return {
      ...status,
      state: "formatted state",
      ...(status.message === undefined ? {} : { message: `formatted ${status.message}` }),
      ...(status.reason === undefined ? {} : { reason: { error: "formatted reason" } }),
      ...(log === undefined ? {} : { log: log.filter(({ type }) => type !== "out") }),
    };
  }
  crash(): never {
    throw new Error("crashed");
  }
  ping() {
    return "pong";
  }
}

describe("clean and unclean ends", () => {
  class Ends extends GenServer {
    exits(reason: "shutdown" | { shutdown: unknown }) {
      this.deeper(reason);
    }
    private deeper(reason: "shutdown" | { shutdown: unknown }): never {
      this.exitWith(reason);
    }
    stops(reason: "shutdown" | { shutdown: unknown }) {
      return stop(reason);
    }
    async exitsLater(reason: "shutdown" | { shutdown: unknown }) {
      await Promise.resolve();
      this.deeper(reason);
    }
  }

  it("A121 crash: a server that exits or stops with shutdown or { shutdown } in a call: the caller and the EXIT have it, nobody reports", async () => {
    class Trapper extends GenServer<void, unknown[]> {
      protected override trapExit = true;
      protected override init() {
        this.state = [];
      }
      protected override handleInfo(message: unknown) {
        this.state.push(message);
      }
      async call(pid: Pid<Ends>, how: "exits" | "stops" | "exitsLater", reason: "shutdown" | { shutdown: unknown }) {
        this.link(pid);
        return this.use<Ends>(pid).call[how](reason).catch(failure);
      }
    }
    const reports = reportsOf("crash", "supervisor", "warning");
    for (const reason of ["shutdown", { shutdown: "reason" }] as const) {
      for (const how of ["exits", "stops", "exitsLater"] as const) {
        const trapper = await Trapper.start();
        const pid = await Ends.start();
        await expect(trapper.call.call(pid, how, reason)).rejects.toMatchObject({ code: "exited", reason });
        await settled();
        expect(await getState(trapper)).toMatchObject([{ type: "EXIT", reason }]);
      }
    }
    expect(reports).toEqual([]);
  });

  it("A126 undef_handle_call: a call of what the class does not have crashes it, and the caller is told", async () => {
    const name = named<Formats & { missing(): void }>("has_no_such_call");
    const pid = await Formats.start("s", { name: name as never }); // a name that promises more than the class has
    await expect(name.call.missing()).rejects.toMatchObject({ code: "exited", cause: expect.any(TypeError) });
    expect(await pid.down).toMatchObject({ error: { message: "Formats has no method missing" } });
  });

  it("A127 undef_handle_cast: so does a cast", async () => {
    const name = named<Formats & { missing(): void }>("has_no_such_cast");
    const pid = await Formats.start("s", { name: name as never }); // a name that promises more than the class has
    name.cast.missing();
    expect(await pid.down).toMatchObject({ error: { message: "Formats has no method missing" } });
  });

  it("A128 undef_in_handle_info: a handleInfo that calls what does not exist crashes; a missing one warns and drops", async () => {
    class Undefined extends GenServer {
      protected override handleInfo(message: unknown) {
        (message as { missing(): void }).missing(); // the mistake of an untyped module
      }
    }
    const broken = await Undefined.start();
    send(broken, {});
    expect(await broken.down).toMatchObject({ error: expect.any(TypeError) });

    const reports = reportsOf("warning");
    const without = await Formats.start("s");
    send(without, "nobody reads this");
    expect(await without.call.ping()).toBe("pong");
    expect(reports).toMatchObject([{ id: without.id, description: expect.stringContaining("no handleInfo") }]);
  });

  it("A129 undef_in_terminate: a terminate that calls what does not exist is the reason of the end, and the stop says so", async () => {
    class Undefined extends GenServer<object> {
      protected override terminate() {
        (this.state as { missing(): void }).missing(); // the mistake of an untyped module
      }
      protected override init() {
        this.state = {};
      }
    }
    const pid = await Undefined.start({});
    await expect(stopProcess(pid)).rejects.toMatchObject({ code: "exited", reason: { error: expect.any(TypeError) } });
  });
});

describe("what is shown passes through formatStatus", () => {
  it("A122 call_format_status: getStatus shows the formatted state, running or suspended, and the parent", async () => {
    const name = named<Formats>("formats");
    const supervisor = await Supervisor.start({ strategy: "one_for_one", children: [child(Formats, "s", { name })] });
    expect(await getStatus(name)).toMatchObject({
      name: "formats",
      behaviour: "Formats",
      status: "running",
      parent: supervisor,
      state: "formatted state",
    });
    const alone: Ref<Formats> = await Formats.start("s");
    await suspend(alone);
    expect(await getStatus(alone)).toMatchObject({ status: "suspended", parent: undefined, state: "formatted state" });
    await expect(getStatus(named("nobody"))).rejects.toMatchObject({ code: "noproc" });
    await stopProcess(supervisor);
  });

  it("A123 error_format_status: the report of a crash contains the formatted state", async () => {
    const reports = reportsOf("crash");
    const pid = await Formats.start("s");
    await expect(pid.call.crash()).rejects.toMatchObject({ cause: { message: "crashed" } });
    expect(reports).toMatchObject([{ id: pid.id, behaviour: "Formats", state: "formatted state" }]);
  });

  it("A124 crash_in_format_status: a marker stands for the state, in status and report, and the server is unharmed", async () => {
    class Throws extends GenServer<void, string> {
      protected override init() {
        this.state = "secret";
      }
      protected override formatStatus(): never {
        throw new Error("cannot format");
      }
      crash(): never {
        throw new Error("crashed");
      }
    }
    const reports = reportsOf("crash");
    const pid = await Throws.start();
    const marker = "formatStatus of Throws crashed";
    expect((await getStatus(pid)).state).toBe(marker);
    expect(await getState(pid)).toBe("secret");
    expect(pid.alive).toBe(true);
    await pid.call.crash().catch(() => {});
    expect(reports).toMatchObject([{ state: marker, message: "crash" }]);
  });

  it("A125 format_all_status: state, message, reason and log pass through it, in the status and in the report", async () => {
    const reports = reportsOf("crash");
    const pid = await Formats.start("s");
    await logEvents(pid);
    await pid.call.ping();
    const message = { kind: "call", method: "ping", args: [] };
    expect(await getLog(pid)).toEqual([
      { type: "in", message },
      { type: "out", message, reply: "pong" },
    ]);
    expect(await getStatus(pid)).toMatchObject({ state: "formatted state", log: [{ type: "in", message }] });
    await pid.call.crash().catch(() => {});
    expect(reports).toMatchObject([
      {
        state: "formatted state",
        message: "formatted crash",
        reason: { error: "formatted reason" },
        log: [{ type: "in", message }, { type: "in" }, { type: "terminate" }],
      },
    ]);
    expect(await pid.down).toMatchObject({ error: { message: "crashed" } });
  });

  it("keeps what formatStatus hides out of the crash report of a restarted child, and the state it hides is not replaced by it", async () => {
    const reports = reportsOf("crash");
    const supervisor = await Supervisor.start({ strategy: "one_for_one", children: [] });
    const started = await startChild(supervisor, child(Formats, "my password"));
    if (!("ok" in started) || started.ok === undefined) throw new Error("the child runs");
    await (started.ok as Pid<Formats>).call.crash().catch(() => {}); // the class was given above
    expect(JSON.stringify(reports)).not.toContain("my password");
    await stopProcess(supervisor);
  });
});

describe("a crash report as text", () => {
  const long = "a long term ".repeat(40);

  class Labelled extends GenServer<string | undefined, { deep: { deeper: { deepest: string } }; list: string[] }> {
    protected override init(label: string | undefined) {
      if (label !== undefined) this.setLabel(label);
      this.state = { deep: { deeper: { deepest: "bottom" } }, list: Array.from({ length: 20 }, () => long) };
    }
    crash(): never {
      throw new Error("crashed");
    }
  }

  async function crashOf(label: string | undefined): Promise<Report> {
    const reports = reportsOf("crash");
    const pid = await Labelled.start(label, { name: named<Labelled>(`labelled ${label}`) });
    await pid.call.crash().catch(() => {});
    const [report] = reports;
    if (report === undefined) throw new Error("a crash is reported");
    return report;
  }

  it("A130 format_log_2: lines with their prefixes; depth, charsLimit and singleLine shorten; the label is shown when set", async () => {
    const report = await crashOf("the third of four");
    const text = formatReport(report);
    expect(text.split("\n").map((line) => line.split(":")[0]?.trim())).toEqual([
      "server",
      "Reason",
      "Label",
      "Last message",
      "State",
    ]);
    expect(text).toContain("    server: labelled the third of four\n    Reason: { error: Error: crashed }\n");
    expect(text).toContain("    Label: the third of four\n    Last message: crash\n");
    expect(text).toContain("bottom");
    expect(formatReport(await crashOf(undefined))).not.toContain("Label");

    const shallow = formatReport(report, { depth: 2 });
    expect(shallow).not.toContain("bottom");
    expect(shallow.length).toBeLessThan(text.length / 4);
    expect(formatReport(report, { charsLimit: 100 })).toHaveLength(100);

    const line = formatReport(report, { singleLine: true, depth: 2 });
    expect(line).toMatch(
      /^Generic server labelled the third of four terminating\. Reason: .* Last message: crash\. State: /,
    );
    expect(line).not.toContain("\n");
    expect(formatReport(report, { singleLine: true, charsLimit: 50 })).toHaveLength(50);
  });
});
