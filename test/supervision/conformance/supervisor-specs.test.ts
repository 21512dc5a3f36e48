// Child specs and supervisor flags: defaults, and OTP's word for each mistake. (otp: supervisor_SUITE; elixir: supervisor_test)
import { describe, expect, it } from "vitest";
import {
  type ChildSpec,
  checkChildSpecs,
  child,
  DynamicSupervisor,
  GenServer,
  getChildSpec,
  named,
  Supervisor,
  type SupervisorOptions,
  startChild,
} from "../../../src/supervision/index.js";
import { boom, counts, end, ok, pidOf, supervise, unnamed, Worker, worker } from "../../support/scripted-worker.js";
import { withVirtualTime } from "../../support/virtual-clock.js";

const time = withVirtualTime();

/** OTP's word for what is wrong with a start of a supervisor, whatever the options are. */
async function startError(options: object | string): Promise<string> {
  const start = Supervisor.start(options as SupervisorOptions); // wrong on purpose
  return start.then(
    () => "started",
    (thrown: { cause: { code: string } }) => thrown.cause.code,
  );
}

/** What plain JavaScript might hand over. */
const noClass = "no class" as unknown as typeof Worker;

const flags = { strategy: "one_for_one", children: [] };

describe("child specs", () => {
  it("A10 sup_start_map: a minimal spec is filled with the defaults", async () => {
    class Sub extends Supervisor {}
    const supervisor = await Supervisor.start({
      strategy: "one_for_one",
      children: [
        child(Worker, undefined, { id: "plain" }),
        child(Worker, undefined, { id: "brutal", shutdown: "brutal_kill" }),
        child(Sub, { strategy: "one_for_one", children: [] }),
      ],
    });
    const defaults = { restart: "permanent", significant: false, mailbox: "drop" };
    expect(await getChildSpec(supervisor, "plain")).toMatchObject({
      ok: { ...defaults, id: "plain", shutdown: 5_000, type: "worker" },
    });
    expect(await getChildSpec(supervisor, "brutal")).toMatchObject({
      ok: { ...defaults, shutdown: "brutal_kill", type: "worker" },
    });
    expect(await getChildSpec(supervisor, "Sub")).toMatchObject({
      ok: { ...defaults, shutdown: "infinity", type: "supervisor" },
    });
    expect(await getChildSpec(supervisor, "unknown")).toEqual({ error: "not_found" });
  });

  it("A11 sup_start_map_simple: a dynamic child's full spec is found by its pid, and no other's", async () => {
    const supervisor = await DynamicSupervisor.start();
    const spec = unnamed({}, { restart: "temporary" });
    for (let i = 0; i < 3; i++) {
      const pid = ok(await startChild(supervisor, spec));
      if (pid === undefined) throw new Error("it started");
      expect(await getChildSpec(supervisor, pid)).toEqual({
        ok: {
          id: "Worker",
          restart: "temporary",
          shutdown: 1_000,
          significant: false,
          isolation: "inline",
          type: "worker",
          mailbox: "drop",
        },
      });
    }
    expect(await getChildSpec(supervisor, await Worker.start())).toEqual({ error: "not_found" });
  });

  it("A12 child_specs: each mistake has its word, from startChild and from checkChildSpecs alike", async () => {
    const supervisor = await supervise([]);
    const good = worker("child");
    const mistakes: [ChildSpec, string][] = [
      [child(noClass, undefined, { id: "child" }), "invalid_mfa"],
      [child(Date as unknown as typeof Worker, undefined, { id: "child" }), "invalid_mfa"],
      [{ ...good, restart: "often" as never }, "invalid_restart_type"],
      [{ ...good, shutdown: -10 }, "invalid_shutdown"],
      [{ ...good, type: "actor" as never }, "invalid_child_type"],
      [{ ...good, significant: "yes" as never }, "invalid_significant"],
      [{ ...good, mailbox: "lose" as never }, "invalid_mailbox"],
      [{ ...good, capacity: 0 }, "invalid_capacity"],
      [{ ...good, overflow: "explode" as never }, "invalid_overflow"],
      [{ ...good, backoff: { initial: 0, max: 1, jitter: 0 } }, "invalid_backoff"],
    ];
    for (const [spec, word] of mistakes) {
      expect(await startChild(supervisor, spec)).toEqual({ error: word });
      expect(checkChildSpecs([spec])).toEqual({ error: word, detail: "child" });
    }
    expect(checkChildSpecs("no list")).toEqual({ error: "badarg", detail: "no list" });
    expect(await counts(supervisor)).toEqual([0, 0, 0, 0]);
  });

  it("A13 child_specs: every combination of legal fields is accepted", () => {
    const specs = (["permanent", "transient", "temporary"] as const).flatMap((restart) =>
      ([0, 1_000, "infinity", "brutal_kill"] as const).flatMap((shutdown) =>
        (["worker", "supervisor"] as const).flatMap((type) =>
          (["drop", "keep"] as const).map((mailbox) => {
            const id = [restart, shutdown, type, mailbox].join(" ");
            return child(Worker, undefined, { id, restart, shutdown, type, mailbox });
          }),
        ),
      ),
    );
    expect(specs).toHaveLength(48);
    expect(checkChildSpecs(specs)).toEqual({ ok: true });
  });

  it("A14 child_specs: a dynamic supervisor takes no list of children, and the old strategy's name is none", async () => {
    const options = { children: [unnamed(), unnamed()] };
    await expect(DynamicSupervisor.start(options as object)).rejects.toMatchObject({
      cause: { code: "bad_start_spec" },
    });
    expect(await startError({ ...flags, strategy: "simple_one_for_one" })).toBe("invalid_strategy");
  });

  it("A15 child_specs: a bad spec in init fails the start with the word that checkChildSpecs has for it", async () => {
    for (const bad of [child(noClass), { ...worker("child"), restart: "often" as never }]) {
      const checked = checkChildSpecs([bad]);
      if (!("error" in checked)) throw new Error("the spec is wrong");
      expect(await startError({ ...flags, children: [bad] })).toBe(checked.error);
    }
    expect(await startError({ ...flags, children: [worker("twice"), worker("twice")] })).toBe("duplicate_child_name");
  });

  it("A16 sup_flags: each wrong flag has its word; an unknown flag is ignored", async () => {
    expect(await startError({ ...flags, strategy: "all_for_none" })).toBe("invalid_strategy");
    expect(await startError({ ...flags, maxRestarts: Number.POSITIVE_INFINITY })).toBe("invalid_intensity");
    expect(await startError({ ...flags, maxSeconds: 0 })).toBe("invalid_period");
    expect(await startError({ ...flags, maxSeconds: Number.POSITIVE_INFINITY })).toBe("invalid_period");
    expect(await startError({ ...flags, autoShutdown: "sometimes" })).toBe("invalid_auto_shutdown");
    class Misled extends Supervisor {
      protected override init() {
        return this.supervise("flags" as never);
      }
    }
    const parent = await supervise([]);
    expect(await startChild(parent, child(Misled, { strategy: "one_for_one", children: [] }))).toMatchObject({
      detail: { error: { code: "invalid_type" } },
    });
    expect(await startError({ ...flags, unknown: true })).toBe("started");
  });

  it("A17 child_specs_map: a spec with missing fields is refused and does the supervisor no harm", async () => {
    const supervisor = await supervise([worker("child")]);
    const { id: _id, ...noId } = worker("other");
    expect(await startChild(supervisor, {} as ChildSpec)).toEqual({ error: "missing_id" });
    expect(await startChild(supervisor, { id: "other" } as ChildSpec)).toEqual({ error: "missing_start" });
    expect(await startChild(supervisor, noId as ChildSpec)).toEqual({ error: "missing_id" });
    expect(await counts(supervisor)).toEqual([1, 1, 0, 1]);
  });
});

