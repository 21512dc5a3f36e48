// Session: the conversation as it is kept. A message is on disk before its append is acknowledged, and every change of one
// (text that grew, a tool call that ended) is a whole row written again under the same id, so that a call repeated after a
// crash does no harm. Its state is the Store's: after its own crash it reads the session of this run again.
// When the data becomes other data, because the database was begun anew or a backup took its place, the whole conversation is
// written into it again.
// A session belongs to one run of the app at a time: another may take it over only once the process of that run has ended.
// permanent, essential: without it nothing said would be kept.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import {
  BanyanError,
  CallError,
  type Down,
  type ExitReason,
  type Failure,
  failure,
  GenServer,
  isDown,
  type Named,
  type Ref,
  type Status,
} from "../supervision/index.js";
import { again } from "./again.js";
import type { HealthStatus } from "./health/status.js";
import { isAlive, ownerOf } from "./run-owner.js";
import type { Row, Statement } from "./store/statement.js";
import { type Store, StoreError, type StoreWatcher } from "./store/store.js";
import { Troubles } from "./troubles.js";

const base = { id: z.string(), at: z.number() };

const messageSchema = z.discriminatedUnion("role", [
  z.object({
    ...base,
    role: z.literal("user"),
    text: z.string(),
    /** `queued`: typed while a turn ran and not yet taken up; `unsent`: its run ended before it was. */
    status: z.enum(["complete", "queued", "unsent"]),
  }),
  z.object({
    ...base,
    role: z.literal("assistant"),
    model: z.string(),
    text: z.string(),
    toolCalls: z.array(z.object({ id: z.string(), name: z.string(), arguments: z.record(z.string(), z.unknown()) })),
    status: z.enum(["streaming", "complete", "interrupted", "failed"]),
  }),
  z.object({
    ...base,
    role: z.literal("tool"),
    callId: z.string(),
    tool: z.string(),
    arguments: z.record(z.string(), z.unknown()),
    /** The result or the error, as the model is given it. */
    text: z.string(),
    status: z.enum(["waiting", "running", "done", "failed", "denied", "cancelled", "interrupted"]),
    durationMs: z.number().optional(),
  }),
]);

export type StoredMessage = z.infer<typeof messageSchema>;
export type UserMessage = Extract<StoredMessage, { role: "user" }>;
export type AssistantMessage = Extract<StoredMessage, { role: "assistant" }>;
export type ToolMessage = Extract<StoredMessage, { role: "tool" }>;

export interface SessionOptions {
  readonly store: Named<Store>;
  /** This run of the app. A session belongs to one run at a time. */
  readonly run: string;
  /** The folder the conversation is about. */
  readonly project: string;
  readonly model: string;
  /** Go on with this session, or with the newest of the project. */
  readonly resume: string | "newest" | undefined;
}

interface SessionState {
  readonly id: string;
  readonly messages: StoredMessage[];
  tokens: { input: number; output: number };
  /** True when earlier runs wrote some of the messages. */
  readonly resumed: boolean;
}

export interface SessionView {
  readonly id: string;
  readonly messages: readonly StoredMessage[];
  readonly tokens: { readonly input: number; readonly output: number };
  readonly resumed: boolean;
}

/** There is no such session to go on with. */
export class NoSessionError extends BanyanError {
  constructor(message: string) {
    super("no_session", message);
  }
}

/** The conversation is open in another Banyan, or has been taken over by one. */
export class TakenError extends BanyanError {
  constructor(message: string) {
    super("session_taken", message);
  }
}

/** This process of the system. */
const self = ownerOf(process.pid);

/** Messages written again in one transaction, so that none holds up the Store. */
const AGAIN_AT_ONCE = 200;
/** A Store that puts a backup in place of its file answers late. */
const STORE_TIMEOUT_MS = 30_000;
/** Pause before a Store that was lost is watched again. */
const WATCH_AGAIN_MS = 50;

