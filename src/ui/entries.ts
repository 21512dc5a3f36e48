// What the transcript is made of once it is final, and how each entry looks: a gutter of two cells that says who speaks,
// and the text beside it. Entries keep their source and not their lines, so that another width draws them anew.
import type { AttachedFile, NoticeLevel, ToolCallView } from "../chat/events.js";
import { shortSize } from "../chat/mentions/content.js";
import { finishedCardLines } from "./components/tool-card.js";
import { renderMarkdown } from "./markdown.js";
import { clip, hang, printable, prose, width, wrapExact } from "./text.js";
import type { Theme } from "./theme.js";

export type EntryBody =
  /** `at`: when it was sent, in milliseconds, if that is to be shown. */
  | { readonly kind: "user"; readonly text: string; readonly gap: boolean; readonly at?: number }
  | { readonly kind: "attachments"; readonly files: readonly AttachedFile[]; readonly gap: boolean }
  /** A block of an answer. `mark`: the first one, which carries the answer's mark. */
  | { readonly kind: "markdown"; readonly text: string; readonly mark: boolean; readonly gap: boolean }
  /** Lines of a code block, painted, and as they came. `label`: the language, on the first lines of a block. */
  | {
      readonly kind: "code";
      readonly label: string;
      readonly language: string;
      readonly lines: readonly string[];
      readonly source: readonly string[];
      readonly mark: boolean;
      readonly gap: boolean;
    }
  /** What the model thought before it answered, folded to one line. */
  | { readonly kind: "thinking"; readonly words: number; readonly gap: boolean }
  | { readonly kind: "tool"; readonly call: ToolCallView; readonly gap: boolean }
  | { readonly kind: "notice"; readonly level: NoticeLevel; readonly text: string; readonly gap: boolean }
  | { readonly kind: "output"; readonly title: string; readonly text: string; readonly gap: boolean }
  /** Earlier entries are not painted; `count` of them where that is known. */
  | { readonly kind: "elided"; readonly count?: number; readonly gap: boolean };

export type Entry = EntryBody & { readonly key: number };

export const GUTTER = "  ";
/** Of what the user sent, at most this many lines are painted. */
const LONGEST_USER_TEXT = 40;

/** The lines of an entry for a terminal of `columns` cells. */
export function entryLines(entry: EntryBody, columns: number, theme: Theme): string[] {
  const lines = bodyLines(entry, columns, theme);
  return entry.gap ? ["", ...lines] : lines;
}

function bodyLines(entry: EntryBody, columns: number, theme: Theme): string[] {
  const { glyphs } = theme;
  const room = columns - GUTTER.length;
  switch (entry.kind) {
    case "user":
      return userLines(entry.text, entry.at, room, theme);
    case "attachments":
      return entry.files.flatMap((file) => attachedLines(file, room, theme));
    case "markdown":
      return hang(renderMarkdown(entry.text, room, theme), answerMark(entry.mark, theme), GUTTER);
    case "code": {
      const code = entry.lines.map((line) => (line === "" ? "" : `${GUTTER}${line}`));
      const lines = entry.label === "" ? code : [theme.muted(printable(entry.label)), ...code];
      return hang(lines, answerMark(entry.mark, theme), GUTTER);
    }
    case "thinking": {
      const about = `thought in ${entry.words} ${entry.words === 1 ? "word" : "words"}; /thinking shows the last thoughts`;
      return hang(prose(about, room).map(theme.muted), `${theme.muted(glyphs.more)} `, GUTTER);
    }
    case "tool":
      return finishedCardLines(entry.call, columns, theme);
    case "notice": {
      const mark = { info: theme.muted(glyphs.note), warn: theme.warn("!"), error: theme.error(glyphs.fail) }[
        entry.level
      ];
      const paint = { info: theme.muted, warn: theme.warn, error: theme.error }[entry.level];
      return hang(prose(printable(entry.text), room).map(paint), `${mark} `, GUTTER);
    }
    case "output": {
      const body = renderMarkdown(entry.text, room, theme).map((line) => (line === "" ? "" : GUTTER + line));
      return entry.title === "" ? body : [GUTTER + theme.bold(clip(printable(entry.title), room)), ...body];
    }
    case "elided": {
      const what = entry.count === undefined ? "Earlier entries are" : `${entry.count} earlier entries are`;
      return hang(prose(`${what} not painted here`, room).map(theme.muted), `${theme.muted(glyphs.more)} `, GUTTER);
    }
  }
}

/** The gutter before an answer: its mark before the first block, nothing before the others. */
export function answerMark(mark: boolean, theme: Theme): string {
  return mark ? `${theme.accent(theme.glyphs.answer)} ` : GUTTER;
}

function timeOfDay(at: number): string {
  return new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

function userLines(text: string, at: number | undefined, room: number, theme: Theme): string[] {
  const lines = printable(text)
    .split("\n")
    .flatMap((line) => wrapExact(line, room));
  const shown = lines.slice(0, LONGEST_USER_TEXT).map((line) => theme.bold(line.trimEnd()));
  const hidden = lines.length - shown.length;
  if (hidden > 0) shown.push(theme.muted(`${theme.glyphs.more} ${hidden} more lines`));
  if (at !== undefined) shown.push(theme.muted(timeOfDay(at)));
  return hang(shown, `${theme.accent(theme.glyphs.prompt)} `, GUTTER);
}

/** One line, or why it could not be read. */
function attachedLines(file: AttachedFile, room: number, theme: Theme): string[] {
  const name = printable(file.name).replace(/\s+/g, " ");
  if ("problem" in file) {
    return hang(prose(`${name}: ${printable(file.problem)}`, room).map(theme.warn), `${theme.warn("!")} `, GUTTER);
  }
  const size = shortSize(file.bytes);
  const { attached } = theme.glyphs;
  return [`${GUTTER}${theme.muted(`${attached} ${clip(name, room - width(attached) - size.length - 2)} ${size}`)}`];
}
