// `banyan audit …`: the record of privileged actions, read from the database whether or not an app is running on it.
import { newestRows, verify } from "../actors/audit/chain.js";
import type { AuditRow } from "../actors/audit/entry.js";
import { BanyanError, plainText } from "../supervision/index.js";
import type { CommonOptions } from "./options.js";
import { printJson } from "./print-json.js";
import { pathsOf } from "./settings.js";

export interface AuditListOptions extends CommonOptions {
  readonly limit: number;
}

export function listAudit(options: AuditListOptions): void {
  const rows = newestRows(pathsOf(options).database, options.limit);
  if (options.json) printJson(rows.map((row) => ({ ...row, detail: parsed(row.detail) })));
  else if (rows.length === 0) process.stdout.write("No privileged action has been recorded.\n");
  else process.stdout.write(`${rows.map(lineOf).join("\n")}\n`);
}

export function verifyAudit(options: CommonOptions): void {
  const { rows, last, broken } = verify(pathsOf(options).database);
  if (options.json) {
    printJson({
      ok: broken === undefined,
      rows,
      last,
      ...(broken === undefined ? {} : { broken: { seq: broken.row.seq, why: broken.why } }),
    });
  } else if (broken === undefined) {
    const proof = rows === 0 ? "" : `; the last has the hash ${last}`;
    process.stdout.write(`The audit is whole: ${rows} ${rows === 1 ? "row" : "rows"}${proof}.\n`);
  }
  if (broken === undefined) return;
  const { seq, action, subject, at } = broken.row;
  throw new BanyanError(
    "audit_broken",
    `The audit is broken at row ${seq} (${action} ${subject}, ${time(at)}): ${broken.why}; ${rows} rows before it fit. Compare it with a backup.`,
  );
}

function lineOf({ seq, at, action, subject, project }: AuditRow): string {
  const text = `${String(seq).padStart(5)}  ${time(at)}  ${action.padEnd(15)}  ${subject}  (${project})`;
  return plainText(text).replace(/\n/g, " ");
}

/** A row that was tampered with may hold anything. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

function time(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString().replace(/\.\d+Z$/, "Z");
}
