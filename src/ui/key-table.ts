// Every key of the chat, for the help and docs/keys.md: those of a line from the table that gives them their meaning, the others
// beside it. What is told here is what a test presses.
import { CHANGES, type LineKey, MOTIONS } from "./line-keys.js";
import { VIEW_KEYS, type ViewName } from "./tui-manager.js";

export interface KeyHelp {
  /** As `spelled` in keys.ts writes them; a second key of two after a space. */
  readonly keys: readonly string[];
  readonly does: string;
}

export interface KeyGroup {
  readonly title: string;
  readonly keys: readonly KeyHelp[];
}

const told = ({ keys, does }: LineKey): KeyHelp => ({ keys, does });
const VIEWS: { readonly [view in ViewName]: string } = {
  help: "all keys",
  tree: "the supervision tree, live",
  servers: "the servers: state, tools, latency, restarts",
  logs: "the log, as it grows",
  notifications: "what servers have told",
  cache: "the resources that are kept",
  progress: "the tool calls that run",
};
const views = Object.entries(VIEW_KEYS).flatMap(([key, view]) =>
  view === undefined ? [] : [{ keys: [key], does: VIEWS[view] }],
);

export const KEY_GROUPS: readonly KeyGroup[] = [
  {
    title: "Sending and stopping",
    keys: [
      { keys: ["enter"], does: "sends the message; after a `\\`, begins a new line" },
      { keys: ["S-enter", "A-enter", "C-j"], does: "begins a new line" },
      { keys: ["escape"], does: "closes a list, dismisses a question, stops the answer; twice: clears the line" },
      { keys: ["C-c"], does: "clears the line, stops the answer; twice in an empty line: leaves" },
      { keys: ["C-d"], does: "in an empty line: leaves" },
      { keys: ["C-z"], does: "suspends; `fg` comes back" },
      { keys: ["C-l"], does: "paints the screen anew" },
    ],
  },
  { title: "Moving", keys: [...MOTIONS.map(told), { keys: ["up", "down"], does: "a row up or down" }] },
  { title: "Changing", keys: CHANGES.map(told) },
  {
    title: "History, lists and large texts",
    keys: [
      { keys: ["up", "down"], does: "in the first or last row: through what was sent before in this folder" },
      { keys: ["C-p", "C-n"], does: "the same in any row" },
      { keys: ["C-r"], does: "searches what was sent before; again: older ones" },
      { keys: ["C-s"], does: "in a search: back to newer ones" },
      { keys: ["tab"], does: "completes; with a question open: goes to it" },
      { keys: ["A-o"], does: "spreads out a large pasted text" },
      { keys: ["C-g", "C-x C-e"], does: "writes the message in your own editor ($VISUAL or $EDITOR)" },
    ],
  },
  { title: "Views", keys: [...views, { keys: ["C-o"], does: "the view that was open last, and back" }] },
];

const NAMES: { readonly [name: string]: string } = {
  escape: "Esc",
  pageup: "Page Up",
  pagedown: "Page Down",
  backspace: "Backspace",
  delete: "Delete",
};

/** A key as people read it: `Ctrl-X Ctrl-E`. */
export function keyName(spelled: string): string {
  return spelled
    .split(" ")
    .map((key) => {
      const [, modifiers = "", name = ""] = /^((?:[CAS]-)*)(.+)$/.exec(key) ?? [];
      const said = NAMES[name] ?? name.charAt(0).toUpperCase() + name.slice(1);
      return modifiers.replace("C-", "Ctrl-").replace("A-", "Alt-").replace("S-", "Shift-") + said;
    })
    .join(" ");
}

/** The table in Markdown. */
export function keysInMarkdown(): string {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  return KEY_GROUPS.map(({ title, keys }) => {
    const rows = keys.map(
      (one) => `| ${one.keys.map((key) => `\`${cell(keyName(key))}\``).join(", ")} | ${cell(one.does)} |`,
    );
    return `## ${title}\n\n| key | what it does |\n| --- | --- |\n${rows.join("\n")}\n`;
  }).join("\n");
}
