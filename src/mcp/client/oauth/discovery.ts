// Which authorization server guards a server, and what it can do. The server names it in its protected-resource metadata (RFC
// 9728); its own metadata lies at a well-known place (RFC 8414, or OpenID Connect's). A server older than 2025-06-18 has no
// such metadata: there its own origin is the authorization server, at fixed paths if it says nothing at all.
//
// The SDK's discovery takes any failure for "has none" and compares no issuer, so only its schemas and its list of places are used.
import { buildDiscoveryUrls } from "@modelcontextprotocol/sdk/client/auth.js";
import {
  type AuthorizationServerMetadata,
  OAuthMetadataSchema,
  OAuthProtectedResourceMetadataSchema,
  OpenIdProviderDiscoveryMetadataSchema,
} from "@modelcontextprotocol/sdk/shared/auth.js";
import { checkResourceAllowed, resourceUrlFromServerUrl } from "@modelcontextprotocol/sdk/shared/auth-utils.js";
import { LATEST_PROTOCOL_VERSION } from "@modelcontextprotocol/sdk/types.js";
import type { z } from "zod";
import { SignInError } from "./errors.js";
import type { GuardedFetch } from "./guarded-fetch.js";

export interface AuthorizationServer {
  /** What tokens and clients are bound to. */
  readonly issuer: string;
  readonly metadata: AuthorizationServerMetadata;
  /** What the token is asked for (RFC 8707). */
  readonly resource: string;
  /** The scopes the server lists, if it does. */
  readonly scopes: readonly string[] | undefined;
}

/** Asks the server at `server`, at `resourceMetadata` if its challenge named that place. Throws a {@link SignInError}. */
export async function discover(
  guarded: GuardedFetch,
  server: URL,
  resourceMetadata?: string,
): Promise<AuthorizationServer> {
  const told = resourceMetadata === undefined ? [] : [resourceMetadata];
  const places = new Set([...told, ...resourceMetadataPlaces(server)]);
  const about = await firstJson(guarded, places, OAuthProtectedResourceMetadataSchema);
  const named = about?.authorization_servers?.[0];
  const expected = resourceUrlFromServerUrl(server);
  if (about === undefined || named === undefined) {
    return { ...(await ownAuthorizationServer(guarded, server)), resource: expected.href, scopes: undefined };
  }
  if (!checkResourceAllowed({ requestedResource: expected, configuredResource: about.resource })) {
    throw new SignInError(
      `the server says that it is ${about.resource}, not ${expected.href}; a token for it is not asked for`,
    );
  }
  const metadata = await authorizationServerMetadata(guarded, named);
  if (metadata === undefined) throw new SignInError(`the authorization server ${named} says nothing of itself`);
  if (!sameIssuer(metadata.issuer, named)) {
    throw new SignInError(`the authorization server ${named} says that it is ${metadata.issuer}; it is not trusted`);
  }
  return { issuer: metadata.issuer, metadata, resource: about.resource, scopes: about.scopes_supported };
}

/** As in the protocol's versions before 2025-06-18. */
async function ownAuthorizationServer(
  guarded: GuardedFetch,
  server: URL,
): Promise<Pick<AuthorizationServer, "issuer" | "metadata">> {
  const { origin } = server;
  const found = await authorizationServerMetadata(guarded, origin);
  if (found !== undefined) {
    if (!URL.canParse(found.issuer) || new URL(found.issuer).origin !== origin) {
      throw new SignInError(`the authorization server at ${origin} says that it is ${found.issuer}; it is not trusted`);
    }
    return { issuer: found.issuer, metadata: found };
  }
  const metadata = {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    registration_endpoint: `${origin}/register`,
    response_types_supported: ["code"],
    code_challenge_methods_supported: ["S256"],
  };
  return { issuer: origin, metadata };
}

function resourceMetadataPlaces(server: URL): string[] {
  const root = `${server.origin}/.well-known/oauth-protected-resource`;
  const path = server.pathname.replace(/\/$/, "");
  return path === "" ? [root] : [`${root}${path}${server.search}`, root];
}

/** What an authorization server says of itself; undefined if it says nothing. Rejects with a {@link SignInError}. */
export async function authorizationServerMetadata(
  guarded: GuardedFetch,
  authorizationServer: string,
): Promise<AuthorizationServerMetadata | undefined> {
  await guarded.check(authorizationServer);
  for (const { url, type } of buildDiscoveryUrls(authorizationServer)) {
    const schema = type === "oauth" ? OAuthMetadataSchema : OpenIdProviderDiscoveryMetadataSchema;
    const found = await firstJson<AuthorizationServerMetadata>(guarded, [url.href], schema);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** From the first place that has something; undefined if none has. */
async function firstJson<T>(
  guarded: GuardedFetch,
  places: Iterable<string>,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const headers = { accept: "application/json", "mcp-protocol-version": LATEST_PROTOCOL_VERSION };
  for (const place of places) {
    const { status, text } = await guarded.fetch(place, { headers });
    if (status >= 400 && status < 500) continue;
    if (status >= 500) throw new SignInError(`${place} answers ${status}; try again later`, { permanent: false });
    return read(text, schema, place);
  }
  return undefined;
}

function read<T>(text: string, schema: z.ZodType<T>, place: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new SignInError(`what ${place} says is no metadata of an authorization server or a protected resource`, {
      cause: error,
    });
  }
}

/** Alike but for one slash at the end, which parsing a URL adds. */
export function sameIssuer(a: string, b: string): boolean {
  return a === b || `${a}/` === b || a === `${b}/`;
}
