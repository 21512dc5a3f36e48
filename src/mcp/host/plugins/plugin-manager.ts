// The PluginManager: finds the plugins of a project, and keeps the servers of the ServerManager those that may run, as they come, go
// and change. A plugin that has changed is checked first: one that does not compile leaves the old one running, and is told.
//
// Permanent, shutdown 2 s. It holds what lies in the folders and reads them again when it is started anew; the plugins run on
// meanwhile, for they are the ServerManager's. How often one was restarted by hand is lost with it, which restarts nothing.
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { again } from "../../../actors/again.js";
import type { Config } from "../../../actors/config/config.js";
import type { Settings } from "../../../actors/config/schema.js";
import type { ConfigWatcher } from "../../../actors/config/subscriptions.js";
import { Condition, type HealthStatus } from "../../../actors/health/status.js";
import {
  BanyanError,
  CallError,
  type Failure,
  failure,
  GenServer,
  isDown,
  messageOf,
  type Named,
} from "../../../supervision/index.js";
import { ServerConfigError } from "../../client/errors.js";
import type { ServerConfigInput } from "../../client/server-config.js";
import type { ServerManager } from "../../client/server-manager.js";
import type { Plugin } from "./plugin.js";
import { wrongWithPlugin } from "./plugin-check.js";
import { choose, type Found, type LeftOut, PluginFolders, type Plugins } from "./plugin-folders.js";
import { scanPlugin } from "./plugin-scan.js";
import { freePort, type PluginWorkshop, pluginServer } from "./plugin-server.js";
import { PluginWatch, placesToLook } from "./plugin-watch.js";

export interface PluginManagerOptions {
  readonly workshop: PluginWorkshop;
  /** The record of what the user has approved. */
  readonly approvals: string;
  readonly config: Named<Config>;
  readonly servers: Named<ServerManager>;
  /** Who is told of what the user should know. */
  readonly listener: Named<{ note(level: "info" | "warn", text: string): void }>;
  /** Whether changes are noticed as they come. */
  readonly watch: boolean;
}

/** A plugin as people ask for it. */
export interface PluginState {
  readonly name: string;
  readonly folder: string;
  /** `on`: it is one of the servers, which says how it is. */
  readonly state: "on" | LeftOut["state"];
  /** Why it does not run, or runs as it was before it changed. */
  readonly reason?: string;
  readonly hash?: string;
  /** Where its debugger listens. */
  readonly debugger?: string;
}

/** Editors write in several steps: folders are read once nothing has happened for so long… */
const QUIET_MS = 40;
/** …or after this long, should it never become quiet. */
const LONGEST_WAIT_MS = 1_000;
const TELL_AGAIN_MS = 50;
const OLD_MS = 86_400_000;
/** Once folders are watched, they are read again, for what happened until then; how long the system takes to begin it does not say. */
const SECOND_LOOKS_MS = [400, 2_000, 10_000];
const LOOK_AGAIN_MS = 400;
const SECOND_LOOK = "second look";
/** The same after a change: it may have been read half written, and the notice of its end have come to nothing. */
class LookAgain {
  constructor(readonly folders: readonly string[]) {}
}
/** Nobody who starts or restarts a plugin is to wait for it. */
const SCAN_AFTER_MS = 1_000;
const SCAN = "scan";
const LOOK = "look";
const FEED = "feed";

