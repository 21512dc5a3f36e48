import { beforeEach, describe, expect, it } from "vitest";
import type { Answer, ChatStatus, CommandHint, Question } from "../../src/chat/events.js";
import { Draft } from "../../src/ui/draft.js";
import { Interaction } from "../../src/ui/interaction.js";
import { KeyDecoder } from "../../src/ui/keys.js";
import { createTheme } from "../../src/ui/theme.js";
import { TUIManager } from "../../src/ui/tui-manager.js";
import { ViewStore } from "../../src/ui/view-store.js";
import { ManualClock } from "./support/manual-clock.js";
import { idle, snapshot } from "./support/samples.js";

const UP = "\u001B[A";
const DOWN = "\u001B[B";
const RIGHT = "\u001B[C";
const SHIFT_TAB = "\u001B[Z";
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";

let clock: ManualClock;
let draft: Draft;
let store: ViewStore;
let interaction: Interaction;
let calls: unknown[][];
/** What the conversation knows lines to go on as. */
let known: Map<string, readonly CommandHint[]>;

beforeEach(() => {
  clock = new ManualClock();
  draft = new Draft(["old one", "old two"]);
  store = new ViewStore({ theme: createTheme(), printed: draft.printed, clock });
  calls = [];
  known = new Map();
  interaction = makeInteraction();
  store.subscribe(() => interaction.follow());
  store.load({ ...snapshot([]), commands: ["help", "servers", "sessions"].map((name) => ({ name, summary: "" })) });
});

function makeInteraction(): Interaction {
  return new Interaction({
    manager: new TUIManager(),
    draft,
    view: store.view,
    columns: () => 40,
    clock,
    actions: {
      submit: (text) => calls.push(["submit", text]),
      answer: (id: string, answer: Answer) => {
        calls.push(["answer", id, answer]);
        store.apply({ type: "question-closed", id });
      },
      complete: async (line) => known.get(line) ?? [],
      cancel: () => calls.push(["cancel"]),
      takeBack: () => calls.push(["takeBack"]),
      quit: () => calls.push(["quit"]),
      repaint: () => calls.push(["repaint"]),
      editOutside: () => calls.push(["edit outside"]),
      suspend: () => calls.push(["suspend"]),
      notice: (text) => calls.push(["notice", text]),
    },
  });
}

function press(...bytes: string[]): void {
  for (const chunk of bytes) {
    const decoder = new KeyDecoder();
    for (const input of [...decoder.push(chunk), ...decoder.flush()]) interaction.take(input);
  }
}

const text = (): string => interaction.state().editor.text;
const turn = (state: ChatStatus["turn"]): void => store.apply({ type: "status", status: { ...idle, turn: state } });
const approval: Question = {
  id: "q",
  kind: "approval",
  tool: "files.write",
  description: "",
  arguments: { path: "a" },
};
const ask = (question: Question): void => store.apply({ type: "question", question });

