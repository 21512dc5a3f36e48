// The tool library: the tools that users and models have made, and the way back to what they were. No process: the ToolHost owns one, and
// so does every other program that uses the same data folder; each looks and changes under a lock among all (version-store.ts).
import type { ToolDefinition } from "../../client/tool-diff.js";
import type { ScanPolicy } from "../scan/rules.js";
import { recordsOf } from "./change-records.js";
import { differences } from "./differences.js";
import { LibraryError } from "./library-error.js";
import { StagedTools } from "./staged-tools.js";
import { checkName, checkSource, LARGEST_LIBRARY, MOST_TOOLS } from "./tool-names.js";
import { hashOf, readToolsFolder, toolsOf, treeOf } from "./tools-folder.js";
import { VersionStore, whyOf } from "./version-store.js";
import type {
  FileDifference,
  LibraryVersion,
  Refusal,
  Restored,
  Snapshot,
  StagedTool,
  ToolChangeRecord,
  ToolFile,
  ToolSource,
} from "./versions.js";
import { watchFolder } from "./watch-folder.js";

export interface ToolLibraryOptions {
  /** The data folder: the tools are in `tools/`, what they were in `snapshots/`. */
  readonly data: string;
  /** A folder that may be lost: what host processes import lies in one of this program's own in it. */
  readonly staged: string;
  /** Names of bundled and management tools, which no tool here can have. */
  readonly reserved: readonly string[];
  /** Which findings of the scan are blocked, asked about or let through, where that differs from the rules' own. */
  readonly policy?: ScanPolicy;
}

export interface ChangedBy {
  /** A client's name, `the command line`, `a file change`, `a rollback`. */
  readonly by: string;
}

export interface WrittenBy extends ChangedBy {
  readonly language: "js" | "ts";
  /** What the tool said it is when it was tried. */
  readonly definition?: ToolDefinition | undefined;
  /** Rules of the scan whose findings in this very source the user has accepted. */
  readonly accepted?: readonly string[];
  /** Whether there must be none of this name yet, or one already; `any` if absent. */
  readonly over?: "none" | "one" | "any";
}

const WORDS = { created: "added", updated: "changed", deleted: "removed", restored: "changed" } as const;
const NO_TOOLS = { id: "none", tools: [] };
const SPARED = "spared";

export class ToolLibrary {
  private readonly store: VersionStore;
  private readonly staged: StagedTools;
  private readonly problems: string[] = [];

  constructor(private readonly options: ToolLibraryOptions) {
    this.store = new VersionStore(options.data, (problem) => this.problems.push(problem));
    this.staged = new StagedTools(options.staged, options.policy ?? {});
  }

  /** The folder of the tools' files. */
  get folder(): string {
    return this.store.folder;
  }

  /** The folder that host processes may read: what is staged lies there. */
  get stagedFolder(): string {
    return this.staged.folder;
  }

  /** Ends a change that was interrupted and clears away what crashes have left; answers as {@link takeProblems} does. */
  async open(): Promise<readonly string[]> {
    await this.staged.sweep();
    if (!(await this.store.isUntouched())) await this.store.locked(() => this.store.sweep());
    return this.takeProblems();
  }

  /** What was found damaged since the last question, a sentence each. */
  takeProblems(): readonly string[] {
    return this.problems.splice(0);
  }

  /** What the folder holds. */
  async current(): Promise<LibraryVersion> {
    if (await this.store.isUntouched()) return { tree: treeOf([]), tools: [], ignored: [] };
    const content = await this.store.locked(() => readToolsFolder(this.folder));
    const { tools, ignored } = toolsOf(content);
    const isOurs = ({ name }: ToolSource): boolean => this.options.reserved.includes(name);
    const clashes = tools
      .filter(isOurs)
      .map(({ file, name }) => `${file} is left out: ${name} is a tool of Banyan's own; rename it.`);
    return {
      tree: treeOf(content.files),
      tools: tools.filter((tool) => !isOurs(tool)),
      ignored: [...ignored, ...clashes],
    };
  }

  /** Scans a source and makes of it what a host process can import. `accept`: rules whose findings do not stand against it. */
  async stage(
    { name, file, source }: Pick<ToolSource, "name" | "file" | "source">,
    accept: readonly string[] = [],
  ): Promise<StagedTool | Refusal> {
    const hash = hashOf(source);
    const { accepted } = (await this.store.list.read()).marks;
    return this.staged.stage({ name, file, source, hash }, [...accept, ...(accepted[hash] ?? [])]);
  }

  /** Throws `tool_name` and `tool_size`. */
  check(name: string, source: string): void {
    checkName(name, this.options.reserved);
    checkSource(name, source);
  }

