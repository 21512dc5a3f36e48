import { beforeAll, describe, expect, it } from "vitest";
import { CodeHighlighter, loadHighlighter } from "../../src/ui/code.js";
import { renderMarkdown } from "../../src/ui/markdown.js";
import { width } from "../../src/ui/text.js";
import { createTheme } from "../../src/ui/theme.js";

const plain = createTheme({ colour: 0, styles: false });
const coloured = createTheme({ colour: 2 });
const render = (text: string, columns = 40): string[] => renderMarkdown(text, columns, plain);

describe("markdown as lines", () => {
  it("samples of themes are cut to a narrow terminal, and left out for who hears it", () => {
    const samples = "```theme\ndark\nsolarized-light\n```";
    const lines = renderMarkdown(samples, 40, coloured);
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(width(line)).toBeLessThanOrEqual(40);
    expect(renderMarkdown(samples, 40, createTheme({ spoken: true }))).toEqual([]);
  });

  it.each([
    [
      "a paragraph, wrapped",
      "one two three four five six seven eight nine",
      ["one two three four five six seven eight", "nine"],
    ],
    ["a soft line end is a space, a hard one a line end", "a\nb  \nc", ["a b", "c"]],
    ["blocks stand apart", "# T\n\ntext\n\n---", ["T", "", "text", "", "─".repeat(40)]],
    ["a tight list", "- a\n- b\n  - c\n    - d", ["• a", "• b", "  • c", "    • d"]],
    ["numbers align", "9. a\n10. b", [" 9. a", "10. b"]],
    ["a loose list keeps its air", "- a\n\n- b", ["• a", "", "• b"]],
    ["tasks", "- [x] done\n- [ ] open", ["• [x] done", "• [ ] open"]],
    ["a quote, nested", "> a\n> > b", ["│ a", "│", "│ │ b"]],
    [
      "code keeps its spaces and has its language above",
      "```js\nif (a) {\n  b\n}\n```",
      ["js", "  if (a) {", "    b", "  }"],
    ],
    ["a link, with its address behind it", "[t](https://x.org)", ["t (https://x.org)"]],
    ["a bare address once", "see https://x.org now", ["see https://x.org now"]],
    ["entities", "a &amp; b &#60; &#x41; &unknown;", ["a & b < A &unknown;"]],
    ["HTML as it is written, a break as a break", "a <b>x</b><br>c", ["a <b>x</b>", "c"]],
    ["inline code is not touched", "`**a** &amp;`", ["**a** &amp;"]],
  ])("%s", (_, text, lines) => {
    expect(render(text).map((line) => line.trimEnd())).toEqual(lines);
  });

  it("lets no escape code through, not even as an entity", () => {
    const text = "a\u001B[2Jb &#27;[2J `\u001B[31m` [x](\u001B[1m)\n\n```\n\u001B]0;t\u0007y\n```";
    expect(render(text).join("\n")).not.toContain("\u001B");
  });

  it("paints bold, italic and code, and nothing of it where styles are off", () => {
    const styled = renderMarkdown("**b** *i* `c`", 40, coloured)[0] ?? "";
    expect(styled).toContain("\u001B[1mb\u001B[22m");
    expect(styled).toContain("\u001B[3mi\u001B[23m");
    expect(render("**b** *i* `c`")).toEqual(["b i c"]);
  });

  it("writes a link so that the terminal makes it clickable, where it can", () => {
    const theme = createTheme({ colour: 0, hyperlinks: true });
    expect(renderMarkdown("[t](https://x.org/a b)", 40, theme)[0]).not.toContain("]8;;https://x.org/a b");
    expect(renderMarkdown("[t](https://x.org/%20)", 40, theme)[0]).toContain("\u001B]8;;https://x.org/%20\u0007");
    expect(renderMarkdown("[t](javascript:alert(1))", 40, theme)[0]).not.toContain("]8;;");
  });

  it("keeps prose readable on a very wide terminal", () => {
    const lines = render("word ".repeat(100), 300);
    expect(Math.max(...lines.map(width))).toBeLessThanOrEqual(110);
  });

  it.each([
    ["stars", "**a*"],
    ["addresses", "a-"],
    ["spaces", "  "],
    ["tabs", "\t"],
    ["columns", "a|"],
    ["quotes", "> "],
    ["list marks", "1. "],
  ])("shows %s without end as they are, in time with their length", (_, piece) => {
    const text = `|x${piece.repeat(50_000)}y\n|-`;
    expect(render(text).join("")).toContain("y");
  });

  it("shows text as it is when its nesting is beyond the parser", () => {
    const text = `${"> ".repeat(20_000)}deep`;
    expect(render(text).join("")).toContain("deep");
  });
});

describe("tables", () => {
  const table = "| name | n | what it does |\n|:--|--:|:-:|\n| cache | 12 | keeps resources |\n| 漢字 | 3 | wide |";

  it("align their columns, wide characters too", () => {
    expect(render(table)).toEqual([
      "name    n   what it does",
      "─────  ──  ───────────────",
      "cache  12  keeps resources",
      "漢字    3       wide",
    ]);
  });

  it("wrap the widest cells when the width does not suffice", () => {
    const lines = render(table, 22);
    expect(lines.every((line) => width(line) <= 22)).toBe(true);
    expect(lines.join(" ")).toContain("resources");
    expect(lines[0]).toContain("name");
  });

  it("become records where columns would be slivers", () => {
    expect(render("| alpha | beta | gamma | delta |\n|-|-|-|-|\n| one | two | three | four |", 16)).toEqual([
      "alpha: one",
      "beta: two",
      "gamma: three",
      "delta: four",
    ]);
  });
});

describe("code", () => {
  beforeAll(loadHighlighter);
  const strip = (text: string): string => text.replace(/\u001B\[[\d;]*m/g, "");

  it("is highlighted, and loses no character by it", () => {
    const lines = renderMarkdown("```ts\nconst a = `x ${1}`; // n\n```", 60, coloured);
    expect(lines[1]).toContain("\u001B[38;5;140mconst\u001B[39m");
    expect(lines.map(strip)).toEqual(["ts", "  const a = `x ${1}`; // n"]);
  });

  it("of a language nobody knows is shown plain", () => {
    expect(renderMarkdown("```klingon\nqapla'\n```", 60, coloured).map(strip)).toEqual(["klingon", "  qapla'"]);
  });

  it("that comes line by line looks as if it had come whole, across comments and strings of many lines", () => {
    const source = [
      "/* a comment",
      "   of const lines */ const a = 1;",
      "const text = `several",
      "  return lines ${a}",
      "`;",
      "function f() { return text; }",
    ];
    const growing = new CodeHighlighter("ts", coloured);
    const whole = new CodeHighlighter("ts", coloured);
    const lines = source.map((line) => growing.line(line));
    expect(lines[1]).toMatch(/^\u001B\[38;5;245m {3}of const lines \*\/\u001B\[39m/);
    expect(lines[3]).toMatch(/^\u001B\[38;5;108m {2}return lines /);
    expect(lines.map(strip)).toEqual(source);
    // A line looked at while it is written leaves no trace.
    const peeked = source.map((line) => {
      whole.partial(line.slice(0, 3));
      return whole.line(line);
    });
    expect(peeked).toEqual(lines);
  });

  it("without colour is the bare text", () => {
    expect(new CodeHighlighter("ts", plain).line("const a = 1;")).toBe("const a = 1;");
  });
});
