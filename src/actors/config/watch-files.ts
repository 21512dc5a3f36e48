// Watching the places where settings may lie, whether or not anything is there yet: a file that is created, replaced by a rename,
// reached over a link or gone with its folder is noticed alike, for each place itself is looked at again and again.
import { unwatchFile, watchFile } from "node:fs";

/** How often is looked. The system's own notices would come sooner, but one for each write to anything in those folders, and a
 * database lies in one of them; looking four times a second costs next to nothing, and works on every file system. */
export const LOOK_EVERY_MS = 250;

/** Calls `changed` for every change of one of the files, until the function it answers with is called. */
export function watchFiles(files: readonly string[], changed: () => void): () => void {
  for (const file of files) watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, changed);
  return () => {
    for (const file of files) unwatchFile(file, changed);
  };
}
