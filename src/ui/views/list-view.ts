// A list that fills the terminal: what was last known, which row is chosen, what is searched for and how the list is narrowed, the
// row that is looked into, and what is done to one. What the rows are and what can be done to them, its kind says; how it is drawn is
// in list-lines.ts. Nothing here waits: what a key begins is told when it is done, and the list goes on.
import { messageOf } from "../../supervision/index.js";
import { typedInFilter } from "../filter.js";
import type { Input } from "../keys.js";
import type { Size } from "../layout.js";
import type { Column } from "../list-lines.js";
import { stepOf } from "../steps.js";
import type { Theme } from "../theme.js";
import type { FullView, ViewHost } from "./full-view.js";
import { listLines } from "./list-lines.js";

/** Something that can be done to the chosen row. */
export interface ListAction<Row> {
  readonly key: string;
  readonly label: string;
  /** It waits for a yes to this. */
  readonly question?: (row: Row) => string;
  /** Answers what is to be said of it. */
  readonly act: (row: Row) => Promise<string>;
}

/** A way to narrow the list: a key goes from one option to the next; the first of them narrows nothing. */
export interface Narrowing<Row> {
  readonly key: string;
  readonly label: string;
  options(rows: readonly Row[]): readonly string[];
  keeps(row: Row, option: string): boolean;
}

export interface ListKind<Look, Row> {
  /** Said when there is no row. */
  readonly empty: string;
  readonly columns: readonly Column<Row>[];
  /** What stands in the first column and takes the width that is left; its title, and of each row. */
  readonly subject: { readonly title: string; readonly of: (row: Row) => string };
  readonly actions: readonly ListAction<Row>[];
  readonly narrowings: readonly Narrowing<Row>[];
  /** The newest is last, and is followed until the user goes up. */
  readonly follows?: true;
  rows(look: Look): readonly Row[];
  keyOf(row: Row): string;
  /** What a search looks through. */
  textOf(row: Row): string;
  /** One line about all of it. */
  summary(look: Look): string;
  /** What Enter shows of a row. */
  detail(row: Row, columns: number, theme: Theme): readonly string[];
}

export interface ListState<Look, Row> {
  readonly kind: ListKind<Look, Row>;
  readonly look: Look | undefined;
  readonly all: readonly Row[];
  /** When that was, in epoch milliseconds, and why it is not known by now. */
  readonly at: number;
  readonly failed: string | undefined;
  /** Those of all that are left. */
  readonly rows: readonly Row[];
  readonly selected: string | undefined;
  readonly filter: string;
  readonly typing: boolean;
  /** Of each narrowing, the option that holds. */
  readonly options: ReadonlyMap<string, string>;
  /** The row that is looked into, by its key. */
  readonly inside: string | undefined;
  readonly scroll: number;
  readonly question: { readonly text: string; readonly act: () => Promise<string> } | undefined;
  readonly note: { readonly text: string; readonly bad: boolean } | undefined;
}

export class ListView<Look, Row> implements FullView {
  #state: ListState<Look, Row>;
  /** The chosen row is the newest, whatever comes. */
  #following: boolean;

