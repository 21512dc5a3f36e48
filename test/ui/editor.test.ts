import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as edit from "../../src/ui/editor.js";
import { rowsAround, vertical } from "../../src/ui/editor-rows.js";
import { type EditorState, EMPTY, redo, startWith, undo } from "../../src/ui/editor-state.js";
import * as ring from "../../src/ui/kill-ring.js";
import { CHANGES, MOTIONS } from "../../src/ui/line-keys.js";

const FAMILY = "👨‍👩‍👧";
const FLAG = "🇩🇪";

/** `|` marks the cursor. */
function state(marked: string): EditorState {
  return startWith(marked.replace("|", ""), marked.indexOf("|"));
}

function marked({ text, cursor }: EditorState): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

describe("the line editor", () => {
  it.each<[string, string, (state: EditorState) => EditorState, string]>([
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
    ["kill to the end of the line", "ab|cd\ne", ring.killToEnd, "ab|\ne"],
    ["kill at the end of a line takes the line end", "ab|\ne", ring.killToEnd, "ab|e"],
    ["kill to the start of the line", "x\nab|cd", ring.killToStart, "x\n|cd"],
    ["kill the word before", "one two|", ring.killWord, "one |"],
    ["kill the word before leaves what is no word", "cd ./two|", ring.killWord, "cd ./|"],
    ["kill back to the space takes it all", "cd ./two |", ring.killSpacedWord, "cd |"],
    ["the start and the end of the text", "a\nb|\nc", edit.toStart, "|a\nb\nc"],
    ["the end of the text", "a\nb|\nc", edit.toEnd, "a\nb\nc|"],
    ["transpose swaps around the cursor and goes on", "a|bc", edit.transpose, "ba|c"],
    ["transpose at the end of a line swaps its last two", "xy|\nz", edit.transpose, "yx|\nz"],
    ["transpose takes whole emoji", `a${FAMILY}|`, edit.transpose, `${FAMILY}a|`],
    ["transpose joins no lines", "a\n|b", edit.transpose, "a\n|b"],
    ["transpose of one character is nothing", "a|", edit.transpose, "a|"],
    ["transpose words", "one, t|wo", edit.transposeWords, "two, one|"],
    ["transpose words behind the last", "a b |", edit.transposeWords, "b a| "],
    ["transpose of one word is nothing", "one|", edit.transposeWords, "one|"],
    ["large letters, to the end of the word", "|one two", edit.upperCase, "ONE| two"],
    ["large letters may be more letters", "|straße", edit.upperCase, "STRASSE|"],
    ["small letters, from inside a word", "ON|E TWO", edit.lowerCase, "ONe| TWO"],
    ["a large first letter", "one| two THREE", edit.capitalize, "one Two| THREE"],
    ["spaces around the cursor", "a  | \tb", edit.deleteSpaces, "a|b"],
    ["kill the word ahead", "one| two", ring.killWordForward, "one|"],
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
    expect(marked(ring.yank(ring.killWord(state("one two|"))))).toBe("one two|");
    expect(marked(ring.yank(ring.clear(state("all of| it"))))).toBe("all of it|");
  });

  it("kills in one go are one piece, in the order they stood, and a motion begins another", () => {
    let line = ring.killWord(ring.killWord(state("one two three|")));
    line = ring.killToEnd({ ...line, text: `${line.text} rest`, cursor: line.cursor });
    expect(line.kills).toEqual(["two three rest"]);
    line = ring.killToStart(edit.left(line));
    expect(line.kills).toEqual(["two three rest", "one"]);
  });

  it("yanks older pieces one after the other in place of the newest, around to it", () => {
    let line = startWith("");
    for (const piece of ["one", "two", "three"]) line = ring.killToStart(edit.right(edit.insert(line, piece)));
    line = ring.yank(edit.left(edit.insert(line, "[]")));
    const seen = [line.text];
    for (let turn = 0; turn < 3; turn++) seen.push((line = ring.yankOlder(line)).text);
    expect(seen).toEqual(["[three]", "[two]", "[one]", "[three]"]);
    expect(ring.yankOlder(edit.left(line)).text).toBe("[three]");
  });

  it("undoes what was typed word by word, what was erased in one go, and does it again", () => {
    let line: EditorState = startWith("");
    for (const letter of "fix the tests") line = edit.type(line, letter);
    for (let turn = 0; turn < 3; turn++) line = edit.backspace(line);
    const back: string[] = [];
    while (undo(line) !== line) back.push((line = undo(line)).text);
    expect(back).toEqual(["fix the tests", "fix the ", "fix ", ""]);
    const forth: string[] = [];
    while (redo(line) !== line) forth.push((line = redo(line)).text);
    expect(forth).toEqual(["fix ", "fix the ", "fix the tests", "fix the te"]);
    expect(redo(edit.type(undo(line), "!"))).toMatchObject({ text: "fix the tests!" });
  });

  it("undo brings back a line that was cleared or walked away from", () => {
    expect(marked(undo(ring.clear(state("al|l"))))).toBe("al|l");
    expect(marked(undo(edit.older(state("dr|aft"), ["old"])))).toBe("dr|aft");
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

  it("keeps a large paste whole while it is edited", () => {
    const text = `${"x".repeat(100_000)}\n${"línea 漢 ".repeat(5_000)}`;
    let line = edit.paste(EMPTY, text);
    for (let turn = 0; turn < 50; turn++) line = edit.backspace(edit.insert(edit.left(edit.wordLeft(line)), "y"));
    expect(line.text).toBe(text);
  });

  const grapheme = fc.constantFrom(
    "a",
    "b",
    " ",
    "\n",
    "漢",
    FAMILY,
    FLAG,
    "e\u0301",
    "\t",
    "ñ",
    "👍🏽",
    "ש",
    "한",
    "नि",
  );

  it("agrees with a list of characters, whatever is pressed", () => {
    const cut = (text: string): string[] => [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
    /** The line as two lists: the characters before the cursor and those after it. */
    type Model = readonly [before: readonly string[], after: readonly string[]];
    type Step = readonly [
      name: string,
      real: (line: EditorState) => EditorState,
      model: (before: readonly string[], after: readonly string[]) => Model,
    ];
    const steps: readonly Step[] = [
      ["left", edit.left, (b, a) => [b.slice(0, -1), [...b.slice(-1), ...a]]],
      ["right", edit.right, (b, a) => [[...b, ...a.slice(0, 1)], a.slice(1)]],
      ["backspace", edit.backspace, (b, a) => [b.slice(0, -1), a]],
      ["delete", edit.deleteForward, (b, a) => [b, a.slice(1)]],
      ["start", edit.toStart, (b, a) => [[], [...b, ...a]]],
      ["end", edit.toEnd, (b, a) => [[...b, ...a], []]],
      ["kill to start", ring.killToStart, (b, a) => [b.slice(0, b.lastIndexOf("\n") + 1), a]],
      ["undo and redo", (line) => redo(undo(line)), (b, a) => [b, a]],
    ];
    const insertion = grapheme.map(
      (piece): Step => [`type ${piece}`, (line) => edit.type(line, piece), (b, a) => [[...b, piece], a]],
    );
    const step = fc.oneof(insertion, fc.constantFrom(...steps));
    fc.assert(
      fc.property(fc.array(grapheme), fc.array(step, { maxLength: 30 }), (parts, pressed) => {
        let line = startWith(parts.join(""));
        let model: Model = [cut(line.text), []];
        for (const [name, real, modelled] of pressed) {
          line = real(line);
          const [before, after] = modelled(...model);
          // What stands side by side now may be one character, two halves of a flag say: the cursor is behind it.
          const text = [...before, ...after].join("");
          const all = cut(text);
          let count = 0;
          for (let length = 0; length < before.join("").length; count++) length += all[count]?.length ?? 0;
          model = [all.slice(0, count), all.slice(count)];
          expect([name, marked(line)]).toEqual([name, `${model[0].join("")}|${model[1].join("")}`]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("never stands inside a character after words are killed, swapped, rewritten, undone and yanked", () => {
    const boundaries = (text: string): Set<number> =>
      new Set([...new Intl.Segmenter().segment(text)].map(({ index }) => index).concat(text.length));
    const changes = [...MOTIONS, ...CHANGES];
    fc.assert(
      fc.property(fc.array(grapheme), fc.array(fc.constantFrom(...changes)), (parts, pressed) => {
        let line = startWith(parts.join(""));
        for (const { edit } of pressed) {
          line = edit(line);
          expect(boundaries(line.text).has(line.cursor)).toBe(true);
        }
      }),
    );
  });

  it("undone to the end, any changes leave what there was at first", () => {
    fc.assert(
      fc.property(fc.array(grapheme), fc.array(fc.constantFrom(...CHANGES), { maxLength: 40 }), (parts, pressed) => {
        const text = parts.join("");
        let line = startWith(text);
        for (const { edit } of pressed) line = edit(line);
        for (let turn = 0; turn < 40; turn++) line = undo(line);
        expect(line.text).toBe(text);
      }),
    );
  });
});

describe("the editor's rows", () => {
  const rows = (text: string, columns: number, height = 20): string[] =>
    rowsAround(startWith(text), columns, height).rows.map((row) => text.slice(row.start, row.end));

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
    const view = rowsAround(startWith(text, text.indexOf("line 50")), 20, 5);
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
