import { beforeEach, describe, expect, it } from "vitest";
import type { ChatEvent, ChatSnapshot, ToolCallView, TranscriptItem } from "../../src/chat/events.js";
import { type Entry, entryLines } from "../../src/ui/entries.js";
import { Printed } from "../../src/ui/printed.js";
import { createTheme } from "../../src/ui/theme.js";
import { GATHER_MS, RESUMED_ITEMS, ViewStore } from "../../src/ui/view-store.js";
import { ManualClock } from "./support/manual-clock.js";
import { idle, snapshot } from "./support/samples.js";

const theme = createTheme({ colour: 0, styles: false });

let clock: ManualClock;
let printed: Printed;
let store: ViewStore;
let shows: number;

beforeEach(() => {
  clock = new ManualClock();
  printed = new Printed();
  store = makeStore();
});

function makeStore(): ViewStore {
  const made = new ViewStore({ theme, printed, clock });
  shows = 0;
  made.subscribe(() => {
    shows++;
  });
  return made;
}

const assistant = (
  id: string,
  text: string,
  status: "streaming" | "complete" | "interrupted" = "streaming",
): TranscriptItem => ({
  kind: "assistant",
  id,
  model: "m",
  text,
  status,
});
const tool = (id: string, status: ToolCallView["status"], more: Partial<ToolCallView> = {}): TranscriptItem => ({
  kind: "tool",
  id,
  call: { id, name: "files.read", arguments: {}, status, ...more },
});
const notice = (id: string, text: string): TranscriptItem => ({ kind: "notice", id, level: "info", text });
const item = (it: TranscriptItem): void => store.apply({ type: "item", item: it });
const update = (it: TranscriptItem): void => store.apply({ type: "update", item: it });
const delta = (id: string, text: string): void => store.apply({ type: "delta", id, text });

/** What would stand on the screen, without blank lines. */
function transcript(entries: readonly Entry[] = store.view().entries): string[] {
  return entries.flatMap((entry) => entryLines(entry, 80, theme)).filter((line) => line !== "");
}

describe("what a model thought", () => {
  const thoughtful: TranscriptItem = {
    kind: "assistant",
    id: "a",
    model: "m",
    thinking: "one two three",
    text: "Hello.",
    status: "complete",
  };
  const folded = "⋮ thought in 3 words; /thinking shows the last thoughts";

  it("is one line before the answer, once, also for a screen that comes back", () => {
    item({ ...thoughtful, text: "", status: "streaming" });
    delta("a", "Hel");
    update({ ...thoughtful, text: "Hello.", status: "complete" });
    expect(transcript()).toEqual([folded, "● Hello."]);
    store.load(snapshot([thoughtful]));
    expect(transcript()).toEqual([folded, "● Hello."]);
  });

  it("stands alone before tool calls without a word", () => {
    item({ ...thoughtful, text: "" });
    item(tool("t", "done"));
    expect(transcript()[0]).toBe(folded);
    expect(transcript()[1]).toContain("files.read");
  });
});

