// Requests that go past the SDK's own bookkeeping, over the same transport: a timer, a signal and several closures for each call
// are most of what a call costs there, and tool calls, which are by far the most, need none of them. What else a server may ask its
// caller something about goes this way too, for here it is known under which id it was sent. Their ids are of a range the
// SDK never gets to, so each answer finds its way. Answers are checked by their caller.
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { ErrorCode, type JSONRPCMessage, McpError } from "@modelcontextprotocol/sdk/types.js";
import { messageOf } from "../../supervision/index.js";
import type { GiveUp } from "./give-up.js";

interface Waiting {
  /** The caller's name for it. */
  readonly callId: string | undefined;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const FIRST_ID = 1_000_000_000;

export class ToolRequests {
  private id = FIRST_ID;
  private readonly waiting = new Map<number, Waiting>();

  constructor(private readonly transport: Transport) {}

  /** From now on answers are taken out of what the SDK, which has connected the transport by now, is given. */
  listen(): void {
    const { onmessage } = this.transport;
    this.transport.onmessage = (message, extra) => {
      if (!this.took(message)) onmessage?.(message, extra);
    };
  }

  /** Resolves with the result as it came; rejects with the server's refusal, or with what the transport says. */
  send(method: string, params: object, giveUp: GiveUp | undefined, callId?: string): Promise<unknown> {
    const id = ++this.id;
    const { promise, waiting } = deferred(callId);
    this.waiting.set(id, waiting);
    giveUp?.onGivenUp((reason) => this.cancel(id, reason));
    // The protocol's own shape, which the SDK's type narrows to what it lists.
    const request = { jsonrpc: "2.0", id, method, params } as JSONRPCMessage;
    this.transport.send(request).catch((error: unknown) => this.fail(id, error));
    return promise;
  }

  /** What its caller calls the request that waits under this id. */
  callOf(id: unknown): string | undefined {
    return typeof id === "number" ? this.waiting.get(id)?.callId : undefined;
  }

  /** There will be no answers any more. */
  lost(): void {
    const error = new McpError(ErrorCode.ConnectionClosed, "the connection was closed");
    for (const id of [...this.waiting.keys()]) this.fail(id, error);
  }

  private took(message: JSONRPCMessage): boolean {
    if (!("id" in message) || typeof message.id !== "number" || message.id <= FIRST_ID || "method" in message)
      return false;
    const waiting = this.waiting.get(message.id);
    // One that comes too late is nobody's.
    this.waiting.delete(message.id);
    if ("error" in message) waiting?.reject(refusal(message.error));
    else if ("result" in message) waiting?.resolve(message.result);
    return true;
  }

  private cancel(requestId: number, reason: Error): void {
    if (!this.waiting.has(requestId)) return;
    this.fail(requestId, reason);
    const params = { requestId, reason: messageOf(reason) };
    this.transport
      .send({ jsonrpc: "2.0", method: "notifications/cancelled", params })
      .catch((error: unknown) =>
        this.transport.onerror?.(error instanceof Error ? error : new Error(messageOf(error))),
      );
  }

  private fail(id: number, error: unknown): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    waiting?.reject(error);
  }
}

/** What a server says need not be what the protocol wants. */
function refusal(error: unknown): McpError {
  const { code, message, data } = (typeof error === "object" && error !== null ? error : {}) as Record<string, unknown>; // looked at here
  return new McpError(
    typeof code === "number" ? code : ErrorCode.InternalError,
    typeof message === "string" ? message : "no reason given",
    data,
  );
}

function deferred(callId: string | undefined): { promise: Promise<unknown>; waiting: Waiting } {
  let resolve: Waiting["resolve"] = () => {};
  let reject: Waiting["reject"] = () => {};
  const promise = new Promise<unknown>((settle, refuse) => {
    resolve = settle;
    reject = refuse;
  });
  return { promise, waiting: { callId, resolve, reject } };
}
