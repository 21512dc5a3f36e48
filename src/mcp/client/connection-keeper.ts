// Keeps one server connected: performs what the connection's machine answers with, and feeds it what comes of it. It is the half
// of a ServerWrapper that looks towards the server; the wrapper itself looks towards the callers.
//
// Opening, closing, listing and pinging all go on beside the wrapper's mailbox and come back through it as notes, each with the
// number of the link it is about, so that late news of an earlier link is known for what it is.
import { BanyanError, messageOf, type Ref } from "../../supervision/index.js";
import type { Connection } from "./connection.js";
import {
  attemptsAt,
  type ConnectionAction,
  type ConnectionEvent,
  ConnectionLife,
  type ConnectionState,
  isFailure,
} from "./connection-machine.js";
import type { OversizeLine } from "./line-splitter.js";
import { type Conversation, type Link, type LinkSurroundings, type Loss, openLink } from "./link.js";
import type { ServerIdentity } from "./mcp-types.js";
import { SignInNeededError } from "./oauth/errors.js";
import type { PortOwner } from "./port.js";
import { optional } from "./sdk-shapes.js";
import type { ServerConfig } from "./server-config.js";
import { type ListKind, listKinds, noLists, type ServerLists, takenOf } from "./server-lists.js";
import { isUp, type ProgramExit, type ServerEnd, type ServerStatus } from "./server-status.js";
import { StdioLink } from "./stdio-link.js";

/** News for the machine. */
type EventNote =
  | { readonly type: "opened" | "closed" | "retry"; readonly link: number }
  | { readonly type: "open-failed" | "connect-failed"; readonly link: number; readonly error: unknown }
  | ({ readonly type: "lost"; readonly link: number } & Loss);

/** News for the keeper. */
export type Note =
  | EventNote
  | { readonly type: "connected"; readonly link: number }
  | { readonly type: "doubt"; readonly link: number }
  | { readonly type: "renewed"; readonly link: number }
  | { readonly type: "relist"; readonly link: number; readonly kind: ListKind }
  | { readonly type: "relist again"; readonly link: number; readonly kind: ListKind }
  | { readonly type: "health"; readonly link: number }
  /** Without `lists`: it could not be read. */
  | { readonly type: "listed"; readonly link: number; readonly kind: ListKind; readonly lists?: Partial<ServerLists> }
  | { readonly type: "pinged"; readonly link: number; readonly since: number; readonly error: unknown };

/** What the process that owns a keeper does for it. */
export interface KeeperHost {
  readonly config: ServerConfig;
  readonly surroundings: LinkSurroundings;
  readonly owner: Ref<PortOwner>;
  use<T>(ref: Ref<T>): Ref<T>;
  /** Brings the note back to {@link ConnectionKeeper.noted}, through the mailbox. */
  tell(note: Note): void;
  after(ms: number, note: Note): () => void;
  conversation(): Conversation;
  onFault(text: string): void;
  /** The state is another one than `before`. */
  changed(before: ConnectionState): void;
  /** The state is the same, and the program that was being ended is gone. */
  programGone(): void;
  listsChanged(): void;
  /** The connection stands, but the server remembers nothing of what was asked of it before. */
  renewed(connection: Connection): void;
  /** True while calls are under way; each has a deadline of its own, so nobody needs to ping. */
  isBusy(): boolean;
}

/** Between two readings of one list that changes again and again. */
const RELIST_PAUSE = 200;

export class ConnectionKeeper {
  /** What was taken of its lists; as of the last connection while there is none. */
  lists: ServerLists = noLists;
  /** Over when the program of the last link is gone: two of one server never run at a time. */
  closed: Promise<void> = Promise.resolve();

  private readonly life: ConnectionLife;
  private link: Link | undefined;
  private links = 0;
  private connects = 0;
  private identity: ServerIdentity | undefined;
  /** The lists that are being read, each with whether it has changed again since. */
  private readonly reading = new Map<ListKind, { again: boolean }>();
  private readonly unread = new Set<ListKind>(listKinds);
  /** It said that a list has changed while its tools were read for the first time. */
  private changedEarly = false;
  private pinging = false;
  private cancelRetry = (): void => {};
  private lastEnd: ServerEnd | undefined;

  constructor(private readonly host: KeeperHost) {
    this.life = new ConnectionLife(host.config);
  }

  get state(): ConnectionState {
    return this.life.state;
  }

  /** The connection, while calls can be sent over it. */
  get connection(): Connection | undefined {
    return isUp(this.state) ? this.link?.connection : undefined;
  }

