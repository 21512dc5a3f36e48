// Hearing of changes to the tools folder, whether or not it is there yet, also when it is deleted and made again or replaced by another
// one: what is in it is told by the system, and the folder itself is looked at four times a second.
import { type FSWatcher, type Stats, unwatchFile, watch, watchFile } from "node:fs";
import { toolOfFile } from "./tool-names.js";

const LOOK_EVERY_MS = 250;
/** An editor writes a file in several steps; after so much quiet it is done. */
const QUIET_MS = 30;

/** Calls `changed` after every change of a tool's file, until the function it answers with is called. */
export function watchFolder(folder: string, changed: () => void): () => void {
  let inner: FSWatcher | undefined;
  let quiet: NodeJS.Timeout | undefined;
  let over = false;

  const soon = (): void => {
    clearTimeout(quiet);
    quiet = setTimeout(changed, QUIET_MS);
  };
  const open = (): void => {
    inner?.close();
    inner = undefined;
    try {
      inner = watch(folder, { persistent: false }, (_, file) => {
        if (file === null || toolOfFile(file) !== undefined) soon();
      });
      inner.on("error", open);
    } catch {
      // It is not there; `look` will see it come.
    }
  };
  const look = (now: Stats, before: Stats): void => {
    if (over) return;
    if (now.ino !== before.ino) open();
    // Also where the system tells nothing of a folder, such as on a network's disk.
    soon();
  };

  open();
  watchFile(folder, { interval: LOOK_EVERY_MS, persistent: false }, look);
  return () => {
    over = true;
    clearTimeout(quiet);
    unwatchFile(folder, look);
    inner?.close();
  };
}
