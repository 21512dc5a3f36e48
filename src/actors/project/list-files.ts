// The files of a folder as people think of them: what git knows or would add, so nothing that is ignored; without git what is found
// by looking, less what is hidden or installed.
import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** Most files; of more, some are missing. */
const MOST = 200_000;
const GIT_MS = 10_000;
/** Folders looked into without git, at most, and for how long. */
const MOST_FOLDERS = 5_000;
const WALK_MS = 3_000;
const NOT_LOOKED_INTO = new Set(["node_modules", "__pycache__", "venv", "target", "vendor"]);

/** Paths relative to the folder, with `/` between their parts. What cannot be read is left out. Rejects with the signal's reason. */
export async function listFiles(folder: string, signal: AbortSignal): Promise<readonly string[]> {
  const files = (await gitFiles(folder, signal)) ?? (await walk(folder, signal));
  signal.throwIfAborted();
  return files;
}

/** Undefined where git is not there, or the folder is in no repository. Nothing a repository's own settings name is run. */
function gitFiles(folder: string, signal: AbortSignal): Promise<readonly string[] | undefined> {
  return new Promise((resolve) => {
    const args = [
      "-c",
      "core.fsmonitor=false",
      "ls-files",
      "-z",
      "--cached",
      "--others",
      "--exclude-standard",
      "--deduplicate",
    ];
    const child = spawn("git", args, {
      cwd: folder,
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, GIT_OPTIONAL_LOCKS: "0" },
      signal: AbortSignal.any([signal, AbortSignal.timeout(GIT_MS)]),
    });
    const files: string[] = [];
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const parts = (rest + text).split("\0");
      rest = parts.pop() ?? "";
      for (const file of parts) if (file !== "") files.push(file);
      if (files.length >= MOST) child.kill();
    });
    child.once("error", () => resolve(undefined));
    child.once("close", (code) => resolve(code === 0 || files.length >= MOST ? files.slice(0, MOST) : undefined));
  });
}

/** The nearest first. */
async function walk(folder: string, signal: AbortSignal): Promise<readonly string[]> {
  const files: string[] = [];
  const folders = [""];
  const until = Date.now() + WALK_MS;
  for (let at = 0; at < folders.length && at < MOST_FOLDERS && files.length < MOST; at++) {
    if (signal.aborted || Date.now() > until) break;
    const here = folders[at] ?? "";
    const entries = await readdir(join(folder, here), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.name.startsWith(".")) continue;
      const path = here === "" ? entry.name : `${here}/${entry.name}`;
      if (!entry.isDirectory()) files.push(path);
      else if (!NOT_LOOKED_INTO.has(entry.name)) folders.push(path);
    }
  }
  return files;
}
