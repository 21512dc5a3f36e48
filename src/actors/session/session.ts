// Session: which conversation is going on, whose it is and what it has cost. Its messages are a MessageStore's, which this process
// starts, and starts again when it ends.
// Its state is the Store's: after its own crash it reads the session of this run again.
// When the data becomes other data, because the database was begun anew or a backup took its place, what is in memory of the
// conversation is written into it again.
// A session belongs to one run of the app at a time: another may take it over only once the process of that run has ended.
// permanent, essential: without it nothing said would be kept.
import { randomUUID } from "node:crypto";
import {
  BanyanError,
  CallError,
  child,
  type Down,
  type DynamicSupervisor,
  type Exit,
  type ExitReason,
  exit,
  type Failure,
  failure,
  GenServer,
  isDown,
  isExit,
  type Named,
  type Pid,
  type Ref,
} from "../../supervision/index.js";
import { again } from "../again.js";
import type { HealthStatus } from "../health/status.js";
import { ownerOf } from "../run-owner.js";
import type { Statement } from "../store/statement.js";
import { type Store, StoreError, type StoreWatcher } from "../store/store.js";
import { Troubles } from "../troubles.js";
import { sweepContents } from "./attachments.js";
import { interrupted, type StoredMessage, settled } from "./message.js";
import { type MessagePage, MessageStore, type MessageWindow, type WindowLimits } from "./message-store.js";
import { correctedFactor, NO_CONTEXT, type OwnContext, readContext } from "./own-context.js";
import {
  chatsOf,
  findSession,
  listSessions,
  NoSessionError,
  nameSession,
  type StoredSession,
  selectSessions,
  TakenError,
} from "./stored-sessions.js";
import { sweepSome } from "./sweep.js";

export interface SessionOptions {
  readonly store: Named<Store>;
  /** The dynamic supervisor that message stores run under. */
  readonly messages: Named<DynamicSupervisor>;
  /** This run of the app. A session belongs to one run at a time. */
  readonly run: string;
  /** The folder the conversation is about. */
  readonly project: string;
  readonly model: string;
  /** `print`: a run of one answer, which no chat goes on with unless it is named. */
  readonly kind: "chat" | "print";
  /** Go on with the session of this id or name, or (true) with the last of the project: a chat with the last chat, a run of one
   * answer with whatever was last. */
  readonly resume: string | true | undefined;
  /** How much of the conversation is held in memory. */
  readonly window: WindowLimits;
}

export interface Usage {
  readonly tokens: { readonly input: number; readonly output: number };
  /** Of the input, what providers read from their caches. */
  readonly cached: number;
  /** In US dollars, as far as the prices are known. */
  readonly cost: number;
}

interface SessionState extends Usage {
  readonly id: string;
  readonly name: string | undefined;
  readonly context: OwnContext;
  /** True when earlier runs wrote some of the messages. */
  readonly resumed: boolean;
}

/** The session with its newest messages: those in memory. */
export interface SessionView extends SessionState, MessageWindow {}

/** This process of the system. */
const self = ownerOf(process.pid);

/** A Store that puts a backup in place of its file answers late. */
const STORE_TIMEOUT_MS = 30_000;
/** Pause before a Store that was lost is watched again. */
const WATCH_AGAIN_MS = 50;
/** After the start, when nobody waits. */
const SWEEP_AFTER_MS = 2_000;
/** How many of the last may be open elsewhere. */
const MOST_TRIED = 20;
/** How often a message store that ended under a call is started again for it. */
const TRIES = 3;

export class Session extends GenServer<SessionOptions, SessionState> implements StoreWatcher {
  private options!: SessionOptions; // set by init
  private store!: Ref<Store>; // set by init
  private messageStore: Pid<MessageStore> | undefined;
  /** Which data the conversation is written in. */
  private data = "";
  private storeMonitor: number | undefined;
  private readonly troubles = new Troubles();

