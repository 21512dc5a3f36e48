// A bounded mailbox, its three policies, and the requests of the system that pass it by.
import { afterEach, expect, it } from "vitest";
import {
  currentRuntime,
  exit,
  GenServer,
  getState,
  type Overflow,
  type Pid,
  type Report,
  resume,
  send,
  suspend,
} from "../../src/supervision/index.js";

class Busy extends GenServer<void, string[]> {
  protected override init() {
    this.state = [];
  }
  async hold(gate: Promise<void>) {
    await gate;
  }
  note(what: string) {
    this.state.push(what);
    return what;
  }
  protected override handleInfo(message: unknown) {
    this.state.push(String(message));
  }
}

const started: Pid[] = [];
const overflows: Report[] = [];
const listen = (report: Report): void => void overflows.push(report);

/** A process with a message in hand, and what lets that one end. */
async function busy(capacity: number, overflow: Overflow) {
  currentRuntime().reports.on("overflow", listen);
  const pid = await Busy.start(undefined, { capacity, overflow });
  started.push(pid);
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const held = pid.call.hold(gate);
  const letGo = (): Promise<void> => {
    open();
    return held;
  };
  return { pid, letGo };
}

afterEach(() => {
  for (const pid of started.splice(0)) exit(pid, "kill");
  currentRuntime().reports.off("overflow", listen);
  overflows.length = 0;
});

const outcomes = (calls: Promise<unknown>[]): Promise<unknown[]> =>
  Promise.all(calls.map((call) => call.catch((error: { code?: unknown }) => error.code)));

it.each([
  ["reject", ["a", "b", "overflow", "overflow"]],
  ["drop_newest", ["a", "b", "overflow", "overflow"]],
  ["drop_oldest", ["overflow", "overflow", "c", "d"]],
] as const)("%s decides which of too many calls are answered, and each is told at once", async (overflow, expected) => {
  const { pid, letGo } = await busy(2, overflow);
  const calls = outcomes(["a", "b", "c", "d"].map((what) => pid.call.note(what)));
  expect(overflows.map(({ dropped }) => dropped)).toEqual(["call", "call"]);
  await letGo();
  expect(await calls).toEqual(expected);
});

it.each(["reject", "drop_newest", "drop_oldest"] as const)(
  "under %s a full mailbox takes requests of the system, and they take no room",
  async (overflow) => {
    const { pid, letGo } = await busy(1, overflow);
    const [seen, stopped, going] = [getState(pid), suspend(pid), resume(pid)];
    const call = pid.call.note("first");
    const later = getState(pid);
    expect(overflows).toEqual([]);
    await letGo();
    await Promise.all([stopped, going]);
    expect(await call).toBe("first");
    expect(await seen).toBe(await later);
  },
);

it("a suspended process serves requests while its mailbox is full, and has room again when it has handled it", async () => {
  const { pid, letGo } = await busy(1, "reject");
  await letGo();
  await suspend(pid);
  const call = pid.call.note("kept");
  await expect(pid.call.note("refused")).rejects.toMatchObject({ code: "overflow" });
  for (let i = 0; i < 3; i++) expect(await getState(pid)).toEqual([]);
  await resume(pid);
  expect(await call).toBe("kept");
  expect(await pid.call.note("again")).toBe("again");
});

it("casts and plain messages are dropped by the policy, counted and reported", async () => {
  const { pid, letGo } = await busy(2, "drop_oldest");
  for (const what of ["a", "b", "c"]) pid.cast.note(what);
  send(pid, "d");
  expect(overflows.map(({ dropped }) => dropped)).toEqual(["message", "message"]);
  await letGo();
  expect(await getState(pid)).toEqual(["c", "d"]);
});

it("a waiting call whose caller gave up makes room without a report", async () => {
  const { pid, letGo } = await busy(1, "drop_oldest");
  const giveUp = new AbortController();
  const first = pid.with({ signal: giveUp.signal }).call.note("given up");
  giveUp.abort(new Error("enough"));
  await expect(first).rejects.toThrow("enough");
  const second = pid.call.note("second");
  expect(overflows).toEqual([]);
  await letGo();
  expect(await second).toBe("second");
});
