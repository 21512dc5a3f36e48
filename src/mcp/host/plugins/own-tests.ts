// The tests a plugin brings along: files named *.test.js or *.test.ts, in the words of node:test. Each runs as the plugin does, as one
// script in the plugin's sandbox, for a test is the plugin's code, too; with a limit of time, and of what it may print.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { type SandboxedCommand, sandboxed } from "../sandbox.js";
import type { Plugin } from "./plugin.js";
import { buildPlugin } from "./plugin-builder.js";
import { grantsOf, type PluginWorkshop } from "./plugin-server.js";

export interface TestRun {
  /** Relative to the plugin's folder. */
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  /** What it printed, if it did not pass. */
  readonly output?: string;
}

const LIMIT_MS = 60_000;
const MOST_OUTPUT = 16_384;
const MOST_FILES = 100;
const DEEPEST = 5;
/** As both reporters of node:test end. */
const COUNT = /^(?:#|ℹ) (pass|fail|cancelled) (\d{1,6})$/gm;

/** `env`: what the plugin's manifest gives it. */
export async function runOwnTests(
  plugin: Plugin,
  workshop: PluginWorkshop,
  env: Readonly<Record<string, string>>,
): Promise<readonly TestRun[]> {
  const runs: TestRun[] = [];
  for (const path of testsIn(plugin.folder)) {
    const file = relative(plugin.folder, path);
    const name = createHash("sha256").update(file).digest("hex").slice(0, 16);
    const script = join(workshop.scripts, `${plugin.manifest.name}-test-${name}-${plugin.hash.slice(0, 32)}.mjs`);
    await buildPlugin({ from: path, to: script });
    const run = sandboxed(grantsOf(plugin, workshop, [script], []), { script, args: [], cwd: plugin.folder });
    // The sandbox closes a part of Node that node:test is made of; one that is loaded before has it.
    const args = ["--import=node:test", ...run.args];
    const { code, output } = await ran({ ...run, args, env: { ...run.env, ...env } });
    const count = (word: string): number =>
      [...output.matchAll(COUNT)].reduce((sum, [, what, n]) => (what === word ? sum + Number(n) : sum), 0);
    const failed = count("fail") + count("cancelled");
    const passed = count("pass");
    const isWell = code === 0 && failed === 0;
    runs.push({ file, passed, failed: isWell ? 0 : Math.max(1, failed), ...(isWell ? {} : { output }) });
  }
  return runs;
}

function testsIn(folder: string, depth = 0): string[] {
  if (depth > DEEPEST) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== "node_modules" && !name.startsWith("."))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((each) => {
      const path = join(folder, each.name);
      if (each.isDirectory()) return testsIn(path, depth + 1);
      return each.isFile() && /\.test\.[cm]?[jt]s$/.test(each.name) ? [path] : [];
    })
    .slice(0, MOST_FILES);
}

function ran({
  command,
  args,
  env,
  cwd,
}: SandboxedCommand): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (part: string) => {
        // Its end says how it went.
        output = (output + part).slice(-MOST_OUTPUT);
      });
    const late = setTimeout(() => {
      output += `\nIt took longer than ${LIMIT_MS / 1_000} s and was ended.\n`;
      child.kill("SIGKILL");
    }, LIMIT_MS);
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(late);
      resolve({ code: code ?? 1, output });
    });
  });
}
