// Who wants to hear of which settings. The list is a start argument of Config and lies outside it, as a table kept by an heir
// would: a Config that is started again finds it, watches the same watchers, and tells them what changed in between.
import { isDeepStrictEqual } from "node:util";
import type { Ref } from "../../supervision/index.js";
import { settingOf } from "./lookup.js";
import type { Settings } from "./schema.js";

/** A process that is told when settings change. */
export interface ConfigWatcher {
  /** The setting or table it subscribed to under `path` has changed; `settings` are all of them as they are now. */
  configChanged(settings: Settings, path: string): void;
}

export interface Subscription {
  readonly path: string;
  readonly watcher: Ref<ConfigWatcher>;
  /** The settings that the watcher knows. */
  known: Settings;
}

/** The subscriptions whose part of the settings is another now; from here on their watchers count as told. */
export function outdated(subscriptions: readonly Subscription[], settings: Settings): Subscription[] {
  return subscriptions.filter((subscription) => {
    const { path, known } = subscription;
    subscription.known = settings;
    return !isDeepStrictEqual(settingOf(known, path), settingOf(settings, path));
  });
}