export class Session extends GenServer<SessionOptions, SessionState> implements StoreWatcher {
  private options!: SessionOptions; // set by init
  private store!: Ref<Store>; // set by init
  /** Which data the conversation is written in. */
  private data = "";
  private storeMonitor: number | undefined;
  private readonly troubles = new Troubles();

  protected override async init(options: SessionOptions) {
    this.trapExit = true; // an orderly end gives the session free
    this.options = options;
    // The supervisor that waits for this is the one that would start the store again, so here nothing waits for that.
    this.store = this.use(options.store.with({ whileRestarting: "noproc" }));
    try {
      await this.open();
    } catch (error) {
      if (error instanceof CallError) this.continueWith("open");
      else if (error instanceof BanyanError) return failure(error);
      else throw error;
    }
    this.store = this.use(options.store.with({ timeout: STORE_TIMEOUT_MS }));
    return undefined;
  }

  /** The store was not there when this process started: it opens now, before any message is handled. */
  protected override async handleContinue() {
    await this.open();
  }

  protected override async terminate(reason: ExitReason) {
    if (reason !== "shutdown" && reason !== "normal") return;
    const store = this.use(this.options.store.with({ whileRestarting: "noproc", timeout: 1_000 }));
    const free = { sql: "UPDATE sessions SET pid = NULL WHERE run = ?", params: [this.options.run] };
    await store.call.write(free).catch(() => {}); // it is free all the same once this process of the system ends
  }

  /** What is said is for those who ask this process, not for crash reports and those who look inside. */
  protected override formatStatus(status: Status<SessionState>): Status<unknown> {
    const { id, messages, tokens, resumed } = status.state;
    return { ...status, state: { id, messages: messages.length, tokens, resumed } };
  }

  protected override async handleInfo(message: Down | "watch") {
    if (message === "watch") await this.watch();
    else if (isDown(message)) {
      this.storeMonitor = undefined;
      this.sendAfter(WATCH_AGAIN_MS, "watch");
    }
  }

  /** The Store that comes back may have other data, or come without having told. */
  private async watch(): Promise<void> {
    try {
      const { id } = await this.store.call.watch(this.self<Session>());
      this.storeMonitor ??= this.monitor(this.options.store);
      await this.follow(id);
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      this.sendAfter(WATCH_AGAIN_MS * 10, "watch");
    }
  }

  /** What the Store tells may be that the data is other data. */
  storeChanged(): Promise<void> {
    return this.watch();
  }

  /** Writes the conversation into data that it is not in. False when it is in it. */
  private async follow(id: string): Promise<boolean> {
    if (id === this.data) return false;
    await this.rewrite();
    this.data = id;
    return true;
  }

  getStatus(): HealthStatus {
    return this.troubles.status();
  }

  view(): SessionView {
    return this.state;
  }

  /** Adds a message at the end, or replaces the one with the same id; resolves once it is on disk. Fails with
   * {@link StoreError} or {@link TakenError}. */
  put(message: StoredMessage): Promise<undefined | Failure<BanyanError>> {
    return this.answer(async () => {
      await this.keep(message);
      return undefined;
    });
  }

  /** Marks what was under way when its writer died: answers and tool calls as interrupted, queued input as unsent. Answers
   * what it marked. Fails as {@link put} does. */
  markInterrupted(): Promise<StoredMessage[] | Failure<BanyanError>> {
    return this.answer(async () => {
      const marked: StoredMessage[] = [];
      for (const message of this.state.messages) {
        const open = interrupted(message);
        if (open === undefined) continue;
        await this.keep(open);
        marked.push(open);
      }
      return marked;
    });
  }

  /** Fails with {@link StoreError}. */
  addUsage(input: number, output: number): Promise<undefined | Failure<BanyanError>> {
    return this.answer(async () => {
      const { tokens, id } = this.state;
      const sum = { input: tokens.input + input, output: tokens.output + output };
      await this.write({
        sql: "UPDATE sessions SET input_tokens = ?, output_tokens = ? WHERE id = ? AND run = ?",
        params: [sum.input, sum.output, id, this.options.run],
      });
      this.state.tokens = sum;
      return undefined;
    });
  }

