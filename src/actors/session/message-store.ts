// MessageStore: the messages of one session. The newest are in memory, as many as the settings say (the window); those before
// them are read from the database page by page, so that a conversation of any length opens at once and takes no more memory
// than a short one. A message is on disk before it is acknowledged, and every change of one (text that grew, a tool call that
// ended) is the whole row written again under the same id, so that a call repeated after a crash does no harm.
// temporary: it is started, and started again, by the Session it is linked to. It reads its window again when it is first asked,
// so a database that cannot be read just then is its caller's to hear and no crash.
import { type Failure, failure, GenServer, type Named, type Ref, type Status } from "../../supervision/index.js";
import { again } from "../again.js";
import type { Statement } from "../store/statement.js";
import { type Store, StoreError } from "../store/store.js";
import { readMessage, type StoredMessage, type SummaryMessage } from "./message.js";
import { readStep, writeStep } from "./steps.js";

export interface WindowLimits {
  /** Most messages in memory. */
  readonly messages: number;
  /** Most of them in memory, in characters of their JSON. */
  readonly size: number;
}

export interface MessageStoreOptions {
  readonly store: Named<Store>;
  /** The id of the session. */
  readonly session: string;
  /** The run of the app that may write: the session's row says whose it is. */
  readonly run: string;
  /** It ends with this process. */
  readonly owner: Ref<unknown>;
  readonly window: WindowLimits;
}

export interface MessagePage {
  readonly messages: readonly StoredMessage[];
  /** The position of the first of them; 0 is the beginning of the conversation. */
  readonly from: number;
}

/** The newest messages, and the newest summary, which may be older than they are. */
export interface MessageWindow extends MessagePage {
  readonly summary: SummaryMessage | undefined;
}

interface Entry {
  readonly position: number;
  readonly message: StoredMessage;
  readonly size: number;
}

/** Rows read or written at once, so that none holds up the Store. */
const AT_ONCE = 200;
const LONGEST_PAGE = 500;
/** A Store that puts a backup in place of its file answers late. */
const STORE_TIMEOUT_MS = 30_000;

export class MessageStore extends GenServer<MessageStoreOptions, { loaded: boolean }> {
  private options!: MessageStoreOptions; // set by init
  private store!: Ref<Store>; // set by init
  private entries: Entry[] = [];
  private size = 0;
  private summary: SummaryMessage | undefined;

  protected override init(options: MessageStoreOptions) {
    this.options = options;
    this.store = this.use(options.store.with({ timeout: STORE_TIMEOUT_MS }));
    this.state = { loaded: false };
    this.link(options.owner);
  }

  /** What is said is for those who ask this process, not for crash reports and those who look inside. */
  protected override formatStatus(status: Status<{ loaded: boolean }>): Status<unknown> {
    const { entries, size } = this;
    const state = { session: this.options.session, inMemory: entries.length, from: entries[0]?.position ?? 0, size };
    return { ...status, state };
  }

  /** The newest messages. Fails with {@link StoreError}. */
  window(): Promise<MessageWindow | Failure<StoreError>> {
    return this.answer(async () => ({ ...pageOf(this.entries), summary: this.summary }));
  }

  /** The `limit` messages (at most 500) before a position. Fails with {@link StoreError}. */
  page(before: number, limit: number): Promise<MessagePage | Failure<StoreError>> {
    return this.answer(async () => {
      const count = Math.min(Math.max(1, limit), LONGEST_PAGE);
      const known = this.entries.filter(({ position }) => position < before).slice(-count);
      const [first] = known;
      if (first?.position === 0 || known.length === count) return pageOf(known);
      return pageOf([...(await this.read(first?.position ?? before, count - known.length)), ...known]);
    });
  }

  /** Adds a message at the end, or replaces the one with the same id; resolves once it is on disk. False, and nothing is
   * written, when the session's row is not this run's. Fails with {@link StoreError}. */
  put(message: StoredMessage): Promise<boolean | Failure<StoreError>> {
    return this.answer(async () => {
      const body = JSON.stringify(message);
      const [mine] = await this.write(...this.written(message, body));
      if (mine === 0) return false;
      this.take(message, body.length);
      if (message.role === "summary") await this.readSummary();
      return true;
    });
  }

