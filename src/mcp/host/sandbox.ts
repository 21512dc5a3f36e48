// The command that runs a program under its grants and nothing else: Node's permission model for files, programs, threads and
// addons, V8's switch against code from strings, an environment made anew, bounded memory, and servers/sandbox/harden.ts loaded
// before the program for what no flag covers (the network above all). All of it holds against JavaScript in that process; it is
// no fence of the operating system: who may start programs or load addons is past it.
import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { BanyanError } from "../../supervision/index.js";
import type { Grants } from "./grants.js";

export interface SandboxEntry {
  /** The absolute path of the compiled module to run. */
  readonly script: string;
  readonly args: readonly string[];
  /** Default: the folder of the script. */
  readonly cwd?: string;
  /**
   * Code of several authors shares the process, so what all of them use is frozen and their memory, buffers and all, has one
   * bound. Default: false.
   */
  readonly shared?: boolean;
}

export interface SandboxedCommand {
  readonly command: string;
  readonly args: string[];
  /** All of it; nothing else is to be inherited. */
  readonly env: Record<string, string>;
  readonly cwd: string;
}

/** The grants could not be put into force. */
export class GrantError extends BanyanError {
  constructor(message: string) {
    super("grant", message);
  }
}

const HEAP_MB = 256;
/** What Node reserves without using it, as measured on 20 and 24, with room: only what comes on top is memory of the tools. */
const RESERVED_MB = 2_000;
/** What programs need to speak the user's language and tell the time. */
const EVERYBODYS = ["LANG", "LC_ALL", "TZ", "SYSTEMROOT"];
/** What a program needs to find others. */
const RUNNERS = ["PATH", "HOME", "TMPDIR"];
// Compiled, this file lies in dist/; as source it lies in src/, beside dist/.
const above = fileURLToPath(new URL("../../", import.meta.url));
const dist = realpathSync(existsSync(join(above, "servers", "sandbox")) ? above : join(above, "..", "dist"));
/** What the host's own programs consist of, with the packages they use inside. */
const OWN_CODE = [join(dist, "servers"), join(dist, "bundle"), join(dist, "..", "package.json")];

/** The command for `entry` under `grants`. Throws a GrantError for a path that Node cannot confine to. */
export function sandboxed(grants: Grants, entry: SandboxEntry): SandboxedCommand {
  const knows = (flag: string) => process.allowedNodeEnvironmentFlags.has(flag);
  const preload = join(dist, "servers", "sandbox", "harden.js");
  const read = [...OWN_CODE, realPath(entry.script), ...grants.read.map(realPath)];
  const flags = [
    knows("--permission") ? "--permission" : "--experimental-permission",
    ...allowed("--allow-fs-read", read),
    ...allowed("--allow-fs-write", grants.write.map(realPath)),
    ...(grants.run ? ["--allow-child-process"] : []),
    ...(grants.workers ? ["--allow-worker"] : []),
    ...(grants.addons ? (knows("--allow-addons") ? ["--allow-addons"] : []) : ["--no-addons"]),
    // Newer versions close the network by themselves; harden.ts opens no more of it than is granted.
    ...(grants.net !== false && knows("--allow-net") ? ["--allow-net"] : []),
    "--disallow-code-generation-from-strings",
    "--disable-proto=throw",
    ...(entry.shared ? ["--frozen-intrinsics"] : []),
    // Else fresh buffers hold what others have let go of.
    ...(entry.shared && knows("--zero-fill-buffers") ? ["--zero-fill-buffers"] : []),
    "--no-warnings",
    `--max-old-space-size=${grants.heapMB ?? HEAP_MB}`,
    `--import=${pathToFileURL(preload).href}`,
  ];
  const node = [...flags, entry.script, ...entry.args];
  const cwd = entry.cwd ?? dirname(entry.script);
  return { ...bounded(node, entry.shared ? (grants.heapMB ?? HEAP_MB) : undefined), env: environment(grants), cwd };
}

/** V8 bounds its heap but not the buffers beside it, so Linux bounds the address space. */
function bounded(node: string[], heapMB: number | undefined): { command: string; args: string[] } {
  if (heapMB === undefined || process.platform !== "linux") return { command: process.execPath, args: node };
  const kilobytes = (RESERVED_MB + 2 * heapMB) * 1_000;
  return {
    command: "/bin/sh",
    args: ["-c", `ulimit -v ${kilobytes} || :; exec "$@"`, "sh", process.execPath, ...node],
  };
}

/** A flag for each path; a folder stands for all below it. */
function allowed(flag: string, paths: readonly string[]): string[] {
  const wanted = new Set(paths);
  // Node 20 aborts at a path given twice, so what lies in another one is left out.
  const outer = [...wanted].filter((path) => !ancestors(path).some((folder) => wanted.has(folder)));
  return outer.map((path) => {
    if (path.includes("*")) {
      throw new GrantError(
        `"${path}" has a * in its name, which Node's permissions take for "anything"; rename that folder to use it here.`,
      );
    }
    const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
    return `${flag}=${isFile ? path : join(path, "*")}`;
  });
}

function ancestors(path: string): string[] {
  const above = dirname(path);
  return above === path ? [] : [above, ...ancestors(above)];
}

/** Where a path leads through its symlinks, for Node judges paths as they are written; what does not exist yet stays as it is. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (dirname(path) === path) throw error;
    return join(realPath(dirname(path)), basename(path));
  }
}

function environment(grants: Grants): Record<string, string> {
  const names = [...EVERYBODYS, ...(grants.run ? RUNNERS : []), ...grants.env];
  const inherited = names.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  const { net, run, workers, addons } = grants;
  return { ...Object.fromEntries(inherited), BANYAN_SANDBOX: JSON.stringify({ net, run, workers, addons }) };
}
