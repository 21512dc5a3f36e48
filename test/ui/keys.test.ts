import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Input, KeyDecoder } from "../../src/ui/keys.js";

/** `C-x` for Ctrl, `A-` for Alt, `S-` for Shift; text in quotes, a paste in brackets. */
function spelled(inputs: readonly Input[]): string {
  return inputs
    .map((input) => {
      if (input.type === "text") return JSON.stringify(input.text);
      if (input.type === "paste") return `[${JSON.stringify(input.text)}]`;
      return `${input.ctrl ? "C-" : ""}${input.alt ? "A-" : ""}${input.shift ? "S-" : ""}${input.name}`;
    })
    .join(" ");
}

function decoded(...chunks: string[]): string {
  const decoder = new KeyDecoder();
  const inputs = chunks.flatMap((chunk) => decoder.push(chunk));
  return spelled([...inputs, ...decoder.flush()]);
}

describe("keys", () => {
  it.each([
    ["text and Enter in one chunk", "hello\r", '"hello" enter'],
    ["Ctrl+J is not Enter", "\n", "C-j"],
    ["tab and Shift+Tab", "\t\u001B[Z", "tab S-tab"],
    ["backspace in both codings", "\u007F\u0008", "backspace backspace"],
    ["control letters", "\u0001\u0003\u0004\u0017", "C-a C-c C-d C-w"],
    ["arrows in both modes", "\u001B[A\u001BOB\u001B[C\u001BOD", "up down right left"],
    ["arrows with modifiers", "\u001B[1;5C\u001B[1;3D\u001B[1;2A", "C-right A-left S-up"],
    ["an arrow after a bare escape, which is Alt", "\u001B\u001B[A", "A-up"],
    ["home, end, delete, pages", "\u001B[H\u001B[4~\u001B[3~\u001B[5~\u001B[6~", "home end delete pageup pagedown"],
    ["Alt with a letter, Alt+Enter, Alt+Backspace", "\u001Bb\u001B\r\u001B\u007F", "A-b A-enter A-backspace"],
    ["Shift+Enter as extended keys report it", "\u001B[13;2u\u001B[27;2;13~", "S-enter S-enter"],
    ["Ctrl+C as extended keys report it", "\u001B[99;5u", "C-c"],
    ["a letter as extended keys report it", "\u001B[228u", '"ä"'],
    ["keys of the keypad in full", "\u001B[57400u\u001B[57417u\u001B[57414u", '"1" left enter'],
    [
      "Ctrl+[, Ctrl+I and Ctrl+M are what they always were",
      "\u001B[91;5u\u001B[105;5u\u001B[109;5u",
      "escape tab enter",
    ],
    ["with Num Lock on, reported in full", "\u001B[99;133u\u001B[13;130u", "C-c S-enter"],
    ["the window manager's key types nothing", "\u001B[99;9u", ""],
    ["what the terminal can is no key", "\u001B[?0ux", '"x"'],
    ["a key let go is no key", "\u001B[97;1:3u", ""],
    ["Escape alone", "\u001B", "escape"],
    ["Escape twice", "\u001B\u001B", "escape escape"],
    ["a mouse report and focus events say nothing", "\u001B[<0;3;4M\u001B[I\u001B[O", ""],
    ["a terminal's answer to a question is not typed", "\u001B]11;rgb:0/0/0\u0007x", '"x"'],
    ["function keys of the Linux console", "\u001B[[Ax", '"x"'],
    ["letters of every script", "漢字👨‍👩‍👧é", '"漢字👨‍👩‍👧é"'],
  ])("%s", (_, bytes, keys) => {
    expect(decoded(bytes)).toBe(keys);
  });

  it("a paste is one piece, with its line ends, tabs and escape codes, and nothing in it is a key", () => {
    expect(decoded("a\u001B[200~x\r\ny\tz\u0003\u001B[A\u001B[201~b")).toBe('"a" ["x\\r\\ny\\tz\\u0003\\u001b[A"] "b"');
  });

  it("a paste whose end never comes is delivered all the same", () => {
    const decoder = new KeyDecoder();
    expect(decoder.push("\u001B[200~lost")).toEqual([]);
    expect(decoder).toMatchObject({ pending: true, pasting: true });
    expect(spelled(decoder.flush())).toBe('["lost"]');
    expect(spelled(decoder.push("x"))).toBe('"x"');
  });

  it("a paste that is too long is let go as it comes, and what follows it is typed", () => {
    const decoder = new KeyDecoder();
    const chunk = "x".repeat(100_000);
    const inputs = [...decoder.push("\u001B[200~")];
    for (let turn = 0; turn < 41; turn++) inputs.push(...decoder.push(chunk));
    inputs.push(...decoder.push("\u001B[201~y"));
    expect(inputs).toEqual([
      { type: "paste", text: "", tooLong: true },
      { type: "text", text: "y" },
    ]);
    expect(spelled(decoder.push("\u001B[200~z\u001B[201~"))).toBe('["z"]');
  });

  it("a half escape sequence that is never finished is dropped and holds nothing up", () => {
    const decoder = new KeyDecoder();
    expect(decoder.push("\u001B[1;")).toEqual([]);
    expect(decoder.flush()).toEqual([]);
    expect(spelled(decoder.push("ok"))).toBe('"ok"');
  });

  it("come out the same however the bytes were dealt out", () => {
    const piece = fc.constantFrom(
      "ab",
      "\r",
      "\u001B[A",
      "\u001B[1;5C",
      "\u001B[200~p\u001Bq\r\u001B[201~",
      "\u001B[13;2u",
      "漢",
      "\u0003",
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }),
        (parts, sizes) => {
          const bytes = parts.join("");
          const decoder = new KeyDecoder();
          const inputs: Input[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            inputs.push(...decoder.push(bytes.slice(at, at + size)));
            at += size;
          }
          const whole = spelled(new KeyDecoder().push(bytes));
          expect(spelled(inputs).replaceAll('" "', "")).toBe(whole.replaceAll('" "', ""));
        },
      ),
    );
  });
});
