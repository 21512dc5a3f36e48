// What Control needs of the plugins, which live on a floor above: it is handed one of these.

export interface PluginsDoor {
  /** Every plugin, how it stands and how its calls went. */
  status(): Promise<unknown>;
  /** Answers with how the plugin stands afterwards. `debug`: with a debugger that listens. */
  restart(plugin: string, debug: boolean): Promise<unknown>;
}
