// One configuration file: its bytes, its text, its table. Whatever keeps a file from being read has a sentence of its
// own that says what to do. A file that is not there is no layer; only one named with --config must exist.
import { readFileSync, statSync } from "node:fs";
import { messageOf } from "../../supervision/errors.js";
import type { ConfigFile } from "../paths.js";
import { locate } from "./locate.js";
import { isTable, type Layer, type Table } from "./merge.js";
import type { ConfigProblem } from "./problems.js";

/** Gives a file's bytes, or undefined when there is none; throws when it cannot be read. */
export type ReadFile = (file: string) => Uint8Array | undefined;

export type FileResult =
  | { readonly layer: Layer; readonly bytes: Uint8Array }
  | { readonly problem: ConfigProblem }
  | undefined;

/** Far more than anybody writes, and little enough that a running app which reads it again does not falter. */
const LARGEST_FILE = 256 * 1024;
const DEEPEST = 16;

const CAUSES: Readonly<Record<string, string>> = {
  EACCES: "you may not read it",
  EPERM: "you may not read it",
  ENOTDIR: "a part of its path is a file",
  ELOOP: "its symbolic links run in a circle",
  ENAMETOOLONG: "its path is too long",
};

/** Reads a regular file of at most 256 KB. */
export const readFromDisk: ReadFile = (file) => {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  // Asked before opening: a named pipe would wait for its writer for ever.
  if (stats.isDirectory()) throw new Error("it is a folder, and a file is needed");
  if (!stats.isFile()) throw new Error("it is not a regular file");
  if (stats.size > LARGEST_FILE) throw new Error(`it has ${stats.size} bytes, and at most ${LARGEST_FILE} are allowed`);
  return readFileSync(file);
};

export async function readConfigFile({ file, layer }: ConfigFile, read: ReadFile): Promise<FileResult> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = read(file);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    // ENOTDIR: a file stands where the folder would be, so there is no such file either.
    if (code === "ENOTDIR" && layer !== "named") return undefined;
    const why = CAUSES[code] ?? (code || messageOf(cause));
    return { problem: { message: `${file}: this file cannot be read: ${why}; mend it or move it away.` } };
  }
  if (bytes === undefined) {
    if (layer !== "named") return undefined;
    return { problem: { message: `${file}: there is no such file; give --config the path of one that exists.` } };
  }
  const text = decode(bytes);
  if (typeof text === "number") {
    return { problem: { message: `${file}:${text}: this is not UTF-8 text; save the file as UTF-8.` } };
  }
  const parsed = await parseToml(text);
  if ("problem" in parsed) {
    const { line, column, says } = parsed.problem;
    const message = `${file}:${line}: this is not valid TOML at column ${column}: ${says}.`;
    return { problem: { message, origin: { layer, file, line } } };
  }
  // Most starts ask for no line of most files, so the scan waits until one is asked for.
  let lineOf: ReturnType<typeof locate> | undefined;
  const origin: Layer["origin"] = (path) => {
    lineOf ??= locate(text);
    return { layer, file, line: lineOf(path) };
  };
  return { layer: { values: parsed.values, origin }, bytes };
}

/** The text, or the number of the first line that is not UTF-8. */
function decode(bytes: Uint8Array): string | number {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  try {
    return utf8.decode(bytes);
  } catch {
    let line = 1;
    for (let start = 0; start < bytes.length; line++) {
      const end = bytes.indexOf(10, start);
      const part = bytes.subarray(start, end === -1 ? undefined : end);
      if (!isUtf8(part)) return line;
      start = end === -1 ? bytes.length : end + 1;
    }
    return line;
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

type Parsed = { values: Table } | { problem: { line: number; column: number; says: string } };

async function parseToml(text: string): Promise<Parsed> {
  // Loaded only when there is a file to parse: a start without one does not pay for it.
  const { parse, TomlError } = await import("smol-toml");
  try {
    const values = withoutDates(parse(text, { maxDepth: DEEPEST, unsafeKeyBehaviour: "throw" }));
    return { values: isTable(values) ? values : {} };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The rest of the message is a picture of the line, which may hold a secret.
    const says = (error.message.split("\n")[0] ?? "").replace("Invalid TOML document: ", "");
    return { problem: { line: error.line, column: error.column, says } };
  }
}

/** No setting is a date, and a date object would pass for an empty table: a symbol passes for nothing. */
function withoutDates(value: unknown, depth = 0): unknown {
  if (value instanceof Date) return Symbol("a date");
  if (Array.isArray(value)) return value.map((inner) => withoutDates(inner, depth + 1));
  // Dotted keys may nest without end, and no setting lies that deep.
  if (!isTable(value) || depth > DEEPEST) return value;
  for (const [key, inner] of Object.entries(value)) value[key] = withoutDates(inner, depth + 1);
  return value;
}
