// One HTTP exchange after another with one server: our headers go to its origin and to no other, a redirect is followed only within
// it, and what goes wrong on the way comes out as one sentence that names the mend. Every exchange has an AbortController of
// its own: a signal shared by all of a connection's requests gathers a listener for each on Node 20.
//
// The connections are this server's own and end with it, unless the settings have a pool for its origin.
import type { Agent, Dispatcher } from "undici";
import type { Pool } from "../../../actors/pools/request.js";
import { messageOf, plainText } from "../../../supervision/index.js";
import { RemoteError } from "../errors.js";
import type { Authorizer } from "./authorizer.js";
import { belowPool, mediaTypeOf, pooledExchange } from "./pooled.js";

export interface EndpointOptions {
  /** The configured name of the server; for messages. */
  readonly server: string;
  readonly url: URL;
  /** Sent with every request, secrets and all. */
  readonly headers: Readonly<Record<string, string>>;
  readonly connectTimeoutMs: number;
  readonly authorizer?: Authorizer;
  /** Bound to the process that owns the connection. */
  readonly pool?: Pool;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** The endpoint's own when absent; of its origin. */
  readonly url?: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Of the content type, what stands before its parameters, in small letters. */
  readonly mediaType: string;
  header(name: string): string | undefined;
  /** Read it to its end, or {@link drop} it. */
  readonly body: AsyncIterable<Buffer>;
  /** Takes no more of the body; one that is short and has come leaves the connection usable. */
  drop(): void;
}

const MAX_REDIRECTS = 5;
/** Of a body nobody wants, what is read so that its connection can be used again. */
const DROPPED_BYTES = 64 * 1024;
const LONGEST_EXCUSE = 4_096;
const SHOWN = 200;

export class HttpEndpoint {
  private agent: Promise<Agent> | undefined;

  constructor(readonly options: EndpointOptions) {}

  /** The answer, whatever its status but a redirect. Rejects with a {@link RemoteError}, the authorizer's error or the signal's reason. */
  async request(request: HttpRequest): Promise<HttpAnswer> {
    const { authorizer } = this.options;
    if (authorizer === undefined) return this.follow(request, undefined);
    for (let times = 1; ; times++) {
      const sent = await authorizer.authorization();
      const answer = await this.follow(request, sent);
      const { status } = answer;
      if (status !== 401 && status !== 403) return answer;
      const wwwAuthenticate = answer.header("www-authenticate");
      const again = await authorizer.refused({ status, wwwAuthenticate, sent, times }).catch((error: unknown) => {
        answer.drop(); // a body nobody reads would keep its connection
        throw error;
      });
      if (!again) return answer;
      answer.drop();
    }
  }

  /** Ends every connection at once. */
  async end(): Promise<void> {
    const agent = await this.agent?.catch(() => undefined);
    await agent?.destroy();
  }

  /** The sentence for an answer that is no success; reads its body. */
  async refusal(answer: HttpAnswer): Promise<RemoteError> {
    const { server } = this.options;
    const { status } = answer;
    const excuse = excerpt(await firstBytes(answer, LONGEST_EXCUSE));
    const said = excuse === "" ? `HTTP ${status}` : `HTTP ${status}: ${excuse}`;
    if (status === 401 || status === 403) {
      const mend = `give it credentials in servers.${server}.headers, as in { Authorization = "Bearer \${env:TOKEN}" }`;
      const what = status === 401 ? "asks for credentials" : "does not let us in";
      return new RemoteError(server, "server_auth", `${what} (${said}); ${mend}`, { status, permanent: true });
    }
    const mend = status === 404 || status === 405 ? `; check the path in servers.${server}.url` : "";
    return new RemoteError(server, "server_refused", `answered ${said}${mend}`, { status });
  }

  private async follow(request: HttpRequest, authorization: string | undefined): Promise<HttpAnswer> {
    let url = request.url ?? this.options.url;
    for (let followed = 0; ; followed++) {
      const answer = await this.exchange(request, url, authorization);
      const location = answer.status >= 300 && answer.status < 400 ? answer.header("location") : undefined;
      if (location === undefined) return answer;
      answer.drop();
      // The others would make a GET of a POST, and lose what was sent.
      const keepsMethod = answer.status === 307 || answer.status === 308 || request.method === "GET";
      url = this.redirected(url, location, followed < MAX_REDIRECTS && keepsMethod);
    }
  }

