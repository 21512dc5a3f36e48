// Small JSON files that carry the hash of their own content, so that one that is torn or has a flipped bit is known for damaged and
// never taken for what it was.
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { hashOf } from "./tools-folder.js";
import { isMissing, writeWhole } from "./whole-files.js";

const sealed = z.strictObject({ sha256: z.string(), content: z.string() });

export async function writeSealed(file: string, value: unknown): Promise<void> {
  const content = JSON.stringify(value);
  await writeWhole(file, JSON.stringify({ sha256: hashOf(content), content }));
}

/** Undefined if there is no such file, `damaged` if it is not what was written. */
export async function readSealed<T>(file: string, schema: z.ZodType<T>): Promise<T | "damaged" | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const { sha256, content } = sealed.parse(JSON.parse(text));
    return hashOf(content) === sha256 ? schema.parse(JSON.parse(content)) : "damaged";
  } catch {
    return "damaged";
  }
}

/** Keeps a damaged file for whoever wants to look, under a name that nobody reads. */
export async function setAside(folder: string, name: string): Promise<void> {
  await rename(join(folder, name), join(folder, `${name}.damaged`));
}
