// How the program of a host process is started: which script, in which folder, and what it may reach.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ServerConfigInput } from "../client/server-config.js";
import { type Grants, noGrants } from "./grants.js";
import type { ToolSet } from "./host-status.js";
import { sandboxed } from "./sandbox.js";

export interface HostFolders {
  /** The folder that file tools work in. */
  readonly project: string;
  /** Where the dynamic tools lie as host processes import them. */
  readonly staged: string;
}

export type Program = Pick<ServerConfigInput, "command" | "args" | "cwd" | "env" | "inherits">;

const MEGABYTE = 1_048_576;
/** The time of calls is watched from outside, where a tool that hangs holds up nobody. */
const NO_TIMEOUT_MS = 86_400_000;
/** Set to 1, fetch_url may also reach this machine, as its refusal says. */
const OPENS_LOOPBACK = "BANYAN_FETCH_ALLOW_LOOPBACK";
/** Compiled, this file lies in dist/; as source it lies in src/, beside dist/. */
const SCRIPT = [
  new URL("../../servers/host/main.js", import.meta.url),
  new URL("../../../dist/servers/host/main.js", import.meta.url),
];

/** `maxMemoryBytes`: of the process; half of it is its heap's. */
export function programOf(set: ToolSet, folders: HostFolders, maxMemoryBytes: number): Program {
  const [compiled, source] = SCRIPT.map((url) => fileURLToPath(url));
  const script = existsSync(compiled ?? "") ? compiled : source;
  const root = set === "bundled" ? folders.project : folders.staged;
  const args = ["--set", set, "--root", root, "--call-timeout", String(NO_TIMEOUT_MS)];
  const entry = { script: script ?? "", args, shared: set === "dynamic" };
  const heapMB = Math.max(32, Math.floor(maxMemoryBytes / 2 / MEGABYTE));
  const cwd = set === "bundled" ? { cwd: folders.project } : {};
  return { ...sandboxed({ ...grantsOf(set, folders), heapMB }, { ...entry, ...cwd }), inherits: false };
}

/** Bundled tools are ours and say what they need; of the others nothing is known. */
function grantsOf(set: ToolSet, { project, staged }: HostFolders): Grants {
  if (set === "dynamic") return { ...noGrants, read: [staged] };
  const net = process.env[OPENS_LOOPBACK] === "1" ? ["*", "localhost", "127.0.0.1", "[::1]"] : true;
  return { ...noGrants, read: [project], write: [project], net, env: [OPENS_LOOPBACK] };
}
