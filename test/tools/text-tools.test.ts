import { afterAll, describe, expect, it } from "vitest";
import { changeCase } from "../../tools/change-case.js";
import { countText } from "../../tools/count-text.js";
import { htmlToPlainText } from "../../tools/html-to-text.js";
import { markdownToText } from "../../tools/markdown-to-text.js";
import { callTool } from "../support/call-tool.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();
afterAll(() => work.remove());
const options = { root: work.root };

describe("count_text", () => {
  const count = async (args: Record<string, unknown>) => {
    const { text, isError } = await callTool(countText, args, options);
    expect(isError, text).toBe(false);
    return Object.fromEntries(
      text.split("\n").map((line) => [line.split(": ")[0] ?? "", Number(line.split(": ")[1])] as const),
    );
  };

  it("counts what people see, in several languages", async () => {
    expect(await count({ text: "Hello, world! It's 3.5 o'clock.\n\nBye 👨‍👩‍👧‍👦." })).toEqual({
      characters: 39,
      "code points": 45,
      words: 6,
      sentences: 3,
      lines: 3,
      paragraphs: 2,
      "bytes (UTF-8)": 63,
      "tokens (estimate)": expect.any(Number),
    });
    const japanese = await count({ text: "私は猫です。名前はまだない。", language: "ja" });
    expect(japanese).toMatchObject({ characters: 14, sentences: 2 });
    expect(japanese.words).toBeGreaterThan(5); // dictionaries differ a little
    expect(await count({ text: "e\u0301" })).toMatchObject({ characters: 1, "code points": 2 });
    expect(await count({ text: "" })).toMatchObject({ characters: 0, words: 0, lines: 0, paragraphs: 0 });
    expect(await count({ text: "a\nb\n" })).toMatchObject({ lines: 2 });
  });

  it("counts long texts passage by passage without losing or doubling anything", async () => {
    const sentence = "The quick brown fox jumps over the lazy dog. ";
    expect(await count({ text: sentence.repeat(2_000) })).toMatchObject({
      characters: 2_000 * sentence.length,
      words: 18_000,
      sentences: 2_000,
    });
    expect(await count({ text: "word ".repeat(3_000) })).toMatchObject({ words: 3_000, sentences: 1 });
    expect(await count({ text: "😀".repeat(5_001) })).toMatchObject({ characters: 5_001, "code points": 5_001 });
    work.write("lines.txt", "one two\r\n".repeat(3_000));
    expect(await count({ path: "lines.txt" })).toMatchObject({ words: 6_000, lines: 3_000, characters: 24_000 });
  });

  it("estimates tokens within a third of a real count", async () => {
    // Counted with the o200k vocabulary: 44 and 9.
    const english =
      "Supervision trees restart what has crashed and leave the rest alone. A supervisor watches its children; when one " +
      "ends, it starts another in its place, up to a limit that keeps trouble from going round and round.";
    const { "tokens (estimate)": tokens = 0 } = await count({ text: english });
    expect(tokens).toBeGreaterThan(30);
    expect(tokens).toBeLessThan(58);
  });

  it("wants text or a path, and a real language", async () => {
    expect((await callTool(countText, {}, options)).text).toBe("Give either text or path, and not both.");
    expect((await callTool(countText, { text: "a", path: "b" }, options)).isError).toBe(true);
    expect((await callTool(countText, { text: "a", language: "!!" }, options)).text).toContain("is no language tag");
  });
});

