import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { startWith } from "../../src/ui/editor-state.js";
import { KEY_GROUPS, keyName, keysInMarkdown } from "../../src/ui/key-table.js";
import { KeyDecoder, spelled } from "../../src/ui/keys.js";
import { CHANGES, lineKey, MOTIONS } from "../../src/ui/line-keys.js";

const keys = [...new Set(KEY_GROUPS.flatMap((group) => group.keys.flatMap((one) => one.keys)))].flatMap((key) =>
  key.split(" "),
);

const FINALS: { readonly [name: string]: string } = { up: "A", down: "B", right: "C", left: "D", home: "H", end: "F" };
const CODES: { readonly [name: string]: number } = { enter: 13, tab: 9, escape: 27, backspace: 127 };
const FUNCTION_KEYS: { readonly [name: string]: string } = {
  f1: "\u001BOP",
  f2: "\u001BOQ",
  f3: "\u001BOR",
  f4: "\u001BOS",
  f5: "\u001B[15~",
  f6: "\u001B[17~",
  f7: "\u001B[18~",
};

interface Parts {
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  readonly name: string;
}

function partsOf(key: string): Parts {
  const [, modifiers = "", name = ""] = /^((?:[CAS]-)*)(.+)$/.exec(key) ?? [];
  return { ctrl: modifiers.includes("C-"), alt: modifiers.includes("A-"), shift: modifiers.includes("S-"), name };
}

const modifierOf = ({ ctrl, alt, shift }: Parts): number => 1 + (shift ? 1 : 0) + (alt ? 2 : 0) + (ctrl ? 4 : 0);

/** As every terminal sends it; undefined where only those with extended keys can. */
function plainBytes(parts: Parts): string | undefined {
  const { ctrl, alt, shift, name } = parts;
  const modified = ctrl || alt || shift;
  const final = FINALS[name];
  if (final !== undefined) return modified ? `\u001B[1;${modifierOf(parts)}${final}` : `\u001B[${final}`;
  if (name === "delete") return modified ? `\u001B[3;${modifierOf(parts)}~` : "\u001B[3~";
  if (FUNCTION_KEYS[name] !== undefined) return FUNCTION_KEYS[name];
  const code = CODES[name];
  if (code !== undefined) return ctrl || shift ? undefined : (alt ? "\u001B" : "") + String.fromCharCode(code);
  if (ctrl) return String.fromCharCode(name.toUpperCase().charCodeAt(0) & 0x1f);
  return alt ? `\u001B${name}` : undefined;
}

/** As terminals with extended keys report it. */
function extendedBytes(parts: Parts): string | undefined {
  const code = CODES[parts.name] ?? (parts.name.length === 1 ? parts.name.charCodeAt(0) : undefined);
  return code === undefined ? undefined : `\u001B[${code};${modifierOf(parts)}u`;
}

function pressed(bytes: string): string {
  const decoder = new KeyDecoder();
  return [...decoder.push(bytes), ...decoder.flush()]
    .map((input) => (input.type === "key" ? spelled(input) : input.type))
    .join(" ");
}

describe("the table of keys", () => {
  it.each(keys)("%s is what terminals send for it", (key) => {
    const parts = partsOf(key);
    const ways = [plainBytes(parts), extendedBytes(parts)].filter((bytes) => bytes !== undefined);
    expect(ways.length).toBeGreaterThan(0);
    // Backspace is Ctrl-H on some terminals, so that is one key with it.
    const wanted = key === "C-h" ? ["C-h", "backspace"] : [key];
    for (const bytes of ways) expect(wanted).toContain(pressed(bytes));
  });

  it("gives a key of a line one meaning", () => {
    const all = [...MOTIONS, ...CHANGES].flatMap(({ keys, also = [] }) => [...keys, ...also]);
    expect(new Set(all).size).toBe(all.length);
    for (const { keys: own, edit } of [...MOTIONS, ...CHANGES]) {
      for (const key of own) {
        const [first = "", second] = key.split(" ");
        const parts = partsOf(second ?? first);
        const line = startWith("one two", 4);
        const after = lineKey(line, { type: "key", ...parts }, second === undefined ? "" : `${first} `);
        expect(after).toEqual(edit(line));
      }
    }
  });

  it("is written as people read keys", () => {
    expect(["C-x C-e", "A-<", "S-enter", "escape", "f1", "C-_"].map(keyName)).toEqual([
      "Ctrl-X Ctrl-E",
      "Alt-<",
      "Shift-Enter",
      "Esc",
      "F1",
      "Ctrl-_",
    ]);
  });

  it("is the one in docs/keys.md (RECORD=1 writes it)", () => {
    const file = new URL("../../docs/keys.md", import.meta.url);
    const [head = ""] = readFileSync(file, "utf8").split(/^## /m);
    if (process.env.RECORD === "1") writeFileSync(file, head + keysInMarkdown());
    expect(readFileSync(file, "utf8")).toBe(head + keysInMarkdown());
  });
});
