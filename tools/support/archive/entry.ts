// What an archive holds, whatever its format, and the guard that everything taken out of one passes: archives come from
// strangers, and may name places outside the folder, hold links that lead there, or unpack to more than a disk can take.
import { ToolError } from "../../define.js";
import { formatBytes } from "../text.js";

export interface ArchiveEntry {
  /** As it stands in the archive: not to be trusted. */
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "other";
  /** Bytes, as the archive says. */
  readonly size: number;
  /** Whether the archive marks it as a program. */
  readonly executable: boolean;
  /** The content, to be read before the next entry is asked for. Its pieces are counted by the guard. */
  content(): AsyncIterable<Uint8Array>;
}

export const MAX_ENTRIES = 10_000;
export const MAX_BYTES = 500_000_000;
const MAX_DEPTH = 64;
const MAX_NAME = 1_024;
// Real files seldom shrink to a hundredth, and zeros to a thousandth; small archives may do so without harm.
const MAX_RATIO = 200;
const RATIO_FROM = 20_000_000;

export class ArchiveGuard {
  private readonly files = new Set<string>();
  private readonly folders = new Set<string>();
  private entries = 0;
  private bytes = 0;

  /** `packed`: bytes of the archive as it is on the disk. */
  constructor(
    private readonly shown: string,
    private readonly packed: number,
  ) {}

  entry(): void {
    if (++this.entries <= MAX_ENTRIES) return;
    throw new ToolError(`${this.shown} holds more than ${MAX_ENTRIES} entries, so it is not unpacked here.`);
  }

  /** Counts bytes that were unpacked. */
  unpacked(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > MAX_BYTES) {
      throw new ToolError(`${this.shown} unpacks to more than ${formatBytes(MAX_BYTES)}, so it is refused.`);
    }
    if (this.bytes > RATIO_FROM && this.bytes > this.packed * MAX_RATIO) {
      throw new ToolError(
        `${this.shown} unpacks to more than ${MAX_RATIO} times its size, as archives made to fill a disk do, so it is refused.`,
      );
    }
  }

  /** Where an entry may go, as names below the folder it is unpacked in; undefined for that folder itself. */
  place(entry: ArchiveEntry): readonly string[] | undefined {
    const refuse = (why: string) =>
      new ToolError(`${this.shown} is refused and nothing was unpacked: its entry "${printable(entry.name)}" ${why}.`);
    if (entry.kind === "link") throw refuse("is a link, which could lead outside");
    if (entry.kind === "other") throw refuse("is no regular file or folder");
    const name = entry.name.replaceAll("\\", "/");
    if (name.includes("\0")) throw refuse("holds a NUL character");
    if (name.startsWith("/") || /^[a-z]:/i.test(name)) throw refuse("names a place outside the folder");
    const parts = name.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.includes("..")) throw refuse("names a place outside the folder");
    const tooLong = name.length > MAX_NAME || parts.some((part) => Buffer.byteLength(part) > 255);
    if (tooLong || parts.length > MAX_DEPTH) throw refuse("has too long a name");
    if (parts.length === 0) {
      if (entry.kind === "folder") return undefined;
      throw refuse("has no name");
    }
    for (let depth = 1; depth < parts.length; depth++) {
      const above = parts.slice(0, depth).join("/");
      if (this.files.has(above)) throw refuse("goes through a file as if it were a folder");
      this.folders.add(above);
    }
    const path = parts.join("/");
    if (this.files.has(path) || (entry.kind === "file" && this.folders.has(path))) throw refuse("is there twice");
    (entry.kind === "file" ? this.files : this.folders).add(path);
    return parts;
  }
}

/** A name from an archive without characters that would break a line or steer a terminal. */
export function printable(name: string): string {
  return name.slice(0, MAX_NAME).replace(/\p{Cc}/gu, "\uFFFD");
}

export function damaged(shown: string, why: string): ToolError {
  return new ToolError(`${shown} is damaged or no archive of its kind (${why}); get it anew.`);
}
