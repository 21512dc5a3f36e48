// What goes with messages beside their text: files, pages, images. A content is kept once, under its hash, however many messages
// carry it; it goes with the last message that does (the database sees to that), and a fork carries it without a copy. In
// parts, so that none holds up the Store.
import { createHash } from "node:crypto";
import { readStep, writeStep } from "./steps.js";
import type { SessionDatabase } from "./stored-sessions.js";

const PART = 256 * 1024;
/** What was kept for a message that never came to be, its writer having been killed, is let go after so long. */
const UNUSED_MS = 24 * 60 * 60 * 1000;

/** Keeps a content; answers its hash. The same again does no harm. Rejects with StoreError. */
export async function keepContent(database: SessionDatabase, data: Uint8Array): Promise<string> {
  const hash = createHash("sha256").update(data).digest("hex");
  const parts = Math.max(1, Math.ceil(data.length / PART));
  for (let part = 0; part < parts; part++) {
    await writeStep(database, {
      sql: `INSERT INTO attachments (hash, part, data, created_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (hash, part) DO UPDATE SET created_at = excluded.created_at`,
      params: [hash, part, data.slice(part * PART, (part + 1) * PART), Date.now()],
    });
  }
  return hash;
}

/** A content that is `bytes` long; undefined when it is not there any more, or not whole. Rejects with StoreError. */
export async function readContent(
  database: SessionDatabase,
  hash: string,
  bytes: number,
): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let part = 0; ; part++) {
    const [row] = await readStep(database, {
      sql: "SELECT data FROM attachments WHERE hash = ? AND part = ?",
      params: [hash, part],
    });
    if (!(row?.data instanceof Uint8Array)) return undefined;
    parts.push(row.data);
    size += row.data.length;
    if (size >= bytes || row.data.length < PART) break;
  }
  return size === bytes ? Buffer.concat(parts) : undefined;
}

/** Lets go what no message carries. Rejects with StoreError. */
export async function sweepContents(database: SessionDatabase): Promise<void> {
  await writeStep(database, {
    sql: `DELETE FROM attachments WHERE created_at < ?
            AND NOT EXISTS (SELECT 1 FROM attachment_uses WHERE attachment_uses.hash = attachments.hash)`,
    params: [Date.now() - UNUSED_MS],
  });
}
