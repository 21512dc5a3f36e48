// The tokens of one server, for the requests to it. A token that has run out or is refused is
// replaced by the refresh token, once for all the requests that wait for it, and once among all programs that use the same file.
// Where only the user can help, the request fails with an error that says so; a scope that is missing is kept for the sign-in.
//
// Not the SDK's `auth` behind its transports: that asks for a new sign-in when the authorization server is only away, answers a
// missing scope with a refresh that cannot give it, and refreshes once for each request.
import { messageOf } from "../../../supervision/errors.js";
import type { Authorizer, Refusal } from "../http/authorizer.js";
import { readChallenge } from "./challenge.js";
import type { Challenge, CredentialFile, Credentials, Tokens } from "./credentials.js";
import { type AuthorizationServer, discover } from "./discovery.js";
import { OAuthRefusal, ScopeNeededError, SignInError, SignInNeededError } from "./errors.js";
import { GuardedFetch } from "./guarded-fetch.js";
import { isGranted, scopesToAsk } from "./scopes.js";
import type { OAuthSettings } from "./settings.js";
import { configuredClient, requestTokens } from "./token-requests.js";

export interface AuthorizerOptions {
  /** The configured name of the server; for messages. */
  readonly name: string;
  readonly server: URL;
  readonly settings: OAuthSettings;
  readonly credentials: CredentialFile;
}

/** Of one request: without a token or with an old one, with a new one, and with one that may more. */
const MOST_TRIES = 3;
/** Refusals after which what was stored is worth nothing. */
const LOST_TOKEN = ["invalid_grant"];
const LOST_CLIENT = ["invalid_client", "unauthorized_client"];

export class OAuthAuthorizer implements Authorizer {
  private readonly guarded: GuardedFetch;
  private tokens: Tokens | undefined;
  private renewing: Promise<Tokens> | undefined;

  constructor(private readonly options: AuthorizerOptions) {
    this.guarded = new GuardedFetch(options.server);
    this.tokens = options.credentials.read().tokens;
  }

  async authorization(): Promise<string | undefined> {
    const { tokens } = this;
    const usable = tokens === undefined || !hasRunOut(tokens) ? tokens : await this.renew(tokens, undefined);
    return usable === undefined ? undefined : bearer(usable);
  }

  async refused({ status, wwwAuthenticate, sent, times }: Refusal): Promise<boolean> {
    const { name } = this.options;
    const { challenge, error } = readChallenge(wwwAuthenticate);
    if (status === 403 && error !== "insufficient_scope") return false;
    if (times >= MOST_TRIES) {
      throw new SignInError(
        `the server "${name}" refuses the token it has just been given; sign in again: banyan servers login ${name}`,
      );
    }
    const used = this.tokens !== undefined && bearer(this.tokens) === sent ? this.tokens : undefined;
    if (this.tokens !== undefined && used === undefined) return true; // replaced since the request was sent
    if (status === 403) await this.stepUp(used, challenge);
    else await this.renew(used, challenge);
    return true;
  }

  /** A token in the place of the one that was refused. Whoever asks meanwhile gets the same. */
  private renew(refused: Tokens | undefined, challenge: Challenge | undefined): Promise<Tokens> {
    this.renewing ??= this.replace(refused, challenge, undefined).finally(() => {
      this.renewing = undefined;
    });
    return this.renewing;
  }

  /** A token that may more; for a client that signs in as itself. A user is asked, and what there is goes on working. */
  private async stepUp(refused: Tokens | undefined, challenge: Challenge): Promise<Tokens> {
    const { name, settings, credentials } = this.options;
    const { tokens } = credentials.read();
    if (tokens !== undefined && tokens.access !== refused?.access) {
      this.tokens = tokens; // the user has signed in meanwhile
      return tokens;
    }
    const { scope } = challenge;
    if (scope === undefined || isGranted(scope, refused?.scope)) {
      const what =
        scope === undefined ? "its token may not do that" : `it asks for the scope ${scope}, which was granted`;
      throw new SignInError(`the server "${name}" refuses the request: ${what}`);
    }
    if (settings.grant === "client_credentials") return this.replace(refused, challenge, refused?.scope);
    await credentials.update((before) => ({ ...before, challenge }));
    throw new ScopeNeededError(name, scope);
  }

  /** Under the lock of the file: another program may have done it already. */
  private async replace(
    refused: Tokens | undefined,
    challenge: Challenge | undefined,
    granted: string | undefined,
  ): Promise<Tokens> {
    const { name, credentials } = this.options;
    let needed: SignInNeededError | undefined;
    const after = await credentials.update(async (before) => {
      const { tokens } = before;
      if (tokens !== undefined && tokens.access !== refused?.access && !hasRunOut(tokens)) return before;
      try {
        return await this.renewed(before, challenge, granted);
      } catch (error) {
        if (!(error instanceof OAuthRefusal)) throw error;
        const lost = [...LOST_TOKEN, ...LOST_CLIENT].includes(error.error);
        if (!lost || this.options.settings.grant === "client_credentials") throw error;
        needed = new SignInNeededError(name, `the sign-in has ended: ${messageOf(error)}`);
        const { client, tokens: _, ...rest } = before;
        return {
          ...rest,
          ...(client === undefined || LOST_CLIENT.includes(error.error) ? {} : { client }),
        };
      }
    });
    this.tokens = after.tokens;
    if (after.tokens !== undefined && needed === undefined && after.tokens.access !== refused?.access)
      return after.tokens;
    throw needed ?? new SignInNeededError(name, refused === undefined ? undefined : "its token is not taken any more");
  }

  /** What the file is to hold: new tokens, or what it held where there are no means to get some. */
  private async renewed(
    before: Credentials,
    challenge: Challenge | undefined,
    granted: string | undefined,
  ): Promise<Credentials> {
    const { server, settings } = this.options;
    const own = settings.grant === "client_credentials";
    if (!own && before.tokens?.refresh === undefined) return before;
    const client = configuredClient(settings) ?? before.client;
    if (client === undefined) {
      if (own) throw new SignInError("the grant client_credentials needs a client_id in the server's oauth settings");
      return before;
    }
    const authorization = await discover(this.guarded, server, challenge?.resourceMetadata);
    this.checkBound(authorization, before.issuer);
    const { issuer } = authorization;
    if (own) {
      const scope = scopesToAsk(authorization, settings, challenge?.scope, granted);
      const grant = { grant_type: "client_credentials", ...(scope === undefined ? {} : { scope }) };
      return { ...before, issuer, tokens: await requestTokens(this.guarded, authorization, client, grant, scope) };
    }
    const refresh = before.tokens?.refresh ?? "";
    const grant = { grant_type: "refresh_token", refresh_token: refresh };
    const fresh = await requestTokens(this.guarded, authorization, client, grant, before.tokens?.scope);
    return { ...before, issuer, tokens: { refresh, ...fresh } };
  }

  /** No secret goes to an authorization server that the server names all of a sudden. */
  private checkBound({ issuer }: AuthorizationServer, bound: string | undefined): void {
    const { name } = this.options;
    if (bound === undefined || bound === issuer) return;
    throw new SignInError(
      `the server "${name}" now names ${issuer} for its sign-in, not ${bound}; if that is meant, run: banyan servers logout ${name}`,
    );
  }
}

function hasRunOut({ expiresAt }: Tokens): boolean {
  return expiresAt !== undefined && expiresAt <= Date.now();
}

function bearer({ access }: Tokens): string {
  return `Bearer ${access}`;
}