describe("writing a line", () => {
  it("Enter sends it and empties the input", () => {
    press("hello\r");
    expect(calls).toEqual([["submit", "hello"]]);
    expect(text()).toBe("");
    expect(draft.history.at(-1)).toBe("hello");
  });

  it("Enter on nothing sends nothing", () => {
    press("\r", "   ", "\r");
    expect(calls).toEqual([]);
  });

  it.each([
    ["Ctrl+J", "\n"],
    ["Alt+Enter", "\u001B\r"],
    ["Shift+Enter", "\u001B[13;2u"],
    ["a backslash and Enter", "\\\r"],
  ])("%s makes a new line", (_, bytes) => {
    press("one", bytes, "two", "\r");
    expect(calls).toEqual([["submit", "one\ntwo"]]);
  });

  it("a pasted text is taken whole and is not sent by the line ends in it", () => {
    press("\u001B[200~line 1\nline 2\n\u001B[201~");
    expect(calls).toEqual([]);
    expect(text()).toBe("line 1\nline 2\n");
  });

  it("a large pasted text survives the screen, is spread out by Alt-O, sent whole, and in the history", () => {
    const log = Array.from({ length: 20 }, (_, index) => `line ${index}`).join("\n");
    press("see ", `\u001B[200~${log}\u001B[201~`);
    expect(text().length).toBeLessThan(10);
    interaction = makeInteraction();
    press("!", "\r", UP);
    expect(calls).toEqual([["submit", `see ${log}!`]]);
    expect(text()).toBe(`see ${log}!`);
    press(CTRL_C, `\u001B[200~${log}\u001B[201~`, "\u001Bo");
    expect(text()).toBe(log);
  });

  it("a paste that no message could hold is refused in words", () => {
    press(`\u001B[200~${"x".repeat(4_000_001)}\u001B[201~`);
    expect([text(), calls]).toEqual(["", [["notice", expect.stringContaining("at most 4,000,000 characters")]]]);
  });

  it("Up and Down go through the history and come back to the draft", () => {
    press("dra", UP, UP);
    expect(text()).toBe("old one");
    press(DOWN, DOWN);
    expect(text()).toBe("dra");
  });

  it("Up moves between the lines first, then into the history", () => {
    press("one\ntwo".replace("\n", "\n"), UP, "X");
    expect(text()).toBe("oneX\ntwo");
    press(UP);
    expect(text()).toBe("old two");
  });

  it("goes on while a turn runs", () => {
    turn("answering");
    press("next\r");
    expect(calls).toEqual([["submit", "next"]]);
  });

  it("what is typed survives the screen: the draft has it, cursor and all", () => {
    press("unsent text", "\u001B[D");
    interaction = makeInteraction();
    press("!");
    expect(text()).toBe("unsent tex!t");
  });
});

describe("slash commands", () => {
  it("are listed as the name is typed, and Tab completes", () => {
    press("/se");
    expect(interaction.state().completion?.items.map(({ name }) => name)).toEqual(["servers", "sessions"]);
    press(DOWN, "\t");
    expect(text()).toBe("/sessions ");
    expect(interaction.state().completion).toBeUndefined();
  });

  it("Enter sends what was typed, unless one was marked with the arrows", () => {
    press("/se\r");
    press("/se", DOWN, "\r");
    expect(calls).toEqual([
      ["submit", "/se"],
      ["submit", "/sessions"],
    ]);
  });

  it("Escape closes the list and keeps the text", () => {
    press("/se", "\u001B");
    expect(interaction.state().completion).toBeUndefined();
    expect([text(), calls]).toEqual(["/se", []]);
  });
});

