// The panel that asks whether a tool may run, or a server may have what it wants. It shows the arguments exactly: with every invisible character written out, and
// never cut, because what is not shown is where harm would hide; what does not fit is scrolled to.
import type { Answer, Question } from "../../chat/events.js";
import { clip, exact, oneLine, pad, width, wrap, wrapExact } from "../text.js";
import type { Theme } from "../theme.js";

export type YesOrNo = Extract<Question, { kind: "approval" | "consent" }>;

type Decision = Extract<Answer, { kind: "approval" }>["decision"];

export interface Choice {
  readonly decision: Decision;
  readonly key: string;
  readonly label: string;
  /** Where there is little room. */
  readonly short: string;
}

/** What can be answered. */
export function choicesOf(question: YesOrNo): readonly Choice[] {
  if (question.kind === "approval" && question.again !== undefined) {
    return [
      { decision: "once", key: "y", label: "Run it again", short: "Again" },
      { decision: "deny", key: "n", label: "Take it as failed", short: "Failed" },
    ];
  }
  const always = question.kind === "approval" ? "Always for this tool" : question.always;
  return [
    { decision: "once", key: "y", label: "Once", short: "Once" },
    ...(always === undefined ? [] : [{ decision: "always", key: "a", label: always, short: "Always" } as const]),
    { decision: "deny", key: "n", label: "Deny", short: "Deny" },
  ];
}

/** What is asked, in one line without control characters. */
export function questionTitle(question: YesOrNo, bold: (text: string) => string = (text) => text): string {
  // Names too are what a stranger wrote: two that look alike must not be taken for one.
  if (question.kind === "consent") return bold(oneLine(exact(question.title)));
  return `Run ${bold(oneLine(exact(question.tool)))}${question.again === undefined ? "" : " again"}?`;
}

/** What the question is about. */
export function aboutOf(question: YesOrNo): string {
  return (question.kind === "approval" ? question.again : undefined) ?? question.description;
}

/** What exactly is asked for. */
export function asked(question: YesOrNo): { readonly [key: string]: unknown } {
  return question.kind === "approval" ? question.arguments : question.details;
}

export interface ApprovalPanel {
  readonly question: YesOrNo;
  /** Which of the choices is marked. */
  readonly choice: number;
  readonly scroll: number;
  /** True when the panel has the keys. */
  readonly focused: boolean;
}

const WIDEST_LABEL = 18;

export function approvalLines(panel: ApprovalPanel, columns: number, height: number, theme: Theme): string[] {
  const { question } = panel;
  const bar = `${theme.warn(theme.glyphs.bar)} `;
  const room = Math.max(8, columns - 2);
  const title = clip(questionTitle(question, theme.bold), room);
  const about = description(aboutOf(question), room, theme);
  const choices = choiceLines(panel, room, theme);
  const args = [...changeLines(question, room, theme), ...argumentLines(asked(question), room, theme)];
  const space = Math.max(1, height - 1 - choices.length);
  // The description gives way before an argument does.
  const described = args.length + about.length <= space ? about.map(theme.muted) : [];
  const shown = scrolled(args, panel.scroll, space - described.length, theme);
  const lines = [title, ...described, ...shown, ...choices];
  return lines.map((line) => bar + line).slice(0, height);
}

/** How a tool differs from the one that was allowed before, whole: new words in it may be meant for the model. */
export function changeLines(question: YesOrNo, room: number, theme: Theme): string[] {
  const { changed = [] } = question.kind === "approval" ? question : {};
  if (changed.length === 0) return [];
  const lines = changed.flatMap((line) => wrapExact(exact(line), room));
  return [theme.warn(clip("It has changed, so what you allowed before is void:", room)), ...lines];
}

/** At most two lines. */
function description(text: string, room: number, theme: Theme): string[] {
  const lines = wrap(oneLine(text), room).filter((line) => line !== "");
  if (lines.length <= 2) return lines;
  return [lines[0] ?? "", clip(`${lines[1]} ${lines[2]}`, room, theme.glyphs.ellipsis)];
}

/** Every argument with its exact value. */
export function argumentLines(args: { readonly [key: string]: unknown }, room: number, theme: Theme): string[] {
  const names = Object.keys(args);
  if (names.length === 0) return [theme.muted("without arguments")];
  const label = Math.min(WIDEST_LABEL, Math.floor(room / 3), Math.max(...names.map((name) => width(exact(name)))));
  return names.flatMap((name) =>
    valueText(args[name])
      .split("\n")
      .flatMap((line) => wrapExact(line, room - label - 2))
      .map((line, index) => `${theme.muted(pad(index === 0 ? clip(exact(name), label) : "", label))}  ${line}`),
  );
}

/** A string keeps its line ends, so that a file's text can be read; everything else is JSON. */
function valueText(value: unknown): string {
  if (typeof value === "string" && value.includes("\n")) return exact(`"${value}"`);
  return exact(JSON.stringify(value, null, 2) ?? "undefined");
}

function scrolled(lines: readonly string[], scroll: number, space: number, theme: Theme): string[] {
  if (lines.length <= space) return [...lines];
  const rows = Math.max(1, space - 1);
  const from = Math.min(scroll, lines.length - rows);
  const position = `${theme.glyphs.more} lines ${from + 1}-${from + rows} of ${lines.length}, PgUp PgDn`;
  return [...lines.slice(from, from + rows), theme.muted(position)];
}

function choiceLines(panel: ApprovalPanel, room: number, theme: Theme): string[] {
  const { prompt } = theme.glyphs;
  const choices = choicesOf(panel.question);
  const draw = (word: "label" | "short", gap: string): string =>
    choices
      .map(({ key, [word]: text }, index) => {
        const marked = panel.focused && index === panel.choice;
        return marked
          ? `${theme.accent(prompt)} ${theme.bold(text)} ${theme.muted(key)}`
          : `  ${text} ${theme.muted(key)}`;
      })
      .join(gap);
  const hint = panel.focused ? "" : theme.muted("  Tab to answer");
  const long = draw("label", "   ") + hint;
  return [width(long) <= room ? long : clip(draw("short", " "), room)];
}
