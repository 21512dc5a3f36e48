import { generateKeyPairSync } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Authorizer } from "../../../../src/mcp/client/http/authorizer.js";
import { HttpEndpoint } from "../../../../src/mcp/client/http/endpoint.js";
import { OAuthAuthorizer } from "../../../../src/mcp/client/oauth/authorizer.js";
import { CredentialFile } from "../../../../src/mcp/client/oauth/credentials.js";
import { login } from "../../../../src/mcp/client/oauth/login.js";
import type { OAuthSettings } from "../../../../src/mcp/client/oauth/settings.js";
import { browse, GuardedServer } from "../../../support/guarded-server.js";
import { temporaryHome } from "../../../support/home.js";

/** A server, what is known of signing in to it, and a user. */
async function setUp(settings: OAuthSettings = {}) {
  const server = await GuardedServer.start();
  onTestFinished(() => server.stop());
  const credentials = new CredentialFile(temporaryHome(), "notes", server.url);
  const authorizer = () => new OAuthAuthorizer({ name: "notes", server: server.url, settings, credentials });
  const show = async (address: string) => void (await browse(address));
  return { server, credentials, authorizer, signIn: () => login({ server: server.url, settings, credentials, show }) };
}

/** One request over a connection's own HTTP; the status it ends with. */
async function ask(authorizer: Authorizer, { url }: GuardedServer, method = "tools/list"): Promise<number> {
  const endpoint = new HttpEndpoint({ server: "notes", url, headers: {}, connectTimeoutMs: 10_000, authorizer });
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { name: "whoami" } });
  try {
    const answer = await endpoint.request({ method: "POST", headers, body, signal: new AbortController().signal });
    answer.drop();
    return answer.status;
  } finally {
    await endpoint.end();
  }
}

test("without a sign-in the error names the command, and after it the same connection goes on", async () => {
  const { server, authorizer, signIn } = await setUp();
  const own = authorizer();
  await expect(ask(own, server)).rejects.toMatchObject({
    code: "sign_in_needed",
    message: 'the server "notes" needs you to sign in: banyan servers login notes',
  });
  await signIn();
  expect(await ask(own, server)).toBe(200);
});

test("a token that is refused is replaced once, however many requests wait for it", async () => {
  const { server, authorizer, signIn } = await setUp();
  await signIn();
  const own = authorizer();
  server.forgetAccess();
  expect(await Promise.all(Array.from({ length: 10 }, () => ask(own, server)))).toEqual(Array(10).fill(200));
  expect(server.counts.refresh_token).toBe(1);
});

test("a token that has run out by the clock is replaced before it is sent", async () => {
  const { server, authorizer, signIn } = await setUp();
  server.expiresIn = 0;
  await signIn();
  server.expiresIn = 3_600;
  const own = authorizer();
  expect(await Promise.all([ask(own, server), ask(own, server)])).toEqual([200, 200]);
  expect(server.counts.refresh_token).toBe(1);
  expect(new Set(server.authorizations.filter((sent) => sent !== "")).size).toBe(1);
});

test("two programs with the same file replace a token once between them", async () => {
  const { server, authorizer, signIn } = await setUp();
  await signIn();
  const [one, two] = [authorizer(), authorizer()];
  server.forgetAccess();
  expect(await Promise.all([ask(one, server), ask(two, server)])).toEqual([200, 200]);
  expect(server.counts.refresh_token).toBe(1);
});

test("a sign-in that has ended asks for another one, and the dead tokens are gone", async () => {
  const { server, authorizer, signIn, credentials } = await setUp();
  await signIn();
  const own = authorizer();
  server.forgetAccess();
  server.forgetRefresh();
  await expect(ask(own, server)).rejects.toThrow(
    /needs you to sign in \(the sign-in has ended: .*\): banyan servers login notes$/,
  );
  expect(credentials.read().tokens).toBeUndefined();
  await signIn();
  expect(await ask(own, server)).toBe(200);
});

test("an authorization server that is away for a while costs nobody the sign-in", async () => {
  const { server, authorizer, signIn } = await setUp();
  await signIn();
  const own = authorizer();
  server.forgetAccess();
  server.instead.set("/token", (_, response) => response.writeHead(503).end());
  await expect(ask(own, server)).rejects.toMatchObject({ code: "sign_in_failed", permanent: false });
  server.instead.clear();
  expect(await ask(own, server)).toBe(200);
});