  constructor(
    kind: ListKind<Look, Row>,
    private readonly host: ViewHost,
  ) {
    this.#following = kind.follows === true;
    this.#state = {
      kind,
      look: undefined,
      all: [],
      at: 0,
      failed: undefined,
      rows: [],
      selected: undefined,
      filter: "",
      typing: false,
      options: new Map(),
      inside: undefined,
      scroll: 0,
      question: undefined,
      note: undefined,
    };
  }

  get typing(): boolean {
    return this.#state.typing;
  }

  /** What is shown, for who draws and for tests. */
  get state(): ListState<Look, Row> {
    return this.#state;
  }

  /** What is known by now. */
  take(look: Look, at: number): void {
    this.#set({ look, all: this.#state.kind.rows(look), at, failed: undefined });
    this.#arrange();
  }

  /** It could not be known: what is shown is what was known before. */
  failed(why: string): void {
    this.#set({ failed: why });
  }

  lines(size: Size, theme: Theme, now: number): readonly string[] {
    return listLines(this.#state, size, theme, now, (scroll) => {
      if (scroll < this.#state.scroll) this.#state = { ...this.#state, scroll };
    });
  }

  /** What is typed fast comes as one text: each of its characters is a key, until one begins a search. */
  key(input: Input): void {
    if (input.type === "paste" && !this.typing) return;
    if (input.type !== "text" || this.typing) return this.#one(input);
    for (const character of input.text) this.#one({ type: "text", text: character });
  }

  #one(input: Input): void {
    const key = input.type === "key" ? input.name : input.text;
    const { question, inside } = this.#state;
    if (question !== undefined) this.#confirm(key, question.act);
    else if (this.typing) this.#type(input);
    else if (inside !== undefined) this.#insideKey(key);
    else this.#listKey(key);
  }

  get #row(): Row | undefined {
    const { kind, rows, selected, inside } = this.#state;
    return rows.find((row) => kind.keyOf(row) === (inside ?? selected));
  }

  #listKey(key: string): void {
    const step = stepOf(key);
    if (step !== undefined) return this.#move(step);
    switch (key) {
      case "enter":
        return this.#set({ inside: this.#state.selected, scroll: 0, note: undefined });
      case "/":
        return this.#set({ typing: true });
      case "q":
        return this.host.back();
      case "escape":
        return this.#escape();
      default:
        return this.#ownKey(key);
    }
  }

  /** First what narrows the list goes, then the view. */
  #escape(): void {
    if (this.#state.filter === "" && this.#state.options.size === 0) return this.host.back();
    this.#set({ filter: "", options: new Map(), note: undefined });
    this.#arrange();
  }

  #insideKey(key: string): void {
    const step = stepOf(key);
    if (step !== undefined) this.#set({ scroll: Math.max(0, this.#state.scroll + step) });
    else if (/^(?:q|escape|enter|left)$/.test(key)) this.#set({ inside: undefined, scroll: 0 });
    else this.#ownKey(key);
  }

  /** What only this kind of list can do. */
  #ownKey(key: string): void {
    const { kind } = this.#state;
    const narrowing = kind.narrowings.find((one) => one.key === key);
    if (narrowing !== undefined) this.#narrow(narrowing);
    const action = kind.actions.find((one) => one.key === key);
    const row = this.#row;
    if (action === undefined || row === undefined) return;
    const act = (): Promise<string> => action.act(row);
    if (action.question === undefined) this.#act(act);
    else this.#set({ question: { text: action.question(row), act }, note: undefined });
  }

  #narrow({ key, options: optionsOf }: Narrowing<Row>): void {
    const { all, options } = this.#state;
    const offered = optionsOf(all);
    const at = offered.indexOf(options.get(key) ?? offered[0] ?? "");
    const next = offered[(at + 1) % offered.length];
    const rest = new Map(options);
    if (next === undefined || next === offered[0]) rest.delete(key);
    else rest.set(key, next);
    this.#set({ options: rest, note: undefined });
    this.#arrange();
  }

  #confirm(key: string, act: () => Promise<string>): void {
    this.#set({ question: undefined });
    if (key === "y" || key === "Y") this.#act(act);
  }

  #act(act: () => Promise<string>): void {
    this.#set({ note: { text: "…", bad: false } });
    act().then(
      (text) => this.#set({ note: { text, bad: false } }),
      (error: unknown) => this.#set({ note: { text: messageOf(error), bad: true } }),
    );
  }

  #type(input: Input): void {
    const step = input.type === "key" ? stepOf(input.name) : undefined;
    if (step !== undefined) return this.#move(step);
    this.#set(typedInFilter(this.#state.filter, input));
    this.#arrange();
  }

  #move(by: number): void {
    const { kind, rows, selected } = this.#state;
    const at = rows.findIndex((row) => kind.keyOf(row) === selected);
    const to = Math.min(rows.length - 1, Math.max(0, at + by));
    this.#following = kind.follows === true && to === rows.length - 1;
    const row = rows[to];
    this.#set({ selected: row === undefined ? undefined : kind.keyOf(row), note: undefined });
  }

  /** The rows that are left, and which of them is chosen: the same as before, or what stands where it stood. */
  #arrange(): void {
    const { kind, all, filter, options, selected, rows: before, inside } = this.#state;
    const wanted = filter.toLowerCase();
    const rows = all.filter((row) => {
      const kept = kind.narrowings.every(({ key, keeps }) => keeps(row, options.get(key) ?? ""));
      return kept && (wanted === "" || kind.textOf(row).toLowerCase().includes(wanted));
    });
    const isIn = (key: string | undefined): boolean => rows.some((row) => kind.keyOf(row) === key);
    const stood = before.findIndex((row) => kind.keyOf(row) === selected);
    const at = this.#following ? rows.length - 1 : Math.min(Math.max(0, stood), rows.length - 1);
    const row = rows[at];
    const next = !this.#following && isIn(selected) ? selected : row === undefined ? undefined : kind.keyOf(row);
    this.#set({ rows, selected: next, inside: isIn(inside) ? inside : undefined });
  }

  #set(change: Partial<ListState<Look, Row>>): void {
    this.#state = { ...this.#state, ...change };
    this.host.changed();
  }
}
