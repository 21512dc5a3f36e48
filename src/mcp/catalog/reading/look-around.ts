// All there is to read under some roots, and whether it is what it was: without reading any of it.
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { Diagnosis } from "../entry.js";
import { type FoundFile, findFiles } from "./find-files.js";

/** Of what is said of a role in several, the first counts. */
export const registryFiles = [
  "agent-registry.yml",
  "agent-registry.yaml",
  ".claude/agent-registry.yml",
  ".claude/agent-registry.yaml",
] as const;

/** A hash of all there is to read, by size and time: the same means that nothing changed. */
export async function lookAround(
  roots: readonly string[],
): Promise<{ files: (FoundFile & { root: number })[]; diagnoses: Diagnosis[]; fingerprint: string; empty: boolean }> {
  const hash = createHash("sha1");
  const files: (FoundFile & { root: number })[] = [];
  const diagnoses: Diagnosis[] = [];
  let empty = true;
  for (const [number, root] of roots.entries()) {
    const found = await findFiles(root);
    for (const file of found.files) {
      files.push({ ...file, root: number });
      hash.update(`${number}\0${file.path}\0${file.size}\0${file.mtimeMs}\n`);
    }
    diagnoses.push(...found.diagnoses);
    for (const name of registryFiles) {
      const stats = statSync(join(root, name), { throwIfNoEntry: false });
      if (stats === undefined) continue;
      empty = false;
      hash.update(`${number}\0${name}\0${stats.size}\0${stats.mtimeMs}\n`);
    }
  }
  hash.update(JSON.stringify(diagnoses));
  return { files, diagnoses, fingerprint: hash.digest("hex"), empty: empty && files.length + diagnoses.length === 0 };
}
