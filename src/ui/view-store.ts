// What the screen shows, made from what the conversation tells: entries that are final and printed once, and the live part
// under them. It lives outside React, is plain and has no screen, so that it can be tested with an injected clock.
//
// Deltas, and progress of a tool call, come by the hundred a second: they are gathered and shown every 50 ms. Everything else is
// shown at once. A notice that comes in the middle of a code block waits until the block is whole.
import type {
  ChatEvent,
  ChatSnapshot,
  ChatStatus,
  CommandHint,
  Panel,
  Question,
  ToolCallView,
  TranscriptItem,
} from "../chat/events.js";
import { Retrace } from "../chat/retrace.js";
import { AnswerFeed, type Tail } from "./answer-feed.js";
import { type Clock, systemClock } from "./clock.js";
import type { LiveCall } from "./components/tool-card.js";
import { type Entry, type EntryBody, entryLines } from "./entries.js";
import type { Size } from "./layout.js";
import { LiveCalls } from "./live-calls.js";
import { renderCode } from "./markdown.js";
import type { Printed } from "./printed.js";
import type { Theme } from "./theme.js";
import type { CacheLook } from "./views/looks.js";

/** How long deltas are gathered, in milliseconds. */
export const GATHER_MS = 50;
/** A conversation that is resumed shows this many of its last items. */
export const RESUMED_ITEMS = 50;
/** And at most so much of their text, in UTF-16 units. */
const RESUMED_TEXT = 60_000;
/** After this many entries a new page is due: what is printed is let go. */
const LONGEST_PAGE = 2_000;

/** What the live part and the transcript are drawn from. Replaced whole at every change. */
export interface View {
  /** Append-only within a page. */
  readonly entries: readonly Entry[];
  readonly tail: Tail | undefined;
  readonly calls: readonly LiveCall[];
  readonly question: Question | undefined;
  readonly status: ChatStatus | undefined;
  /** What can be typed after a slash. */
  readonly commands: readonly CommandHint[];
  /** When the status came, on the store's clock: a breaker's countdown starts there. */
  readonly statusAt: number;
  /** When the present turn began, or undefined when none runs. */
  readonly turnSince: number | undefined;
  readonly shown: ShownFigures;
  /** Notifications of servers since they were last looked at; absent when there is none. */
  readonly unread?: number;
  /** Above the line being written; absent when there is none. */
  readonly panels?: readonly Panel[];
  /** What the cache's panel shows, once it is known. */
  readonly cache?: CacheLook;
  /** False while the conversation is away, being restarted. */
  readonly connected: boolean;
}

/** Of the `ui` settings, those that say which figures are shown. */
export interface ShownFigures {
  readonly show_tokens: boolean;
  readonly show_cost: boolean;
  readonly show_timestamps: boolean;
}

export interface ViewStoreOptions {
  readonly theme: Theme;
  readonly printed: Printed;
  readonly clock?: Clock;
  /** True while the terminal has not taken what was written: gathering goes on until it has. */
  readonly busy?: () => boolean;
}

