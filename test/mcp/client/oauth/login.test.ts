import { createServer, request } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { redact } from "../../../../src/actors/telemetry/redact.js";
import { CredentialFile } from "../../../../src/mcp/client/oauth/credentials.js";
import { type LoginOptions, login } from "../../../../src/mcp/client/oauth/login.js";
import { browse, GuardedServer } from "../../../support/guarded-server.js";
import { temporaryHome } from "../../../support/home.js";

async function guarded(): Promise<GuardedServer> {
  const server = await GuardedServer.start();
  onTestFinished(() => server.stop());
  return server;
}

function credentialsOf(server: GuardedServer): CredentialFile {
  return new CredentialFile(temporaryHome(), "notes", server.url);
}

function signIn(server: GuardedServer, more: Partial<LoginOptions> = {}): Promise<void> {
  const credentials = more.credentials ?? credentialsOf(server);
  return login({
    server: server.url,
    settings: {},
    credentials,
    show: async (address) => void (await browse(address)),
    ...more,
  });
}

test("a user signs in: the token and the client are kept, bound to the server and to who gave them", async () => {
  const server = await guarded();
  const credentials = credentialsOf(server);
  const pages: number[] = [];
  await signIn(server, { credentials, show: async (address) => void pages.push(await browse(address)) });
  expect(pages).toEqual([200]);
  const { tokens, client, issuer } = credentials.read();
  expect(issuer).toBe(server.origin);
  expect(tokens?.access).toMatch(/^access-/);
  expect(tokens?.refresh).toMatch(/^refresh-/);
  expect(client?.id).toMatch(/^client-/);
  expect(redact(`they are ${tokens?.access} and ${tokens?.refresh}`)).toBe("they are (hidden) and (hidden)");
});

test("the question carries PKCE with S256, a state of its own, and the server the token is for", async () => {
  const server = await guarded();
  await signIn(server);
  await signIn(server);
  const [first, second] = server.visits;
  expect(first?.get("code_challenge_method")).toBe("S256");
  expect(first?.get("code_challenge")).toHaveLength(43);
  expect(first?.get("state")?.length).toBeGreaterThanOrEqual(43);
  expect(first?.get("state")).not.toBe(second?.get("state"));
  expect(first?.get("resource")).toBe(server.url.href);
  expect(server.forms[0]?.get("resource")).toBe(server.url.href);
  expect(new URL(first?.get("redirect_uri") ?? "").hostname).toBe("127.0.0.1");
});

test("signing in again uses the client that was registered, at the same address", async () => {
  const server = await guarded();
  const credentials = credentialsOf(server);
  const [redirect, client] = [
    (n: number) => server.visits.at(n)?.get("redirect_uri"),
    (n: number) => server.visits.at(n)?.get("client_id"),
  ];
  await signIn(server, { credentials });
  // Anybody may have taken the port meanwhile; not again and again.
  do await signIn(server, { credentials });
  while (redirect(-1) !== redirect(-2) && server.visits.length < 6);
  expect(redirect(-1)).toBe(redirect(-2));
  expect(client(-1)).toBe(client(-2));
});

test("where the address of the way back is taken, a client is registered for another one", async () => {
  const server = await guarded();
  const credentials = credentialsOf(server);
  await signIn(server, { credentials });
  const { port } = new URL(server.visits[0]?.get("redirect_uri") ?? "");
  const squatter = createServer();
  await new Promise<void>((done) => {
    squatter.on("error", () => done()); // somebody else has taken it, which does as well
    squatter.listen(Number(port), "127.0.0.1", done);
  });
  onTestFinished(() => void squatter.close());
  await signIn(server, { credentials });
  expect(server.counts["/register"]).toBe(2);
});

test("a client of the settings is used as it is, and its secret is not written to the file", async () => {
  const server = await guarded();
  server.metadata = {
    registration_endpoint: undefined,
    token_endpoint_auth_methods_supported: ["client_secret_basic"],
  };
  const credentials = credentialsOf(server);
  await signIn(server, { credentials, settings: { clientId: "mine", clientSecret: "a+b/c=" } });
  expect(server.visits[0]?.get("client_id")).toBe("mine");
  expect(server.proofs).toEqual([`Basic ${Buffer.from("mine:a%2Bb%2Fc%3D").toString("base64")}`]);
  expect(JSON.stringify(credentials.read())).not.toContain("a+b");
  expect(credentials.read().tokens?.access).toMatch(/^access-/);
});

test("the scopes are those the settings name; else those the server lists, with lasting access where it can be had", async () => {
  const server = await guarded();
  server.resourceMetadata = { scopes_supported: ["read", "write"] };
  server.metadata = { scopes_supported: ["read", "write", "offline_access"] };
  await signIn(server);
  expect(server.visits[0]?.get("scope")).toBe("read write offline_access");
  await signIn(server, { settings: { scopes: ["read"] } });
  expect(server.visits[1]?.get("scope")).toBe("read offline_access");
});

test("without registration and without a client in the settings, the user is told what to do", async () => {
  const server = await guarded();
  server.metadata = { registration_endpoint: undefined };
  await expect(signIn(server)).rejects.toThrow(
    /registers no clients by itself.*set client_id in the server's oauth settings/,
  );
});

