import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StoredMessage } from "../../src/actors/session/message.js";
import { type BanyanOptions, names, startBanyan } from "../../src/application.js";
import type { ChatEvent, ChatWatcher, Question } from "../../src/chat/events.js";
import { Printer } from "../../src/chat/print.js";
import { createOpenAICompatible } from "../../src/llm/openai-compatible.js";
import {
  type Application,
  child,
  exit,
  GenServer,
  type Pid,
  startChild,
  whereis,
} from "../../src/supervision/index.js";
import { root } from "../support/banyan.js";
import { chatOptions } from "../support/conversation.js";
import { temporaryHome } from "../support/home.js";
import { type ModelReply, type ModelServer, type Piece, startModelServer } from "../support/model-server.js";

const WORDS = "one two three four five six seven eight";

/** What is said last decides: "write it" and "look at it" call the tool of that name, and all else is answered. */
function reply({ messages }: Record<string, unknown>): ModelReply {
  const last = Array.isArray(messages) ? (messages.at(-1) as { role: string; content: string }) : undefined; // as the API has it
  const tool = last?.role === "user" ? /^(write|look)/.exec(last.content)?.[0] : undefined;
  if (tool === undefined) return { text: WORDS, deltas: 8 };
  return { text: "I do it.", toolCalls: [{ id: "call-1", name: `count__${tool}`, arguments: { text: "a" } }] };
}

let home: string;
let model: ModelServer;
let app: Application | undefined;
let events: ChatEvent[];
/** The answer of the model is held before this piece, once. */
let held: Pick<Piece, "request" | "at"> | undefined;
let reached: () => void;
let release: () => void;

beforeEach(async () => {
  home = temporaryHome();
  events = [];
  model = await startModelServer({
    onPiece: ({ request, at }) => {
      if (held?.request !== request || held.at !== at) return undefined;
      held = undefined;
      reached();
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    },
  });
  model.defaultReply = reply;
});

afterEach(async () => {
  release?.();
  await app?.stop();
  await model.close();
});

/** Resolves when the answer has come so far, where it stays until it is released. */
function holds(request: number, at: number): Promise<void> {
  held = { request, at };
  return new Promise((resolve) => {
    reached = resolve;
  });
}

/** Resolves when half of the answer is shown, and no more comes. */
async function half(request: number): Promise<void> {
  const before = deltas();
  await holds(request, 4);
  await expect.poll(deltas).toBe(before + 4);
}

const deltas = (): number => events.filter(({ type }) => type === "delta").length;

async function start(options: Partial<BanyanOptions> = {}): Promise<Application> {
  const args = [join(root, "test", "support", "counting-server.mjs"), `--folder=${home}`];
  app = await startBanyan({
    ...(await chatOptions(home)),
    serversOf: () => ({ servers: [{ name: "count", command: process.execPath, args }], problems: [] }),
    provider: createOpenAICompatible({ id: "openai:m", model: "m", baseUrl: model.baseUrl }),
    models: { fallback: [], list: async () => [], choose: () => Promise.reject(new Error("there is one model")) },
    ...options,
  });
  return app;
}

class Listener extends GenServer implements ChatWatcher {
  chatEvent(event: ChatEvent) {
    events.push(event);
  }
}

/** To the chat there is now. */
async function listen(): Promise<void> {
  events = [];
  const { items, question } = await names.chat.call.subscribe(await Listener.start());
  events.push(...items.map((item) => ({ type: "item", item }) as const));
  if (question !== undefined) events.push({ type: "question", question });
}

/** The turn that runs. */
async function turn(): Promise<Pid> {
  const children = await names.tasks.call.whichChildren();
  for (const { pid } of children) if (typeof pid === "object" && pid.inspect().behaviour === "Turn") return pid;
  throw new Error("no turn runs");
}

async function kill(pid: Pid | undefined): Promise<void> {
  if (pid === undefined) throw new Error("it runs");
  exit(pid, "kill");
  await pid.down;
}

const idle = () => expect.poll(() => events.some(({ type }) => type === "idle")).toBe(true);

/** The question that is open now, once there is one. */
async function question(): Promise<Extract<Question, { kind: "approval" }>> {
  const open = () => events.findLast(({ type }) => type === "question" || type === "question-closed");
  await expect.poll(() => open()?.type).toBe("question");
  const found = open();
  if (found?.type !== "question" || found.question.kind !== "approval") throw new Error("another question");
  return found.question;
}

