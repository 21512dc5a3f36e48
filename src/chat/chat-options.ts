// What a conversation is started with: the processes it works with, by name, and what holds for this run of the app.
import type { Aliases } from "../actors/aliases.js";
import type { Audit } from "../actors/audit/audit.js";
import type { CircuitBreaker } from "../actors/circuit-breaker.js";
import type { Config } from "../actors/config/config.js";
import type { LoadRequest } from "../actors/config/load.js";
import type { Settings } from "../actors/config/schema.js";
import type { HealthMonitor } from "../actors/health/health-monitor.js";
import type { OllamaKeeper } from "../actors/ollama-keeper.js";
import type { ProjectFiles } from "../actors/project/project-files.js";
import type { Session } from "../actors/session/session.js";
import type { StartupClock } from "../actors/startup/startup-clock.js";
import type { Store } from "../actors/store/store.js";
import type { Models } from "../llm/models.js";
import type { Provider } from "../llm/provider.js";
import type { Aggregator } from "../mcp/client/aggregator.js";
import type { ConfiguredServers } from "../mcp/client/configured-servers.js";
import type { NotificationHandler } from "../mcp/client/notification-handler.js";
import type { ResourceCache } from "../mcp/client/resource-cache.js";
import type { Router } from "../mcp/client/router/router.js";
import type { ServerManager } from "../mcp/client/server-manager.js";
import type { Named } from "../supervision/index.js";
import type { CommandOwner } from "./command-run.js";
import type { TurnOwner } from "./turn-owner.js";

export interface ChatOptions {
  /** The chat itself, as those it starts know it. */
  readonly self: Named<TurnOwner & CommandOwner>;
  readonly session: Named<Session>;
  readonly store: Named<Store>;
  readonly audit: Named<Audit>;
  readonly aliases: Named<Aliases>;
  readonly servers: Named<ServerManager>;
  readonly router: Router;
  readonly notifications: Named<NotificationHandler>;
  readonly aggregator: Named<Aggregator>;
  readonly resources: Named<ResourceCache>;
  readonly files: Named<ProjectFiles>;
  readonly breaker: Named<CircuitBreaker>;
  readonly health: Named<HealthMonitor>;
  /** The dynamic supervisor that turns run under. */
  readonly tasks: Named<unknown>;
  /** The supervisor at the top, for /tree. */
  readonly root: Named<unknown>;
  /** Who answers, until the user takes another. */
  readonly provider: Provider;
  readonly models: Models;
  /** Keeps an Ollama model loaded; none where there is only one answer to give. */
  readonly keeper: Named<OllamaKeeper> | undefined;
  /** This run of the app. */
  readonly run: string;
  readonly project: string;
  /** The folder for what tools answer that is no text. */
  readonly results: string;
  /** Whose `chat`, `approvals`, `limits` and `prices` hold, from the next turn on as they are then. */
  readonly config: Named<Config>;
  /** Where the settings were loaded from. */
  readonly request: LoadRequest;
  /** Which servers the settings ask for. */
  readonly serversOf: (settings: Settings) => ConfiguredServers;
  /** The folder of the log. */
  readonly logs: string;
  /** The phases of the start, where they were marked. */
  readonly startup: StartupClock | undefined;
  /** Tools that may run without asking, besides those the settings allow. */
  readonly allow: readonly string[];
  /** False: nobody can be asked; what would need a question is refused with a word. */
  readonly interactive: boolean;
}
