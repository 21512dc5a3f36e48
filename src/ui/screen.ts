// The screen put together: terminal, view store, interaction and Ink. Ink is mounted anew whenever what is printed
// has to change (a cleared conversation, other colours) or has grown so long that it should be let go; nothing is lost by
// that, because nothing that matters lives in React.
import "./loading/ink.js";
import { type Instance, render } from "ink";
import { createElement } from "react";
import { type Clock, systemClock } from "./clock.js";
import { App, Guard } from "./components/App.js";
import { INPUT_MARGIN } from "./components/input-line.js";
import type { Draft } from "./draft.js";
import { InkStream, StreamContext } from "./ink-stream.js";
import { type Actions, Interaction } from "./interaction.js";
import type { Size } from "./layout.js";
import { Terminal, type TerminalInput, type TerminalOutput } from "./terminal.js";
import type { Theme } from "./theme.js";
import { TUIManager } from "./tui-manager.js";
import { ViewStore } from "./view-store.js";

export interface ScreenOptions {
  readonly stdin: TerminalInput;
  readonly stdout: TerminalOutput;
  readonly theme: Theme;
  readonly draft: Draft;
  readonly actions: Omit<Actions, "repaint" | "notice">;
  /** The screen cannot be drawn. */
  readonly onError: (error: Error) => void;
  readonly clock?: Clock;
  /** Whether the terminal wraps anew what stands on it when its width changes, as nearly all do. Default true. */
  readonly reflows?: boolean;
}

/** A window that is being dragged reports many sizes; this long after the last one, in milliseconds, it is painted. */
const SETTLE_MS = 80;
const FRAMES_PER_SECOND = 30;

export class Screen {
  readonly store: ViewStore;
  readonly #options: ScreenOptions;
  readonly #clock: Clock;
  readonly #terminal: Terminal;
  readonly #stream: InkStream;
  readonly #manager = new TUIManager();
  readonly #interaction: Interaction;
  #ink: Instance | undefined;
  #size: Size;
  #liveHeight = 0;
  #cancelSettle: (() => void) | undefined;
  #cancelTurn: (() => void) | undefined;

  constructor(options: ScreenOptions) {
    const { draft, theme } = options;
    this.#options = options;
    const clock = options.clock ?? systemClock;
    // What fails in a timer or on a key fails the screen, never the program.
    this.#clock = { now: () => clock.now(), after: (ms, fn) => clock.after(ms, () => this.#guarded(fn)) };
    this.#terminal = new Terminal(options.stdin, options.stdout, this.#clock);
    this.#stream = new InkStream(this.#terminal);
    this.#size = this.#terminal.size;
    this.store = new ViewStore({
      theme,
      printed: draft.printed,
      clock: this.#clock,
      busy: () => this.#terminal.busy,
    });
    this.store.onClear = () => this.#repaint();
    this.#interaction = new Interaction({
      draft,
      manager: this.#manager,
      actions: {
        ...options.actions,
        repaint: () => this.#repaint(),
        notice: (text) => this.store.notice("warn", text),
      },
      view: this.store.view,
      columns: () => this.#size.columns - INPUT_MARGIN,
      clock: this.#clock,
    });
  }

  start(): void {
    this.#terminal.open({
      input: (input) => this.#guarded(() => this.#interaction.take(input)),
      resized: (size) => this.#guarded(() => this.#resized(size)),
      closed: () => this.#options.actions.quit(),
    });
    this.store.subscribe(() => this.#changed());
    this.#mount();
  }

  /** Takes the live part away, leaves the transcript, and gives the terminal back. */
  stop(): void {
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

  #mount(): void {
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
    const { theme } = this.#options;
    const size = this.#size;
    const app = createElement(App, {
      store: this.store,
      interaction: this.#interaction,
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

  #failed(error: unknown): void {
    this.#options.onError(error instanceof Error ? error : new Error(String(error)));
  }

  #resized(size: Size): void {
    const sameWidth = size.columns === this.#size.columns;
    this.#size = size;
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

  /** Everything anew on an empty screen: the live part, and as much of what is above as there is room for. */
  #repaint(): void {
    this.#unmount();
    this.#terminal.clear();
    const { columns, rows } = this.#size;
    this.store.newPage({ columns, rows: rows - this.#liveHeight });
    this.#mount();
  }

  /** Lets go what is printed: what follows is printed under it. */
  #turnPage(): void {
    this.#cancelTurn = undefined;
    if (this.#cancelSettle !== undefined) return;
    this.#unmount();
    this.store.newPage();
    this.#mount();
  }
}
