// The file of the index: what the search needs, then what the next build needs, each with its checksum. The search reads only its part.
import { createHash } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { faultOfRebuild, faultOfSearch } from "./faults.js";
import { aligned, type Packed, pack, unpack } from "./packed.js";

/** Of the tables and of everything that goes into them (words, fields, weights): another number is another index. */
const VERSION = 1;
const MAGIC = "BANYANCX";
const HEAD = 64;
const SUM = 20;
/** So much is summed up before others may run. */
const SLICE = 4 * 1024 * 1024;
/** Of other folders' indexes. */
const KEPT = 20;

/** `damaged` says what was wrong with a file that was there. */
export type Loaded = Packed | { readonly damaged: string } | undefined;

/** Each set of roots has a file of its own, for two programs may use two at once. */
export function indexFile(folder: string, roots: readonly string[]): string {
  return join(folder, `index-${createHash("sha1").update(roots.join("\0")).digest("hex").slice(0, 12)}.bin`);
}

/** Takes the place of the file at once, or leaves it as it was. */
export function writeIndexFile(folder: string, file: string, search: Uint8Array, rebuild: Packed): void {
  const parts = [search, pack(rebuild)];
  const head = Buffer.alloc(HEAD);
  head.write(MAGIC);
  head.writeUInt32LE(VERSION, 8);
  parts.forEach((part, at) => {
    head.writeUInt32LE(part.length, 12 + at * 4);
    createHash("sha1")
      .update(part)
      .digest()
      .copy(head, 20 + at * SUM);
  });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}.new`;
  try {
    const handle = openSync(fresh, "w", 0o600);
    try {
      for (const bytes of [head, ...parts])
        for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at, Math.min(bytes.length - at, 2 ** 30));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
  removeOldest(folder);
}

/** The oldest indexes of other folders, which are made again when they are asked for. */
function removeOldest(folder: string): void {
  const files = readdirSync(folder)
    .filter((name) => /^index-.*\.bin/.test(name))
    .map((name) => ({ name, at: statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
  for (const { name } of files.sort((a, b) => b.at - a.at).slice(KEPT)) rmSync(join(folder, name), { force: true });
}

/** Undefined where no file is that this version made. Never throws: what cannot be read is damaged. */
export async function readIndexFile(file: string, part: "search" | "rebuild"): Promise<Loaded> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => error);
  if (handle instanceof Error)
    return handle.code === "ENOENT" ? undefined : { damaged: `cannot be read: ${handle.code}` };
  try {
    const head = Buffer.alloc(HEAD);
    const { bytesRead } = await handle.read(head, 0, HEAD, 0);
    if (bytesRead < HEAD || head.toString("latin1", 0, 8) !== MAGIC) return { damaged: "is no index" };
    if (head.readUInt32LE(8) !== VERSION) return undefined; // whole, and of another Banyan
    const lengths = [head.readUInt32LE(12), head.readUInt32LE(16)] as const;
    const { size } = await handle.stat();
    if (size !== HEAD + lengths[0] + lengths[1]) return { damaged: "is not as long as it should be" };
    const [at, length, sumAt] = part === "search" ? [HEAD, lengths[0], 20] : [HEAD + lengths[0], lengths[1], 20 + SUM];
    const bytes = new Uint8Array(aligned(length));
    for (let read = 0; read < length; ) {
      const { bytesRead: more } = await handle.read(bytes, read, Math.min(length - read, 2 ** 30), at + read);
      if (more === 0) return { damaged: "ended before its end" };
      read += more;
    }
    const sum = createHash("sha1");
    for (let next = 0; next < length; next += SLICE) {
      if (next > 0) await nextTurn();
      sum.update(bytes.subarray(next, Math.min(length, next + SLICE)));
    }
    if (!sum.digest().equals(head.subarray(sumAt, sumAt + SUM))) return { damaged: "has a wrong checksum" };
    const packed = unpack(bytes);
    const fault = await (part === "search" ? faultOfSearch : faultOfRebuild)(packed);
    return fault === undefined ? packed : { damaged: fault };
  } catch (error) {
    return { damaged: `cannot be read: ${error instanceof Error ? error.message : error}` };
  } finally {
    await handle.close();
  }
}
