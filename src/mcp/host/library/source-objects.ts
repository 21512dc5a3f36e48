// The sources of all snapshots, each once, named for the hash of its content: ten snapshots of much the same tools cost little, and
// a source that is not what it was is found out when it is read.
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { LibraryError } from "./library-error.js";
import { hashOf } from "./tools-folder.js";
import type { ToolFile, ToolSource } from "./versions.js";
import { isMissing, makeFolder, namesIn, writeWhole } from "./whole-files.js";

const HASH = /^[0-9a-f]{64}$/;

export class SourceObjects {
  constructor(private readonly folder: string) {}

  /** Durable once it resolves. One that is there and damaged is written again. */
  async put(sources: readonly ToolSource[]): Promise<void> {
    await makeFolder(this.folder);
    for (const { hash, source } of sources) {
      if ((await this.read(hash)) === undefined) await writeWhole(join(this.folder, hash), source);
    }
  }

  /** The files with their sources. Throws `snapshot_damaged` unless every one is what it was. */
  async get(files: readonly ToolFile[]): Promise<ToolSource[]> {
    const sources: ToolSource[] = [];
    for (const file of files) {
      const source = await this.read(file.hash);
      if (source === undefined) {
        throw new LibraryError(
          "snapshot_damaged",
          `What ${file.file} was then is damaged or gone, so nothing was changed; choose another snapshot (banyan tools rollback --list).`,
        );
      }
      sources.push({ ...file, source });
    }
    return sources;
  }

  /** Removes all that no snapshot refers to. */
  async sweep(used: ReadonlySet<string>): Promise<void> {
    for (const name of await namesIn(this.folder)) {
      if (!used.has(name)) await rm(join(this.folder, name), { force: true });
    }
  }

  private async read(hash: string): Promise<string | undefined> {
    if (!HASH.test(hash)) return undefined;
    try {
      const source = await readFile(join(this.folder, hash), "utf8");
      return hashOf(source) === hash ? source : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
}
