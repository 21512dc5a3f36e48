// The views that fill the terminal, made when they are first opened. Each keeps what it knows, which row is chosen and how it is
// narrowed until the screen's process ends. What they show is handed in; what they ask goes out; none of it is waited for.
import type { Input } from "../keys.js";
import type { Size } from "../layout.js";
import type { Theme } from "../theme.js";
import { type TUIManager, type ViewName, viewNames } from "../tui-manager.js";
import type { View } from "../view-store.js";
import { cacheKind } from "./cache.js";
import { frameLines } from "./frame.js";
import type { FullView } from "./full-view.js";
import { HELP, helpKind } from "./help.js";
import { ListView } from "./list-view.js";
import { logsKind } from "./logs.js";
import type { HeardReport, Look, LookedAt } from "./looks.js";
import { notificationsKind } from "./notifications.js";
import { progressKind } from "./progress.js";
import { serversKind } from "./servers.js";
import { type TreeActions, TreeView } from "./tree.js";

export interface ViewsOptions {
  readonly manager: TUIManager;
  readonly actions: TreeActions;
  /** Back to the conversation. */
  readonly back: () => void;
}

export class Views {
  readonly #options: ViewsOptions;
  readonly #listeners = new Set<() => void>();
  #version = 0;
  readonly #tree: TreeView;
  readonly #servers;
  readonly #logs;
  readonly #notifications;
  readonly #cache;
  readonly #progress;
  readonly #help;

  constructor(options: ViewsOptions) {
    this.#options = options;
    const { actions, back } = options;
    const host = { changed: () => this.#changed(), back };
    this.#tree = new TreeView(actions, host);
    this.#servers = new ListView(serversKind(actions.act), host);
    this.#logs = new ListView(logsKind, host);
    this.#notifications = new ListView(notificationsKind, host);
    this.#cache = new ListView(cacheKind(actions.act), host);
    this.#progress = new ListView(progressKind, { ...host, changed: () => {} });
    this.#help = new ListView(helpKind, host);
    this.#help.take(HELP, Number.POSITIVE_INFINITY);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Another one whenever something is to be drawn again. */
  readonly version = (): number => this.#version;

  take({ of, look }: Look, at: number): void {
    switch (of) {
      case "tree":
        return this.#tree.take(look);
      case "servers":
        return this.#servers.take(look, at);
      case "logs":
        return this.#logs.take(look, at);
      case "notifications":
        return this.#notifications.take(look, at);
      case "cache":
        return this.#cache.take(look, at);
    }
  }

  failed(of: LookedAt, why: string): void {
    const view = this.#view(of);
    if (view instanceof ListView) view.failed(why);
  }

  hear(reports: readonly HeardReport[]): void {
    this.#tree.hear(reports);
  }

  /** A key, while a view is in front. */
  key(input: Input, name: ViewName): void {
    const view = this.#view(name);
    const other = view.typing ? undefined : otherView(input, name);
    if (other !== undefined) this.#options.manager.happen({ type: "open", view: other });
    else if (input.type === "key" && input.ctrl && input.name === "c") this.#options.back();
    else view.key(input);
    this.#changed();
  }

  /** The whole terminal. */
  lines(name: ViewName, conversation: View, size: Size, theme: Theme, now: number): readonly string[] {
    if (name === "progress") this.#progress.take({ calls: conversation.calls, now }, now);
    return frameLines(this.#view(name), name, conversation, size, theme, now);
  }

  #view(name: ViewName): FullView {
    switch (name) {
      case "tree":
        return this.#tree;
      case "servers":
        return this.#servers;
      case "logs":
        return this.#logs;
      case "notifications":
        return this.#notifications;
      case "cache":
        return this.#cache;
      case "progress":
        return this.#progress;
      case "help":
        return this.#help;
    }
  }

  #changed(): void {
    this.#version++;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Tab and Shift-Tab go through the views, a digit opens one. */
function otherView(input: Input, name: ViewName): ViewName | undefined {
  if (input.type === "text") return /^[1-9]$/.test(input.text) ? viewNames[Number(input.text) - 1] : undefined;
  if (input.type !== "key" || input.name !== "tab") return undefined;
  const step = input.shift ? -1 : 1;
  return viewNames[(viewNames.indexOf(name) + step + viewNames.length) % viewNames.length];
}
