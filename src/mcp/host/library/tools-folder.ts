// Reading the tools folder: one tool a file, whoever wrote it. Links are not followed, so that nothing outside the folder is ever taken
// for a tool; what is no tool is left alone, and said.
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { LARGEST_LIBRARY, LONGEST_SOURCE, MOST_TOOLS, toolOfFile } from "./tool-names.js";
import type { ToolFile, ToolSource } from "./versions.js";
import { isMissing, namesIn } from "./whole-files.js";

export interface FolderContent {
  /** In the order of their names. Two may be of one tool. */
  readonly files: readonly ToolSource[];
  readonly ignored: readonly string[];
}

export async function readToolsFolder(folder: string): Promise<FolderContent> {
  const files: ToolSource[] = [];
  const ignored: string[] = [];
  let bytes = 0;
  for (const file of await namesIn(folder)) {
    const name = toolOfFile(file);
    // Hidden files, editors' copies and half-written files are nobody's mistake.
    if (name === undefined && (/^\.|~$/.test(file) || /\.(new|tmp|swp|bak|orig|md|json)$/.test(file))) continue;
    if (name === undefined) {
      ignored.push(`${file.slice(0, 100)} is no tool: name it NAME.js, NAME.mjs or NAME.ts, NAME of a-z, 0-9 and "_".`);
      continue;
    }
    const source = await readTool(join(folder, file));
    if (source === undefined) continue;
    if ("reason" in source) ignored.push(`${file} is left out: ${source.reason}.`);
    else if (files.length >= MOST_TOOLS) ignored.push(`${file} is left out: there are ${MOST_TOOLS} tools already.`);
    else if ((bytes += source.text.length) > LARGEST_LIBRARY) {
      ignored.push(`${file} is left out: all tools together have more than ${LARGEST_LIBRARY} bytes.`);
    } else files.push({ name, file, hash: hashOf(source.text), source: source.text });
  }
  return { files, ignored };
}

/** Those that are listed: of two files with one name the first. */
export function toolsOf({ files, ignored }: FolderContent): { tools: ToolSource[]; ignored: string[] } {
  const byName = new Map<string, ToolSource>();
  const said = [...ignored];
  for (const file of files) {
    const other = byName.get(file.name);
    if (other === undefined) byName.set(file.name, file);
    else said.push(`${file.file} is left out: ${other.file} has the same name; delete one of the two.`);
  }
  return { tools: [...byName.values()], ignored: said };
}

export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The same for the same files, whatever their order. */
export function treeOf(files: readonly ToolFile[]): string {
  const pairs = files.map(({ file, hash }) => `${file} ${hash}`).sort();
  return hashOf(JSON.stringify(pairs));
}

/** The text of a regular file; undefined when it has just gone. */
export async function readTool(
  path: string,
): Promise<{ readonly text: string } | { readonly reason: string } | undefined> {
  try {
    // Without NONBLOCK a named pipe would keep the reader waiting for ever.
    const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) return { reason: "it is no file" };
      if (stats.size > LONGEST_SOURCE) return { reason: `it has more than ${LONGEST_SOURCE} bytes` };
      const bytes = await handle.readFile();
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
      return { text };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (error instanceof TypeError) return { reason: "it is no UTF-8 text" };
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "ELOOP" || code === "EMLINK")
      return { reason: "it is a link, and links are not followed; copy the file" };
    if (code === "EACCES" || code === "EPERM") return { reason: "it may not be read; mend its permissions" };
    if (code === "EISDIR" || code === "ENXIO") return { reason: "it is no file" };
    throw error;
  }
}
