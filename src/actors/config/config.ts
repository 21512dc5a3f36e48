// Config (permanent, shutdown 1 s): the process that holds the effective settings. A reload is checked whole and swapped in at
// once, or the settings in force stay and the user is told why. In an app that stays it watches the files and reloads by itself.
// After a crash it loads from the files again, and if these are broken by then it goes on with the settings the application
// started with. Its subscriptions lie outside it (subscriptions.ts), so none is lost; one ends with its watcher, and a watcher that
// comes back subscribes again.
import { isDeepStrictEqual } from "node:util";
import {
  BanyanError,
  type Failure,
  failure,
  GenServer,
  isDown,
  type Named,
  type Ref,
  type Status,
} from "../../supervision/index.js";
import { announce } from "../telemetry/happenings.js";
import { redactAll } from "../telemetry/redact.js";
import { pendingNotice } from "./approval.js";
import { describeChange } from "./change.js";
import { type Loaded, type LoadRequest, type LoadResult, loadConfig } from "./load.js";
import { isSetting, UnknownSettingError } from "./lookup.js";
import { ConfigError, type ConfigProblem } from "./problems.js";
import type { Settings } from "./schema.js";
import type { WrittenServer } from "./server-blocks.js";
import { type ConfigWatcher, outdated, type Subscription } from "./subscriptions.js";
import { LOOK_EVERY_MS, watchFiles } from "./watch-files.js";
import { withoutSecrets } from "./without-secrets.js";

/** Who is told of what the user should know. */
export interface ConfigListener {
  note(level: "info" | "warn", text: string): void;
}

export interface ConfigOptions {
  /** What the application loaded before it started. */
  readonly loaded: Loaded;
  /** Where it was loaded from. Give `settingsInEnvironment(process.env)` as its `env`, so that no secret is kept here. */
  readonly request: LoadRequest;
  /** An empty list, made once for all incarnations. */
  readonly subscriptions: Subscription[];
  /** Another, of the servers that are added while the app runs. */
  readonly added: WrittenServer[];
  /** Whether changes of the files are applied as they come. */
  readonly watch: boolean;
  /** Settings and tables that somebody applies while the app runs; of any other the user is told that it waits for the next start. */
  readonly live: readonly string[];
  readonly listener: Named<ConfigListener>;
}

export interface ConfigState {
  readonly loaded: Loaded;
  /** Why the files as they are now are not in force; empty when they are. */
  readonly problems: readonly ConfigProblem[];
}

/** Editors and scripts write in several steps: a file is read once nothing has been seen to happen for this long… */
const QUIET_MS = LOOK_EVERY_MS + 50;
/** …or after this long, should it never become quiet. */
const LONGEST_WAIT_MS = 2_000;

export class Config extends GenServer<ConfigOptions, ConfigState> {
  #options!: ConfigOptions; // set by init
  readonly #monitors = new Map<number, Subscription>();
  /** The first change that no reload has followed yet, on the clock of `performance.now()`. */
  #changedAt: number | undefined;
  #cancelReload = (): void => {};

  protected override async init(options: ConfigOptions): Promise<void> {
    this.#options = options;
    const { loaded, subscriptions, watch } = options;
    this.state = { loaded, problems: [] };
    const result = await this.#load();
    if ("ok" in result) this.state = { loaded: result.ok, problems: [] };
    else this.#refuse(result.error);
    for (const subscription of subscriptions) this.#monitors.set(this.monitor(subscription.watcher), subscription);
    this.#tellWatchers();
    if (watch) this.continueWith("watch");
  }

  /** The settings in force. */
  get(): Settings {
    return this.state.loaded.config;
  }

  /** The settings in force with where each came from, what waits for approval, and what is wrong with the files by now. */
  describe(): ConfigState {
    return this.state;
  }

  /** Loads again and answers what is in force now. Fails with a {@link ConfigError}, changing nothing, when a layer is not valid. */
  async reload(): Promise<Loaded | Failure<ConfigError>> {
    const result = await this.#load();
    if ("error" in result) {
      this.#refuse(result.error);
      return failure(new ConfigError(result.error));
    }
    this.#swap(result.ok);
    return result.ok;
  }

