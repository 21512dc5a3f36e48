// Where Banyan keeps its files: one function that turns the home option, the environment and the platform into every
// path. It touches no disk: folders are made by whoever writes into them.
import { type Environment, platformOf } from "./platform/index.js";

export type { Environment };

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
  /** Owner-only folder of the running app: it holds the control socket. */
  readonly run: string;
  /** Control socket: a Unix socket in `run`, on Windows a named pipe. */
  readonly socket: string;
  readonly database: string;
  /** Owner-only folder with what is known of the sign-ins to servers: tokens. */
  readonly signIns: string;
  /** Record of the project files that the user has approved. */
  readonly approvals: string;
  /** What `banyan config set` stores: the strongest layer of settings. */
  readonly overrides: string;
  /** From the weakest to the strongest. */
  readonly config: readonly ConfigFile[];
}

/** Every path of one user on one machine. Source of the rules: the XDG Base Directory Specification 0.8. */
export function resolvePaths(options: PathOptions): Paths {
  const { env, cwd, home } = options;
  const platform = platformOf(options.platform);
  const { path } = platform;
  const oneFolder = home || env.BANYAN_HOME;
  const { state, config, ...base } =
    oneFolder === undefined || oneFolder === ""
      ? platform.baseFolders(env)
      : foldersUnder(path.resolve(cwd, oneFolder), path.join);
  // MCP_DATA_DIR is about the data alone; --home, a flag, is stronger than any variable.
  const data = env.MCP_DATA_DIR && !home ? path.resolve(cwd, env.MCP_DATA_DIR) : base.data;
  const project = path.join(cwd, ".banyan", "config.toml");
  const user = path.join(config, "config.toml");
  const files: ConfigFile[] = [
    { layer: "system", file: path.join(platform.systemFolder(env), "config.toml") },
    { layer: "user", file: user },
    // With BANYAN_HOME=.banyan the two are one file, and it is the user's own.
    ...(project === user ? [] : [{ layer: "project", file: project } as const]),
  ];
  const run = path.join(state, "run");
  const socket = platform.controlSocket(run, env);
  return {
    data,
    state,
    logs: path.join(state, "logs"),
    run: platform.runFolder(socket, run),
    socket,
    database: path.join(data, "banyan.db"),
    signIns: path.join(data, "sign-ins"),
    approvals: path.join(state, "approved-projects.json"),
    overrides: path.join(data, "overrides.toml"),
    config: options.config === undefined ? files : [{ layer: "named", file: path.resolve(cwd, options.config) }],
  };
}

function foldersUnder(root: string, join: (...parts: string[]) => string) {
  return { data: join(root, "data"), state: join(root, "state"), config: root };
}
