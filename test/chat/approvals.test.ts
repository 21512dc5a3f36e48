import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Audit } from "../../src/actors/audit/audit.js";
import { Store } from "../../src/actors/store/store.js";
import { type ApprovalPolicy, Approvals } from "../../src/chat/approvals.js";
import { Asking } from "../../src/chat/asking.js";
import { Questions } from "../../src/chat/questions.js";
import type { Approval } from "../../src/chat/turn-owner.js";
import { exit, type Pid, stopProcess } from "../../src/supervision/index.js";
import { temporaryHome } from "../support/home.js";

interface Parts {
  readonly store: Pid<Store>;
  readonly audit: Pid<Audit>;
}

async function parts(): Promise<Parts> {
  const store = await Store.start({ file: join(temporaryHome(), "banyan.db") });
  const audit = await Audit.start({ store, project: "/p", run: "r" });
  onTestFinished(async () => {
    exit(audit, "kill");
    await stopProcess(store);
  });
  return { store, audit };
}

const nothing: ApprovalPolicy = { allow: [], allowReadOnly: false };

async function loaded(
  policy: ApprovalPolicy,
  { store, audit }: Parts,
  { project = "/p", flags = [] as readonly string[] } = {},
): Promise<Approvals> {
  const approvals = new Approvals(flags, store, audit, project);
  approvals.setPolicy(policy);
  await approvals.load();
  return approvals;
}

async function audited({ store }: Parts): Promise<unknown[]> {
  return (await store.call.all({ sql: "SELECT action, subject FROM audit ORDER BY seq" })).map(Object.values);
}

const call = (tool: string, fingerprint = "v1") => ({
  callId: `call of ${tool}`,
  tool,
  arguments: { path: "a" },
  fingerprint,
});

/** A tool as it was always. */
const seen = (tool: string, readOnly: boolean) => ({ tool, readOnly, fingerprint: "v1", changed: false });
/** The same as another version of it. */
const changed = (tool: string) => ({ tool, readOnly: true, fingerprint: "v2", changed: true });

it("allows nothing that nobody allowed", async () => {
  expect((await loaded(nothing, await parts())).allows(seen("host.read_file", true))).toBe(false);
});

it("reads * as any part of a name and everything else as it is written", async () => {
  const approvals = await loaded({ ...nothing, allow: ["host.read_*", "a.b"] }, await parts());
  expect(approvals.allows(seen("host.read_file", false))).toBe(true);
  expect(approvals.allows(seen("host.write_file", false))).toBe(false);
  expect(approvals.allows(seen("xhost.read_file", false))).toBe(false);
  expect(approvals.allows(seen("axb", false))).toBe(false);
  expect((await loaded({ ...nothing, allow: ["*"] }, await parts())).allows(seen("any.thing", false))).toBe(true);
});

it("lets read-only tools run when the settings say so", async () => {
  const approvals = await loaded({ ...nothing, allowReadOnly: true }, await parts());
  expect([approvals.allows(seen("a.b", true)), approvals.allows(seen("a.b", false))]).toEqual([true, false]);
});

it("remembers an always for this folder alone", async () => {
  const own = await parts();
  await (await loaded(nothing, own)).decide("always", call("host.calculate"));
  const [here, elsewhere] = [await loaded(nothing, own), await loaded(nothing, own, { project: "/q" })];
  expect([here.allows(seen("host.calculate", false)), elsewhere.allows(seen("host.calculate", false))]).toEqual([
    true,
    false,
  ]);
});

it("voids what was allowed by a tool's name when the tool is another one; a pattern goes on allowing it", async () => {
  const own = await parts();
  const policy = { allow: ["a.named", "p.*"], allowReadOnly: true };
  const approvals = await loaded(policy, own, { flags: ["a.flag", "q.*"] });
  await approvals.decide("always", call("a.always"));
  const names = ["a.named", "a.flag", "a.always", "a.reads", "p.x", "q.x"];
  for (const each of [approvals, await loaded(policy, own, { flags: ["a.flag", "q.*"] })]) {
    expect(names.map((name) => each.allows(seen(name, true)))).toEqual(names.map(() => true));
    expect(names.map((name) => each.allows(changed(name)))).toEqual([false, false, false, false, true, true]);
  }
  await approvals.decide("always", call("a.always", "v2"));
  expect(approvals.allows(changed("a.always"))).toBe(true);
  // Not both: it is allowed as it was when the user said so last.
  expect(approvals.allows(seen("a.always", false))).toBe(false);
});

it("asks again for what was allowed before tools had fingerprints", async () => {
  const own = await parts();
  await own.store.call.write({ sql: "INSERT INTO approvals (project, tool, created_at) VALUES ('/p', 'a.old', 1)" });
  expect((await loaded(nothing, own)).allows(seen("a.old", false))).toBe(false);
});

it("records every decision, and what the flags grant once a run however often the chat starts", async () => {
  const own = await parts();
  const policy = { ...nothing, allow: ["host.calculate"] };
  const flags = ["host.read_*", "demo.*"];
  const approvals = await loaded(policy, own, { flags });
  await loaded(policy, own, { flags });
  await approvals.decide("once", call("a.one"));
  await approvals.decide("deny", call("a.two"));
  await approvals.decide("always", call("a.three"));
  expect(await audited(own)).toEqual([
    ["run.allow", "host.read_* demo.*"],
    ["approval.once", "a.one"],
    ["approval.denied", "a.two"],
    ["approval.always", "a.three"],
  ]);
  expect([approvals.allows(seen("host.read_file", false)), approvals.allows(seen("a.three", false))]).toEqual([
    true,
    true,
  ]);
});

it("grants nothing that cannot be recorded: neither a flag's nor the user's yes", async () => {
  const own = await parts();
  const { audit } = own;
  await stopProcess(audit);
  const approvals = new Approvals(["*"], own.store, audit, "/p");
  await expect(approvals.load()).rejects.toMatchObject({ code: "noproc" });
  expect(approvals.allows(seen("a.b", false))).toBe(false);

  const questions = new Questions({ opened: () => {}, closed: () => {} });
  const asking = new Asking({ questions, approvals, interactive: true, accepted: () => {}, notice: () => {} });
  const replied = new Promise<Approval>((resolve) => {
    const reply = (value: Approval): boolean => {
      resolve(value);
      return true;
    };
    const request = { ...call("a.b"), description: "", readOnly: false };
    asking.approve(request, "asker", { reply, fail: () => true });
  });
  questions.answer("call of a.b", { kind: "approval", decision: "always" });
  expect(await replied).toMatchObject({
    allowed: false,
    reason: expect.stringContaining("The decision could not be recorded"),
  });
  expect(approvals.allows(seen("a.b", false))).toBe(false);
});
