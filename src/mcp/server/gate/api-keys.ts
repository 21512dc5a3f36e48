// API keys as they are stored: `bny_` and 32 random bytes, of which only the SHA-256 is kept. Nobody can be told a key again, and
// whoever has the database has no key. A fast hash is right here, since what is hashed cannot be guessed. Plain functions over
// a Store, for the command line and for what listens alike; making and revoking one is recorded in the audit, in one transaction with it.
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import { again } from "../../../actors/again.js";
import { type Recorder, recordAction } from "../../../actors/audit/audit.js";
import type { Store } from "../../../actors/store/store.js";
import { BanyanError, type Ref } from "../../../supervision/index.js";
import { scope } from "./scopes.js";

/** The part of the Store that is needed here; hand in a ref bound to the calling process. */
export type KeyDatabase = Ref<Pick<Store, "all" | "write">>;

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** Epoch milliseconds, as are the others. */
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
  /** To the minute. */
  readonly usedAt: number | undefined;
  readonly revokedAt: number | undefined;
}

/** There is no such key, or a key cannot be called so. Codes `no_key`, `key_name`, `too_many_keys`. */
export class ApiKeyError extends BanyanError {}

export const keyName = z
  .string()
  .trim()
  .regex(/^[^\p{C}]{1,80}$/u, { error: "a key's name is one line of 1 to 80 characters" });

/** What a key looks like. */
export const KEY = /^bny_[A-Za-z0-9_-]{43}$/;
const MOST_KEYS = 1_000;

const row = z.object({
  id: z.string(),
  name: z.string(),
  hash: z.string(),
  scopes: z.string().transform((json) => z.array(scope).parse(JSON.parse(json))),
  created_at: z.number(),
  expires_at: z.number().nullable(),
  used_at: z.number().nullable(),
  revoked_at: z.number().nullable(),
});

export function hashOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/** Makes a key; `key` is told this once. Rejects with {@link ApiKeyError}, and when it cannot be recorded: then there is none. */
export async function createKey(
  store: KeyDatabase,
  audit: Recorder,
  asked: { readonly name: string; readonly scopes: readonly string[]; readonly expiresAt: number | undefined },
): Promise<{ readonly key: string; readonly stored: ApiKey }> {
  const { scopes, expiresAt } = asked;
  const name = checked(keyName, asked.name);
  for (const one of scopes) checked(scope, one);
  const living = (await listKeys(store)).filter(({ revokedAt }) => revokedAt === undefined);
  if (living.some((other) => other.name === name))
    throw new ApiKeyError("key_name", `There is a key ${name}; revoke it, or choose another name.`);
  if (living.length >= MOST_KEYS)
    throw new ApiKeyError("too_many_keys", `There are ${MOST_KEYS} keys; revoke some with banyan keys revoke NAME.`);
  const key = `bny_${randomBytes(32).toString("base64url")}`;
  const id = randomUUID();
  const createdAt = Date.now();
  await recordAction(
    audit,
    { action: "key.create", subject: name, detail: { id, scopes, expiresAt } },
    {
      sql: "INSERT INTO api_keys (id, name, hash, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
      params: [id, name, hashOf(key), JSON.stringify(scopes), createdAt, expiresAt ?? null],
    },
  );
  return { key, stored: { id, name, scopes, createdAt, expiresAt, usedAt: undefined, revokedAt: undefined } };
}

/** Those that were revoked among them; the newest last. */
export async function listKeys(store: KeyDatabase): Promise<ApiKey[]> {
  // However many were revoked, the living are among them: who could not see one could not revoke it.
  const shown = "SELECT * FROM api_keys ORDER BY revoked_at IS NOT NULL, revoked_at DESC LIMIT ?";
  const sql = `SELECT * FROM (${shown}) ORDER BY revoked_at IS NULL, created_at, id`;
  return (await again(() => store.call.all({ sql, params: [2 * MOST_KEYS] }))).map((each) => keyOf(row.parse(each)));
}

/** By its name or id. Whatever was begun with it ends. Rejects with {@link ApiKeyError}. */
export async function revokeKey(store: KeyDatabase, audit: Recorder, reference: string): Promise<ApiKey> {
  const living = (await listKeys(store)).filter(({ revokedAt }) => revokedAt === undefined);
  const found = living.find(({ id }) => id === reference) ?? living.find(({ name }) => name === reference);
  if (found === undefined)
    throw new ApiKeyError("no_key", `There is no key ${reference}; banyan keys list shows what there is.`);
  const revokedAt = Date.now();
  await recordAction(
    audit,
    { action: "key.revoke", subject: found.name, detail: { id: found.id } },
    { sql: "UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", params: [revokedAt, found.id] },
  );
  return { ...found, revokedAt };
}

/** Those that open something now, with their hashes. */
export async function livingKeys(
  store: KeyDatabase,
  now: number,
): Promise<readonly { readonly key: ApiKey; readonly hash: string }[]> {
  const sql = "SELECT * FROM api_keys WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?) LIMIT ?";
  const rows = await store.call.all({ sql, params: [now, MOST_KEYS] });
  // One that was tampered with opens nothing, and keeps no other from it.
  return rows.flatMap((each) => {
    const found = readable(each);
    return found === undefined ? [] : [found];
  });
}

function readable(each: unknown): { readonly key: ApiKey; readonly hash: string } | undefined {
  try {
    const found = row.parse(each);
    return { key: keyOf(found), hash: found.hash };
  } catch {
    return undefined;
  }
}

function keyOf({ id, name, scopes, ...at }: z.infer<typeof row>): ApiKey {
  return {
    id,
    name,
    scopes,
    createdAt: at.created_at,
    expiresAt: at.expires_at ?? undefined,
    usedAt: at.used_at ?? undefined,
    revokedAt: at.revoked_at ?? undefined,
  };
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const why = result.error.issues[0]?.message ?? "it is not valid";
  throw new BanyanError("usage", `${why.charAt(0).toUpperCase()}${why.slice(1)}.`);
}
