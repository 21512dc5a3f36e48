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
  { project = "/p", flags = [] as readonly string[], session = (): string => "s", run = "r" } = {},
): Promise<Approvals> {
  const approvals = new Approvals({ flags, store, audit, project, run, session });
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
  await (await loaded(nothing, own)).decide({ decision: "always" }, call("host.calculate"));
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
  await approvals.decide({ decision: "always" }, call("a.always"));
  const names = ["a.named", "a.flag", "a.always", "a.reads", "p.x", "q.x"];
  for (const each of [approvals, await loaded(policy, own, { flags: ["a.flag", "q.*"] })]) {
    expect(names.map((name) => each.allows(seen(name, true)))).toEqual(names.map(() => true));
    expect(names.map((name) => each.allows(changed(name)))).toEqual([false, false, false, false, true, true]);
  }
  await approvals.decide({ decision: "always" }, call("a.always", "v2"));
  expect(approvals.allows(changed("a.always"))).toBe(true);
  // Not both: it is allowed as it was when the user said so last.
  expect(approvals.allows(seen("a.always", false))).toBe(false);
});

it("allows a tool as it is in this conversation alone, also after the chat came back, and not in the next run", async () => {
  const own = await parts();
  let session = "one";
  const approvals = await loaded(nothing, own, { session: () => session });
  await approvals.decide({ decision: "session" }, call("a.b"));
  for (const each of [approvals, await loaded(nothing, own, { session: () => session })]) {
    expect([each.allows(seen("a.b", false)), each.allows(changed("a.b")), each.allows(seen("a.c", false))]).toEqual([
      true,
      false,
      false,
    ]);
  }
  session = "another";
  expect(approvals.allows(seen("a.b", false))).toBe(false);
  expect((await loaded(nothing, own, { session: () => "one", run: "next" })).allows(seen("a.b", false))).toBe(false);
});

it("allows what fits a pattern for good, whatever becomes of a tool, and no server's request of its own", async () => {
  const own = await parts();
  await (await loaded(nothing, own)).decide({ decision: "pattern", pattern: "*a.*" }, call("a.b"));
  const approvals = await loaded(nothing, own);
  expect([approvals.allows(seen("a.x", false)), approvals.allows(changed("a.b"))]).toEqual([true, true]);
  expect([approvals.allows(seen("b.x", false)), approvals.allowsName("sampling/a.b")]).toEqual([false, false]);
  expect(await audited(own)).toEqual([["approval.pattern", "*a.*"]]);
});

it("lists what is allowed and by what, and takes back what the user has said, one or all of it", async () => {
  const own = await parts();
  const approvals = await loaded({ ...nothing, allow: ["set.*"] }, own, { flags: ["flag.x"] });
  await approvals.decide({ decision: "always" }, call("a.always"));
  await approvals.decide({ decision: "pattern", pattern: "b.*" }, call("b.c"));
  await approvals.decide({ decision: "session" }, call("c.here"));
  const listed = () => approvals.list().map(({ what, how, since }) => [what, how, since !== undefined]);
  const unsaid = [
    ["flag.x", "flags", false],
    ["set.*", "settings", false],
  ];
  expect(listed()).toEqual([
    ["a.always", "always", true],
    ["b.*", "pattern", true],
    ["c.here", "session", true],
    ...unsaid,
  ]);
  expect([await approvals.remove("set.*"), await approvals.remove("b.*")]).toEqual([0, 1]);
  expect(approvals.allows(seen("b.c", false))).toBe(false);
  expect(await approvals.remove(undefined)).toBe(2);
  expect([listed(), (await loaded(nothing, own)).list()]).toEqual([unsaid, []]);
  expect((await audited(own)).slice(-2)).toEqual([
    ["approval.removed", "b.*"],
    ["approval.removed", "*"],
  ]);
});

/** What is asked of the user, and the answers the askers get. */
async function asking(own: Parts) {
  const approvals = await loaded(nothing, own);
  const notices: string[] = [];
  const questions = new Questions({ opened: () => {}, closed: () => {}, waits: () => {} });
  const notice = (_: string, text: string) => void notices.push(text);
  const asks = new Asking({ questions, approvals, interactive: true, accepted: () => {}, notice });
  const approve = (tool: string): Promise<Approval> =>
    new Promise((resolve) => {
      const reply = (value: Approval): boolean => {
        resolve(value);
        return true;
      };
      const [server = ""] = tool.split(".");
      asks.approve({ ...call(tool), server, description: "", readOnly: false }, { reply, fail: () => true });
    });
  return { questions, approve, notices };
}

it("answers with one yes every call that waits for the same", async () => {
  const { questions, approve } = await asking(await parts());
  const calls = [approve("a.x"), approve("a.y"), approve("b.x"), approve("a.z")];
  expect(questions.open).toMatchObject({ tool: "a.x", pattern: "a.*" });
  questions.answer("call of a.x", { kind: "approval", decision: "pattern", pattern: "a.*" });
  expect(await Promise.all([calls[0], calls[1], calls[3]])).toEqual(Array(3).fill({ allowed: true }));
  expect(questions.open).toMatchObject({ tool: "b.x" });
});

it("tells the model why not, and asks again after a pattern that is about another tool", async () => {
  const { questions, approve, notices } = await asking(await parts());
  const answered = approve("a.x");
  questions.answer("call of a.x", { kind: "approval", decision: "pattern", pattern: "b.*" });
  expect(notices).toEqual(["That pattern does not fit a.x, so nothing was allowed; answer again."]);
  questions.answer("call of a.x", { kind: "approval", decision: "deny", reason: " not outside src " });
  expect(await answered).toEqual({ allowed: false, reason: "The user did not allow this call: not outside src" });
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
  await approvals.decide({ decision: "once" }, call("a.one"));
  await approvals.decide({ decision: "deny" }, call("a.two"));
  await approvals.decide({ decision: "always" }, call("a.three"));
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
  const approvals = new Approvals({
    flags: ["*"],
    store: own.store,
    audit,
    project: "/p",
    run: "r",
    session: () => "s",
  });
  await expect(approvals.load()).rejects.toMatchObject({ code: "noproc" });
  expect(approvals.allows(seen("a.b", false))).toBe(false);

  const questions = new Questions({ opened: () => {}, closed: () => {}, waits: () => {} });
  const asking = new Asking({ questions, approvals, interactive: true, accepted: () => {}, notice: () => {} });
  const replied = new Promise<Approval>((resolve) => {
    const reply = (value: Approval): boolean => {
      resolve(value);
      return true;
    };
    const request = { ...call("a.b"), server: "a", description: "", readOnly: false };
    asking.approve(request, { reply, fail: () => true });
  });
  questions.answer("call of a.b", { kind: "approval", decision: "always" });
  expect(await replied).toMatchObject({
    allowed: false,
    reason: expect.stringContaining("The decision could not be recorded"),
  });
  expect(approvals.allows(seen("a.b", false))).toBe(false);
});
