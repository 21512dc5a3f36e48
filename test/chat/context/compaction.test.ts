// The conversation against the real wire format, with a model that takes little and refuses what is longer.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { names } from "../../../src/application.js";
import type { TranscriptItem } from "../../../src/chat/events.js";
import { createOpenAICompatible } from "../../../src/llm/openai-compatible.js";
import type { Provider } from "../../../src/llm/provider.js";
import { hostileServer } from "../../mcp/client/tree.js";
import { ChatDriver } from "../../mcp/everything/chat-driver.js";
import { temporaryHome } from "../../support/home.js";
import { type ModelServer, startModelServer } from "../../support/model-server.js";

async function conversation(window: number, tellsWindow: boolean) {
  const model = await startModelServer();
  onTestFinished(() => model.close());
  Object.assign(model, { window, tellsWindow, defaultReply: { text: "noted", usage: false } });
  const provider: Provider = createOpenAICompatible({ id: "local:m", baseUrl: model.baseUrl, model: "scripted-model" });
  const home = temporaryHome();
  const chat = await ChatDriver.start(home, [], {
    provider,
    models: { fallback: [], list: async () => [], choose: async () => provider },
  });
  onTestFinished(() => chat.stop().then(() => {}));
  return { model, chat, home };
}

/** The texts of the messages that were sent in the last request. */
function lastSent(model: ModelServer): string[] {
  return (model.requests.findLast(({ method }) => method === "POST")?.body?.messages ?? []).map(({ content }) =>
    JSON.stringify(content),
  );
}

const notices = (items: readonly TranscriptItem[]) =>
  items.flatMap((item) => (item.kind === "notice" ? [item.text] : []));
const story = (number: number) => `Chapter ${number}. ${"It goes on and on. ".repeat(60)}`;

