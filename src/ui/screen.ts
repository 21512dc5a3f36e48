// The screen put together: terminal, view store, interaction and Ink. Ink is mounted anew whenever what is printed
// has to change (a cleared conversation, other colours) or has grown so long that it should be let go; nothing is lost by
// that, because nothing that matters lives in React.
import "./loading/ink.js";
import { type Instance, render } from "ink";
import { createElement } from "react";
import type { PanelChoice } from "../chat/events.js";
import { BanyanError } from "../supervision/index.js";
import type { Environment } from "./abilities.js";
import { Away } from "./away.js";
import { type Clock, systemClock } from "./clock.js";
import { App, Guard } from "./components/App.js";
import { INPUT_MARGIN } from "./components/input-line.js";
import type { Draft } from "./draft.js";
import type { Edited } from "./external-editor.js";
import { InkStream, StreamContext } from "./ink-stream.js";
import { type Actions, Interaction } from "./interaction.js";
import type { Input } from "./keys.js";
import type { Size } from "./layout.js";
import { Terminal, type TerminalInput, type TerminalListener, type TerminalOutput } from "./terminal.js";
import type { Theme } from "./theme.js";
import { TUIManager, type ViewName } from "./tui-manager.js";
import { ViewStore } from "./view-store.js";
import type { Look, LookedAt } from "./views/looks.js";
import type { TreeActions } from "./views/tree.js";
import { Views } from "./views/views.js";

export interface FeedDoor extends TreeActions {
  /** These are looked at from now on. */
  look(at: readonly LookedAt[]): void;
}

export interface ScreenOptions {
  readonly stdin: TerminalInput;
  readonly stdout: TerminalOutput;
  readonly theme: Theme;
  readonly draft: Draft;
  readonly actions: Omit<Actions, "repaint" | "notice" | "editOutside" | "suspend">;
  /** Who reads what the views show and does what is asked in them; without it they show nothing. */
  readonly feed?: FeedDoor;
  /** The screen cannot be drawn. */
  readonly onError: (error: Error) => void;
  readonly clock?: Clock;
  /** Where the user's own editor is named. Default: no variable is set. */
  readonly env?: Environment;
  /** Whether the terminal wraps anew what stands on it when its width changes, as nearly all do. Default true. */
  readonly reflows?: boolean;
}

/** A window that is being dragged reports many sizes; this long after the last one, in milliseconds, it is painted. */
const SETTLE_MS = 80;
const FRAMES_PER_SECOND = 30;
/** What is read while a view is open. */
const LOOKED_AT: { readonly [name: string]: readonly LookedAt[] | undefined } = {
  tree: ["tree"],
  servers: ["servers"],
  logs: ["logs"],
  notifications: ["notifications"],
  cache: ["cache"],
};

const NO_FEED: FeedDoor = {
  look: () => {},
  act: () => Promise.reject(new BanyanError("no_feed", "Nothing can be done from this screen.")),
  inspect: () => Promise.reject(new BanyanError("no_feed", "Nothing can be looked into from this screen.")),
};

export class Screen {
  readonly store: ViewStore;
  readonly #options: ScreenOptions;
  readonly #clock: Clock;
  readonly #terminal: Terminal;
  readonly #stream: InkStream;
  readonly #manager = new TUIManager();
  readonly #interaction: Interaction;
  #theme: Theme;
  /** What fills the terminal in the mode of a view. */
  readonly views: Views;
  #ink: Instance | undefined;
  #size: Size;
  #liveHeight = 0;
  #cancelSettle: (() => void) | undefined;
  #cancelTurn: (() => void) | undefined;
  #view: ViewName | undefined;
  /** What is under the open view is to be painted anew. */
  #stale = false;
  readonly #away: Away;

