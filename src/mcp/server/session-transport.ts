// The SDK's transport of one session, but that a change is not lost on a client that has no stream open to hear of it: it is told
// when the next one opens. A client opens its stream a moment after it has begun, and again whenever it breaks.
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { JSONRPCMessage, RequestId } from "@modelcontextprotocol/sdk/types.js";

export class SessionTransport extends WebStandardStreamableHTTPServerTransport {
  private isHeard = false;
  /** By their methods, of which there are three: that a list changed twice is as if it had once. */
  private readonly missed = new Map<string, JSONRPCMessage>();

  override async send(message: JSONRPCMessage, options?: { relatedRequestId?: RequestId }): Promise<void> {
    const method = "method" in message ? message.method : "";
    if (!this.isHeard && method.endsWith("/list_changed")) this.missed.set(method, message);
    else await super.send(message, options);
  }

  /** The client's own stream is open, or is not any more. */
  heard(isHeard: boolean): void {
    this.isHeard = isHeard;
    if (!isHeard) return;
    const missed = [...this.missed.values()];
    this.missed.clear();
    for (const message of missed) void super.send(message).catch(() => {}); // it is gone again, and begins anew
  }
}
