// The dynamic tools: keeps what is served the same as what the tool library holds. Every new code is tried in a process apart first, so
// the one that serves is touched by nothing that cannot be loaded: what throws or does not parse is refused and told, and the old
// code stays; what takes the process along is tried again as a failed start is, and rolled back when it goes on.
//
// All that changes something runs as one job after the other, beside the mailbox of the ToolHost.
import { BanyanError } from "../../supervision/errors.js";
import { messageOf } from "../../supervision/index.js";
import type { ToolInfo } from "../client/mcp-types.js";
import { definitionOf, type ToolDefinition } from "../client/tool-diff.js";
import type { HostPool } from "./host-pool.js";
import type { HostProcess } from "./host-process.js";
import type { Trouble } from "./host-status.js";
import type { ToolLibrary } from "./library/tool-library.js";
import { isRefusal, type LibraryVersion, type StagedTool } from "./library/versions.js";
import { LoadRefusedError, loadTool, unloadTool } from "./load-tool.js";

export interface DynamicToolsParts {
  readonly library: ToolLibrary;
  readonly pool: HostPool;
  /** Failed starts in a row after which the tools are rolled back. */
  readonly restarts: number;
  /** Milliseconds without trouble after which a version counts as good. */
  readonly healthyMs: number;
  /** What is offered is different, or how it stands. */
  changed(): void;
  told(level: "notice" | "warning" | "error", text: string): void;
  /** Calls back after so many milliseconds, unless the tool host ends first; returns what cancels it. */
  after(ms: number, act: () => void): () => void;
  /** A job failed as no job should. */
  broke(error: unknown): void;
}

interface Offered {
  readonly info: ToolInfo;
  readonly staged: StagedTool;
}

/** A tool that has crashed its process once is watched for so long after it was loaded, before it is let into the one that serves. */
const PROBATION_MS = 500;
const TRY_AGAIN_MS = 5_000;
/** The last words of a host process that a tool's own timer or promise has ended. */
const BLAMED = /\bthe tool ([a-z][a-z0-9_]{0,63}) threw\b/;

export class DynamicTools {
  /** False until every tool of the library has been tried once. */
  known = false;
  /** The version of the library that is served; undefined while one cannot be served whole. */
  tree: string | undefined;
  /** By name: files that are not served, each with why. */
  readonly refused = new Map<string, { readonly hash: string; readonly why: string }>();

  /** What happened to them last that should not. */
  trouble: Trouble | undefined;

  private readonly offered = new Map<string, Offered>();
  /** What was offered in place of a code that has not been well for a while yet. */
  private readonly replaced = new Map<string, Offered>();
  /** How often a code has taken its process along, by its hash. */
  private readonly crashes = new Map<string, number>();
  private jobs: Promise<unknown> = Promise.resolve();
  private syncsWaiting = 0;
  private stopWatching = (): void => {};
  private cancelMark = (): void => {};
  private over = false;
  /** The tree that has run well last in this run, and since when that is known, in milliseconds since the epoch. */
  good: { readonly tree: string; readonly at: number } | undefined;

  constructor(private readonly parts: DynamicToolsParts) {}

  get tools(): readonly ToolInfo[] {
    return Array.from(this.offered.values(), ({ info }) => info);
  }

  start(): void {
    this.over = false;
    const { library } = this.parts;
    this.background(async () => this.report(await library.open()));
    this.stopWatching = library.watch(() => this.syncSoon());
    this.syncSoon();
  }

  stop(): void {
    this.over = true;
    this.stopWatching();
    this.cancelMark();
    void this.parts.library.close().catch(() => {}); // what is left is swept by the next
  }

  // --- asked by the management tools ---------------------------------------------------------------------------------------

  /** Loads it apart and runs its own tests. */
  trial(staged: StagedTool): Promise<ToolDefinition & { readonly name: string }> {
    return this.job(async () => {
      const process = await this.parts.pool.second();
      try {
        const info = await loadTool(process, staged, true);
        return { ...definitionOf(info), name: info.name };
      } catch (error) {
        if (error instanceof LoadRefusedError) throw error;
        const why = `It took its process along while it was tried (${messageOf(error)}); nothing has changed.`;
        throw new BanyanError("tool_crashed", why, { kind: "module", cause: error });
      } finally {
        this.parts.pool.release();
      }
    });
  }

  /** Serves what the library holds now. Answers with a sentence for each tool that is not served. */
  async apply(): Promise<readonly string[]> {
    await this.job(() => this.sync());
    return Array.from(this.refused.values(), ({ why }) => why);
  }

  /** A change was given up halfway: what was tried is not to stay where it was tried. */
  tidy(): void {
    this.background(async () => {
      await this.bringAll();
      if (this.offered.size === 0) this.parts.pool.stop(); // a first tool was refused
    });
  }

  // --- told by the pool ----------------------------------------------------------------------------------------------------

  /** Makes a new process ready: loads what is offered. */
  async prepare(process: HostProcess): Promise<void> {
    await this.bring(process);
  }