describe("the history", () => {
  const CTRL_R = "\u0012";

  it("Up goes on past slash commands, which open no list while they are only walked through", () => {
    for (const line of ["/help", "hello", "/servers", "/se"]) draft.remember(line);
    press(UP);
    expect([text(), interaction.state().completion]).toEqual(["/se", undefined]);
    press(UP);
    expect(text()).toBe("/servers");
    press(UP);
    expect(text()).toBe("hello");
    press(UP);
    expect(text()).toBe("/help");
    press(DOWN, DOWN);
    expect(text()).toBe("/servers");
    press("\r");
    expect(calls).toEqual([["submit", "/servers"]]);
  });

  it("lists commands again as soon as a line from the history is changed", () => {
    draft.remember("/ser");
    press(UP, "\u007F");
    expect(interaction.state().completion?.items.map(({ name }) => name)).toEqual(["servers", "sessions"]);
  });

  it("Ctrl-R finds the newest line that contains what is typed, then older ones, and Enter sends it", () => {
    for (const line of ["Fix the tests", "explain it", "run the tests"]) draft.remember(line);
    press("half", CTRL_R, "TEST");
    expect(text()).toBe("run the tests");
    press(CTRL_R);
    expect(text()).toBe("Fix the tests");
    press(CTRL_R);
    expect([text(), interaction.state().search?.found]).toEqual(["Fix the tests", false]);
    press("\r");
    expect(calls).toEqual([["submit", "Fix the tests"]]);
    expect(interaction.state().search).toBeUndefined();
  });

  it("Ctrl-S goes back to newer ones", () => {
    for (const line of ["test one", "test two", "test three"]) draft.remember(line);
    press(CTRL_R, "test", CTRL_R, CTRL_R);
    expect(text()).toBe("test one");
    press("\u0013");
    expect(text()).toBe("test two");
    press("\u0013", "\u0013");
    expect([text(), interaction.state().search?.found]).toEqual(["test three", false]);
  });

  it("Escape and Ctrl-C leave the search as if there had been none, and stop nothing", () => {
    turn("thinking");
    draft.remember("run the tests");
    for (const key of ["\u001B", CTRL_C]) {
      press("half", CTRL_R, "run", key);
      expect([text(), interaction.state().search]).toEqual(["half", undefined]);
      press(CTRL_C);
    }
    expect(calls).toEqual([]);
  });

  it("any other key takes the line found, to be changed or walked on from", () => {
    for (const line of ["one", "two words", "three"]) draft.remember(line);
    press("draft", CTRL_R, "wo", "\u007F", "\u007F", "two", "\u001B[D", "!");
    expect(text()).toBe("two word!s");
    press(CTRL_C, "draft", CTRL_R, "two", DOWN);
    expect(text()).toBe("three");
    press(DOWN);
    expect(text()).toBe("draft");
  });

  it("keeps a line sent again once, at the end, and what earlier runs sent before it", () => {
    draft = new Draft([], 4);
    for (const line of ["a", "b", "a"]) draft.remember(line);
    draft.recall(["x", "y", "z", "b"]);
    expect(draft.history).toEqual(["y", "z", "b", "a"]);
    expect(new Draft(["a"], 0).history).toEqual([]);
  });
});

describe("mentions", () => {
  const files = (...names: string[]): CommandHint[] =>
    names.map((name) => ({ name: `@${name}`, label: name, summary: "" }));
  const list = () => interaction.state().completion?.items.map(({ label }) => label);
  /** What the conversation answers has come. */
  const answered = () => new Promise((resolve) => setImmediate(resolve));

  it("are listed as they are typed, wherever the cursor is, and Tab takes one in its place", async () => {
    known.set("@no", files("notes.md", "src/node.ts"));
    press("see  please", ...Array(7).fill("\u001B[D"), "@no");
    await answered();
    expect(list()).toEqual(["notes.md", "src/node.ts"]);
    press(DOWN, "\t");
    expect([text(), list()]).toEqual(["see @src/node.ts please", undefined]);
    expect(draft.cursor).toBe("see @src/node.ts ".length);
  });

  it("bring no escape code into the line, and neither does what the conversation writes there", async () => {
    known.set("@no", files("no\u001B[2Jtes.md"));
    press("@no");
    await answered();
    press("\t");
    interaction.write("say\u009B2J it");
    expect(text()).toBe("say2J it\n@no[2Jtes.md ");
  });

  it("go on into a folder that is taken, and Enter takes what is marked before it sends the line", async () => {
    known.set("@sr", files("src/"));
    known.set("@src/", files("src/a.ts"));
    press("@sr");
    await answered();
    press("\r");
    await answered();
    expect([text(), list()]).toEqual(["@src/", ["src/a.ts"]]);
    press("\r");
    expect([text(), list()]).toEqual(["@src/a.ts ", undefined]);
    press("\r");
    expect(calls).toEqual([["submit", "@src/a.ts "]]);
  });

  it("that are whole are sent with Enter though the list is open, and Escape closes it", async () => {
    known.set("@a.ts", files("a.ts", "aa.ts"));
    press("look at @a.ts");
    await answered();
    expect(list()).toEqual(["a.ts", "aa.ts"]);
    press("\r");
    expect(calls).toEqual([["submit", "look at @a.ts"]]);
    press("@a.ts");
    await answered();
    press("\u001B");
    expect([text(), list()]).toEqual(["@a.ts", undefined]);
  });

  it("are not taken from a list that came for other letters, nor is a late list shown", async () => {
    known.set("@n", files("never"));
    press("@n");
    await answered();
    press("o", "\t");
    expect(text()).toBe("@no");
    await answered();
    expect(list()).toBeUndefined();
    press("@n".slice(1));
    press(CTRL_C);
    await answered();
    expect(list()).toBeUndefined();
  });

  it("take the place of the path of an image that is pasted alone, as when it is dropped, and of nothing else", () => {
    const paste = (pasted: string) => press(`\u001B[200~${pasted}\u001B[201~`);
    press("see ");
    paste("/tmp/a\\ b.png\n");
    paste("'~/c.JPG'");
    expect(text()).toBe('see @"/tmp/a b.png" @~/c.JPG ');
    press(CTRL_C, "x");
    paste("/tmp/a.png");
    press(" ");
    paste("/tmp/notes.md");
    press(" ");
    paste("look at /tmp/a.png");
    expect(text()).toBe("x/tmp/a.png /tmp/notes.md look at /tmp/a.png");
  });

  it("are none in a mail address or a command", async () => {
    known.set("@example", files("example"));
    press("me@example");
    await answered();
    expect(list()).toBeUndefined();
    press(CTRL_C, "/resource @example");
    await answered();
    expect(list()).toBeUndefined();
  });
});

