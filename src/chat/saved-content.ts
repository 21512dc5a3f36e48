// What a tool answers that is no text, or more text than the model is given, goes into files that the user can open. A file is named
// after what is in it, so that the same picture is there once; the folder is the user's alone, and the oldest files make room.
import { createHash } from "node:crypto";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContentBlock } from "../mcp/client/mcp-types.js";

const LONGEST_FILE = 20 * 1024 * 1024;
const MOST_FILES = 200;

/** The bytes of a block that has any, and what kind they are. */
export function bytesOf(block: ContentBlock): { readonly data: Buffer; readonly mimeType: string } | undefined {
  if (block.type === "image" || block.type === "audio") {
    return { data: Buffer.from(block.data, "base64"), mimeType: block.mimeType };
  }
  if (block.type !== "resource" || !("blob" in block.resource)) return undefined;
  const { blob, mimeType = "application/octet-stream" } = block.resource;
  return { data: Buffer.from(blob, "base64"), mimeType };
}

/** The file of each block that was saved. What is too large, or cannot be written, is not. */
export async function saveContent(
  content: readonly ContentBlock[],
  folder: string,
): Promise<ReadonlyMap<ContentBlock, string>> {
  const saved = new Map<ContentBlock, string>();
  for (const block of content) {
    const bytes = bytesOf(block);
    if (bytes === undefined || bytes.data.length > LONGEST_FILE) continue;
    const file = await saveBytes(bytes.data, extensionOf(bytes.mimeType), folder);
    if (file !== undefined) saved.set(block, file);
  }
  if (saved.size > 0) await makeRoom(folder);
  return saved;
}

/** The file with all of a text; undefined if it is too large or cannot be written. */
export async function saveText(text: string, folder: string): Promise<string | undefined> {
  const data = Buffer.from(text);
  if (data.length > LONGEST_FILE) return undefined;
  const file = await saveBytes(data, "txt", folder);
  if (file !== undefined) await makeRoom(folder);
  return file;
}

/** Undefined if it cannot be written: it is shown without a file then, for the answer counts more. */
async function saveBytes(data: Buffer, extension: string, folder: string): Promise<string | undefined> {
  const hash = createHash("sha256").update(data).digest("hex").slice(0, 16);
  const file = join(folder, `${hash}.${extension}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(file, data, { mode: 0o600 });
    return file;
  } catch {
    return undefined;
  }
}

async function makeRoom(folder: string): Promise<void> {
  try {
    const names = await readdir(folder);
    if (names.length <= MOST_FILES) return;
    const files = await Promise.all(
      names.map(async (name) => ({ file: join(folder, name), at: (await stat(join(folder, name))).mtimeMs })),
    );
    files.sort((one, other) => other.at - one.at);
    for (const { file } of files.slice(MOST_FILES)) await rm(file);
  } catch {
    // Another Banyan is at it.
  }
}

function extensionOf(mimeType: string): string {
  return /^[a-z]+\/(?:x-)?([a-z0-9]{1,10})\b/i.exec(mimeType)?.[1]?.toLowerCase() ?? "bin";
}