test("a server that names another authorization server all of a sudden gets no refresh token sent there", async () => {
  const { server, authorizer, signIn } = await setUp();
  const other = await GuardedServer.start();
  onTestFinished(() => other.stop());
  await signIn();
  server.forgetAccess();
  server.resourceMetadata = { authorization_servers: [other.origin] };
  await expect(ask(authorizer(), server)).rejects.toThrow(
    /now names .* if that is meant, run: banyan servers logout notes/,
  );
  expect(other.counts["/token"]).toBeUndefined();
});

test("a server that takes no token at all ends it after a few tries", async () => {
  const { server, authorizer, signIn } = await setUp();
  await signIn();
  server.instead.set("/mcp", (_, response) => response.writeHead(401, { "www-authenticate": "Bearer" }).end());
  await expect(ask(authorizer(), server)).rejects.toThrow(/refuses the token it has just been given/);
  expect(server.counts.refresh_token).toBeLessThanOrEqual(2);
});

test("a call that needs another scope asks the user for it, the rest goes on, and the new sign-in asks for both", async () => {
  const { server, authorizer, signIn } = await setUp();
  server.resourceMetadata = { scopes_supported: ["read"] };
  server.scopeForCalls = "write";
  await signIn();
  const own = authorizer();
  await expect(ask(own, server, "tools/call")).rejects.toThrow(
    'asks for the scope "write" for this, which it was not granted; grant it: banyan servers login notes',
  );
  expect(await ask(own, server)).toBe(200);
  await signIn();
  expect(server.visits.at(-1)?.get("scope")).toBe("read write");
  expect(await ask(own, server, "tools/call")).toBe(200);
});

test("a scope that was granted and does not help is not asked for again", async () => {
  const { server, authorizer, signIn } = await setUp({ scopes: ["write"] });
  await signIn();
  const challenge = 'Bearer error="insufficient_scope", scope="write"';
  server.instead.set("/mcp", (_, response) => response.writeHead(403, { "www-authenticate": challenge }).end());
  await expect(ask(authorizer(), server)).rejects.toThrow("it asks for the scope write, which was granted");
});

test("a refusal that has nothing to do with tokens is left as it is", async () => {
  const { server, authorizer, signIn } = await setUp();
  await signIn();
  server.instead.set("/mcp", (_, response) => response.writeHead(403).end());
  expect(await ask(authorizer(), server)).toBe(403);
});

test("a client that signs in as itself needs no user, and gets the scopes a call asks for", async () => {
  const { server, authorizer } = await setUp({
    grant: "client_credentials",
    clientId: "robot",
    clientSecret: "s3cret",
  });
  server.metadata = { token_endpoint_auth_methods_supported: ["client_secret_basic"] };
  server.scopeForCalls = "write";
  const own = authorizer();
  expect(await ask(own, server)).toBe(200);
  expect(await ask(own, server, "tools/call")).toBe(200);
  expect(server.counts.client_credentials).toBe(2);
  expect(server.proofs[0]).toBe(`Basic ${Buffer.from("robot:s3cret").toString("base64")}`);
});

test("a client may prove itself with a key instead of a secret", async () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const { server, authorizer } = await setUp({ grant: "client_credentials", clientId: "robot", privateKey: pem });
  expect(await ask(authorizer(), server)).toBe(200);
  const form = server.forms[0];
  const [head = "", claims = ""] = form?.get("client_assertion")?.split(".") ?? [];
  expect(JSON.parse(Buffer.from(head, "base64url").toString())).toMatchObject({ alg: "ES256" });
  expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toMatchObject({
    iss: "robot",
    sub: "robot",
    aud: server.origin,
  });
  expect(form?.get("client_secret")).toBeNull();
});

test("tokens that cannot be kept are told of, not lost in silence", async () => {
  const { server } = await setUp();
  const folder = temporaryHome();
  mkdirSync(join(folder, "notes.json.new")); // where the fresh file would be written
  const credentials = new CredentialFile(folder, "notes", server.url);
  const show = async (address: string) => void (await browse(address));
  await expect(login({ server: server.url, settings: {}, credentials, show })).rejects.toThrow(/EISDIR/);
});