describe("leaving and stopping", () => {
  it("Ctrl-C clears the line first, then says how to leave, then leaves", () => {
    press("text", CTRL_C);
    expect([text(), interaction.state().leaving]).toEqual(["", false]);
    press(CTRL_C);
    expect([interaction.state().leaving, calls]).toEqual([true, []]);
    press(CTRL_C);
    expect(calls).toEqual([["quit"]]);
  });

  it("Ctrl-C stops a running turn and does not leave", () => {
    turn("thinking");
    press(CTRL_C, CTRL_C);
    expect(calls).toEqual([["cancel"], ["cancel"]]);
    expect(interaction.state().leaving).toBe(false);
  });

  it("any other key, or three seconds, and Ctrl-C has to be pressed twice again", () => {
    press(CTRL_C, "x", "\u007F");
    expect(interaction.state().leaving).toBe(false);
    press(CTRL_C);
    clock.advance(3_000);
    press(CTRL_C);
    expect(calls).toEqual([]);
  });

  it("Ctrl-D leaves at an empty line and deletes in a full one", () => {
    press("ab", "\u001B[D", CTRL_D);
    expect([text(), calls]).toEqual(["a", []]);
    press("\u007F", CTRL_D);
    expect(calls).toEqual([["quit"]]);
  });

  it("Escape stops the turn, and with a question open dismisses that first", () => {
    turn("waiting-for-you");
    ask(approval);
    press("\u001B");
    expect(calls).toEqual([["answer", "q", { kind: "dismissed" }]]);
    press("\u001B");
    expect(calls.at(-1)).toEqual(["cancel"]);
  });

  it("Escape twice clears the line, which Ctrl-Y and undo bring back; once does nothing", () => {
    press("half a thought", "\u001B");
    expect([text(), interaction.state().clearing]).toEqual(["half a thought", true]);
    press("!", "\u001B");
    clock.advance(3_000);
    press("\u001B");
    expect(text()).toBe("half a thought!");
    press("\u001B");
    expect([text(), interaction.state().clearing]).toEqual(["", false]);
    press("\u001F");
    expect(text()).toBe("half a thought!");
    press("\u001B", "\u001B", "\u0019");
    expect([text(), calls]).toEqual(["half a thought!", []]);
  });

  it("Ctrl-Z suspends, Ctrl-G and Ctrl-X Ctrl-E edit elsewhere, and what comes back can be undone", () => {
    press("draft", "\u001A", "\u0007", "\u0018", "\u0005");
    expect(calls).toEqual([["suspend"], ["edit outside"], ["edit outside"]]);
    interaction.rewrite("written in an editor");
    press("\u0018", "\u0015");
    expect(text()).toBe("draft");
    press("\u0018", "y");
    expect(text()).toBe("drafty");
  });

  it("Ctrl-L paints the screen anew", () => {
    press("\u000C");
    expect(calls).toEqual([["repaint"]]);
  });
});

