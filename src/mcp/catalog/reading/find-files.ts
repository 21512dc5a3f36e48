// Which files under a folder the catalog is made of: agents, skills and commands of each plugin and of `.claude`. Looking reads no
// file, so it is done wherever it has to be known whether anything changed.
import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { messageOf } from "../../../supervision/errors.js";
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

const kindFolders = [
  ["agents", "agent"],
  ["skills", "skill"],
  ["commands", "workflow"],
] as const;
/** What lies among the entries and tells of them, or of the plugin. */
const aboutOthers = /^(readme|changelog|contributing|license|index|claude|agents)\.md$/i;
const skillFile = /^skill\.md$/i;

/** Sorted by path, so that what is made of them is the same each time. */
export async function findFiles(root: string): Promise<Found> {
  const search = new Search(root);
  for (const { name } of (await search.list(join(root, "plugins"))) ?? [])
    if (!name.startsWith(".")) await search.plugin(name, join(root, "plugins", name));
  await search.plugin(".claude", join(root, ".claude"));
  return { files: search.files.sort((a, b) => (a.path < b.path ? -1 : 1)), diagnoses: search.diagnoses };
}

class Search {
  readonly files: FoundFile[] = [];
  readonly diagnoses: Diagnosis[] = [];
  private realRoot: string | undefined;

  constructor(private readonly root: string) {}

  async plugin(plugin: string, folder: string): Promise<void> {
    for (const [name, kind] of kindFolders) await this.look({ plugin, kind, base: join(folder, name) }, "", []);
  }

  /** `above`: the real places of the folders this one lies in, for a link may lead back into one of them. */
  private async look(
    of: { plugin: string; kind: EntryKind; base: string },
    within: string,
    above: readonly string[],
  ): Promise<void> {
    const folder = join(of.base, within);
    const listed = await this.list(folder);
    if (listed === undefined) return;
    if (above.length > MOST_DEPTH) return this.leaveOut(folder, `lies more than ${MOST_DEPTH} folders deep`);
    const real = await this.placeOf(folder);
    if (real === undefined || above.includes(real)) return;
    // A folder with a SKILL.md is one skill: what else lies in it (references, templates) is read by whoever uses the skill, and would
    // only stand in its way among the answers. Skills further down are skills again.
    const skill = of.kind === "skill" && listed.find(({ name }) => skillFile.test(name));
    for (const { name, isFolder } of listed) {
      const place = within === "" ? name : `${within}/${name}`;
      if (isFolder) await this.look(of, place, [...above, real]);
      else if (/\.md$/i.test(name) && !aboutOthers.test(name) && (!skill || skill.name === name))
        await this.take(of, place, skill ? within || name : place.slice(0, -".md".length));
    }
  }

  private async take(
    of: { plugin: string; kind: EntryKind; base: string },
    within: string,
    place: string,
  ): Promise<void> {
    const file = join(of.base, within);
    const path = this.relative(file);
    if (this.files.length >= MOST_FILES) return this.leaveOut(file, `is one more than ${MOST_FILES} files`);
    if (path.length > MOST_PATH) return this.leaveOut(file, `has a path of more than ${MOST_PATH} characters`);
    if ((await this.placeOf(file)) === undefined) return;
    const { size, mtimeMs } = await stat(file).catch(() => ({ size: -1, mtimeMs: 0 }));
    if (size > MOST_BYTES) return this.leaveOut(file, `is larger than ${MOST_BYTES / 1024} KB`);
    if (size >= 0) this.files.push({ kind: of.kind, plugin: of.plugin, path, place, size, mtimeMs });
  }

  /** Sorted; undefined where no folder is. A link counts as what it leads to. */
  async list(folder: string): Promise<{ name: string; isFolder: boolean; isLink: boolean }[] | undefined> {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT" && error.code !== "ENOTDIR") this.leaveOut(folder, `cannot be read: ${error.code}`);
      return undefined;
    });
    if (entries === undefined) return undefined;
    const seen = await Promise.all(entries.map((entry) => this.seen(folder, entry)));
    return seen.filter((entry) => entry !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private async seen(folder: string, entry: Dirent) {
    const { name } = entry;
    if (!entry.isSymbolicLink())
      return entry.isFile() || entry.isDirectory() ? { name, isFolder: entry.isDirectory(), isLink: false } : undefined;
    const target = await stat(join(folder, name)).catch((error) => {
      this.leaveOut(join(folder, name), `is a link that leads nowhere: ${messageOf(error.code)}`);
    });
    return target && (target.isFile() || target.isDirectory())
      ? { name, isFolder: target.isDirectory(), isLink: true }
      : undefined;
  }

  /** Where it really lies; undefined, and said so, if that is not under the root. */
  private async placeOf(path: string): Promise<string | undefined> {
    this.realRoot ??= await realpath(this.root);
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined) return undefined;
    if (real === this.realRoot || real.startsWith(this.realRoot + sep)) return real;
    this.leaveOut(path, "is a link that leads out of the folder");
    return undefined;
  }

  private leaveOut(path: string, problem: string): void {
    this.diagnoses.push({ file: this.relative(path), line: 1, problem: `${basename(path)} ${problem}`, left: "out" });
  }

  private relative(path: string): string {
    return relative(this.root, path).split(sep).join("/");
  }
}
