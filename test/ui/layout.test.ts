import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChatStatus, Question } from "../../src/chat/events.js";
import { formLines } from "../../src/ui/components/form-panel.js";
import { statusLine } from "../../src/ui/components/status-line.js";
import { finishedCardLines, liveCardLines } from "../../src/ui/components/tool-card.js";
import { EMPTY, startWith } from "../../src/ui/editor-state.js";
import { createForm } from "../../src/ui/form.js";
import type { InteractionState } from "../../src/ui/interaction-state.js";
import { liveLines } from "../../src/ui/layout.js";
import { width } from "../../src/ui/text.js";
import { createTheme } from "../../src/ui/theme.js";
import type { View } from "../../src/ui/view-store.js";
import { idle } from "./support/samples.js";

const theme = createTheme({ colour: 0, styles: false });
const now = 1_000_000;

const view: View = {
  entries: [],
  tail: undefined,
  calls: [],
  question: undefined,
  status: idle,
  commands: [],
  statusAt: now,
  turnSince: undefined,
  shown: { show_tokens: true, show_cost: true, show_timestamps: false },
  connected: true,
};
const state: InteractionState = {
  editor: EMPTY,
  mode: { conversation: "here", front: "input" },
  completion: undefined,
  search: undefined,
  choice: 0,
  scroll: 0,
  wording: undefined,
  form: undefined,
  leaving: false,
  clearing: false,
};
const asked = { conversation: "here", front: "question" } as const;

const call = (name: string, progress?: { value: number; total?: number; message?: string }) => ({
  call: {
    id: name,
    name,
    arguments: { path: "src/a b", deep: { x: [1, 2] } },
    status: "running" as const,
    ...(progress && { progress }),
  },
  since: now - 3_200,
  rate: 10,
});
const approval = (args: { [key: string]: unknown }): Question => ({
  id: "q",
  kind: "approval",
  tool: "files.write_file",
  description: "Writes a file. ".repeat(6),
  pattern: "files.*",
  arguments: args,
});
const form: Question = {
  id: "q",
  kind: "form",
  title: "A form with a long title that may need more than one line on a small terminal",
  values: {},
  schema: {
    properties: Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`field_${index}`, { type: "string" }])),
  },
};

