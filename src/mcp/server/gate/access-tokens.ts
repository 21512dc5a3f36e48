// Access tokens in place of keys, where an authorization server is named: Banyan is a resource server of OAuth 2.1 then, as MCP's
// authorization has it. It says by whom it is guarded (RFC 9728), and takes signed tokens of that issuer that were made out to it
// (RFC 9068, RFC 8707), so that a token for another service opens nothing here. A token is Banyan's alone and is never passed on.
//
// What the issuer says of itself (RFC 8414) and its keys are read when the first token comes, and the keys again when a token is
// signed by one that is not known.
import { createHash } from "node:crypto";
import type { JWTPayload } from "jose";
import { LRUCache } from "lru-cache";
import { authorizationServerMetadata, sameIssuer } from "../../client/oauth/discovery.js";
import { SignInError } from "../../client/oauth/errors.js";
import { GuardedFetch } from "../../client/oauth/guarded-fetch.js";
import type { Principal } from "./principal.js";
import { Permission, SCOPE_WORDS, scope } from "./scopes.js";

export interface AccessTokenOptions {
  /** The authorization server, as it names itself. */
  readonly issuer: string;
  /** What tokens must be made out to: the address by which clients know this server. */
  readonly resource: () => string;
  /** What a token opens none of whose own scopes is a scope of ours. */
  readonly scopes: readonly string[];
}

/** A token that is none, is over, or is another's. The message says which. */
export class TokenRefused extends Error {}
/** The authorization server does not answer as it should; the same token may be good a moment later. */
export class IssuerAway extends Error {}

type Keys = import("jose").JWTVerifyGetKey;

/** No shared secrets: whoever can check such a token can make one. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
const CLOCKS_DIFFER_S = 30;
const MOST_TOKENS = 1_000;
const LONGEST_TOKEN = 8_192;
/** After a failure the issuer is left alone for so long. */
const PAUSE_MS = 2_000;
export const METADATA_PATH = "/.well-known/oauth-protected-resource";

export class AccessTokens {
  /** Those that were checked, by their hash, until they are over. */
  private readonly checked = new LRUCache<string, { readonly principal: Principal }>({ max: MOST_TOKENS });
  private readonly holders = new Map<string, { readonly principal: Principal; until: number }>();
  private keys: Promise<Keys> | undefined;

  constructor(
    private readonly options: AccessTokenOptions,
    /** Is told of those whose last token is over. */
    private readonly lost: (principal: Principal) => void,
  ) {}

  /** Whose token this is. Rejects with {@link TokenRefused} or {@link IssuerAway}. */
  async holder(token: string): Promise<Principal> {
    if (token.length > LONGEST_TOKEN) throw new TokenRefused(`a token has at most ${LONGEST_TOKEN} characters`);
    const hash = createHash("sha256").update(token).digest("base64");
    const known = this.checked.get(hash);
    if (known !== undefined) return known.principal;
    const claims = await this.claimsOf(token);
    const principal = principalOf(claims, this.options.scopes);
    const until = (claims.exp ?? 0) * 1_000 + CLOCKS_DIFFER_S * 1_000;
    const held = this.holders.get(principal.id);
    const entry = held ?? { principal, until };
    entry.until = Math.max(entry.until, until);
    this.holders.set(principal.id, entry);
    const ttl = until - Date.now();
    if (ttl > 0) this.checked.set(hash, { principal: entry.principal }, { ttl });
    return entry.principal;
  }

  /** Ends what was begun with tokens that are over now. */
  sweep(): void {
    const now = Date.now();
    for (const [id, { principal, until }] of this.holders) {
      if (until > now) continue;
      this.holders.delete(id);
      this.lost(principal);
    }
  }

  /** RFC 9728, section 2. */
  metadata(): object {
    return {
      resource: this.options.resource(),
      authorization_servers: [this.options.issuer],
      scopes_supported: SCOPE_WORDS,
      bearer_methods_supported: ["header"],
      resource_name: "Banyan",
    };
  }

  /** Where that is found, for whoever comes without a token (RFC 9728, section 5.1). */
  get metadataAddress(): string {
    const { origin, pathname } = new URL(this.options.resource());
    return `${origin}${METADATA_PATH}${pathname === "/" ? "" : pathname}`;
  }

  private async claimsOf(token: string): Promise<JWTPayload> {
    const [{ jwtVerify, errors }, keys] = await Promise.all([import("jose"), this.issuersKeys()]);
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: this.options.issuer,
        audience: audiences(this.options.resource()),
        algorithms: ALGORITHMS,
        clockTolerance: CLOCKS_DIFFER_S,
        requiredClaims: ["exp"],
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new TokenRefused("this token is over");
      if (error instanceof errors.JWTClaimValidationFailed)
        throw new TokenRefused(
          error.claim === "aud"
            ? `this token was not made out to ${this.options.resource()}`
            : `this token is not of ${this.options.issuer}, or not yet good`,
        );
      if (error instanceof errors.JWKSTimeout || error instanceof SignInError) throw away(this.options.issuer, error);
      if (error instanceof errors.JOSEError) throw new TokenRefused("this token opens nothing");
      throw away(this.options.issuer, error);
    }
  }

  private issuersKeys(): Promise<Keys> {
    this.keys ??= this.readKeys().catch((error: unknown) => {
      setTimeout(() => {
        this.keys = undefined;
      }, PAUSE_MS).unref();
      throw away(this.options.issuer, error);
    });
    return this.keys;
  }

  private async readKeys(): Promise<Keys> {
    const { issuer } = this.options;
    const { createRemoteJWKSet, customFetch } = await import("jose");
    const guarded = new GuardedFetch(new URL(issuer));
    const metadata = await authorizationServerMetadata(guarded, issuer);
    const address = metadata?.jwks_uri;
    if (metadata === undefined || !sameIssuer(metadata.issuer, issuer) || typeof address !== "string")
      throw new SignInError(`${issuer} does not say where its keys are`);
    return createRemoteJWKSet(new URL(address), {
      [customFetch]: async (url: string) => {
        const { status, text } = await guarded.fetch(url, { headers: { accept: "application/json" } });
        return new Response(text, { status });
      },
    });
  }
}

/** An address that ends in a slash is the same without it. */
function audiences(resource: string): string[] {
  const bare = resource.replace(/\/$/, "");
  return [bare, `${bare}/`];
}

/** One for each holder, program and set of scopes, so that a narrower token does not go on with what a wider one has begun. */
function principalOf(claims: JWTPayload, usual: readonly string[]): Principal {
  const program = [claims.client_id, claims.azp].find((id) => typeof id === "string");
  const who = claims.sub ?? program;
  if (typeof who !== "string" || who === "") throw new TokenRefused("this token does not say whose it is");
  const own = words(claims.scope ?? claims.scp).filter((word) => scope.safeParse(word).success);
  const scopes = own.length > 0 ? [...new Set(own)].sort() : usual;
  const id = createHash("sha256")
    .update(JSON.stringify([who, program, scopes]))
    .digest("base64url")
    .slice(0, 22);
  return { id: `token:${id}`, name: who.replace(/\p{C}/gu, "").slice(0, 80), permission: new Permission(scopes) };
}

/** As a text (RFC 9068), or as a list, as some issuers have it. */
function words(said: unknown): string[] {
  if (typeof said === "string") return said.split(" ");
  return Array.isArray(said) ? said.filter((word) => typeof word === "string") : [];
}

function away(issuer: string, cause: unknown): IssuerAway {
  return cause instanceof IssuerAway
    ? cause
    : new IssuerAway(`the authorization server ${issuer} cannot be asked now`, { cause });
}
