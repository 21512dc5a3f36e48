import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as edit from "../../src/ui/editor.js";
import { rowsAround, vertical } from "../../src/ui/editor-rows.js";

const FAMILY = "👨‍👩‍👧";
const FLAG = "🇩🇪";

/** `|` marks the cursor. */
function state(marked: string): edit.EditorState {
  const cursor = marked.indexOf("|");
  return { ...edit.EMPTY, text: marked.replace("|", ""), cursor };
}

function marked({ text, cursor }: edit.EditorState): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

describe("the line editor", () => {
  it.each<[string, string, (state: edit.EditorState) => edit.EditorState, string]>([
    ["typing goes in at the cursor", "ab|d", (s) => edit.insert(s, "c"), "abc|d"],
    ["backspace takes a whole emoji", `a${FAMILY}|b`, edit.backspace, "a|b"],
    ["backspace takes a letter with its accent", "e\u0301|", edit.backspace, "|"],
    ["backspace joins lines", "a\n|b", edit.backspace, "a|b"],
    ["delete takes what is ahead, whole", `|${FLAG}x`, edit.deleteForward, "|x"],
    ["left steps over a wide character", "漢字|", edit.left, "漢|字"],
    ["left steps over a family at once", `${FAMILY}|`, edit.left, `|${FAMILY}`],
    ["right steps over a flag at once", `|${FLAG}x`, edit.right, `${FLAG}|x`],
    ["left stops at the start", "|a", edit.left, "|a"],
    ["word left, over punctuation", "one two, |", edit.wordLeft, "one |two, "],
    ["word left, in a word", "one tw|o", edit.wordLeft, "one |two"],
    ["word right", "|one, two", edit.wordRight, "one|, two"],
    ["word motion knows letters of every script", "größe |Ünö", edit.wordRight, "größe Ünö|"],
    ["home goes to the start of the line", "a\nbc|d", edit.home, "a\n|bcd"],
    ["home again goes to the start of everything", "a\n|bcd", edit.home, "|a\nbcd"],
    ["end goes to the end of the line", "a|b\nc", edit.end, "ab|\nc"],
    ["kill to the end of the line", "ab|cd\ne", edit.killToEnd, "ab|\ne"],
    ["kill at the end of a line takes the line end", "ab|\ne", edit.killToEnd, "ab|e"],
    ["kill to the start of the line", "x\nab|cd", edit.killToStart, "x\n|cd"],
    ["kill the word before", "one two|", edit.killWord, "one |"],
    ["kill the word ahead", "one| two", edit.killWordForward, "one|"],
    [
      "a pasted text keeps its lines and tabs, loses its control characters",
      "a|",
      (s) => edit.paste(s, "x\r\ny\tz\u001B[1m\u0000"),
      "ax\ny\tz[1m|",
    ],
  ])("%s", (_, before, change, after) => {
    expect(marked(change(state(before)))).toBe(after);
  });

  it("yanks what was killed last, and what Ctrl-C cleared", () => {
    expect(marked(edit.yank(edit.killWord(state("one two|"))))).toBe("one two|");
    expect(marked(edit.yank(edit.clear(state("all of| it"))))).toBe("all of it|");
  });

  it("takes a newline for a backslash before Enter, and only there", () => {
    const continued = edit.continueLine(state("a\\|b"));
    expect(continued && marked(continued)).toBe("a\n|b");
    expect(edit.continueLine(state("a|"))).toBeUndefined();
  });

  it("keeps the draft while the history is looked through", () => {
    const history = ["first", "second"];
    let line = edit.older(state("my dr|aft"), history);
    expect(line.text).toBe("second");
    line = edit.older(line, history);
    expect(line.text).toBe("first");
    expect(edit.older(line, history)).toBe(line);
    line = edit.newer(edit.newer(line, history), history);
    expect(line.text).toBe("my draft");
    expect(edit.newer(line, history)).toBe(line);
  });

  it("keeps a large paste whole", () => {
    const text = `${"x".repeat(1_000_000)}\n${"línea 漢 ".repeat(50_000)}`;
    let line = edit.paste(edit.EMPTY, text);
    for (let turn = 0; turn < 50; turn++) line = edit.backspace(edit.insert(edit.left(edit.wordLeft(line)), "y"));
    expect(line.text).toBe(text);
  });

  const grapheme = fc.constantFrom("a", " ", "\n", "漢", FAMILY, FLAG, "e\u0301", "\t", "ñ");

  it("never stands inside a character, whatever is pressed", () => {
    const boundaries = (text: string): Set<number> =>
      new Set([...new Intl.Segmenter().segment(text)].map(({ index }) => index).concat(text.length));
    const moves = [edit.left, edit.right, edit.wordLeft, edit.wordRight, edit.home, edit.end];
    fc.assert(
      fc.property(fc.array(grapheme), fc.array(fc.nat({ max: moves.length - 1 })), (parts, steps) => {
        const text = parts.join("");
        let line: edit.EditorState = edit.withText(text);
        for (const step of steps) {
          line = moves[step]?.(line) ?? line;
          expect(boundaries(text).has(line.cursor)).toBe(true);
        }
      }),
    );
  });
});

describe("the editor's rows", () => {
  const rows = (text: string, columns: number, height = 20): string[] =>
    rowsAround(edit.withText(text), columns, height).rows.map((row) => text.slice(row.start, row.end));

  it("break at words, and inside a word that is too long", () => {
    expect(rows("one two three", 8)).toEqual(["one two ", "three"]);
    expect(rows("abcdefghij", 4)).toEqual(["abcd", "efgh", "ij"]);
  });

  it("count wide characters as two cells", () => {
    expect(rows("漢字漢字漢", 4)).toEqual(["漢字", "漢字", "漢"]);
    expect(rows("ab 漢字", 6)).toEqual(["ab ", "漢字"]);
  });

  it("are those around the cursor when there are more than fit", () => {
    const text = Array.from({ length: 100 }, (_, index) => `line ${index}`).join("\n");
    const view = rowsAround({ ...edit.withText(text), cursor: text.indexOf("line 50") }, 20, 5);
    expect(view.rows.map((row) => text.slice(row.start, row.end))).toContain("line 50");
    expect(view).toMatchObject({ above: true, below: true });
    expect(view.rows).toHaveLength(5);
    expect(text.slice(view.rows[view.cursorRow]?.start)).toMatch(/^line 50/);
  });

  it("up and down keep the column, between rows and between lines", () => {
    const move = (from: string, step: -1 | 1, columns = 8): string | undefined => {
      const moved = vertical(state(from), columns, step);
      return moved && marked(moved);
    };
    expect(move("abc\nde|f", -1)).toBe("ab|c\ndef");
    expect(move("abc|\nd", 1)).toBe("abc\nd|");
    expect(move("one two th|ree", -1)).toBe("on|e two three");
    expect(move("漢字|\nabcdef", 1)).toBe("漢字\nabcd|ef");
    expect(move("ab|c", -1)).toBeUndefined();
    expect(move("ab|c", 1)).toBeUndefined();
  });

  it("cover the text without gap or overlap, and no row is too wide", () => {
    const piece = fc.constantFrom("a", "bcd", " ", "漢", FAMILY, "ñ", "  ");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.integer({ min: 4, max: 20 }), (parts, columns) => {
        const text = parts.join("");
        const cut = rows(text, columns, 1_000);
        expect(cut.join("")).toBe(text);
        for (const row of cut)
          expect([...new Intl.Segmenter().segment(row.trimEnd())].length).toBeLessThanOrEqual(columns);
      }),
    );
  });
});
