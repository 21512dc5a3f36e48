// Config (permanent, shutdown 1 s): the process that holds the effective settings. A reload is checked whole and swapped
// in at once, or the settings in force stay and the caller is told why. It keeps nothing of its own: after a crash it
// loads from the files again, and if these are broken by then it goes on with the settings the application started with.
import { type Failure, failure, GenServer, type Status } from "../../supervision/index.js";
import { redactAll } from "../telemetry/redact.js";
import { type Loaded, type LoadRequest, loadConfig } from "./load.js";
import { ConfigError, type ConfigProblem } from "./problems.js";
import type { Settings } from "./schema.js";

export interface ConfigOptions {
  /** What the application loaded before it started. */
  readonly loaded: Loaded;
  /** Where it was loaded from. Give `settingsInEnvironment(process.env)` as its `env`, so that no secret is kept here. */
  readonly request: LoadRequest;
}

export interface ConfigState {
  readonly loaded: Loaded;
  /** Why the files as they are now are not in force; empty when they are. */
  readonly problems: readonly ConfigProblem[];
}

export class Config extends GenServer<ConfigOptions, ConfigState> {
  #request: LoadRequest = { files: [] };

  protected override async init({ loaded, request }: ConfigOptions): Promise<void> {
    this.#request = request;
    const result = await loadConfig(request);
    this.state = "ok" in result ? { loaded: result.ok, problems: [] } : { loaded, problems: result.error };
  }

  /** References stand for secrets, but an address in a server's arguments may hold a password. */
  protected override formatStatus(status: Status<ConfigState>): Status<ConfigState> {
    return { ...status, state: redactAll(status.state) };
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
    const result = await loadConfig(this.#request);
    if ("error" in result) {
      this.state = { ...this.state, problems: result.error };
      return failure(new ConfigError(result.error));
    }
    this.state = { loaded: result.ok, problems: [] };
    return result.ok;
  }
}