  get status(): ServerStatus {
    const { name } = this.host.config;
    const { context } = this.life;
    const now = performance.now();
    return {
      name,
      state: this.state,
      tools: this.lists.tools.length,
      attempts: attemptsAt(context, now),
      restarts: Math.max(0, this.connects - 1),
      ...(context.lastError === undefined ? {} : { reason: context.lastError }),
      ...(context.retryAt === undefined ? {} : { retryInMs: Math.max(0, Math.round(context.retryAt - now)) }),
      ...(this.link?.pid === undefined ? {} : { pid: this.link.pid }),
      ...optional({ identity: this.identity, lastEnd: this.lastEnd }),
    };
  }

  happen(event: ConnectionEvent, exit?: ProgramExit): void {
    const before = this.state;
    const actions = this.life.next(event);
    // What comes of a failure that is dealt with already is no other failure.
    if (isFailure(event) && this.state !== before && !isUp(this.state))
      this.lastEnd = { at: Date.now(), reason: event.reason, ...exit };
    for (const action of actions) this.perform(action);
    if (this.state !== before) this.host.changed(before);
  }

  noted(note: Note): void {
    if (note.link !== this.links) return;
    if (note.type === "doubt") this.ping();
    else if (note.type === "renewed") this.renewed();
    else if (note.type === "relist") this.relist(note.kind);
    else if (note.type === "relist again") this.relistAgain(note.kind);
    else if (note.type === "listed") this.listed(note.kind, note.lists);
    else if (note.type === "connected") this.connected();
    else if (note.type === "health") this.checkHealth();
    else if (note.type === "pinged") this.pinged(note.since, note.error);
    else {
      const before = this.state;
      this.happen(eventOf(note), note.type === "lost" ? note.exit : undefined);
      if (note.type === "closed" && this.state === before) this.host.programGone();
    }
  }

  receive(lines: readonly string[], bytes: number): void {
    if (this.link instanceof StdioLink) this.link.receive(lines, bytes);
  }

  receiveOversize(line: OversizeLine): void {
    if (this.link instanceof StdioLink) this.link.receiveOversize(line);
  }

  /** The server says that a list of it has changed. */
  mayHaveChanged(kind: ListKind): void {
    this.host.tell({ type: "relist", link: this.links, kind });
  }

  /** True once each of its lists has been read over this connection, or could not be. */
  get isListed(): boolean {
    return this.connection !== undefined && this.unread.size === 0;
  }

  /** For the end of the owner: fails what is under way with `reason`; resolves when the program is gone. */
  close(reason = this.life.context.lastError ?? "it was stopped"): Promise<void> {
    this.cancelRetry();
    this.closed = this.link?.close(reason) ?? this.closed;
    return this.closed;
  }

  // --- what the machine asks for ---------------------------------------------------------------------------------------

  private perform(action: ConnectionAction): void {
    if (action === "open") this.open();
    else if (action === "close") {
      const link = this.links;
      void this.close().then(() => this.host.tell({ type: "closed", link }));
    } else {
      const { retryAt = 0 } = this.life.context;
      this.cancelRetry = this.after(Math.max(0, retryAt - performance.now()), "retry");
    }
  }

  private open(): void {
    this.cancelRetry();
    const { config, surroundings, owner, tell } = this.host;
    const number = ++this.links;
    this.pinging = false;
    this.reading.clear();
    this.changedEarly = false;
    for (const kind of listKinds) this.unread.add(kind);
    this.link = openLink(
      {
        ...surroundings,
        config,
        owner,
        use: (ref) => this.host.use(ref),
        onLost: (loss) => tell({ type: "lost", link: number, ...loss }),
        onDoubt: () => tell({ type: "doubt", link: number }),
        onRenewed: () => tell({ type: "renewed", link: number }),
        onFault: (text) => this.host.onFault(text),
      },
      this.closed,
    );
    void this.bringUp(this.link, number);
  }

  /** Runs beside the mailbox: tells, and changes nothing. */
  private async bringUp(link: Link, number: number): Promise<void> {
    const { tell } = this.host;
    try {
      await link.opened();
    } catch (error) {
      return tell({ type: "open-failed", link: number, error });
    }
    tell({ type: "opened", link: number });
    try {
      const connection = await link.connect(this.host.conversation());
      tell({ type: "listed", link: number, kind: "tools", lists: { tools: await connection.listTools() } });
      tell({ type: "connected", link: number });
    } catch (error) {
      tell({ type: "connect-failed", link: number, error });
    }
  }

  private connected(): void {
    this.connects++;
    this.identity = this.link?.connection?.identity;
    this.happen({ type: "initialized", at: performance.now() });
    this.after(this.host.config.healthIntervalMs, "health");
    for (const kind of listKinds) if (kind !== "tools" || this.changedEarly) this.relist(kind);
  }

