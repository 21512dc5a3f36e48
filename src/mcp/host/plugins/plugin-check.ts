// Whether a plugin may take the place of the one before it: its entry must compile, and where the user wants it so, nothing in its code
// may look dangerous.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Settings } from "../../../actors/config/schema.js";
import { messageOf } from "../../../supervision/index.js";
import { lent, type Plugin, packageFolder } from "./plugin.js";
import { buildPlugin } from "./plugin-builder.js";
import { scanPlugin } from "./plugin-scan.js";
import { type PluginWorkshop, scriptOf } from "./plugin-server.js";

/** Why it is not to be started, if it is not. `later`: whether it compiles is seen when it is started. */
export async function wrongWithPlugin(
  plugin: Plugin,
  { plugins }: Pick<Settings, "plugins">,
  workshop: PluginWorkshop,
  later: boolean,
): Promise<string | undefined> {
  const wrong = later ? undefined : await compileError(plugin, workshop);
  if (wrong !== undefined) return `The plugin ${plugin.manifest.name} does not compile: ${wrong}.`;
  if (plugins.findings !== "block") return undefined;
  const { finding } = await scanPlugin(plugin, workshop);
  return finding && `${finding} It is not started, as plugins.findings says.`;
}

async function compileError(plugin: Plugin, workshop: PluginWorkshop): Promise<string | undefined> {
  try {
    if (plugin.isBuilt) await buildPlugin({ from: plugin.entry, to: scriptOf(plugin, workshop) });
    else {
      const { parseSync } = await import("rolldown/utils");
      const source = readFileSync(plugin.entry, "utf8");
      // Many an editor empties a file before it writes it; what was read then says neither what it does nor what it needs.
      if (source.trim() === "" || borrows(source, plugin.folder))
        return `${basename(plugin.entry)} is still being written`;
      const { errors } = parseSync(plugin.entry, source, { lang: "js" });
      if (errors[0] !== undefined) return `${basename(plugin.entry)}: ${errors[0].message}`;
    }
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Whether it imports a package of ours that it has not itself. */
function borrows(source: string, folder: string): boolean {
  return lent.some((name) => source.includes(name) && packageFolder(name, folder) === undefined);
}