  /** A process is gone and no call was why: its last words may name the tool that was. True: people are told of that tool. */
  lost({ loading, loaded }: HostProcess, reason: string): boolean {
    if (loading !== undefined) return true; // whoever loads it deals with it
    const name = BLAMED.exec(reason)?.[1];
    const hash = name === undefined ? undefined : loaded.get(name);
    if (name !== undefined && hash !== undefined) {
      this.crashed({ name, hash }, reason.slice(reason.search(BLAMED)).replace(`the tool ${name}`, "it"));
      return true;
    }
    if (this.parts.pool.failures >= this.parts.restarts && this.tree !== this.good?.tree) {
      this.background(() => this.rollBack(this.tree));
    }
    return false;
  }

  // --- jobs ----------------------------------------------------------------------------------------------------------------

  private job<T>(work: () => Promise<T>): Promise<T> {
    const done = this.jobs.then(work);
    this.jobs = done.catch(() => {});
    return done;
  }

  /** A job nobody waits for. What the disk or the library says against it is told, and tried again later. */
  private background(work: () => Promise<void>): void {
    this.job(work).catch((error: unknown) => {
      if (this.over) return;
      const isExpected = error instanceof BanyanError || (error instanceof Error && "code" in error);
      if (!isExpected) return this.parts.broke(error);
      this.known = true;
      this.parts.told("warning", `The tools folder could not be read or written: ${messageOf(error)}`);
      this.parts.changed();
      this.parts.after(TRY_AGAIN_MS, () => this.syncSoon());
    });
  }

  /** Many changes of files at a time are one. */
  private syncSoon(): void {
    if (this.syncsWaiting > 0 || this.over) return;
    this.syncsWaiting++;
    this.background(() => {
      this.syncsWaiting--;
      return this.over ? Promise.resolve() : this.sync();
    });
  }

  private async sync(): Promise<void> {
    const { library, pool } = this.parts;
    const version = await library.current();
    const first = !this.known;
    const gone = this.forget(version);
    const candidates = version.tools
      .filter(({ name, hash }) => this.offered.get(name)?.staged.hash !== hash && this.refused.get(name)?.hash !== hash)
      .sort((a, b) => this.crashesOf(a.hash) - this.crashesOf(b.hash));
    let taken = 0;
    for (const source of candidates) {
      const staged = await library.stage(source);
      if (isRefusal(staged)) this.refuse(source.name, source.hash, staged.reason);
      else if (await this.take(staged, first)) taken++;
    }
    if (gone + taken > 0) await this.bringAll();
    if (this.offered.size === 0) pool.stop();
    this.known = true;
    const isWhole = candidates.every(({ name, hash }) => this.isSettled(name, hash));
    if (isWhole) this.tree = version.tree;
    for (const text of version.ignored) if (first) this.parts.told("warning", text);
    this.report(library.takeProblems());
    this.parts.changed();
    if (!isWhole) return this.retry(version);
    if (gone + taken > 0 && this.refused.size === 0) await library.noteEdits(this.definitions());
    this.markLater(version.tree);
  }

  /** What has crashed is tried again: the pool takes its time with each process. */
  private async retry({ tree, tools }: LibraryVersion): Promise<void> {
    const worst = Math.max(...tools.map(({ hash }) => this.crashesOf(hash)));
    if (worst >= this.parts.restarts) await this.rollBack(tree);
    this.syncSoon();
  }

  /** Tries a new code and, if it does well, offers it. `first`: nothing is served yet, so there is nothing to lose. */
  private async take(staged: StagedTool, first: boolean): Promise<boolean> {
    const { pool } = this.parts;
    const { name, hash } = staged;
    const crashes = this.crashesOf(hash);
    const isApart = !first || crashes > 0;
    const process = await (isApart ? pool.second() : pool.first());
    try {
      // What was tried just now, by the one who made it, need not be tried again.
      const isTried = process.loaded.get(name) === hash;
      const info = isTried ? process.infos.get(name) : await loadTool(process, staged, isApart);
      if (info === undefined) return false;
      if (crashes > 0 && !(await this.passedProbation(process, staged))) return false;
      const before = this.offered.get(name);
      if (before !== undefined) this.replaced.set(name, before);
      this.offered.set(name, { info, staged });
      this.refused.delete(name);
      return true;
    } catch (error) {
      if (error instanceof LoadRefusedError) this.refuse(name, hash, error.message);
      else this.crashed(staged, messageOf(error));
      return false;
    } finally {
      if (isApart) pool.release();
    }
  }

  private async passedProbation(process: HostProcess, staged: StagedTool): Promise<boolean> {
    const before = this.crashesOf(staged.hash);
    await new Promise<void>((resolve) => this.parts.after(PROBATION_MS, resolve));
    if (process.state !== "ending") return true;
    // Its last words may have told already.
    if (this.crashesOf(staged.hash) === before) this.crashed(staged, "it ended soon after it was loaded");
    return false;
  }

  /** Drops what the library has no more. */
  private forget({ tools }: LibraryVersion): number {
    const names = new Set(tools.map(({ name }) => name));
    for (const name of this.refused.keys()) if (!names.has(name)) this.refused.delete(name);
    const gone = [...this.offered.keys()].filter((name) => !names.has(name));
    for (const name of gone) {
      this.offered.delete(name);
      this.replaced.delete(name);
    }
    return gone.length;
  }

