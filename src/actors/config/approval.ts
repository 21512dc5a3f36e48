// A project's own file (.banyan/config.toml) comes with the project, so whoever wrote the project wrote it. Until the
// user has approved exactly this content once, it starts no program, changes no server, and decides neither over
// approvals nor over who is told of alerts, nor over the model, what the model is told and costs, and where it and its keys are,
// nor over what is kept of the database. The record holds the SHA-256 of each approved file.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { type Layer, leaves, serverBlocks, settingName } from "./merge.js";

/** What waits for the user: the servers that are not started and the settings that are not applied. */
export interface PendingApproval {
  readonly file: string;
  readonly sha256: string;
  readonly servers: readonly string[];
  readonly settings: readonly string[];
}

const HELD_BACK = ["model", "chat", "limits", "providers", "approvals", "bundled", "health", "store"];

const record = z.record(z.string(), z.string());

/** What of a project's layer has to wait, or undefined when nothing has. */
export function pendingApproval(file: string, bytes: Uint8Array, layer: Layer, approvals: string | undefined) {
  const servers = serverBlocks(layer.values).map(({ name }) => name);
  const settings = leaves(layer.values)
    .filter(([section]) => HELD_BACK.includes(String(section)))
    .map(settingName);
  if (servers.length === 0 && settings.length === 0) return undefined;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (approvals !== undefined && readRecord(approvals)[file] === sha256) return undefined;
  return { file, sha256, servers, settings } satisfies PendingApproval;
}

/** The layer without the settings that wait; its servers stay and are marked. */
export function withoutHeldBack(layer: Layer): Layer {
  const kept = Object.entries(layer.values).filter(([section]) => !HELD_BACK.includes(section));
  return { ...layer, values: Object.fromEntries(kept) };
}

/**
 * Approves what was shown to the user: `pending` as the load reported it, so that a file changed since then is asked
 * about again. `approvals` is the record's path (`paths.approvals`). Load again afterwards. Throws what the disk throws.
 */
export function approveProject(pending: PendingApproval, approvals: string): void {
  const known = { ...readRecord(approvals), [pending.file]: pending.sha256 };
  mkdirSync(dirname(approvals), { recursive: true, mode: 0o700 });
  const fresh = `${approvals}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(known, null, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, approvals);
}

/** A record that is not there or cannot be read approves nothing: the user is asked again. */
function readRecord(approvals: string): Record<string, string> {
  try {
    return record.parse(JSON.parse(readFileSync(approvals, "utf8")));
  } catch {
    return {};
  }
}
