// What the keys of a line of text do, in the input and in a form's field alike: those of readline, which every shell has. One
// table says which keys, what they do, and what to tell of them.
import * as edit from "./editor.js";
import { type EditorState, redo, undo } from "./editor-state.js";
import { type Key, spelled } from "./keys.js";
import * as ring from "./kill-ring.js";

export interface LineKey {
  /** As {@link spelled} writes them. */
  readonly keys: readonly string[];
  /** The same keys as some terminals report them. */
  readonly also?: readonly string[];
  readonly does: string;
  readonly edit: (state: EditorState) => EditorState;
}

export const MOTIONS: readonly LineKey[] = [
  { keys: ["left", "C-b"], does: "a character back", edit: edit.left },
  { keys: ["right", "C-f"], does: "a character on", edit: edit.right },
  { keys: ["C-left", "A-left", "A-b"], does: "a word back", edit: edit.wordLeft },
  { keys: ["C-right", "A-right", "A-f"], does: "a word on", edit: edit.wordRight },
  { keys: ["home", "C-a"], does: "to the start of the line; again: of the text", edit: edit.home },
  { keys: ["end", "C-e"], does: "to the end of the line; again: of the text", edit: edit.end },
  { keys: ["A-<", "C-home"], also: ["A-S-,"], does: "to the start of the text", edit: edit.toStart },
  { keys: ["A->", "C-end"], also: ["A-S-."], does: "to the end of the text", edit: edit.toEnd },
];

export const CHANGES: readonly LineKey[] = [
  { keys: ["backspace", "C-h"], does: "deletes the character before the cursor", edit: edit.backspace },
  { keys: ["delete", "C-d"], does: "deletes the character at the cursor", edit: edit.deleteForward },
  { keys: ["C-w"], does: "kills back to the last space", edit: ring.killSpacedWord },
  { keys: ["A-backspace", "C-backspace"], does: "kills the word before the cursor", edit: ring.killWord },
  { keys: ["A-d", "A-delete", "C-delete"], does: "kills the word after the cursor", edit: ring.killWordForward },
  { keys: ["C-k"], does: "kills to the end of the line", edit: ring.killToEnd },
  { keys: ["C-u"], does: "kills to the start of the line", edit: ring.killToStart },
  { keys: ["C-y"], does: "yanks: brings back what was killed last", edit: ring.yank },
  { keys: ["A-y"], does: "after a yank: what was killed before that", edit: ring.yankOlder },
  { keys: ["C-_", "C-x C-u"], also: ["C-/", "C--", "C-S--"], does: "undoes", edit: undo },
  { keys: ["A-_"], also: ["A-S--"], does: "does again what was undone", edit: redo },
  { keys: ["C-t"], does: "swaps the two characters around the cursor", edit: edit.transpose },
  { keys: ["A-t"], does: "swaps the two words around the cursor", edit: edit.transposeWords },
  { keys: ["A-u"], does: "the rest of the word in large letters", edit: edit.upperCase },
  { keys: ["A-l"], does: "the rest of the word in small letters", edit: edit.lowerCase },
  { keys: ["A-c"], does: "the word's first letter large", edit: edit.capitalize },
  { keys: ["A-\\"], does: "deletes the spaces around the cursor", edit: edit.deleteSpaces },
];

const BY_KEY = new Map(
  [...MOTIONS, ...CHANGES].flatMap(({ keys, also = [], edit }) =>
    [...keys, ...also].map((key) => [key, edit] as const),
  ),
);

/** The line after the key; undefined where the key is none of a line's. `prefix`: a key such as Ctrl-X that came before it. */
export function lineKey(editor: EditorState, key: Key, prefix = ""): EditorState | undefined {
  const change = BY_KEY.get(prefix + spelled(key)) ?? BY_KEY.get(prefix + spelled({ ...key, shift: false }));
  return change?.(editor);
}
