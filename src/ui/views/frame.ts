// A view with the line above it that says which views there are, and what happens in the conversation meanwhile.
import type { Size } from "../layout.js";
import { clip, oneLine, pad, width } from "../text.js";
import type { Theme } from "../theme.js";
import { type ViewName, viewNames } from "../tui-manager.js";
import type { View } from "../view-store.js";
import type { FullView } from "./full-view.js";

export function frameLines(
  view: FullView,
  name: ViewName,
  conversation: View,
  { columns, rows }: Size,
  theme: Theme,
  now: number,
): readonly string[] {
  const inside = view.lines({ columns, rows: rows - 1 }, theme, now);
  return [tabsLine(name, conversation, columns, theme), ...inside].slice(0, rows).map((line) => clip(line, columns));
}

/** `1 tree  2 servers …`, or where that is too wide the open one alone; what the conversation does stands at the right. */
function tabsLine(name: ViewName, conversation: View, columns: number, theme: Theme): string {
  const news = newsOf(conversation, theme);
  const all = viewNames.map((one, index) => {
    const text = `${index + 1} ${one}`;
    return one === name ? theme.inverse(` ${text} `) : theme.muted(` ${text} `);
  });
  const wide = all.join("");
  const at = viewNames.indexOf(name) + 1;
  const narrow = `${theme.inverse(` ${at} ${name} `)}${theme.muted(` of ${viewNames.length}, Tab`)}`;
  const tabs = width(wide) + width(news) + 1 <= columns ? wide : narrow;
  return `${pad(tabs, columns - width(news) - 1)} ${news}`;
}

function newsOf({ question, status, connected }: View, theme: Theme): string {
  if (!connected) return theme.warn("the conversation is restarting");
  if (question !== undefined) return theme.warn("a question waits: Esc");
  if (status === undefined || status.turn === "idle") return "";
  return theme.accent(oneLine(status.turn.replace("-", " ")));
}
