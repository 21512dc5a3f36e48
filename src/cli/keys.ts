// `banyan keys create|list|revoke`: who may ask over HTTP. A running server reads the keys from the same database and heeds a change
// within seconds. stdout has the key alone, so that a script can take it; what there is to say of it is on stderr.
import { TIME } from "../actors/config/units.js";
import { type ApiKey, createKey, listKeys, revokeKey } from "../mcp/server/gate/api-keys.js";
import { USUAL_SCOPES } from "../mcp/server/gate/scopes.js";
import { BanyanError, plainText } from "../supervision/index.js";
import { withDatabase } from "./database.js";
import type { CommonOptions } from "./options.js";
import { printJson } from "./print-json.js";
import { pathsOf } from "./settings.js";
import { printTable } from "./table.js";
import { warn } from "./warn.js";

export interface CreateOptions extends CommonOptions {
  readonly scope?: readonly string[];
  readonly expires?: string;
}

const DAY_MS = 86_400_000;
const LONGEST_MS = 3_650 * DAY_MS;

export function createOne(name: string, options: CreateOptions): Promise<void> {
  const scopes = [...new Set(options.scope ?? USUAL_SCOPES)];
  const expiresAt = options.expires === undefined ? undefined : Date.now() + lifetime(options.expires);
  return withDatabase(pathsOf(options), async ({ store, audit }) => {
    const { key, stored } = await createKey(store, audit, { name, scopes, expiresAt });
    if (options.json) return printJson({ key, ...shown(stored) });
    process.stdout.write(`${key}\n`);
    const until = expiresAt === undefined ? "until it is revoked" : `until ${time(expiresAt)}`;
    warn(`the key ${stored.name} opens ${scopes.join(", ")} ${until}; it is shown this once, so keep it now`);
  });
}

export function listAll(options: CommonOptions): Promise<void> {
  return withDatabase(pathsOf(options), async ({ store }) => {
    const keys = await listKeys(store);
    if (options.json) return printJson(keys.map(shown));
    if (keys.length === 0) process.stdout.write("There is no key yet; banyan keys create NAME makes one.\n");
    printTable(
      ["NAME", "ID", "OPENS", "MADE", "EXPIRES", "LAST USED", "STATE"],
      keys.map(({ name, id, scopes, createdAt, expiresAt, usedAt, ...key }) => [
        name,
        id.slice(0, 8),
        scopes.join(" "),
        time(createdAt),
        expiresAt === undefined ? "never" : time(expiresAt),
        usedAt === undefined ? "never" : time(usedAt),
        stateOf({ expiresAt, ...key }),
      ]),
    );
  });
}

export function revokeOne(reference: string, options: CommonOptions): Promise<void> {
  return withDatabase(pathsOf(options), async ({ store, audit }) => {
    const key = await revokeKey(store, audit, reference);
    if (options.json) return printJson(shown(key));
    process.stdout.write(plainText(`The key ${key.name} opens nothing any more.\n`));
  });
}

function lifetime(written: string): number {
  const ms = TIME.parse(written);
  if (ms === undefined || ms <= 0 || ms > LONGEST_MS)
    throw new BanyanError(
      "usage",
      `${plainText(written)} is no lifetime of a key; write it as 12h or 30d, at most 3650d.`,
    );
  return ms;
}

function shown(key: ApiKey): object {
  const { id, name, scopes, createdAt, expiresAt, usedAt } = key;
  const at = (when: number | undefined) => (when === undefined ? null : new Date(when).toISOString());
  const times = { created: at(createdAt), expires: at(expiresAt), used: at(usedAt), revoked: at(key.revokedAt) };
  return { id, name, scopes, ...times, state: stateOf(key) };
}

function stateOf({ revokedAt, expiresAt }: Pick<ApiKey, "revokedAt" | "expiresAt">): string {
  if (revokedAt !== undefined) return "revoked";
  return expiresAt !== undefined && expiresAt <= Date.now() ? "expired" : "valid";
}

function time(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace("T", " ");
}
