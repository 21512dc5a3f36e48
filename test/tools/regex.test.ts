import { afterAll, describe, expect, it } from "vitest";
import { regex } from "../../tools/regex.js";
import { callTool } from "../support/call-tool.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();
afterAll(() => work.remove());
const call = (args: Record<string, unknown>) => callTool(regex, args, { root: work.root });

describe("regex", () => {
  it("tests", async () => {
    expect((await call({ action: "test", pattern: "^h.+o$", text: "hello" })).text).toBe("It matches.");
    expect((await call({ action: "test", pattern: "^H", text: "hello" })).text).toBe("It does not match.");
    expect((await call({ action: "test", pattern: "^H", text: "hello", ignore_case: true })).text).toBe("It matches.");
    expect((await call({ action: "test", pattern: "a.b", text: "a\nb", dot_all: true })).text).toBe("It matches.");
  });

  it("finds all matches with place, groups and names", async () => {
    const text = "a=1\nünï b=22\n";
    expect((await call({ action: "find", pattern: "(?<key>\\w)=(\\d+)(x)?", text })).texts).toEqual([
      '1:1: "a=1" $1="a" $2="1" $3=none key="a"\n2:5: "b=22" $1="b" $2="22" $3=none key="b"',
      "(2 matches.)",
    ]);
    expect((await call({ action: "find", pattern: "^b", text: "a\nb", multiline: true })).texts[0]).toBe('2:1: "b"');
    expect((await call({ action: "find", pattern: "z", text })).text).toBe("(0 matches.)");
    work.write("a.txt", text);
    expect((await call({ action: "find", pattern: "\\d\\d", path: "a.txt" })).texts[0]).toBe('2:7: "22"');
  });

  it("counts places in whole characters of JavaScript, and survives empty matches", async () => {
    expect((await call({ action: "find", pattern: "x*", text: "😀x" })).texts[0]).toBe('1:1: ""\n1:3: "x"\n1:4: ""');
  });

  it("replaces with groups, names, the match and a dollar sign, as JavaScript does", async () => {
    const replace = async (pattern: string, text: string, replacement: string) =>
      (await call({ action: "replace", pattern, text, replacement })).texts[0];
    expect(await replace("(\\w+) (?<last>\\w+)", "Ada Lovelace", "$<last>, $1 [$&] $$1 $10")).toBe(
      "Lovelace, Ada [Ada Lovelace] $1 Ada0",
    );
    for (const [pattern, text, replacement] of [
      ["a(b)?", "ab a", "<$1>"],
      ["", "abc", "-"],
      ["\\s+", " a  b ", " "],
      ["$", "end", "!"],
    ] as const) {
      expect(await replace(pattern || "(?:)", text, replacement)).toBe(
        text.replace(new RegExp(pattern, "g"), replacement),
      );
    }
    expect((await call({ action: "replace", pattern: "a", text: "a", replacement: "$2" })).text).toContain(
      "has no group for $2",
    );
    expect((await call({ action: "replace", pattern: "a", text: "a" })).text).toContain("replace needs replacement");
  });

  it("splits", async () => {
    expect((await call({ action: "split", pattern: "\\s*,\\s*", text: "a , b,c" })).texts).toEqual([
      '"a"\n"b"\n"c"',
      "(2 matches.)",
    ]);
  });

  it("stops at the limit and says that there is more", async () => {
    expect((await call({ action: "find", pattern: "a", text: "aaa", max_results: 2 })).texts[1]).toBe(
      "(2 matches, and there are more: raise max_results.)",
    );
  });

  it("says what it cannot do and what is wrong with a pattern", async () => {
    expect((await call({ action: "test", pattern: "a(?=b)", text: "" })).text).toContain(
      "Lookahead and lookbehind are",
    );
    expect((await call({ action: "test", pattern: "(?<!a)b", text: "" })).text).toContain(
      "Lookahead and lookbehind are",
    );
    expect((await call({ action: "test", pattern: "(a)\\1", text: "" })).text).toContain("Backreferences are not");
    expect((await call({ action: "test", pattern: "(a", text: "" })).text).toBe(
      "The pattern is not valid (missing closing ): `(a`); correct it.",
    );
  });

  it("is held up by no pattern that makes other engines hang", async () => {
    const text = "a".repeat(50_000);
    for (const pattern of ["(a+)+b", "(a|aa)+b", "(a|a)*b", "(.*)*b", "(?:a?){20}a{20}b"]) {
      expect((await call({ action: "test", pattern, text })).text, pattern).toBe("It does not match.");
    }
    expect((await call({ action: "test", pattern: "(a|b|c){1000}", text: "x".repeat(200_000) })).text).toContain(
      "The pattern is too large for so long a text",
    );
  });
});