  protected override async init(options: SessionOptions) {
    this.trapExit = true; // an orderly end gives the session free; that of a message store is not this one's
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
    if (options.kind === "chat") this.sendAfter(SWEEP_AFTER_MS, "sweep");
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

  protected override async handleInfo(message: Down | Exit | "watch" | "sweep") {
    if (message === "watch") await this.watch();
    else if (message === "sweep") await this.sweep();
    else if (isExit(message)) await this.messageStoreEnded(message);
    else if (isDown(message)) {
      this.storeMonitor = undefined;
      this.sendAfter(WATCH_AGAIN_MS, "watch");
    }
  }

  /** What a Banyan that was killed left half made or half removed goes, a little at a time. */
  private async sweep(): Promise<void> {
    try {
      if (await sweepSome(this.store)) this.sendAfter(0, "sweep");
      else await sweepContents(this.store);
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error; // the next start goes on with it
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

  /** Fails with {@link StoreError}. */
  view(): Promise<SessionView | Failure<BanyanError>> {
    return this.answer("read", async () => ({
      ...this.state,
      ...(await this.messages((store) => store.call.window())),
    }));
  }

  usage(): Usage {
    const { tokens, cached, cost } = this.state;
    return { tokens, cached, cost };
  }

  /** The `limit` messages (at most 500) before a position, of which the first of all is 0. Fails with {@link StoreError}. */
  page(before: number, limit: number): Promise<MessagePage | Failure<BanyanError>> {
    return this.answer("read", () => this.messages((store) => store.call.page(before, limit)));
  }

  /** Adds a message at the end, or replaces the one with the same id; resolves once it is on disk. Fails with
   * {@link StoreError} or {@link TakenError}. */
  put(message: StoredMessage): Promise<undefined | Failure<BanyanError>> {
    return this.answer("write", async () => {
      await this.keep(message);
      return undefined;
    });
  }

  /** Marks what was under way and nobody goes on with: answers and tool calls as interrupted, queued input as unsent. Answers
   * what it marked. Fails as {@link put} does. */
  markInterrupted(): Promise<StoredMessage[] | Failure<BanyanError>> {
    return this.mark(interrupted);
  }

  /** The turn is over: what it had not finished is marked as interrupted, and what is queued stays so. Answers what it marked.
   * Fails as {@link put} does. */
  turnEnded(): Promise<StoredMessage[] | Failure<BanyanError>> {
    return this.mark(settled);
  }

  private mark(
    marking: (message: StoredMessage) => StoredMessage | undefined,
  ): Promise<StoredMessage[] | Failure<BanyanError>> {
    return this.answer("write", async () => {
      const { messages } = await this.messages((store) => store.call.window());
      const marked = messages.flatMap((message) => marking(message) ?? []);
      for (const message of marked) await this.keep(message);
      return marked;
    });
  }

  /** Changes what the conversation has of its own. Fails with {@link StoreError}. */
  setContext(change: Partial<Omit<OwnContext, "factor">>): Promise<undefined | Failure<BanyanError>> {
    return this.answer("write", async () => {
      await this.keepContext({ ...this.state.context, ...change });
      return undefined;
    });
  }

  /** A provider has counted `reported` tokens in a request where `estimated` were expected. Fails with {@link StoreError}. */
  measured(estimated: number, reported: number): Promise<undefined | Failure<BanyanError>> {
    return this.answer("write", async () => {
      const { context } = this.state;
      const factor = correctedFactor(context.factor, estimated, reported);
      if (factor !== context.factor) await this.keepContext({ ...context, factor });
      return undefined;
    });
  }

  private async keepContext(context: OwnContext): Promise<void> {
    await this.write({
      sql: "UPDATE sessions SET context = ? WHERE id = ? AND run = ?",
      params: [JSON.stringify(context), this.state.id, this.options.run],
    });
    this.state = { ...this.state, context };
  }

  /** Adds what a request took: tokens, US dollars where the price is known, and how many of the tokens sent were in the provider's
   * cache. Fails with {@link StoreError}. */
  addUsage(input: number, output: number, cost = 0, cached = 0): Promise<undefined | Failure<BanyanError>> {
    return this.answer("write", async () => {
      const { tokens, id } = this.state;
      const sum = { input: tokens.input + input, output: tokens.output + output };
      const costs = this.state.cost + cost;
      const inCache = this.state.cached + cached;
      await this.write({
        sql: "UPDATE sessions SET input_tokens = ?, output_tokens = ?, cost = ?, cached_tokens = ? WHERE id = ? AND run = ?",
        params: [sum.input, sum.output, costs, inCache, id, this.options.run],
      });
      this.state = { ...this.state, tokens: sum, cost: costs, cached: inCache };
      return undefined;
    });
  }

  /** Calls the session so; answers the name as it is kept. Fails with {@link StoreError}, `usage` or `name_taken`. */
  rename(name: string): Promise<string | Failure<BanyanError>> {
    return this.refusable(async () => {
      const kept = await nameSession(this.store, this.state.id, name);
      this.state = { ...this.state, name: kept };
      return kept;
    });
  }

  /** Begins a new session; the old one stays on disk. Fails with {@link StoreError}. */
  clear(): Promise<undefined | Failure<BanyanError>> {
    return this.answer("write", async () => {
      await this.create(this.release());
      return undefined;
    });
  }

  /** Goes on with the session of this id or name from now on, and gives the one it had free. Fails with {@link NoSessionError},
   * {@link TakenError} or {@link StoreError}, and then with the one it had. */
  resume(reference: string): Promise<undefined | Failure<BanyanError>> {
    return this.refusable(async () => {
      const found = await findSession(this.store, reference);
      if (found.id === this.state.id) return undefined;
      await this.load(await this.takeOver([found]), true);
      return undefined;
    });
  }

  /** What the user asked for and cannot have is an answer, and no trouble. */
  private async refusable<T>(work: () => Promise<T>): Promise<T | Failure<BanyanError>> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof BanyanError) || error instanceof CallError) throw error;
      return failure(error);
    }
  }

  /** What is expected to go wrong is the caller's to hear, and no crash. */
  private async answer<T>(subject: "read" | "write", work: () => Promise<T>): Promise<T | Failure<BanyanError>> {
    try {
      const result = await work();
      this.troubles.over(subject);
      return result;
    } catch (error) {
      if (!(error instanceof StoreError || error instanceof TakenError)) throw error;
      const what = subject === "write" ? "is not kept" : "cannot be read";
      this.troubles.set(subject, "error", `the conversation ${what}: ${error.message}`);
      return failure(error);
    }
  }

  // --- the messages ------------------------------------------------------------------------------------------------------

  /** Asks the message store; if it ends under the call, a new one. Every message to it may be sent twice. */
  private async messages<T>(ask: (store: Ref<MessageStore>) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const store = this.messageStore ?? (await again(() => this.startMessageStore()));
      try {
        return await ask(this.use(store).with({ timeout: STORE_TIMEOUT_MS }));
      } catch (error) {
        const ended = error instanceof CallError && (error.code === "exited" || error.code === "noproc");
        if (!ended || attempt === TRIES) throw error;
        if (this.messageStore === store) this.messageStore = undefined;
      }
    }
  }

  private async startMessageStore(): Promise<Pid<MessageStore>> {
    const { store, messages, run, window } = this.options;
    const arg = { store, session: this.state.id, run, owner: this.self<Session>(), window };
    // Not through `startChild`, which does not tell a supervisor that just crashes from one that is not there.
    const supervisor = this.use(messages.with({ timeout: STORE_TIMEOUT_MS }));
    const started = await supervisor.call.startChild(child(MessageStore, arg, { restart: "temporary" }));
    if (!("ok" in started)) throw new Error(`no message store could be started: ${started.error}`);
    this.messageStore = started.ok as Pid<MessageStore>; // the spec says so
    return this.messageStore;
  }

  private async messageStoreEnded({ pid }: Exit): Promise<void> {
    if (pid === undefined || pid.id !== this.messageStore?.id) return;
    this.messageStore = undefined;
    await again(() => this.startMessageStore());
  }

  /** A session whose row is not this run's any more was taken over, unless the data does not know it, or knows it as it was before
   * this run: then it is given the conversation. */
  private async keep(message: StoredMessage): Promise<void> {
    const put = () => this.messages((store) => store.call.put(message));
    if ((await put()) || ((await this.restored()) && (await put()))) return;
    throw new TakenError(
      "This conversation was taken over by another Banyan, so nothing more is kept here; close one of the two, or say /clear to begin a new one.",
    );
  }

  private async restored(): Promise<boolean> {
    if (await this.follow((await again(() => this.store.call.status())).id)) return true;
    const [made] = await this.write(this.row(this.state));
    if (made === 0) return false;
    await this.rewrite();
    return true;
  }

  /** Makes the session this run's and writes what is in memory of it over whatever is there. */
  private async rewrite(): Promise<void> {
    const { id, tokens, cost, cached, name, context } = this.state;
    const mine = {
      sql: `UPDATE sessions SET run = ?, pid = ?, pid_started = ?, updated_at = ?, input_tokens = ?, output_tokens = ?, cost = ?,
            cached_tokens = ?, name = ?, context = ?, state = 'whole' WHERE id = ?`,
      params: [
        ...[this.options.run, self.pid, self.started, Date.now()],
        ...[tokens.input, tokens.output, cost, cached, name ?? null, JSON.stringify(context), id],
      ],
    };
    await this.write(this.row(this.state), mine);
    await this.messages((store) => store.call.rewrite());
  }

  // --- which session -----------------------------------------------------------------------------------------------------

  private async open(): Promise<void> {
    const { run, resume } = this.options;
    this.data = (await again(() => this.store.call.watch(this.self<Session>()))).id;
    const [mine] = await selectSessions(this.store, "run = ?", [run]);
    if (mine !== undefined) await this.load(mine, false);
    else if (resume === undefined) await this.create();
    else {
      const found = resume === true ? await this.lastOfProject() : [await findSession(this.store, resume)];
      await this.load(await this.takeOver(found), true);
    }
    this.storeMonitor ??= this.monitor(this.options.store);
  }

  private lastOfProject(): Promise<StoredSession[]> {
    const { kind, project } = this.options;
    return kind === "chat" ? chatsOf(this.store, project) : listSessions(this.store, project, MOST_TRIED);
  }

  /** The first that no other process holds, from now on this run's; what this run had before is free. */
  private async takeOver(found: readonly StoredSession[]): Promise<StoredSession> {
    const { run, kind, project } = this.options;
    for (const session of found) {
      if (session.openIn !== undefined) continue;
      const [taken] = await this.write(
        {
          sql: "UPDATE sessions SET run = ?, pid = ?, pid_started = ?, kind = ? WHERE id = ? AND run = ? AND state = 'whole'",
          params: [run, self.pid, self.started, kind === "chat" ? kind : session.kind, session.id, session.run],
        },
        {
          sql: `UPDATE sessions SET run = '', pid = NULL WHERE run = ? AND id <> ?
                AND EXISTS (SELECT 1 FROM sessions AS other WHERE other.id = ? AND other.run = ?)`,
          params: [run, session.id, session.id, run],
        },
      );
      if (taken === 1) return session;
    }
    const [first] = found;
    if (first === undefined) {
      throw new NoSessionError(
        `No ${kind === "chat" ? "chat" : "conversation"} was held in ${project} yet; start one with banyan.`,
      );
    }
    const which = first.name ?? first.id;
    throw new TakenError(
      `The conversation ${which} is open in another Banyan (process ${first.openIn}); end that one first, or start a new one with banyan.`,
    );
  }

  private release(): Statement {
    const { run } = this.options;
    return {
      sql: "UPDATE sessions SET run = '', pid = NULL WHERE id = ? AND run = ?",
      params: [this.state.id, run],
    };
  }

  private async create(...before: Statement[]): Promise<void> {
    const nothing = {
      name: undefined,
      tokens: { input: 0, output: 0 },
      cached: 0,
      cost: 0,
      context: NO_CONTEXT,
      resumed: false,
    };
    const made = { id: randomUUID(), ...nothing };
    await this.write(...before, this.row(made));
    this.begin(made);
  }

  private async load({ id, name, tokens, cached, cost }: StoredSession, resumed: boolean): Promise<void> {
    const [row] = await again(() =>
      this.store.call.all({ sql: "SELECT context FROM sessions WHERE id = ?", params: [id] }),
    );
    this.begin({ id, name, tokens, cached, cost, context: readContext(String(row?.context)), resumed });
  }

  private begin(state: SessionState): void {
    const before = this.messageStore;
    this.state = state;
    this.messageStore = undefined;
    if (before !== undefined) exit(before, "shutdown");
  }

  private row({ id, name }: SessionState): Statement {
    const { project, run, model, kind } = this.options;
    const now = Date.now();
    return {
      sql: `INSERT OR IGNORE INTO sessions (id, name, project, run, model, kind, created_at, updated_at, pid, pid_started)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      params: [id, name ?? null, project, run, model, kind, now, now, self.pid, self.started],
    };
  }

  private write(...statements: Statement[]): Promise<number[]> {
    return again(() => this.store.call.write(...statements));
  }
}
