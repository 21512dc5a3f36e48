// What a turn does beside answering, as the user of the chat meets it: the whole tree, a real server, and a model whose words are written here.
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "../../src/actors/config/load.js";
import { names } from "../../src/application.js";
import type { Answer, ChatEvent, Question, TranscriptItem } from "../../src/chat/events.js";
import type { ModelEvent, ModelMessage, Provider } from "../../src/llm/provider.js";
import { exit, whichChildren } from "../../src/supervision/index.js";
import { ChatDriver } from "../mcp/everything/chat-driver.js";
import { built } from "../support/build.js";
import { BUSY_MACHINE } from "../support/busy-machine.js";

const demo = { name: "demo", command: process.execPath, args: [built("servers/demo/main.js")] };
/** What the model says to the conversation as it is given it; `asked` counts from 1. */
type Script = (messages: readonly ModelMessage[], asked: number) => readonly ModelEvent[];

/** Both tests and model work on one app, whose start is most of what a test would take. */
const home = mkdtempSync(join(tmpdir(), "banyan-turns-"));
let chat: ChatDriver;
let script: Script = () => [];
let asked = 0;

beforeAll(async () => {
  const provider: Provider = {
    id: "scripted:one",
    async *stream({ messages }) {
      yield* script(messages, ++asked);
    },
  };
  const limits = { BANYAN_CHAT__MAX_STEPS: "3", BANYAN_CHAT__TURN_TOKENS: "5000", BANYAN_LIMITS__TOOL_RESULT: "1KB" };
  const env = { ...BUSY_MACHINE, ...limits };
  const request = { files: [], env };
  const loaded = await loadConfig(request);
  if (!("ok" in loaded)) throw new Error("these settings are valid");
  chat = await ChatDriver.start(home, [demo], { provider, allow: [], request, loaded: loaded.ok });
});
afterAll(async () => {
  await chat.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

/** A conversation of its own, in which demo's tools need no yes unless a test is about that. */
async function start(words: Script, asks = false): Promise<ChatDriver> {
  [script, asked] = [words, 0];
  await chat.command("/clear", ({ type }) => type === "cleared");
  await chat.look("/approvals clear");
  if (!asks) await allowAll();
  return chat;
}

async function allowAll(): Promise<void> {
  const [own, count] = [script, asked];
  [script, asked] = [(_, times) => (times === 1 ? [call("flood", { bytes: 1 })] : [said("ok")]), 0];
  await chat.say("may I", [() => ({ kind: "approval", decision: "pattern", pattern: "demo.*" })]);
  await chat.command("/clear", ({ type }) => type === "cleared");
  [script, asked] = [own, count];
}

const call = (tool: string, args: { [key: string]: unknown } = {}, id = tool): ModelEvent => {
  return { type: "tool-call", call: { id, name: `demo.${tool}`, arguments: args } };
};
const said = (text: string): ModelEvent => ({ type: "text", delta: text });
const yes = (): Answer => ({ kind: "approval", decision: "once" });
const no = (): Answer => ({ kind: "approval", decision: "deny" });
const notices = (items: readonly TranscriptItem[]): string[] =>
  items.flatMap((item) => (item.kind === "notice" ? [item.text] : []));
const outputs = (items: readonly TranscriptItem[]): string[] =>
  items.flatMap((item) => (item.kind === "output" ? [item.text] : []));
const statuses = (items: readonly TranscriptItem[]): string[] =>
  items.flatMap((item) => (item.kind === "tool" ? [item.call.status] : []));

describe("a turn that does not end by itself", () => {
  it("asks whether to go on after so many rounds, goes on, and stops with a word", async () => {
    const asked: Question[] = [];
    const answered =
      (answer: () => Answer) =>
      (question: Question): Answer => {
        asked.push(question);
        return answer();
      };
    const own = await start((_, round) => [call("flood", { bytes: round })]);
    const items = await own.say("go", [answered(yes), answered(no)]);
    expect(asked).toMatchObject([
      { kind: "consent", title: "The turn took 3 rounds of tool calls. Go on?", description: "It may take 3 more." },
      { title: "The turn took 6 rounds of tool calls. Go on?", labels: { yes: "Go on", no: "Stop" } },
    ]);
    expect(statuses(items)).toEqual(Array(6).fill("done"));
    expect(notices(items)).toEqual(['The turn took 6 rounds of tool calls. It was stopped; say "go on" to continue.']);
  });

  it("asks after so many tokens", async () => {
    const usage: ModelEvent = { type: "usage", inputTokens: 2_600, outputTokens: 100 };
    const own = await start((_, round) => [call("flood", { bytes: round }), usage]);
    const items = await own.say("go", [no]);
    expect(statuses(items)).toEqual(["done", "done"]);
    expect(notices(items)).toEqual(['The turn took 5400 tokens. It was stopped; say "go on" to continue.']);
  });

  it("is stopped when the model asks for the same again and again and gets the same", async () => {
    const own = await start(() => [call("flood", { bytes: 3 })]);
    const items = await own.say("go", [yes]);
    expect(statuses(items)).toEqual(Array(5).fill("done"));
    expect(notices(items)).toEqual([expect.stringContaining("The model called demo.flood 5 times in the same way")]);
  });
});

it("goes on when one of its calls is ended alone, and the model is told", async () => {
  const given: (readonly ModelMessage[])[] = [];
  const own = await start((messages, times) => {
    given.push(messages);
    return times === 1 ? [call("hang"), call("flood", { bytes: 2 })] : [said("I see.")];
  });
  const from = await own.count();
  await names.chat.call.submit("go");
  const running = await own.event(
    from,
    (event) => event.type === "update" && event.item.kind === "tool" && event.item.call.name === "demo.hang",
  );
  expect(running).toMatchObject({ item: { call: { status: "running" } } });
  const calls = (await whichChildren(names.tasks)).flatMap(({ pid }) => (typeof pid === "object" ? [pid] : []));
  const hanging = calls.find((pid) => pid.inspect().label === "demo.hang");
  if (hanging === undefined) throw new Error("the call is a process of its own");
  exit(hanging, "shutdown");
  await own.event(from, ({ type }) => type === "idle");
  expect(given[1]?.filter(({ role }) => role === "tool")).toMatchObject([
    { tool: "demo.hang", text: "This call was interrupted; whether it took effect is not known.", isError: true },
    { tool: "demo.flood", text: "~~", isError: false },
  ]);
  expect(await own.notice("demo.hang was stopped", from)).toBe("demo.hang was stopped.");
});

it("keeps a long result whole beside what the model is given, and /result shows it", async () => {
  const own = await start((_, times) => [times === 1 ? call("flood", { bytes: 5_000 }) : said("Long.")]);
  await own.say("go");
  const { messages } = await names.session.call.view();
  const result = messages.find(({ role }) => role === "tool");
  if (result?.role !== "tool" || result.whole === undefined) throw new Error("the result was cut");
  expect(result.text).toBe(`${"~".repeat(1024)}\n… cut here: 5 KB in all, 1 KB shown; all of it is in ${result.whole}`);
  expect([readFileSync(result.whole, "utf8"), statSync(result.whole).mode & 0o777]).toEqual(["~".repeat(5_000), 0o600]);
  const whole = `Result of \`demo.flood\`:\n\n\`\`\`\n${"~".repeat(5_000)}\n\`\`\``;
  expect(outputs(await own.look("/result"))).toEqual([whole]);
  expect(outputs(await own.look("/result 3"))).toEqual([whole]);
  expect(outputs(await own.look("/result 1"))).toEqual(["Message 1 is no result of a tool."]);
});

it("answers again and takes other words for the last message: what was before is kept, and no model is told", async () => {
  const given: string[][] = [];
  const own = await start((messages, times) => {
    given.push(messages.map(({ text }) => text));
    return [said(`answer ${times}`)];
  });
  await own.say("hello");
  await own.say("how are you");
  await own.say("/retry");
  await own.say("/edit who are you");
  expect(given).toEqual([
    ["hello"],
    ["hello", "answer 1", "how are you"],
    ["hello", "answer 1", "how are you"],
    ["hello", "answer 1", "who are you"],
  ]);
  const [history] = outputs(await own.look("/history"));
  expect(history?.split("\n").filter((row) => row.includes("superseded"))).toEqual([
    "| 3 | you (superseded) | how are you |",
    "| 4 | scripted:one (superseded) | answer 2 |",
    "| 5 | scripted:one (superseded) | answer 3 |",
  ]);
  const from = await own.count();
  await names.chat.call.submit("/edit");
  expect(await own.event(from, ({ type }) => type === "draft")).toEqual({ type: "draft", text: "/edit who are you" });
});

it("shows what waits, gives the newest back, and runs commands beside the turn", async () => {
  const own = await start((_, times) => [times === 1 ? call("hang") : said("next")]);
  const from = await own.count();
  await names.chat.call.submit("go");
  await own.event(from, (event) => event.type === "status" && event.status.turn === "running-tools");
  for (const line of ["one", "two", "/edit no", "/resources"]) await names.chat.call.submit(line);
  const output = (title: string) => (event: ChatEvent) =>
    event.type === "item" && event.item.kind === "output" && event.item.title === title;
  expect(await own.event(from, output("/edit no"))).toMatchObject({
    item: { text: expect.stringContaining("press Esc first") },
  });
  expect(await own.event(from, output("/resources"))).toMatchObject({
    item: { text: expect.stringContaining("demo") },
  });
  await names.chat.call.submit("/queue");
  expect(await own.event(from, output("/queue"))).toMatchObject({
    item: { text: expect.stringContaining("1. one\n2. two") },
  });
  await names.chat.call.takeBack();
  expect(await own.event(from, ({ type }) => type === "draft")).toEqual({ type: "draft", text: "two" });
  await names.chat.call.submit("/stop");
  await own.event(from, ({ type }) => type === "idle");
  const { messages } = await names.session.call.view();
  expect(messages.flatMap((message) => (message.role === "user" ? [[message.text, message.status]] : []))).toEqual([
    ["go", "complete"],
    ["one", "complete"],
    ["two", "unsent"],
  ]);
});

it("says which of several calls is asked about, and lists and takes back what was allowed", async () => {
  const own = await start(
    (_, times) => [...(times === 1 ? [call("hang"), call("flood", { bytes: 1 }), call("crash")] : [said("done")])],
    true,
  );
  const from = await own.count();
  await names.chat.call.submit("go");
  const place = await own.event(from, (event) => event.type === "status" && event.status.asking?.of === 3);
  expect(place).toMatchObject({ status: { asking: { at: 1, of: 3 } } });
  for (let answered = 0; answered < 3; answered++) {
    const question = await own.open();
    if (question?.kind !== "approval") throw new Error("a call is asked about");
    const decision =
      question.tool === "demo.flood"
        ? ({ decision: "always" } as const)
        : ({ decision: "deny", reason: "not now" } as const);
    await names.chat.call.answer(question.id, { kind: "approval", ...decision });
  }
  await own.event(from, ({ type }) => type === "idle");
  const { messages } = await names.session.call.view();
  expect(
    messages.flatMap((message) => (message.role === "tool" ? [[message.status, message.text]] : [])).sort(),
  ).toEqual([
    ["denied", "The user did not allow this call: not now"],
    ["denied", "The user did not allow this call: not now"],
    ["done", "~"],
  ]);
  expect(outputs(await own.look("/approvals"))[0]).toMatch(
    /`demo\.flood` \| always in this folder, as the tool is now \| \d{4}-/,
  );
  expect(outputs(await own.look("/approvals remove demo.flood"))).toEqual(["`demo.flood` asks again."]);
  expect(outputs(await own.look("/approvals remove host.calculate"))[0]).toContain(
    "change `approvals.allow` in config.toml",
  );
  expect(outputs(await own.look("/approvals clear"))).toEqual(["You have allowed nothing here."]);
});

it("shows the model's breaker and closes it", async () => {
  const own = await start(() => [said("hi")]);
  for (let failed = 0; failed < 5; failed++) await names.breaker.call.failed("it is overloaded");
  const [open] = outputs(await own.look("/breaker"));
  expect(open).toContain("- `scripted:one`: left alone for a while (the breaker is open)");
  expect(open).toMatch(
    /- failures in a row: 5, the last: it is overloaded\n- tried again in \d+ s; `\/breaker reset` tries now/,
  );
  expect(outputs(await own.look("/breaker reset"))).toEqual(["The breaker is closed: `scripted:one` is asked again."]);
  expect(outputs(await own.look("/breaker"))[0]).toContain("(the breaker is closed)\n- failures in a row: 0");
});