describe("the live part", () => {
  const words = fc.array(
    fc.constantFrom("word", "漢字漢字", "averyveryverylongwordwithoutanybreak", "👨‍👩‍👧", "\n", "- x", "`code`"),
    { maxLength: 80 },
  );

  it("is always shorter than the terminal and never wider, whatever happens at once", () => {
    fc.assert(
      fc.property(
        fc.record({
          columns: fc.integer({ min: 20, max: 300 }),
          rows: fc.integer({ min: 4, max: 60 }),
          tail: fc.option(words.map((list) => list.join(" "))),
          code: fc.boolean(),
          calls: fc.integer({ min: 0, max: 12 }),
          question: fc.constantFrom(
            undefined,
            approval({}),
            approval({ a: "x".repeat(500), b: "l\n".repeat(90) }),
            form,
          ),
          typed: words.map((list) => list.join(" ")),
          focus: fc.constantFrom("input" as const, "question" as const),
          commands: fc.integer({ min: 0, max: 30 }),
          queued: fc.integer({ min: 0, max: 9 }),
        }),
        ({ columns, rows, tail, code, calls, question, typed, focus, commands, queued }) => {
          const items = Array.from({ length: commands }, (_, index) => ({
            name: `command-${index}`,
            summary: "does a lot ".repeat(9),
          }));
          const lines = liveLines(
            {
              ...view,
              tail:
                tail === null
                  ? undefined
                  : { id: "a", text: code ? tail.replaceAll("\n", " ") : tail, code, mark: true },
              calls: Array.from({ length: calls }, (_, index) =>
                call(`server.tool_${index}`, { value: index, total: 12, message: "m" }),
              ),
              question,
              status: {
                ...idle,
                turn: "running-tools",
                queued: Array.from({ length: queued }, () => "queued message ".repeat(9)),
              },
            },
            {
              ...state,
              editor: startWith(typed),
              mode: { conversation: "here", front: focus },
              form: question?.kind === "form" ? createForm(question.schema, {}) : undefined,
              completion: commands === 0 ? undefined : { items, selected: commands - 1, picked: false },
            },
            { columns, rows },
            theme,
            now,
          );
          expect(lines.length).toBeLessThan(rows);
          for (const line of lines) {
            expect(width(line)).toBeLessThanOrEqual(columns);
            expect(line).not.toContain("\n");
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("on 40 by 10 still has the question's place and choices, the input and the status", () => {
    const question = approval({ path: "a.txt", content: "x\n".repeat(40) });
    const lines = liveLines(
      { ...view, question, status: { ...idle, asking: { at: 1, of: 3 } } },
      { ...state, mode: asked },
      { columns: 40, rows: 10 },
      theme,
      now,
    );
    const text = lines.join("\n");
    expect(lines.length).toBeLessThan(10);
    expect(text).toContain("Run files.write_file? (1 of 3)");
    expect(text.match(/(?<=\S )[ysapnr](?=\s)/g)).toEqual(["y", "s", "a", "p", "n", "r"]);
    expect(text).toContain("of 42, PgUp PgDn");
    expect(text).toContain("offline");
  });

  it("shows at most 20 lines of a growing answer, the last ones", () => {
    const tail = {
      id: "a",
      text: Array.from({ length: 60 }, (_, index) => `- item ${index}`).join("\n"),
      code: false,
      mark: true,
    };
    const lines = liveLines({ ...view, tail }, state, { columns: 80, rows: 60 }, theme, now);
    expect(lines.filter((line) => line.includes("item"))).toHaveLength(20);
    expect(lines.join("\n")).toContain("item 59");
  });

  it("lists what waits to be sent", () => {
    const status: ChatStatus = { ...idle, turn: "answering", queued: ["first\nmessage", "second"] };
    const text = liveLines({ ...view, status }, state, { columns: 80, rows: 24 }, theme, now).join("\n");
    expect(text).toContain("⋮ first message\n⋮ second");
    expect(text).toContain("2 queued");
  });
});

describe("an approval", () => {
  it("shows what is invisible in the tool's name, so that no name passes for another", () => {
    const question: Question = { ...approval({}), tool: "files.re\u200Bad\u202Etxt\u001B[2J" } as Question;
    const shown = { ...state, mode: asked };
    const lines = liveLines({ ...view, question }, shown, { columns: 100, rows: 30 }, theme, now);
    expect(lines.join("\n")).toContain("Run files.re\\u{200b}ad\\u{202e}txt\\u{1b}[2J?");
  });

  it("shows every argument exactly, hidden characters written out, and hides none of it: all can be scrolled to", () => {
    const question = approval({
      path: "a\u202Etxt.exe",
      content: Array.from({ length: 30 }, (_, index) => `line ${index}`).join("\n"),
      mode: 420,
    });
    const seen = new Set<string>();
    for (let scroll = 0; scroll < 40; scroll++) {
      const lines = liveLines(
        { ...view, question },
        { ...state, mode: asked, scroll },
        { columns: 60, rows: 16 },
        theme,
        now,
      );
      for (const line of lines) seen.add(line);
    }
    const all = [...seen].join("\n");
    expect(all).toContain('"a\\u{202e}txt.exe"');
    for (let index = 0; index < 30; index++) expect(all).toContain(`line ${index}`);
    expect(all).toContain("mode     420");
  });
});

describe("a tool card", () => {
  it("shows progress with a bar, the share, the rate and what is left", () => {
    expect(liveCardLines(call("demo.count", { value: 30, total: 120, message: "leaves" }), 80, theme, now)).toEqual([
      '  ⠸ demo.count  path="src/a b" deep={"x":[1,2]}  3 s',
      "    ━━━━━━──────────────────  25%  10/s  9 s left  leaves",
    ]);
  });

  it("without a total shows the count", () => {
    expect(liveCardLines(call("demo.count", { value: 1_500 }), 80, theme, now)[1]).toBe("    1.5k  10/s");
  });

  it("when done shows how long it took and the first lines of the result", () => {
    const done = {
      id: "t",
      name: "files.list",
      arguments: {},
      status: "done" as const,
      durationMs: 1_240,
      result: "a\nb\nc\nd\ne\nf\ng\nh\n",
    };
    expect(finishedCardLines(done, 80, theme)).toEqual([
      "  ✓ files.list  1.2 s",
      ...["a", "b", "c", "d", "e", "f"].map((line) => `    ${line}`),
      "    ⋮ 2 more lines, /result shows all",
    ]);
  });

  it.each([
    ["failed", "  ✗ t.x"],
    ["denied", "  ✗ t.x  denied"],
    ["cancelled", "  ✗ t.x  cancelled"],
    ["interrupted", "  ! t.x  interrupted"],
  ] as const)("says when a call was %s", (status, line) => {
    expect(finishedCardLines({ id: "t", name: "t.x", arguments: {}, status }, 80, theme)[0]).toBe(line);
  });

  it("lets no escape code of a tool reach the terminal", () => {
    const evil = {
      id: "t",
      name: "t\u001B[2J",
      arguments: { "a\u001B[1m": "\u001B]0;x\u0007" },
      status: "done" as const,
      result: "\u001B[31mred\u001B[?1049h",
    };
    expect(finishedCardLines(evil, 80, theme).join("")).not.toContain("\u001B");
  });
});

describe("the status line", () => {
  it("shows model, servers and tokens", () => {
    expect(statusLine(view, state, 80, theme, now)).toBe("  1 server down: web · offline · ● 1 ✗ 1 · ↑1.2k ↓56");
  });

  it("shows the cost where there is one", () => {
    const line = (cost: number) => statusLine({ ...view, status: { ...idle, cost } }, state, 80, theme, now);
    expect(line(1.236)).toMatch(/↓56 \$1\.24$/);
    expect(line(0.0001)).toMatch(/↓56 <\$0\.01$/);
  });

  it("names the servers that are down, in few words however many they are", () => {
    const servers = ["a", "b", "c\u001B[2J", "d", "e"].map((name) => ({ name, state: "backoff", tools: 0 }));
    const line = statusLine({ ...view, status: { ...idle, servers } }, state, 100, theme, now);
    expect(line).toContain("5 servers down: a, b, c and 2 more");
    expect(line).not.toContain("\u001B[2J");
  });

  it("says without colours which servers are up and which on their way", () => {
    const servers = ["ready", "starting"].map((state) => ({ name: state, state, tools: 0 }));
    const coloured = createTheme({ colour: 2, styles: false });
    const line = (one: typeof theme) => statusLine({ ...view, status: { ...idle, servers } }, state, 80, one, now);
    expect(line(theme)).toContain("● 1 up ● 1 coming");
    expect(line(coloured)).not.toContain("coming");
  });

  it("counts an open breaker down", () => {
    const status: ChatStatus = { ...idle, breaker: "open", breakerRetryInMs: 12_000 };
    expect(statusLine({ ...view, status }, state, 80, theme, now + 4_500)).toContain("model paused, next try in 8 s");
  });

  it("names what is degraded and says when the conversation is away", () => {
    const status: ChatStatus = { ...idle, degraded: ["ResourceCache", "Catalog"] };
    const line = statusLine(
      { ...view, status },
      { ...state, mode: { ...state.mode, conversation: "restarting" } },
      100,
      theme,
      now,
    );
    expect(line).toContain("the conversation is restarting");
    expect(line).toContain("degraded: ResourceCache, Catalog");
  });

  it("leaves out the least important first when there is little room", () => {
    const busy: View = { ...view, status: { ...idle, turn: "thinking" }, turnSince: now - 5_000 };
    const line = statusLine(busy, state, 30, theme, now);
    expect(width(line)).toBeLessThanOrEqual(30);
    expect(line).toContain("thinking 5 s");
    expect(line).not.toContain("Esc");
  });
});

it("a form with many fields keeps the focused one in view", () => {
  const created = createForm(form.kind === "form" ? form.schema : {}, {});
  const lines = formLines({ title: "t", form: { ...created, at: 25 }, focused: true }, 60, 9, theme);
  expect(lines.length).toBeLessThanOrEqual(9);
  expect(lines.join("\n")).toContain("› field_25");
});

it("a form says which key changes a choice", () => {
  const created = createForm({ type: "object", properties: { colour: { type: "string", enum: ["red", "blue"] } } }, {});
  const lines = formLines({ title: "t", form: created, focused: true }, 60, 9, theme);
  expect(lines.join("\n")).toContain("Space chooses   Enter sends");
});
