// MCP over Streamable HTTP (MCP 2025-11-25, Basic, Transports): what a request to /mcp must be, and which session it is for. In
// stateless mode there are none: each POST stands alone, behind one session that many clients share without knowing of each other.
import { EVENT_STREAM } from "./event-stream.js";
import type { Principal } from "./gate/principal.js";
import { accepts, type BodyLimits, messagesOf, notAllowed, refused } from "./http-body.js";
import { HttpChannel, type HttpTimes, type PostOptions } from "./http-channel.js";
import type { HttpSessions } from "./http-sessions.js";
import { isId, isRecord, LAST_WITH_BATCHES, PROTOCOLS } from "./peer.js";
import { INVALID_REQUEST, NO_ANSWER } from "./refusals.js";
import type { RequestTrail } from "./trail.js";

export interface McpOverHttpOptions extends BodyLimits, HttpTimes {
  readonly stateless: boolean;
}

interface Post extends PostOptions {
  readonly request: Request;
  readonly protocol: string;
}

const SESSION_HEADER = "mcp-session-id";
/** As the official SDK has it: no such session. */
const NO_SESSION = -32_001;
/** What a client speaks that does not say it, as the specification has it. */
const UNSAID = "2025-03-26";
/** Bytes of a message that belongs to no session. */
const LONGEST_FIRST = 64 * 1024;
const FIRST_THAT_PRIMES = "2025-11-25";

export class McpOverHttp {
  /** In stateless mode: of all clients with the same key, by its id. */
  private readonly common = new Map<string, Promise<HttpChannel | Response>>();

  constructor(
    private readonly sessions: HttpSessions,
    private readonly options: McpOverHttpOptions,
  ) {}

  answer(request: Request, principal: Principal, trail: RequestTrail): Response | Promise<Response> {
    const { method } = request;
    const { stateless } = this.options;
    if (method === "POST") return this.post(request, principal, trail);
    if (stateless || (method !== "GET" && method !== "DELETE"))
      return notAllowed(stateless ? "POST" : "GET, POST, DELETE");
    if (method === "GET" && !accepts(request, EVENT_STREAM))
      return refused(406, NO_ANSWER, `say Accept: ${EVENT_STREAM}; that is what there is to hear`);
    const protocol = spoken(request);
    if (protocol instanceof Response) return protocol;
    const channel = this.channelOf(request, principal);
    if (channel instanceof Response) return channel;
    if (method === "GET") return channel.listen(request.headers.get("last-event-id"), protocol >= FIRST_THAT_PRIMES);
    channel.peer.close();
    return new Response(null, { status: 200 });
  }

  private post(request: Request, principal: Principal, trail: RequestTrail): Response | Promise<Response> {
    if (!accepts(request, "application/json", EVENT_STREAM))
      return refused(406, NO_ANSWER, `say Accept: application/json, ${EVENT_STREAM}; the answer is one or the other`);
    const protocol = spoken(request);
    if (protocol instanceof Response) return protocol;
    // A stranger's message is not read beyond what a first one may have.
    const isKnown = request.headers.has(SESSION_HEADER);
    if (isKnown && !this.options.stateless) {
      const channel = this.channelOf(request, principal);
      if (channel instanceof Response) return channel;
    }
    const longest =
      isKnown || this.options.stateless ? this.options.longest : Math.min(LONGEST_FIRST, this.options.longest);
    const { mostBatch } = this.options;
    return messagesOf(request, { longest, mostBatch }).then((posted) =>
      "refusal" in posted
        ? posted.refusal
        : this.posted(posted.messages, principal, {
            isBatch: posted.isBatch,
            primes: protocol >= FIRST_THAT_PRIMES,
            protocol,
            request,
            trail,
          }),
    );
  }

  private posted(messages: readonly unknown[], principal: Principal, post: Post): Response | Promise<Response> {
    const { isBatch, protocol, request } = post;
    if (isBatch && protocol > LAST_WITH_BATCHES)
      return refused(
        400,
        INVALID_REQUEST,
        `version ${protocol} of the protocol has no batches; send one message at a time`,
      );
    const begins = messages.some(isInitialize);
    if (begins && messages.length > 1) return refused(400, INVALID_REQUEST, "initialize comes alone");
    if (begins || this.options.stateless) return this.begun(messages, principal, post, begins);
    const channel = this.channelOf(request, principal);
    return channel instanceof Response ? channel : channel.post(messages, post);
  }

  private async begun(
    messages: readonly unknown[],
    principal: Principal,
    post: Post,
    begins: boolean,
  ): Promise<Response> {
    const channel = await this.newChannel(post.request, principal);
    if (channel instanceof Response) return channel;
    const response = await channel.post(messages, post);
    // Who is refused is not given a session to keep.
    const isRefused = !response.ok || (channel.peer.running === 0 && channel.peer.protocol === undefined);
    if (begins && isRefused && !this.options.stateless) channel.peer.close();
    return response;
  }

  private async newChannel(request: Request, by: Principal): Promise<HttpChannel | Response> {
    if (this.options.stateless) return this.commonChannel(by);
    if (request.headers.has(SESSION_HEADER)) return refused(400, INVALID_REQUEST, "the session has begun already");
    return this.sessions.begin(by, (id) => new HttpChannel(this.options, { [SESSION_HEADER]: id }, false));
  }

  private channelOf(request: Request, principal: Principal): HttpChannel | Response {
    const id = request.headers.get(SESSION_HEADER);
    if (id === null) return refused(400, NO_ANSWER, "name the session in Mcp-Session-Id; one begins with initialize");
    // 404 is what the protocol wants, so that a client knows to begin anew.
    return (
      this.sessions.find(id, principal, HttpChannel) ??
      refused(404, NO_SESSION, "there is no such session; begin another with initialize")
    );
  }

  private commonChannel(principal: Principal): Promise<HttpChannel | Response> {
    const { id } = principal;
    const common = this.common.get(id);
    if (common !== undefined) return common;
    const begun = this.sessions
      .begin(principal, () => new HttpChannel(this.options, {}, true, () => this.common.delete(id)), true)
      .then((channel) => {
        if (channel instanceof Response) this.common.delete(id);
        return channel;
      });
    this.common.set(id, begun);
    return begun;
  }
}

function isInitialize(message: unknown): boolean {
  return isRecord(message) && message.method === "initialize" && isId(message.id);
}

/** The version of the protocol that the client speaks; or the refusal of one that nobody knows. */
function spoken(request: Request): string | Response {
  const said = request.headers.get("mcp-protocol-version");
  if (said === null) return UNSAID;
  if (PROTOCOLS.some((version) => version === said)) return said;
  return refused(400, NO_ANSWER, `Mcp-Protocol-Version must be one of ${PROTOCOLS.join(", ")}`);
}
