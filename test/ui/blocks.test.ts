import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlockSplitter, type Piece } from "../../src/ui/blocks.js";

function split(...parts: string[]): Piece[] {
  const splitter = new BlockSplitter();
  return [...parts.flatMap((part) => splitter.push(part)), ...splitter.finish()];
}

function short(pieces: readonly Piece[]): string[] {
  return pieces.map((piece) => {
    if (piece.kind === "fence") return `fence ${piece.language}`;
    return piece.kind === "fence-end" ? "end" : `${piece.kind} ${piece.text}`;
  });
}

describe("finished blocks of a growing answer", () => {
  it("a paragraph is finished at a blank line, as soon as something follows", () => {
    const splitter = new BlockSplitter();
    expect(splitter.push("one\ntwo\n\n")).toEqual([]);
    expect(splitter.tail.text).toContain("one\ntwo");
    expect(short(splitter.push("t"))).toEqual(["markdown one\ntwo"]);
    expect(splitter.tail.text).toBe("t");
  });

  it("the lines of a code block leave one by one, whatever blank lines are in it", () => {
    const splitter = new BlockSplitter();
    expect(short(splitter.push("say:\n```ts\na\n\nb\nc"))).toEqual([
      "markdown say:",
      "fence ts",
      "code a",
      "code ",
      "code b",
    ]);
    expect(splitter.tail).toEqual({ code: true, text: "c" });
    expect(short(splitter.push("\n```\nafter"))).toEqual(["code c", "end"]);
    expect(splitter.tail).toEqual({ code: false, text: "after" });
  });

  it("a loose list goes on over its blank lines, with code inside an item", () => {
    const text = "1. a\n\n   more of a\n\n   ```js\n   x\n\n   y\n   ```\n\n2. b\n\nafter";
    expect(short(split(text))).toEqual([
      "markdown 1. a\n\n   more of a\n\n   ```js\n   x\n\n   y\n   ```",
      "markdown 2. b",
      "markdown after",
    ]);
  });

  it("a fence is closed only by one as long, and a longer one may hold a shorter", () => {
    expect(short(split("````md\n```\nx\n```\n````\n"))).toEqual(["fence md", "code ```", "code x", "code ```", "end"]);
    expect(short(split("~~~\n```\n~~~\n"))).toEqual(["fence ", "code ```", "end"]);
  });

  it("an unfinished code block is closed when the answer ends", () => {
    expect(short(split("```\nx"))).toEqual(["fence ", "code x", "end"]);
  });

  it("a line that may become a fence is not shown as text", () => {
    const splitter = new BlockSplitter();
    splitter.push("``");
    expect(splitter.tail.text).toBe("");
    splitter.push("x``");
    expect(splitter.tail.text).toBe("``x``");
  });

  it("nothing grows without limit: a block without an end is cut", () => {
    const pieces = split("word ".repeat(20_000));
    expect(pieces.length).toBeGreaterThan(4);
    expect(
      pieces
        .map((piece) => ("text" in piece ? piece.text : ""))
        .join("")
        .replaceAll(" ", "").length,
    ).toBe(80_000);
  });

  const line = fc.constantFrom(
    "",
    "a paragraph",
    "- item",
    "  more",
    "1. one",
    "```ts",
    "```",
    "~~~~",
    "   ```",
    "> q",
    "| a | b |",
    "# h",
  );
  const document = fc.array(line, { maxLength: 40 }).map((lines) => lines.join("\n"));

  it("are the same however the text was dealt out", () => {
    fc.assert(
      fc.property(
        document,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }),
        (text, sizes) => {
          const parts: string[] = [];
          for (let at = 0, turn = 0; at < text.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            parts.push(text.slice(at, at + size));
            at += size;
          }
          expect(split(...parts)).toEqual(split(text));
        },
      ),
    );
  });

  it("cover the text in order: no character that shows is lost or doubled", () => {
    fc.assert(
      fc.property(document, (text) => {
        const pieces = split(text);
        let at = 0;
        for (const piece of pieces) {
          expect(piece.start).toBeGreaterThanOrEqual(at);
          expect(text.slice(at, piece.start).trim()).toBe("");
          if (piece.kind === "markdown") expect(text.slice(piece.start, piece.end).trim()).toBe(piece.text.trim());
          if (piece.kind === "code") expect(text.slice(piece.start, piece.end).trim()).toBe(piece.text.trim());
          at = piece.end;
        }
        expect(text.slice(at).trim()).toBe("");
      }),
    );
  });
});
