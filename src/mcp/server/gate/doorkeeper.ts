// Who comes in over HTTP: asked by a name of its own, by no strange page, and with a key where keys are asked for. That is everywhere but on
// this machine under its own names; there a key may be left out, and one that is brought is looked at all the same. Where an authorization
// server is named, a key or one of its tokens is asked for on this machine too, since a client only then goes and gets one. A key opens what
// is Banyan's alone: it is never passed on to a server.
import { LRUCache } from "lru-cache";
import { isLoopback } from "../address.js";
import { type AccessTokens, IssuerAway, METADATA_PATH, TokenRefused } from "./access-tokens.js";
import { KEY } from "./api-keys.js";
import type { KeyRing } from "./key-ring.js";
import { askedAs, type OwnNames, type Said } from "./own-names.js";
import { KEYLESS, type Principal } from "./principal.js";
import type { Part } from "./scopes.js";

export interface DoorkeeperOptions {
  readonly names: OwnNames;
  readonly keys: KeyRing;
  /** Absent: there are only keys. */
  readonly tokens?: AccessTokens | undefined;
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

/** By no name of its own; on this machine, under a name of that; or under another. */
type Named = "strange" | "here" | "elsewhere";

export class Doorkeeper {
  /** What the last were asked as: nearly all ask by the same name, and to take an address apart costs more than all else here. */
  private readonly named = new LRUCache<string, Named>({ max: 100 });

  constructor(private readonly options: DoorkeeperOptions) {}

  /** Who it is, or what they are told instead. */
  letIn(visitor: Visitor): Principal | Response | Promise<Principal | Response> {
    const { noAuth, tokens } = this.options;
    const named = this.askedAs(visitor);
    if (named === "strange") return refused(403, this.onlyBy());
    const { authorization, path } = visitor;
    if (OPEN_TO_ALL.has(path) || path.startsWith(METADATA_PATH)) return KEYLESS;
    if (authorization === undefined) {
      if (noAuth || (tokens === undefined && named === "here")) return KEYLESS;
      const how = "bring a key, as Authorization: Bearer KEY; banyan keys create NAME makes one";
      return this.challenged(401, tokens === undefined ? how : `${how}; or a token of the authorization server`);
    }
    return this.withKey(/^Bearer +(\S+) *$/i.exec(authorization)?.[1], path);
  }

  private async withKey(key: string | undefined, path: string): Promise<Principal | Response> {
    const found = key === undefined ? undefined : await this.holder(key);
    if (found === undefined)
      return this.challenged(401, "this key opens nothing; it may have been revoked", "invalid_token");
    if (found instanceof Response) return found;
    const part = OPENED_BY[path];
    if (part !== undefined && !found.permission.may(part))
      return this.challenged(
        403,
        `the scopes of this key do not open this; it takes ${part}`,
        "insufficient_scope",
        part,
      );
    return found;
  }

  private async holder(key: string): Promise<Principal | Response | undefined> {
    const { keys, tokens } = this.options;
    if (tokens === undefined || KEY.test(key)) return keys.holder(key);
    try {
      return await tokens.holder(key);
    } catch (error) {
      if (error instanceof TokenRefused) return this.challenged(401, error.message, "invalid_token");
      if (!(error instanceof IssuerAway)) throw error;
      return Response.json({ error: error.message }, { status: 503, headers: { "Retry-After": "2" } });
    }
  }

  /** RFC 6750, section 3: with a word for why only where a key was brought; and where tokens are had (RFC 9728, section 5.1). */
  private challenged(status: number, error: string, why?: string, scope?: string): Response {
    const { tokens } = this.options;
    const said = [
      'realm="banyan"',
      ...(why === undefined ? [] : [`error="${why}"`]),
      ...(scope === undefined ? [] : [`scope="${scope}"`]),
      ...(tokens === undefined ? [] : [`resource_metadata="${tokens.metadataAddress}"`]),
    ];
    return refused(status, error, { "WWW-Authenticate": `Bearer ${said.join(", ")}` });
  }

  private askedAs(visitor: Visitor): Named {
    const said = `${visitor.host}\n${visitor.origin}\n${visitor.address}`;
    let found = this.named.get(said);
    if (found === undefined) {
      const { names } = this.options;
      const name = askedAs(names, visitor);
      const isHere = name !== undefined && isLoopback(names.bound) && isLoopback(name);
      found = name === undefined ? "strange" : isHere ? "here" : "elsewhere";
      this.named.set(said, found);
    }
    return found;
  }

  private onlyBy(): string {
    const { bound, hosts, origins } = this.options.names;
    return isLoopback(bound) && hosts.length + origins.length === 0
      ? "only this machine may ask, by its own name"
      : "not by this Host or from this Origin; see server.hosts and server.origins";
  }
}

function refused(status: number, error: string, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json({ error }, { status, headers });
}
