// What is completed while it is typed: a slash command at the beginning, of which all are known here, or the mention the cursor
// stands in, which only the chat can complete. Of commands those whose name, or another name, begins with what is typed come first,
// then those that contain its letters in order.
import type { CommandHint } from "../chat/events.js";
import { fuzzy } from "../chat/fuzzy.js";
import { changed, type EditorState } from "./editor-state.js";

/** Commands for a text of the form `/word`, best first; none for any other text. */
export function completionsFor(text: string, commands: readonly CommandHint[]): readonly CommandHint[] {
  const typed = /^\/(\S*)$/.exec(text)?.[1]?.toLowerCase();
  if (typed === undefined) return [];
  const begins = (command: CommandHint): boolean => namesOf(command).some((name) => name.startsWith(typed));
  const named = commands.filter(({ name }) => name.toLowerCase().startsWith(typed));
  const also = commands.filter((command) => begins(command));
  const loosely = fuzzy(commands, typed, (command) => namesOf(command).join(" "));
  return [...new Set([...named, ...also, ...loosely])];
}

function namesOf({ name, also = [] }: CommandHint): string[] {
  return [name, ...also].map((each) => each.toLowerCase());
}

/** A mention that is being written. */
export interface WrittenMention {
  /** Where its `@` stands. */
  readonly at: number;
  /** From there to the cursor. */
  readonly text: string;
}

/** A longer one is none. */
const LONGEST_MENTION = 1_000;

/** The mention that ends at the cursor; undefined for none. A line that is a command has none. */
export function mentionAt({ text, cursor }: EditorState): WrittenMention | undefined {
  if (text.startsWith("/")) return undefined;
  const before = text.slice(Math.max(0, cursor - LONGEST_MENTION), cursor);
  const [written] = /(?<![^\s([{<'"])@(?:[a-z]+:)?(?:"[^"\n]*|[^\s"]*)$/.exec(before) ?? [];
  return written === undefined ? undefined : { at: cursor - written.length, text: written };
}

/** The line with a mention whole, and the cursor behind it; at its end where it is a folder, to go on into that. */
export function withMention(editor: EditorState, { at }: WrittenMention, whole: string): EditorState {
  const rest = editor.text.slice(editor.cursor);
  const before = editor.text.slice(0, at) + whole;
  if (whole.endsWith("/")) return changed(editor, before + rest, before.length);
  return changed(editor, before + (/^\s/.test(rest) ? rest : ` ${rest}`), before.length + 1);
}