  private refuse(name: string, hash: string, why: string): void {
    this.refused.set(name, { hash, why });
    const rest = this.offered.has(name) ? "the old one stays" : "it is not served";
    this.parts.told("warning", `The tool ${name} is not taken as it is now, ${rest}: ${why}`);
  }

  private crashesOf(hash: string): number {
    return this.crashes.get(hash) ?? 0;
  }

  /** The code has taken its process along: it is a candidate again, and meanwhile the one before it serves. */
  private crashed({ name, hash }: Pick<StagedTool, "name" | "hash">, why: string): void {
    const times = this.crashesOf(hash) + 1;
    this.crashes.set(hash, times);
    if (this.offered.get(name)?.staged.hash === hash) this.withdraw(name);
    this.tree = undefined; // what is served is no version of the library
    const count = `${times} of ${this.parts.restarts} times`;
    this.parts.told("warning", `The tool ${name} took its process along (${count}): ${why}`);
    this.trouble = { at: Date.now(), text: `${name} took its process along ${times}×` };
    this.syncSoon();
  }

  private withdraw(name: string): void {
    const before = this.replaced.get(name);
    this.replaced.delete(name);
    if (before === undefined) this.offered.delete(name);
    else this.offered.set(name, before);
  }

  private isSettled(name: string, hash: string): boolean {
    return this.offered.get(name)?.staged.hash === hash || this.refused.get(name)?.hash === hash;
  }

  private async rollBack(tree: string | undefined): Promise<void> {
    // One that was only being loaded while another ended the process has been counted too, but not as often.
    const most = Math.max(...this.crashes.values());
    const culprits = [...this.crashes.keys()].filter((hash) => this.crashesOf(hash) === most);
    const restored = tree === undefined ? undefined : await this.parts.library.rollBackFrom(tree, culprits);
    this.crashes.clear();
    this.parts.pool.forgive();
    this.report(this.parts.library.takeProblems());
    if (restored !== undefined) {
      // What is served already as it is restored stays: nobody is to miss it for a moment.
      const hashes = new Map(restored.snapshot.tools.map(({ name, hash }) => [name, hash]));
      for (const { tool } of restored.tools) {
        if (this.offered.get(tool)?.staged.hash !== hashes.get(tool)) this.withdraw(tool);
      }
      const tools = restored.tools.map(({ tool, change }) => `${tool} ${change}`).join(", ");
      const text = `The tools crashed their process ${this.parts.restarts} times in a row, so they are rolled back to what ran well last (${tools}); what they were is kept as snapshot ${restored.before.id} (banyan tools rollback --list)`;
      this.parts.told("error", text);
      this.trouble = { at: Date.now(), text: `rolled back: ${tools}` };
    }
    this.syncSoon();
  }

  // --- what is loaded where --------------------------------------------------------------------------------------------------

  private async bringAll(): Promise<void> {
    for (const process of this.parts.pool.processes) {
      if (process.state === "ready") await this.bring(process).catch(() => {}); // it is gone, and known to be
    }
  }

  /** Loads into a process what is offered and not there, and takes away what is there and not offered. */
  private async bring(process: HostProcess): Promise<void> {
    for (;;) {
      const stray = [...process.loaded.keys()].find((name) => !this.offered.has(name));
      if (stray !== undefined) {
        await unloadTool(process, stray);
        continue;
      }
      const missing = [...this.offered].find(([name, { staged }]) => process.loaded.get(name) !== staged.hash);
      if (missing === undefined) return;
      const [name, { staged }] = missing;
      try {
        await loadTool(process, staged, false);
      } catch (error) {
        if (!(error instanceof LoadRefusedError)) {
          this.crashed(staged, messageOf(error));
          throw error;
        }
        // It was loaded before, elsewhere: whatever it depends on, it cannot be relied on.
        this.offered.delete(name);
        this.refuse(name, staged.hash, error.message);
        this.parts.changed();
      }
    }
  }

  // --- what ran well -----------------------------------------------------------------------------------------------------------

  private markLater(tree: string): void {
    this.cancelMark();
    if (this.refused.size > 0 || this.offered.size === 0) return;
    this.cancelMark = this.parts.after(this.parts.healthyMs, () => {
      if (this.tree !== tree) return; // it has crashed meanwhile
      if (this.parts.pool.active?.state !== "ready") return this.markLater(tree);
      this.crashes.clear();
      this.replaced.clear();
      this.good = { tree, at: Date.now() };
      const marked = this.job(() => this.parts.library.markGood(tree));
      marked.catch((error: unknown) => this.parts.told("warning", messageOf(error)));
    });
  }

  private definitions(): ReadonlyMap<string, ToolDefinition> {
    return new Map(Array.from(this.offered, ([name, { info }]) => [name, definitionOf(info)]));
  }

  private report(problems: readonly string[]): void {
    for (const problem of problems) this.parts.told("warning", problem);
  }
}