  private redirected(from: URL, location: string, mayFollow: boolean): URL {
    const { server } = this.options;
    const to = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
    if (to !== undefined && mayFollow && to.origin === from.origin && to.username === "" && to.password === "")
      return to;
    const target = to === undefined ? "an address that is none" : `${to.origin}${to.pathname}`;
    const mend = `if you trust it, write that address into servers.${server}.url`;
    throw new RemoteError(server, "server_refused", `sends us to ${plainText(target).slice(0, SHOWN)}; ${mend}`, {
      permanent: true,
    });
  }

  private async exchange(
    { method, headers, body, signal }: HttpRequest,
    url: URL,
    authorization: string | undefined,
  ): Promise<HttpAnswer> {
    const { options } = this;
    const all = { ...options.headers, ...(authorization === undefined ? {} : { authorization }), ...headers };
    const sent = { method, headers: all, ...(body === undefined ? {} : { body }), signal };
    try {
      if (options.pool !== undefined) return await pooledExchange(options.pool, url, sent);
      const agent = await this.connections();
      return answerOf(await agent.request({ origin: url.origin, path: `${url.pathname}${url.search}`, ...sent }));
    } catch (error) {
      if (signal.aborted) throw error;
      throw this.failure(error, url);
    }
  }

  /** What a network error means to people. */
  failure(error: unknown, url: URL = this.options.url): RemoteError {
    const { server, connectTimeoutMs } = this.options;
    const { code, detail } = networkError(belowPool(error), url);
    if (code === "pool_full" || code === "pool_request") {
      return new RemoteError(server, "server_refused", `was not sent the request: ${detail}`, { cause: error });
    }
    if (BROKEN.test(code)) {
      return new RemoteError(server, "server_cut", `broke off the connection (${detail})`, { cause: error });
    }
    const why =
      code === "UND_ERR_CONNECT_TIMEOUT" ? `${url.host} did not answer within ${connectTimeoutMs} ms` : detail;
    return new RemoteError(server, "server_unreachable", `could not be reached: ${why}`, { cause: error });
  }

  private connections(): Promise<Agent> {
    this.agent ??= import("undici").then(
      ({ Agent }) =>
        // A call has a deadline of its own, and a stream of events may be silent for as long as it likes.
        new Agent({ connect: { timeout: this.options.connectTimeoutMs }, headersTimeout: 0, bodyTimeout: 0 }),
    );
    return this.agent;
  }
}

/** The connection stood; another one may. */
const BROKEN =
  /^(?:UND_ERR_SOCKET|UND_ERR_RES|UND_ERR_HEADERS|UND_ERR_REQ|UND_ERR_ABORTED|ECONNRESET|EPIPE|HPE_|pool_)/;

function networkError(error: unknown, url: URL): { code: string; detail: string } {
  // One error for each address that was tried.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const fields = typeof first === "object" && first !== null ? (first as Partial<NodeJS.ErrnoException>) : {};
  const { code = "", address, port } = fields as { code?: unknown; address?: unknown; port?: unknown };
  if (typeof code !== "string" || code === "") return { code: "", detail: messageOf(first) };
  if (code.startsWith("pool_") || BROKEN.test(code)) return { code, detail: messageOf(first) };
  const where = typeof address === "string" ? `${address}:${port}` : url.host;
  return { code, detail: `${code} ${where}` };
}

function answerOf({ statusCode, headers, body }: Dispatcher.ResponseData): HttpAnswer {
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  body.on("error", () => {}); // who reads it is told
  return {
    status: statusCode,
    mediaType: mediaTypeOf(header("content-type")),
    header,
    body: body as AsyncIterable<Buffer>, // a Readable without an encoding yields Buffers
    drop: () => void body.dump({ limit: DROPPED_BYTES }).catch(() => {}),
  };
}

async function firstBytes(answer: HttpAnswer, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer.body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= limit) break;
    }
  } catch {
    // What came is enough.
  }
  return Buffer.concat(chunks).subarray(0, limit).toString("utf8");
}

/** Of an answer for people or programs, a line for people. */
function excerpt(body: string): string {
  let text = body;
  try {
    const parsed: unknown = JSON.parse(body);
    const error = typeof parsed === "object" && parsed !== null && "error" in parsed ? parsed.error : undefined;
    if (typeof error === "object" && error !== null && "message" in error) text = String(error.message);
    else if (typeof error === "string") text = error;
  } catch {
    if (/^\s*</.test(body)) return ""; // a page for a browser
  }
  return plainText(text).replace(/\s+/g, " ").trim().slice(0, SHOWN);
}