describe("what streams", () => {
  it("is gathered and shown every 50 ms, however many pieces it comes in", () => {
    item(assistant("a", ""));
    shows = 0;
    for (let turn = 0; turn < 100; turn++) delta("a", "word ");
    expect(shows).toBe(0);
    clock.advance(GATHER_MS);
    expect(shows).toBe(1);
    expect(store.view().tail?.text).toContain("word word");
  });

  it("is shown at once with anything that is no delta", () => {
    item(assistant("a", ""));
    delta("a", "text");
    shows = 0;
    store.apply({ type: "status", status: idle });
    expect(shows).toBe(1);
    expect(store.view().tail?.text).toBe("text");
    clock.advance(1_000);
    expect(shows).toBe(1);
  });

  it("moves block by block from the tail to the transcript and is whole at the end", () => {
    item(assistant("a", ""));
    const text = "# Title\n\none\ntwo\n\n```ts\nlet a;\n\nlet b;\n```\nlast";
    for (const character of text) delta("a", character);
    clock.advance(GATHER_MS);
    expect(transcript()).toEqual(["● Title", "  one two", "  ts", "    let a;", "    let b;"]);
    expect(store.view().tail).toMatchObject({ text: "last", mark: false });
    update(assistant("a", text, "complete"));
    expect(transcript().at(-1)).toBe("  last");
    expect(store.view().tail).toBeUndefined();
  });

  it("waits while the terminal is behind", () => {
    let busy = true;
    store = new ViewStore({ theme, printed, clock, busy: () => busy });
    item(assistant("a", ""));
    delta("a", "text");
    clock.advance(GATHER_MS * 3);
    expect(store.view().tail).toBeUndefined();
    busy = false;
    clock.advance(GATHER_MS);
    expect(store.view().tail?.text).toBe("text");
  });

  it("takes what the closing update adds, and shows an answer that was begun anew whole", () => {
    item(assistant("a", ""));
    delta("a", "one\n\ntw");
    update(assistant("a", "one\n\ntwo three", "complete"));
    expect(transcript()).toEqual(["● one", "  two three"]);
    item(assistant("b", ""));
    delta("b", "first try\n\nmore");
    update(assistant("b", "another answer", "complete"));
    expect(transcript().slice(2)).toEqual(["● first try", "! interrupted; the answer begins anew", "● another answer"]);
  });

  it("goes on under what is printed when an answer is written again in the same words, also when it is cut off twice", () => {
    item(assistant("a", ""));
    delta("a", "one\n\ntwo thr");
    update(assistant("a", ""));
    delta("a", "one\n");
    update(assistant("a", "o"));
    delta("a", "ne\n\ntwo three fo");
    expect(transcript()).toEqual(["● one"]);
    expect(store.view().tail?.text).toBe(undefined); // gathered
    clock.advance(GATHER_MS);
    expect(store.view().tail?.text).toBe("two three fo");
    update(assistant("a", "one\n\ntwo three four", "complete"));
    expect(transcript()).toEqual(["● one", "  two three four"]);
  });

  it("says that an answer written again is another one, and shows it whole", () => {
    item(assistant("a", ""));
    delta("a", "one\n\ntwo");
    update(assistant("a", ""));
    for (const text of ["on", "ce\n\nthree"]) delta("a", text);
    update(assistant("a", "once\n\nthree", "complete"));
    expect(transcript()).toEqual(["● one", "! interrupted; the answer begins anew", "● once", "  three"]);
  });

  it("says when an answer was interrupted", () => {
    item(assistant("a", ""));
    delta("a", "half a sen");
    update(assistant("a", "half a sen", "interrupted"));
    expect(transcript()).toEqual(["● half a sen", "! interrupted"]);
  });
});

describe("order", () => {
  it("what the model said stands before the tool it calls, though its message is still open", () => {
    item(assistant("a", ""));
    delta("a", "I will look");
    item(tool("t", "running"));
    expect(transcript()).toEqual(["● I will look"]);
    expect(store.view().calls).toHaveLength(1);
    update(tool("t", "done", { result: "42" }));
    expect(transcript()).toEqual(["● I will look", "  ✓ files.read", "    42"]);
    expect(store.view().calls).toEqual([]);
  });

  it("a notice does not tear a code block apart: it waits for its end", () => {
    item(assistant("a", ""));
    delta("a", "```\none\ntwo");
    item(notice("n", "a server came back"));
    expect(transcript()).toEqual(["●   one"]);
    delta("a", "\nthree");
    clock.advance(GATHER_MS);
    expect(transcript()).toEqual(["●   one", "    two"]);
    delta("a", "\n```\n");
    clock.advance(GATHER_MS);
    expect(transcript()).toEqual(["●   one", "    two", "    three", "· a server came back"]);
  });

  it("tools of one turn that end in another order are printed as they end", () => {
    item(tool("t1", "running"));
    item(tool("t2", "running"));
    update(tool("t2", "failed", { result: "no" }));
    update(tool("t1", "done"));
    expect(transcript()).toEqual(["  ✗ files.read", "    no", "  ✓ files.read"]);
  });
});

describe("progress", () => {
  it("has a rate once there are two reports to tell, and does not redraw for each", () => {
    item(tool("t", "running", { progress: { value: 0, total: 100 } }));
    shows = 0;
    for (let value = 1; value <= 50; value++) {
      clock.advance(10);
      update(tool("t", "running", { progress: { value, total: 100 } }));
    }
    clock.advance(GATHER_MS);
    expect(shows).toBeLessThan(20);
    expect(store.view().calls[0]?.rate).toBeCloseTo(100, 0);
  });
});

