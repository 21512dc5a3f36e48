import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Answer, ChatStatus, ToolCallView } from "../../src/chat/events.js";
import { loadHighlighter } from "../../src/ui/code.js";
import { Draft } from "../../src/ui/draft.js";
import { Screen } from "../../src/ui/screen.js";
import { createTheme, type Theme } from "../../src/ui/theme.js";
import { RESUMED_ITEMS } from "../../src/ui/view-store.js";
import { HeadlessTerminal } from "./support/headless.js";
import { idle, snapshot } from "./support/samples.js";

beforeAll(loadHighlighter);

const WIPES = /\u001B\[[23]J/;
const open: Screen[] = [];
afterEach(() => {
  for (const screen of open.splice(0)) screen.stop();
});

interface Started {
  readonly terminal: HeadlessTerminal;
  readonly screen: Screen;
  readonly said: unknown[];
}

function start(
  columns = 80,
  rows = 24,
  theme: Theme = createTheme(),
  draft = new Draft(),
  before: readonly string[] = [],
): Started {
  const terminal = new HeadlessTerminal(columns, rows);
  for (const line of before) terminal.stdout.write(`${line}\r\n`);
  const said: unknown[] = [];
  const screen = new Screen({
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    theme,
    draft,
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
  open.push(screen);
  screen.start();
  screen.store.load(snapshot([]));
  return { terminal, screen, said };
}

const status = (turn: ChatStatus["turn"]) => ({ type: "status", status: { ...idle, turn } }) as const;

/** 300 lines of Markdown, each with a mark of its own, and a code block of 120 lines in the middle. */
function longAnswer(): { text: string; marks: string[] } {
  const marks: string[] = [];
  const mark = (): string => {
    marks.push(`mark${marks.length}.`);
    return marks.at(-1) ?? "";
  };
  const parts: string[] = [];
  for (let part = 0; part < 15; part++) {
    parts.push(`## Part ${mark()}`, "", `A **paragraph** with \`code\` ${mark()}`, "");
    for (let row = 0; row < 4; row++) parts.push(`- item ${mark()} 漢字`);
    parts.push("", "| a | b |", "|---|---|", `| ${mark()} | x |`, `| ${mark()} | y |`, "");
    if (part !== 7) continue;
    parts.push("```ts");
    for (let row = 0; row < 120; row++)
      parts.push(
        row % 10 === 9
          ? `/* ${mark()}`
          : row % 10 === 0
            ? `*/ const a${row} = "${mark()}";`
            : `call(${row}); // ${mark()}`,
        "",
      );
    parts.push("```", "");
  }
  return { text: parts.join("\n"), marks };
}

async function stream({ screen, terminal }: Started, text: string, size: number): Promise<void> {
  screen.store.apply({ type: "item", item: { kind: "assistant", id: "a", model: "m", text: "", status: "streaming" } });
  screen.store.apply(status("answering"));
  for (let at = 0; at < text.length; at += size) {
    screen.store.apply({ type: "delta", id: "a", text: text.slice(at, at + size) });
    if ((at / size) % 8 === 7) await new Promise((done) => setTimeout(done, 5));
  }
  screen.store.apply({ type: "update", item: { kind: "assistant", id: "a", model: "m", text, status: "complete" } });
  screen.store.apply(status("idle"));
  await terminal.hides("answering");
}

describe("streaming", () => {
  it.each([
    [80, 24],
    [40, 10],
    [200, 50],
  ])(
    "300 lines with a long code block on %i by %i: no line lost, none doubled, in order, and the screen is never wiped",
    async (columns, rows) => {
      const started = start(columns, rows);
      const { text, marks } = longAnswer();
      await stream(started, text, 17);
      const shown = started.terminal.text();
      expect(shown.match(/mark\d+\./g)).toEqual(marks);
      expect(started.terminal.bytes).not.toMatch(WIPES);
      expect(started.said).toEqual([]);
    },
  );

  it("leaves above it what was on the terminal before", async () => {
    const started = start();
    const terminal = new HeadlessTerminal();
    terminal.stdout.write("$ ls\r\nREADME.md\r\n$ banyan\r\n");
    await stream(started, longAnswer().text, 40);
    terminal.stdout.write(started.terminal.bytes);
    await terminal.settled();
    expect(terminal.lines().slice(0, 3)).toEqual(["$ ls", "README.md", "$ banyan"]);
  });

  it("keeps long lines of code whole: the terminal wraps them, and they can be copied as one", async () => {
    const started = start(40, 12);
    const line = `const text = "${"abc ".repeat(30)}";`;
    await stream(started, `\`\`\`ts\n${line}\n\`\`\`\n\ndone`, 9);
    expect(started.terminal.text()).toContain(line);
  });

  it("redraws only what changed: the whole answer costs little more than its own length", async () => {
    const started = start(100, 30);
    const { text } = longAnswer();
    await stream(started, text, 12);
    expect(started.terminal.bytes.length).toBeLessThan(text.length * 12);
  });
});

describe("a resize", () => {
  const shell = Array.from({ length: 30 }, (_, index) => `$ command ${index}`);

  it.each([
    [[[60, 20]]],
    [[[120, 30]]],
    [
      [
        [60, 20],
        [40, 20],
        [100, 24],
      ],
    ],
    [[[41, 9]]],
  ])(
    "to %j leaves every line that was there, the shell's and the conversation's, once and in order, and goes on",
    async (sizes) => {
      const started = start(80, 24, createTheme(), new Draft(), shell);
      const { terminal, screen } = started;
      const { text, marks } = longAnswer();
      await stream(started, text, 50);
      for (const [columns = 80, rows = 24] of sizes) terminal.resize(columns, rows);
      screen.store.notice("info", "still here");
      await terminal.shows("still here");
      terminal.type("typed");
      await terminal.shows("› typed");
      expect(terminal.bytes).not.toMatch(WIPES);
      expect(terminal.lines().filter((line) => line.startsWith("$ "))).toEqual(shell);
      expect(terminal.text().match(/mark\d+\./g)).toEqual(marks);
      // Of the live part nothing is left above.
      expect(terminal.text().match(/offline · /g)).toHaveLength(1);
      expect(terminal.lines().filter((line) => /^─+$/.test(line))).toHaveLength(1);
      expect(started.said).toEqual([]);
    },
  );

  it("in the middle of an answer loses nothing of it and doubles nothing", async () => {
    const { terminal, screen } = start(80, 24, createTheme(), new Draft(), shell);
    const { text, marks } = longAnswer();
    const half = Math.floor(text.length / 2);
    screen.store.apply({
      type: "item",
      item: { kind: "assistant", id: "a", model: "m", text: text.slice(0, half), status: "streaming" },
    });
    await terminal.shows("Part");
    terminal.resize(50, 30);
    for (let at = half; at < text.length; at += 400) {
      screen.store.apply({ type: "delta", id: "a", text: text.slice(at, at + 400) });
    }
    screen.store.apply({ type: "update", item: { kind: "assistant", id: "a", model: "m", text, status: "complete" } });
    await terminal.shows(marks.at(-1) ?? "");
    await terminal.settled();
    expect(terminal.text().match(/mark\d+\./g)).toEqual(marks);
    expect(terminal.lines().filter((line) => line.startsWith("$ "))).toEqual(shell);
    expect(terminal.bytes).not.toMatch(WIPES);
  });

  it("to fewer rows keeps what is under the cursor, and the cursor where one types", async () => {
    const { terminal, screen } = start(80, 24);
    for (let index = 0; index < 30; index++) screen.store.notice("info", `note ${index}`);
    await terminal.shows("note 29");
    terminal.type("one\ntwo\n漢字 x\u001B[D");
    await terminal.shows("漢字 x");
    terminal.resize(80, 12);
    await terminal.shows(/› one\n {2}two\n {2}漢字 x\n {2}1 server down/);
    await terminal.settled();
    expect(terminal.cursor()).toBe("  漢字 |x");
    expect(terminal.bytes).not.toMatch(WIPES);
  });

  it("of the height alone wipes nothing", async () => {
    const { terminal, screen } = start(80, 24);
    screen.store.notice("info", "a word");
    await terminal.shows("a word");
    terminal.resize(80, 40);
    screen.store.notice("info", "another");
    await terminal.shows("another");
    expect(terminal.bytes).not.toMatch(WIPES);
  });
});

describe("what is on the screen", () => {
  const running = (more: Partial<ToolCallView>) =>
    ({
      kind: "tool",
      id: "t",
      call: { id: "t", name: "demo.count", arguments: { to: 9 }, status: "running", ...more },
    }) as const;

  it("a tool card runs with its progress and ends as a line of the transcript", async () => {
    const { terminal, screen } = start();
    screen.store.apply(status("running-tools"));
    screen.store.apply({ type: "item", item: running({ progress: { value: 3, total: 9, message: "counting" } }) });
    await terminal.shows(/━+─+ {2}33% {2}counting/);
    screen.store.apply({ type: "update", item: running({ status: "done", result: "counted", durationMs: 900 }) });
    screen.store.apply(status("idle"));
    await terminal.shows(/✓ demo\.count {2}to=9 {2}900 ms\n {4}counted/);
    await terminal.hides("33%");
  });

  it("an approval is answered with one key, seen and gone", async () => {
    const { terminal, screen, said } = start();
    screen.store.apply({
      type: "question",
      question: {
        id: "q",
        kind: "approval",
        tool: "files.write",
        description: "Writes.",
        arguments: { path: "a.txt" },
      },
    });
    await terminal.shows('path  "a.txt"');
    terminal.type("a");
    await terminal.hides("Run files.write?");
    expect(said).toEqual([{ kind: "approval", decision: "always" }]);
  });

  it("a form is filled in and sent", async () => {
    const { terminal, screen, said } = start();
    screen.store.apply({
      type: "question",
      question: {
        id: "q",
        kind: "form",
        title: "Who?",
        values: {},
        schema: { required: ["name"], properties: { name: { type: "string" }, age: { type: "integer" } } },
      },
    });
    await terminal.shows("› name *");
    terminal.type("\r\r");
    await terminal.shows("name is required");
    terminal.type("Ada\t36\r");
    await terminal.hides("Who?");
    expect(said).toEqual([{ kind: "form", values: { name: "Ada", age: 36 } }]);
  });

  it("typing is drawn, commands are completed, and Enter sends", async () => {
    const { terminal, screen, said } = start();
    screen.store.apply({ type: "commands", commands: [{ name: "help", summary: "what there is" }] });
    terminal.type("/h");
    await terminal.shows("/help  what there is");
    terminal.type("\t");
    await terminal.hides("what there is");
    terminal.type("\u001B[200~me\nplease\u001B[201~");
    await terminal.shows(/› \/help me\n {2}please/);
    terminal.type("\r");
    await terminal.hides("please");
    expect(said).toEqual(["/help me\nplease"]);
  });

  it("a long conversation that is resumed shows its last entries and a word about the others", async () => {
    const { terminal, screen } = start();
    const items = Array.from(
      { length: 1_000 },
      (_, index) => ({ kind: "user", id: `u${index}`, text: `message ${index}.` }) as const,
    );
    screen.store.load(snapshot(items));
    await terminal.shows("message 999.");
    const shown = terminal.text();
    expect(shown.match(/message \d+\./g)).toHaveLength(RESUMED_ITEMS);
    expect(shown).toContain(`${1_000 - RESUMED_ITEMS} earlier entries are not painted here`);
  });

  it("goes on after thousands of entries, whose memory is let go", async () => {
    const { terminal, screen } = start(60, 12);
    for (let index = 0; index < 4_500; index++) {
      screen.store.apply({
        type: "item",
        item: { kind: "notice", id: `n${index}`, level: "info", text: `note ${index}.` },
      });
      if (index % 500 === 499) await terminal.shows(`note ${index}.`);
    }
    expect(terminal.text().match(/note \d+\./g)).toHaveLength(4_500);
    expect(screen.store.view().entries.length).toBeLessThan(2_500);
    expect(terminal.bytes).not.toMatch(WIPES);
  });

  it("a cleared conversation leaves an empty screen that works, and what was on it in the scrollback", async () => {
    const { terminal, screen } = start();
    screen.store.notice("info", "before");
    await terminal.shows("before");
    screen.store.apply({ type: "cleared" });
    await terminal.hides("before");
    expect(terminal.text().match(/before/g)).toHaveLength(1);
    expect(terminal.bytes).not.toMatch(WIPES);
    screen.store.notice("info", "after");
    await terminal.shows("after");
  });

  it("with NO_COLOR has no colour in any byte", async () => {
    const started = start(80, 24, createTheme({ colour: 0 }));
    started.screen.store.notice("error", "an error");
    await stream(started, longAnswer().text, 60);
    expect(started.terminal.bytes).not.toMatch(/\u001B\[(?:3[0-8]|4[0-8]|9\d|10\d)(?:;|m)/);
    expect(started.terminal.text()).toContain("✗ an error");
  });

  it("without Unicode is ASCII, but for what others wrote", async () => {
    const { terminal, screen } = start(80, 24, createTheme({ unicode: false }));
    screen.store.apply({ type: "item", item: { kind: "user", id: "u", text: "hello" } });
    screen.store.apply({ type: "item", item: running({}) });
    await terminal.shows("> hello");
    await terminal.settled();
    expect(terminal.text()).toMatch(/^[\n -~]*$/);
  });
});

describe("the terminal's cursor", () => {
  it("is where one types, behind wide characters too, and hidden while a question has the keys", async () => {
    const { terminal, screen } = start();
    await terminal.until(() => terminal.cursor() === "› |Ask anything, / for commands", "the cursor at the hint");
    terminal.type("漢字 👨‍👩‍👧é\u001B[D");
    await terminal.until(() => terminal.cursor() === "› 漢字 👨‍👩‍👧|é", "the cursor in the line");
    terminal.type("\u0015\u000b");
    screen.store.apply({
      type: "question",
      question: { id: "q", kind: "approval", tool: "files.write", description: "", arguments: {} },
    });
    await terminal.until(() => terminal.cursor() === "hidden", "no cursor");
  });

  it("is behind what the history is searched for, and what was found is marked", async () => {
    const { terminal } = start(80, 24, createTheme(), new Draft(["Straße (a.b)", "other"]));
    terminal.type("\u0012SSE (A.");
    await terminal.until(() => terminal.cursor().startsWith("  search: SSE (A.|  nothing more"), "the cursor");
    terminal.type(`${"\u007F".repeat(7)}ße (A.`);
    await terminal.until(() => terminal.cursor().startsWith("  search: ße (A.|  Ctrl-R older"), "the cursor");
    await terminal.shows("› Straße (a.b)");
    expect(terminal.bytes).toContain("Stra\u001B[7mße (a.\u001B[27mb)");
  });

  it("is in the field of a form", async () => {
    const { terminal, screen } = start();
    const schema = { properties: { name: { type: "string" } } };
    screen.store.apply({ type: "question", question: { id: "q", kind: "form", title: "Who?", schema, values: {} } });
    await terminal.shows("› name");
    terminal.type("Ada\u001B[D");
    await terminal.until(() => terminal.cursor() === "│ › name  Ad|a", "the cursor in the field");
  });
});

describe("the terminal", () => {
  it("is given back as it was: raw mode and bracketed paste off, cursor on, the transcript kept, the live part gone", async () => {
    const { terminal, screen } = start();
    screen.store.notice("info", "a last word");
    await terminal.shows("Ask anything");
    expect(terminal.bytes).toContain("\u001B[?2004h");
    screen.stop();
    await terminal.settled();
    expect(terminal.raw).toEqual([true, false]);
    expect(terminal.bytes.lastIndexOf("\u001B[?2004l")).toBeGreaterThan(terminal.bytes.lastIndexOf("\u001B[?2004h"));
    expect(terminal.bytes.lastIndexOf("\u001B[?25h")).toBeGreaterThan(terminal.bytes.lastIndexOf("\u001B[?25l"));
    expect(terminal.text()).toContain("a last word");
    expect(terminal.text()).not.toContain("Ask anything");
    expect(terminal.stdin.listenerCount("data")).toBe(0);
    expect(terminal.stdout.listenerCount("resize")).toBe(0);
  });

  it("gets the last words of an answer even when the screen stops at once", async () => {
    const { terminal, screen } = start();
    screen.store.apply({
      type: "item",
      item: { kind: "assistant", id: "a", model: "m", text: "", status: "streaming" },
    });
    screen.store.apply({ type: "delta", id: "a", text: "the very\n\nlast" });
    screen.stop();
    await terminal.settled();
    expect(terminal.text()).toContain("the very");
  });

  it("that is gone makes the user leave", () => {
    const { terminal, said } = start();
    terminal.stdin.emit("end");
    expect(said).toEqual(["quit"]);
  });

  it("a half-typed escape sequence is waited for, a lone Escape is a key", async () => {
    const { terminal, screen, said } = start();
    screen.store.apply(status("thinking"));
    terminal.type("\u001B");
    terminal.type("[A");
    expect(said).toEqual([]);
    terminal.type("\u001B");
    const started = Date.now();
    while (said.length === 0 && Date.now() - started < 30_000) await new Promise((done) => setTimeout(done, 5));
    expect(said).toEqual(["cancel"]);
  });

  it("that can report keys in full is asked once something is typed, and is left as it was", async () => {
    const { terminal, screen, said } = start();
    expect(terminal.bytes).not.toMatch(/\u001B\[[?<>]\d*u/);
    terminal.type("a");
    terminal.type("\u001B[?0u");
    terminal.type("\u001B[13;2u");
    terminal.type("b");
    await terminal.shows(/› a\n {2}b/);
    screen.stop();
    expect(terminal.bytes.match(/\u001B\[[?<>]\d*u/g)).toEqual(["\u001B[?u", "\u001B[>1u", "\u001B[<u"]);
    expect(said).toEqual([]);
  });

  it("that does not answer is told nothing more", async () => {
    const { terminal, screen } = start();
    terminal.type("ab");
    await terminal.shows("› ab");
    screen.stop();
    expect(terminal.bytes.match(/\u001B\[[?<>]\d*u/g)).toEqual(["\u001B[?u"]);
  });

  it("bytes of a character that come apart are one character", async () => {
    const { terminal } = start();
    const bytes = Buffer.from("漢");
    terminal.stdin.emit("data", bytes.subarray(0, 2));
    terminal.stdin.emit("data", bytes.subarray(2));
    await terminal.shows("› 漢");
  });
});

it("an entry that cannot be drawn is told to the owner and leaves no stack on the terminal", async () => {
  const broken = createTheme();
  const theme = { ...broken, bold: (text: string) => (text.includes("poison") ? fail() : broken.bold(text)) };
  const { terminal, screen, said } = start(80, 24, theme);
  screen.store.apply({ type: "item", item: { kind: "user", id: "p", text: "poison" } });
  const started = Date.now();
  while (said.length === 0 && Date.now() - started < 30_000) await new Promise((done) => setTimeout(done, 5));
  expect(said[0]).toMatchObject({ message: "cannot draw this" });
  screen.stop();
  await terminal.settled();
  expect(terminal.text()).not.toContain("at ");
});

function fail(): never {
  throw new Error("cannot draw this");
}
