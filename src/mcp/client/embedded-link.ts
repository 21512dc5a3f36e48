// The way to a server inside this very process, for programs that embed Banyan: the client's end of a pair of linked transports,
// such as the SDK's `InMemoryTransport.createLinkedPair()` makes. What runs there is the program's own code, so nothing bounds it;
// when its end closes, the connection is lost, and a new pair is asked for.
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { Connection } from "./connection.js";
import type { Conversation, Link, LinkOptions } from "./link.js";

/** Connects the server to one end of a new pair of linked transports, and answers with the other. Called for each connection. */
export type OpenEmbedded = () => Transport | Promise<Transport>;

export class EmbeddedLink implements Link {
  connection: Connection | undefined;
  readonly pid = undefined;
  heardAt = performance.now();

  private readonly starting: Promise<Transport>;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly options: LinkOptions,
    after: Promise<void>,
  ) {
    this.starting = after.then(() => this.start());
    this.starting.catch(() => {}); // `opened` tells of it
  }

  async opened(): Promise<void> {
    await this.starting;
  }

  async connect(conversation: Conversation): Promise<Connection> {
    const { name, connectTimeoutMs, timeoutMs } = this.options.config;
    const { Connection } = await import("./connection.js");
    const options = { ...conversation, server: name, connectTimeoutMs, timeoutMs };
    this.connection = await Connection.open(await this.starting, options);
    return this.connection;
  }

  close(reason: string): Promise<void> {
    this.closing ??= this.end(reason);
    return this.closing;
  }

  private async start(): Promise<Transport> {
    const { config, embedded = {}, onLost } = this.options;
    const open = Object.hasOwn(embedded, config.name) ? embedded[config.name] : undefined;
    if (open === undefined) throw new Error(`no embedded server is named "${config.name}"`);
    const transport = await open();
    // The SDK calls what is set before it connects, too.
    transport.onmessage = () => {
      this.heardAt = performance.now();
    };
    transport.onclose = () => {
      if (this.closing === undefined) onLost({ reason: "it closed the connection", clean: true });
    };
    return transport;
  }

  private async end(reason: string): Promise<void> {
    await this.connection?.close(reason);
    await this.starting.then((transport) => transport.close()).catch(() => {});
  }
}
