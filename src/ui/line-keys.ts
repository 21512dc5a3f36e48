// What the keys of a line of text do, as in every shell: the emacs keys, the arrows, and both with Ctrl or Alt for words.
import * as edit from "./editor.js";
import type { Key } from "./keys.js";

/** The keys every line of text knows, in the input and in a form's field alike. */
export function lineKey(editor: edit.EditorState, key: Key): edit.EditorState | undefined {
  const word = key.ctrl || key.alt;
  switch (key.name) {
    case "left":
      return word ? edit.wordLeft(editor) : edit.left(editor);
    case "right":
      return word ? edit.wordRight(editor) : edit.right(editor);
    case "home":
      return edit.home(editor);
    case "end":
      return edit.end(editor);
    case "backspace":
      return word ? edit.killWord(editor) : edit.backspace(editor);
    case "delete":
      return word ? edit.killWordForward(editor) : edit.deleteForward(editor);
    default:
      return key.ctrl ? controlKey(editor, key.name) : key.alt ? altKey(editor, key.name) : undefined;
  }
}

function controlKey(editor: edit.EditorState, letter: string): edit.EditorState | undefined {
  switch (letter) {
    case "a":
      return edit.home(editor);
    case "e":
      return edit.end(editor);
    case "b":
      return edit.left(editor);
    case "f":
      return edit.right(editor);
    case "d":
      return edit.deleteForward(editor);
    case "h":
      return edit.backspace(editor);
    case "k":
      return edit.killToEnd(editor);
    case "u":
      return edit.killToStart(editor);
    case "w":
      return edit.killWord(editor);
    case "y":
      return edit.yank(editor);
    default:
      return undefined;
  }
}

function altKey(editor: edit.EditorState, letter: string): edit.EditorState | undefined {
  switch (letter) {
    case "b":
      return edit.wordLeft(editor);
    case "f":
      return edit.wordRight(editor);
    case "d":
      return edit.killWordForward(editor);
    default:
      return undefined;
  }
}
