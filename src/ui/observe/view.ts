// What `banyan observe` knows and what its keys do: the last two looks at the tree, the reports heard, which process is chosen and
// what is shown of it. It draws nothing and knows no socket; what a key asks of the app it hands on.
import type { FollowEvent, Inspected, ToldReport } from "../../actors/control/protocol.js";
import { messageOf } from "../../supervision/index.js";
import { typedInFilter } from "../filter.js";
import type { Input } from "../keys.js";
import { stepOf } from "../steps.js";
import { type Row, rowsOf, type Snapshot } from "./rows.js";

export type Panel = "tree" | "inspect" | "reports" | "help";
export type Action = "restart" | "suspend" | "resume" | "kill";

export interface ObserveActions {
  inspect(process: string): Promise<Inspected>;
  /** Answers what is to be said of it. */
  intervene(action: Action, process: string): Promise<{ readonly said: string }>;
  quit(): void;
}

export interface ObserveState {
  /** The app that is followed, or that was until it ended. */
  readonly pid: number | undefined;
  readonly connected: boolean;
  /** How many other apps run. */
  readonly others: number;
  readonly snapshot: Snapshot | undefined;
  readonly rows: readonly Row[];
  readonly selected: string | undefined;
  readonly filter: string;
  readonly typing: boolean;
  readonly panel: Panel;
  readonly scroll: number;
  readonly inspected: Inspected | undefined;
  readonly reports: readonly ToldReport[];
  /** Waits for a yes. */
  readonly question: { readonly action: Action; readonly process: string; readonly title: string } | undefined;
  readonly note: { readonly text: string; readonly bad: boolean } | undefined;
}

const MAX_REPORTS = 500;

