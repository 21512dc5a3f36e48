// A file or folder that the user names, also outside the project's folder: it is the user's own word.
import { open, readdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { BanyanError } from "../../supervision/index.js";
import { type Content, contentOf, type SizeLimits, tooLarge } from "./content.js";

/** Of a folder. */
const MOST_LISTED = 1_000;

/** Undefined when there is nothing of that name. Rejects with a word for the user for what cannot be read. */
export async function readPath(
  name: string,
  path: string,
  folder: string,
  limits: SizeLimits,
): Promise<Content | undefined> {
  const file = resolve(folder, path.replace(/^~(?=\/|$)/, homedir()));
  try {
    const found = await stat(file);
    if (found.isDirectory()) return await listing(name, file);
    if (!found.isFile()) throw new BanyanError("no_file", "it is neither a file nor a folder");
    return contentOf(name, await bytesOf(file, limits), limits);
  } catch (error) {
    if (error instanceof BanyanError || !(error instanceof Error && "code" in error)) throw error;
    if (["ENOENT", "ENOTDIR", "ENAMETOOLONG"].includes(String(error.code))) return undefined;
    const why = error.code === "EACCES" || error.code === "EPERM" ? "you may not read it" : error.message;
    throw new BanyanError("no_file", why, { cause: error });
  }
}

/** No more than could be taken: a file may grow while it is read. */
async function bytesOf(file: string, limits: SizeLimits): Promise<Uint8Array> {
  const most = Math.max(limits.text, limits.image);
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size > most) throw tooLarge(size, limits.text < most ? "image" : "text", limits);
    // What the system makes up while it is read, below /proc say, has no size.
    const buffer = Buffer.alloc((size === 0 ? most : size) + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await handle.close();
  }
}

async function listing(name: string, folder: string): Promise<Content> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.map((entry) => (entry.isDirectory() ? join(entry.name, "/") : entry.name)).sort();
  const more = names.length > MOST_LISTED ? [`… and ${names.length - MOST_LISTED} more`] : [];
  const text = [...names.slice(0, MOST_LISTED), ...more].join("\n");
  return { name, mimeType: "inode/directory", data: Buffer.from(text === "" ? "(empty)" : text) };
}
