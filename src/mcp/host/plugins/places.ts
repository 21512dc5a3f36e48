// Where plugins may lie: below the folders of the settings, and among a project's workspace packages.
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { z } from "zod";

/** A folder that may be a plugin's. */
export interface PluginPlace {
  readonly folder: string;
  /** It came with the project, so the user is asked before anything of it runs. */
  readonly isProjects: boolean;
}

export interface PluginPlaces {
  readonly found: readonly PluginPlace[];
  /** Folders in which another may appear, whether or not they are there yet. */
  readonly roots: readonly string[];
}

const MOST = 1_000;
const workspacesSchema = z.object({
  workspaces: z.union([z.array(z.string()), z.object({ packages: z.array(z.string()) }).transform((o) => o.packages)]),
});

/** `folders`: as the settings have them. Relative ones are the project's. */
export function pluginPlaces(project: string, folders: readonly string[]): PluginPlaces {
  const found = new Map<string, PluginPlace>();
  const roots: string[] = [];
  for (const written of folders) {
    const root = written.startsWith("~/") ? join(homedir(), written.slice(2)) : resolve(project, written);
    const isProjects = !isAbsolute(written) && !written.startsWith("~/");
    roots.push(root);
    for (const folder of foldersIn(root)) put(found, folder, isProjects);
  }
  for (const pattern of workspacesOf(project)) {
    const folder = resolve(project, pattern.replace(/\/\*+\/?$/, ""));
    const isMany = /\/\*+\/?$/.test(pattern) || pattern === "*";
    // Anything cleverer than `packages/*` is left to those that name their plugins in the settings.
    if (pattern.startsWith("!") || folder.includes("*")) continue;
    if (isMany) roots.push(folder);
    for (const each of isMany ? foldersIn(folder) : [folder]) put(found, each, true);
  }
  return { found: [...found.values()].slice(0, MOST), roots: [...new Set(roots)] };
}

/** A folder that is reached by two ways is one. */
function put(found: Map<string, PluginPlace>, folder: string, isProjects: boolean): void {
  try {
    const real = realpathSync(folder);
    if (!found.has(real)) found.set(real, { folder, isProjects });
  } catch {
    // Gone by now.
  }
}

function foldersIn(root: string): string[] {
  try {
    return readdirSync(root)
      .filter((name) => !name.startsWith(".") && name !== "node_modules")
      .sort()
      .map((name) => join(root, name))
      .filter((folder) => statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true);
  } catch {
    return []; // not there, or not to be looked into
  }
}

function workspacesOf(project: string): readonly string[] {
  try {
    return workspacesSchema.parse(JSON.parse(readFileSync(join(project, "package.json"), "utf8"))).workspaces;
  } catch {
    return [];
  }
}
