// ProjectFiles: the files and folders of the project, to be found by a part of their names while one is being typed. They are listed
// when they are first asked for, and again, behind the answer, once the list is some seconds old. A hundred thousand are looked
// through in pieces, so that typing goes on meanwhile.
// permanent, 1 s; what it holds can be listed again.
import { setImmediate as nextTurn } from "node:timers/promises";
import { GenServer, type Status } from "../../supervision/index.js";
import { Condition, type HealthStatus } from "../health/status.js";
import { listFiles } from "./list-files.js";

export interface ProjectFilesOptions {
  readonly folder: string;
}

interface Entry {
  /** A folder ends in `/`. */
  readonly path: string;
  readonly lower: string;
  /** Where its own name begins. */
  readonly name: number;
}

const FRESH_MS = 5_000;
const AT_ONCE = 10_000;
/** Of each kind of fit, so many are taken. */
const MOST_OF_KIND = 500;

export class ProjectFiles extends GenServer<ProjectFilesOptions, { readonly known: number }> {
  private folder = "";
  private entries: readonly Entry[] = [];
  private listed = 0;
  private listing: Promise<void> | undefined;
  private readonly condition = new Condition("not asked yet");

  protected override init({ folder }: ProjectFilesOptions) {
    this.folder = folder;
    this.state = { known: 0 };
  }

  /** Names are for those who ask. */
  protected override formatStatus(status: Status<{ readonly known: number }>): Status<unknown> {
    return { ...status, state: { known: this.entries.length } };
  }

  /**
   * Those that contain the letters typed in this order, at most `most`: first those whose own name begins with them, then those
   * that have them together, then the others. For nothing typed, what is at the top.
   */
  async find(typed: string, most: number): Promise<readonly string[]> {
    if (Date.now() - this.listed > FRESH_MS) this.list();
    if (this.listed === 0) await this.listing;
    const { entries } = this;
    const wanted = typed.toLowerCase();
    const kinds: string[][] = [[], [], [], []];
    for (let at = 0; at < entries.length; at++) {
      if (at % AT_ONCE === AT_ONCE - 1) await nextTurn();
      const entry = entries[at];
      const kind = entry === undefined ? undefined : kindOfFit(entry, wanted);
      const found = kind === undefined ? undefined : kinds[kind];
      if (entry !== undefined && found !== undefined && found.length < MOST_OF_KIND) found.push(entry.path);
    }
    return kinds.flat().slice(0, most);
  }

  getStatus(): HealthStatus {
    return this.condition.status;
  }

  private list(): void {
    this.listing ??= listFiles(this.folder, this.signal)
      .then(async (files) => {
        this.entries = await entriesOf(files);
        this.condition.say("ok", `${files.length} files`);
      })
      .catch((error: unknown) => {
        if (!this.signal.aborted) throw error;
      })
      .finally(() => {
        this.listed = Date.now();
        this.listing = undefined;
      });
  }
}

/** With the folders they are in. */
async function entriesOf(files: readonly string[]): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  const folders = new Set<string>();
  for (const [at, file] of files.entries()) {
    if (at % AT_ONCE === AT_ONCE - 1) await nextTurn();
    for (let slash = file.lastIndexOf("/"); slash > 0; slash = file.lastIndexOf("/", slash - 1)) {
      const folder = file.slice(0, slash + 1);
      if (folders.has(folder)) break;
      folders.add(folder);
      entries.push(entryOf(folder));
    }
    entries.push(entryOf(file));
  }
  return entries;
}

function entryOf(path: string): Entry {
  return { path, lower: path.toLowerCase(), name: path.lastIndexOf("/", path.length - 2) + 1 };
}

/** How well it fits, from 0 on; undefined for not at all. */
function kindOfFit({ lower, name }: Entry, wanted: string): number | undefined {
  if (wanted === "") return name === 0 ? (lower.endsWith("/") ? 0 : 1) : undefined;
  if (lower.startsWith(wanted, name) || lower.startsWith(wanted)) return 0;
  const together = lower.indexOf(wanted);
  if (together >= name) return 1;
  if (together >= 0) return 2;
  let from = 0;
  for (let at = 0; at < wanted.length; at++) {
    from = lower.indexOf(wanted[at] ?? "", from) + 1;
    if (from === 0) return undefined;
  }
  return 3;
}