  /** Begins a new session; the old one stays on disk. Fails with {@link StoreError}. */
  clear(): Promise<SessionView | Failure<BanyanError>> {
    return this.answer(async () => {
      const { id } = this.state;
      const old = { sql: "UPDATE sessions SET run = '' WHERE id = ? AND run = ?", params: [id, this.options.run] };
      await this.create(old);
      return this.state;
    });
  }

  /** What is expected to go wrong is the caller's to hear, and no crash. */
  private async answer<T>(work: () => Promise<T>): Promise<T | Failure<BanyanError>> {
    try {
      const result = await work();
      this.troubles.over("write");
      return result;
    } catch (error) {
      if (!(error instanceof StoreError || error instanceof TakenError)) throw error;
      this.troubles.set("write", "error", `the conversation is not kept: ${error.message}`);
      return failure(error);
    }
  }

  /** One transaction looks whose session it is and writes. Data that does not know the session, or knows it as it was before
   * this run, is given the whole conversation. */
  private async keep(message: StoredMessage): Promise<void> {
    const { messages } = this.state;
    const known = messages.findIndex((other) => other.id === message.id);
    const [made, mine] = await this.write(this.row(), ...this.written(message));
    const older = mine === 0 && (await this.follow((await again(() => this.store.call.status())).id));
    if (mine === 0 && !older) {
      throw new TakenError(
        "This conversation was taken over by another Banyan, so nothing more is kept here; close one of the two, or say /clear to begin a new one.",
      );
    }
    if (older) await this.write(...this.written(message));
    if (known < 0) messages.push(message);
    else messages[known] = message;
    if (made !== 0 && messages.length > 1) await this.rewrite();
  }

