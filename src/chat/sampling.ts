// Sampling: one answer of the user's model for a server that the user allowed to ask, in a process of its own, so that the chat
// stays reachable. temporary, 1 s: it is linked to the chat and is ended when the server wants no answer any more. It has the
// conversation's model and breaker and nothing of the conversation: no message, no tool.
import { again } from "../actors/again.js";
import type { CircuitBreaker } from "../actors/circuit-breaker.js";
import type { Session } from "../actors/session/session.js";
import { costOf, type Price } from "../llm/price.js";
import type { Provider } from "../llm/provider.js";
import type { SamplingAnswer, SamplingRequest } from "../mcp/client/mcp-types.js";
import type { AskedBy } from "../mcp/client/questions.js";
import { BanyanError, type From, GenServer, messageOf, type Named, type Ref, stop } from "../supervision/index.js";
import type { NoticeLevel } from "./events.js";

export interface SamplingOptions {
  readonly request: SamplingRequest & AskedBy;
  readonly from: From<SamplingAnswer>;
  readonly provider: Provider;
  readonly prices: readonly Price[];
  readonly breaker: Named<CircuitBreaker>;
  readonly session: Named<Session>;
  /** Is told what the server got. */
  readonly chat: Named<{ note(level: NoticeLevel, text: string): void }>;
  /** Most tokens, whatever the server asks for. */
  readonly maxTokens: number;
  /** Milliseconds for all of it. */
  readonly timeoutMs: number;
}

/** Of an answer, in UTF-16 units; what is longer is cut off. */
const LONGEST = 200_000;
const SHOWN = 500;

export class Sampling extends GenServer<SamplingOptions> {
  private options!: SamplingOptions; // set by init, as are the two below
  private breaker!: Ref<CircuitBreaker>;
  private session!: Ref<Session>;

  protected override init(options: SamplingOptions): void {
    this.options = options;
    this.breaker = this.use(options.breaker);
    this.session = this.use(options.session);
    this.link(options.chat);
    // Not bound to this process: a probe of the model that is broken off proves nothing.
    this.signal.addEventListener("abort", () => options.breaker.cast.released(), { once: true });
    this.continueWith("answer");
  }

  protected override async handleContinue() {
    const { from, request, chat } = this.options;
    const { server } = request;
    try {
      const answer = await this.answer();
      from.reply(answer);
      this.use(chat).cast.note("info", `The server ${server} got this answer of the model: ${shortened(answer.text)}`);
    } catch (error) {
      if (this.signal.aborted) return undefined;
      from.reply({ allowed: false, reason: error instanceof BanyanError ? messageOf(error) : "the model failed" });
      if (!(error instanceof BanyanError)) throw error;
      this.use(chat).cast.note("warn", `The server ${server} got no answer of the model: ${messageOf(error)}`);
    }
    return stop("normal");
  }

  private async answer(): Promise<Extract<SamplingAnswer, { text: string }>> {
    const { provider, request, maxTokens, timeoutMs } = this.options;
    const { system, messages, temperature } = request;
    const signal = AbortSignal.any([this.signal, AbortSignal.timeout(timeoutMs)]);
    await again(() => this.breaker.call.acquire());
    let text = "";
    let stopReason: "endTurn" | "maxTokens" = "endTurn";
    try {
      const asked = {
        ...(system === undefined ? {} : { system }),
        messages: messages.map((message) =>
          message.role === "user"
            ? { role: "user" as const, text: message.text }
            : { role: "assistant" as const, text: message.text, toolCalls: [] },
        ),
        tools: [],
        ...(temperature === undefined ? {} : { temperature: Math.min(2, Math.max(0, temperature)) }),
        maxTokens: Math.min(request.maxTokens, maxTokens),
      };
      for await (const event of provider.stream(asked, signal)) {
        if (event.type === "text") text += event.delta;
        else if (event.type === "done" && event.reason === "length") stopReason = "maxTokens";
        else if (event.type === "usage") {
          const { inputTokens, outputTokens, cacheReadTokens } = event;
          const cost = costOf(event, provider.id, this.options.prices);
          await again(() => this.session.call.addUsage(inputTokens, outputTokens, cost, cacheReadTokens));
        }
        if (text.length > LONGEST) {
          stopReason = "maxTokens";
          break;
        }
      }
    } catch (error) {
      if (!this.signal.aborted) this.breaker.cast.failed(messageOf(error));
      if (signal.aborted && !this.signal.aborted) {
        throw new BanyanError("sampling_timed_out", `The model did not answer within ${timeoutMs / 1_000} s.`);
      }
      throw error;
    }
    this.breaker.cast.succeeded();
    return { allowed: true, model: provider.id, text: text.slice(0, LONGEST), stopReason };
  }
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= SHOWN ? line : `${line.slice(0, SHOWN)}… (${text.length} characters)`;
}
