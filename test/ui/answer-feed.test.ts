import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { AnswerFeed } from "../../src/ui/answer-feed.js";
import { loadHighlighter } from "../../src/ui/code.js";
import { liveAnswerLines } from "../../src/ui/components/live-answer.js";
import { type EntryBody, entryLines } from "../../src/ui/entries.js";
import { width } from "../../src/ui/text.js";
import { createTheme } from "../../src/ui/theme.js";

beforeAll(loadHighlighter);

const theme = createTheme();
const COLUMNS = 40;

const part = fc.constantFrom(
  "# Heading\n",
  "Words with **bold**, *italic*, `code` and [a link](https://x.org).\n",
  "漢字 and 👨‍👩‍👧 and a-very-long-word-that-is-wider-than-the-terminal-is\n",
  "\n",
  "- item\n  - inner\n",
  "1. one\n\n   more of one\n",
  "- [x] done\n",
  "> quote\n> > inner\n",
  "| a | 数量 |\n|---|--:|\n| long cell of a table that wraps | 1 |\n",
  "```ts\nconst a = `x\n${1}`; /* open\n*/\n```\n",
  "```\nunfinished",
  "---\n",
  "<b>html</b><br>\n",
  "\u001B[31mred\u001B[0m &#27;[2J\n",
  "~~gone~~ **half",
  "text\n===\n",
);
const answer = fc.array(part, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(""));

function lines(entries: readonly EntryBody[]): string[] {
  return entries.flatMap((entry) => entryLines(entry, COLUMNS, theme));
}

describe("an answer on its way to the screen", () => {
  it("comes out as the same lines, however it was dealt out", () => {
    fc.assert(
      fc.property(answer, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (text, sizes) => {
        const whole = new AnswerFeed("a", theme);
        const expected = lines([...whole.push(text), ...whole.finish()]);
        const feed = new AnswerFeed("a", theme);
        const entries: EntryBody[] = [];
        for (let at = 0, step = 0; at < text.length; step++) {
          const size = sizes[step % sizes.length] ?? 1;
          entries.push(...feed.push(text.slice(at, at + size)));
          at += size;
          // The tail stays within its room at every moment, and carries no escape code but our own colours and styles.
          const tail = feed.tail === undefined ? [] : liveAnswerLines(feed.tail, COLUMNS, 10, theme);
          expect(tail.length).toBeLessThanOrEqual(10);
          for (const line of tail) {
            expect(width(line)).toBeLessThanOrEqual(COLUMNS);
            expect(line.replace(/\u001B\[[\d;]*m/g, "")).not.toContain("\u001B");
          }
        }
        entries.push(...feed.finish());
        expect(lines(entries)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });
});
