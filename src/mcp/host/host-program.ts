// How the program of a host process is started: which script, in which folder, and what it may reach.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ServerConfigInput } from "../client/server-config.js";
import type { ToolSet } from "./host-status.js";

export interface HostFolders {
  /** The folder that file tools work in. */
  readonly project: string;
  /** Where the dynamic tools lie as host processes import them. */
  readonly staged: string;
}

export type Program = Pick<ServerConfigInput, "command" | "args" | "cwd" | "env" | "inherits">;

const MEGABYTE = 1_048_576;
/** Compiled, this file lies in dist/; as source it lies in src/, beside dist/. */
const SCRIPT = [
  new URL("../../servers/host/main.js", import.meta.url),
  new URL("../../../dist/servers/host/main.js", import.meta.url),
];

/** `maxMemoryBytes`: of the process; half of it is its heap's. */
export function programOf(set: ToolSet, folders: HostFolders, maxMemoryBytes: number): Program {
  const [compiled, source] = SCRIPT.map((url) => fileURLToPath(url));
  const script = existsSync(compiled ?? "") ? compiled : source;
  const heap = Math.max(32, Math.floor(maxMemoryBytes / 2 / MEGABYTE));
  const root = set === "bundled" ? folders.project : folders.staged;
  const args = [`--max-old-space-size=${heap}`, script ?? "", "--set", set, "--root", root];
  return { command: process.execPath, args, ...(set === "bundled" ? { cwd: folders.project } : {}) };
}
