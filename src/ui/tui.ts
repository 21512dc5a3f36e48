// TUI: the screen as a process. It holds nothing that matters: the conversation is told to it by the chat's process and asked
// for again whenever that comes back; what is typed and what is printed is in the Draft, a plain object that outlives every
// incarnation. So it may crash: its supervisor starts a fresh one, which prints only what is new.
//
// Supervise it as permanent; a shutdown of a second is plenty. Past its intensity it is best parked: the conversation goes on without it.
import { again } from "../actors/again.js";
import type { Config } from "../actors/config/config.js";
import type { Settings } from "../actors/config/schema.js";
import type { ThemeChoice } from "../actors/config/themes.js";
import type { LineEditor } from "../actors/line-editor.js";
import { Watching } from "../actors/watching.js";
import type { Answer, ChatEvent, ChatLike, ChatWatcher } from "../chat/events.js";
import {
  CallError,
  type Down,
  GenServer,
  isDown,
  messageOf,
  type Named,
  type Ref,
  send,
} from "../supervision/index.js";
import { detectTheme, type Environment, reflows } from "./abilities.js";
import { loadHighlighter } from "./code.js";
import type { Draft } from "./draft.js";
import { PlainScreen } from "./plain-screen.js";
import { type FeedDoor, Screen, type ScreenOptions } from "./screen.js";
import type { TerminalInput, TerminalOutput } from "./terminal.js";
import type { Theme } from "./theme.js";
import type { ShownFigures } from "./view-store.js";
import type { HeardReport, Look, LookedAt } from "./views/looks.js";
import type { ViewFeed, ViewWatcher } from "./views/view-feed.js";

export interface TuiOptions {
  /** Who leads the conversation. */
  readonly chat: Named<ChatLike>;
  /** Made once by the owner and handed to every incarnation. */
  readonly draft: Draft;
  /** Default `process.stdin`. */
  readonly stdin?: TerminalInput;
  /** Default `process.stdout`. */
  readonly stdout?: TerminalOutput;
  /** Default `process.env`: colours, Unicode and hyperlinks are read from it. */
  readonly env?: Environment;
  /** Default: what the terminal can show, in the theme of `look`. */
  readonly theme?: Theme;
  /** How the screen is to look; by default as the settings' defaults say. */
  readonly look?: Appearance;
  /** Whose `ui` settings hold from then on. */
  readonly config?: Named<Config>;
  /** Who reads what the views show; without it they show nothing. */
  readonly feed?: Named<ViewFeed>;
  /** Who keeps the input history. Without it the history is what was typed since the start. */
  readonly lineEditor?: Named<LineEditor>;
  /** The screen is drawn for the first time. */
  readonly onPainted?: () => void;
  /** The user leaves, by Ctrl-C twice, Ctrl-D or a command; or the terminal is gone. */
  readonly onQuit: () => void;
}

export interface TuiState {
  connected: boolean;
  /** Events taken in since this incarnation started. */
  events: number;
}

/** An `Error` is the screen's own word that it cannot be drawn. */
type Message = "subscribe" | "warm" | Error | Down;

/** What the screen uses of the `ui` settings. */
export type Appearance = { readonly theme: ThemeChoice; readonly screen_reader: boolean } & ShownFigures;

const PLAIN_LOOK: Appearance = {
  theme: "auto",
  screen_reader: false,
  show_tokens: true,
  show_cost: true,
  show_timestamps: false,
};

/** How soon a conversation that is away is looked for again, in milliseconds. */
const RETRY_MS = 100;
/** A line that was sent waits this long for a conversation that is restarting, in milliseconds. */
const SUBMIT_MS = 30_000;
/** What is to be remembered waits this long for a LineEditor that is restarting, in milliseconds. */
const REMEMBER_MS = 30_000;
/** What is not completed by then is not completed, in milliseconds. */
const COMPLETE_MS = 5_000;
/** What is asked of the processes in a view; a server may take its time to end. */
const DEED_MS = 60_000;
const WARM_MS = 300;