export class ViewStore {
  #theme: Theme;
  readonly #printed: Printed;
  readonly #clock: Clock;
  readonly #busy: () => boolean;
  readonly #listeners = new Set<() => void>();
  readonly #answers = new Map<string, AnswerFeed>();
  /** Answers begun anew of which something is printed, until it is known whether they say the same. */
  readonly #retraced = new Map<string, Retrace>();
  readonly #calls: LiveCalls;
  #pending: EntryBody[] = [];
  #held: EntryBody[] = [];
  #last: EntryBody["kind"] | undefined;
  #nextKey = 0;
  #cancelGathering: (() => void) | undefined;
  #session: string | undefined;
  #view: View = {
    entries: [],
    tail: undefined,
    calls: [],
    question: undefined,
    status: undefined,
    commands: [],
    statusAt: 0,
    turnSince: undefined,
    shown: { show_tokens: true, show_cost: true, show_timestamps: false },
    connected: false,
  };
  /** Called when an empty screen is wanted: the conversation was cleared or another one took its place. */
  onClear: () => void = () => {};

  constructor(options: ViewStoreOptions) {
    this.#theme = options.theme;
    this.#printed = options.printed;
    this.#clock = options.clock ?? systemClock;
    this.#busy = options.busy ?? (() => false);
    this.#calls = new LiveCalls(this.#clock);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly view = (): View => this.#view;

  /** Where the conversation stands. What is printed already is not printed again. */
  load(snapshot: ChatSnapshot): void {
    if (this.#session !== undefined && this.#session !== snapshot.sessionId) this.#clear();
    this.#session = snapshot.sessionId;
    this.#printed.session(snapshot.sessionId);
    const unseen = snapshot.items.filter((item) => !this.#printed.has(item.id) && !this.#isLive(item.id));
    const elided = unseen.length - resumed(unseen);
    for (const item of unseen.slice(0, elided)) this.#printed.done(item.id);
    if (elided > 0) this.#append({ kind: "elided", count: elided, gap: true });
    for (const item of snapshot.items) this.#update(item);
    const present = new Set(snapshot.items.map((item) => item.id));
    for (const [id, feed] of this.#answers) if (!present.has(id)) this.#endAnswer(id, feed);
    for (const id of this.#retraced.keys()) if (!present.has(id)) this.#retraced.delete(id);
    this.#calls.keep(present);
    this.#status(snapshot.status);
    this.#show({ question: snapshot.question, commands: snapshot.commands, connected: true });
  }

  /** The conversation's process is gone; it will be back. */
  lost(): void {
    this.#show({ connected: false });
  }

  apply(event: ChatEvent): void {
    switch (event.type) {
      case "delta":
        this.#delta(event.id, event.text);
        return;
      case "item":
        this.#item(event.item, this.#clock.now());
        return this.#show();
      case "update": {
        const quiet = this.#calls.onlyProgresses(event.item);
        this.#update(event.item);
        return quiet ? this.#gather() : this.#show();
      }
      case "question":
        return this.#show({ question: event.question });
      case "question-closed":
        return this.#view.question?.id === event.id ? this.#show({ question: undefined }) : undefined;
      case "status":
        this.#status(event.status);
        return this.#show();
      case "commands":
        return this.#show({ commands: event.commands });
      case "cleared":
        this.#clear();
        return this.#show();
      case "idle":
        for (const [id, feed] of this.#answers) this.#endAnswer(id, feed);
        return this.#show();
      case "quit":
        return;
    }
  }

  /** A word of the screen's own, as a notice of the transcript. */
  notice(level: "info" | "warn" | "error", text: string): void {
    this.#append({ kind: "notice", level, text, gap: true });
    this.#show();
  }

  /** So many notifications are to be read. */
  unread(count: number): void {
    this.#show({ unread: count });
  }

  panels(panels: readonly Panel[]): void {
    this.#show({ panels });
  }

  cache(cache: CacheLook): void {
    this.#show({ cache });
  }

  /** True when so much is printed that a new page should begin. */
  get pageIsFull(): boolean {
    return this.#view.entries.length >= LONGEST_PAGE;
  }

  /** Begins a page: with the last entries that fit into `room`, to be painted again, one at the least; or with none. */
  newPage(room?: Size): void {
    const entries = room === undefined ? [] : this.#fitting(joinCode(this.#view.entries, this.#theme), room);
    this.#view = { ...this.#view, entries };
  }

  set shown(shown: ShownFigures) {
    this.#show({ shown });
  }

  /** From now on in other colours; what is shown already is painted anew with the next page. */
  set theme(theme: Theme) {
    this.#theme = theme;
  }

  /** Shows what is being gathered now. */
  flush(): void {
    if (this.#cancelGathering !== undefined) this.#show();
  }

  /** Cancels what is being gathered. */
  stop(): void {
    this.#cancelGathering?.();
    this.#listeners.clear();
  }

  #fitting(entries: readonly Entry[], room: Size): readonly Entry[] {
    let from = entries.length;
    for (let left = room.rows; from > 0; from--) {
      const entry = entries[from - 1];
      if (entry === undefined) break;
      left -= entryLines(entry, room.columns, this.#theme).length;
      if (left < 0 && from < entries.length) break;
    }
    return entries.slice(from);
  }

  #isLive(id: string): boolean {
    return this.#answers.has(id) || this.#retraced.has(id) || this.#calls.has(id);
  }

  /** `at`: when it was said, if it is news. */
  #item(item: TranscriptItem, at?: number): void {
    if (this.#printed.isDone(item.id)) return;
    switch (item.kind) {
      case "assistant": {
        const feed = new AnswerFeed(item.id, this.#theme, this.#printed.upTo(item.id));
        this.#answers.set(item.id, feed);
        this.#think(item);
        this.#take(item.id, feed, feed.push(item.text));
        if (item.status !== "streaming") this.#endAnswer(item.id, feed, item.status);
        return;
      }
      case "tool":
        // A model that calls a tool has said what it had to say: its words belong before the card.
        for (const [id, feed] of this.#answers) this.#take(id, feed, feed.finish());
        return this.#call(item.id, item.call);
      case "user":
        this.#printed.done(item.id);
        return this.#append({
          kind: "user",
          text: item.text,
          gap: true,
          ...(at !== undefined && this.#view.shown.show_timestamps ? { at } : {}),
        });
      case "attachments":
        this.#printed.done(item.id);
        return this.#append({ kind: "attachments", files: item.files, gap: false });
      case "notice":
        this.#printed.done(item.id);
        return this.#append({ kind: "notice", level: item.level, text: item.text, gap: true });
      case "output":
        this.#printed.done(item.id);
        return this.#append({ kind: "output", title: item.title, text: item.text, gap: true });
    }
  }

  #update(item: TranscriptItem): void {
    if (item.kind === "tool" && this.#calls.has(item.id)) return this.#call(item.id, item.call);
    if (item.kind !== "assistant") return this.#item(item);
    const feed = this.#answers.get(item.id);
    if (feed === undefined) return this.#retraced.has(item.id) ? this.#beginAnew(item) : this.#item(item);
    if (item.text.startsWith(feed.received)) {
      this.#take(item.id, feed, feed.push(item.text.slice(feed.received.length)));
      if (item.status !== "streaming") this.#endAnswer(item.id, feed, item.status);
      return;
    }
    this.#answers.delete(item.id);
    this.#retraced.set(item.id, new Retrace(feed.received.slice(0, feed.printedTo)));
    this.#beginAnew(item);
  }

  /** The answer is written again, from its first word or from further on; what is printed of it cannot be taken back. */
  #beginAnew({ id, text, status }: Extract<TranscriptItem, { kind: "assistant" }>): void {
    const { shown = "" } = this.#retraced.get(id) ?? {};
    this.#retraced.set(id, new Retrace(shown));
    this.#retrace(id, text);
    const feed = this.#answers.get(id);
    if (status === "streaming") return;
    this.#retraced.delete(id);
    if (feed === undefined)
      this.#printed.done(id); // it ended within what is printed
    else this.#endAnswer(id, feed, status);
  }

  #retrace(id: string, text: string): void {
    const retrace = this.#retraced.get(id);
    const found = retrace?.push(text);
    if (retrace === undefined || found === undefined) return;
    this.#retraced.delete(id);
    if (found === "other") {
      this.#append({ kind: "notice", level: "warn", text: "interrupted; the answer begins anew", gap: false });
      this.#printed.forget(id);
    }
    const feed = new AnswerFeed(id, this.#theme, found === "same" ? retrace.shown.length : 0);
    this.#answers.set(id, feed);
    this.#take(id, feed, feed.push(retrace.text));
  }

  #delta(id: string, text: string): void {
    const feed = this.#answers.get(id);
    if (feed !== undefined) this.#take(id, feed, feed.push(text));
    else if (this.#retraced.has(id)) this.#retrace(id, text);
    else return;
    this.#gather();
  }

  #take(id: string, feed: AnswerFeed, entries: readonly EntryBody[]): void {
    for (const entry of entries) this.#push(entry);
    if (entries.length > 0) this.#printed.reached(id, feed.printedTo);
    if (!feed.midCode) this.#release();
  }

  #endAnswer(id: string, feed: AnswerFeed, status: "complete" | "interrupted" | "failed" = "complete"): void {
    this.#take(id, feed, feed.finish());
    this.#answers.delete(id);
    this.#printed.done(id);
    this.#release();
    if (status === "interrupted") this.#append({ kind: "notice", level: "warn", text: "interrupted", gap: false });
    if (status === "failed") this.#append({ kind: "notice", level: "error", text: "the answer failed", gap: false });
  }

  #call(id: string, call: ToolCallView): void {
    if (this.#calls.take(id, call)) return;
    this.#printed.done(id);
    this.#append({ kind: "tool", call, gap: true });
  }

  #status(status: ChatStatus): void {
    const now = this.#clock.now();
    const turnSince = status.turn === "idle" ? undefined : (this.#view.turnSince ?? now);
    this.#view = { ...this.#view, status, statusAt: now, turnSince };
  }

  #clear(): void {
    this.#answers.clear();
    this.#retraced.clear();
    this.#calls.clear();
    this.#pending = [];
    this.#held = [];
    this.#last = undefined;
    this.#printed.clear();
    this.#view = { ...this.#view, entries: [], question: undefined };
    this.onClear();
  }

  /** Before the first word of the answer is out. */
  #think({ id, thinking }: Extract<TranscriptItem, { kind: "assistant" }>): void {
    if (thinking === undefined || this.#printed.has(id)) return;
    const words = thinking.split(/\s+/).filter((word) => word !== "").length;
    this.#append({ kind: "thinking", words, gap: true });
    this.#printed.reached(id, 0);
  }

  /** A new entry that is no part of an answer. */
  #append(entry: EntryBody): void {
    for (const feed of this.#answers.values()) {
      if (feed.midCode) {
        this.#held.push(entry);
        return;
      }
    }
    this.#push(entry);
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    for (const entry of held) this.#push(entry);
  }

  #push(entry: EntryBody): void {
    const tight = (entry.kind === "tool" || entry.kind === "notice") && entry.kind === this.#last;
    this.#pending.push(tight ? { ...entry, gap: false } : entry);
    this.#last = entry.kind;
  }

  #gather(): void {
    this.#cancelGathering ??= this.#clock.after(GATHER_MS, () => {
      this.#cancelGathering = undefined;
      if (this.#busy()) this.#gather();
      else this.#show();
    });
  }

  #show(changes: Partial<View> = {}): void {
    this.#cancelGathering?.();
    this.#cancelGathering = undefined;
    const added = this.#pending.map((entry): Entry => ({ ...entry, key: this.#nextKey++ }));
    this.#pending = [];
    this.#view = {
      ...this.#view,
      entries: added.length === 0 ? this.#view.entries : [...this.#view.entries, ...added],
      tail: [...this.#answers.values()].at(-1)?.tail,
      calls: this.#calls.list,
      ...changes,
    };
    for (const listener of [...this.#listeners]) listener();
  }
}

/** The lines of a code block left one by one; painted again, in the colours of now, they are one entry. */
function joinCode(entries: readonly Entry[], theme: Theme): Entry[] {
  const joined: Entry[] = [];
  for (const entry of entries) {
    const last = joined.at(-1);
    if (entry.kind === "code" && !entry.gap && last?.kind === "code") {
      joined[joined.length - 1] = { ...last, source: [...last.source, ...entry.source] };
    } else {
      joined.push(entry);
    }
  }
  return joined.map((entry) =>
    entry.kind === "code" ? { ...entry, lines: renderCode(entry.source.join("\n"), entry.language, theme) } : entry,
  );
}

/** How many of the last items are painted; one at the least. */
function resumed(items: readonly TranscriptItem[]): number {
  let text = 0;
  let count = 0;
  for (const item of items.slice(-RESUMED_ITEMS).reverse()) {
    if (item.kind === "tool") text += (item.call.result ?? "").length;
    else if (item.kind !== "attachments") text += item.text.length;
    if (count > 0 && text > RESUMED_TEXT) break;
    count++;
  }
  return count;
}
