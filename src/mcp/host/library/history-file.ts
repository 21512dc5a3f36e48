// What happened to the tools, a JSON line each, only ever appended to. A line that a crash cut short is no line. When the file is
// full it becomes the old one, and the old one goes.
import { open, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { type ChangeRecord, recordSchema } from "./change-journal.js";
import type { ToolChangeRecord } from "./versions.js";
import { isMissing } from "./whole-files.js";

const NAME = "history.jsonl";
const OLD = "history.old.jsonl";
/** Bytes of one file; two are kept. */
const FULL = 512 * 1024;

export class HistoryFile {
  constructor(private readonly folder: string) {}

  /** Durable once it resolves. With `again` some may be there already, since a crash, and are not written twice. */
  async append(records: readonly ChangeRecord[], again: boolean): Promise<void> {
    const known = again ? await this.read() : [];
    const missing = records.filter((record) => !known.some((other) => isSame(record, other)));
    if (missing.length === 0) return;
    const file = join(this.folder, NAME);
    if ((await sizeOf(file)) > FULL) await rename(file, join(this.folder, OLD));
    const handle = await open(file, "a", 0o600);
    try {
      // First a line end, for the last line may be half of one.
      await handle.appendFile(`\n${missing.map((record) => JSON.stringify(record)).join("\n")}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  /** From the oldest to the newest. */
  async read(): Promise<ToolChangeRecord[]> {
    const texts = [await textOf(join(this.folder, OLD)), await textOf(join(this.folder, NAME))];
    return texts.flatMap((text) => text.split("\n")).flatMap((line) => recordOf(line) ?? []);
  }
}

function isSame(a: ToolChangeRecord, b: ToolChangeRecord): boolean {
  return a.snapshot === b.snapshot && a.tool === b.tool && a.at === b.at;
}

function recordOf(line: string): ToolChangeRecord | undefined {
  if (line === "") return undefined;
  try {
    return recordSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return "";
    throw error;
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}
