// `banyan observe` on the terminal: the view drawn by Ink on the alternate screen, line by line through the ink stream, so that
// a look at the tree costs the lines that changed. Whatever ends the program gives the terminal back first.
import "../loading/ink.js";
import { type Instance, render } from "ink";
import { createElement, useSyncExternalStore } from "react";
import { type Clock, systemClock } from "../clock.js";
import { Guard } from "../components/App.js";
import { Lines } from "../components/Lines.js";
import { InkStream, StreamContext } from "../ink-stream.js";
import type { Size } from "../layout.js";
import { Terminal, type TerminalInput, type TerminalOutput } from "../terminal.js";
import type { Theme } from "../theme.js";
import { observeLines } from "./lines.js";
import { type ObserveActions, ObserveView } from "./view.js";

export interface ObserverOptions {
  readonly stdin: TerminalInput;
  readonly stdout: TerminalOutput;
  readonly theme: Theme;
  readonly actions: ObserveActions;
  /** The view cannot be drawn. */
  readonly onError: (error: Error) => void;
  readonly clock?: Clock;
}

const FRAMES_PER_SECOND = 20;

export class Observer {
  readonly view: ObserveView;
  readonly #options: ObserverOptions;
  readonly #clock: Clock;
  readonly #terminal: Terminal;
  readonly #stream: InkStream;
  #ink: Instance | undefined;

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#terminal = new Terminal(options.stdin, options.stdout, this.#clock);
    this.#stream = new InkStream(this.#terminal);
    this.view = new ObserveView(options.actions);
  }

  start(): void {
    this.#terminal.open({
      input: (input) => this.view.key(input),
      resized: (size) => {
        this.#stream.resize(size);
        this.#stream.repaintFull();
        this.#ink?.rerender(this.#app());
      },
      closed: () => this.#options.actions.quit(),
    });
    this.#mount();
  }

  /** Gives the terminal back. */
  stop(): void {
    this.#unmount();
    this.#terminal.close();
  }

  #mount(): void {
    const { onError } = this.#options;
    this.#ink = render(this.#app(), {
      stdout: this.#stream.open(this.#terminal.size),
      exitOnCtrlC: false,
      patchConsole: false,
      isScreenReaderEnabled: false,
      maxFps: FRAMES_PER_SECOND,
    });
    this.#ink
      .waitUntilExit()
      .catch((error: unknown) => onError(error instanceof Error ? error : new Error(`${error}`)));
  }

  #app() {
    const { theme, onError } = this.#options;
    const view = createElement(View, { view: this.view, size: this.#terminal.size, theme, clock: this.#clock });
    const children = createElement(StreamContext.Provider, { value: this.#stream }, view);
    return createElement(Guard, { onError, children });
  }

  /** What Ink writes as it ends is not for the terminal. */
  #unmount(): void {
    this.#terminal.mute();
    this.#ink?.unmount();
    this.#ink = undefined;
    this.#terminal.unmute();
  }
}

interface ViewProps {
  readonly view: ObserveView;
  readonly size: Size;
  readonly theme: Theme;
  readonly clock: Clock;
}

function View({ view, size, theme, clock }: ViewProps) {
  const state = useSyncExternalStore(view.subscribe, view.state);
  const lines = observeLines(state, size, theme, clock.now(), (scroll) => view.scrolledTo(scroll));
  return createElement(Lines, { kind: "full", lines });
}
