import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Answer, ToolCallView, TranscriptItem } from "../../src/chat/events.js";
import { Draft } from "../../src/ui/draft.js";
import { PlainScreen } from "../../src/ui/plain-screen.js";
import { createTheme, type Theme } from "../../src/ui/theme.js";
import { HeadlessTerminal } from "./support/headless.js";
import { ManualClock } from "./support/manual-clock.js";
import { idle, snapshot } from "./support/samples.js";

let terminal: HeadlessTerminal;
let screen: PlainScreen;
let said: unknown[];
let clock: ManualClock;

beforeEach(() => start(createTheme({ colour: 0, styles: false, unicode: false })));
afterEach(() => screen.stop());

function start(theme: Theme): void {
  clock = new ManualClock();
  terminal = new HeadlessTerminal(60, 24);
  said = [];
  screen = new PlainScreen({
    stdin: terminal.stdin,
    stdout: { ...terminal.stdout, columns: 60, write: (text) => terminal.stdout.write(text.replaceAll("\n", "\r\n")) },
    theme,
    clock,
    draft: new Draft(),
    actions: {
      submit: (text) => said.push(text),
      answer: (id: string, answer: Answer) => {
        said.push(answer);
        screen.store.apply({ type: "question-closed", id });
      },
      complete: async () => [],
      cancel: () => said.push("cancel"),
      takeBack: () => {},
      quit: () => said.push("quit"),
    },
    onError: (error) => said.push(error),
  });
  screen.start();
  screen.store.load(snapshot([]));
}

/** What is printed, without blank lines and prompts. */
async function printed(): Promise<string[]> {
  await terminal.settled();
  return terminal.lines().filter((line) => line !== "" && !/^(>|Your message:)/.test(line));
}

const busy = { type: "status", status: { ...idle, turn: "running-tools" } } as const;
const call = (more: Partial<ToolCallView>) =>
  ({
    kind: "tool",
    id: "t",
    call: { id: "t", name: "demo.count", arguments: { to: 9 }, status: "running", ...more },
  }) as const;

