// The wire of a server over stdio as the official SDK wants it: one JSON-RPC message a line. The lines come from a Port and
// go to a Port; this file only reads and writes them.
//
// A server that prints anything else on stdout (a debug line, a banner) breaks the protocol but not the connection: such lines
// are counted and reported once a burst. An answer too long to take is answered for the server with an error, where its edges
// show which call it belonged to, so that the caller hears of it at once instead of at its deadline.
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import type { OversizeLine } from "./line-splitter.js";
import { answeredId, Garbage, isMessage, parseJson } from "./wire-message.js";

export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;

  /** Lines that were no message. */
  readonly garbage: Garbage;
  /** When the last message came, by the monotonic clock. */
  heardAt = performance.now();

  private closed = false;

  /** `write` rejects if the server cannot be written to; `report` gets what is worth telling people. */
  constructor(
    private readonly write: (line: string) => Promise<void>,
    private readonly report: (fault: string) => void,
  ) {
    this.garbage = new Garbage("wrote something to stdout that is no MCP message", report);
  }

  async start(): Promise<void> {}

  send(message: JSONRPCMessage): Promise<void> {
    if (this.closed) return Promise.reject(new Error("the connection is closed"));
    return this.write(JSON.stringify(message));
  }

  async close(): Promise<void> {
    this.lost();
  }

  /** The other end is gone, or we are: every request under way fails. */
  lost(): void {
    if (this.closed) return;
    this.closed = true;
    this.onclose?.();
  }

  receive(lines: readonly string[]): void {
    for (const line of lines) {
      const parsed = parseJson(line);
      if (parsed === undefined) this.garbage.add(line);
      // Batches were part of one version of the protocol.
      else for (const message of Array.isArray(parsed) ? parsed : [parsed]) this.deliver(message, line);
    }
  }

  receiveOversize({ bytes, head, tail }: OversizeLine): void {
    const id = answeredId(head, tail);
    this.report(`sent a message of ${bytes} bytes, which is over its limit and was dropped`);
    if (id === undefined) return;
    const text = `the answer has ${bytes} bytes, which is over the limit of this connection; ask for less at a time`;
    this.onmessage?.({ jsonrpc: "2.0", id, error: { code: -32_603, message: text } });
  }

  private deliver(message: unknown, line: string): void {
    if (isMessage(message)) {
      this.heardAt = performance.now();
      this.onmessage?.(message);
    } else {
      this.garbage.add(line);
    }
  }
}
