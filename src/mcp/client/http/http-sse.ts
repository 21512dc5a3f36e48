// The wire of a server over HTTP with SSE, which the protocol had before Streamable HTTP: one GET stands open for all that the server
// says, and its first event names the address that messages are posted to. Without that stream there is no connection: when it
// ends, the connection is lost.
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { messageOf } from "../../../supervision/index.js";
import { RemoteError } from "../errors.js";
import { SignInNeededError } from "../oauth/errors.js";
import { Garbage, isMessage, parseJson } from "../wire-message.js";
import type { HttpAnswer, HttpEndpoint } from "./endpoint.js";
import { EventStream } from "./event-stream.js";
import { isOk, oversize } from "./messages.js";
import type { HttpOwner } from "./streamable-http.js";

export class HttpSseTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;

  /** When the last message came, by the monotonic clock. */
  heardAt = performance.now();

  private readonly garbage: Garbage;
  private readonly abort = new AbortController();
  private protocolVersion: string | undefined;
  private target: URL | undefined;
  private isLost = false;
  private closed = false;

  /** `maxBytes` bounds one message. */
  constructor(
    private readonly endpoint: HttpEndpoint,
    private readonly maxBytes: number,
    private readonly owner: HttpOwner,
  ) {
    this.garbage = new Garbage("sent something that is no MCP message", (fault) => owner.onFault(fault));
  }

  /** Resolves when the server has said where messages go. */
  async start(): Promise<void> {
    const { server, connectTimeoutMs } = this.endpoint.options;
    const late = setTimeout(() => this.abort.abort(), connectTimeoutMs);
    try {
      const headers = { accept: "text/event-stream" };
      const answer = await this.endpoint.request({ method: "GET", headers, signal: this.abort.signal });
      if (!isOk(answer)) throw await this.endpoint.refusal(answer);
      if (answer.mediaType !== "text/event-stream") {
        answer.drop();
        throw new RemoteError(server, "server_refused", "answered a GET with something that is no stream of events");
      }
      await new Promise<void>((resolve, reject) => {
        void this.read(answer, resolve).then(reject);
      });
    } catch (error) {
      if (!this.abort.signal.aborted || this.closed) throw error;
      throw new RemoteError(server, "server_refused", `did not say within ${connectTimeoutMs} ms where messages go`);
    } finally {
      clearTimeout(late);
    }
  }

  setProtocolVersion(version: string): void {
    this.protocolVersion = version;
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.closed || this.target === undefined) throw new Error("the connection is closed");
    const headers = {
      "content-type": "application/json",
      ...(this.protocolVersion === undefined ? {} : { "mcp-protocol-version": this.protocolVersion }),
    };
    const { server, connectTimeoutMs } = this.endpoint.options;
    const signal = AbortSignal.timeout(connectTimeoutMs); // the answer comes over the stream
    try {
      const body = JSON.stringify(message);
      const answer = await this.endpoint.request({ method: "POST", url: this.target, headers, body, signal });
      if (!isOk(answer)) throw await this.endpoint.refusal(answer);
      answer.drop();
    } catch (error) {
      const why = `did not take a message within ${connectTimeoutMs} ms`;
      throw this.failed(signal.aborted ? new RemoteError(server, "server_cut", why) : error);
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.abort.abort();
    this.onclose?.();
  }

  /** Takes all that comes; resolves with why it is over. */
  private async read(answer: HttpAnswer, ready: () => void): Promise<Error> {
    const { server } = this.endpoint.options;
    const stream = new EventStream(this.maxBytes, (event) => {
      const { fault, answer: instead } = oversize(event);
      this.owner.onFault(fault);
      if (instead !== undefined) this.onmessage?.(instead);
    });
    let why: Error = new RemoteError(server, "server_cut", "ended its stream of events");
    try {
      for await (const chunk of answer.body) {
        for (const { name, data } of stream.push(chunk)) {
          if (name === "endpoint") this.setTarget(data, ready);
          else if (name === "message") this.take(data);
        }
      }
    } catch (error) {
      why = error instanceof RemoteError ? error : this.endpoint.failure(error);
    }
    if (this.target !== undefined) this.lose(why instanceof RemoteError ? `it ${why.reason}` : messageOf(why));
    return why;
  }

  /** Our credentials go there, so it is of the server's own origin, and stays what it was first. */
  private setTarget(data: string, ready: () => void): void {
    if (this.target !== undefined) return;
    const { server, url } = this.endpoint.options;
    const target = URL.canParse(data, url.href) ? new URL(data, url.href) : undefined;
    if (target?.origin !== url.origin) {
      const why = "wants messages sent to another origin than its own";
      throw new RemoteError(server, "server_refused", why, { permanent: true });
    }
    this.target = target;
    ready();
  }

  private take(data: string): void {
    const message = parseJson(data);
    if (!isMessage(message)) return this.garbage.add(data);
    this.heardAt = performance.now();
    this.onmessage?.(message);
  }

  /** The error for whoever waits; tells the owner what it means for the connection. */
  private failed(error: unknown): unknown {
    if (error instanceof RemoteError && error.code === "server_unreachable") this.lose(`it ${error.reason}`);
    else if (error instanceof RemoteError && error.code === "server_cut") this.owner.onDoubt();
    // Once the request has failed with this: the server refused it, so it must not be told as one that may have run.
    else if (error instanceof SignInNeededError) setImmediate(() => this.lose(`it ${error.reason}`, true));
    return error;
  }

  private lose(reason: string, permanent = false): void {
    if (this.isLost || this.closed) return;
    this.isLost = true;
    this.owner.onLost(reason, permanent);
  }
}
