// A folder for one test file, with its files, and a neighbour outside it that nothing in it may reach.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Workspace {
  /** The working folder; a real path. */
  readonly root: string;
  /** A folder beside it, holding `secret.txt`. */
  readonly outside: string;
  /** Writes a file below the working folder, making its parents; returns its absolute path. */
  write(path: string, content: string | Uint8Array): string;
  remove(): void;
}

export function makeWorkspace(): Workspace {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "banyan-tools-")));
  const root = join(base, "work");
  const outside = join(base, "outside");
  mkdirSync(root);
  mkdirSync(outside);
  writeFileSync(join(outside, "secret.txt"), "top secret\n");
  return {
    root,
    outside,
    write(path, content) {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}
