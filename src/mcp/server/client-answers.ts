// How a client answers what servers ask during its calls: a form to fill in, a page to visit, an answer of its model. Each question is
// sent on the stream of the call it is for. Only what the client has declared that it takes is sent; the rest is refused here, by
// the codes the specification has for that (MCP 2025-11-25, Client Features), and the server's call goes on.
import { z } from "zod";
import { QuestionRefusedError } from "../client/errors.js";
import type { ElicitationAnswer, ElicitationRequest, SamplingAnswer, SamplingRequest } from "../client/mcp-types.js";
import type { AskedBy } from "../client/questions.js";
import { problemOf } from "../client/structured-output.js";
import type { ClientFacts } from "./front-desk.js";
import { ClientError, type IncomingCall, isRecord, type OutgoingOptions } from "./peer.js";
import { INVALID_PARAMS, METHOD_NOT_FOUND } from "./refusals.js";

export interface ClientAnswersHost {
  /** Undefined: it has not begun, or many share the session. */
  facts(): ClientFacts | undefined;
  /** The client's call by the id that servers know it by; undefined: it is over. */
  call(callId: string): IncomingCall | undefined;
  /** Asks the client. */
  request(method: string, params: object, options: OutgoingOptions): Promise<unknown>;
}

const elicited = z.object({
  action: z.enum(["accept", "decline", "cancel"]),
  content: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
    .nullish()
    .transform((content) => content ?? {}),
});
/** The first version whose sampling messages may be of several blocks. */
const SEVERAL_BLOCKS = "2025-11-25";
/** Pages whose completion is still waited for. */
const MOST_PAGES = 200;

export class ClientAnswers {
  /** By the id of each question that is open. */
  private readonly open = new Map<string, AbortController>();
  /** What the client was sent to web pages for, by server and id, the oldest first. */
  private readonly pages = new Set<string>();

  constructor(private readonly host: ClientAnswersHost) {}

  async elicit(request: ElicitationRequest & AskedBy): Promise<ElicitationAnswer> {
    const takes = this.capability("elicitation", "this client cannot ask its user");
    const isForm = request.mode === "form";
    // Before there were modes there were forms.
    if (isForm ? "url" in takes && !("form" in takes) : !("url" in takes))
      throw new QuestionRefusedError(
        INVALID_PARAMS,
        `this client does not take elicitation of the mode ${request.mode}`,
      );
    if (!isForm) this.sentTo(request.server, request.elicitationId);
    const params = isForm
      ? { ...("form" in takes ? { mode: "form" } : {}), message: request.message, requestedSchema: request.schema }
      : { mode: "url", message: request.message, url: request.url, elicitationId: request.elicitationId };
    const answer = elicited.safeParse(await this.ask("elicitation/create", params, request));
    if (!answer.success)
      throw new QuestionRefusedError(INVALID_PARAMS, "the client's answer is no answer to elicitation");
    const { action, content } = answer.data;
    const wrong = action === "accept" && request.mode === "form" ? await problemOf(request.schema, content) : undefined;
    if (wrong !== undefined)
      throw new QuestionRefusedError(INVALID_PARAMS, `the client's answer does not fit the form: ${wrong}`);
    return action === "accept" ? { action, values: content } : { action };
  }

  async sample(request: SamplingRequest & AskedBy): Promise<SamplingAnswer> {
    const takes = this.capability("sampling", "this client has no model to ask");
    const { tools, toolChoice, includeContext, messages, ...whole } = request.whole ?? {};
    if ((tools !== undefined || toolChoice !== undefined) && !("tools" in takes))
      throw new QuestionRefusedError(INVALID_PARAMS, "this client does not take tools in sampling");
    const params = {
      ...whole,
      messages: this.messagesFor(messages),
      ...("tools" in takes && tools !== undefined ? { tools } : {}),
      ...("tools" in takes && toolChoice !== undefined ? { toolChoice } : {}),
      ...("context" in takes && includeContext !== undefined ? { includeContext } : {}),
    };
    const answer = await this.ask("sampling/createMessage", params, request);
    if (!isRecord(answer))
      throw new QuestionRefusedError(INVALID_PARAMS, "the client's answer is no answer to sampling");
    return { allowed: true, whole: answer };
  }

  /** The server wants no answer any more. */
  withdraw(id: string): void {
    this.open.get(id)?.abort();
  }

  /** The client was sent to a page by the error of a call, or by a question. */
  sentTo(server: string, elicitationId: string): void {
    const [oldest] = this.pages;
    if (this.pages.size >= MOST_PAGES && oldest !== undefined) this.pages.delete(oldest);
    this.pages.add(`${server} ${elicitationId}`);
  }

  /** What it was sent there for is done; whether that is this client's business. Once. */
  isDone(server: string, elicitationId: string): boolean {
    return this.pages.delete(`${server} ${elicitationId}`);
  }

  private capability(name: "elicitation" | "sampling", otherwise: string): { readonly [key: string]: unknown } {
    const takes = this.host.facts()?.capabilities[name];
    if (!isRecord(takes)) throw new QuestionRefusedError(METHOD_NOT_FOUND, otherwise);
    return takes;
  }

  /** A client of an older version knows messages of one block alone: of several it gets several messages. */
  private messagesFor(messages: unknown): unknown {
    const { protocol = "" } = this.host.facts() ?? {};
    if (protocol >= SEVERAL_BLOCKS || !Array.isArray(messages)) return messages;
    return messages.flatMap((message) =>
      isRecord(message) && Array.isArray(message.content)
        ? message.content.map((content: unknown) => ({ role: message.role, content }))
        : [message],
    );
  }

  private async ask(method: string, params: object, { id, calls = [] }: AskedBy): Promise<unknown> {
    const running = calls.toReversed().flatMap((callId) => this.host.call(callId) ?? []);
    const over = new AbortController();
    // Which of the client's own calls it is for is not always known, so it stays open until none of them wants an answer.
    const look = (): void => {
      if (running.every(({ signal }) => signal.aborted)) over.abort();
    };
    for (const { signal } of running) signal.addEventListener("abort", look, { once: true });
    look();
    const [likeliest] = running;
    if (likeliest === undefined || over.signal.aborted) throw new ClientError("cancelled", "the call is over");
    this.open.set(id, over);
    try {
      return await this.host.request(method, params, { about: likeliest.id, signal: over.signal });
    } catch (error) {
      if (!(error instanceof ClientError) || error.rpc === undefined) throw error;
      throw new QuestionRefusedError(error.rpc.code, error.rpc.message, error.rpc.data);
    } finally {
      for (const { signal } of running) signal.removeEventListener("abort", look);
      this.open.delete(id);
    }
  }
}
