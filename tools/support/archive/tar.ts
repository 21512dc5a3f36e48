// Reads and writes tar archives, plain or gzipped, piece by piece.
import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { ToolError } from "../../define.js";
import { type ArchiveEntry, type ArchiveGuard, damaged } from "./entry.js";
import type { Packed } from "./pack.js";

const PIECE_BYTES = 64 * 1024;
// Headers, padding and long names; an archive with far more of that than content is made to waste time.
const MAX_OVERHEAD = 40_000_000;

export async function* readTar(
  { file, shown, gzipped }: { readonly file: FileHandle; readonly shown: string; readonly gzipped: boolean },
  guard: ArchiveGuard,
): AsyncGenerator<ArchiveEntry> {
  const { extract } = await import("tar-stream");
  const entries = extract();
  let [raw, bodies] = [0, 0];
  async function* counted(source: AsyncIterable<Uint8Array>) {
    for await (const piece of source) {
      raw += piece.length;
      guard.unpacked(piece.length);
      if (raw - bodies > MAX_OVERHEAD) throw new ToolError(`${shown} is made of headers more than of files; refused.`);
      yield piece;
    }
  }
  const source = pieces(file);
  const fed = gzipped ? pipeline(source, createGunzip(), counted, entries) : pipeline(source, counted, entries);
  let failed: unknown;
  fed.catch((error) => {
    failed ??= error;
  });
  const problem = (error: unknown) => {
    const cause = failed ?? error;
    return cause instanceof ToolError ? cause : damaged(shown, "it cannot be read to its end");
  };
  async function* content(entry: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
    const bytes = entry as AsyncIterable<Uint8Array>; // what these streams are of, though their types do not say so
    try {
      yield* bytes;
    } catch (error) {
      throw problem(error);
    }
  }
  try {
    for await (const entry of entries) {
      guard.entry();
      const { name, type, size = 0, mode = 0 } = entry.header;
      bodies += size;
      const kind = kindOf(type);
      yield { name, kind, size, executable: kind === "file" && (mode & 0o111) !== 0, content: () => content(entry) };
      entry.resume(); // what the caller did not read
    }
    await fed;
  } catch (error) {
    throw problem(error);
  } finally {
    entries.destroy();
  }
}

function kindOf(type: string | null | undefined): ArchiveEntry["kind"] {
  if (type === "file" || type === "contiguous-file") return "file";
  if (type === "directory") return "folder";
  return type === "symlink" || type === "link" ? "link" : "other";
}

async function* pieces(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    const bytes = Buffer.allocUnsafe(PIECE_BYTES);
    const { bytesRead } = await file.read(bytes, 0, PIECE_BYTES, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield bytes.subarray(0, bytesRead);
  }
}

export async function* writeTar(things: AsyncIterable<Packed>, gzipped: boolean): AsyncGenerator<Uint8Array> {
  const { pack } = await import("tar-stream");
  const tar = pack();
  const fill = async () => {
    for await (const { name, folder, size, mode, modifiedMs, content } of things) {
      const type = folder ? ("directory" as const) : ("file" as const);
      const header = { name: folder ? `${name}/` : name, type, size, mode: mode & 0o777, mtime: new Date(modifiedMs) };
      const entry = tar.entry(header);
      for await (const piece of content) {
        if (!entry.write(piece)) await new Promise<void>((go) => entry.once("drain", () => go()));
      }
      await new Promise<void>((resolve) => {
        entry.once("close", () => resolve());
        entry.end(undefined);
      });
    }
    tar.finalize();
  };
  const filled = fill();
  filled.catch((error) => tar.destroy(error instanceof Error ? error : new Error(String(error))));
  const plain = Readable.from(tar);
  for await (const piece of gzipped ? plain.compose(createGzip()) : plain) yield piece;
  await filled;
}