  private written(message: StoredMessage): Statement[] {
    const { id } = this.state;
    const { run } = this.options;
    return [
      { sql: "UPDATE sessions SET updated_at = ? WHERE id = ? AND run = ?", params: [Date.now(), id, run] },
      {
        sql: `INSERT INTO messages (session, position, id, body, created_at)
              SELECT id, (SELECT COALESCE(MAX(position) + 1, 0) FROM messages WHERE session = sessions.id), ?, ?, ?
              FROM sessions WHERE id = ? AND run = ?
              ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
        params: [message.id, JSON.stringify(message), message.at, id, run],
      },
    ];
  }

  /** Makes the session this run's and writes all of it, from the first message on, over whatever is there. */
  private async rewrite(): Promise<void> {
    const { id, messages, tokens } = this.state;
    const { run } = this.options;
    const all = messages.map((message, position) => ({
      sql: "INSERT OR REPLACE INTO messages (session, position, id, body, created_at) VALUES (?, ?, ?, ?, ?)",
      params: [id, position, message.id, JSON.stringify(message), message.at],
    }));
    const mine = {
      sql: `UPDATE sessions SET run = ?, pid = ?, pid_started = ?, updated_at = ?, input_tokens = ?, output_tokens = ?
            WHERE id = ?`,
      params: [run, self.pid, self.started, Date.now(), tokens.input, tokens.output, id],
    };
    const rest = { sql: "DELETE FROM messages WHERE session = ? AND position >= ?", params: [id, messages.length] };
    await this.write(this.row(), mine, rest);
    for (let from = 0; from < all.length; from += AGAIN_AT_ONCE) {
      await this.write(...all.slice(from, from + AGAIN_AT_ONCE));
    }
  }

  private row(id = this.state.id): Statement {
    const { project, run, model } = this.options;
    const now = Date.now();
    return {
      sql: `INSERT OR IGNORE INTO sessions (id, project, run, model, created_at, updated_at, pid, pid_started)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      params: [id, project, run, model, now, now, self.pid, self.started],
    };
  }

  private async open(): Promise<void> {
    const { run, resume } = this.options;
    this.data = (await again(() => this.store.call.watch(this.self<Session>()))).id;
    const [mine] = await this.sessions("run = ?", run);
    if (mine !== undefined) await this.load(mine, false);
    else if (resume === undefined) await this.create();
    else await this.load(await this.takeOver(resume), true);
    this.storeMonitor ??= this.monitor(this.options.store);
  }

  /** The session to go on with, from now on this run's: the one named, or the newest that no other process holds. */
  private async takeOver(resume: string): Promise<Row> {
    const { project, run } = this.options;
    const said = "EXISTS (SELECT 1 FROM messages WHERE session = sessions.id)";
    const found =
      resume === "newest"
        ? await this.sessions(`project = ? AND ${said}`, project)
        : await this.sessions("id = ?", resume);
    for (const row of found) {
      if (holder(row) !== undefined) continue;
      const [taken] = await this.write({
        sql: "UPDATE sessions SET run = ?, pid = ?, pid_started = ? WHERE id = ? AND run = ?",
        params: [run, self.pid, self.started, String(row.id), String(row.run)],
      });
      if (taken === 1) return row;
    }
    const [first] = found;
    throw first === undefined ? noSession(this.options) : taken(this.options, holder(first));
  }

  private async create(...before: Statement[]): Promise<void> {
    const id = randomUUID();
    await this.write(...before, this.row(id));
    this.state = { id, messages: [], tokens: { input: 0, output: 0 }, resumed: false };
  }

  private async load(row: Row, resumed: boolean): Promise<void> {
    const id = String(row.id);
    const rows = await again(() =>
      this.store.call.all({ sql: "SELECT body FROM messages WHERE session = ? ORDER BY position", params: [id] }),
    );
    const tokens = { input: Number(row.input_tokens), output: Number(row.output_tokens) };
    this.state = { id, messages: rows.map((message) => readMessage(message.body)), tokens, resumed };
  }

  /** Newest first. */
  private sessions(where: string, value: string): Promise<Row[]> {
    const sql = `SELECT * FROM sessions WHERE ${where} ORDER BY updated_at DESC LIMIT 20`;
    return again(() => this.store.call.all({ sql, params: [value] }));
  }

  private write(...statements: Statement[]): Promise<number[]> {
    return again(() => this.store.call.write(...statements));
  }
}

/** The pid of the other process that has this session open. */
function holder({ pid, pid_started: started }: Row): number | undefined {
  return typeof pid === "number" && isAlive({ pid, started: String(started) }) ? pid : undefined;
}

function taken({ resume, project }: SessionOptions, pid: number | undefined): TakenError {
  const which = resume === "newest" ? `The conversation of ${project}` : `The conversation ${resume}`;
  return new TakenError(
    `${which} is open in another Banyan (process ${pid}); end that one first, or start a new one with banyan.`,
  );
}

/** A new message's id and time. */
export function stamp(): { id: string; at: number } {
  return { id: randomUUID(), at: Date.now() };
}

function readMessage(body: unknown): StoredMessage {
  const parsed = messageSchema.safeParse(typeof body === "string" ? JSON.parse(body) : undefined);
  if (parsed.success) return parsed.data;
  const text = `This message could not be read back: ${z.prettifyError(parsed.error)}`;
  return { ...stamp(), role: "assistant", model: "", text, toolCalls: [], status: "failed" };
}

function interrupted(message: StoredMessage): StoredMessage | undefined {
  if (message.role === "user") return message.status === "queued" ? { ...message, status: "unsent" } : undefined;
  if (message.role === "assistant") {
    return message.status === "streaming" ? { ...message, status: "interrupted" } : undefined;
  }
  // Until its yes has come a call waits, so one that still did was never sent.
  if (message.status === "waiting") {
    return { ...message, status: "cancelled", text: "This call was not run: it still waited for approval." };
  }
  return message.status === "running"
    ? { ...message, status: "interrupted", text: "This call was interrupted; whether it took effect is not known." }
    : undefined;
}

function noSession({ resume, project }: SessionOptions): NoSessionError {
  return new NoSessionError(
    resume === "newest"
      ? `No conversation was held in ${project} yet; start one with banyan.`
      : `There is no conversation ${resume}; leave the id out to go on with the newest of this folder.`,
  );
}
