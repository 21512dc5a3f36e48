// What is asked of an authorization server behind the browser's back: to register this client, and to give a token for a code, a
// refresh token or the client itself. Every refusal becomes an {@link OAuthRefusal} with the server's own word.
import { createPrivateKey } from "node:crypto";
import { selectClientAuthMethod } from "@modelcontextprotocol/sdk/client/auth.js";
import { OAuthClientInformationFullSchema, OAuthTokensSchema } from "@modelcontextprotocol/sdk/shared/auth.js";
import { z } from "zod";
import { keepSecret } from "../../../actors/telemetry/redact.js";
import { plainText } from "../../../supervision/plain-text.js";
import type { Client, Tokens } from "./credentials.js";
import type { AuthorizationServer } from "./discovery.js";
import { OAuthRefusal, SignInError } from "./errors.js";
import type { GuardedAnswer, GuardedFetch } from "./guarded-fetch.js";
import type { OAuthSettings } from "./settings.js";

/** A client, and the key it may prove itself with. */
export type ProvableClient = Client & { readonly privateKey?: string };

const refusal = z.object({ error: z.string().max(100), error_description: z.string().optional() });
const LONGEST_WORDS = 300;

/** The client the settings name, if they do. */
export function configuredClient({ clientId, clientSecret, privateKey }: OAuthSettings): ProvableClient | undefined {
  if (clientId === undefined) return undefined;
  return {
    id: clientId,
    ...(clientSecret === undefined ? {} : { secret: clientSecret }),
    ...(privateKey === undefined ? {} : { privateKey }),
  };
}

/** Dynamic registration (RFC 7591) of a program on the user's machine, which can keep no secret. */
export async function register(
  guarded: GuardedFetch,
  { issuer, metadata }: AuthorizationServer,
  redirect: { readonly uri: string; readonly port: number },
  scope: string | undefined,
): Promise<Client> {
  if (metadata.registration_endpoint === undefined) {
    throw new SignInError(
      `${issuer} registers no clients by itself; register Banyan there by hand and set client_id in the server's oauth settings`,
    );
  }
  const methods = metadata.token_endpoint_auth_methods_supported ?? ["none"];
  const answer = await guarded.fetch(metadata.registration_endpoint, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({
      client_name: "Banyan",
      application_type: "native",
      redirect_uris: [redirect.uri],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: methods.includes("none") ? "none" : methods[0],
      ...(scope === undefined ? {} : { scope }),
    }),
  });
  const made = read(answer, OAuthClientInformationFullSchema, issuer, "a registration of Banyan");
  if (made.client_secret !== undefined) keepSecret(made.client_secret);
  return {
    id: made.client_id,
    redirectPort: redirect.port,
    ...(made.client_secret === undefined ? {} : { secret: made.client_secret }),
    ...(made.token_endpoint_auth_method === undefined ? {} : { authMethod: made.token_endpoint_auth_method }),
    ...(made.client_secret_expires_at ? { expiresAt: made.client_secret_expires_at } : {}),
  };
}

/** Asks for a token with the given grant; `scope` is what was asked for, and taken for granted if the answer names none. */
export async function requestTokens(
  guarded: GuardedFetch,
  server: AuthorizationServer,
  client: ProvableClient,
  grant: Readonly<Record<string, string>>,
  scope: string | undefined,
): Promise<Tokens> {
  const { issuer, metadata, resource } = server;
  const form = new URLSearchParams({ ...grant, resource });
  const headers: Record<string, string> = {
    "content-type": "application/x-www-form-urlencoded",
    accept: "application/json",
  };
  await prove(client, server, headers, form);
  const answer = await guarded.fetch(metadata.token_endpoint, { method: "POST", headers, body: form.toString() });
  const found = read(answer, OAuthTokensSchema, issuer, "a token");
  if (found.token_type.toLowerCase() !== "bearer") {
    throw new SignInError(`${issuer} gives tokens of the type ${plainText(found.token_type)}, which Banyan cannot use`);
  }
  // It is to stand in a header.
  if (!/^[\x21-\x7e]{1,16384}$/.test(found.access_token)) throw new SignInError(`${issuer} gives a token that is none`);
  for (const secret of [found.access_token, found.refresh_token]) if (secret !== undefined) keepSecret(secret);
  const granted = found.scope ?? scope;
  return {
    access: found.access_token,
    ...(found.refresh_token === undefined ? {} : { refresh: found.refresh_token }),
    ...(found.expires_in === undefined ? {} : { expiresAt: Date.now() + found.expires_in * 1_000 }),
    ...(granted === undefined ? {} : { scope: granted }),
  };
}

/** Says who the client is, in the way the authorization server takes. */
async function prove(
  client: ProvableClient,
  { metadata, issuer }: AuthorizationServer,
  headers: Record<string, string>,
  form: URLSearchParams,
): Promise<void> {
  if (client.privateKey !== undefined) {
    const { createPrivateKeyJwtAuth } = await import("@modelcontextprotocol/sdk/client/auth-extensions.js");
    const { privateKey, id } = client;
    const assert = createPrivateKeyJwtAuth({
      issuer: id,
      subject: id,
      privateKey,
      alg: algorithmOf(privateKey),
      audience: issuer,
    });
    return assert(new Headers(), form, metadata.token_endpoint, metadata);
  }
  const information = {
    client_id: client.id,
    ...(client.secret === undefined ? {} : { client_secret: client.secret }),
    ...(client.authMethod === undefined ? {} : { token_endpoint_auth_method: client.authMethod }),
  };
  const method = selectClientAuthMethod(information, metadata.token_endpoint_auth_methods_supported ?? []);
  if (method === "client_secret_basic") {
    // Each half is encoded first (RFC 6749, 2.3.1), which the SDK leaves out.
    const pair = `${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret ?? "")}`;
    headers.authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
    return;
  }
  form.set("client_id", client.id);
  if (method === "client_secret_post" && client.secret !== undefined) form.set("client_secret", client.secret);
}

function algorithmOf(pem: string): string {
  try {
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPrivateKey(pem);
    if (type === "rsa") return "RS256";
    const curves: Readonly<Record<string, string>> = { prime256v1: "ES256", secp384r1: "ES384", secp521r1: "ES512" };
    const algorithm = type === "ec" ? curves[details?.namedCurve ?? ""] : undefined;
    if (algorithm !== undefined) return algorithm;
  } catch {
    // Said below, without a word of the key.
  }
  throw new SignInError("the private key of the server's oauth settings is no RSA or EC key in PEM (PKCS #8)");
}

function read<T>(answer: GuardedAnswer, schema: z.ZodType<T>, issuer: string, what: string): T {
  let json: unknown;
  try {
    json = JSON.parse(answer.text);
  } catch {
    // Told apart by the status.
  }
  if (answer.status >= 200 && answer.status < 300) {
    const found = schema.safeParse(json);
    if (found.success) return found.data;
    throw new SignInError(`${issuer} was asked for ${what} and answers what is none`);
  }
  const refused = refusal.safeParse(json);
  // Some refuse with 200 and others with 500 what is a refusal all the same: the word counts where there is one.
  if (refused.success && answer.status < 500) {
    const { error, error_description: words } = refused.data;
    const said = plainText(words === undefined ? error : `${error}: ${words}`)
      .replace(/\s+/g, " ")
      .slice(0, LONGEST_WORDS);
    throw new OAuthRefusal(error, `${issuer} refuses ${what}: ${said}`);
  }
  throw new SignInError(`${issuer} answers ${answer.status} when asked for ${what}; try again later`, {
    permanent: answer.status < 500 && answer.status !== 429,
  });
}