describe("an approval", () => {
  it.each([
    ["y", "once"],
    ["s", "session"],
    ["a", "always"],
    ["n", "deny"],
    ["Y", "once"],
    ["\r", "once"],
    [`${RIGHT}\r`, "session"],
    [`${RIGHT}${RIGHT}\r`, "always"],
    [`${RIGHT}${RIGHT}${RIGHT}\r`, "deny"],
  ])("is answered by %j: %s", (bytes, decision) => {
    ask(approval);
    press(bytes);
    expect(calls).toEqual([["answer", "q", { kind: "approval", decision }]]);
  });

  it("takes a pattern that the user may change, and lets them go back", () => {
    ask({ ...approval, pattern: "t.*" });
    press("p", "\u001B");
    expect([calls, interaction.state().wording]).toEqual([[], undefined]);
    press("p", "\u007F", "read_*", "\r");
    expect(calls).toEqual([["answer", "q", { kind: "approval", decision: "pattern", pattern: "t.read_*" }]]);
  });

  it("takes a no with a reason, in which every key is a letter", () => {
    ask(approval);
    press("p", "\u0015");
    press("\t", "r", "yes, but only in src", "\r");
    expect(calls).toEqual([["answer", "q", { kind: "approval", decision: "deny", reason: "yes, but only in src" }]]);
  });

  it("never takes a key from who is in the middle of a sentence", () => {
    press("I sa");
    ask(approval);
    press("y n a\r");
    expect(calls).toEqual([["submit", "I say n a"]]);
  });

  it("Tab goes to the input and back", () => {
    ask(approval);
    press("\t", "y");
    expect([text(), calls]).toEqual(["y", []]);
    press("\t", "y");
    expect(calls).toEqual([["answer", "q", { kind: "approval", decision: "once" }]]);
  });

  it("any other text is a message", () => {
    ask(approval);
    press("wait", "\r");
    expect(calls).toEqual([["submit", "wait"]]);
    press("n");
    expect(calls.at(-1)).toEqual(["answer", "q", { kind: "approval", decision: "deny" }]);
  });
});

describe("what waits to be sent", () => {
  const queue = (...queued: string[]): void => store.apply({ type: "status", status: { ...idle, queued } });

  it("comes back with Up on an empty line, before the history does", () => {
    queue("first", "second");
    press(UP);
    expect([calls, text()]).toEqual([[["takeBack"]], ""]);
    interaction.write("second");
    press(" and more", "\r");
    expect(calls.at(-1)).toEqual(["submit", "second and more"]);
    queue();
    press(UP);
    expect(text()).toBe("second and more");
  });

  it("does not take the place of what is being written", () => {
    press("half a line");
    interaction.write("queued");
    expect(text()).toBe("queued\nhalf a line");
  });
});

