// The panel that asks whether a tool may run. It shows the arguments exactly: with every invisible character written out, and
// never cut, because what is not shown is where harm would hide; what does not fit is scrolled to.
import type { Question } from "../../chat/events.js";
import { clip, exact, oneLine, pad, width, wrap, wrapExact } from "../text.js";
import type { Theme } from "../theme.js";

type Approval = Extract<Question, { kind: "approval" }>;

export interface ApprovalPanel {
  readonly question: Approval;
  /** Which of once, always, deny is marked. */
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
  // The name too is what a stranger wrote: two names that look alike must not be taken for one.
  const title = clip(`Run ${theme.bold(oneLine(exact(question.tool)))}?`, room);
  const about = description(question.description, room, theme);
  const choices = choiceLines(panel, room, theme);
  const args = [...changeLines(question, room, theme), ...argumentLines(question.arguments, room, theme)];
  const space = Math.max(1, height - 1 - choices.length);
  // The description gives way before an argument does.
  const described = args.length + about.length <= space ? about.map(theme.muted) : [];
  const shown = scrolled(args, panel.scroll, space - described.length, theme);
  const lines = [title, ...described, ...shown, ...choices];
  return lines.map((line) => bar + line).slice(0, height);
}

/** How a tool differs from the one that was allowed before, whole: new words in it may be meant for the model. */
export function changeLines({ changed = [] }: Pick<Approval, "changed">, room: number, theme: Theme): string[] {
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
export function argumentLines(args: Approval["arguments"], room: number, theme: Theme): string[] {
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
  const draw = (labels: readonly (readonly [string, string])[], gap: string): string =>
    labels
      .map(([label, key], index) => {
        const marked = panel.focused && index === panel.choice;
        const text = `${label} ${theme.muted(key)}`;
        return marked ? `${theme.accent(prompt)} ${theme.bold(label)} ${theme.muted(key)}` : `  ${text}`;
      })
      .join(gap);
  const hint = panel.focused ? "" : theme.muted("  Tab to answer");
  const long =
    draw(
      [
        ["Once", "y"],
        ["Always for this tool", "a"],
        ["Deny", "n"],
      ],
      "   ",
    ) + hint; // prettier apart
  if (width(long) <= room) return [long];
  const short = draw(
    [
      ["Once", "y"],
      ["Always", "a"],
      ["Deny", "n"],
    ],
    " ",
  );
  return [clip(short, room)];
}