test.each<[string, (server: GuardedServer) => void, RegExp]>([
  [
    "an answer in another's name",
    (s) => void (s.back = { iss: "https://evil.example" }),
    /came back from https:\/\/evil\.example, not from/,
  ],
  [
    "an answer without the name that was promised",
    (s) => void (s.metadata = { authorization_response_iss_parameter_supported: true }),
    /came back from an unnamed place/,
  ],
  ["an answer to another question", (s) => void (s.back = { state: "guessed" }), /an answer nobody asked for/],
  ["an answer without a state", (s) => void (s.back = { state: undefined }), /an answer nobody asked for/],
  [
    "a refusal",
    (s) => void (s.back = { code: undefined, error: "access_denied", error_description: "not \u001b[31myou" }),
    /^the sign-in was refused: access_denied: not you$/,
  ],
  [
    "an authorization server without PKCE",
    (s) => void (s.metadata = { code_challenge_methods_supported: undefined }),
    /does not say that it takes PKCE/,
  ],
  [
    "an authorization server with weak PKCE alone",
    (s) => void (s.metadata = { code_challenge_methods_supported: ["plain"] }),
    /does not say that it takes PKCE/,
  ],
  ["metadata in another's name", (s) => void (s.metadata = { issuer: "https://evil.example" }), /it is not trusted/],
  [
    "a server that takes itself for another",
    (s) => void (s.resourceMetadata = { resource: "https://evil.example/mcp" }),
    /a token for it is not asked for/,
  ],
  [
    "an authorization server at an address of the cloud's own",
    (s) => void (s.resourceMetadata = { authorization_servers: ["https://169.254.169.254/"] }),
    /is a link-local address/,
  ],
  [
    "a challenge that points into the network",
    (s) =>
      void s.instead.set("/mcp", (_, response) =>
        response.writeHead(401, { "www-authenticate": 'Bearer resource_metadata="https://169.254.169.254/"' }).end(),
      ),
    /is a link-local address/,
  ],
  [
    "a token that would break out of its header",
    (s) =>
      void s.instead.set("/token", (_, response) =>
        response.end(JSON.stringify({ access_token: "a\r\nx-evil: 1", token_type: "Bearer" })),
      ),
    /gives a token that is none/,
  ],
  [
    "a token endpoint over plain http",
    (s) => void (s.metadata = { token_endpoint: "http://203.0.113.7/token" }),
    /which is not https; it is not asked/,
  ],
  [
    "an authorization endpoint that is a program",
    (s) => void (s.metadata = { authorization_endpoint: "javascript:alert(1)" }),
    /is no metadata/,
  ],
  [
    "an authorization endpoint over plain http",
    (s) => void (s.metadata = { authorization_endpoint: "http://203.0.113.7/authorize" }),
    /which is not https/,
  ],
  [
    "a token endpoint with a fault",
    (s) => void s.instead.set("/token", (_, response) => response.writeHead(500).end("secret words")),
    /answers 500 when asked for a token; try again later$/,
  ],
  [
    "a token endpoint that sends us elsewhere",
    (s) =>
      void s.instead.set("/token", (_, response) =>
        response.writeHead(307, { location: "https://evil.example" }).end(),
      ),
    /with a redirect, which is not followed/,
  ],
  [
    "metadata without an end",
    (s) =>
      void s.instead.set("/.well-known/oauth-authorization-server", (_, response) => response.end("x".repeat(300_000))),
    /with more than 262144 bytes/,
  ],
  [
    "metadata that is none",
    (s) => void s.instead.set("/.well-known/oauth-authorization-server", (_, response) => response.end("[]")),
    /is no metadata/,
  ],
  [
    "a token of an unknown kind",
    (s) =>
      void s.instead.set("/token", (_, response) =>
        response.end(JSON.stringify({ access_token: "t", token_type: "mac" })),
      ),
    /tokens of the type mac/,
  ],
])("no sign-in with %s, and nothing is kept", async (_, makeHostile, said) => {
  const server = await guarded();
  makeHostile(server);
  const credentials = credentialsOf(server);
  await expect(signIn(server, { credentials })).rejects.toThrow(said);
  expect(credentials.read().tokens).toBeUndefined();
});

test("a user who never comes back is waited for so long and no longer", async () => {
  const server = await guarded();
  await expect(signIn(server, { patienceMs: 20, show: () => {} })).rejects.toThrow(/^nobody signed in within/);
});

test("the way back answers only a browser that was sent there, and nobody once it is over", async () => {
  const server = await guarded();
  let redirect = new URL("http://127.0.0.1");
  await signIn(server, {
    show: async (address) => {
      redirect = new URL(new URL(address).searchParams.get("redirect_uri") ?? "");
      expect(await statusOf(redirect, { host: "evil.example" })).toBe(421);
      expect(await statusOf(new URL("/", redirect), {})).toBe(404);
      expect(await browse(address)).toBe(200);
    },
  });
  await expect(statusOf(redirect, {})).rejects.toThrow(/ECONNREFUSED/);
});

test("a server of an older protocol, which says nothing of its sign-in, is its own authorization server", async () => {
  const server = await guarded();
  const nothing = (_: unknown, response: { writeHead(status: number): { end(): void } }) =>
    response.writeHead(404).end();
  for (const path of ["/oauth-protected-resource/mcp", "/oauth-authorization-server"]) {
    server.instead.set(`/.well-known${path}`, nothing);
  }
  const credentials = credentialsOf(server);
  // Its challenge names a place where nothing is, so the user's first try is without one.
  server.instead.set("/mcp", (_, response) => response.writeHead(401).end());
  await signIn(server, { credentials });
  expect(credentials.read().issuer).toBe(server.origin);
});

function statusOf(url: URL, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((done, failed) => {
    const sent = request(url, { headers, agent: false }, (response) => {
      response.resume();
      done(response.statusCode);
    });
    sent.on("error", failed);
    sent.end();
  });
}
