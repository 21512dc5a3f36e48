// Who the daemon of a state folder is. `daemon.json` is written by whoever starts it, with its keeper, and again by its app once that
// listens; beside it `daemon.pid` holds the app's pid and nothing else, for scripts. What a file says counts only while the very
// process runs that it was said of, so what a power cut or `kill -9` leaves behind does no harm, nor does a pid that has been given to
// another program since.
import { readFileSync, rmSync, statSync } from "node:fs";
import { uptime } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "../config/replace-file.js";
import { isAlive, type Owner } from "../run-owner.js";
import { type StderrFile, stderrFile } from "./stderr-file.js";

export interface DaemonFiles {
  readonly record: string;
  readonly pid: string;
  readonly deaths: string;
  readonly stderr: StderrFile;
}

export function daemonFiles({ state, logs }: { readonly state: string; readonly logs: string }): DaemonFiles {
  const of = (name: string): string => join(state, name);
  return { record: of("daemon.json"), pid: of("daemon.pid"), deaths: of("daemon.death"), stderr: stderrFile(logs) };
}

const owner = z.object({ pid: z.int().min(2), started: z.string().max(200) });
const app = z.object({ ...owner.shape, url: z.url().max(1_000), since: z.number() });
const recordSchema = z.object({ keeper: owner.optional(), app: app.optional() });

/** An app that listens. */
export type DaemonApp = Owner & { readonly url: string; readonly since: number };

/** What runs of the daemon. */
export interface Daemon {
  readonly keeper?: Owner;
  /** Absent while it starts, or waits to be started again. */
  readonly app?: DaemonApp;
}

/** Undefined: nothing of it runs. */
export function findDaemon(files: DaemonFiles): Daemon | undefined {
  const { keeper, app } = readRecord(files.record);
  const runs = (one: Owner): boolean => isAlive(one) && (one.started !== "" || isOfThisBoot(files.record));
  const found = {
    ...(keeper !== undefined && runs(keeper) ? { keeper } : {}),
    ...(app !== undefined && runs(app) ? { app } : {}),
  };
  if (found.keeper === undefined && found.app === undefined) return undefined;
  return found;
}

/** Forgets what was before. */
export function writeKeeper(files: DaemonFiles, keeper: Owner): void {
  forgetDaemon(files);
  replaceFile(files.record, JSON.stringify({ keeper }));
}

/** Called by the app itself. */
export function writeApp(files: DaemonFiles, app: DaemonApp): void {
  const { keeper } = findDaemon(files) ?? {};
  replaceFile(files.record, JSON.stringify({ keeper, app }));
  replaceFile(files.pid, `${app.pid}\n`);
}

/** Called by an app that ends. */
export function forgetApp(files: DaemonFiles, pid: number): void {
  if (readRecord(files.record).app?.pid === pid) rmSync(files.pid, { force: true });
}

/** Called when nothing of it runs any more, for it was told to end. */
export function forgetDaemon({ record, pid, deaths }: DaemonFiles): void {
  for (const file of [record, pid, deaths]) rmSync(file, { force: true });
}

/** Windows does not say when a process started; but what ran before the machine started runs no more, whoever has its pid. */
function isOfThisBoot(file: string): boolean {
  const writtenAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return writtenAt >= Date.now() - uptime() * 1_000;
}

function readRecord(file: string): z.infer<typeof recordSchema> {
  try {
    return recordSchema.catch({}).parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}
