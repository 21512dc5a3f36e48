import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CURSOR } from "../../src/ui/cursor-mark.js";
import { Painter } from "../../src/ui/painter.js";
import { width } from "../../src/ui/text.js";
import { HeadlessTerminal } from "./support/headless.js";

const COLUMNS = 20;
const ROWS = 8;

async function drawn(bytes: string): Promise<HeadlessTerminal> {
  const terminal = new HeadlessTerminal(COLUMNS, ROWS);
  terminal.stdout.write(bytes);
  await terminal.settled();
  return terminal;
}

const shown = async (bytes: string): Promise<string[]> => (await drawn(bytes)).lines();

const text = fc.oneof(
  fc.constantFrom("", "a", "bc", "some words", "x".repeat(COLUMNS), "\u001B[1mbold\u001B[22m", "漢字", "● b"),
  // Lines that begin alike, with styles that end, or go on, where they part.
  fc
    .array(fc.constantFrom("ab", "\u001B[1m", "\u001B[38;5;79m", "\u001B[39m", "\u001B[22m", "漢"), { maxLength: 6 })
    .map((parts) => `${parts.join("")}\u001B[22m\u001B[39m`),
);
const final = fc.oneof(text, fc.constantFrom("long ".repeat(9), "漢字".repeat(12), "emoji 👨‍👩‍👧"));
const frame = fc.record({
  printed: fc.array(final, { maxLength: 4 }),
  live: fc.array(text, { minLength: 1, maxLength: ROWS - 1 }),
});

/** The frame with the cursor somewhere in its live part, or nowhere. */
const frameWithCursor = fc.tuple(frame, fc.option(fc.nat()), fc.nat()).map(([{ printed, live }, row, column]) => {
  if (row === null) return { printed, live };
  const at = row % live.length;
  const line = live[at] ?? "";
  // Never behind a full row: there is no cell for it.
  const typed = width(bare(line)) < COLUMNS ? bare(line) : "";
  const places = [...new Intl.Segmenter().segment(typed)].map(({ index }) => index).concat(typed.length);
  const place = places[column % places.length] ?? 0;
  const marked = typed.slice(0, place) + CURSOR + typed.slice(place);
  return { printed, live: live.with(at, marked) };
});

const bare = (line: string): string => line.replace(/\u001B\[[\d;]+m/g, "").trimEnd();

describe("the painter", () => {
  it("keeps what stood there where all of it is final now and more follows than the terminal has rows", async () => {
    const terminal = new HeadlessTerminal(COLUMNS, ROWS);
    const painter = new Painter();
    const size = { columns: COLUMNS, rows: ROWS };
    const live = Array.from({ length: ROWS - 1 }, (_, row) => `live ${row}`);
    for (const frame of [painter.paint([], ["first"], size), painter.paint(["first", "second", "third"], live, size)]) {
      terminal.stdout.write(frame);
    }
    await terminal.settled();
    expect(terminal.lines()).toEqual(["first", "second", "third", ...live]);
  });

  it("leaves the terminal's cursor where one types, whatever was painted, or hides it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(frameWithCursor, { minLength: 1, maxLength: 12 }), async (frames) => {
        const painter = new Painter();
        const terminal = new HeadlessTerminal(COLUMNS, ROWS);
        terminal.stdout.write("\u001B[?25l");
        for (const { printed, live } of frames) {
          terminal.stdout.write(painter.paint(printed, live, { columns: COLUMNS, rows: ROWS }));
        }
        await terminal.settled();
        const marked = frames.at(-1)?.live.find((line) => line.includes(CURSOR));
        expect(terminal.cursor().trimEnd()).toBe(marked?.replace(CURSOR, "|").trimEnd() ?? "hidden");
        const expected = frames
          .flatMap(({ printed }) => printed)
          .concat(frames.at(-1)?.live ?? [])
          .map(bare);
        while (expected.at(-1) === "") expected.pop();
        expect(terminal.lines()).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it("shows every printed line once, in order, and under them the last live part, after any frames", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 12 }), async (frames) => {
        const painter = new Painter();
        const bytes = frames.map(({ printed, live }) => painter.paint(printed, live, { columns: COLUMNS, rows: ROWS }));
        const last = frames.at(-1)?.live ?? [];
        const expected = [...frames.flatMap(({ printed }) => printed), ...last].map(bare);
        while (expected.at(-1) === "") expected.pop();
        const terminal = await drawn(bytes.join(""));
        expect(terminal.lines()).toEqual(expected);
        // In the same colours as if it had been written once.
        const once = await drawn([...frames.flatMap(({ printed }) => printed), ...last].join("\r\n"));
        expect(terminal.cells()).toEqual(once.cells());
      }),
      { numRuns: 120 },
    );
  });

  it("writes of an answer that grows what it grew by, and nothing of the lines under it", () => {
    const painter = new Painter();
    const size = { columns: COLUMNS, rows: ROWS };
    const under = ["", "input", "status"];
    painter.paint([], ["one \u001B[1mbold\u001B[22m two", ...under], size);
    expect(painter.paint([], ["one \u001B[1mbold\u001B[22m two three", ...under], size)).toMatch(/\[12C three/);
    const grown = painter.paint([], ["one \u001B[1mbold\u001B[22m two three", "next line", ...under], size);
    expect(grown).toContain("next line");
    expect(grown).not.toMatch(/one|input|status/);
    // What is final now stands there already.
    const final = painter.paint(["one \u001B[1mbold\u001B[22m two three", "next line"], ["more", ...under], size);
    expect(final).toContain("more");
    expect(final).not.toMatch(/one|next|input|status/);
  });

  it("never clears the screen or the scrollback, and leaves alone what was on the terminal before", async () => {
    const painter = new Painter();
    let bytes = "$ banyan\r\n";
    for (let turn = 0; turn < 30; turn++) {
      bytes += painter.paint(turn % 3 === 0 ? [`line ${turn}`] : [], [`live ${turn}`, "status"], {
        columns: COLUMNS,
        rows: ROWS,
      });
    }
    bytes += painter.erase();
    expect(bytes).not.toMatch(/\u001B\[[23]J/);
    expect(await shown(bytes)).toEqual(["$ banyan", ...Array.from({ length: 10 }, (_, index) => `line ${index * 3}`)]);
  });

  it("keeps a live line in its row even where the terminal takes it for wider than it is", async () => {
    const painter = new Painter();
    const size = { columns: COLUMNS, rows: ROWS };
    const families = "👨‍👩‍👧".repeat(9);
    let bytes = painter.paint(["first"], [families, "status"], size);
    bytes += painter.paint([], [`${families} `, "status 2"], size);
    bytes += painter.paint(["second"], [families, "status 3"], size);
    const lines = await shown(bytes);
    expect([lines[0], lines[1], lines[3], lines.length]).toEqual(["first", "second", "status 3", 4]);
    expect(await shown(bytes + painter.erase())).toEqual(["first", "second"]);
  });

  it("writes only the lines that changed, and nothing for a frame that did not", () => {
    const painter = new Painter();
    const size = { columns: COLUMNS, rows: ROWS };
    painter.paint([], ["one", "two", "three"], size);
    expect(painter.paint([], ["one", "two", "three"], size)).toBe("");
    const bytes = painter.paint([], ["one", "2", "three"], size);
    expect(bytes).toContain("2");
    expect(bytes).not.toMatch(/one|three/);
  });
});
