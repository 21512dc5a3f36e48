import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Answer } from "../../src/chat/events.js";
import { Draft } from "../../src/ui/draft.js";
import { PlainScreen } from "../../src/ui/plain-screen.js";
import { createTheme } from "../../src/ui/theme.js";
import { HeadlessTerminal } from "./support/headless.js";
import { idle, snapshot } from "./support/samples.js";

let terminal: HeadlessTerminal;
let screen: PlainScreen;
let said: unknown[];

beforeEach(() => {
  terminal = new HeadlessTerminal(60, 24);
  said = [];
  screen = new PlainScreen({
    stdin: terminal.stdin,
    stdout: { ...terminal.stdout, columns: 60, write: (text) => terminal.stdout.write(text.replaceAll("\n", "\r\n")) },
    theme: createTheme({ colour: 0, styles: false, unicode: false }),
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
});
afterEach(() => screen.stop());

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
      await terminal.shows("y: once, s: this conversation, a: always, p [pattern]: all of t.*, n [why]: deny");
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

  it("leaves when its input ends", () => {
    terminal.stdin.emit("end");
    expect(said).toEqual(["quit"]);
  });
});
