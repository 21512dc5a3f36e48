// A plugin as it lies in its folder: its manifest, its entry, and a hash of its files, by which a changed one is known. What stands
// in its node_modules, and what it may write itself, is not looked at. Folders are read one by one, at once and without a pause: two
// hundred take a few hundred milliseconds.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import { messageOf } from "../../../supervision/index.js";
import { type Manifest, type PluginProblem, readManifest } from "./manifest.js";

export interface Plugin {
  readonly manifest: Manifest;
  /** Real and absolute. */
  readonly folder: string;
  /** As people know it: `plugins/weather`. */
  readonly shown: string;
  /** Absolute. */
  readonly entry: string;
  /** Of its files and of where its packages are. */
  readonly hash: string;
  /** Its entry cannot be run as it is: TypeScript, or one that needs Banyan's own copy of a package. */
  readonly isBuilt: boolean;
}

/** Packages a plugin may import though it has not installed them: Banyan's own copies. */
export const lent = ["@modelcontextprotocol/sdk", "zod"] as const;

const ENTRIES = ["index.js", "index.mjs", "index.ts"];
const TYPESCRIPT = new Set([".ts", ".mts", ".cts"]);
const CODE = /(?<!\.test)\.[cm]?[jt]s$/;
const MOST_FILES = 2_000;
const DEEPEST = 12;
/** A larger file is known by its size and time alone. */
const LARGEST_READ = 4 * 1024 * 1024;

/** Undefined if the folder is no plugin's. */
export function readPlugin(folder: string, project: string): Plugin | PluginProblem | undefined {
  const shown = shownFolder(folder, project);
  try {
    const real = realpathSync(folder);
    const manifest = readManifest(real, basename(folder), shown);
    if (manifest === undefined || "problem" in manifest) return manifest;
    const entry = entryOf(manifest, real);
    if (entry === undefined) {
      const wanted = manifest.entry ?? ENTRIES.join(", ");
      return { problem: `${shown}/${manifest.file}: there is no ${wanted} in ${shown}; name the file in entry.` };
    }
    const missing = manifest.dependencies.filter((name) => !isLent(name) && packageFolder(name, real) === undefined);
    if (missing.length > 0) {
      const names = missing.slice(0, 5).join(", ");
      return { problem: `The plugin ${manifest.name} needs ${names}, not installed; run npm install in ${shown}.` };
    }
    const packages = [...manifest.dependencies, ...lent].map((name) => packageFolder(name, real));
    const files = lookAtFiles(real, packages, written(manifest, real));
    if (files === undefined)
      return { problem: `${shown} has more than ${MOST_FILES} files; move what is no code elsewhere.` };
    const borrows = lent.some((name) => files.mentions.has(name) && packageFolder(name, real) === undefined);
    const isBuilt = borrows || TYPESCRIPT.has(extname(entry));
    return { manifest, folder: real, shown, entry, hash: files.hash, isBuilt };
  } catch (error) {
    return { problem: `${shown} cannot be read (${messageOf(error)}); correct its permissions.` };
  }
}

/** Inside the project without what stands before. */
function shownFolder(folder: string, project: string): string {
  const inside = relative(project, folder);
  return inside === "" || inside.startsWith("..") ? folder : inside.split(sep).join("/");
}

function isLent(name: string): boolean {
  return lent.some((each) => each === name);
}

/** A link that leads out of the folder is no file of the plugin. */
function entryOf({ entry }: Manifest, folder: string): string | undefined {
  for (const candidate of entry === undefined ? ENTRIES : [entry]) {
    const file = resolve(folder, candidate);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) continue;
    const real = realpathSync(file);
    if (real.startsWith(folder + sep)) return real;
  }
  return undefined;
}

/** As Node looks for it. */
export function packageFolder(name: string, from: string): string | undefined {
  for (let at = from; ; at = dirname(at)) {
    const found = join(at, "node_modules", name);
    if (existsSync(join(found, "package.json"))) return found;
    if (at === dirname(at)) return undefined;
  }
}

/** The folders of packages that it reaches. */
export function packageRoots(folder: string): string[] {
  const roots: string[] = [];
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const root = join(at, "node_modules");
    if (existsSync(root)) roots.push(root);
  }
  return roots;
}

/** What it may write, inside its folder: changes there are its own doing. */
export function written({ permissions }: Manifest, folder: string): string[] {
  return permissions.write.map((path) => resolve(folder, path)).filter((path) => path.startsWith(folder + sep));
}

/** Whether what happens there is a change of the plugin. */
export function isWatched(path: string, folder: string, own: readonly string[]): boolean {
  const parts = relative(folder, path).split(sep);
  if (parts.some((part) => part === "node_modules" || (part.startsWith(".") && part !== "." && part !== "..")))
    return false;
  return !own.some((each) => path === each || path.startsWith(each + sep));
}

/** Its own files with code, without its packages; at most {@link MOST_FILES}. */
export function codeOf({ folder, manifest }: Plugin): string[] {
  const own = written(manifest, folder);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((each) => ({ each, path: join(each.parentPath ?? each.path, each.name) }))
    .filter(({ each, path }) => each.isFile() && CODE.test(each.name) && isWatched(path, folder, own))
    .map(({ path }) => path)
    .sort()
    .slice(0, MOST_FILES);
}

interface Files {
  readonly hash: string;
  /** Of the packages that are lent, those that stand in them. */
  readonly mentions: ReadonlySet<string>;
}

/** Undefined if there are too many. */
function lookAtFiles(
  folder: string,
  packages: readonly (string | undefined)[],
  own: readonly string[],
): Files | undefined {
  const hash = createHash("sha256").update(JSON.stringify(packages));
  const mentions = new Set<string>();
  let files = 0;
  const visit = (at: string, depth: number): boolean => {
    const found = readdirSync(at, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const each of found) {
      const path = join(at, each.name);
      if (!isWatched(path, folder, own)) continue;
      if (each.isDirectory()) {
        if (depth < DEEPEST && !visit(path, depth + 1)) return false;
      } else if (each.isFile()) {
        if (++files > MOST_FILES) return false;
        const { size, mtimeMs } = statSync(path);
        hash.update(`\0${relative(folder, path)}\0${size}\0`);
        if (size > LARGEST_READ) hash.update(`${mtimeMs}`);
        else {
          const content = readFileSync(path);
          hash.update(content);
          for (const name of lent) if (content.includes(name)) mentions.add(name);
        }
      }
    }
    return true;
  };
  return visit(folder, 0) ? { hash: hash.digest("hex"), mentions } : undefined;
}
