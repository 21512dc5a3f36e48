// What was learned of which tools of a server ask, kept in the Store beside its lists and bound to what is started just as these are
// (list-cache.ts): so that after a restart no tool is new again, and keeps others waiting for its probation. What cannot be read
// or written is learned again.
import { z } from "zod";
import { again } from "../../actors/again.js";
import { type Store, StoreError } from "../../actors/store/store.js";
import { CallError, type Ref } from "../../supervision/index.js";
import type { Askers, Learned, Party } from "./askers.js";

/** Beside the kinds of lists. */
const KIND = "asking";
const learned = z.array(z.tuple([z.string(), z.enum(["asks", "perhaps", "quiet"])])).max(5_000);

/** What is learned within so many milliseconds is kept together. */
const KEEP_MS = 500;

export interface AskingMemoryOptions {
  /** Bound to the process that has this. */
  readonly store: Ref<Store>;
  readonly server: string;
  readonly origin: string;
  readonly askers: Askers<Party>;
  /** Has {@link AskingMemory.keep} called after so many milliseconds. */
  later(ms: number): void;
}

export class AskingMemory {
  private recalled = false;
  private keeping = false;

  constructor(private readonly options: AskingMemoryOptions) {}

  /** Once, when the server is needed. No call waits for it: a tool that is known too late is at worst a new one. */
  recall(): void {
    if (this.recalled) return;
    this.recalled = true;
    void this.load().then((what) => this.options.askers.recall(what));
  }

  /** Something may have been learned from a call that is over. */
  callOver(): void {
    if (this.keeping || !this.options.askers.hasLearned) return;
    this.keeping = true;
    this.options.later(KEEP_MS);
  }

  /** Nobody waits for it. */
  keep(): void {
    this.keeping = false;
    const { store, server, origin, askers } = this.options;
    const news = askers.news();
    if (news === undefined) return;
    store.cast.append({
      sql: "INSERT OR REPLACE INTO server_lists (origin, kind, server, items, updated_at) VALUES (?, ?, ?, ?, ?)",
      params: [origin, KIND, server, JSON.stringify(news), Date.now()],
    });
  }

  private async load(): Promise<Learned> {
    const { store, origin } = this.options;
    const sql = "SELECT items FROM server_lists WHERE origin = ? AND kind = ?";
    try {
      const [row] = await again(() => store.call.all({ sql, params: [origin, KIND] }));
      return row === undefined ? [] : learned.parse(JSON.parse(String(row.items)));
    } catch (error) {
      if (error instanceof StoreError || error instanceof CallError) return [];
      if (error instanceof z.ZodError || error instanceof SyntaxError) return [];
      throw error;
    }
  }
}
