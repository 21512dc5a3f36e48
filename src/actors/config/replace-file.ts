// A small file replaced whole: whoever reads it, also after a crash or a power cut in the middle, finds the old content or the
// new. The caller holds the lock of the file (lock.ts), so one name for the fresh one is enough and none is left behind.
import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { platform } from "../platform/index.js";

/** Readable by its owner alone unless `mode` says else. Durable once it returns. Throws what the disk throws. */
export function replaceFile(file: string, text: string, mode = 0o600): void {
  const fresh = `${file}.new`;
  const handle = openSync(fresh, "w", mode);
  try {
    writeFileSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(fresh, file);
  if (platform.syncsFolders) syncFolder(dirname(file));
}

/** Until the folder is on disk too, a power cut may bring back the name's old file. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