describe("a terminal that can only print", () => {
  it("gets each finished entry once, in order", async () => {
    screen.store.apply({ type: "item", item: { kind: "notice", id: "n", level: "warn", text: "careful" } });
    screen.store.apply({
      type: "item",
      item: { kind: "assistant", id: "a", model: "m", text: "", status: "streaming" },
    });
    screen.store.apply({ type: "delta", id: "a", text: "one\n\ntwo" });
    screen.store.apply({
      type: "update",
      item: { kind: "assistant", id: "a", model: "m", text: "one\n\ntwo", status: "complete" },
    });
    await terminal.settled();
    expect(terminal.lines().filter((line) => line !== "" && !line.startsWith(">"))).toEqual([
      "! careful",
      "* one",
      "  two",
    ]);
  });

  it("sends a line, answers an approval with a letter, asks again for anything else", async () => {
    terminal.type("hel");
    terminal.type("lo\n\n");
    screen.store.apply({
      type: "question",
      question: { id: "q", kind: "approval", tool: "t.x", description: "Does x.", arguments: { path: "a" } },
    });
    await terminal.shows('path  "a"');
    terminal.type("what?\n");
    terminal.type("n\n");
    expect(said).toEqual(["hello", { kind: "approval", decision: "deny" }]);
  });

  it("takes a pattern and a reason on the line of the answer, and no sentence for an answer", async () => {
    const question = { kind: "approval", tool: "t.x", description: "", arguments: {}, pattern: "t.*" } as const;
    const answer = async (id: string, ...lines: string[]): Promise<void> => {
      screen.store.apply({ type: "question", question: { ...question, id } });
      // Wrapped between words, as it is more than a row here.
      await terminal.shows("y: once, s: this conversation, a: always, p [pattern]:");
      await terminal.shows("all of t.*, n [why]: deny >");
      for (const line of lines) terminal.type(`${line}\n`);
      screen.store.apply({ type: "question-closed", id });
    };
    await answer("1", "p");
    await answer("2", "p *.x");
    await answer("3", "n look first");
    await answer("4", "s please", "sure", "please do", "a bit later", "yes");
    expect(said).toEqual([
      { kind: "approval", decision: "pattern", pattern: "t.*" },
      { kind: "approval", decision: "pattern", pattern: "*.x" },
      { kind: "approval", decision: "deny", reason: "look first" },
      { kind: "approval", decision: "once" },
    ]);
  });

  it("asks a form field by field and again for what is wrong", async () => {
    screen.store.apply({
      type: "question",
      question: {
        id: "f",
        kind: "form",
        title: "Book",
        values: { name: "Ada" },
        schema: {
          required: ["seats"],
          properties: { name: { type: "string" }, area: { enum: ["in", "out"] }, seats: { type: "integer" } },
        },
      },
    });
    await terminal.shows("seats * >");
    terminal.type("x\n");
    await terminal.shows("! seats must be a number");
    terminal.type("3\n");
    expect(said).toEqual([{ kind: "form", values: { name: "Ada", seats: 3 } }]);
    screen.store.apply({ type: "status", status: idle });
    terminal.type("done\n");
    expect(said.at(-1)).toBe("done");
  });

  it("does not print again what the terminal has shown while it was typed, unless it had to wait", async () => {
    terminal.type("hello\n");
    screen.store.apply({ type: "item", item: { kind: "user", id: "1", text: "hello" } });
    terminal.type("/cost\n");
    screen.store.apply({ type: "item", item: { kind: "output", id: "2", title: "/cost", text: "nothing" } });
    screen.store.apply(busy);
    terminal.type("later\n");
    screen.store.apply({ type: "status", status: idle });
    screen.store.apply({ type: "item", item: { kind: "user", id: "3", text: "later" } });
    await terminal.settled();
    const text = terminal.text();
    expect(text).not.toMatch(/hello|\/cost/);
    expect(text.match(/later/g)).toHaveLength(1);
    expect(text).toContain("nothing");
  });

  it("asks for the next line once something has come of the last one, and goes on in a cleared conversation", async () => {
    const prompts = (): number => terminal.bytes.split("> ").length - 1;
    terminal.type("hello\n");
    screen.store.apply({ type: "item", item: { kind: "user", id: "1", text: "hello" } });
    expect(prompts()).toBe(1);
    screen.store.apply({ type: "item", item: { kind: "notice", id: "2", level: "info", text: "hi" } });
    expect(prompts()).toBe(2);
    terminal.type("/clear\n");
    screen.store.apply({ type: "cleared" });
    expect(prompts()).toBe(3);
    screen.store.apply({ type: "item", item: { kind: "notice", id: "3", level: "info", text: "anew" } });
    await terminal.shows("anew");
  });

  it("says now and then what is still under way, and nothing while somebody is asked", async () => {
    screen.store.apply(busy);
    screen.store.apply({ type: "item", item: call({}) });
    for (let report = 1; report <= 100; report++) {
      clock.advance(100);
      screen.store.apply({
        type: "update",
        item: call({ progress: { value: report, total: 100, message: "counting" } }),
      });
    }
    expect(await printed()).toEqual([
      "Tool running: demo.count, 49 percent, counting, 5 s",
      "Tool running: demo.count, 99 percent, counting, 10 s",
    ]);
    screen.store.apply({
      type: "question",
      question: { id: "q", kind: "approval", tool: "t.x", description: "", arguments: {} },
    });
    clock.advance(60_000);
    expect((await printed()).join()).not.toContain("1 min");
  });

  it("leaves when its input ends", () => {
    terminal.stdin.emit("end");
    expect(said).toEqual(["quit"]);
  });
});

describe("for a screen reader", () => {
  beforeEach(() => start(createTheme({ spoken: true })));

  it("everything says in words what it is", async () => {
    const item = (one: TranscriptItem): void => screen.store.apply({ type: "item", item: one });
    item({ kind: "user", id: "u", text: "list the files" });
    item(call({ status: "done", durationMs: 900, result: "one\ntwo" }));
    item({ ...call({ status: "denied" }), id: "t2" });
    item({ kind: "notice", id: "n", level: "warn", text: "careful" });
    item({
      kind: "assistant",
      id: "a",
      model: "m",
      status: "complete",
      text: "# Files\n\n**Two** of [them](https://x.org).\n\n| name | size |\n|--|--|\n| one | 1 |\n\n---\n\n```sh\nls\n```\n",
    });
    const lines = await printed();
    expect(lines.map((line) => line.replace(/\u001B\[[\d;]*m/g, ""))).toEqual([
      "You: list the files",
      "Tool done: demo.count, to 9, took 900 ms",
      "one",
      "two",
      "Tool denied: demo.count, to 9",
      "Warning: careful",
      "Answer: Heading 1: Files",
      "Two of them (https://x.org).",
      "name: one",
      "size: 1",
      "Code in sh:",
      "ls",
    ]);
    screen.store.apply({
      type: "question",
      question: { id: "q", kind: "approval", tool: "t.x", description: "", arguments: {} },
    });
    await terminal.shows("Approval needed: Run t.x?");
    // Nothing that moves the cursor, clears or draws.
    expect(terminal.bytes.replace(/\u001B\[[\d;]*m/g, "")).toMatch(/^[\n\r -~]*$/);
  });
});
