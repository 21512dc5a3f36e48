// Requests and responses over node:http, as far as they are asked for here, with the names that the web gives to them (WHATWG Fetch).
// Node's own would bring all of fetch into a process that fetches nothing, ten megabytes, and cost more for each request than most
// answers do.
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from "node:http";
import { pipeline, type Readable } from "node:stream";

/** After an answer was sent to a request that was not read to its end, so much more of it is thrown away, for so long; then the
 * connection is closed. A client that is still sending would else not see the answer. */
const MOST_UNREAD = 64 * 1024 * 1024;
const UNREAD_MS = 500;

export interface RequestHeaders {
  /** By its name in lower case. */
  get(name: string): string | null;
  has(name: string): boolean;
}

export class Request {
  private broken: AbortController | undefined;

  constructor(
    readonly incoming: IncomingMessage,
    readonly outgoing: ServerResponse,
  ) {}

  get method(): string {
    return this.incoming.method ?? "";
  }

  /** As it was sent: what is escaped in it is another path. */
  get path(): string {
    return this.target[0] ?? "";
  }

  get query(): URLSearchParams {
    return new URLSearchParams(this.target[1]);
  }

  get headers(): RequestHeaders {
    const { headers } = this.incoming;
    return {
      get: (name) => headers[name]?.toString() ?? null,
      has: (name) => headers[name] !== undefined,
    };
  }

  /** Not to read it to its end leaves the connection open, so that an answer can be sent. */
  get body(): AsyncIterable<Uint8Array> {
    return this.incoming.iterator({ destroyOnReturn: false });
  }

  /** Fires when the connection breaks before the answer is sent. Made for those alone who ask for it. */
  get signal(): AbortSignal {
    if (this.broken !== undefined) return this.broken.signal;
    const broken = new AbortController();
    this.broken = broken;
    const { outgoing } = this;
    if (outgoing.destroyed && !outgoing.writableFinished) broken.abort();
    else outgoing.once("close", () => outgoing.writableFinished || broken.abort());
    return broken.signal;
  }

  /** The whole body. Rejects when the connection breaks before its end. */
  text(): Promise<string> {
    const { incoming } = this;
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      incoming
        .on("data", (chunk: Buffer) => chunks.push(chunk))
        .on("end", () => resolve(decoder.decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))))
        .on("error", reject);
    });
  }

  private get target(): readonly string[] {
    const url = this.incoming.url ?? "";
    const at = url.indexOf("?");
    return at < 0 ? [url] : [url.slice(0, at), url.slice(at + 1)];
  }
}

const decoder = new TextDecoder(); // without the mark that some texts begin with

export interface ResponseInit {
  /** 200, if it is not said. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export class Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  /** A stream is sent as it comes, and destroyed when the client is gone. */
  constructor(
    readonly body: string | Uint8Array | Readable | null,
    { status = 200, headers = {} }: ResponseInit = {},
  ) {
    this.status = status;
    this.headers = headers;
  }

  static json(body: object, { status = 200, headers = {} }: ResponseInit = {}): Response {
    return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }
}

/** A server that answers so. `answer` must not reject. */
export function webServer(options: ServerOptions, answer: (request: Request) => Response | Promise<Response>): Server {
  // Of two Hosts, or keys, Node would else take the first, and whoever is in front of it perhaps the other: together they are neither.
  return createServer({ ...options, joinDuplicateHeaders: true }, (incoming, outgoing) => {
    const response = answer(new Request(incoming, outgoing));
    if (response instanceof Promise) void response.then((found) => send(found, incoming, outgoing));
    else send(response, incoming, outgoing);
  });
}

function send({ status, headers, body }: Response, incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (outgoing.destroyed) {
    if (isStream(body)) body.destroy();
    return;
  }
  if (!incoming.readableEnded) outgoing.once("finish", () => throwAway(incoming));
  if (isStream(body)) {
    outgoing.writeHead(status, headers);
    outgoing.flushHeaders();
    pipeline(body, outgoing, () => {}); // what becomes of it the stream knows
  } else if (status === 204) outgoing.writeHead(status, headers).end();
  else {
    const length = body === null ? 0 : Buffer.byteLength(body);
    outgoing.writeHead(status, { ...headers, "content-length": length }).end(body);
  }
}

function isStream(body: Response["body"]): body is Readable {
  return body !== null && typeof body === "object" && "pipe" in body;
}

function throwAway(incoming: IncomingMessage): void {
  if (incoming.readableEnded || incoming.destroyed) return;
  let bytes = 0;
  const close = (): void => incoming.socket.destroySoon();
  const late = setTimeout(close, UNREAD_MS);
  incoming
    .on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_UNREAD) close();
    })
    .once("close", () => clearTimeout(late))
    .once("error", () => {}) // it was answered, whatever comes of it now
    .resume();
}