  /** Creates a tool or replaces it. Answers with the line of the history; undefined if it is the very same already. */
  async write(name: string, source: string, written: WrittenBy): Promise<ToolChangeRecord | undefined> {
    this.check(name, source);
    const { by, language, definition, accepted = [], over = "any" } = written;
    return this.store.locked(async () => {
      const before = await this.store.takeIn();
      const others = before.filter((other) => other.name !== name);
      const isThere = others.length < before.length;
      if (over === "none" && isThere) throw new LibraryError("tool_exists", `There is a tool ${name} already.`);
      if (over === "one" && !isThere) throw new LibraryError("no_tool", `There is no tool ${name} any more.`);
      checkRoom(others, source);
      const tool = { name, file: `${name}.${language}`, hash: hashOf(source), source };
      if (accepted.length > 0) await this.accept(tool.hash, accepted);
      return this.change(before, [...others, tool], by, () => definition);
    });
  }

  /** Throws `no_tool` if there is none of this name. */
  async remove(name: string, { by }: ChangedBy): Promise<ToolChangeRecord | undefined> {
    return this.store.locked(async () => {
      const before = await this.store.takeIn();
      const others = before.filter((other) => other.name !== name);
      if (others.length < before.length) return this.change(before, others, by);
      throw new LibraryError("no_tool", `There is no tool ${name.slice(0, 80)} to delete; see banyan tools history.`);
    });
  }

  /** Takes in what was edited by hand, once it has been applied: a snapshot of it, and lines of the history. Answers with the tree. */
  noteEdits(definitions?: ReadonlyMap<string, ToolDefinition>): Promise<string> {
    return this.store.locked(async () => treeOf(await this.store.takeIn((tool) => definitions?.get(tool))));
  }

  /** From the oldest to the newest. */
  async snapshots(): Promise<readonly Snapshot[]> {
    if (await this.store.isUntouched()) return [];
    return this.store.locked(async () => (await this.store.list.read()).snapshots);
  }

  /** What is different in the second. Without `to`: in what the folder holds. */
  diff(from: string, to?: string): Promise<FileDifference[]> {
    const { list, objects } = this.store;
    return this.store.locked(async () => {
      const { snapshots } = await list.read();
      const before = await objects.get(found(snapshots, from).tools);
      if (to === undefined) return differences(before, (await readToolsFolder(this.folder)).files);
      return differences(before, await objects.get(found(snapshots, to).tools));
    });
  }

  /** Makes the folder hold what it held at this snapshot, to the byte. Throws `no_snapshot`, `snapshot_damaged` and
   * `nothing_to_restore`; then nothing has changed. */
  restore(id: string, { by }: ChangedBy): Promise<Restored> {
    return this.store.locked(async () => {
      const before = await this.store.takeIn();
      return this.goBackTo(found((await this.store.list.read()).snapshots, id), before, by);
    });
  }

  /** The host ran well with this tree. */
  async markGood(tree: string): Promise<void> {
    if (await this.store.isUntouched()) return;
    const { list } = this.store;
    await this.store.locked(async () => {
      await this.store.takeIn();
      const { snapshots, marks } = await list.read();
      // That no tool runs well is no news.
      if (!snapshots.some((each) => each.tree === tree && !each.good && each.tools.length > 0)) return;
      await list.writeMarks({ ...marks, good: [...marks.good, tree], bad: marks.bad.filter((each) => each !== tree) });
    });
  }

  /** The newest snapshot that the host ran well with and that is not what the folder holds now. */
  async lastGood(): Promise<Snapshot | undefined> {
    if (await this.store.isUntouched()) return undefined;
    return this.store.locked(async () => {
      const tree = treeOf((await readToolsFolder(this.folder)).files);
      return goodBefore(tree, (await this.store.list.read()).snapshots)[0];
    });
  }

  /**
   * The host cannot run with this tree: it is kept as a snapshot that is marked as bad, and what ran well last is restored. With nothing
   * that ever ran well, or nothing that is whole, the culprits alone go back to a code of theirs that is none, or go; and where no
   * culprit is known, every tool goes. Undefined if the folder holds another version by now.
   * @param culprits hashes of the sources that are known to have been why
   */
  rollBackFrom(badTree: string, culprits: readonly string[] = []): Promise<Restored | undefined> {
    const { list } = this.store;
    return this.store.locked(async () => {
      const before = await this.store.takeIn();
      if (treeOf(before) !== badTree || before.length === 0) return undefined;
      const { marks, snapshots } = await list.read();
      const good = marks.good.filter((tree) => tree !== badTree);
      await list.writeMarks({ ...marks, good, bad: [...new Set([...marks.bad, badTree])] });
      for (const target of goodBefore(badTree, snapshots)) {
        try {
          return await this.goBackTo(target, before, "a rollback");
        } catch (error) {
          if (!(error instanceof LibraryError)) throw error;
          this.problems.push(error.message);
        }
      }
      const tools = without(before, culprits, snapshots);
      return this.goBackTo(tools.length === 0 ? NO_TOOLS : { id: SPARED, tools }, before, "a rollback");
    });
  }

