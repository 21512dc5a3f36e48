// An MCP server that takes no request without a token, and the authorization server that gives them: real ones, on this machine.
// What they say can be changed while they run, so that a test can have them lie, fail or forget.
import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";

type Json = Record<string, unknown>;

interface Code {
  readonly challenge: string;
  readonly redirect: string;
  readonly client: string;
  readonly resource: string;
  readonly scope: string;
}

export class GuardedServer {
  /** Requests by path, such as `/token`; those for tokens by grant, such as `refresh_token`. */
  readonly counts: Record<string, number> = {};
  /** Every Authorization header that came. */
  readonly authorizations: string[] = [];
  /** Every form that was sent to the token endpoint. */
  readonly forms: URLSearchParams[] = [];
  /** The Authorization header of each. */
  readonly proofs: (string | undefined)[] = [];
  /** The query of every visit to the authorization endpoint. */
  readonly visits: URLSearchParams[] = [];
  /** Replaces or adds to what is said of the protected resource and of the authorization server; undefined leaves out. */
  resourceMetadata: Json = {};
  metadata: Json = {};
  /** Parameters of the address the browser is sent back to; undefined leaves one out. */
  back: Record<string, string | undefined> = {};
  /** In the place of an endpoint's own answer. */
  readonly instead = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();
  /** Seconds; what the answer says. */
  expiresIn: number | undefined = 3_600;
  /** A call of a tool needs this scope, too. */
  scopeForCalls: string | undefined;
  givesRefreshTokens = true;

  private readonly codes = new Map<string, Code>();
  private readonly access = new Map<string, string>();
  private readonly refresh = new Map<string, string>();

  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async start(): Promise<GuardedServer> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo; // it listens on a port
    const guarded = new GuardedServer(server, `http://127.0.0.1:${port}`);
    server.on("request", (request, response) => {
      guarded.answer(request, response).catch((error: unknown) => {
        response.writeHead(500);
        response.end(String(error));
      });
    });
    return guarded;
  }

  get url(): URL {
    return new URL("/mcp", this.origin);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** Takes no access token that was given so far. */
  forgetAccess(): void {
    this.access.clear();
  }

  /** Takes no refresh token that was given so far. */
  forgetRefresh(): void {
    this.refresh.clear();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", this.origin);
    this.count(url.pathname);
    const instead = this.instead.get(url.pathname);
    if (instead !== undefined) return instead(request, response);
    if (url.pathname === "/.well-known/oauth-protected-resource/mcp") {
      return json(response, 200, {
        resource: this.url.href,
        authorization_servers: [this.origin],
        ...this.resourceMetadata,
      });
    }
    if (url.pathname === "/.well-known/oauth-authorization-server") return json(response, 200, this.about());
    if (url.pathname === "/register") return this.register(JSON.parse(await bodyOf(request)), response);
    if (url.pathname === "/authorize") return this.authorize(url.searchParams, response);
    if (url.pathname === "/token") this.proofs.push(request.headers.authorization);
    if (url.pathname === "/token") return this.token(new URLSearchParams(await bodyOf(request)), response);
    if (url.pathname === "/mcp") return this.mcp(request, response);
    response.writeHead(404);
    response.end();
  }

  private about(): Json {
    return {
      issuer: this.origin,
      authorization_endpoint: `${this.origin}/authorize`,
      token_endpoint: `${this.origin}/token`,
      registration_endpoint: `${this.origin}/register`,
      response_types_supported: ["code"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["none", "client_secret_basic"],
      ...this.metadata,
    };
  }

  private register(asked: Json, response: ServerResponse): void {
    json(response, 201, { ...asked, client_id: `client-${randomUUID()}` });
  }

  private authorize(asked: URLSearchParams, response: ServerResponse): void {
    this.visits.push(asked);
    const get = (name: string): string => asked.get(name) ?? "";
    const code = randomUUID();
    this.codes.set(code, {
      challenge: get("code_challenge"),
      redirect: get("redirect_uri"),
      client: get("client_id"),
      resource: get("resource"),
      scope: get("scope"),
    });
    const back = new URL(get("redirect_uri"));
    const said = { code, state: get("state"), ...this.back };
    for (const [name, value] of Object.entries(said)) if (value !== undefined) back.searchParams.set(name, value);
    response.writeHead(302, { location: back.href });
    response.end();
  }

  private token(form: URLSearchParams, response: ServerResponse): void {
    this.forms.push(form);
    const grant = form.get("grant_type") ?? "";
    this.count(grant);
    if (grant === "client_credentials") return this.give(form.get("scope") ?? "", response);
    if (grant === "refresh_token") {
      const scope = this.refresh.get(form.get("refresh_token") ?? "");
      this.refresh.delete(form.get("refresh_token") ?? ""); // it is good once
      return scope === undefined ? json(response, 400, { error: "invalid_grant" }) : this.give(scope, response);
    }
    const code = this.codes.get(form.get("code") ?? "");
    this.codes.delete(form.get("code") ?? "");
    const verifier = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    const fits =
      code !== undefined &&
      code.challenge === verifier &&
      code.redirect === form.get("redirect_uri") &&
      code.client === (form.get("client_id") ?? code.client) &&
      code.resource === form.get("resource");
    return fits ? this.give(code.scope, response) : json(response, 400, { error: "invalid_grant" });
  }

  private give(scope: string, response: ServerResponse): void {
    const access = `access-${randomUUID()}`;
    const refresh = `refresh-${randomUUID()}`;
    this.access.set(access, scope);
    this.refresh.set(refresh, scope);
    json(response, 200, {
      access_token: access,
      token_type: "Bearer",
      ...(this.expiresIn === undefined ? {} : { expires_in: this.expiresIn }),
      ...(this.givesRefreshTokens ? { refresh_token: refresh } : {}),
      ...(scope === "" ? {} : { scope }),
    });
  }

  private async mcp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const authorization = request.headers.authorization ?? "";
    this.authorizations.push(authorization);
    const scope = this.access.get(authorization.replace(/^Bearer /, ""));
    const place = `resource_metadata="${this.origin}/.well-known/oauth-protected-resource/mcp"`;
    if (scope === undefined) return refuse(response, 401, `Bearer ${place}`);
    const body: unknown = request.method === "POST" ? JSON.parse(await bodyOf(request)) : undefined;
    const calls = typeof body === "object" && body !== null && "method" in body && body.method === "tools/call";
    if (calls && this.scopeForCalls !== undefined && !scope.split(" ").includes(this.scopeForCalls)) {
      return refuse(response, 403, `Bearer error="insufficient_scope", scope="${this.scopeForCalls}", ${place}`);
    }
    const server = new McpServer({ name: "guarded", version: "1.0.0" });
    server.registerTool("whoami", {}, () => ({ content: [{ type: "text", text: "you" }] }));
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    response.on("close", () => void server.close());
    await server.connect(transport as Parameters<typeof server.connect>[0]); // differs in `undefined` where it is optional
    await transport.handleRequest(request, response, body);
  }

  private count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }
}

/** A browser with a user who agrees to everything. Resolves with the status of the page the user is left with. */
export async function browse(address: string): Promise<number> {
  const answer = await fetch(address, { redirect: "manual" });
  const back = answer.headers.get("location");
  return back === null ? answer.status : (await fetch(back)).status;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function json(response: ServerResponse, status: number, value: Json): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, challenge: string): void {
  response.writeHead(status, { "www-authenticate": challenge, "content-type": "application/json" });
  response.end("{}");
}