describe("change_case", () => {
  it.each([
    ["camel", "parse_http-response 2", "parseHttpResponse2"],
    ["camel", "XMLHttpRequest", "xmlHttpRequest"],
    ["pascal", "hello world", "HelloWorld"],
    ["snake", "parseHTTPResponse", "parse_http_response"],
    ["snake", "straßeÄndern", "straße_ändern"],
    ["kebab", "Don't Panic, Ever!", "dont-panic-ever"],
    ["constant", "maxRetryCount", "MAX_RETRY_COUNT"],
    ["constant", "sha256Sum", "SHA256_SUM"],
    ["title", "the lord of the rings", "The Lord of the Rings"],
    ["title", "HOW TO WRITE AN IPHONE APP", "How to Write an Iphone App"],
    ["title", "what nasa and NASA do with an iPhone's parts", "What Nasa and NASA Do With an iPhone's Parts"],
    ["sentence", "…HELLO World. bye", "…Hello world. bye"],
    ["upper", "straße", "STRASSE"],
    ["lower", "ÀÉ", "àé"],
    ["snake", "", ""],
    ["snake", "!!!", ""],
  ])("%s: %s → %s", async (to, text, expected) => {
    expect((await callTool(changeCase, { text, to })).text).toBe(expected);
  });

  it("changes each line by itself and keeps the line breaks", async () => {
    expect((await callTool(changeCase, { text: "firstName\r\nlastName\n\nage\n", to: "kebab" })).text).toBe(
      "first-name\r\nlast-name\n\nage\n",
    );
  });
});

describe("markdown_to_text", () => {
  const plain = async (text: string) => (await callTool(markdownToText, { text }, options)).text;

  it("keeps what people read and drops the marks", async () => {
    const markdown = [
      "# Title with `code`",
      "",
      "Some **bold**, *light* and ~~old~~ text &amp; a [link](https://a.example/x) and <https://b.example>.  ",
      "New line. ![a cat](cat.png) <b>html</b>",
      "",
      "> quoted",
      "",
      "- one",
      "- two",
      "  - inner",
      "- [x] done",
      "",
      "3. three",
      "4. four",
      "",
      "| a | b |",
      "| - | - |",
      "| 1 | **2** |",
      "",
      "```js",
      "let x = '**';",
      "```",
      "",
      "<!-- hidden",
      "",
      "Comment -->",
      "",
      "---",
      "",
      "See [this][ref].",
      "",
      "[ref]: https://c.example",
    ].join("\n");
    expect(await plain(markdown)).toBe(
      [
        "Title with code",
        "Some bold, light and old text & a link (https://a.example/x) and https://b.example.\nNew line. [a cat] html",
        "quoted",
        "- one\n- two\n  - inner\n- [x] done",
        "3. three\n4. four",
        "a | b\n1 | 2",
        "    let x = '**';",
        "See this (https://c.example).",
      ].join("\n\n"),
    );
  });

  it("reads a long document section by section, and finds what is defined at its end", async () => {
    const part = (i: number) =>
      `Part ${i} with a [link][far] and **words**.\n\n- a list\n\n  with [a][far] paragraph\n\n`;
    const text = await plain(
      `${Array.from({ length: 500 }, (_, i) => part(i)).join("")}\n[far]: https://far.example\n`,
    );
    expect(text).not.toContain("[far]");
    expect(text.match(/Part \d+ with a link \(https:\/\/far\.example\) and words\./g)).toHaveLength(500);
  });

  it("does not take a heading or a fence within code for its own", async () => {
    const code = `text\n\n\`\`\`\`\n${"x\n\n# no heading\n```\n".repeat(800)}\`\`\`\`\n\nend`;
    expect((await plain(code)).match(/^ {4}# no heading$/gm)).toHaveLength(800);
  });

  it("survives texts made to make parsers hang or overflow", async () => {
    for (const unit of [">", "> ", "1) ", "~~a~", "**a *b ", "[", "![", "<a ", "`a``b", "- a\n  ", "\t- "]) {
      const { text } = await callTool(markdownToText, { text: unit.repeat(15_000 / unit.length) }, options);
      expect(text.length, unit).toBeGreaterThan(0);
    }
  });
});

describe("html_to_text", () => {
  it("gives the text of a page or of a file", async () => {
    const html = "<h1>Hi</h1><p>Go <a href='/on'>on</a><script>no()</script>";
    expect((await callTool(htmlToPlainText, { html, base_url: "https://a.example/" }, options)).text).toBe(
      "# Hi\n\nGo on (https://a.example/on)",
    );
    work.write("page.html", html);
    expect((await callTool(htmlToPlainText, { path: "page.html" }, options)).text).toBe("# Hi\n\nGo on");
    expect((await callTool(htmlToPlainText, { html: "<i></i>" }, options)).text).toBe("(There is no text in it.)");
    expect((await callTool(htmlToPlainText, {}, options)).text).toBe("Give either html or path, and not both.");
  });
});
