// The transcript in words, for who hears the screen or feels it: each entry says what it is, and nothing is told by a glyph, a colour or
// a place alone. The same lines serve for what is under way.
import type { AttachedFile, ToolCallView } from "../chat/events.js";
import { shortSize } from "../chat/mentions/content.js";
import type { LiveCall } from "./components/tool-card.js";
import type { EntryBody } from "./entries.js";
import { duration, quantity } from "./figures.js";
import { renderMarkdown } from "./markdown.js";
import { oneLine, printable, wrap } from "./text.js";
import type { Theme } from "./theme.js";

/** Of a tool's result and of its arguments, no more is read out; `/result` shows the whole. */
const RESULT_LINES = 6;
const LONGEST_VALUE = 80;

/** The lines of a finished entry. */
export function spokenLines(entry: EntryBody, columns: number, theme: Theme): string[] {
  switch (entry.kind) {
    case "user":
      return wrap(`You: ${printable(entry.text)}`, columns);
    case "attachments":
      return entry.files.flatMap((file) => wrap(attachedWords(file), columns));
    case "markdown": {
      const [first = "", ...rest] = renderMarkdown(entry.text, columns, theme);
      return entry.mark ? [...wrap(`Answer: ${first}`, columns), ...rest] : [first, ...rest];
    }
    case "code": {
      const begins = entry.gap ? [`Code${entry.label === "" ? "" : ` in ${entry.label}`}:`] : [];
      return [...begins, ...entry.source];
    }
    case "tool":
      return toolLines(entry.call, columns);
    case "notice":
      return wrap(
        `${{ info: "Note", warn: "Warning", error: "Error" }[entry.level]}: ${printable(entry.text)}`,
        columns,
      );
    case "thinking":
      return wrap(`The model thought in ${entry.words} words; /thinking shows them.`, columns);
    case "output":
      return [
        ...(entry.title === "" ? [] : wrap(`${oneLine(entry.title)}:`, columns)),
        ...renderMarkdown(entry.text, columns, theme),
      ];
    case "elided":
      return [`${entry.count ?? "Some"} earlier entries are left out.`];
  }
}

function attachedWords(file: AttachedFile): string {
  const name = oneLine(file.name);
  if ("problem" in file) return `Not attached: ${name}, ${oneLine(file.problem)}.`;
  return `Attached: ${name}, ${file.image ? "an image of " : ""}${shortSize(file.bytes)}.`;
}

const ENDED: { readonly [status in ToolCallView["status"]]: string } = {
  waiting: "Tool waiting",
  running: "Tool running",
  done: "Tool done",
  failed: "Tool failed",
  denied: "Tool denied",
  cancelled: "Tool cancelled",
  interrupted: "Tool interrupted",
};

function toolLines(call: ToolCallView, columns: number): string[] {
  const took = call.durationMs === undefined ? "" : `, took ${duration(call.durationMs)}`;
  const result = printable(call.result ?? "")
    .trim()
    .split("\n")
    .filter((line) => line.trim() !== "");
  const lines = result.slice(0, RESULT_LINES).flatMap((line) => wrap(line, columns));
  const hidden = result.length - RESULT_LINES;
  return [
    ...wrap(`${ENDED[call.status]}: ${oneLine(call.name)}${argumentsOf(call)}${took}`, columns),
    ...lines,
    ...(hidden > 0 ? [`and ${hidden} more ${hidden === 1 ? "line" : "lines"}`] : []),
  ];
}

/** A call that is under way. */
export function spokenCall({ call, since }: LiveCall, now: number): string {
  const { progress, name, status } = call;
  const { value = 0, total, message = "" } = progress ?? {};
  const known = total !== undefined && total > 0;
  const facts = [
    progress === undefined
      ? ""
      : known
        ? `${Math.floor((Math.min(value, total) / total) * 100)} percent`
        : quantity(value),
    oneLine(message),
    status === "running" ? duration(Math.floor((now - since) / 1_000) * 1_000) : "",
  ];
  return `${ENDED[status]}: ${[oneLine(name), ...facts.filter((fact) => fact !== "")].join(", ")}`;
}

function argumentsOf({ arguments: args }: ToolCallView): string {
  const given = Object.entries(args).map(([name, value]) => {
    const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
    return `${oneLine(name)} ${oneLine(text.slice(0, LONGEST_VALUE))}`;
  });
  return given.length === 0 ? "" : `, ${given.join(", ")}`;
}
