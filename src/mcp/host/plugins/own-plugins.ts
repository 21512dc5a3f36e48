// The plugins of a project for a command that runs without an app: found once, and started as the app would start them.
import type { Settings } from "../../../actors/config/schema.js";
import type { Environment, Paths } from "../../../actors/paths.js";
import { BanyanError } from "../../../supervision/index.js";
import type { ConfiguredServers } from "../../client/configured-servers.js";
import type { ServerConfigInput } from "../../client/server-config.js";
import type { Plugin } from "./plugin.js";
import { choose, type LeftOut, PluginFolders } from "./plugin-folders.js";
import { type PluginStart, pluginServer, pluginWorkshop } from "./plugin-server.js";

export interface OwnPlugins extends ConfiguredServers {
  readonly chosen: readonly { readonly plugin: Plugin; readonly server: ServerConfigInput }[];
  readonly leftOut: readonly LeftOut[];
}

/** All that may run, as servers; a sentence for each that may not. `project`: the folder of the command; `start`:
 * how they are started, each of them. */
export async function ownPlugins(
  { state, approvals }: Pick<Paths, "state" | "approvals">,
  settings: Settings,
  project: string,
  env: Environment,
  start: PluginStart = {},
): Promise<OwnPlugins> {
  const found = await new PluginFolders(project, approvals).look(settings);
  const { chosen, leftOut } = choose(found, settings);
  const workshop = pluginWorkshop(state, project);
  const problems = leftOut.flatMap(({ name, state: how, reason }) => {
    if (how === "disabled") return [];
    return [how === "left out" ? reason : `The plugin ${name} is not approved: ${reason}.`];
  });
  const failed: LeftOut[] = [];
  const started = chosen.flatMap((plugin) => {
    try {
      return [{ plugin, server: pluginServer(plugin, settings, workshop, env, start) }];
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      const { manifest, folder } = plugin;
      problems.push(`The plugin ${manifest.name} is not started: ${error.message}`);
      failed.push({ name: manifest.name, folder, state: "left out", reason: error.message });
      return [];
    }
  });
  return { servers: started.map(({ server }) => server), chosen: started, leftOut: [...leftOut, ...failed], problems };
}
