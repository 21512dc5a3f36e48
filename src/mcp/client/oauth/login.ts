// Signing in to a server, by the user's browser: the authorization code grant with PKCE (S256), a state, the resource the token is
// for, and the issuer compared (RFC 9207). It needs no connection to the server, so a command of its own can do it while the app runs;
// what the server asked for last stands in the credentials.
import { startAuthorization } from "@modelcontextprotocol/sdk/client/auth.js";
import { readChallenge } from "./challenge.js";
import type { Challenge, Client, CredentialFile } from "./credentials.js";
import { type AuthorizationServer, discover } from "./discovery.js";
import { SignInError } from "./errors.js";
import { GuardedFetch } from "./guarded-fetch.js";
import { RedirectServer } from "./redirect-server.js";
import { scopesToAsk } from "./scopes.js";
import type { OAuthSettings } from "./settings.js";
import { configuredClient, type ProvableClient, register, requestTokens } from "./token-requests.js";

export interface LoginOptions {
  readonly server: URL;
  readonly settings: OAuthSettings;
  readonly credentials: CredentialFile;
  /** Is given the address to open in the user's browser: http or https, whatever the server said. */
  readonly show: (address: string) => void | Promise<void>;
  /** Milliseconds to wait for the user; five minutes. */
  readonly patienceMs?: number;
}

/** Resolves when the tokens are on disk. Rejects with a {@link SignInError}. */
export async function login({ server, settings, credentials, show, patienceMs }: LoginOptions): Promise<void> {
  const guarded = new GuardedFetch(server);
  const known = credentials.read();
  const challenge = known.challenge ?? (await challengeOf(server, guarded));
  const authorization = await discover(guarded, server, challenge.resourceMetadata);
  const { issuer, metadata } = authorization;
  if (metadata.code_challenge_methods_supported?.includes("S256") !== true) {
    throw new SignInError(`${issuer} does not say that it takes PKCE with S256, without which a sign-in is not safe`);
  }
  await guarded.check(metadata.authorization_endpoint);
  const before = known.issuer === issuer ? known : undefined;
  const scope = scopesToAsk(authorization, settings, challenge.scope, before?.tokens?.scope);
  const port = settings.redirectPort ?? before?.client?.redirectPort ?? 0;
  const redirect = await RedirectServer.open(port, {
    orAny: settings.redirectPort === undefined,
    ...(patienceMs === undefined ? {} : { patienceMs }),
  });
  try {
    const client = await clientFor(guarded, authorization, settings, before?.client, redirect, scope);
    const { authorizationUrl, codeVerifier } = await startAuthorization(issuer, {
      metadata,
      clientInformation: { client_id: client.id },
      redirectUrl: redirect.uri,
      state: redirect.state,
      resource: authorization.resource,
      ...(scope === undefined ? {} : { scope }),
    });
    await show(authorizationUrl.href);
    const { code, issuer: answered } = await redirect.answer;
    checkIssuer(authorization, answered);
    const grant = { grant_type: "authorization_code", code, code_verifier: codeVerifier, redirect_uri: redirect.uri };
    const tokens = await requestTokens(guarded, authorization, client, grant, scope);
    // A client of the settings stays there, with its secret.
    const registered = configuredClient(settings) === undefined ? { client } : {};
    await credentials.update(() => ({ server: server.href, issuer, tokens, ...registered }));
  } finally {
    redirect.close();
  }
}

async function clientFor(
  guarded: GuardedFetch,
  authorization: AuthorizationServer,
  settings: OAuthSettings,
  known: Client | undefined,
  redirect: RedirectServer,
  scope: string | undefined,
): Promise<ProvableClient> {
  const configured = configuredClient(settings);
  if (configured !== undefined) return configured;
  const { clientMetadataUrl } = settings;
  if (clientMetadataUrl !== undefined && authorization.metadata.client_id_metadata_document_supported === true) {
    return { id: clientMetadataUrl };
  }
  const expired = known?.expiresAt !== undefined && known.expiresAt * 1_000 <= Date.now();
  if (known?.redirectPort === redirect.port && !expired) return known;
  return register(guarded, authorization, redirect, scope);
}

/** The answer must come from who was asked, or another authorization server could have mixed itself in. */
function checkIssuer({ issuer, metadata }: AuthorizationServer, answered: string | undefined): void {
  const promised =
    "authorization_response_iss_parameter_supported" in metadata &&
    metadata.authorization_response_iss_parameter_supported;
  if (answered === undefined ? promised === true : answered !== issuer) {
    throw new SignInError(
      `the browser came back from ${answered ?? "an unnamed place"}, not from ${issuer}; start again`,
    );
  }
}

/** What the server asks for, from its refusal of a request without a token. */
async function challengeOf(server: URL, guarded: GuardedFetch): Promise<Challenge> {
  const { status, headers } = await guarded.fetch(server, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
  });
  return status === 401 ? readChallenge(headers.get("www-authenticate") ?? undefined).challenge : {};
}
