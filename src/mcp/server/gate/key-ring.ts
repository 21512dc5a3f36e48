// The keys that open something now, as what listens has them at hand. Read from the Store every second while there are any, since keys are
// made and revoked by programs beside this one, and when somebody comes with a key that is not known yet: then once for all who
// wait, at most ten times a second, so that trying keys out is slow and costs next to nothing. While the Store cannot be read, those that
// were read last hold.
import { timingSafeEqual } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { hashOf, KEY, type KeyDatabase, livingKeys } from "./api-keys.js";
import type { Principal } from "./principal.js";
import { Permission } from "./scopes.js";

interface Held {
  readonly principal: Principal;
  readonly hash: Buffer;
  readonly expiresAt: number;
  usedAt: number;
}

/** When a key was used last is kept to the minute. */
const USED_MS = 60_000;
const SPACING_MS = 100;
const hashText = z.string().regex(/^[0-9a-f]{64}$/);

export class KeyRing {
  private held = new Map<string, Held>();
  private reading: Promise<void> | undefined;
  private used = new Map<string, number>();

  constructor(
    private readonly store: KeyDatabase,
    /** Is told of whose keys open nothing any more. */
    private readonly lost: (principal: Principal) => void,
  ) {}

  /** How many there are. */
  get size(): number {
    return this.held.size;
  }

  /** Whose key this is, if it is one that opens something. */
  async holder(key: string): Promise<Principal | undefined> {
    if (!KEY.test(key)) return undefined;
    const hash = Buffer.from(hashOf(key), "hex");
    return this.known(hash) ?? this.soon().then(() => this.known(hash));
  }

  /** Reads them anew. Rejects when the Store cannot be read. */
  async refresh(): Promise<void> {
    await this.writeUsed();
    const now = Date.now();
    const fresh = new Map<string, Held>();
    for (const { key, hash } of await livingKeys(this.store, now)) {
      if (!hashText.safeParse(hash).success) continue;
      const { id, name, scopes, expiresAt = Number.POSITIVE_INFINITY, usedAt = 0 } = key;
      const principal = this.held.get(id)?.principal ?? { id, name, permission: new Permission(scopes) };
      fresh.set(id, { principal, hash: Buffer.from(hash, "hex"), expiresAt, usedAt });
    }
    const before = this.held;
    this.held = fresh;
    for (const [id, { principal }] of before) if (!fresh.has(id)) this.lost(principal);
  }

  /** Looks at every key and at all of each, so that how long it takes tells nothing of any. */
  private known(hash: Buffer): Principal | undefined {
    let found: Held | undefined;
    for (const held of this.held.values()) if (timingSafeEqual(held.hash, hash)) found = held;
    const now = Date.now();
    if (found === undefined || found.expiresAt <= now) return undefined;
    if (now - found.usedAt >= USED_MS) {
      found.usedAt = now;
      this.used.set(found.principal.id, now);
    }
    return found.principal;
  }

  /** Once they have been read anew after now. */
  private soon(): Promise<void> {
    this.reading ??= sleep(SPACING_MS, undefined, { ref: false }).then(() => {
      this.reading = undefined;
      return this.refresh().catch(() => {}); // who reads them every second says so
    });
    return this.reading;
  }

  private async writeUsed(): Promise<void> {
    if (this.used.size === 0) return;
    const used = this.used;
    this.used = new Map();
    const sql = "UPDATE api_keys SET used_at = ? WHERE id = ?";
    await this.store.call.write(...Array.from(used, ([id, at]) => ({ sql, params: [at, id] })));
  }
}
