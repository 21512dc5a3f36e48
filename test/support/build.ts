// Tests of servers run what users run: compiled JavaScript in a process of its own. This makes sure that dist/tools and
// dist/servers are those of the sources as they stand, whoever asks first; test files run in parallel, so the build is locked.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const stamp = join(root, "dist", "servers", ".sources");
const lock = join(root, "node_modules", ".cache", "banyan-servers.lock");
const STALE_LOCK_MS = 60_000;

/** Builds if something changed; returns the absolute path of a file of dist/, such as `servers/host/main.js`. */
export async function built(file: string): Promise<string> {
  while (!isFresh()) {
    if (takeLock()) {
      try {
        if (!isFresh()) build();
      } finally {
        rmSync(lock, { recursive: true, force: true });
      }
    } else {
      await sleep(50);
    }
  }
  return join(root, "dist", file);
}

function build(): void {
  const sources = newestSource();
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", join(root, "servers")], { encoding: "utf8" });
  if (status !== 0) throw new Error(`servers/ and tools/ do not compile:\n${stdout}`);
  writeFileSync(stamp, sources);
}

function isFresh(): boolean {
  try {
    return readFileSync(stamp, "utf8") === newestSource();
  } catch {
    return false;
  }
}

/** Changes with every edit, addition and removal. */
function newestSource(): string {
  let newest = statSync(join(root, "tsconfig.base.json")).mtimeMs;
  let files = 0;
  for (const folder of ["servers", "tools"]) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      files++;
      newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
    }
  }
  return `${files} files, newest ${newest}`;
}

function takeLock(): boolean {
  mkdirSync(dirname(lock), { recursive: true });
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    if (made !== undefined && Date.now() - made > STALE_LOCK_MS) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}
