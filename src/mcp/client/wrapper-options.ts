// What a ServerWrapper is started with.

import type { Store } from "../../actors/store/store.js";
import type { Ref } from "../../supervision/index.js";
import type { LinkSurroundings } from "./link.js";
import type { LogLevel, Root } from "./mcp-types.js";
import type { NotificationHandler } from "./notification-handler.js";
import type { AskPrimary } from "./primary-ask.js";
import type { Elicitor } from "./questions.js";
import type { ResourceCache } from "./resource-cache.js";
import type { ServerConfig } from "./server-config.js";
import type { WrapperWatcher } from "./server-status.js";

/** What a wrapper needs besides its server: the same for all. */
export interface Surroundings extends LinkSurroundings {
  readonly clientInfo: { readonly name: string; readonly version: string };
  readonly notifications?: Ref<NotificationHandler>;
  readonly resources?: Ref<ResourceCache>;
  /** Who answers for this program's user. Absent: servers are told that nobody can fill in forms, and that they may not use a
   * model; unless there may be clients of ours who can. */
  readonly elicitor?: Ref<Elicitor>;
  /** Calls may come from clients of ours, who answer for themselves ({@link ToolCallOptions.elicitor}). */
  readonly forClients?: boolean;
  /** The folders servers may work in; absent: they are told that there are none to ask for. */
  readonly roots?: readonly Root[];
  /** Who does for a server of ours what its sandbox does not let it do; absent: nobody. */
  readonly ask?: AskPrimary;
}

export interface WrapperOptions extends Surroundings {
  /** Log messages from this level on are wanted by clients, whatever the settings say. */
  readonly logFloor?: LogLevel;
  readonly config: ServerConfig;
  readonly watcher: Ref<WrapperWatcher>;
  /** Where is kept which of its tools ask, and under what; absent: nowhere. */
  readonly memory?: { readonly store: Ref<Store>; readonly origin: string };
}
