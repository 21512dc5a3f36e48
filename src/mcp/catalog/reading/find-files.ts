// Which files under a folder the catalog is made of: agents, skills and commands of each plugin and of `.claude`. Looking reads no
// file, so it is done wherever it has to be known whether anything changed.
import { type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Diagnosis, EntryKind } from "../entry.js";

export interface FoundFile {
  readonly kind: EntryKind;
  readonly plugin: string;
  /** Relative to the root, with slashes. */
  readonly path: string;
  /** Relative to the folder of its kind, with slashes, and without `.md` or `/SKILL.md`. */
  readonly place: string;
  readonly size: number;
  readonly mtimeMs: number;
}
export interface Found {
  readonly files: readonly FoundFile[];
  readonly diagnoses: readonly Diagnosis[];
}

/** The largest seen among 3,000 real ones has 160 KB. */
export const MOST_BYTES = 1024 * 1024;
export const MOST_FILES = 200_000;
/** Folders within the folder of a kind. */
const MOST_DEPTH = 8;
const MOST_PATH = 500;
/** So many files are looked at before others may run. */
const A_STEP = 200;

const kindFolders = [
  ["agents", "agent"],
  ["skills", "skill"],
  ["commands", "workflow"],
] as const;
/** What lies among the entries and tells of them, or of the plugin. */
const aboutOthers = /^(readme|changelog|contributing|license|index|claude|agents)\.md$/i;
const skillFile = /^skill\.md$/i;

/** Sorted by path, so that what is made of them is the same each time. Looks in small steps, between which others may run. */
export async function findFiles(root: string): Promise<Found> {
  const search = new Search(root);
  for (const { name } of search.list(join(root, "plugins"), realPlace(join(root, "plugins"))) ?? [])
    if (!name.startsWith(".")) await search.plugin(name, join(root, "plugins", name));
  await search.plugin(".claude", join(root, ".claude"));
  return { files: search.files.sort((a, b) => (a.path < b.path ? -1 : 1)), diagnoses: search.diagnoses };
}

interface Place {
  readonly plugin: string;
  readonly kind: EntryKind;
  /** The folder of the kind. */
  readonly base: string;
}
interface Listed {
  readonly name: string;
  readonly isFolder: boolean;
  /** Where it really is, if that is under the root. */
  readonly real: string;
}

class Search {
  readonly files: FoundFile[] = [];
  readonly diagnoses: Diagnosis[] = [];
  private readonly realRoot: string | undefined;
  private looked = 0;

  constructor(private readonly root: string) {
    this.realRoot = realPlace(root);
  }

  async plugin(plugin: string, folder: string): Promise<void> {
    for (const [name, kind] of kindFolders) {
      const base = join(folder, name);
      const real = realPlace(base);
      if (real !== undefined && this.isInside(base, real)) await this.look({ plugin, kind, base }, "", [real], false);
    }
  }

  /** `at`: the real places of the folder and of those it lies in, for a link may lead back into one of them. */
  private async look(of: Place, within: string, at: readonly string[], inSkill: boolean): Promise<void> {
    const folder = join(of.base, within);
    const listed = this.list(folder, at.at(-1)) ?? [];
    if (at.length > MOST_DEPTH) return this.leaveOut(folder, `lies more than ${MOST_DEPTH} folders deep`);
    // A folder with a SKILL.md is one skill: what else lies in it (references, templates) is read by whoever uses the skill, and would
    // only stand in its way among the answers. Skills further down are skills again.
    const skill = of.kind === "skill" ? listed.find(({ name }) => skillFile.test(name)) : undefined;
    for (const { name, isFolder, real } of listed) {
      const place = within === "" ? name : `${within}/${name}`;
      if (isFolder && !at.includes(real)) await this.look(of, place, [...at, real], inSkill || skill !== undefined);
      if (isFolder || !/\.md$/i.test(name) || aboutOthers.test(name)) continue;
      if ((inSkill || skill !== undefined) && skill?.name !== name) continue;
      this.take(of, place, skill ? within || name : place.slice(0, -".md".length));
      if (++this.looked % A_STEP === 0) await nextTurn();
    }
  }

  private take(of: Place, within: string, place: string): void {
    const file = join(of.base, within);
    const path = this.relative(file);
    if (this.files.length >= MOST_FILES) return this.leaveOut(file, `is one more than ${MOST_FILES} files`);
    if (path.length > MOST_PATH) return this.leaveOut(file, `has a path of more than ${MOST_PATH} characters`);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) return;
    const { size, mtimeMs } = stats;
    if (size > MOST_BYTES) return this.leaveOut(file, `is larger than ${MOST_BYTES / 1024} KB`);
    this.files.push({ kind: of.kind, plugin: of.plugin, path, place, size, mtimeMs });
  }

  /** Sorted; undefined where no folder is. A link counts as what it leads to, if that lies under the root. */
  list(folder: string, real: string | undefined): Listed[] | undefined {
    if (real === undefined) return undefined;
    const entries = this.read(folder);
    const listed = entries?.map((entry) =>
      entry.isSymbolicLink() ? this.linked(folder, entry.name) : plainly(real, entry),
    );
    return listed?.filter((entry) => entry !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private read(folder: string): Dirent[] | undefined {
    try {
      return readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException; // readdir throws no other
      if (code !== "ENOENT" && code !== "ENOTDIR") this.leaveOut(folder, `cannot be read: ${code}`);
      return undefined;
    }
  }

  private linked(folder: string, name: string): Listed | undefined {
    const path = join(folder, name);
    const real = realPlace(path);
    if (real === undefined) this.leaveOut(path, "is a link that leads nowhere");
    if (real === undefined || !this.isInside(path, real)) return undefined;
    const stats = statSync(real, { throwIfNoEntry: false });
    return stats?.isFile() || stats?.isDirectory() ? { name, isFolder: stats.isDirectory(), real } : undefined;
  }

  private isInside(path: string, real: string): boolean {
    if (this.realRoot !== undefined && (real + sep).startsWith(this.realRoot + sep)) return true;
    this.leaveOut(path, "is a link that leads out of the folder");
    return false;
  }

  private leaveOut(path: string, problem: string): void {
    this.diagnoses.push({ file: this.relative(path), line: 1, problem: `${basename(path)} ${problem}`, left: "out" });
  }

  private relative(path: string): string {
    return relative(this.root, path).split(sep).join("/");
  }
}

function plainly(folder: string, entry: Dirent): Listed | undefined {
  const { name } = entry;
  return entry.isFile() || entry.isDirectory()
    ? { name, isFolder: entry.isDirectory(), real: join(folder, name) }
    : undefined;
}

function realPlace(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}
