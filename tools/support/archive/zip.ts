// Reads zip archives by their directory at the end, as unpackers do, so that what is listed and what is unpacked are the same;
// sizes and checksums are held against the content. Writes them with fflate, piece by piece.
import type { FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createInflateRaw } from "node:zlib";
import { ToolError } from "../../define.js";
import { type ArchiveEntry, type ArchiveGuard, damaged } from "./entry.js";
import type { Packed } from "./pack.js";

const PIECE_BYTES = 64 * 1024;
const MAX_DIRECTORY = 16_000_000;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;

interface Opened {
  readonly file: FileHandle;
  readonly size: number;
  readonly shown: string;
}

export async function* readZip(archive: Opened, guard: ArchiveGuard): AsyncGenerator<ArchiveEntry> {
  const { shown } = archive;
  const directory = await readDirectory(archive);
  const found: ArchiveEntry[] = []; // all of them, so that a limit is met before anything is unpacked
  for (let at = 0; at < directory.length; ) {
    if (directory.length - at < ENTRY_BYTES || directory.readUInt32LE(at) !== 0x02014b50) {
      throw damaged(shown, "its directory is not whole");
    }
    guard.entry();
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field));
    const nameEnd = at + ENTRY_BYTES + (nameBytes ?? 0);
    const name = decodeName(directory.subarray(at + ENTRY_BYTES, nameEnd));
    // The upper half is the mode, where a Unix system made the archive.
    const mode = directory.readUInt8(at + 5) === 3 ? directory.readUInt16LE(at + 40) : 0;
    const header: Header = {
      name,
      method: directory.readUInt16LE(at + 10),
      encrypted: (directory.readUInt16LE(at + 8) & 1) === 1,
      crc: directory.readUInt32LE(at + 16),
      packed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    };
    if (header.size === 0xffffffff || header.packed === 0xffffffff) throw tooLarge(shown);
    found.push({
      name,
      kind: kindOf(name, mode & 0o170000),
      size: header.size,
      executable: (mode & 0o111) !== 0,
      content: () => content(archive, header, guard),
    });
    at = nameEnd + (extraBytes ?? 0) + (commentBytes ?? 0);
  }
  yield* found;
}

interface Header {
  readonly name: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

async function readDirectory({ file, size, shown }: Opened): Promise<Buffer> {
  const tail = await readAt(file, Math.max(0, size - END_BYTES - 0xffff), Math.min(size, END_BYTES + 0xffff));
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== 0x06054b50 || at + END_BYTES + tail.readUInt16LE(at + 20) !== tail.length) continue;
    const [entries, bytes, offset] = [
      tail.readUInt16LE(at + 10),
      tail.readUInt32LE(at + 12),
      tail.readUInt32LE(at + 16),
    ];
    if (entries === 0xffff || bytes > MAX_DIRECTORY) throw tooLarge(shown);
    if (offset + bytes > size) throw damaged(shown, "its directory is not whole");
    return readAt(file, offset, bytes);
  }
  throw damaged(shown, "it has no directory at its end");
}

async function* content(
  { file, size, shown }: Opened,
  header: Header,
  guard: ArchiveGuard,
): AsyncGenerator<Uint8Array> {
  if (header.encrypted) throw new ToolError(`${shown} is protected by a password, so it cannot be unpacked here.`);
  if (header.method !== 0 && header.method !== 8) {
    throw new ToolError(
      `${shown} uses a compression this tool does not know (${header.method}); pack it as usual zip.`,
    );
  }
  const local = await readAt(file, header.offset, LOCAL_BYTES);
  if (local.length < LOCAL_BYTES || local.readUInt32LE(0) !== 0x04034b50) throw damaged(shown, "an entry is missing");
  const from = header.offset + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
  if (from + header.packed > size) throw damaged(shown, "an entry is cut off");
  const raw = pieces(file, from, header.packed);
  let [length, crc] = [0, 0];
  try {
    for await (const piece of header.method === 8 ? inflated(raw) : raw) {
      length += piece.length;
      guard.unpacked(piece.length);
      if (length > header.size) break;
      crc = crc32(piece, crc);
      yield piece;
    }
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw damaged(shown, "an entry cannot be unpacked");
  }
  if (length !== header.size || crc !== header.crc) throw damaged(shown, "an entry does not match its checksum");
}

async function* pieces(file: FileHandle, from: number, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < length; at += PIECE_BYTES) {
    yield await readAt(file, from + at, Math.min(PIECE_BYTES, length - at));
  }
}

async function* inflated(raw: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw({ chunkSize: PIECE_BYTES });
  const fed = pipeline(raw, inflate);
  fed.catch(() => {}); // what goes wrong is told where the pieces come out
  for await (const piece of inflate) yield piece;
}

async function readAt(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let got = 0;
  while (got < length) {
    const { bytesRead } = await file.read(bytes, got, length - got, from + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return bytes.subarray(0, got);
}

function kindOf(name: string, type: number): ArchiveEntry["kind"] {
  if (type === 0o120000) return "link";
  if (type === 0o040000 || /[/\\]$/.test(name)) return "folder";
  return type === 0 || type === 0o100000 ? "file" : "other";
}

/** UTF-8 where it is that, as it mostly is even unmarked; else the bytes one by one. */
function decodeName(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.toString("latin1");
  }
}

function tooLarge(shown: string): ToolError {
  return new ToolError(`${shown} is too large a zip for this tool (ZIP64); unpack it by other means.`);
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array, before: number): number {
  let crc = ~before;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}

const FIRST_DATE = Date.UTC(1980, 0, 2); // zip knows no earlier one
const LAST_DATE = Date.UTC(2099, 11, 30);

export async function* writeZip(things: AsyncIterable<Packed>): AsyncGenerator<Uint8Array> {
  const { Zip, ZipDeflate, ZipPassThrough } = await import("fflate/browser");
  let ready: Uint8Array[] = [];
  const zip = new Zip((error, piece) => {
    if (error) throw error;
    ready.push(piece);
  });
  const taken = () => {
    const all = ready;
    ready = [];
    return all;
  };
  for await (const { name, folder, mode, modifiedMs, content } of things) {
    const entry = folder ? new ZipPassThrough(`${name}/`) : new ZipDeflate(name, { level: 6 });
    entry.mtime = Math.min(Math.max(modifiedMs, FIRST_DATE), LAST_DATE);
    entry.os = 3;
    entry.attrs = (((folder ? 0o040000 : 0o100000) | (mode & 0o777)) << 16) >>> 0;
    zip.add(entry);
    for await (const piece of content) {
      entry.push(piece);
      yield* taken();
    }
    entry.push(new Uint8Array(0), true);
    yield* taken();
  }
  zip.end();
  yield* taken();
}
