// The log's files: one for each day, `banyan.2026-11-21.log`, and another part of it when that grows too large. Days are UTC, as
// the times in the lines are. A name made of the date, and never a renamed file, is what lets several running apps write the same
// log. Files of earlier days are compressed, and seven are kept.
import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/** Files beside those of today. */
const KEPT = 7;
const NAME = /^banyan\.(\d{4}-\d\d-\d\d)(?:\.(\d{1,4}))?\.log(?:\.gz)?$/;
const UNFINISHED = /^banyan\..{1,40}\.tmp$/;
/** Another app may have had a line under way at midnight. */
const QUIET_MS = 60_000;
const DAY_MS = 86_400_000;

export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** The file of a day. Parts are counted from 1; the first has no number in its name. */
export function logFile(folder: string, day: string, part: number): string {
  return join(folder, `banyan.${day}${part === 1 ? "" : `.${part}`}.log`);
}

/** The name of a file that is still written to, or was last; `order` sorts such names from old to new. */
export function logFileOf(name: string): { readonly name: string; readonly order: string } | undefined {
  const [, day, part = "1"] = NAME.exec(name) ?? [];
  return day === undefined || name.endsWith(".gz") ? undefined : { name, order: `${day} ${part.padStart(4, "0")}` };
}

/** Compresses the files of earlier days that nobody writes any more and removes all but the newest seven. Several apps may do
 * this at once: each makes its own compressed file, and the last to finish puts it in place. */
export async function tidyLogs(folder: string, now: number): Promise<void> {
  const today = dayOf(now);
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    if (UNFINISHED.test(name)) await unlessGone(removeIfOlder(file, now - DAY_MS));
    else if (isOfAnEarlierDay(name, today) && name.endsWith(".log")) await unlessGone(compress(file, now - QUIET_MS));
  }
  const earlier = (await readdir(folder)).filter((name) => isOfAnEarlierDay(name, today)).sort(newestFirst);
  for (const name of earlier.slice(KEPT)) await unlessGone(unlink(join(folder, name)));
}

function isOfAnEarlierDay(name: string, today: string): boolean {
  const day = NAME.exec(name)?.[1];
  return day !== undefined && day < today;
}

function newestFirst(a: string, b: string): number {
  const [, dayA = "", partA = "1"] = NAME.exec(a) ?? [];
  const [, dayB = "", partB = "1"] = NAME.exec(b) ?? [];
  return dayA === dayB ? Number(partB) - Number(partA) : dayA < dayB ? 1 : -1;
}

async function compress(file: string, quietSince: number): Promise<void> {
  if ((await stat(file)).mtimeMs > quietSince) return;
  const { createGzip } = await import("node:zlib");
  const unfinished = `${file}.${process.pid}.tmp`;
  await pipeline(createReadStream(file), createGzip(), createWriteStream(unfinished, { mode: 0o600 }));
  await rename(unfinished, `${file}.gz`);
  await unlink(file);
}

async function removeIfOlder(file: string, than: number): Promise<void> {
  if ((await stat(file)).mtimeMs < than) await unlink(file);
}

/** Another app may have been quicker. */
async function unlessGone(work: Promise<void>): Promise<void> {
  await work.catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}