describe("a conversation that comes back", () => {
  const items = [
    { kind: "user", id: "u", text: "hello" } as const,
    assistant("a", "one\n\ntwo", "complete"),
    notice("n", "note"),
  ];

  it("prints nothing twice when it is subscribed to again", () => {
    store.load(snapshot(items));
    const before = transcript();
    store.lost();
    expect(store.view().connected).toBe(false);
    store.load(snapshot([...items, notice("n2", "new")]));
    expect(transcript()).toEqual([...before, "· new"]);
    expect(store.view().connected).toBe(true);
  });

  it("goes on with an answer that was streaming, and closes one that is gone", () => {
    item(assistant("a", ""));
    delta("a", "one\n\ntwo");
    store.lost();
    store.load(snapshot([assistant("a", "one\n\ntwo and more\n\nthree", "complete")]));
    expect(transcript()).toEqual(["● one", "  two and more", "  three"]);
    item(assistant("b", ""));
    delta("b", "lost");
    store.load(snapshot([]));
    expect(store.view().tail).toBeUndefined();
    expect(transcript().at(-1)).toBe("● lost");
  });

  it("a fresh screen prints only what its predecessor had not, down to the line of a code block", () => {
    const text = "one\n\n```\na\nb\nc\nd\n```\n\nend";
    item(assistant("x", ""));
    delta("x", text.slice(0, text.indexOf("c")));
    clock.advance(GATHER_MS);
    const first = transcript();
    store = makeStore();
    store.load(snapshot([...items, assistant("x", text, "complete")]));
    const second = transcript();
    expect(first).toEqual(["● one", "    a", "    b"]);
    expect(second).toEqual(["› hello", "● one", "  two", "· note", "    c", "    d", "  end"]);
  });

  it("paints only the last entries of a long one, with a word about the rest, and still knows the rest", () => {
    const many = Array.from({ length: 1_000 }, (_, index) => notice(`n${index}`, `entry ${index}`));
    store.load(snapshot(many));
    const lines = transcript();
    expect(lines[0]).toBe(`⋮ ${1_000 - RESUMED_ITEMS} earlier entries are not painted here`);
    expect(lines.slice(1)).toEqual(
      many.slice(-RESUMED_ITEMS).map((_, index) => `· entry ${1_000 - RESUMED_ITEMS + index}`),
    );
    store.load(snapshot(many));
    expect(transcript()).toEqual(lines);
  });

  it("another session takes the place of this one", () => {
    let wiped = 0;
    store.onClear = () => {
      wiped++;
    };
    store.load(snapshot(items));
    store.load({ ...snapshot([notice("other", "other session")]), sessionId: "s2" });
    expect(wiped).toBe(1);
    expect(transcript()).toEqual(["· other session"]);
  });
});

describe("the page", () => {
  it("is wiped when the conversation is cleared", () => {
    let wiped = 0;
    store.onClear = () => {
      wiped++;
    };
    item(notice("n", "before"));
    item(assistant("a", "streaming"));
    store.apply({ type: "cleared" });
    expect([wiped, store.view().entries, store.view().tail]).toEqual([1, [], undefined]);
  });

  it("painted anew holds its last entries, a code block in one piece", () => {
    for (let index = 0; index < 50; index++) item(notice(`n${index}`, `entry ${index}`));
    item(assistant("a", ""));
    delta("a", "```\n");
    for (let index = 0; index < 300; index++) {
      delta("a", `code ${index}\n`);
      clock.advance(GATHER_MS);
    }
    const code = Array.from({ length: 300 }, (_, index) => (index === 0 ? "●   code 0" : `    code ${index}`));
    store.newPage({ columns: 80, rows: 305 });
    expect(transcript()).toEqual(["· entry 46", "· entry 47", "· entry 48", "· entry 49", ...code]);
    // What is taller than the room is painted all the same where it is all there is to paint.
    store.newPage({ columns: 80, rows: 20 });
    expect(transcript()).toEqual(code);
  });

  it("is let go when it has grown long", () => {
    for (let index = 0; index < 2_000; index++) item(notice(`n${index}`, "x"));
    expect(store.pageIsFull).toBe(true);
    store.newPage();
    expect(store.view().entries).toEqual([]);
    item(notice("last", "goes on"));
    expect(transcript()).toEqual(["· goes on"]);
  });
});

describe("questions", () => {
  const question = { id: "q", kind: "approval", tool: "t", description: "", arguments: {} } as const;

  it("open and close, and a late close of another one changes nothing", () => {
    store.apply({ type: "question", question });
    expect(store.view().question).toBe(question);
    store.apply({ type: "question-closed", id: "other" });
    expect(store.view().question).toBe(question);
    store.apply({ type: "question-closed", id: "q" });
    expect(store.view().question).toBeUndefined();
  });

  it("events for what nobody knows are no reason to fall over", () => {
    const stray: ChatEvent[] = [
      { type: "delta", id: "nobody", text: "x" },
      { type: "question-closed", id: "nobody" },
      { type: "update", item: tool("late", "done") },
      { type: "idle" },
    ];
    for (const event of stray) store.apply(event);
    expect(transcript()).toEqual(["  ✓ files.read"]);
  });
});

it("a snapshot brings question and status", () => {
  const full: ChatSnapshot = {
    ...snapshot([]),
    question: { id: "q", kind: "form", title: "t", schema: {}, values: {} },
  };
  store.load(full);
  expect(store.view()).toMatchObject({ question: { id: "q" }, status: { model: "offline" } });
});
