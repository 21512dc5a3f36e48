// Whether a plugin may take the place of the one before it: its entry must compile, and what looks dangerous in its code is told.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Settings } from "../../../actors/config/schema.js";
import { messageOf } from "../../../supervision/index.js";
import type { Plugin } from "./plugin.js";
import { buildPlugin } from "./plugin-builder.js";
import { type PluginWorkshop, scriptOf } from "./plugin-server.js";

export interface PluginCheck {
  /** Sentences for the user. */
  readonly warnings: readonly string[];
  /** Why it is not to be started. */
  readonly problem: string | undefined;
}

/** `later`: whether it compiles is seen when it is started. */
export async function checkPlugin(
  plugin: Plugin,
  _settings: Pick<Settings, "plugins">,
  workshop: PluginWorkshop,
  later: boolean,
): Promise<PluginCheck> {
  const wrong = later ? undefined : await compileError(plugin, workshop);
  const problem = wrong && `The plugin ${plugin.manifest.name} does not compile: ${wrong}.`;
  return { warnings: [], problem };
}

async function compileError(plugin: Plugin, workshop: PluginWorkshop): Promise<string | undefined> {
  try {
    if (plugin.isBuilt) await buildPlugin({ from: plugin.entry, to: scriptOf(plugin, workshop) });
    else {
      const { parseSync } = await import("rolldown/utils");
      const { errors } = parseSync(plugin.entry, readFileSync(plugin.entry, "utf8"), { lang: "js" });
      if (errors[0] !== undefined) return `${basename(plugin.entry)}: ${errors[0].message}`;
    }
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
