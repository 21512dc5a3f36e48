// Which names and files are tools. A name is used in paths, in what clients list and in what a model calls, so it is letters, digits
// and `_` alone; nothing else ever reaches a path.
import { LibraryError } from "./library-error.js";

const NAME = /^[a-z][a-z0-9_]{0,63}$/;
const FILE = /^([a-z][a-z0-9_]{0,63})\.(js|mjs|ts)$/;

/** Of one source, in bytes. */
export const LONGEST_SOURCE = 256 * 1024;
export const MOST_TOOLS = 500;
/** Of all sources, in bytes. */
export const LARGEST_LIBRARY = 32 * 1024 * 1024;

/** The tool that a file is, by its name alone; undefined if it is none. */
export function toolOfFile(file: string): string | undefined {
  return FILE.exec(file)?.[1];
}

/** Throws `tool_name` for what is no name, and for one that is taken by what cannot be replaced. */
export function checkName(name: string, reserved: readonly string[]): void {
  if (!NAME.test(name)) {
    throw new LibraryError(
      "tool_name",
      `"${name.slice(0, 80)}" is no name for a tool: begin with a-z, go on with a-z, 0-9 or "_", at most 64 characters.`,
    );
  }
  if (reserved.includes(name)) {
    throw new LibraryError("tool_name", `"${name}" is a tool of Banyan's own; choose another name.`);
  }
}

/** Throws `tool_size` for a source that is empty or too long, and for text that no file can hold. */
export function checkSource(name: string, source: string): void {
  const bytes = Buffer.byteLength(source);
  if (source.trim() === "") throw new LibraryError("tool_size", `The code of ${name} is empty; give a module.`);
  if (bytes > LONGEST_SOURCE) {
    throw new LibraryError(
      "tool_size",
      `The code of ${name} has ${bytes} bytes, and at most ${LONGEST_SOURCE} are taken; make it shorter.`,
    );
  }
  if (/\0|\p{Surrogate}/u.test(source)) {
    throw new LibraryError("tool_size", `The code of ${name} is no text: it has a NUL or half a character in it.`);
  }
}
