// The sessions of clients that come over HTTP: which there are, and what becomes of a request. Each is a ClientSession behind the
// SDK's transport. A client that is gone for good says so (DELETE) or is forgotten when it has had no connection open for a while.
import { randomUUID } from "node:crypto";
import { readRequestBody } from "@modelcontextprotocol/sdk/server/requestBody.js";
import { isInitializeRequest, type RequestId } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { child, type Pid, type Ref, startChild } from "../../supervision/index.js";
import { ClientSession, type ClientSessionOptions } from "./client-session.js";
import { SessionTransport } from "./session-transport.js";

export interface HttpSessionsOptions {
  /** What each session is started with, besides what is its own. */
  readonly session: Omit<ClientSessionOptions, "id" | "transport">;
  /** The supervisor they run under. */
  readonly supervisor: Ref<unknown>;
  readonly most: number;
  /** Milliseconds without a connection after which one is ended. */
  readonly idleMs: number;
  /** Bytes. */
  readonly longestBody: number;
  /** Is told of each new one's process. */
  started(session: Pid<ClientSession>, ended: () => void): void;
}

/** What the request came by: tells when its answer is over, and whether it arrived whole. */
export type WhenOver = (over: (whole: boolean) => void) => void;

interface Open {
  readonly pid: Pid<ClientSession>;
  readonly transport: SessionTransport;
  /** Requests whose answers are not over. */
  connections: number;
  usedAt: number;
  /** Requests that came in a message of their own, so that the stream of their answer is theirs alone. */
  readonly alone: Set<RequestId>;
}

const id = z.union([z.string(), z.number()]);
const asked = z.looseObject({ method: z.string(), id });
const cancelled = z.looseObject({
  method: z.literal("notifications/cancelled"),
  params: z.looseObject({ requestId: id }),
});

export class HttpSessions {
  private readonly open = new Map<string, Open>();
  private opening = 0;

  constructor(private readonly options: HttpSessionsOptions) {}

  get size(): number {
    return this.open.size;
  }

  get processes(): readonly Pid<ClientSession>[] {
    return Array.from(this.open.values(), ({ pid }) => pid);
  }

  async answer(request: Request, whenOver: WhenOver): Promise<Response> {
    const { longestBody } = this.options;
    let body: unknown;
    if (request.method === "POST") {
      const read = await readRequestBody(request, longestBody);
      if (read.tooLarge) return refused(413, -32_000, `a message may have at most ${longestBody} bytes`);
      body = parsed(read.text);
      if (body === undefined) return refused(400, -32_700, "the message is no JSON");
    }
    const sessionId = request.headers.get("mcp-session-id");
    if (sessionId === null && messagesIn(body).some(isInitializeRequest)) return this.begin(request, body, whenOver);
    if (sessionId === null)
      return refused(400, -32_000, "name the session in Mcp-Session-Id; one begins with initialize");
    const session = this.open.get(sessionId);
    // What the protocol wants, so that a client knows to begin anew.
    if (session === undefined) return refused(404, -32_001, "there is no such session; begin another with initialize");
    return this.pass(session, request, body, whenOver);
  }

  /** Ends those that nobody has used for long enough. */
  sweep(): void {
    const before = performance.now() - this.options.idleMs;
    for (const session of this.open.values())
      if (session.connections === 0 && session.usedAt <= before) void session.transport.close();
  }

  async endAll(): Promise<void> {
    await Promise.all(Array.from(this.open.values(), ({ transport }) => transport.close()));
  }

  private async begin(request: Request, body: unknown, whenOver: WhenOver): Promise<Response> {
    const { session, supervisor, most, started } = this.options;
    if (this.open.size + this.opening >= most) this.endIdlest();
    if (this.open.size + this.opening >= most)
      return refused(503, -32_000, `${most} clients are connected, and no more may be; try later`);
    this.opening++;
    try {
      const name = randomUUID();
      const transport = new SessionTransport({ sessionIdGenerator: () => name });
      const arg = { ...session, id: name, transport };
      const result = await startChild(supervisor, child(ClientSession, arg, { restart: "temporary" }));
      if (!("ok" in result) || result.ok === undefined)
        return refused(503, -32_000, "no session could be begun; try again");
      const pid = result.ok as Pid<ClientSession>; // what was asked for above
      const open: Open = { pid, transport, connections: 0, usedAt: performance.now(), alone: new Set() };
      const response = await this.pass(open, request, body, whenOver);
      if (transport.sessionId === undefined) await transport.close();
      else {
        this.open.set(name, open);
        started(pid, () => this.open.delete(name));
      }
      return response;
    } finally {
      this.opening--;
    }
  }

  private async pass(session: Open, request: Request, body: unknown, whenOver: WhenOver): Promise<Response> {
    const { transport, alone } = session;
    const messages = messagesIn(body);
    const ids = messages.flatMap((message) => {
      const found = asked.safeParse(message);
      return found.success ? [found.data.id] : [];
    });
    session.connections++;
    session.usedAt = performance.now();
    for (const one of ids) if (ids.length === 1) alone.add(one);
    let isStream = false;
    whenOver((whole) => {
      if (isStream) transport.heard(false);
      session.connections--;
      session.usedAt = performance.now();
      for (const one of ids) {
        alone.delete(one);
        // Nobody can be given the answer any more, so the call would be made for nothing.
        if (!whole) cancel(transport, one);
      }
    });
    const response = await transport.handleRequest(request, body === undefined ? {} : { parsedBody: body });
    isStream = request.method === "GET" && response.ok;
    if (isStream) transport.heard(true);
    // A call that is cancelled has no answer, and the SDK would keep the stream open for it.
    for (const message of messages) {
      const found = cancelled.safeParse(message);
      if (found.success && alone.has(found.data.params.requestId))
        transport.closeSSEStream(found.data.params.requestId);
    }
    return response;
  }

  /** To make room: a client that comes back begins anew. */
  private endIdlest(): void {
    const [idlest] = [...this.open.entries()]
      .filter(([, { connections }]) => connections === 0)
      .sort(([, a], [, b]) => a.usedAt - b.usedAt);
    if (idlest === undefined) return;
    this.open.delete(idlest[0]);
    void idlest[1].transport.close();
  }
}

function cancel({ onmessage }: SessionTransport, requestId: RequestId): void {
  const params = { requestId, reason: "the connection was lost" };
  onmessage?.({ jsonrpc: "2.0", method: "notifications/cancelled", params });
}

function messagesIn(body: unknown): readonly unknown[] {
  if (body === undefined) return [];
  return Array.isArray(body) ? body : [body];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}

function refused(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: "2.0", error: { code, message }, id: null }, { status });
}
