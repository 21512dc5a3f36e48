// How the program of a host process is started: which script, in which folder, with what it may reach.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServerConfigInput } from "../client/server-config.js";
import type { ToolSet } from "./host-status.js";

export interface HostProgram {
  /** The folder that file tools work in. */
  readonly project: string;
}

export type Program = Pick<ServerConfigInput, "command" | "args" | "cwd" | "env">;

/** The package's folder, seen from src/ and from dist/ alike. */
const packageRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
const SCRIPT = join(packageRoot, "dist", "servers", "host", "main.js");
const MEGABYTE = 1_048_576;

/** `maxMemoryBytes`: of the process; half of it is its heap's. */
export function programOf(set: ToolSet, { project }: HostProgram, maxMemoryBytes: number): Program {
  const heap = Math.max(16, Math.floor(maxMemoryBytes / 2 / MEGABYTE));
  return {
    command: process.execPath,
    args: [`--max-old-space-size=${heap}`, SCRIPT, "--set", set, "--root", project],
    cwd: project,
  };
}
