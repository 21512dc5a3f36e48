// Who comes in over HTTP: asked by a name of its own, by no strange page, and with a key where keys are asked for. That is everywhere but on
// this machine under its own names; there a key may be left out, and one that is brought is looked at all the same. A key opens what is
// Banyan's alone: it is never passed on to a server.
import { LRUCache } from "lru-cache";
import { isLoopback } from "../address.js";
import type { KeyRing } from "./key-ring.js";
import { askedAs, type OwnNames, type Said } from "./own-names.js";
import { KEYLESS, type Principal } from "./principal.js";
import type { Part } from "./scopes.js";

export interface DoorkeeperOptions {
  readonly names: OwnNames;
  readonly keys: KeyRing;
  /** Nobody needs a key, wherever they come from. */
  readonly noAuth: boolean;
}

export interface Visitor extends Said {
  readonly path: string;
  /** The Authorization header. */
  readonly authorization?: string | undefined;
}

/** Probes tell no more than a word, and whoever asks them, a balancer say, has no key. */
const OPEN_TO_ALL = new Set(["/health/live", "/health/ready"]);

/** What of a key opens which path, where MCP's own messages do not say it. */
const OPENED_BY: Readonly<Record<string, Part>> = {
  "/": "catalog",
  "/reindex": "manage",
  "/health": "metrics",
  "/metrics": "metrics",
  "/tree": "metrics",
};

export class Doorkeeper {
  /** What the last were asked as: nearly all ask by the same name, and to take an address apart costs more than all else here. */
  private readonly named = new LRUCache<string, { readonly name: string | undefined }>({ max: 100 });

  constructor(private readonly options: DoorkeeperOptions) {}

  /** Who it is, or what they are told instead. */
  letIn(visitor: Visitor): Principal | Response | Promise<Principal | Response> {
    const { names, noAuth } = this.options;
    const named = this.askedAs(visitor);
    if (named === undefined) return refused(403, this.onlyBy());
    if (OPEN_TO_ALL.has(visitor.path)) return KEYLESS;
    const { authorization } = visitor;
    if (authorization === undefined) {
      if (noAuth || (isLoopback(names.bound) && isLoopback(named))) return KEYLESS;
      return refused(401, "bring a key, as Authorization: Bearer KEY; banyan keys create NAME makes one", "");
    }
    return this.withKey(/^Bearer +(\S+) *$/i.exec(authorization)?.[1], visitor.path);
  }

  private async withKey(key: string | undefined, path: string): Promise<Principal | Response> {
    const principal = key === undefined ? undefined : await this.options.keys.holder(key);
    if (principal === undefined)
      return refused(401, "this key opens nothing; it may have been revoked", "invalid_token");
    const part = OPENED_BY[path];
    if (part !== undefined && !principal.permission.may(part))
      return refused(403, `the scopes of this key do not open this; it takes ${part}`, "insufficient_scope");
    return principal;
  }

  private askedAs(visitor: Visitor): string | undefined {
    const said = `${visitor.host}\n${visitor.origin}\n${visitor.address}`;
    let found = this.named.get(said);
    if (found === undefined) {
      found = { name: askedAs(this.options.names, visitor) };
      this.named.set(said, found);
    }
    return found.name;
  }

  private onlyBy(): string {
    const { bound, hosts, origins } = this.options.names;
    return isLoopback(bound) && hosts.length + origins.length === 0
      ? "only this machine may ask, by its own name"
      : "not by this Host or from this Origin; see server.hosts and server.origins";
  }
}

/** RFC 6750, section 3: with a word for why only where a key was brought. */
function refused(status: number, error: string, why?: string): Response {
  const challenge = why ? `Bearer realm="banyan", error="${why}"` : 'Bearer realm="banyan"';
  return Response.json({ error }, { status, headers: why === undefined ? {} : { "WWW-Authenticate": challenge } });
}
