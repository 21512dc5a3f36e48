// The versions of the tools folder on disk: what it holds, which it held before, and the step from one to the next.
//
// The newest snapshot is what the folder holds; a file that was edited by hand is taken in before anything else happens. A step is
// decided by writing it to the journal, and is then done whatever happens: whoever takes the lock next, in this program or another, now
// or after a crash, first brings to its end what was under way. So whoever has the lock finds the folder holding one whole version.
import { join } from "node:path";
import { withLock } from "../../../actors/config/lock.js";
import type { ToolDefinition } from "../../client/tool-diff.js";
import { type Change, ChangeJournal } from "./change-journal.js";
import { recordsOf, type UnnumberedRecord } from "./change-records.js";
import { HistoryFile } from "./history-file.js";
import { diskError, isOfDisk, LibraryError } from "./library-error.js";
import { type Manifest, marked, SnapshotList } from "./snapshot-list.js";
import { SourceObjects } from "./source-objects.js";
import { toolOfFile } from "./tool-names.js";
import { hashOf, readTool, readToolsFolder, treeOf } from "./tools-folder.js";
import type { Snapshot, ToolFile, ToolSource } from "./versions.js";
import { makeFolder, namesIn, removeFile, sweepFresh, writeWhole } from "./whole-files.js";

/** Besides the last known good ones. */
const KEPT = 10;

export class VersionStore {
  /** The folder of the tools' files. */
  readonly folder: string;
  readonly list: SnapshotList;
  readonly objects: SourceObjects;
  readonly history: HistoryFile;
  private readonly snapshots: string;
  private readonly journal: ChangeJournal;

  /** @param report hears a sentence of each thing that is found damaged. */
  constructor(
    private readonly data: string,
    private readonly report: (problem: string) => void,
  ) {
    this.folder = join(data, "tools");
    this.snapshots = join(data, "snapshots");
    this.list = new SnapshotList(this.snapshots, report);
    this.objects = new SourceObjects(join(this.snapshots, "objects"));
    this.journal = new ChangeJournal(this.snapshots, report);
    this.history = new HistoryFile(this.snapshots);
  }

  /** Nobody has ever made a tool here, so there is nothing to lock. */
  async isUntouched(): Promise<boolean> {
    const names = await namesIn(this.data);
    return !names.includes("tools") && !names.includes("snapshots");
  }

