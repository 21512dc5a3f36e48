import { describe, expect, it } from "vitest";
import { asIfClosed } from "../../src/ui/half-open.js";
import { renderMarkdown } from "../../src/ui/markdown.js";
import { createTheme } from "../../src/ui/theme.js";

describe("Markdown that is still being written", () => {
  it.each([
    ["is **bold", "is **bold**"],
    ["is **bold ", "is **bold** "],
    ["is **", "is "],
    ["is **bold** and *it", "is **bold** and *it*"],
    ["~~gone", "~~gone~~"],
    ["a `co", "a `co`"],
    ["a `", "a "],
    ["``a ` b", "``a ` b``"],
    ["see [the no", "see the no"],
    ["see [the note](https://exam", "see the note"],
    ["see [the note](https://x.org)", "see [the note](https://x.org)"],
    ["- [ ", "- [ "],
    ["- [x] done", "- [x] done"],
    ["2 * 3 ", "2 * 3 "],
    ["* item one\n* item **tw", "* item one\n* item **tw**"],
    ["`**` is a mark", "`**` is a mark"],
    ["text\n-", "text"],
    ["text\n==", "text"],
    ["1. one\n2", "1. one"],
    ["#", ""],
    ["text\n\n| a | b", "text\n\n"],
    ["text\n\n| a | b |\n|--", "text\n\n"],
    ["| a | b |\n|---|---|\n| 1", "| a | b |\n|---|---|\n| 1"],
  ])("%j is drawn as %j", (text, closed) => {
    expect(asIfClosed(text)).toBe(closed);
  });

  it("keeps its looks from letter to letter: a mark is never seen, and no word is a heading for a moment", () => {
    const text = "Some **bold words** and `code` with [a link](https://x.org) here.\n- one\n- *two*\n";
    const theme = createTheme();
    for (let end = 1; end <= text.length; end++) {
      const lines = renderMarkdown(asIfClosed(text.slice(0, end)), 200, theme);
      expect(lines.join("\n").replace(/\u001B\[[\d;]*m/g, ""), text.slice(0, end)).not.toMatch(/[*`[\]]/);
      expect(lines[0]).not.toMatch(/^\u001B\[1m.*Some/);
    }
  });
});
