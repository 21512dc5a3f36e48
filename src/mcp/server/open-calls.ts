// What a client has asked of servers and is not answered yet: servers log, ask and tell of progress meanwhile, and it has to be told on the
// stream of the very request it is about.
import type { CallerOptions } from "../client/tool-work.js";
import type { FrontHost } from "./front-desk.js";
import type { IncomingCall } from "./peer.js";

export interface OpenCall {
  readonly callId: string;
  readonly call: IncomingCall;
  /** Without the number of a replica. */
  server: string;
}

export class OpenCalls {
  private count = 0;
  private readonly open = new Map<string, OpenCall>();

  constructor(private readonly host: Pick<FrontHost, "caller" | "session">) {}

  /** To be ended when it is answered. */
  begin(call: IncomingCall, server: string): OpenCall {
    const callId = `${this.host.caller}:${++this.count}`;
    const open = { callId, call, server };
    this.open.set(callId, open);
    return open;
  }

  end({ callId }: OpenCall): void {
    this.open.delete(callId);
  }

  /** Asks a server for something, with what it needs to know of who asks. */
  async during<T>(call: IncomingCall, server: string, ask: (caller: CallerOptions) => Promise<T>): Promise<T> {
    const open = this.begin(call, server);
    try {
      return await ask({ callId: open.callId, elicitor: this.host.session });
    } finally {
      this.end(open);
    }
  }

  /** A call by the id that servers know it by, a second attempt of it included; or without one the only call under way at the server. */
  find({ callId, server }: { readonly callId?: string; readonly server?: string }): IncomingCall | undefined {
    if (callId !== undefined) return this.open.get(callId.replace(/~\d+$/, ""))?.call;
    const calls = [...this.open.values()].filter((one) => one.server === server?.replace(/~\d+$/, ""));
    return calls.length === 1 ? calls[0]?.call : undefined;
  }
}