  private renewed(): void {
    const { connection } = this;
    if (connection === undefined) return;
    for (const kind of listKinds) this.relist(kind);
    this.host.renewed(connection);
  }

  // --- its lists -------------------------------------------------------------------------------------------------------

  /** Reads this list alone. While it is being read, and a moment longer, further changes wait to be read together. */
  private relist(kind: ListKind): void {
    const { connection } = this;
    if (connection === undefined) {
      this.changedEarly ||= this.state === "initializing";
      return;
    }
    const reading = this.reading.get(kind);
    if (reading !== undefined) {
      reading.again = true;
      return;
    }
    this.reading.set(kind, { again: false });
    const link = this.links;
    void readList(connection, kind).then(
      (lists) => this.host.tell({ type: "listed", link, kind, lists }),
      // The old list stands; if the connection is the reason, another note tells of it.
      () => this.host.tell({ type: "listed", link, kind }),
    );
  }

  private listed(kind: ListKind, lists: Partial<ServerLists> | undefined): void {
    this.unread.delete(kind);
    if (lists !== undefined) this.lists = { ...this.lists, ...this.takenOf(lists) };
    if (lists !== undefined || this.isListed) this.host.listsChanged();
    const again = this.reading.get(kind)?.again === true;
    this.reading.delete(kind);
    if (!again) return;
    this.reading.set(kind, { again: false });
    this.host.after(RELIST_PAUSE, { type: "relist again", link: this.links, kind });
  }

  private relistAgain(kind: ListKind): void {
    this.reading.delete(kind);
    this.relist(kind);
  }

  private takenOf(lists: Partial<ServerLists>): Partial<ServerLists> {
    const { config, onFault } = this.host;
    const taken: Partial<Record<ListKind, unknown>> = {};
    for (const kind of listKinds) {
      const list = lists[kind];
      if (list === undefined) continue;
      const { items, repeated } = takenOf<{ readonly name: string }>(list, config);
      taken[kind] = items;
      const names = repeated.slice(0, 5).join(", ");
      if (repeated.length > 0) onFault(`lists ${kind} under the name of another, which are left out: ${names}`);
    }
    return taken as Partial<ServerLists>; // of each list, items of that list
  }

  // --- health ----------------------------------------------------------------------------------------------------------

  private checkHealth(): void {
    const { healthIntervalMs } = this.host.config;
    this.after(healthIntervalMs, "health");
    const quietFor = performance.now() - (this.link?.heardAt ?? 0);
    if (quietFor >= healthIntervalMs && !this.host.isBusy()) this.ping();
  }

  /** Asks the server whether it is well; also when a call's time was over. Two failures in a row reconnect it. */
  ping(): void {
    const connection = this.connection;
    if (this.pinging || connection === undefined) return;
    this.pinging = true;
    const link = this.links;
    const since = performance.now();
    const told = (error: unknown): void => this.host.tell({ type: "pinged", link, since, error });
    const { healthIntervalMs, healthTimeoutMs } = this.host.config;
    connection.ping(Math.min(healthTimeoutMs, healthIntervalMs)).then(() => told(undefined), told);
  }

  private pinged(since: number, error: unknown): void {
    this.pinging = false;
    // A server that said anything at all meanwhile is slow, not dead.
    if (error === undefined || (this.link?.heardAt ?? 0) > since) {
      this.happen({ type: "ping-ok" });
    } else {
      this.happen({ type: "ping-failed", reason: messageOf(error), at: performance.now(), random: Math.random() });
      this.ping();
    }
  }

  private after(ms: number, type: "health" | "retry"): () => void {
    return this.host.after(ms, { type, link: this.links });
  }
}

async function readList(connection: Connection, kind: ListKind): Promise<Partial<ServerLists>> {
  switch (kind) {
    case "tools":
      return { tools: await connection.listTools() };
    case "resources":
      return { resources: await connection.listResources() };
    case "templates":
      return { templates: await connection.listResourceTemplates() };
    case "prompts":
      return { prompts: await connection.listPrompts() };
  }
}

function eventOf(note: EventNote): ConnectionEvent {
  const at = { at: performance.now(), random: Math.random() };
  switch (note.type) {
    case "opened":
    case "closed":
      return { type: note.type };
    case "retry":
      return { type: "retry-due" };
    case "open-failed":
    case "connect-failed": {
      const permanent = note.error instanceof BanyanError && "permanent" in note.error && note.error.permanent === true;
      const { error } = note;
      const reason = error instanceof SignInNeededError ? `it ${error.reason}` : messageOf(error);
      return { type: "failed", permanent, reason, ...at };
    }
    case "lost":
      return { type: "lost", reason: note.reason, clean: note.clean, permanent: note.permanent, ...at };
  }
}