  constructor(options: ScreenOptions) {
    const { draft, theme } = options;
    this.#options = options;
    this.#theme = theme;
    const clock = options.clock ?? systemClock;
    // What fails in a timer or on a key fails the screen, never the program.
    this.#clock = { now: () => clock.now(), after: (ms, fn) => clock.after(ms, () => this.#guarded(fn)) };
    this.#terminal = new Terminal(options.stdin, options.stdout, this.#clock, {
      inTmux: options.env?.TMUX !== undefined,
    });
    this.#stream = new InkStream(this.#terminal);
    this.#size = this.#terminal.size;
    this.store = new ViewStore({
      theme,
      printed: draft.printed,
      clock: this.#clock,
      busy: () => this.#terminal.busy,
    });
    this.store.onClear = () => this.#repaint();
    this.#away = new Away({
      draft,
      env: options.env ?? {},
      clock: this.#clock,
      isAway: () => this.#isAway,
      leave: (lost) => this.#guarded(() => this.#leave(lost)),
      comeBack: () => this.#guarded(() => this.#comeBack()),
      edited: (edited) => this.#guarded(() => this.#edited(edited)),
    });
    this.#interaction = new Interaction({
      draft,
      manager: this.#manager,
      actions: {
        ...options.actions,
        repaint: () => this.#repaint(),
        editOutside: () => this.#away.editOutside(),
        suspend: () => this.#away.suspend(),
        notice: (text) => this.store.notice("warn", text),
      },
      view: this.store.view,
      columns: () => this.#size.columns - INPUT_MARGIN,
      clock: this.#clock,
    });
    this.views = new Views({
      manager: this.#manager,
      actions: options.feed ?? NO_FEED,
      back: () => this.#manager.happen({ type: "back", writing: this.#interaction.writing }),
    });
    this.#manager.subscribe(() => this.#modeChanged());
  }

  panels(choice: PanelChoice): void {
    const { draft } = this.#options;
    const shown = choice !== "toggle" ? choice : draft.panels.length > 0 ? [] : draft.lastPanels;
    if (shown.length > 0) draft.lastPanels = shown;
    draft.panels = shown;
    this.store.panels(shown);
    this.#look();
  }

  /** What there is to show by now. */
  looked(look: Look, at: number): void {
    this.views.take(look, at);
    if (look.of === "cache") this.store.cache(look.look);
  }

  /** So many notifications came; those who look at them have read them. */
  notified(count: number): void {
    const { draft } = this.#options;
    draft.unread = this.#view === "notifications" ? 0 : draft.unread + count;
    this.store.unread(draft.unread);
  }

  /** Opens a view over the conversation, which goes on. */
  open(view: ViewName): void {
    this.#manager.happen({ type: "open", view });
  }

  start(): void {
    const { outside, view } = this.#options.draft;
    const listener: TerminalListener = {
      input: (input) => this.#guarded(() => this.#take(input)),
      resized: (size) => this.#guarded(() => this.#resized(size)),
      closed: () => this.#options.actions.quit(),
    };
    this.#terminal.open(listener, outside === undefined);
    this.store.subscribe(() => this.#changed());
    this.panels(this.#options.draft.panels);
    if (view !== undefined) this.open(view);
    this.#away.start();
    this.#mount();
  }

  get theme(): Theme {
    return this.#theme;
  }

  /** Other colours, from now on and for what is on the screen. */
  set theme(theme: Theme) {
    this.#theme = theme;
    this.store.theme = theme;
    this.#repaint();
  }

  /** Takes the live part away, leaves the transcript, and gives the terminal back. */
  stop(): void {
    this.#away.stop();
    this.#settle();
    this.#cancelTurn?.();
    // React draws in a microtask, which would be too late for the last words.
    this.store.flush();
    this.#ink?.rerender(this.#app());
    this.store.stop();
    this.#interaction.stop();
    this.#terminal.unmute();
    this.#unmount();
    this.#terminal.close();
  }

  /** Puts a text into the line that is being written. */
  write(text: string): void {
    this.#guarded(() => this.#interaction.write(text));
  }

  #changed(): void {
    this.#interaction.follow();
    if (this.store.pageIsFull) this.#cancelTurn ??= this.#clock.after(0, () => this.#turnPage());
  }

  #take(input: Input): void {
    const manager = this.#manager;
    const { view } = manager;
    const meaning = manager.meaning(input, this.#interaction.writing);
    if (meaning !== undefined) manager.happen(meaning);
    else if (view === undefined) this.#interaction.take(input);
    else if (input.type === "key" && input.ctrl && input.name === "l") this.#stream.repaintFull();
    else this.views.key(input, view);
  }

  #modeChanged(): void {
    const { view } = this.#manager;
    const { draft } = this.#options;
    if (view === this.#view || this.#isAway) return;
    this.#view = view;
    draft.view = view;
    if (view === "notifications") this.notified(0);
    this.#look();
    if (view === undefined && this.#stale) this.#repaint();
  }

  /** Has what is shown looked at, and nothing else. */
  #look(): void {
    const { draft, feed = NO_FEED } = this.#options;
    const panels = draft.panels.includes("cache") ? (["cache"] as const) : [];
    feed.look([...new Set([...(LOOKED_AT[this.#view ?? "none"] ?? []), ...panels])]);
  }

  #mount(): void {
    if (this.#isAway) return;
    this.#ink = render(this.#app(), {
      stdout: this.#stream.open(this.#size),
      exitOnCtrlC: false,
      patchConsole: false,
      isScreenReaderEnabled: false,
      maxFps: FRAMES_PER_SECOND,
    });
    this.#ink.waitUntilExit().catch((error: unknown) => this.#failed(error));
  }

  #app() {
    const theme = this.#theme;
    const size = this.#size;
    const app = createElement(App, {
      store: this.store,
      interaction: this.#interaction,
      views: this.views,
      theme,
      size,
      clock: this.#clock,
      onHeight: (rows: number) => {
        this.#liveHeight = rows;
      },
    });
    const children = createElement(StreamContext.Provider, { value: this.#stream }, app);
    return createElement(Guard, { onError: (error: Error) => this.#failed(error), children });
  }

  /** Erases the live part; what Ink would still write after that is not for the terminal. */
  #unmount(): void {
    this.#settle();
    this.#stream.erase();
    this.#terminal.mute();
    this.#ink?.unmount();
    this.#ink = undefined;
    this.#terminal.unmute();
    this.#stream.wiped();
  }

  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** A view that may be what cannot be drawn is not opened again. */
  #failed(error: unknown): void {
    this.#options.draft.view = undefined;
    this.#options.onError(error instanceof Error ? error : new Error(String(error)));
  }

  #resized(size: Size): void {
    const sameWidth = size.columns === this.#size.columns;
    this.#size = size;
    if (this.#isAway) return;
    if (this.#stream.isFull) return this.#resizedFull();
    if (sameWidth && this.#liveHeight < size.rows && this.#cancelSettle === undefined) {
      this.#stream.resize(size);
      this.#ink?.rerender(this.#app());
      return;
    }
    this.#stream.hold();
    this.#cancelSettle?.();
    this.#cancelSettle = this.#clock.after(SETTLE_MS, () => {
      this.#settle();
      this.#ink?.rerender(this.#app());
    });
  }

  /**
   * What is printed stays as it is: the terminal has wrapped it anew, or left it. To print it again, it would have to be wiped first, and
   * that cannot be done without all that was on the terminal before.
   */
  #settle(): void {
    if (this.#cancelSettle === undefined) return;
    this.#cancelSettle();
    this.#cancelSettle = undefined;
    this.#stream.settle(this.#size, this.#options.reflows ?? true);
  }

  /** The view is drawn anew at once. */
  #resizedFull(): void {
    this.#stream.settle(this.#size, this.#options.reflows ?? true);
    this.#ink?.rerender(this.#app());
  }

  /** Everything anew on an empty screen: the live part, and as much of what is above as there is room for; under a view, once that is
   * closed. */
  #repaint(): void {
    if (this.#isAway) return;
    this.#stale = this.#manager.view !== undefined;
    if (this.#stale) {
      this.#ink?.rerender(this.#app());
      return;
    }
    this.#unmount();
    this.#terminal.clear();
    const { columns, rows } = this.#size;
    this.store.newPage({ columns, rows: rows - this.#liveHeight });
    this.#mount();
  }

  /** Lets go what is printed: what follows is printed under it. */
  #turnPage(): void {
    this.#cancelTurn = undefined;
    if (this.#cancelSettle !== undefined || this.#isAway || this.#manager.view !== undefined) return;
    this.#unmount();
    this.store.newPage();
    this.#mount();
  }

  /** Another program has the terminal, or this one is suspended. */
  get #isAway(): boolean {
    return this.#manager.mode().front === "suspended";
  }

  /** Leaves the terminal to others; `lost`: what stands on it is not known any more. What comes meanwhile is printed afterwards. */
  #leave(lost: boolean): void {
    this.store.flush();
    this.#ink?.rerender(this.#app());
    if (lost) this.#stream.wiped();
    this.#unmount();
    this.store.newPage();
    this.#manager.happen({ type: "suspend" });
    this.#terminal.release();
  }

  #comeBack(): void {
    this.#size = this.#terminal.size;
    this.#terminal.take();
    this.#manager.happen({ type: "resume" });
    this.#mount();
  }

  #edited({ text, problem }: Edited): void {
    if (text !== undefined) this.#interaction.rewrite(text);
    if (problem !== undefined) this.store.notice("warn", problem);
  }
}
