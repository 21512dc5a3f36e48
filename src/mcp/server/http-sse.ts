// MCP over HTTP as it was in 2024-11-05 (Basic, Transports, HTTP with SSE), for clients that know no other: a stream of events (GET
// /sse) that names the address to which the client then posts (POST /messages), and over which all it is told comes. The session
// ends with its stream.
import { EVENT_STREAM, EventConnection } from "./event-stream.js";
import type { Principal } from "./gate/principal.js";
import { accepts, type BodyLimits, messagesOf, notAllowed, refused } from "./http-body.js";
import type { HttpLeg, HttpSessions } from "./http-sessions.js";
import { type Channel, kindOf, type Message, Peer } from "./peer.js";
import { INVALID_REQUEST, NO_ANSWER } from "./refusals.js";
import type { RequestTrail } from "./trail.js";

/** Where the stream's client posts. */
export const MESSAGES_PATH = "/messages";

export interface McpOverSseOptions extends BodyLimits {
  readonly keepAliveMs: number;
}

class SseChannel implements Channel, HttpLeg {
  readonly peer = new Peer(this);
  readonly connection: EventConnection;
  /** As long as there is one at all. */
  readonly isUsed = true;
  readonly usedAt = performance.now();

  constructor(id: string, keepAliveMs: number) {
    this.connection = new EventConnection(keepAliveMs, () => this.peer.close());
    this.connection.write(`event: endpoint\ndata: ${MESSAGES_PATH}?sessionId=${id}\n\n`);
  }

  send(message: Message): void {
    this.connection.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
  }

  close(): void {
    this.connection.close();
  }
}

export class McpOverSse {
  constructor(
    private readonly sessions: HttpSessions,
    private readonly options: McpOverSseOptions,
  ) {}

  /** GET /sse */
  async stream(request: Request, principal: Principal): Promise<Response> {
    if (request.method !== "GET") return notAllowed("GET");
    if (!accepts(request, EVENT_STREAM)) return refused(406, NO_ANSWER, `say Accept: ${EVENT_STREAM}`);
    const begun = await this.sessions.begin(principal, (id) => new SseChannel(id, this.options.keepAliveMs));
    return begun instanceof Response ? begun : begun.connection.response;
  }

  /** POST /messages?sessionId=… */
  async message(request: Request, principal: Principal, trail: RequestTrail): Promise<Response> {
    if (request.method !== "POST") return notAllowed("POST");
    // Before its message is read, which may be long.
    const id = new URL(request.url).searchParams.get("sessionId") ?? "";
    const channel = this.sessions.find(id, principal, SseChannel);
    if (channel === undefined) return refused(404, NO_ANSWER, "there is no such session; open another with GET /sse");
    const posted = await messagesOf(request, this.options);
    if ("refusal" in posted) return posted.refusal;
    const { messages, isBatch } = posted;
    if (isBatch || kindOf(messages[0]) === undefined)
      return refused(400, INVALID_REQUEST, "send one JSON-RPC 2.0 message at a time");
    channel.peer.take(messages[0], trail);
    return new Response("Accepted", { status: 202 });
  }
}