  /** Servers that are in no file: those of this run. */
  addedServers(): readonly WrittenServer[] {
    return [...this.#options.added];
  }

  /** Adds a server to this run. Fails, changing nothing, when there is one of that name or the settings would not be valid with it. */
  async addServer(server: WrittenServer): Promise<Loaded | Failure<BanyanError>> {
    const { added } = this.#options;
    if (this.get().servers.some(({ name }) => name === server.name)) {
      return failure(
        new BanyanError("server_exists", `There is a server ${server.name} already; choose another name.`),
      );
    }
    const result = await this.#load([...added, server]);
    if ("error" in result) return failure(new ConfigError(result.error));
    added.push(server);
    this.#take(result.ok);
    return result.ok;
  }

  /** Takes out a server of this run; false if it is none. Fails, changing nothing, when the settings are not valid by now. */
  async removeServer(name: string): Promise<boolean | Failure<ConfigError>> {
    const { added } = this.#options;
    const at = added.findIndex((server) => server.name === name);
    if (at < 0) return false;
    const result = await this.#load(added.toSpliced(at, 1));
    if ("error" in result) return failure(new ConfigError(result.error));
    added.splice(at, 1);
    this.#take(result.ok);
    return true;
  }

  /**
   * The settings in force; from now on the watcher is told whenever the value of `path` changes: a setting ("log.level"), a table
   * ("chat"), or one server ("servers.files"). It lasts as long as the watcher and outlives a crash of this process. Twice is once.
   */
  subscribe(path: string, watcher: Ref<ConfigWatcher>): Settings | Failure<UnknownSettingError> {
    if (!isSetting(path)) return failure(new UnknownSettingError(path));
    for (const [monitor, known] of this.#monitors) {
      if (known.path === path && `${known.watcher}` === `${watcher}`) this.#forget(monitor); // it may be of an earlier incarnation
    }
    const settings = this.get();
    const subscription: Subscription = { path, watcher, known: settings };
    this.#options.subscriptions.push(subscription);
    this.#monitors.set(this.monitor(watcher), subscription);
    return settings;
  }

  protected override handleContinue(): void {
    const { files, approvals, overrides } = this.#options.request;
    const places = [...files.map(({ file }) => file), approvals, overrides].filter((place) => place !== undefined);
    const self = this.self<Config>();
    const stop = watchFiles(places, () => self.cast.filesChanged());
    this.signal.addEventListener("abort", stop, { once: true });
    this.filesChanged(); // what changed before
  }

  /** Told by the watcher: reloads once the files have been quiet for a moment. */
  filesChanged(): void {
    const now = performance.now();
    this.#changedAt ??= now;
    this.#cancelReload();
    const left = this.#changedAt + LONGEST_WAIT_MS - now;
    this.#cancelReload = this.sendAfter(Math.max(0, Math.min(QUIET_MS, left)), "reload");
  }

  protected override async handleInfo(message: unknown): Promise<void> {
    if (isDown(message)) this.#forget(message.id);
    else {
      this.#changedAt = undefined;
      await this.reload();
    }
  }

  /** Settings hold references to secrets, but a secret may have been written where none belongs, an address for example. */
  protected override formatStatus(status: Status<ConfigState>): Status {
    const { loaded, problems } = status.state;
    const shown = { loaded: { ...loaded, config: withoutSecrets(loaded.config) }, problems };
    return { ...status, state: redactAll(shown) };
  }

  #load(added: readonly WrittenServer[] = this.#options.added): Promise<LoadResult> {
    return loadConfig({ ...this.#options.request, added });
  }

  /** What the user has done by hand is no news to him. */
  #take(loaded: Loaded): void {
    this.state = { loaded, problems: [] };
    this.#tellWatchers();
  }

  #swap(loaded: Loaded): void {
    const { loaded: before, problems } = this.state;
    this.state = { loaded, problems: [] };
    const pending = loaded.pendingApproval;
    const change = describeChange(before.config, loaded.config, this.#options.live);
    if (problems.length > 0) this.#tell("info", "The settings files are valid again.");
    if (change !== undefined) this.#tell("info", change);
    if (pending !== undefined && !isDeepStrictEqual(pending, before.pendingApproval)) {
      this.#tell("warn", pendingNotice(pending));
    }
    this.#tellWatchers();
  }

  #refuse(problems: readonly ConfigProblem[]): void {
    const known = isDeepStrictEqual(problems, this.state.problems);
    this.state = { ...this.state, problems };
    if (!known) this.#tell("warn", `${new ConfigError(problems).message} The settings before it stay in force.`);
  }

  #tell(level: "info" | "warn", text: string): void {
    const { listener } = this.#options;
    this.use(listener).cast.note(level, text);
    announce({ type: "settings", level, text });
  }

  #tellWatchers(): void {
    if (this.signal.aborted) return; // killed while it loaded: what it says reaches nobody, so nobody may count as told
    const settings = this.get();
    for (const { watcher, path } of outdated(this.#options.subscriptions, settings)) {
      this.use(watcher).cast.configChanged(settings, path);
    }
  }

  #forget(monitor: number): void {
    const { subscriptions } = this.#options;
    const subscription = this.#monitors.get(monitor);
    if (subscription === undefined) return;
    subscriptions.splice(subscriptions.indexOf(subscription), 1);
    this.#monitors.delete(monitor);
    this.demonitor(monitor, { flush: true });
  }
}
