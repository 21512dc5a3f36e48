import { describe, expect, it } from "vitest";
import { help } from "../../src/chat/command-help.js";
import { commands } from "../../src/chat/commands.js";
import type { ToolCallStatus } from "../../src/chat/events.js";
import { type EntryBody, entryLines } from "../../src/ui/entries.js";
import { spokenLines } from "../../src/ui/spoken.js";
import { width } from "../../src/ui/text.js";
import { createTheme } from "../../src/ui/theme.js";

const long = "a word 漢字 👨‍👩‍👧 averyveryverylongwordthatnobodycanbreakatallbecauseithasnospaces ".repeat(6);
const table =
  "| name | what it does | size |\n|---|---|--:|\n| `files.read_text_file` | reads a file and gives its text | 12345 |\n| x | 漢字漢字漢字漢字 | 1 |";

const tool = (status: ToolCallStatus): EntryBody => ({
  kind: "tool",
  gap: true,
  call: {
    id: "t",
    name: "filesystem.read_text_file_with_a_long_name",
    arguments: { path: "src/a/very/long/path/to/a/file.ts", deep: { x: [1, 2, 3] }, text: long },
    status,
    result: `${long}\n${"line\n".repeat(20)}`,
    durationMs: 123_456,
  },
});

const entries: { readonly [name: string]: EntryBody } = {
  "what the user said": { kind: "user", text: `${long}\n\tindented`, gap: true, at: 0 },
  "a heading and prose": { kind: "markdown", text: `# ${long}\n\n${long}`, mark: true, gap: true },
  lists: { kind: "markdown", text: `- ${long}\n  1. ${long}\n     - [x] ${long}`, mark: false, gap: true },
  quotes: { kind: "markdown", text: `> ${long}\n> > ${long}`, mark: false, gap: true },
  "a table": { kind: "markdown", text: table, mark: false, gap: true },
  "a wide table": {
    kind: "markdown",
    text: `|${"a|".repeat(12)}\n|${"-|".repeat(12)}\n|${"cell text|".repeat(12)}`,
    mark: false,
    gap: true,
  },
  "links and code": {
    kind: "markdown",
    text: `[${long}](https://example.com/${"x".repeat(200)}) \`${long}\``,
    mark: false,
    gap: true,
  },
  HTML: { kind: "markdown", text: `<div class="${long}">\n${long}\n</div>`, mark: false, gap: true },
  thoughts: { kind: "thinking", words: 12_345, gap: true },
  "a notice": { kind: "notice", level: "error", text: long, gap: true },
  "what was left out": { kind: "elided", count: 12_345, gap: true },
  "a command's output": { kind: "output", title: `/tools ${long}`, text: `${long}\n\n${table}`, gap: true },
  "the help": { kind: "output", title: "/help", text: await help(commands, ""), gap: true },
  ...Object.fromEntries(
    (["done", "failed", "denied", "cancelled", "interrupted"] as const).map((status) => [
      `a tool that is ${status}`,
      tool(status),
    ]),
  ),
};

const themes = {
  plain: createTheme({ colour: 0, styles: false }),
  painted: createTheme({ colour: 3, hyperlinks: true }),
};
const LINK = /\u001B\]8;;[^\u0007]*\u0007/g;

describe.each([40, 80, 300])("at %i columns", (columns) => {
  it.each(Object.entries(entries))("%s: no line is wrapped by the terminal", (_, entry) => {
    for (const theme of Object.values(themes)) {
      for (const line of entryLines(entry, columns, theme)) {
        expect(width(line.replace(LINK, "")), line).toBeLessThanOrEqual(columns);
      }
      for (const line of spokenLines(entry, columns, theme)) {
        expect(width(line.replace(LINK, "")), line).toBeLessThanOrEqual(columns);
      }
    }
  });

  it("nothing that matters is cut: prose, tables and help keep every word", () => {
    const words = (text: string): string => text.replace(/[\s─│•●⋮]/g, "");
    for (const name of ["a notice", "a heading and prose", "a table"] as const) {
      const wide = entries[name] && entryLines(entries[name], 2_000, themes.plain).join("");
      const here = entries[name] && entryLines(entries[name], columns, themes.plain).join("");
      expect([...words(here ?? "")].sort(), name).toEqual([...words(wide ?? "")].sort());
    }
    const shown = words(entryLines(entries["the help"] ?? tool("done"), columns, themes.plain).join(""));
    for (const { name } of commands) expect(shown).toContain(`/${name}`);
  });
});
