import { describe, expect, it } from "vitest";
import * as edit from "../../src/ui/editor.js";
import { rowsAround } from "../../src/ui/editor-rows.js";
import { type EditorState, startWith, undo } from "../../src/ui/editor-state.js";
import * as ring from "../../src/ui/kill-ring.js";
import { LONGEST_PASTED, LONGEST_SHOWN, pasted, shown, spreadOut, whole } from "../../src/ui/pastes.js";

const lines = (count: number, word = "line"): string =>
  Array.from({ length: count }, (_, index) => `${word} ${index}`).join("\n");
const LOG = lines(312);

function paste(state: EditorState, text: string): EditorState {
  const next = pasted(state, text);
  if (next === undefined) throw new Error("refused");
  return next;
}

/** The line as it is drawn, with `|` for the cursor. */
const drawn = ({ text, cursor, pastes }: EditorState): string =>
  `${shown(text.slice(0, cursor), pastes)}|${shown(text.slice(cursor), pastes)}`;

describe("a large paste", () => {
  const line = edit.type(paste(startWith("look at "), LOG), " please");

  it("is one piece in the line, and sent whole", () => {
    expect(drawn(line)).toBe("look at [pasted 312 lines] please|");
    expect(whole(line)).toBe(`look at ${LOG} please`);
  });

  it("of one long line tells its length", () => {
    expect(drawn(paste(startWith(""), "x".repeat(4_812)))).toBe("[pasted 4,812 characters]|");
    expect(drawn(paste(startWith(""), `${lines(20)}\n`))).toBe("[pasted 20 lines]|");
  });

  it("that is small is text like any other", () => {
    expect(drawn(paste(startWith(""), lines(8)))).toBe(`${lines(8)}|`);
  });

  it("is stepped over, deleted, killed and yanked at once", () => {
    const behind = startWith(line.text, line.text.length - " please".length, line.pastes);
    expect(drawn(edit.left(behind))).toBe("look at |[pasted 312 lines] please");
    expect(drawn(edit.right(edit.left(behind)))).toBe("look at [pasted 312 lines]| please");
    expect(drawn(edit.backspace(behind))).toBe("look at | please");
    expect(whole(undo(edit.backspace(behind)))).toBe(whole(line));
    const yanked = ring.yank(ring.clear(line));
    expect([drawn(yanked), whole(yanked)]).toEqual(["look at [pasted 312 lines] please|", whole(line)]);
  });

  it("can be yanked once more after it was sent", () => {
    expect(whole(ring.yank(edit.emptied(ring.clear(line))))).toBe(whole(line));
    expect(edit.emptied(line).pastes.size).toBe(0);
  });

  it("stands beside others of its kind", () => {
    const two = paste(paste(startWith(""), LOG), lines(20, "other"));
    expect(drawn(two)).toBe("[pasted 312 lines][pasted 20 lines]|");
    expect(whole(two)).toBe(LOG + lines(20, "other"));
    expect(whole(edit.backspace(edit.left(two)))).toBe(lines(20, "other"));
  });

  it("is never broken between two rows", () => {
    const narrow = rowsAround(line, 20, 10);
    expect(narrow.rows.map(({ start, end }) => shown(line.text.slice(start, end), line.pastes))).toEqual([
      "look at ",
      "[pasted 312 lines] ",
      "please",
    ]);
  });

  it("is spread out on demand, the one at the cursor first", () => {
    const two = paste(edit.type(paste(startWith(""), lines(9, "a")), " and "), lines(9, "b"));
    const spread = spreadOut(two);
    expect(typeof spread === "object" && drawn(spread)).toBe(`[pasted 9 lines] and ${lines(9, "b")}|`);
    expect(spreadOut(startWith("no paste"))).toBe("none");
    expect(spreadOut(paste(startWith(""), "x".repeat(LONGEST_SHOWN + 1)))).toBe("too-long");
  });

  it("comes back from the history as text, or as one piece where it is too long for that", () => {
    expect(drawn(edit.older(startWith(""), [LOG]))).toBe(`${LOG}|`);
    const huge = "word ".repeat(20_000);
    const recalled = edit.older(startWith(""), [huge]);
    expect([drawn(recalled), whole(recalled)]).toEqual(["[pasted 100,000 characters]|", huge]);
  });

  it("that would make the message too long is refused", () => {
    const most = paste(startWith(""), "x".repeat(LONGEST_PASTED - 100));
    expect(pasted(most, "y".repeat(200))).toBeUndefined();
    expect(whole(paste(most, "y".repeat(50))).length).toBe(LONGEST_PASTED - 50);
  });

  it("cannot be forged by a text that was typed or pasted", () => {
    expect(edit.clean("a\uFDD0\u{E0031}b")).toBe("a\u{E0031}b");
  });
});
