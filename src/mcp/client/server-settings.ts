// ServerSettings: keeps the servers those of the settings while the app runs: what is added there is started, what is taken out is
// stopped, what is changed is started anew, and no other is touched.
// permanent, shutdown 1 s; it holds nothing. Whenever it or the manager comes back, it says again which servers there should be.
import { again } from "../../actors/again.js";
import type { Config } from "../../actors/config/config.js";
import type { Settings } from "../../actors/config/schema.js";
import type { ConfigWatcher } from "../../actors/config/subscriptions.js";
import { CallError, GenServer, isDown, messageOf, type Named } from "../../supervision/index.js";
import type { ConfiguredServers } from "./configured-servers.js";
import { ServerConfigError } from "./errors.js";
import type { Root } from "./mcp-types.js";
import type { ServerManager } from "./server-manager.js";

export interface ServerSettingsOptions {
  readonly config: Named<Config>;
  readonly servers: Named<ServerManager>;
  /** Which servers the settings ask for. */
  readonly serversOf: (settings: Settings) => ConfiguredServers;
  /** The folders the settings let servers work in. */
  readonly rootsOf: (settings: Settings) => readonly Root[];
  /** Who is told of servers that cannot be started as the settings ask. */
  readonly listener: Named<{ note(level: "warn", text: string): void }>;
  /** Of what the user knows already. */
  readonly told: readonly string[];
}

/** Pause before a manager that was lost is told again. */
const TELL_AGAIN_MS = 50;

export class ServerSettings extends GenServer<ServerSettingsOptions> implements ConfigWatcher {
  #options!: ServerSettingsOptions; // set by init
  #settings!: Settings; // set before any message is handled
  #told: readonly string[] = [];
  #managerMonitor: number | undefined;

  protected override init(options: ServerSettingsOptions): void {
    this.#options = options;
    this.#told = options.told;
    this.continueWith("subscribe"); // not here: the supervisor that waits for this may have Config to start again
  }

  protected override async handleContinue(): Promise<void> {
    const config = this.use(this.#options.config);
    for (const path of ["servers", "bundled", "limits.line", "log.level", "project.roots"]) {
      this.#settings = await again(() => config.call.subscribe(path, this.self<ServerSettings>()));
    }
    await this.#apply();
  }

  async configChanged(settings: Settings): Promise<void> {
    this.#settings = settings;
    await this.#apply();
  }

  protected override async handleInfo(message: unknown): Promise<void> {
    if (isDown(message)) this.sendAfter(TELL_AGAIN_MS, "tell again");
    else await this.#apply();
  }

  async #apply(): Promise<void> {
    const { serversOf, rootsOf, servers: manager, listener } = this.#options;
    const { servers, problems } = serversOf(this.#settings);
    const news = problems.filter((problem) => !this.#told.includes(problem));
    this.#told = problems;
    if (this.#managerMonitor !== undefined) this.demonitor(this.#managerMonitor, { flush: true });
    this.#managerMonitor = undefined;
    try {
      await again(() => this.use(manager).call.setServers(servers));
      await again(() => this.use(manager).call.setRoots(rootsOf(this.#settings)));
      this.#managerMonitor = this.monitor(manager);
    } catch (error) {
      if (error instanceof ServerConfigError) news.push(`The servers stay as they were: ${messageOf(error)}`);
      else if (error instanceof CallError) this.sendAfter(TELL_AGAIN_MS * 10, "tell again");
      else throw error;
    }
    for (const text of news) this.use(listener).cast.note("warn", text);
  }
}