  /** Writes what is in memory over whatever the database has from there on: it is other data than it was, and the session's row is
   * in it again. Fails with {@link StoreError}. */
  rewrite(): Promise<undefined | Failure<StoreError>> {
    return this.answer(async () => {
      const { session } = this.options;
      const rows = this.entries.map(({ position, message }) => ({
        sql: `INSERT INTO messages (session, position, id, body, created_at) VALUES (?, ?, ?, ?, ?)
              ON CONFLICT (id) DO UPDATE SET body = excluded.body
              ON CONFLICT (session, position) DO UPDATE SET id = excluded.id, body = excluded.body, created_at = excluded.created_at`,
        params: [session, position, message.id, JSON.stringify(message), message.at],
      }));
      const end = (this.entries.at(-1)?.position ?? -1) + 1;
      await this.write({ sql: "DELETE FROM messages WHERE session = ? AND position >= ?", params: [session, end] });
      for (let at = 0; at < rows.length; at += AT_ONCE) await writeStep(this.store, ...rows.slice(at, at + AT_ONCE));
      return undefined;
    });
  }

  /** What is expected to go wrong is the caller's to hear, and no crash. */
  private async answer<T>(work: () => Promise<T>): Promise<T | Failure<StoreError>> {
    try {
      if (!this.state.loaded) await this.load();
      return await work();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return failure(error);
    }
  }

  private async load(): Promise<void> {
    const { messages, size } = this.options.window;
    const entries: Entry[] = [];
    let taken = 0;
    for (let before = Number.MAX_SAFE_INTEGER; entries.length < messages && taken < size; ) {
      const page = await this.read(before, Math.min(AT_ONCE, messages - entries.length));
      entries.unshift(...page);
      taken += sizeOf(page);
      const [first] = page;
      if (first === undefined || first.position === 0) break;
      before = first.position;
    }
    await this.readSummary();
    this.entries = entries;
    this.size = taken;
    this.trim();
    this.state = { loaded: true };
  }

  /** The newest that is not superseded. */
  private async readSummary(): Promise<void> {
    const sql = `SELECT body FROM messages WHERE session = ? AND json_valid(body) AND body ->> 'role' = 'summary'
                 AND body ->> 'superseded' IS NULL ORDER BY position DESC LIMIT 1`;
    const [last] = await readStep(this.store, { sql, params: [this.options.session] });
    const summary = last === undefined ? undefined : readMessage(last.body);
    this.summary = summary?.role === "summary" ? summary : undefined;
  }

  private async read(before: number, limit: number): Promise<Entry[]> {
    const sql = `SELECT position, body FROM messages WHERE session = ? AND position < ? ORDER BY position DESC LIMIT ?`;
    const rows = await readStep(this.store, { sql, params: [this.options.session, before, limit] });
    return rows.reverse().map(({ position, body }) => ({
      position: Number(position),
      message: readMessage(body),
      size: String(body).length,
    }));
  }

  private take(message: StoredMessage, size: number): void {
    const at = this.entries.findLastIndex((entry) => entry.message.id === message.id);
    const before = this.entries[at];
    if (before === undefined) {
      const position = (this.entries.at(-1)?.position ?? -1) + 1;
      this.entries.push({ position, message, size });
    } else this.entries[at] = { ...before, message, size };
    this.size += size - (before?.size ?? 0);
    this.trim();
  }

  /** The newest message stays, however long it is. */
  private trim(): void {
    const { messages, size } = this.options.window;
    let dropped = 0;
    while (dropped < this.entries.length - 1 && (this.entries.length - dropped > messages || this.size > size)) {
      this.size -= this.entries[dropped]?.size ?? 0;
      dropped++;
    }
    if (dropped > 0) this.entries.splice(0, dropped);
  }

  /** One transaction looks whose session it is and writes. */
  private written(message: StoredMessage, body: string): Statement[] {
    const { session, run } = this.options;
    return [
      { sql: "UPDATE sessions SET updated_at = ? WHERE id = ? AND run = ?", params: [Date.now(), session, run] },
      {
        sql: `INSERT INTO messages (session, position, id, body, created_at)
              SELECT id, (SELECT COALESCE(MAX(position) + 1, 0) FROM messages WHERE session = sessions.id), ?, ?, ?
              FROM sessions WHERE id = ? AND run = ?
              ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
        params: [message.id, body, message.at, session, run],
      },
    ];
  }

  private write(...statements: Statement[]): Promise<number[]> {
    return again(() => this.store.call.write(...statements));
  }
}

function pageOf(entries: readonly Entry[]): MessagePage {
  return { messages: entries.map(({ message }) => message), from: entries[0]?.position ?? 0 };
}

function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { size }) => sum + size, 0);
}
