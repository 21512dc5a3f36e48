import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Audit } from "../../src/actors/audit/audit.js";
import { Store } from "../../src/actors/store/store.js";
import { Approvals } from "../../src/chat/approvals.js";
import type { Answer, Question } from "../../src/chat/events.js";
import { Questions } from "../../src/chat/questions.js";
import { ServerQuestions } from "../../src/chat/server-questions.js";
import type { ElicitationAnswer, SamplingAnswer } from "../../src/mcp/client/mcp-types.js";
import { exit, type From, stopProcess } from "../../src/supervision/index.js";
import { temporaryHome } from "../support/home.js";

/** A caller that waits, and what it is answered. */
function caller<T>(): { readonly from: From<T>; readonly answer: Promise<T> } {
  let settle: (value: T) => void = () => {};
  const answer = new Promise<T>((resolve) => {
    settle = resolve;
  });
  const from = { reply: (value: T) => settle(value), fail: () => {} } as unknown as From<T>; // what is used of it
  return { from, answer };
}

async function setUp(options: { readonly interactive: boolean; readonly allow?: readonly string[] }) {
  const store = await Store.start({ file: join(temporaryHome(), "banyan.db") });
  const audit = await Audit.start({ store, project: "/p", run: "r" });
  onTestFinished(async () => {
    exit(audit, "kill");
    await stopProcess(store);
  });
  const approvals = new Approvals({
    ...{ flags: options.allow ?? [], store, audit, project: "/p", run: "r" },
    session: () => "s",
  });
  await approvals.load();
  const opened: Question[] = [];
  const questions = new Questions({ opened: (question) => opened.push(question), closed: () => {}, waits: () => {} });
  const notices: string[] = [];
  const server = new ServerQuestions({
    questions,
    approvals,
    audit,
    interactive: options.interactive,
    model: () => "some:model",
    notice: (_level, text) => notices.push(text),
    sample: (_request, from) => from.reply({ allowed: true, model: "some:model", text: "yes", stopReason: "endTurn" }),
  });
  let asked = 0;
  const sample = (name: string, answer?: Answer): Promise<SamplingAnswer> => {
    const { from, answer: answered } = caller<SamplingAnswer>();
    const id = `${name}-${++asked}`;
    server.sample({ server: name, id, messages: [{ role: "user", text: "hi" }], modelHints: [], maxTokens: 9 }, from);
    if (answer !== undefined) expect(questions.answer(id, answer)).toBe(true);
    return answered;
  };
  const visit = (url: string, answer?: Answer): Promise<ElicitationAnswer> => {
    const { from, answer: answered } = caller<ElicitationAnswer>();
    server.elicit({ mode: "url", server: "s", id: url, message: "sign in", url, elicitationId: "1" }, from);
    if (answer !== undefined) expect(questions.answer(url, answer)).toBe(true);
    return answered;
  };
  const audited = async (): Promise<unknown[]> =>
    (await store.call.all({ sql: "SELECT action, subject FROM audit ORDER BY seq" })).map(Object.values);
  return { opened, notices, sample, visit, audited };
}

const once: Answer = { kind: "approval", decision: "once" };
const always: Answer = { kind: "approval", decision: "always" };
const deny: Answer = { kind: "approval", decision: "deny" };

it("a yes to sampling holds once, and every decision is in the audit", async () => {
  const { opened, sample, audited } = await setUp({ interactive: true });
  expect(await sample("a", once)).toMatchObject({ allowed: true });
  expect(await sample("a", deny)).toMatchObject({ allowed: false, reason: "the user refused" });
  expect(await sample("a", { kind: "dismissed" })).toMatchObject({ allowed: false });
  expect(opened).toHaveLength(3);
  expect(await audited()).toEqual([
    ["approval.once", "sampling/a"],
    ["approval.denied", "sampling/a"],
    ["approval.denied", "sampling/a"],
  ]);
});

it("a yes for good is for that server alone, and for fifty requests before the user is asked again", async () => {
  const { opened, sample } = await setUp({ interactive: true });
  await sample("a", always);
  for (let i = 0; i < 50; i++) expect(await sample("a")).toMatchObject({ allowed: true });
  expect(opened).toHaveLength(1);
  await sample("b", deny);
  await sample("a", once);
  expect(opened.map((question) => question.kind === "consent" && question.title)).toEqual([
    "Let the server a ask some:model?",
    "Let the server b ask some:model?",
    "Let the server a ask some:model?",
  ]);
});

it("where nobody can be asked sampling is refused with the mend, and --yes allows fifty requests of a server", async () => {
  const alone = await setUp({ interactive: false });
  expect(await alone.sample("a")).toMatchObject({ allowed: false });
  expect(alone.notices).toEqual([
    "The server a wanted an answer of some:model and nobody can be asked; allow it with --yes.",
  ]);
  const allowed = await setUp({ interactive: false, allow: ["*"] });
  for (let i = 0; i < 50; i++) expect(await allowed.sample("a")).toMatchObject({ allowed: true });
  expect(await allowed.sample("a")).toMatchObject({ allowed: false });
});

it("that all tools of a server may run does not let it use the model", async () => {
  const { opened, sample } = await setUp({ interactive: true, allow: ["a.*"] });
  await sample("a", deny);
  expect(opened).toHaveLength(1);
});

it("a web page is declined by a no, cancelled when dismissed, and not visited where nobody can be asked", async () => {
  const { opened, visit, audited } = await setUp({ interactive: true });
  expect(await visit("https://xn--bcher-kva.example/?a=1", deny)).toEqual({ action: "decline" });
  expect(await visit("https://example.org/2", { kind: "dismissed" })).toEqual({ action: "cancel" });
  expect(opened[0]).toMatchObject({
    details: { host: "xn--bcher-kva.example", address: "https://xn--bcher-kva.example/?a=1" },
  });
  expect(await audited()).toEqual([]);
  const alone = await setUp({ interactive: false, allow: ["*"] });
  expect(await alone.visit("https://example.org/3")).toEqual({ action: "cancel" });
  expect(alone.notices).toEqual([
    'The server s wants you to visit https://example.org/3 ("sign in"), and nobody can be asked.',
  ]);
});