describe("Elixir's layer", () => {
  it("A174 init/2: without options three restarts in five seconds and no automatic shutdown; the strategy is mandatory", async () => {
    const children = [worker("permanent")];
    const supervisor = await Supervisor.start({ strategy: "one_for_one", children });
    for (let i = 0; i < 3; i++) await end(pidOf("permanent"), boom, supervisor);
    await time.clock.advance(5_001);
    for (let i = 0; i < 3; i++) await end(pidOf("permanent"), boom, supervisor);
    expect(supervisor.alive).toBe(true);
    const significant = worker("significant", {}, { restart: "temporary", significant: true });
    expect(await startChild(supervisor, significant)).toEqual({ error: "bad_combination" });
    await end(pidOf("permanent"), boom, supervisor);
    expect(await supervisor.down).toBe("shutdown");

    const given = await Supervisor.start({
      strategy: "one_for_one",
      maxRestarts: 0,
      autoShutdown: "any_significant",
      children,
    });
    expect(await startChild(given, significant)).toHaveProperty("ok");
    await end(pidOf("permanent"), boom, given);
    expect(await given.down).toBe("shutdown");
    expect(await startError({ children: [] })).toBe("invalid_strategy");
  });

  it("A175 start_link/2 restarts named child: one that ends normally is back under its name with its first state", async () => {
    const supervisor = await supervise([worker("stack")]);
    const before = pidOf("stack");
    await before.call.set(13);
    await end(before, "normal", supervisor);
    expect(pidOf("stack").id).not.toBe(before.id);
    expect(await named<Worker>("stack").call.get()).toBe(0);
  });

  it("A176 start_child invalid: missing and wrong fields are refused", async () => {
    const supervisor = await supervise([]);
    expect(await startChild(supervisor, {} as ChildSpec)).toEqual({ error: "missing_id" });
    expect(await startChild(supervisor, child(noClass))).toEqual({ error: "invalid_mfa" });
    expect(await startChild(supervisor, worker("child", {}, { shutdown: -1 }))).toEqual({ error: "invalid_shutdown" });
  });

  it("A177 generates child_spec: the class gives the defaults, the spec's own options come before them", () => {
    class Plain extends GenServer {}
    class OneShot extends GenServer {
      static override readonly childSpec = { restart: "temporary", shutdown: 10 } as const;
    }
    class Tree extends Supervisor {}
    const options = { strategy: "one_for_one", children: [] } as const;
    expect(child(Plain)).toMatchObject({ id: "Plain", restart: "permanent", shutdown: 5_000, type: "worker" });
    expect(child(OneShot)).toMatchObject({ id: "OneShot", restart: "temporary", shutdown: 10, type: "worker" });
    expect(child(Tree, options)).toMatchObject({
      id: "Tree",
      restart: "permanent",
      shutdown: "infinity",
      type: "supervisor",
    });
    expect(child(DynamicSupervisor)).toMatchObject({ shutdown: "infinity", type: "supervisor" });
    const own = { id: "mine", restart: "transient", shutdown: "brutal_kill", type: "supervisor" } as const;
    expect(child(OneShot, undefined, own)).toMatchObject(own);
  });
});