export class PluginManager
  extends GenServer<PluginManagerOptions, { readonly plugins: readonly PluginState[] }>
  implements ConfigWatcher
{
  private options!: PluginManagerOptions; // set by init, as the two below
  private folders!: PluginFolders;
  private watch!: PluginWatch;
  private settings!: Settings; // set before any message is handled
  private plugins: Plugins = { chosen: [], leftOut: [], roots: [] };
  /** By folder: as it was last found to be in order. */
  private readonly good = new Map<string, Plugin>();
  /** By folder: why it runs as it was before. */
  private readonly broken = new Map<string, string>();
  /** By folder: the version whose code was looked at. */
  private readonly scanned = new Map<string, string>();
  private readonly restarts = new Map<string, number>();
  private readonly debugPorts = new Map<string, number>();
  private fed: readonly ServerConfigInput[] | undefined;
  private told = new Set<string>();
  /** Undefined: all. */
  private dirty: Set<string> | undefined = new Set();
  private hasLooked = false;
  private changedAt: number | undefined;
  private cancelLook = (): void => {};
  private monitored: number | undefined;
  private readonly condition = new Condition();

  protected override init(options: PluginManagerOptions): void {
    this.options = options;
    const { workshop, approvals } = options;
    this.folders = new PluginFolders(workshop.project, approvals);
    const self = this.self<PluginManager>();
    this.watch = new PluginWatch((folder) => self.cast.changed(folder));
    this.signal.addEventListener("abort", () => this.watch.stop(), { once: true });
    this.state = { plugins: [] };
    this.continueWith("subscribe"); // not here: the supervisor that waits for this may have Config to start again
  }

  protected override async handleContinue(): Promise<void> {
    const config = this.use(this.options.config);
    for (const path of ["plugins", "servers", "limits.line", "log.level"]) {
      this.settings = await again(() => config.call.subscribe(path, this.self<PluginManager>()));
    }
    this.dirty = undefined;
    await this.look();
  }

  // --- asked by people and programs --------------------------------------------------------------------------------------

  status(): readonly PluginState[] {
    return this.state.plugins;
  }

  getStatus(): HealthStatus {
    const { chosen, leftOut } = this.plugins;
    const wrong = leftOut.filter(({ state }) => state === "left out").map(({ name }) => name);
    const waiting = leftOut.filter(({ state }) => state === "not approved").length;
    const details = [`${chosen.length} plugins`, ...(waiting > 0 ? [`${waiting} not approved`] : [])].join(", ");
    if (wrong.length === 0) return this.condition.say("ok", details);
    return this.condition.say("warn", `${details}; not started: ${wrong.slice(0, 5).join(", ")}`);
  }

  /** Starts it anew, once its calls are over; with a debugger or without one. */
  async restart(name: string, debug: boolean): Promise<PluginState | Failure<BanyanError>> {
    const plugin = this.plugins.chosen.find(({ manifest }) => manifest.name === name);
    if (plugin === undefined) return failure(noSuchPlugin(name, this.state.plugins));
    this.restarts.set(name, (this.restarts.get(name) ?? 0) + 1);
    if (debug) this.debugPorts.set(name, await freePort());
    else this.debugPorts.delete(name);
    await this.feed();
    return this.state.plugins.find((each) => each.name === name) ?? failure(noSuchPlugin(name, this.state.plugins));
  }

  // --- what changes ------------------------------------------------------------------------------------------------------

  async configChanged(settings: Settings): Promise<void> {
    this.settings = settings;
    this.dirty ??= new Set(); // nothing else is read again
    await this.look();
  }

  /** Told by the watch. */
  changed(folder?: string): void {
    if (folder !== undefined) this.dirty?.add(folder);
    const now = performance.now();
    this.changedAt ??= now;
    this.cancelLook();
    const left = this.changedAt + LONGEST_WAIT_MS - now;
    this.cancelLook = this.sendAfter(Math.max(0, Math.min(QUIET_MS, left)), LOOK);
  }

  protected override async handleInfo(message: unknown): Promise<void> {
    if (message === SECOND_LOOK) this.dirty = undefined;
    if (message instanceof LookAgain) for (const folder of message.folders) this.dirty?.add(folder);
    const noticed = message === LOOK ? [...(this.dirty ?? [])] : [];
    if (noticed.length > 0 && this.options.watch) this.sendAfter(LOOK_AGAIN_MS, new LookAgain(noticed));
    if (message === LOOK || message === SECOND_LOOK || message instanceof LookAgain) await this.look();
    else if (message === FEED) await this.feed();
    else if (message === SCAN) void this.scan(this.plugins.chosen);
    else if (isDown(message) && message.id === this.monitored) {
      this.monitored = undefined;
      this.fed = undefined;
      this.sendAfter(TELL_AGAIN_MS, FEED);
    }
  }

  private async look(): Promise<void> {
    this.changedAt = undefined;
    const dirty = this.dirty;
    this.dirty = new Set();
    const found = await this.folders.look(this.settings, dirty);
    this.plugins = choose(await this.checked(found), this.settings);
    await this.feed();
    this.tellLeftOut();
    if (!this.options.watch) return; // a run of one answer
    await this.watchThese(found);
    this.sendAfter(SCAN_AFTER_MS, SCAN);
  }

  /** In place of what is not in order, what was. The first time nothing was, and what does not compile shows when it is needed. */
  private async checked({ found, roots }: Found): Promise<Found> {
    const isFirst = !this.hasLooked;
    this.hasLooked = true;
    const kept: Found["found"][number][] = [];
    const told = new Map(this.broken);
    this.broken.clear();
    for (const each of found) {
      const before = this.good.get(each.folder);
      const wrong = await this.wrongWith(each, isFirst);
      if (wrong === undefined) {
        if (!("problem" in each.read)) this.good.set(each.folder, each.read);
        kept.push(each);
      } else if (before === undefined) kept.push({ ...each, read: { problem: wrong } });
      else {
        kept.push({ ...each, name: before.manifest.name, read: before });
        this.broken.set(each.folder, wrong);
        if (told.get(each.folder) !== wrong) this.tell(`${wrong} It runs on as it was before.`);
      }
    }
    for (const folder of this.good.keys()) if (!found.some((each) => each.folder === folder)) this.good.delete(folder);
    return { found: kept, roots };
  }

  /** Why it is not to be started, if it is not. */
  private async wrongWith(
    { read, approved, folder }: Found["found"][number],
    isFirst: boolean,
  ): Promise<string | undefined> {
    if ("problem" in read) return read.problem;
    if (!approved || this.good.get(folder)?.hash === read.hash) return undefined;
    return wrongWithPlugin(read, this.settings, this.options.workshop, isFirst);
  }

  /** Beside the mailbox: what looks dangerous is told, once for each version. */
  private async scan(plugins: readonly Plugin[]): Promise<void> {
    for (const plugin of plugins) {
      if (this.signal.aborted || this.scanned.get(plugin.folder) === plugin.hash) continue;
      this.scanned.set(plugin.folder, plugin.hash);
      const { finding, isKnown } = await scanPlugin(plugin, this.options.workshop).catch((error: unknown) => {
        // A file that is gone by now, say: it is read again with the change.
        return {
          finding: `The code of the plugin ${plugin.manifest.name} cannot be read (${messageOf(error)}).`,
          isKnown: false,
        };
      });
      if (finding !== undefined && !isKnown && !this.signal.aborted) this.tell(finding);
    }
  }

  /** Tells the ServerManager which plugins there should be. */
  private async feed(): Promise<void> {
    const { servers } = this.options;
    const before = this.fed;
    const configs = this.plugins.chosen.flatMap((plugin) => this.serverOf(plugin) ?? []);
    const { handover } = this.options.workshop;
    if (handover !== undefined) for (const { name } of configs) prepare(handover, name);
    if (this.monitored !== undefined) this.demonitor(this.monitored, { flush: true });
    this.monitored = this.monitor(servers);
    try {
      await again(() => this.use(servers).call.setServers(configs, "plugins"));
      this.fed = configs;
      if (before !== undefined) this.tellChanges(before, configs);
    } catch (error) {
      if (error instanceof ServerConfigError) this.tell(`The plugins stay as they were: ${messageOf(error)}`);
      else if (error instanceof CallError) this.sendAfter(TELL_AGAIN_MS * 10, FEED);
      else throw error;
    }
    this.show();
  }

  /** Undefined if something that it needs is missing, which is told. */
  private serverOf(plugin: Plugin): ServerConfigInput | undefined {
    const { name } = plugin.manifest;
    const restarts = this.restarts.get(name) ?? 0;
    const debugPort = this.debugPorts.get(name);
    const start = { restarts, ...(debugPort === undefined ? {} : { debugPort }) };
    try {
      return pluginServer(plugin, this.settings, this.options.workshop, process.env, start);
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      const reason = `The plugin ${name} is not started: ${error.message}`;
      this.tell(reason);
      this.plugins = {
        ...this.plugins,
        chosen: this.plugins.chosen.filter((each) => each !== plugin),
        leftOut: [...this.plugins.leftOut, { name, folder: plugin.folder, state: "left out", reason }],
      };
      return undefined;
    }
  }

  private async watchThese({ found, roots }: Found): Promise<void> {
    const { workshop, approvals } = this.options;
    const plugins = found.flatMap(({ read }) => ("problem" in read ? [] : [read]));
    const others = found.flatMap(({ read, folder }) => ("problem" in read ? [folder] : []));
    const isNew = await this.watch.set(plugins, others, placesToLook(roots, workshop.project, approvals));
    if (isNew) for (const ms of SECOND_LOOKS_MS) this.sendAfter(ms, SECOND_LOOK);
  }

  // --- what is told ------------------------------------------------------------------------------------------------------

  private tellChanges(before: readonly ServerConfigInput[], after: readonly ServerConfigInput[]): void {
    const old = new Map(before.map(({ name, version }) => [name, version]));
    for (const { name, version } of after) {
      const known = old.get(name);
      old.delete(name);
      if (known === undefined) this.note("info", `The plugin ${name} was added.`);
      else if (known !== version) this.note("info", `The plugin ${name} is started anew.`);
    }
    for (const name of old.keys()) this.note("info", `The plugin ${name} was removed.`);
  }

  private tellLeftOut(): void {
    const { leftOut } = this.plugins;
    for (const { state, reason } of leftOut) if (state === "left out") this.tell(reason);
    const names = leftOut.flatMap(({ name, state }) => (state === "not approved" ? [name] : []));
    if (names.length === 0) return;
    const some = names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");
    this.tell(
      `Plugins of this project are not started, for they are programs: ${some}; look at them, then run banyan config approve.`,
    );
  }

  /** Once. */
  private tell(text: string): void {
    if (this.told.has(text)) return;
    if (this.told.size >= 1_000) this.told = new Set();
    this.told.add(text);
    this.note("warn", text);
  }

  private note(level: "info" | "warn", text: string): void {
    this.use(this.options.listener).cast.note(level, text);
  }

  private show(): void {
    const { chosen, leftOut } = this.plugins;
    const on = chosen.map(({ manifest: { name }, folder, hash }): PluginState => {
      const reason = this.broken.get(folder);
      const port = this.debugPorts.get(name);
      return {
        name,
        folder,
        state: "on",
        hash,
        ...(reason === undefined ? {} : { reason }),
        ...(port === undefined ? {} : { debugger: `127.0.0.1:${port}` }),
      };
    });
    const plugins = [...on, ...leftOut].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.state = { plugins };
    this.setLabel(`${on.length} plugins`);
  }
}

export function noSuchPlugin(name: string, plugins: readonly PluginState[]): BanyanError {
  const known = plugins.find((each) => each.name === name);
  if (known !== undefined) {
    const mend = known.state === "disabled" ? "set enabled to true in its manifest" : (known.reason ?? "");
    return new BanyanError("plugin_left_out", `The plugin ${name} is ${known.state}: ${mend}.`.replace("..", "."));
  }
  return new BanyanError("no_plugin", `There is no plugin ${name}; see banyan plugins list.`);
}

/** Makes the folder of this run for a plugin, and removes those that earlier runs have left. */
function prepare(handover: string, plugin: string): void {
  const isFirst = !existsSync(handover);
  mkdirSync(join(handover, plugin), { recursive: true, mode: 0o700 });
  if (!isFirst) return;
  const all = dirname(handover);
  for (const run of readdirSync(all)) {
    const age = Date.now() - (statSync(join(all, run), { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > OLD_MS) rmSync(join(all, run), { recursive: true, force: true });
  }
}
