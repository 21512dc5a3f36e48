// A picture dropped on the terminal arrives as its path, pasted: that alone is meant as a mention of it.
import type { EditorState } from "./editor-state.js";

const PATH = /^(?:file:\/\/)?((?:~|\.{1,2})?\/[^\n]{1,4096}\.(?:png|jpe?g|gif|webp))$/i;

/** The mention in place of a pasted path of an image where one may stand; undefined for any other text. */
export function imageMention({ text, cursor }: EditorState, pasted: string): string | undefined {
  if (text.startsWith("/") || !/^\s?$/.test(text.slice(Math.max(0, cursor - 1), cursor))) return undefined;
  const bare = pasted.trim().replace(/^(["'])(.*)\1$/s, "$2");
  const quoted = bare !== pasted.trim();
  // Terminals put a backslash before what a shell would take for itself.
  const [, path] = PATH.exec(quoted ? bare : bare.replace(/\\(.)/g, "$1")) ?? [];
  if (path === undefined || path.includes('"')) return undefined;
  return /\s/.test(path) ? `@"${path}" ` : `@${path} `;
}