  /** Runs `work` while no other program and nobody else here is at the versions, and with no step half done. What the disk says
   * against it is a `tools_disk`. */
  async locked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await withLock(join(this.snapshots, "library"), async () => {
        const change = await this.journal.read();
        if (change !== undefined) await this.finish(change, true);
        return work();
      });
    } catch (error) {
      throw isOfDisk(error) ? diskError(error, this.data) : error;
    }
  }

  /** Clears away what crashes have left. */
  async sweep(): Promise<void> {
    await sweepFresh(this.folder, (file) => toolOfFile(file) !== undefined);
    await sweepFresh(this.snapshots, () => true);
    await sweepFresh(join(this.snapshots, "objects"), () => true);
    await this.tidy();
  }

  /** The files of the folder, after making the newest snapshot one of them. `definitionOf`: what is known of tools that were edited. */
  async takeIn(definitionOf?: (tool: string) => ToolDefinition | undefined): Promise<readonly ToolSource[]> {
    const { files } = await readToolsFolder(this.folder);
    const newest = (await this.list.read()).snapshots.at(-1) ?? (await this.step([], [], "no tools yet", []));
    if (newest.tree === treeOf(files)) return files;
    const known = await this.known(newest);
    const records = await recordsOf(known, files, "a file change", await this.history.read(), definitionOf);
    await this.step(files, files, whyOf(records), records);
    return files;
  }

  /** To the next version. Throws, with nothing changed, for what cannot be done. */
  async step(
    before: readonly ToolSource[],
    files: readonly ToolSource[],
    why: string,
    records: readonly UnnumberedRecord[],
  ): Promise<Snapshot> {
    await this.checkWay(files);
    await this.objects.put(files);
    const id = await this.list.nextId();
    const after: Manifest = { id, at: Date.now(), tree: treeOf(files), tools: files.map(withoutSource), why };
    const numbered = records.map((record) => ({ ...record, snapshot: id }));
    const change = { before: before.map(withoutSource), after, records: numbered };
    await this.journal.begin(change);
    await this.finish(change, false);
    return marked(after, (await this.list.read()).marks);
  }

  /** Does what the journal says, or what is left of it. */
  private async finish(change: Change, again: boolean): Promise<void> {
    const { before, after, records } = change;
    if (await this.hold(after.tools, change)) {
      await this.list.write(after);
      await this.history.append(records, again);
    } else if (await this.hold(before, change)) {
      this.report(
        `A change of the tools that was interrupted (${after.why}) was taken back, for what it was to write is damaged.`,
      );
    } else {
      this.report(
        `A change of the tools that was interrupted (${after.why}) can neither be ended nor taken back, for its snapshots are damaged; look at the files in ${this.folder}.`,
      );
    }
    await this.journal.end();
    await this.tidy();
  }

  /** Makes the folder hold these files; false, with nothing touched, if one of them is lost. A file that is in neither version of the
   * change was edited since, and is left as it is. */
  private async hold(wanted: readonly ToolFile[], { before, after }: Change): Promise<boolean> {
    let files: readonly ToolSource[];
    try {
      files = await this.objects.get(wanted);
    } catch (error) {
      if (error instanceof LibraryError) return false;
      throw error;
    }
    await makeFolder(this.folder);
    const ours = new Set([...before, ...after.tools].map(({ file, hash }) => `${file} ${hash}`));
    const names = new Set([...before, ...after.tools].map(({ file }) => file));
    for (const name of names) {
      const path = join(this.folder, name);
      const there = await readTool(path);
      const hash = there !== undefined && "text" in there ? hashOf(there.text) : undefined;
      const goal = files.find(({ file }) => file === name);
      if (hash === goal?.hash && (hash !== undefined || there === undefined)) continue;
      if (there !== undefined && (hash === undefined || !ours.has(`${name} ${hash}`))) continue;
      await (goal === undefined ? removeFile(path) : writeWhole(path, goal.source));
    }
    return true;
  }

  /** Throws `tool_exists` where something lies that is no plain file of text. */
  private async checkWay(files: readonly ToolSource[]): Promise<void> {
    for (const { file } of files) {
      const there = await readTool(join(this.folder, file));
      if (there === undefined || "text" in there) continue;
      throw new LibraryError("tool_exists", `${file} in ${this.folder} is in the way (${there.reason}); move it away.`);
    }
  }

  /** What is still known of a snapshot's files; of damaged ones nothing. */
  private async known(snapshot: Snapshot): Promise<readonly ToolSource[]> {
    try {
      return await this.objects.get(snapshot.tools);
    } catch (error) {
      if (error instanceof LibraryError) return [];
      throw error;
    }
  }

  /** Evicts the oldest beyond ten, but for the last known good one, and the last known good one that is not what the folder holds. */
  private async tidy(): Promise<void> {
    const { snapshots, marks } = await this.list.read();
    const newest = snapshots.at(-1);
    const good = snapshots.filter((each) => each.good);
    const kept = new Set([
      ...snapshots.slice(-KEPT),
      ...good.slice(-1),
      ...good.filter(({ tree }) => tree !== newest?.tree).slice(-1),
    ]);
    const evicted = snapshots.filter((snapshot) => !kept.has(snapshot));
    for (const { id } of evicted) await this.list.remove(id);
    const trees = new Set([...kept].map(({ tree }) => tree));
    const hashes = new Set([...kept].flatMap(({ tools }) => tools.map(({ hash }) => hash)));
    await this.objects.sweep(hashes);
    if (evicted.length === 0) return;
    await this.list.writeMarks({
      good: marks.good.filter((tree) => trees.has(tree)),
      bad: marks.bad.filter((tree) => trees.has(tree)),
      accepted: Object.fromEntries(Object.entries(marks.accepted).filter(([hash]) => hashes.has(hash))),
    });
  }
}

/** A snapshot's reason, of what happened to its tools. */
export function whyOf(records: readonly UnnumberedRecord[]): string {
  const [first] = records;
  if (first === undefined) return "a file change";
  const more = records.length > 1 ? ` and ${records.length - 1} more` : "";
  return `${first.tool}${more} ${first.change} by ${first.by}`;
}

function withoutSource({ name, file, hash }: ToolFile): ToolFile {
  return { name, file, hash };
}
