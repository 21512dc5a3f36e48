// How full the disks are on which the project and the folders every program uses lie. Those alone: what else is mounted on this
// machine is nobody's business, and to ask a network drive that is gone would take for ever.
import { stat, statfs } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { parse } from "node:path";
import { z } from "zod";
import type { PortAnswerer } from "./index.js";

export interface FileSystem {
  /** What of ours lies on it: "project", "home", "temporary files", "system". */
  readonly holds: string[];
  readonly totalBytes: number;
  /** What this user may still fill. */
  readonly freeBytes: number;
  /** Of names for files; 0 where the file system does not limit them. */
  readonly totalFiles: number;
  readonly freeFiles: number;
}

const ASK_MS = 3_000;

export const fileSystems: PortAnswerer<Record<string, never>> = {
  args: z.strictObject({}),
  async answer(_args, { project, signal }) {
    const places = { project, home: homedir(), "temporary files": tmpdir(), system: parse(project).root };
    const found = new Map<number, FileSystem>();
    for (const [name, folder] of Object.entries(places)) {
      const measured = await within(ASK_MS, measure(folder));
      signal.throwIfAborted();
      if (measured === undefined) continue;
      const known = found.get(measured.device);
      if (known === undefined) found.set(measured.device, { holds: [name], ...measured.space });
      else known.holds.push(name);
    }
    return { fileSystems: [...found.values()] };
  },
};

async function measure(folder: string): Promise<{ device: number; space: Omit<FileSystem, "holds"> } | undefined> {
  try {
    const [{ dev }, { bsize, blocks, bavail, files, ffree }] = await Promise.all([stat(folder), statfs(folder)]);
    const space = { totalBytes: blocks * bsize, freeBytes: bavail * bsize, totalFiles: files, freeFiles: ffree };
    return { device: dev, space };
  } catch {
    return undefined; // a home that does not exist, say
  }
}

function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms, undefined);
    void work.then(resolve).finally(() => clearTimeout(timer));
  });
}
