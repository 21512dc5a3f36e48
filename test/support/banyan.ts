// Runs the built command line as its user does: a process of its own, with a home of its own.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BUSY_MACHINE } from "./busy-machine.js";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const cli = join(root, "dist", "cli.js");
/** The program before it was bundled: what a test preloads shares its modules with this one alone. */
const modules = join(root, "dist", "cli.modules.js");

export interface Place {
  readonly home: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * A home and an empty project beside each other under `folder`; nothing of the real environment's keys comes along. The catalog is
 * no server here, so that the servers that are counted on a screen are those of the test.
 */
export function place(folder: string, config = ""): Place {
  const [home, cwd] = [join(folder, "home"), join(folder, "project")];
  for (const made of [home, cwd]) mkdirSync(made, { recursive: true });
  if (config !== "") writeFileSync(join(home, "config.toml"), config);
  const { PATH, HOME, LANG, TERM } = process.env;
  return {
    home,
    cwd,
    env: {
      PATH,
      HOME,
      LANG,
      TERM,
      BANYAN_HOME: home,
      NO_COLOR: "1",
      BANYAN_BUNDLED__CATALOG: "false",
      ...BUSY_MACHINE,
    },
  };
}

/** A place of an app without the tool host either, whose processes cost as much again as the app's own start. */
export function bare(folder: string, config = ""): Place {
  const { env, ...rest } = place(folder, config);
  return { ...rest, env: { ...env, BANYAN_BUNDLED__HOST: "false" } };
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs to the end. Not synchronous, for the model server of a test lives in the test's own process. */
export function banyan(place: Place, args: readonly string[], input = ""): Promise<Ran> {
  const child = startBanyan(place, args);
  const out = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (part: string) => {
      out[stream] += part;
    });
  }
  child.stdin.end(input);
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...out })));
}

export function startBanyan({ cwd, env }: Place, args: readonly string[]): ChildProcessWithoutNullStreams {
  const program = env.NODE_OPTIONS?.includes("--import") ? modules : cli;
  return spawn(process.execPath, [program, ...args], { cwd, env });
}

/** A `[[servers]]` block for one of npm's MCP servers among the dev dependencies. */
export function serverBlock(name: string, packageName: string, args: readonly string[] = [], more = ""): string {
  const main = join(root, "node_modules", "@modelcontextprotocol", packageName, "dist", "index.js");
  return `[[servers]]\nname = "${name}"\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${JSON.stringify([main, ...args])}\n${more}\n`;
}

/** True while a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
