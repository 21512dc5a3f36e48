// All plugins of a project as they lie in their folders now, each read again only where something has changed, and which of them may
// run: a bad one, one of two with one name, one that the user has not approved are left out, each with its reason.
import { realpathSync } from "node:fs";
import { setImmediate as breathe } from "node:timers/promises";
import { approvedPlugins } from "../../../actors/config/approval.js";
import type { Settings } from "../../../actors/config/schema.js";
import { isBundled } from "../../client/configured-servers.js";
import type { PluginProblem } from "./manifest.js";
import { type PluginPlace, pluginPlaces } from "./places.js";
import { type Plugin, readPlugin } from "./plugin.js";

/** A folder with a manifest. */
export interface FoundPlugin {
  readonly place: PluginPlace;
  /** Real and absolute. */
  readonly folder: string;
  readonly name: string;
  readonly read: Plugin | PluginProblem;
  /** The user has let it start programs. */
  readonly approved: boolean;
}

/** What keeps a plugin from being started. */
export interface LeftOut {
  readonly name: string;
  readonly folder: string;
  readonly state: "disabled" | "not approved" | "left out";
  readonly reason: string;
}

export interface Plugins {
  readonly chosen: readonly Plugin[];
  readonly leftOut: readonly LeftOut[];
  /** Folders in which another may appear. */
  readonly roots: readonly string[];
}

/** The first parts of names that are Banyan's own. */
const RESERVED = ["banyan", "catalog", "chat"];

/** True of a name no plugin may have. */
export function isReserved(name: string): boolean {
  return isBundled(name) || RESERVED.includes(name);
}

export class PluginFolders {
  private readonly known = new Map<string, FoundPlugin["read"] | undefined>();

  constructor(
    readonly project: string,
    /** The record of what the user has approved. */
    private readonly approvals: string,
  ) {}

  /** `changed`: folders to be read again; absent: all. Reads one after the other and lets others go first. */
  async look(settings: Pick<Settings, "plugins">, changed?: ReadonlySet<string>): Promise<Found> {
    const { found: places, roots } = pluginPlaces(this.project, settings.plugins.folders);
    const approved = approvedPlugins(this.approvals);
    const found: FoundPlugin[] = [];
    const seen = new Set<string>();
    for (const place of places) {
      const folder = realPath(place.folder);
      if (folder === undefined) continue;
      seen.add(folder);
      if (!this.known.has(folder) || changed === undefined || changed.has(folder)) {
        this.known.set(folder, readPlugin(place.folder, this.project));
        await breathe();
      }
      const read = this.known.get(folder);
      if (read === undefined) continue;
      const name = "problem" in read ? (folder.split(/[\\/]/).at(-1) ?? "") : read.manifest.name;
      const mayRun = !place.isProjects || approved(this.project, folder);
      found.push({ place, folder, name, read, approved: mayRun });
    }
    for (const folder of this.known.keys()) if (!seen.has(folder)) this.known.delete(folder);
    return { found, roots };
  }
}

export interface Found {
  readonly found: readonly FoundPlugin[];
  readonly roots: readonly string[];
}

/** Which of them are to be there. */
export function choose({ found, roots }: Found, { servers }: Pick<Settings, "servers">): Plugins {
  const chosen = new Map<string, Plugin>();
  const leftOut: LeftOut[] = [];
  const configured = new Set(servers.map(({ name }) => name));
  for (const { name, folder, read, approved } of found) {
    const out = (state: LeftOut["state"], reason: string): void => void leftOut.push({ name, folder, state, reason });
    if ("problem" in read) out("left out", read.problem);
    else if (!read.manifest.enabled) out("disabled", "its manifest says enabled: false");
    else if (isReserved(name))
      out("left out", `The plugin ${name} in ${read.shown} is not started: that name is Banyan's own; choose another.`);
    else if (configured.has(name))
      out(
        "left out",
        `The plugin ${name} in ${read.shown} is not started: a server has that name; rename one of them.`,
      );
    else if (chosen.has(name))
      out(
        "left out",
        `The plugin ${name} in ${read.shown} is not started: ${chosen.get(name)?.shown} has that name; rename one of them.`,
      );
    else if (!approved) out("not approved", "look at it, then run banyan config approve");
    else chosen.set(name, read);
  }
  return { chosen: [...chosen.values()], leftOut, roots };
}

function realPath(folder: string): string | undefined {
  try {
    return realpathSync(folder);
  } catch {
    return undefined;
  }
}