async function decide(decision: "once" | "deny"): Promise<void> {
  await names.chat.call.answer((await question()).id, { kind: "approval", decision });
}

/** What the user is told of turns. */
const told = (): string[] =>
  events.flatMap((event) =>
    event.type === "item" && event.item.kind === "notice" && /^(The turn|Recovered)/.test(event.item.text)
      ? [event.item.text]
      : [],
  );

/** Requests for an answer. */
const asked = () => model.requests.filter(({ body }) => body !== undefined);
const kept = async (): Promise<StoredMessage[]> => [...(await names.session.call.view()).messages];
const said = async () => (await kept()).map(({ role, text, status }) => [role, text, status]);
const marked = async () => (await kept()).filter((message) => message.role === "user" && message.turn !== undefined);
const gate = (tool: string): string => join(home, `${tool}.gate`);
const runs = (tool: string): number => {
  const file = join(home, `${tool}.runs`);
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").length : 0;
};

const undisturbed = [
  ["user", "write it", "complete"],
  ["assistant", "I do it.", "complete"],
  ["tool", "write: a", "done"],
  ["assistant", WORDS, "complete"],
];

describe("a turn that was broken off", () => {
  for (const victim of ["turn", "Chat"] as const) {
    it(`asks for a cut off answer again, in its place, when its ${victim} is killed, and takes up what was queued`, async () => {
      await start();
      await listen();
      const middle = half(1);
      await names.chat.call.submit("question");
      await middle;
      await names.chat.call.submit("and then");
      await kill(victim === "turn" ? await turn() : whereis(names.chat));
      if (victim === "Chat") await listen();
      await idle();
      expect(await said()).toEqual([
        ["user", "question", "complete"],
        ["assistant", WORDS, "complete"],
        ["user", "and then", "complete"],
        ["assistant", WORDS, "complete"],
      ]);
      const why = victim === "turn" ? "The turn crashed (killed) and goes on" : "Recovered after an interruption";
      expect(told()).toEqual([
        `${why}: the answer that was cut off is asked for again, 1 queued message follows; everything said is here.`,
      ]);
      // The request is the same, without the half of the answer.
      expect(asked()[1]?.body?.messages).toEqual(asked()[0]?.body?.messages);
      expect(await marked()).toEqual([]);
    });
  }

  it("runs no tool again that had ended, asks anew for one that waited, and asks about one that was under way", async () => {
    await start();
    await listen();
    await names.chat.call.submit("write it");
    const first = await question();
    await kill(whereis(names.chat));
    await listen();
    expect(await question()).toEqual(first);
    writeFileSync(gate("write"), "");
    await decide("once");
    await expect.poll(() => runs("write")).toBe(1);
    await kill(await turn());
    expect(await question()).toMatchObject({
      tool: "count.write",
      again: "The turn was broken off while this ran; whether it took effect is not known.",
    });
    expect(runs("write")).toBe(1);
    rmSync(gate("write"));
    const second = holds(2, 0);
    await decide("once");
    await second;
    expect(runs("write")).toBe(2);
    await kill(await turn());
    await idle();
    expect(runs("write")).toBe(2);
    expect(await said()).toEqual(undisturbed);
  });

  it("tells the model that a call under way is not known to have taken effect when the user takes it as failed", async () => {
    await start();
    await listen();
    writeFileSync(gate("write"), "");
    await names.chat.call.submit("write it");
    await decide("once");
    await expect.poll(() => runs("write")).toBe(1);
    await kill(whereis(names.chat));
    await listen();
    await decide("deny");
    await idle();
    const text =
      "The turn was broken off while this call ran; whether it took effect is not known, and it was not run again.";
    expect(await said()).toEqual(undisturbed.with(2, ["tool", text, "interrupted"]));
    expect(model.requests.at(-1)?.body?.messages.at(-1)).toMatchObject({ role: "tool", content: `Error: ${text}` });
    expect(runs("write")).toBe(1);
  });

  it("runs a tool that only reads again by itself", async () => {
    await start({ allow: ["count.look"] });
    await listen();
    writeFileSync(gate("look"), "");
    await names.chat.call.submit("look at it");
    await expect.poll(() => runs("look")).toBe(1);
    await kill(await turn());
    await expect.poll(() => runs("look")).toBe(2);
    rmSync(gate("look"));
    await idle();
    expect(await said()).toEqual([
      ["user", "look at it", "complete"],
      ["assistant", "I do it.", "complete"],
      ["tool", "look: a", "done"],
      ["assistant", WORDS, "complete"],
    ]);
    expect(events.some(({ type }) => type === "question")).toBe(false);
  });

  it("asks about a call whose server was lost under it, and goes on with the answer", async () => {
    await start();
    await listen();
    writeFileSync(gate("write"), "");
    await names.chat.call.submit("write it");
    await decide("once");
    await expect.poll(() => runs("write")).toBe(1);
    const [server] = await names.servers.call.status();
    process.kill(server?.pid ?? 0, "SIGKILL");
    await expect.poll(async () => (await question()).again).toMatch(/^Its server was lost while this ran/);
    rmSync(gate("write"));
    await decide("once");
    await idle();
    expect(await said()).toEqual(undisturbed);
    expect(runs("write")).toBe(2);
  });

  it("is taken up three times and then said to be given up, with what it had done", async () => {
    await start();
    await listen();
    for (let request = 1; request <= 4; request++) {
      const middle = half(request);
      if (request === 1) await names.chat.call.submit("question");
      await middle;
      await kill(await turn());
    }
    await idle();
    expect(asked()).toHaveLength(4);
    expect(told().at(-1)).toBe(
      'The turn was broken off 4 times and is not taken up again; what it had done is kept, say "go on" to continue.',
    );
    expect(await said()).toMatchObject([
      ["user", "question", "complete"],
      ["assistant", expect.any(String), "interrupted"],
    ]);
    expect(await marked()).toEqual([]);
  });

  it("goes on in the chat that resumes the conversation after the program ended, not in a run of one answer", async () => {
    const first = await start();
    await listen();
    const middle = half(1);
    await names.chat.call.submit("question");
    await middle;
    await first.stop();
    release();
    const chat = await start({ resume: true });
    await listen();
    await expect.poll(said).toEqual([
      ["user", "question", "complete"],
      ["assistant", WORDS, "complete"],
    ]);
    await expect.poll(marked).toEqual([]);
    const again = half(3);
    await names.chat.call.submit("another");
    await again;
    await names.chat.call.submit("queued");
    await chat.stop();
    await start({ resume: true, interactive: false });
    await expect
      .poll(async () => (await kept()).map(({ status }) => status))
      .toEqual(["complete", "complete", "complete", "interrupted", "unsent"]);
    expect(asked()).toHaveLength(3);
  });

  it("goes on in a run of one answer whose chat is killed: each word is printed once, and what may have taken effect is not repeated", async () => {
    await start({ interactive: false, allow: ["count.write"] });
    const print = async (prompt: string) => {
      let [written, warned] = ["", ""];
      let done = (_: boolean): void => {};
      const ended = new Promise<boolean>((resolve) => {
        done = resolve;
      });
      const { chat, session } = names;
      const write = (text: string): void => void (written += text);
      const warn = (text: string): void => void (warned += text);
      const options = { chat, session, prompt, typed: prompt.length, format: "text" as const, write, warn, done };
      if (app !== undefined)
        await startChild(app.supervisor, child(Printer, options, { restart: "temporary", id: prompt }));
      return { ended, written: () => written, warned: () => warned };
    };
    const middle = holds(1, 4);
    const question = await print("question");
    await middle;
    await expect.poll(question.written).toContain("one");
    await kill(whereis(names.chat));
    expect(await question.ended).toBe(true);
    expect(question.written()).toBe(`${WORDS}\n`);
    writeFileSync(gate("write"), "");
    const order = await print("write it");
    await expect.poll(() => runs("write")).toBe(1);
    await kill(whereis(names.chat));
    expect(await order.ended).toBe(false);
    expect(order.written()).toBe(`I do it.${WORDS}\n`);
    expect(order.warned()).toContain("Recovered after an interruption: 1 tool call was under way");
    expect((await kept()).at(-2)).toMatchObject({
      status: "interrupted",
      text: expect.stringContaining("not run again"),
    });
    expect(runs("write")).toBe(1);
  });
});
