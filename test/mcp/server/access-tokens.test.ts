import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClientCredentialsProvider } from "@modelcontextprotocol/sdk/client/auth-extensions.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { names } from "../../../src/application.js";
import type { Application } from "../../../src/supervision/index.js";
import { temporaryHome } from "../../support/home.js";
import { startServed } from "./served.js";

/** An authorization server on this machine: its metadata, its keys, and tokens for programs (client credentials). */
async function startIssuer() {
  const pair = await generateKeyPair("ES256");
  let away = false;
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", issuer);
    asked.push(pathname);
    const answer = (status: number, body: object) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (away) answer(503, {});
    else if (pathname === "/.well-known/oauth-authorization-server")
      answer(200, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        response_types_supported: ["code"],
        grant_types_supported: ["client_credentials"],
        token_endpoint_auth_methods_supported: ["client_secret_basic"],
      });
    else if (pathname === "/keys")
      answer(200, { keys: [{ ...(await exportJWK(pair.publicKey)), kid: "one", alg: "ES256" }] });
    else if (pathname === "/token") {
      let body = "";
      for await (const chunk of request) body += chunk;
      const wanted = new URLSearchParams(body);
      const token = await sign({ sub: "robot", aud: wanted.get("resource") ?? "", scope: wanted.get("scope") ?? "" });
      answer(200, { access_token: token, token_type: "Bearer", expires_in: 60 });
    } else answer(404, {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sign = (claims: JWTPayload, { by = issuer, key = pair.privateKey, kid = "one", until = "1m" } = {}) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", kid })
      .setIssuer(by)
      .setIssuedAt()
      .setExpirationTime(until)
      .sign(key);
  return {
    issuer,
    asked,
    sign,
    goAway: (now: boolean) => {
      away = now;
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

describe("with an authorization server", () => {
  const home = mkdtempSync(join(tmpdir(), "banyan-test-"));
  let guard: Awaited<ReturnType<typeof startIssuer>>;
  let app: Application;
  let url: string;
  let resource: string;

  beforeAll(async () => {
    guard = await startIssuer();
    const toml = `[bundled]\nhost = false\n[server.oauth]\nissuer = "${guard.issuer}"\n`;
    app = await startServed(home, toml);
    url = await names.httpServer.call.url();
    resource = `${url}/mcp`;
  });
  afterAll(async () => {
    await app.stop();
    await guard.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const get = (path: string, token?: string) =>
    fetch(`${url}${path}`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
  const word = async (answer: Response) => ((await answer.json()) as { error: string }).error;

  it("nobody is served without a token, on this machine too, and is told where tokens are had", async () => {
    const refused = await get("/tools");
    expect(refused.status).toBe(401);
    expect(await word(refused)).toMatch(/bring a key.*or a token/);
    const challenge = refused.headers.get("www-authenticate") ?? "";
    const place = /resource_metadata="([^"]+)"/.exec(challenge)?.[1];
    expect(place).toBe(`${url}/.well-known/oauth-protected-resource/mcp`);
    for (const path of ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"]) {
      expect(await (await get(path)).json()).toEqual({
        resource,
        authorization_servers: [guard.issuer],
        scopes_supported: ["tools", "resources", "prompts", "catalog", "manage", "metrics"],
        bearer_methods_supported: ["header"],
        resource_name: "Banyan",
      });
    }
    expect((await get("/health/live")).status).toBe(200);
    const strange = { headers: { origin: "https://evil.example" } };
    expect((await fetch(`${url}/.well-known/oauth-protected-resource`, strange)).status).toBe(403);
  });

  it("the official client finds the way by itself, and works with the token it gets", async () => {
    const authProvider = new ClientCredentialsProvider({
      clientId: "robot",
      clientSecret: "s",
      scope: "tools",
      expectedIssuer: guard.issuer,
    });
    const client = new Client({ name: "sdk", version: "1" });
    const transport = new StreamableHTTPClientTransport(new URL(resource), { authProvider });
    await client.connect(transport);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain("banyan.search_tools");
    expect(tools.map(({ name }) => name)).not.toContain("banyan.health"); // another scope's
    expect(guard.asked).toContain("/token");
    await transport.terminateSession();
    await client.close();
  });

  it("a token opens what its own scopes name, or what is usual where they name nothing of ours", async () => {
    const open = (scope: string) => guard.sign({ sub: "ada", aud: resource, scope });
    expect((await get("/metrics", await open("openid metrics"))).status).toBe(200);
    const narrow = await get("/metrics", await open("tools"));
    expect(narrow.status).toBe(403);
    expect(narrow.headers.get("www-authenticate")).toContain('error="insufficient_scope", scope="metrics"');
    expect((await get("/tools", await open("openid profile"))).status).toBe(200);
    expect((await get("/metrics", await open("openid profile"))).status).toBe(403);
    expect((await get("/metrics", await guard.sign({ sub: "ada", aud: resource, scp: ["metrics"] }))).status).toBe(200);
  });

  it("a token of somebody else, for somebody else, over, or made up opens nothing, and is told why", async () => {
    const strangers = await generateKeyPair("ES256");
    const good = { sub: "ada", aud: resource };
    const tokens: [string, RegExp][] = [
      [await guard.sign({ ...good, aud: "https://other.example/mcp" }), /not made out to/],
      [await guard.sign(good, { by: "https://evil.example" }), /not of http/],
      [await guard.sign(good, { until: "-2m" }), /is over/],
      [await guard.sign(good, { key: strangers.privateKey }), /opens nothing/],
      [await guard.sign(good, { kid: "two" }), /opens nothing/],
      [await guard.sign({ aud: resource }), /whose it is/],
      [`${btoa('{"alg":"none"}')}.${btoa(JSON.stringify({ ...good, iss: guard.issuer, exp: 9e9 }))}.`, /opens nothing/],
      ["garbage", /opens nothing/],
      [`x.${"y".repeat(9_000)}.z`, /at most 8192/],
    ];
    for (const [token, why] of tokens) {
      const answer = await get("/tools", token);
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
      expect(await word(answer)).toMatch(why);
    }
  });

  it("a session is its holder's alone, and a narrower token does not go on with it", async () => {
    const post = (token: string, body: object, session?: string) =>
      fetch(resource, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          authorization: `Bearer ${token}`,
          ...(session === undefined ? {} : { "mcp-session-id": session }),
        },
        body: JSON.stringify({ jsonrpc: "2.0", ...body }),
      });
    const wide = await guard.sign({ sub: "ada", aud: resource, scope: "tools metrics" });
    const clientInfo = { name: "raw", version: "1" };
    const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo };
    const begun = await post(wide, { id: 1, method: "initialize", params });
    const session = begun.headers.get("mcp-session-id") ?? "";
    await begun.text();
    const ping = { id: 2, method: "ping" };
    const again = await guard.sign({ sub: "ada", aud: resource, scope: "metrics tools" }, { until: "2m" });
    expect((await post(again, ping, session)).status).toBe(200);
    const narrow = await guard.sign({ sub: "ada", aud: resource, scope: "tools" });
    const others = await guard.sign({ sub: "eve", aud: resource, scope: "tools metrics" });
    for (const token of [narrow, others]) expect((await post(token, ping, session)).status).toBe(404);
  });
});

describe("an authorization server that is away", () => {
  it("is said to be, with a time to come back, and is asked again then", async () => {
    const guard = await startIssuer();
    guard.goAway(true);
    const toml = `[bundled]\nhost = false\n[server.oauth]\nissuer = "${guard.issuer}"\nscopes = ["*"]\n`;
    const app = await startServed(temporaryHome(), toml);
    try {
      const url = await names.httpServer.call.url();
      const token = await guard.sign({ sub: "ada", aud: `${url}/mcp` });
      const ask = () => fetch(`${url}/tree`, { headers: { authorization: `Bearer ${token}` } });
      const answer = await ask();
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "2"]);
      guard.goAway(false);
      await expect.poll(async () => (await ask()).status).toBe(200);
    } finally {
      await app.stop();
      await guard.stop();
    }
  });
});