describe("a form", () => {
  const form: Question = {
    id: "f",
    kind: "form",
    title: "Book",
    values: {},
    schema: {
      required: ["name"],
      properties: { name: { type: "string" }, area: { enum: ["in", "out"] }, vegan: { type: "boolean" } },
    },
  };

  it("that is half filled in is so still on the screen that comes after a crash", () => {
    ask(form);
    press("Ad");
    const at = interaction.state().form;
    interaction.stop();
    interaction = makeInteraction();
    interaction.follow();
    expect(interaction.state().form).toEqual(at);
    ask({ ...form, id: "g" });
    expect(interaction.state().form).not.toEqual(at);
  });

  it("is filled in with the keys of a line and sent by Enter in its last field", () => {
    ask(form);
    press("Adam", "\u007F", "\r", RIGHT, RIGHT, "\t", " ", "\r");
    expect(calls).toEqual([["answer", "f", { kind: "form", values: { name: "Ada", area: "out", vegan: true } }]]);
  });

  it("goes to what is missing instead of being sent", () => {
    ask(form);
    press("\t", "\t", "\r");
    expect(calls).toEqual([]);
    expect(interaction.state().form).toMatchObject({ at: 0, error: { text: "name is required" } });
  });

  it("Shift-Tab goes back, Tab past the end goes to the input, Escape dismisses", () => {
    ask(form);
    press("\t", SHIFT_TAB, "x");
    expect(interaction.state().form?.entered[0]).toMatchObject({ editor: { text: "x" } });
    press("\t", "\t", "\t", "typed");
    expect(text()).toBe("typed");
    press("\u001B");
    expect(calls).toEqual([["answer", "f", { kind: "dismissed" }]]);
  });
});

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("Tab in the line of a command", () => {
  const hints = (...names: string[]): CommandHint[] => names.map((name) => ({ name, summary: "" }));

  it("lists what it may go on as, and takes the one that is marked", async () => {
    known.set("/prompt a.p city=", hints("prompt a.p city=Oslo", "prompt a.p city=Rome"));
    press("/prompt a.p city=", "\t");
    await settled();
    expect(interaction.state().completion?.items.map(({ name }) => name)).toEqual([
      "prompt a.p city=Oslo",
      "prompt a.p city=Rome",
    ]);
    press("\u001B[B", "\t");
    expect([text(), interaction.state().completion]).toEqual(["/prompt a.p city=Rome ", undefined]);
  });

  it("takes the only one at once, ready for what an argument is to hold", async () => {
    known.set("/prompt a.p c", hints("prompt a.p city="));
    press("/prompt a.p c", "\t");
    await settled();
    expect(text()).toBe("/prompt a.p city=");
  });

  it("does nothing to a line that was changed before the answer came", async () => {
    known.set("/prompt a", hints("prompt a.p"));
    press("/prompt a", "\t", "b");
    await settled();
    expect([text(), interaction.state().completion]).toEqual(["/prompt ab", undefined]);
  });
});

describe("what a server asks", () => {
  const form: Question = {
    id: "f",
    kind: "form",
    title: "demo asks: order",
    canDecline: true,
    schema: {
      properties: {
        toppings: {
          type: "array",
          minItems: 1,
          maxItems: 2,
          items: { anyOf: ["ham", "rice", "nuts"].map((name) => ({ const: name[0], title: name })) },
          default: ["h"],
        },
      },
      required: ["toppings"],
    },
    values: {},
  };

  it("may have several answers: Space marks, and too many are refused", () => {
    ask(form);
    press("\u001B[C", " ", "\u001B[C", " ", "\r");
    expect(interaction.state().form?.error?.text).toBe("toppings takes at most 2");
    press("h", " ", "\r");
    expect(calls).toEqual([["answer", "f", { kind: "form", values: { toppings: ["r", "n"] } }]]);
  });

  it("can be declined, which is not the same as dismissed", () => {
    ask(form);
    press("\u0018");
    ask({ ...form, id: "g" });
    press("\u001B");
    expect(calls).toEqual([
      ["answer", "f", { kind: "declined" }],
      ["answer", "g", { kind: "dismissed" }],
    ]);
  });

  it("is consented to once or denied, and always only where that was offered", () => {
    const consent: Question = { id: "c", kind: "consent", title: "Open x?", description: "", details: { host: "x" } };
    ask(consent);
    press("\u001B[C", "\u001B[C", "\r");
    expect(calls).toEqual([["answer", "c", { kind: "approval", decision: "deny" }]]);
    ask({ ...consent, id: "d" });
    press("a");
    expect([calls.length, text()]).toEqual([1, "a"]); // no answer: it is written
    press("\u007F", "\t", "y");
    ask({ ...consent, id: "e", always: "Always for this server now" });
    press("a");
    expect(calls.slice(1)).toEqual([
      ["answer", "d", { kind: "approval", decision: "once" }],
      ["answer", "e", { kind: "approval", decision: "always" }],
    ]);
  });
});
