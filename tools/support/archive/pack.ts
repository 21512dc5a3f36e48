// Gathers files and folders of the working folder for an archive.
import { lstat } from "node:fs/promises";
import { ToolError } from "../../define.js";
import { fileProblem, openFile, resolveInside } from "../folder.js";
import { formatBytes } from "../text.js";
import { type Place, walk } from "../walk.js";
import { MAX_BYTES, MAX_ENTRIES } from "./entry.js";

const PIECE_BYTES = 64 * 1024;
const PROGRESS_BYTES = 5_000_000;

/** One thing to put into an archive; `content` is to be read before the next is asked for. */
export interface Packed {
  /** The path from the working folder, with `/` and none at its end. */
  readonly name: string;
  readonly folder: boolean;
  readonly size: number;
  readonly mode: number;
  readonly modifiedMs: number;
  readonly content: AsyncIterable<Uint8Array>;
}

export interface Gathered {
  readonly places: readonly Place[];
  readonly bytes: number;
  /** Symbolic links and special files, which are left out. */
  readonly leftOut: number;
}

/** What `paths` name, with everything below; `except` is the archive itself. */
export async function gather(
  root: string,
  paths: readonly string[],
  {
    exclude,
    except,
    signal,
  }: { readonly exclude: readonly string[]; readonly except: string; readonly signal: AbortSignal },
): Promise<Gathered> {
  const places = new Map<string, Place>();
  let [bytes, leftOut] = [0, 0];
  const add = (place: Place) => {
    if (place.real === except || places.has(place.shown)) return;
    if (place.kind !== "file" && place.kind !== "folder") {
      leftOut++;
      return;
    }
    bytes += place.size;
    places.set(place.shown, place);
    if (places.size > MAX_ENTRIES || bytes > MAX_BYTES) {
      throw new ToolError(
        `That is more than ${MAX_ENTRIES} files or ${formatBytes(MAX_BYTES)}; name fewer paths, or exclude folders such as node_modules.`,
      );
    }
  };
  const incomplete = (shown: string) => {
    throw new ToolError(`"${shown}" cannot be read in full, so nothing was packed; name other paths or exclude it.`);
  };
  for (const path of paths) {
    const { real, shown } = await resolveInside(root, path);
    const stat = await lstat(real).catch((error) => {
      throw fileProblem(error, path);
    });
    const name = shown === "." ? "" : shown.replaceAll("\\", "/");
    const kind = stat.isFile() ? "file" : stat.isDirectory() ? "folder" : "other";
    const size = stat.isFile() ? stat.size : 0;
    if (name !== "") add({ name, shown: name, real, kind, size, mode: stat.mode, modifiedMs: stat.mtimeMs });
    if (!stat.isDirectory()) continue;
    for await (const place of walk({ root, signal, skip: exclude, maxDepth: 64, incomplete }, real, name)) add(place);
  }
  if (places.size === 0) throw new ToolError("There is nothing to pack there; name files or folders that hold some.");
  return { places: [...places.values()], bytes, leftOut };
}

export async function* packed(
  root: string,
  { places, bytes }: Gathered,
  signal: AbortSignal,
  progress: (done: number, total: number) => void,
): AsyncGenerator<Packed> {
  let [done, told] = [0, 0];
  for (const { shown, real, kind, mode, size, modifiedMs } of places) {
    signal.throwIfAborted();
    const content = kind === "file" ? read(root, real, size, signal) : nothing();
    yield { name: shown, folder: kind === "folder", size, mode, modifiedMs, content };
    done += size;
    if (done - told < PROGRESS_BYTES) continue;
    progress(done, bytes);
    told = done;
  }
}

/** Exactly as many bytes as were promised: a tar says the size first. */
async function* read(root: string, real: string, size: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const { file, shown } = await openFile(root, real);
  try {
    let left = size;
    for (;;) {
      signal.throwIfAborted();
      const bytes = Buffer.allocUnsafe(PIECE_BYTES);
      const { bytesRead } = await file.read(bytes, 0, PIECE_BYTES);
      left -= bytesRead;
      if (left < 0 || (bytesRead === 0 && left > 0)) {
        throw new ToolError(`"${shown}" changed while it was packed; try again when it is at rest.`);
      }
      if (bytesRead === 0) return;
      yield bytes.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