export class TUI extends GenServer<TuiOptions, TuiState> implements ChatWatcher, ViewWatcher {
  #options!: TuiOptions; // set by init
  #chat!: Ref<ChatLike>; // set by init
  #lineEditor: Ref<LineEditor> | undefined;
  #screen: Screen | PlainScreen | undefined;
  #watching: number | undefined;
  #lookingAt: readonly LookedAt[] = [];
  readonly #feedWatching = new Watching({
    monitor: (ref) => this.monitor(ref),
    demonitor: (id) => this.demonitor(id, { flush: true }),
    send: (message) => send(this.self(), message),
    sendAfter: (ms, message) => void this.sendAfter(ms, message),
  });

  protected override init(options: TuiOptions): void {
    this.trapExit = true;
    this.state = { connected: false, events: 0 };
    this.#options = options;
    this.#chat = this.use(options.chat);
    if (options.lineEditor !== undefined) {
      this.#lineEditor = this.use(options.lineEditor).with({ timeout: REMEMBER_MS });
    }
    const screen = this.#makeScreen(options);
    this.#screen = screen;
    screen.store.shown = options.look ?? PLAIN_LOOK;
    screen.start();
    // A process that is killed does not terminate in order, but the terminal must be given back all the same.
    this.signal.addEventListener("abort", () => screen.stop(), { once: true });
    if (options.draft.shown) screen.store.notice("warn", "the screen was restarted; nothing is lost");
    else options.onPainted?.();
    options.draft.shown = true;
    this.sendAfter(WARM_MS, "warm");
    this.#recall();
    this.#watchSettings();
    this.#watchFeed();
    this.continueWith("subscribe");
  }

  protected override async handleContinue(): Promise<void> {
    await this.#subscribe();
  }

  /** Told by the chat's process. */
  chatEvent(event: ChatEvent): void {
    this.state.events++;
    if (event.type === "quit") this.#options.onQuit();
    else if (event.type === "draft") this.#screen?.write(event.text);
    else if (event.type === "view") this.#views?.open(event.view);
    else if (event.type === "panels") this.#views?.panels(event.panels);
    else this.#screen?.store.apply(event);
  }

  /** Told by Config. */
  configChanged({ ui }: Settings): void {
    this.#look(ui);
  }

  // --- told by the feed of the views -------------------------------------------------------------------------------------

  viewLook(look: Look, at: number): void {
    this.#views?.looked(look, at);
  }

  viewFailed(of: LookedAt, why: string): void {
    this.#views?.views.failed(of, why);
  }

  viewReports(reports: readonly HeardReport[]): void {
    this.#views?.views.hear(reports);
  }

  viewNotified(count: number): void {
    this.#views?.notified(count);
  }

  // -----------------------------------------------------------------------------------------------------------------------

  protected override async handleInfo(message: Message): Promise<void> {
    if (message instanceof Error) throw message;
    if (await this.#feedWatching.took(message)) return;
    if (message === "subscribe") await this.#subscribe();
    if (message === "warm") await loadHighlighter();
    if (isDown(message) && message.id === this.#watching) {
      this.state.connected = false;
      this.#screen?.store.lost();
      await this.#subscribe();
    }
  }

  protected override terminate(): void {
    this.#screen?.stop();
  }

  /**
   * Asks one incarnation of the conversation, and waits until that answers or dies: a second question to the same one, after a
   * time-out say, would have every event told twice.
   */
  async #subscribe(): Promise<void> {
    const chat = this.#options.chat.whereis();
    if (chat === undefined) {
      this.sendAfter(RETRY_MS, "subscribe");
      return;
    }
    this.#watching = this.monitor(chat);
    try {
      const { call } = this.use(chat).with({ timeout: Number.POSITIVE_INFINITY });
      const snapshot = await call.subscribe(this.self<TUI>(), { views: this.#views !== undefined });
      this.state.connected = true;
      this.#screen?.store.load(snapshot);
    } catch (error) {
      // It died over the question, and the monitor says so next.
      if (!(error instanceof CallError)) throw error;
    }
  }

  /** The screen, if it can show views. */
  get #views(): Screen | undefined {
    return this.#screen instanceof Screen ? this.#screen : undefined;
  }

  #watchFeed(): void {
    const { feed } = this.#options;
    if (feed === undefined || this.#views === undefined) return;
    this.#feedWatching.begin(feed, async () => {
      await this.use(feed).call.watch(this.self<TUI>());
      this.use(feed).cast.look(this.#lookingAt);
    });
  }

  #door(named: Named<ViewFeed>): FeedDoor {
    const feed = this.use(named).with({ timeout: DEED_MS });
    return {
      act: (deed) => feed.call.act(deed),
      inspect: (process) => feed.call.inspect(process),
      look: (at) => {
        this.#lookingAt = at;
        feed.cast.look(at);
      },
    };
  }

  #makeScreen(options: TuiOptions): Screen | PlainScreen {
    const { stdin = process.stdin, stdout = process.stdout, env = process.env, draft } = options;
    const self = this.self<TUI>();
    const screenOptions: ScreenOptions = {
      stdin,
      stdout,
      theme: options.theme ?? detectTheme(env, stdout, options.look?.theme, this.#isSpoken),
      draft,
      actions: {
        submit: (text) => this.#submit(text),
        answer: (id, answer) => this.#answer(id, answer),
        complete: (line) =>
          this.#chat
            .with({ timeout: COMPLETE_MS })
            .call.complete(line)
            .catch(() => []),
        cancel: () => this.#chat.cast.cancel(),
        takeBack: () => this.#chat.cast.takeBack(),
        quit: () => options.onQuit(),
      },
      ...(options.feed === undefined ? {} : { feed: this.#door(options.feed) }),
      onError: (error) => send(self, error),
      reflows: reflows(env),
      env,
    };
    const printsOnly = env.TERM === "dumb" || this.#isSpoken || stdout.isTTY !== true;
    return printsOnly ? new PlainScreen(screenOptions) : new Screen(screenOptions);
  }

  /** Settled at the start: a screen does not become another one. */
  get #isSpoken(): boolean {
    const { env = process.env, look = PLAIN_LOOK } = this.#options;
    return look.screen_reader || /^(?:true|1)$/.test(env.INK_SCREEN_READER ?? "");
  }

  /** Not waited for: a Config that is away must not keep the screen from being drawn. */
  #watchSettings(): void {
    const { config } = this.#options;
    if (config === undefined) return;
    const self = this.self<TUI>();
    const ref = this.use(config);
    again(() => ref.call.subscribe("ui", self)).then(
      (settings) => self.cast.configChanged(settings),
      () => {},
    );
  }

  #look(look: Appearance): void {
    const { theme, env = process.env, stdout = process.stdout } = this.#options;
    const screen = this.#screen;
    if (screen === undefined) return;
    screen.store.shown = look;
    const wanted = theme ?? detectTheme(env, stdout, look.theme, this.#isSpoken);
    if (wanted.name !== screen.theme.name) screen.theme = wanted;
  }

  /** Waits for a conversation that is restarting; a line that does not arrive is said to be lost, and is in the history. */
  #submit(text: string): void {
    this.#remember(text);
    this.#reach(
      this.#chat.with({ timeout: SUBMIT_MS }).call.submit(text),
      "that message did not arrive; press Up to send it again",
    );
  }

  /** Not waited for, like all that is said to the LineEditor: if it is away or dead, typing goes on without it. */
  #recall(): void {
    const { draft } = this.#options;
    const editor = this.#lineEditor;
    if (editor === undefined || draft.recalled) return;
    again(() => editor.call.history()).then(
      (lines) => draft.recall(lines),
      () => {},
    );
  }

  #remember(line: string): void {
    const editor = this.#lineEditor;
    if (editor !== undefined) again(() => editor.call.remember(line)).catch(() => {});
  }

  #answer(id: string, answer: Answer): void {
    this.#reach(
      this.#chat.with({ timeout: SUBMIT_MS }).call.answer(id, answer),
      "that answer did not arrive; answer again",
    );
  }

  #reach(call: Promise<unknown>, otherwise: string): void {
    call.catch((error: unknown) => this.#screen?.store.notice("error", `${otherwise} (${messageOf(error)})`));
  }
}
