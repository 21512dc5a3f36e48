// The panel that asks whether a tool may run, or a server may have what it wants. It shows the arguments exactly: with every invisible character written out, and
// never cut, because what is not shown is where harm would hide; what does not fit is scrolled to.
import type { Answer, ChatStatus, Decision, Question } from "../../chat/events.js";
import type { EditorState } from "../editor-state.js";
import { clip, exact, oneLine, pad, width, wrap, wrapExact } from "../text.js";
import type { Theme } from "../theme.js";
import { withCursor } from "./input-line.js";

export type YesOrNo = Extract<Question, { kind: "approval" | "consent" }>;

export interface Choice {
  readonly decision: Decision["decision"];
  readonly key: string;
  readonly label: string;
  /** Where there is little room. */
  readonly short: string;
  /** What the user writes with it, what stands there first, and what the keys do then. */
  readonly writes?: { readonly prompt: string; readonly first: string; readonly hint: string };
}

/** What can be answered. */
export function choicesOf(question: YesOrNo): readonly Choice[] {
  if (question.kind === "consent") return consentChoices(question);
  return question.again === undefined ? approvalChoices(question) : AGAIN;
}

const AGAIN: readonly Choice[] = [
  { decision: "once", key: "y", label: "Run it again", short: "Again" },
  { decision: "deny", key: "n", label: "Take it as failed", short: "Failed" },
];

function approvalChoices({ pattern }: Extract<Question, { kind: "approval" }>): readonly Choice[] {
  const fitting: Choice = {
    decision: "pattern",
    key: "p",
    label: `All of ${pattern}`,
    short: "Pattern",
    writes: { prompt: "Always allow", first: pattern ?? "", hint: "Enter allows, * is any part, Esc goes back" },
  };
  return [
    { decision: "once", key: "y", label: "Once", short: "Once" },
    { decision: "session", key: "s", label: "This conversation", short: "Session" },
    { decision: "always", key: "a", label: "Always", short: "Always" },
    ...(pattern === undefined ? [] : [fitting]),
    { decision: "deny", key: "n", label: "Deny", short: "Deny" },
    {
      decision: "deny",
      key: "r",
      label: "Deny and say why",
      short: "Why not",
      writes: { prompt: "Why not?", first: "", hint: "Enter tells the model, Esc goes back" },
    },
  ];
}

function consentChoices({ always, labels }: Extract<Question, { kind: "consent" }>): readonly Choice[] {
  const { yes, no } = labels ?? { yes: "Once", no: "Deny" };
  return [
    { decision: "once", key: "y", label: yes, short: yes },
    ...(always === undefined ? [] : [{ decision: "always", key: "a", label: always, short: "Always" } as const]),
    { decision: "deny", key: "n", label: no, short: no },
  ];
}

/** The answer that a choice is, with what the user wrote where it asks for that. */
export function answerOf({ decision }: Choice, written: string): Answer {
  if (decision === "pattern") return { kind: "approval", decision, pattern: written };
  if (decision !== "deny") return { kind: "approval", decision };
  return written === "" ? { kind: "approval", decision } : { kind: "approval", decision, reason: written };
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
  /** What is written with a choice. */
  readonly wording: Wording | undefined;
  readonly asking: ChatStatus["asking"];
}

/** A choice that asks for some words, and the words so far. */
export interface Wording {
  readonly choice: Choice;
  readonly editor: EditorState;
}

const WIDEST_LABEL = 18;

export function approvalLines(panel: ApprovalPanel, columns: number, height: number, theme: Theme): string[] {
  const { question } = panel;
  const bar = `${theme.warn(theme.glyphs.bar)} `;
  const room = Math.max(8, columns - 2);
  const place = placeOf(panel.asking);
  const title = clip(questionTitle(question, theme.bold), room - width(place)) + theme.muted(place);
  const about = description(aboutOf(question), room, theme);
  const choices =
    panel.wording === undefined ? choiceLines(panel, room, theme) : wordingLines(panel.wording, room, theme);
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

/** What was drawn last of the arguments of a question: a megabyte of them is not drawn anew with every key. */
const drawn = new WeakMap<
  object,
  { readonly room: number; readonly theme: Theme; readonly lines: readonly string[] }
>();

/** Every argument with its exact value. */
export function argumentLines(
  args: { readonly [key: string]: unknown },
  room: number,
  theme: Theme,
): readonly string[] {
  const last = drawn.get(args);
  if (last?.room === room && last.theme === theme) return last.lines;
  const lines = linesOf(args, room, theme);
  drawn.set(args, { room, theme, lines });
  return lines;
}

function linesOf(args: { readonly [key: string]: unknown }, room: number, theme: Theme): string[] {
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

/** Where several things are asked at once. */
export function placeOf(asking: ChatStatus["asking"]): string {
  return asking === undefined ? "" : ` (${asking.at} of ${asking.of})`;
}

/** The choices with their keys, in one row if they fit, short ones where the long would take more than two. */
function choiceLines(panel: ApprovalPanel, room: number, theme: Theme): string[] {
  const { prompt } = theme.glyphs;
  const draw = (word: "label" | "short"): string[] => {
    const drawn = choicesOf(panel.question).map(({ key, [word]: text }, index) => {
      const marked = panel.focused && index === panel.choice;
      return marked
        ? `${theme.accent(prompt)} ${theme.bold(text)} ${theme.muted(key)}`
        : `  ${text} ${theme.muted(key)}`;
    });
    return inRows(panel.focused ? drawn : [...drawn, theme.muted("  Tab to answer")], room);
  };
  const long = draw("label");
  return (long.length <= 2 ? long : draw("short")).map((line) => clip(line, room));
}

const GAP = "  ";

function inRows(parts: readonly string[], room: number): string[] {
  const rows: string[] = [];
  for (const part of parts) {
    const row = rows.at(-1);
    if (row !== undefined && width(row) + GAP.length + width(part) <= room) rows[rows.length - 1] = row + GAP + part;
    else rows.push(part);
  }
  return rows;
}

/** The end of what is written, with the cursor, and what the keys do. */
function wordingLines({ choice, editor }: Wording, room: number, theme: Theme): string[] {
  const { prompt = "", hint = "" } = choice.writes ?? {};
  const label = `${prompt} `;
  const space = Math.max(4, room - width(label) - 1);
  const from = Math.max(0, editor.cursor - space + 1);
  const text = editor.text.slice(from, from + space);
  return [
    clip(`${theme.bold(label)}${withCursor(text, editor.cursor - from, editor.pastes)}`, room),
    theme.muted(clip(hint, room)),
  ];
}