export class ObserveView {
  #state: ObserveState = {
    pid: undefined,
    connected: false,
    others: 0,
    snapshot: undefined,
    rows: [],
    selected: undefined,
    filter: "",
    typing: false,
    panel: "tree",
    scroll: 0,
    inspected: undefined,
    reports: [],
    question: undefined,
    note: undefined,
  };
  #previous: Snapshot | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(private readonly actions: ObserveActions) {}

  readonly state = (): ObserveState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  connected(pid: number, others: number): void {
    const came = this.#state.pid !== undefined && this.#state.pid !== pid;
    const note = came ? { text: `Following the next app, pid ${pid}.`, bad: false } : this.#state.note;
    this.#set({ pid, others, connected: true, note, ...(came ? { snapshot: undefined } : {}) });
  }

  gone(): void {
    this.#set({ connected: false, question: undefined, note: undefined });
  }

  take(event: FollowEvent): void {
    if (event.event === "snapshot") this.#look(event);
    else if (event.event === "report") this.#hear(event.report);
    else {
      const reason = `${event.count} reports were left out, for they came faster than this view took them`;
      this.#hear({ kind: "lost", at: Date.now(), id: "", reason });
    }
  }

  /** What is typed fast comes as one text: each of its characters is a key, until one begins a filter. */
  key(input: Input): void {
    if (input.type === "paste" && !this.#state.typing) return;
    if (input.type !== "text" || this.#state.typing) return this.#one(input);
    for (const character of input.text) this.#one({ type: "text", text: character });
  }

  #one(input: Input): void {
    const key = input.type === "key" ? input.name : input.text;
    if (input.type === "key" && input.ctrl && input.name === "c") this.actions.quit();
    else if (this.#state.question !== undefined) this.#confirm(key);
    else if (this.#state.typing) this.#type(input);
    else if (this.#state.panel === "tree") this.#treeKey(key);
    else this.#panelKey(key);
  }

  /** The process that is chosen. */
  get row(): Row | undefined {
    const { rows, selected } = this.#state;
    return rows.find(({ key }) => key === selected) ?? rows[0];
  }

  #look(snapshot: Snapshot): void {
    this.#previous = this.#state.snapshot;
    this.#set({ snapshot });
    this.#arrange();
  }

  #hear(report: ToldReport): void {
    this.#set({ reports: [...this.#state.reports, report].slice(-MAX_REPORTS) });
  }

  #arrange(): void {
    const { snapshot, filter, selected, rows: before } = this.#state;
    if (snapshot === undefined) return;
    const rows = rowsOf(snapshot, this.#previous, filter);
    if (rows.some(({ key }) => key === selected)) return this.#set({ rows });
    // What was chosen is gone: what stands where it stood is next to it.
    const at = Math.max(
      0,
      before.findIndex(({ key }) => key === selected),
    );
    this.#set({ rows, selected: rows[Math.min(at, rows.length - 1)]?.key });
  }

  #treeKey(key: string): void {
    const step = stepOf(key);
    if (step !== undefined) return this.#move(step);
    const row = this.row;
    switch (key) {
      case "enter":
        return row === undefined ? undefined : this.#inspect(row);
      case "r":
        return row === undefined ? undefined : this.#ask("restart", row);
      case "k":
      case "K":
        return row === undefined ? undefined : this.#ask("kill", row);
      case "s":
        return row === undefined
          ? undefined
          : this.#intervene(row.node.status === "suspended" ? "resume" : "suspend", addressOf(row), titleOf(row));
      case "f":
        return this.#set({ panel: "reports", scroll: 0 });
      case "/":
        return this.#set({ typing: true });
      case "escape":
        if (this.#state.filter === "") return this.actions.quit();
        this.#set({ filter: "", note: undefined });
        return this.#arrange();
      case "?":
        return this.#set({ panel: "help", scroll: 0 });
      case "q":
        return this.actions.quit();
      default:
    }
  }

  /** In the panels up and down scroll; how far there is to scroll is known to who draws, which asks for no more than that. */
  #panelKey(key: string): void {
    const step = stepOf(key);
    if (step !== undefined) this.#set({ scroll: Math.max(0, this.#state.scroll + step) });
    else if (key === "q" || key === "escape" || key === "enter" || key === "left")
      this.#set({ panel: "tree", scroll: 0 });
    else if (key === "f") this.#set({ panel: "reports", scroll: 0 });
    else if (key === "?") this.#set({ panel: "help", scroll: 0 });
  }

  /** Who draws found that there is less to scroll. */
  scrolledTo(scroll: number): void {
    if (scroll < this.#state.scroll) this.#state = { ...this.#state, scroll };
  }

  #type(input: Input): void {
    const step = input.type === "key" ? stepOf(input.name) : undefined;
    if (step !== undefined) return this.#move(step);
    this.#set(typedInFilter(this.#state.filter, input));
    this.#arrange();
  }

  #move(by: number): void {
    const { rows } = this.#state;
    const at = rows.findIndex(({ key }) => key === this.row?.key);
    const to = Math.min(rows.length - 1, Math.max(0, at + by));
    this.#set({ selected: rows[to]?.key });
  }

  #ask(action: Action, row: Row): void {
    this.#set({ question: { action, process: addressOf(row), title: titleOf(row) }, note: undefined });
  }

  #confirm(key: string): void {
    const { question } = this.#state;
    this.#set({ question: undefined });
    if (question !== undefined && (key === "y" || key === "Y")) {
      this.#intervene(question.action, question.process, question.title);
    }
  }

  #intervene(action: Action, process: string, title: string): void {
    this.#set({ note: { text: `${DOING[action]} ${title} …`, bad: false } });
    this.actions.intervene(action, process).then(
      ({ said }) => this.#set({ note: { text: said, bad: false } }),
      (error: unknown) => this.#set({ note: { text: messageOf(error), bad: true } }),
    );
  }

  #inspect(row: Row): void {
    this.actions.inspect(addressOf(row)).then(
      (inspected) => this.#set({ inspected, panel: "inspect", scroll: 0, note: undefined }),
      (error: unknown) => this.#set({ note: { text: messageOf(error), bad: true } }),
    );
  }

  #set(change: Partial<ObserveState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

const DOING: { readonly [action in Action]: string } = {
  restart: "Restarting",
  suspend: "Suspending",
  resume: "Resuming",
  kill: "Killing",
};

/** A name outlives a restart; a process without one is known by its id. */
function addressOf({ node }: Row): string {
  return node.name ?? node.id;
}

export function titleOf({ node }: Row): string {
  return node.name ?? `${node.behaviour} ${node.id}`;
}