  /** From the newest to the oldest; of all tools, or of one. */
  async history(name?: string, limit = 100): Promise<readonly ToolChangeRecord[]> {
    if (await this.store.isUntouched()) return [];
    const records = await this.store.locked(() => this.store.history.read());
    const wanted = records.filter(({ tool }) => name === undefined || tool === name);
    return wanted.slice(-limit).reverse();
  }

  /** Calls `changed` after every change of a tool's file, until the function it answers with is called. */
  watch(changed: () => void): () => void {
    return watchFolder(this.folder, changed);
  }

  /** Removes what this program has staged. */
  close(): Promise<void> {
    return this.staged.remove();
  }

  private async change(
    before: readonly ToolSource[],
    files: readonly ToolSource[],
    by: string,
    definitionOf?: (tool: string) => ToolDefinition | undefined,
  ): Promise<ToolChangeRecord | undefined> {
    const [record] = await recordsOf(before, files, by, await this.store.history.read(), definitionOf);
    if (record === undefined) return undefined;
    const { id } = await this.store.step(before, files, whyOf([record]), [record]);
    return { ...record, snapshot: id };
  }

  private async goBackTo(
    target: Pick<Snapshot, "id" | "tools">,
    before: readonly ToolSource[],
    by: string,
  ): Promise<Restored> {
    const files = await this.store.objects.get(target.tools);
    const records = await recordsOf(before, files, by, await this.store.history.read());
    if (records.length === 0) {
      throw new LibraryError("nothing_to_restore", `The tools are what they were at snapshot ${target.id} already.`);
    }
    const newest = found((await this.store.list.read()).snapshots);
    const what = target.id === SPARED ? "culprits taken out" : `${target.id} restored`;
    const why = target === NO_TOOLS ? `emptied by ${by}` : `${what} by ${by}`;
    const restored = records.map((record) => ({ ...record, change: "restored" as const }));
    const snapshot = await this.store.step(before, files, why, restored);
    const tools = records.map(({ tool, change }) => ({ tool, change: WORDS[change] }));
    return { snapshot, from: target.id, before: newest, tools };
  }

  private async accept(hash: string, rules: readonly string[]): Promise<void> {
    const { list } = this.store;
    const { marks } = await list.read();
    await list.writeMarks({ ...marks, accepted: { ...marks.accepted, [hash]: [...rules] } });
  }
}

function checkRoom(others: readonly ToolSource[], source: string): void {
  const bytes = others.reduce((sum, other) => sum + other.source.length, source.length);
  if (others.length < MOST_TOOLS && bytes <= LARGEST_LIBRARY) return;
  throw new LibraryError("too_many_tools", `There are ${others.length} tools already; delete one that is not used.`);
}

/** The newest first. */
function goodBefore(tree: string, snapshots: readonly Snapshot[]): Snapshot[] {
  return snapshots.filter((snapshot) => snapshot.good && snapshot.tree !== tree).reverse();
}

/** The tools but for the culprits, which are what they were when they were none, or gone; nothing if no culprit is among them. */
function without(tools: readonly ToolFile[], culprits: readonly string[], snapshots: readonly Snapshot[]): ToolFile[] {
  if (!tools.some(({ hash }) => culprits.includes(hash))) return [];
  const earlier = (name: string): ToolFile[] => {
    const files = snapshots.flatMap((snapshot) => snapshot.tools.filter((tool) => tool.name === name));
    return files.filter(({ hash }) => !culprits.includes(hash)).slice(-1);
  };
  return tools.flatMap((tool) => (culprits.includes(tool.hash) ? earlier(tool.name) : [tool]));
}

/** The newest without an id. */
function found(snapshots: readonly Snapshot[], id = snapshots.at(-1)?.id): Snapshot {
  const snapshot = snapshots.find((each) => each.id === id);
  if (snapshot !== undefined) return snapshot;
  const [first, last] = [snapshots[0]?.id, snapshots.at(-1)?.id];
  const there = first === undefined ? "there are none yet" : `there are ${first} to ${last}`;
  throw new LibraryError(
    "no_snapshot",
    `There is no snapshot ${String(id).slice(0, 20)}; ${there} (banyan tools rollback --list).`,
  );
}
