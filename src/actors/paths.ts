// Where Banyan keeps its files: one function that turns the home option, the environment and the platform into every
// path, so that no other file knows about XDG or %LOCALAPPDATA%. It touches no disk: folders are made by whoever writes
// into them. `ensurePrivateFolder` is for those that others must not enter (the run folder with the control socket).
import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { posix, win32 } from "node:path";
import { BanyanError } from "../supervision/errors.js";

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A configuration file and what it is to the user; `named` is the one of `--config`, which must exist, and `runtime` what
 * `banyan config set` stores. */
export interface ConfigFile {
  readonly layer: "system" | "user" | "project" | "named" | "runtime";
  readonly file: string;
}

export interface PathOptions {
  /** `--home DIR`: everything under one folder. Falls back to `BANYAN_HOME`, then to the XDG folders. */
  readonly home?: string | undefined;
  /** `--config FILE`: this file instead of the system's, the user's and the project's. */
  readonly config?: string | undefined;
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  readonly cwd: string;
}

/** Every path is absolute. */
export interface Paths {
  /** Database, backups, snapshots, dynamic tools. */
  readonly data: string;
  /** Logs and what else may be lost without harm. */
  readonly state: string;
  readonly logs: string;
  /** Owner-only folder of the running app: see {@link ensurePrivateFolder}. */
  readonly run: string;
  /** Control socket: a Unix socket in `run`, on Windows a named pipe. */
  readonly socket: string;
  readonly database: string;
  /** Record of the project files that the user has approved. */
  readonly approvals: string;
  /** What `banyan config set` stores: the strongest layer of settings. */
  readonly overrides: string;
  /** From the weakest to the strongest. */
  readonly config: readonly ConfigFile[];
}

// sockaddr_un holds 104 bytes on macOS and 108 on Linux, the closing zero included.
const LONGEST_SOCKET_PATH = 103;

/** Every path of one user on one machine. Source of the rules: the XDG Base Directory Specification 0.8. */
export function resolvePaths(options: PathOptions): Paths {
  const { env, platform, cwd } = options;
  const path = platform === "win32" ? win32 : posix;
  const { state, config, system, ...base } = baseFolders(options, path);
  // MCP_DATA_DIR is about the data alone; --home, a flag, is stronger than any variable.
  const data = env.MCP_DATA_DIR && !options.home ? path.resolve(cwd, env.MCP_DATA_DIR) : base.data;
  const project = path.join(cwd, ".banyan", "config.toml");
  const user = path.join(config, "config.toml");
  const files: ConfigFile[] = [
    { layer: "system", file: path.join(system, "config.toml") },
    { layer: "user", file: user },
    // With BANYAN_HOME=.banyan the two are one file, and it is the user's own.
    ...(project === user ? [] : [{ layer: "project", file: project } as const]),
  ];
  const socket = socketPath(path.join(state, "run"), env, platform);
  return {
    data,
    state,
    logs: path.join(state, "logs"),
    run: platform === "win32" ? path.join(state, "run") : path.dirname(socket),
    socket,
    database: path.join(data, "banyan.db"),
    approvals: path.join(state, "approved-projects.json"),
    overrides: path.join(data, "overrides.toml"),
    config: options.config === undefined ? files : [{ layer: "named", file: path.resolve(cwd, options.config) }],
  };
}

function baseFolders({ home, env, platform, cwd }: PathOptions, path: typeof posix) {
  const windows = platform === "win32";
  const system = windows ? path.join(env.PROGRAMDATA || "C:\\ProgramData", "banyan") : "/etc/banyan";
  const oneFolder = home || env.BANYAN_HOME;
  if (oneFolder) {
    const root = path.resolve(cwd, oneFolder);
    return { data: path.join(root, "data"), state: path.join(root, "state"), config: root, system };
  }
  const own = (windows ? env.USERPROFILE : env.HOME) || homedir();
  // The specification: a relative path in an XDG variable is invalid and ignored.
  const base = (variable: string, fallback: string) => {
    const value = env[variable];
    return path.join(value && path.isAbsolute(value) ? value : path.join(own, fallback), "banyan");
  };
  const local = windows ? base("LOCALAPPDATA", "AppData\\Local") : "";
  return {
    data: windows ? path.join(local, "data") : base("XDG_DATA_HOME", ".local/share"),
    state: windows ? path.join(local, "state") : base("XDG_STATE_HOME", ".local/state"),
    config: windows ? base("APPDATA", "AppData\\Roaming") : base("XDG_CONFIG_HOME", ".config"),
    system,
  };
}

/** The socket lies in the run folder, or, where that path is too long for a socket, in a short one named after it. */
function socketPath(run: string, env: Environment, platform: NodeJS.Platform): string {
  const hash = createHash("sha256").update(run).digest("hex").slice(0, 12);
  if (platform === "win32") return `\\\\.\\pipe\\banyan-${hash}`;
  const temporary = env.TMPDIR && posix.isAbsolute(env.TMPDIR) ? env.TMPDIR : "/tmp";
  const candidates = [run, posix.join(temporary, `banyan-${hash}`)].map((folder) => posix.join(folder, "control.sock"));
  const fits = candidates.find((candidate) => Buffer.byteLength(candidate) <= LONGEST_SOCKET_PATH);
  return fits ?? `/tmp/banyan-${hash}/control.sock`;
}

/**
 * Makes a folder that only its owner may enter, or tightens one that is there. A link, or a folder of somebody else
 * (anyone may make one in /tmp beforehand), is refused with `folder_not_private`; other errors are the disk's own.
 */
export function ensurePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stats = lstatSync(folder);
  const stranger = process.getuid !== undefined && stats.uid !== process.getuid();
  if (!stats.isDirectory() || stranger) {
    throw new BanyanError(
      "folder_not_private",
      `${folder} is a link or belongs to another user; remove it or set BANYAN_HOME.`,
    );
  }
  if (process.getuid !== undefined && (stats.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}