it("older messages are summed up before the window is full, the newest stay, and everything stays in the session", async () => {
  const { model, chat, home } = await conversation(4_000, true);
  model.defaultReply = (request) =>
    JSON.stringify(request).includes("You sum up conversations")
      ? { text: "They told chapters of a story.", usage: { input: 900, output: 8 } }
      : { text: "noted", usage: false };
  for (let number = 1; number <= 9; number++) await chat.say(story(number));
  const { summary, messages } = await names.session.call.view();
  expect(summary).toMatchObject({ model: "local:m", text: "They told chapters of a story.", status: "complete" });
  expect(messages.filter(({ role }) => role === "user")).toHaveLength(9);
  const sent = lastSent(model);
  expect(sent[1]).toContain("They told chapters of a story.");
  expect(sent.at(-1)).toContain("Chapter 9.");
  expect(sent.join()).not.toContain("Chapter 1.");
  expect(model.requests.filter(({ json }) => JSON.stringify(json ?? "").length / 4 > 4_000)).toEqual([]); // none was refused
  expect((await names.session.call.usage()).tokens.input).toBeGreaterThanOrEqual(900);
  const [output] = await chat.look("/history");
  expect(output).toMatchObject({ text: expect.stringMatching(/\| summary \| They told chapters/) });
  await chat.look("/export talk.md");
  const exported = await readFile(join(home, "talk.md"), "utf8");
  expect(exported).toMatch(/## \d+\. Summary of \d+ messages, \S+\n\nThey told chapters of a story\./);
  expect(exported).toContain("Chapter 1.");
  expect(await chat.look("/search chapters of a story")).toMatchObject([
    { text: expect.stringContaining("| summary |") },
  ]);
});

it("a model that refuses what is too long is sent less, once, and its window is remembered", async () => {
  const { model, chat } = await conversation(2_500, false);
  for (let number = 1; number <= 9; number++) await chat.say(story(number));
  const { context, summary, messages } = await names.session.call.view();
  expect(context.learned).toEqual({ model: "local:m", tokens: 2_500 });
  expect(summary).toBeDefined();
  expect(messages.filter(({ role, status }) => role === "assistant" && status === "complete")).toHaveLength(9);
  const refused = model.requests.filter(({ json }) => JSON.stringify(json ?? "").length / 4 > 2_500);
  expect(refused).toHaveLength(1);
});

it("/compact sums up by hand and says what; where the model fails, older messages are left out, with a word", async () => {
  const { model, chat } = await conversation(32_000, true);
  expect(await chat.say("/compact")).toMatchObject([{ text: expect.stringContaining("nothing to sum up yet") }]);
  for (let number = 1; number <= 4; number++) await chat.say(story(number));
  model.enqueue({ text: "Chapters, in short." });
  const from = await chat.count();
  expect(await chat.say("/compact the names")).toMatchObject([
    { text: expect.stringMatching(/^Chapters, in short\./) },
  ]);
  expect(await chat.notice("Compacted: ", from)).toMatch(
    /^Compacted: \d messages → summary \([\d,]+ → [\d,]+ tokens\)\.$/,
  );
  expect(lastSent(model).at(-1)).toContain("keep above all: the names");
  await chat.say(story(5));
  await chat.say(story(6));
  model.enqueue({ status: 400, message: "no" });
  const items = await chat.say("/compact");
  expect(notices(items).join()).toMatch(/refused the request .* left out of what is sent/);
  expect((await names.session.call.view()).summary).toMatchObject({ model: "", text: "Chapters, in short." });
  await chat.say("go on");
  expect(lastSent(model)[1]).toMatch(/Chapters, in short\..*left out here/);
});

it("what is said again or differently goes on with the summary of what was said before it", async () => {
  const { model, chat } = await conversation(32_000, true);
  for (let number = 1; number <= 3; number++) await chat.say(story(number));
  model.enqueue({ text: "Chapters, in short." });
  await chat.say("/compact");
  await chat.say("/retry");
  expect(lastSent(model)[1]).toContain("Chapters, in short.");
  expect(lastSent(model).at(-1)).toContain("Chapter 3.");
  await chat.say("/edit tell me the end");
  expect(lastSent(model)).toEqual([
    expect.any(String),
    expect.stringContaining("Chapters, in short."),
    '"Understood."',
    '"tell me the end"',
  ]);
});

it("what is pinned and a system prompt of its own are sent with every message until they are taken back", async () => {
  const { model, chat, home } = await conversation(32_000, true);
  await chat.say("/context add Answer like a pirate.");
  await chat.look("/system You are terse.");
  await chat.say("hello");
  expect(lastSent(model)).toEqual([
    '"You are terse."',
    expect.stringContaining("Answer like a pirate."),
    '"Understood."',
    '"hello"',
  ]);
  expect(await chat.say("/context")).toMatchObject([{ text: expect.stringMatching(/\| pinned \| 1 \| \d+ \|/) }]);
  await writeFile(join(home, "style.md"), "No semicolons.");
  await chat.say("/context add style.md");
  await chat.say("/context rm 1");
  await chat.look("/system clear");
  await chat.say("again");
  expect(lastSent(model).join()).not.toMatch(/pirate|terse/);
  expect(lastSent(model)[1]).toMatch(/<file name=\S+style.md\S+>.*No semicolons/);
  expect(await chat.say("/context list")).toMatchObject([
    { text: expect.stringContaining("| 2 | file | style.md | 14 |") },
  ]);
  await chat.say("/context clear");
  expect((await names.session.call.view()).context.pinned).toEqual([]);
  expect(await chat.say("/context add no/such/file.md")).toMatchObject([{ kind: "notice", level: "error" }]);
});

it("a tool call that is summed up keeps a line with its arguments and where its result is", async () => {
  const model = await startModelServer();
  onTestFinished(() => model.close());
  const provider = createOpenAICompatible({ id: "local:m", baseUrl: model.baseUrl, model: "scripted-model" });
  const chat = await ChatDriver.start(temporaryHome(), [hostileServer()], {
    provider,
    models: { fallback: [], list: async () => [], choose: async () => provider },
  });
  onTestFinished(() => chat.stop().then(() => {}));
  model.enqueue({ toolCalls: [{ name: "bad__big", arguments: { bytes: 3_000 } }] }, { text: "It is big." });
  await chat.say("make something big");
  await chat.say("and now?");
  model.enqueue({ text: "Something big was made." });
  await chat.say("/compact");
  await chat.say("go on");
  const { summary, messages, from } = await names.session.call.view();
  const number = from + messages.findIndex(({ role }) => role === "tool") + 1;
  expect(summary?.calls).toMatchObject([{ number, tool: "bad.big", arguments: '{"bytes":3000}' }]);
  expect(lastSent(model)[1]).toContain(`#${number} bad.big`);
});
