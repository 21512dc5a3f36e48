// The way to a server at an address: the HTTP connections to its origin, the transport over those, and the connection over that.
// Where the settings do not say which transport, it is Streamable HTTP, and the older HTTP with SSE for a server that does not
// know it, as the protocol has it: one that answers `initialize` with 400, 404 or 405.
import { poolName } from "../../actors/pools/connection-pool.js";
import type { Connection } from "./connection.js";
import { RemoteError } from "./errors.js";
import type { HttpEndpoint } from "./http/endpoint.js";
import type { HttpSseTransport } from "./http/http-sse.js";
import type { HttpOwner, StreamableHttpTransport } from "./http/streamable-http.js";
import type { Conversation, Link, LinkOptions } from "./link.js";
import { optional } from "./sdk-shapes.js";

const NOT_STREAMABLE = [400, 404, 405];
/** Longest wait for the server to hear that its session is over. */
const GOODBYE = 500;

export type RemoteOptions = Pick<
  LinkOptions,
  "config" | "authorizerOf" | "use" | "onLost" | "onDoubt" | "onRenewed" | "onFault"
>;

export class RemoteLink implements Link {
  connection: Connection | undefined;
  readonly pid = undefined;

  private endpoint: HttpEndpoint | undefined;
  private transport: StreamableHttpTransport | HttpSseTransport | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly options: RemoteOptions,
    private readonly url: string,
    private readonly after: Promise<void>,
  ) {}

  get heardAt(): number {
    return this.transport?.heardAt ?? 0;
  }

  /** Nothing is to be started. */
  async opened(): Promise<void> {
    await this.after;
  }

  /** Rejects with a {@link RemoteError}, or the error of the handshake. */
  async connect(conversation: Conversation): Promise<Connection> {
    const { transport } = this.options.config;
    if (transport === "sse") return this.connectOver("sse", conversation);
    try {
      return await this.connectOver("http", conversation);
    } catch (error) {
      if (transport === "http" || !isNotStreamable(error)) throw error;
      // If it is no server of the older kind either, the first answer is the one to tell of.
      return await this.connectOver("sse", conversation).catch((again: unknown) => {
        throw again instanceof RemoteError && again.code === "server_refused" ? error : again;
      });
    }
  }

  close(reason: string): Promise<void> {
    this.closing ??= this.end(reason);
    return this.closing;
  }

  private async connectOver(kind: "http" | "sse", conversation: Conversation): Promise<Connection> {
    const { config } = this.options;
    const { name, connectTimeoutMs, timeoutMs, maxLineBytes } = config;
    const [{ Connection }, { HttpEndpoint }, { StreamableHttpTransport }, { HttpSseTransport }, authorizer] =
      await Promise.all([
        import("./connection.js"),
        import("./http/endpoint.js"),
        import("./http/streamable-http.js"),
        import("./http/http-sse.js"),
        this.options.authorizerOf?.(config),
      ]);
    if (this.closing !== undefined) throw new Error("it was stopped before it was connected");
    this.endpoint ??= new HttpEndpoint({
      server: name,
      url: new URL(this.url),
      headers: config.headers,
      connectTimeoutMs,
      ...optional({ authorizer }),
      ...(config.pool === undefined ? {} : { pool: this.options.use(poolName(config.pool)) }),
    });
    const Kind = kind === "http" ? StreamableHttpTransport : HttpSseTransport;
    this.transport = new Kind(this.endpoint, maxLineBytes, this.owner);
    const options = { ...conversation, server: name, connectTimeoutMs, timeoutMs };
    this.connection = await Connection.open(this.transport, options);
    return this.connection;
  }

  private get owner(): HttpOwner {
    const { onFault, onDoubt, onRenewed, onLost } = this.options;
    return { onFault, onDoubt, onRenewed, onLost: (reason, permanent) => onLost({ reason, clean: false, permanent }) };
  }

  private async end(reason: string): Promise<void> {
    // What is under way fails at once.
    await this.connection?.close(reason);
    await this.transport?.close();
    if (this.transport !== undefined && "endSession" in this.transport) await this.transport.endSession(GOODBYE);
    await this.endpoint?.end();
  }
}

function isNotStreamable(error: unknown): boolean {
  return error instanceof RemoteError && error.status !== undefined && NOT_STREAMABLE.includes(error.status);
}
