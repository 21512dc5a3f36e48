// A project's own file (.banyan/config.toml) comes with the project, so whoever wrote the project wrote it. Until the
// user has approved exactly this content once, it starts no program, changes no server, and decides over nothing but how
// things look and how much is logged. The record holds the SHA-256 of each approved file.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { withLock } from "./lock.js";
import { isTable, type Layer, leaves, serverBlocks, settingName, type Table } from "./merge.js";
import { replaceFile } from "./replace-file.js";
import type { Path } from "./schema.js";

/** What waits for the user: the servers that are not started and the settings that are not applied. */
export interface PendingApproval {
  readonly file: string;
  readonly sha256: string;
  readonly servers: readonly string[];
  readonly settings: readonly string[];
}

// Named are those that are free, so that a setting nobody thought of waits.
const FREE = ["ui", "breaker", "log.level"];

const record = z.record(z.string(), z.string());

/** What of a project's layer has to wait, or undefined when nothing has. */
export function pendingApproval(file: string, bytes: Uint8Array, layer: Layer, approvals: string | undefined) {
  const servers = serverBlocks(layer.values).map(({ name }) => name);
  const settings = leaves(layer.values)
    .filter((path) => path[0] !== "servers" && !isFree(path))
    .map(settingName);
  if (servers.length === 0 && settings.length === 0) return undefined;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (approvals !== undefined && readRecord(approvals)[file] === sha256) return undefined;
  return { file, sha256, servers, settings } satisfies PendingApproval;
}

/** What the user is told, in one sentence. */
export function pendingNotice({ file }: PendingApproval): string {
  return `${file} is not in force yet: it would decide over servers, models or approvals; look at it, then run banyan config approve.`;
}

/** The layer without the settings that wait; its servers stay and are marked. */
export function withoutHeldBack(layer: Layer): Layer {
  return { ...layer, values: freeOf(layer.values) };
}

function freeOf(values: Table, at: Path = []): Table {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => {
      const path = [...at, key];
      if (path[0] === "servers" || isFree(path)) return [[key, value]];
      if (!isTable(value)) return [];
      const free = freeOf(value, path);
      return Object.keys(free).length > 0 ? [[key, free]] : []; // an empty table may lack what it must have
    }),
  );
}

function isFree(path: Path): boolean {
  return FREE.some((free) => `${settingName(path)}.`.startsWith(`${free}.`));
}

/**
 * Approves what was shown to the user: `pending` as the load reported it, so that a file changed since then is asked
 * about again. `approvals` is the record's path (`paths.approvals`). Load again afterwards. Throws what the disk throws.
 */
export function approveProject(pending: PendingApproval, approvals: string): Promise<void> {
  return withLock(approvals, () => {
    const known = { ...readRecord(approvals), [pending.file]: pending.sha256 };
    replaceFile(approvals, `${JSON.stringify(known, null, 2)}\n`);
  });
}

/** Which plugins that came with a project may run: those of a project whose plugins the user has approved, also new and changed
 * ones, and those he has approved one by one. */
export function approvedPlugins(approvals: string): (project: string, folder: string) => boolean {
  const known = readRecord(approvals);
  return (project, folder) => `plugins of ${project}` in known || `plugin ${folder}` in known;
}

/** Approves all plugins of a project, or the one in `folder` alone. Both paths are absolute, `folder` is real. */
export function approvePlugins(project: string, approvals: string, folder?: string): Promise<void> {
  return withLock(approvals, () => {
    const entry = folder === undefined ? `plugins of ${project}` : `plugin ${folder}`;
    const known = { ...readRecord(approvals), [entry]: new Date().toISOString() };
    replaceFile(approvals, `${JSON.stringify(known, null, 2)}\n`);
  });
}

/** A record that is not there or cannot be read approves nothing: the user is asked again. */
function readRecord(approvals: string): Record<string, string> {
  try {
    return record.parse(JSON.parse(readFileSync(approvals, "utf8")));
  } catch {
    return {};
  }
}
