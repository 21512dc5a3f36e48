// What a server says when it refuses a request for want of a token or of a scope: the WWW-Authenticate header.
import { extractWWWAuthenticateParams } from "@modelcontextprotocol/sdk/client/auth.js";
import type { Challenge } from "./credentials.js";

/** The characters a scope may have (RFC 6749, 3.3), and spaces between scopes. */
const SCOPES = /^[\x20\x21\x23-\x5B\x5D-\x7E]{1,2000}$/;

/** `error` is the server's word for why, such as `insufficient_scope`. */
export function readChallenge(wwwAuthenticate: string | undefined): {
  readonly challenge: Challenge;
  readonly error: string | undefined;
} {
  const headers = new Headers(wwwAuthenticate === undefined ? {} : { "www-authenticate": wwwAuthenticate });
  const { scope, resourceMetadataUrl, error } = extractWWWAuthenticateParams(new Response(null, { headers }));
  const challenge = {
    ...(scope === undefined || !SCOPES.test(scope) ? {} : { scope }),
    ...(resourceMetadataUrl === undefined ? {} : { resourceMetadata: resourceMetadataUrl.href }),
  };
  return { challenge, error };
}
