// The snapshots on disk, one file each, which is never changed, and beside them what has been learnt of them since: which trees ran
// well, which were rolled back from, and which findings of a scan the user has accepted for which source.
import { join } from "node:path";
import { z } from "zod";
import { readSealed, setAside, writeSealed } from "./sealed-file.js";
import type { Snapshot } from "./versions.js";
import { namesIn, removeFile } from "./whole-files.js";

const hash = z.string().regex(/^[0-9a-f]{64}$/);

export const fileSchema = z.strictObject({
  name: z.string(),
  // Only ever a plain file of the folder, whatever a manifest says.
  file: z.string().regex(/^[a-z][a-z0-9_]{0,63}\.(js|mjs|ts)$/),
  hash,
});

export const manifestSchema = z.strictObject({
  id: z.string().regex(/^[1-9][0-9]{0,14}$/),
  at: z.number(),
  tree: hash,
  tools: z.array(fileSchema),
  why: z.string(),
});

export type Manifest = z.output<typeof manifestSchema>;

const marksSchema = z.strictObject({
  good: z.array(hash),
  bad: z.array(hash),
  accepted: z.record(hash, z.array(z.string())),
});

export type Marks = z.output<typeof marksSchema>;

const noMarks: Marks = { good: [], bad: [], accepted: {} };
const MANIFEST = /^([1-9][0-9]{0,14})\.json$/;
const MARKS = "marks.json";

export interface SnapshotsRead {
  /** From the oldest to the newest. */
  readonly snapshots: readonly Snapshot[];
  readonly marks: Marks;
}

export class SnapshotList {
  /** @param report hears a sentence of each file that is damaged; it is moved aside, so once. */
  constructor(
    private readonly folder: string,
    private readonly report: (problem: string) => void,
  ) {}

  async read(): Promise<SnapshotsRead> {
    const marks = await this.marks();
    const manifests: Manifest[] = [];
    for (const name of await namesIn(this.folder)) {
      const id = MANIFEST.exec(name)?.[1];
      if (id === undefined) continue;
      const manifest = await readSealed(join(this.folder, name), manifestSchema);
      if (manifest !== undefined && manifest !== "damaged" && manifest.id === id) manifests.push(manifest);
      else if (manifest !== undefined) await this.moveAside(name, `The snapshot ${id} of the tools is damaged`);
    }
    const ordered = manifests.sort((a, b) => Number(a.id) - Number(b.id));
    return { marks, snapshots: ordered.map((manifest) => marked(manifest, marks)) };
  }

  /** Greater than every number so far, of snapshots that were damaged too. */
  async nextId(): Promise<string> {
    const names = await namesIn(this.folder);
    return String(
      1 + Math.max(0, ...names.map((name) => Number.parseInt(/^([1-9][0-9]{0,14})\.json/.exec(name)?.[1] ?? "0", 10))),
    );
  }

  async write(manifest: Manifest): Promise<void> {
    await writeSealed(join(this.folder, `${manifest.id}.json`), manifest);
  }

  async remove(id: string): Promise<void> {
    await removeFile(join(this.folder, `${id}.json`));
  }

  async writeMarks(marks: Marks): Promise<void> {
    await writeSealed(join(this.folder, MARKS), marks);
  }

  private async marks(): Promise<Marks> {
    const marks = await readSealed(join(this.folder, MARKS), marksSchema);
    if (marks === undefined) return noMarks;
    if (marks !== "damaged") return marks;
    await this.moveAside(
      MARKS,
      "What was known of the snapshots of the tools (which ran well, what was accepted) is damaged",
    );
    return noMarks;
  }

  private async moveAside(name: string, what: string): Promise<void> {
    await setAside(this.folder, name);
    this.report(`${what}; it was moved aside as ${name}.damaged and is not used.`);
  }
}

export function marked(manifest: Manifest, { good, bad }: Marks): Snapshot {
  const isBad = bad.includes(manifest.tree);
  return { ...manifest, good: !isBad && good.includes(manifest.tree), bad: isBad };
}
