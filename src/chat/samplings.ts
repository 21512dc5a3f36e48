// The model's answers for servers that are under way: each is a process of its own, which ends when its server wants it no more.
import type { Settings } from "../actors/config/schema.js";
import type { SamplingAnswer, SamplingRequest } from "../mcp/client/mcp-types.js";
import type { AskedBy } from "../mcp/client/questions.js";
import { child, exit, type From, type Pid, type Ref, startChild } from "../supervision/index.js";
import type { ChatOptions } from "./chat-options.js";
import type { ChosenModel } from "./chosen-model.js";
import { Sampling } from "./sampling.js";

export interface SamplingsHost {
  readonly options: ChatOptions;
  readonly model: ChosenModel;
  /** As they are now. */
  settings(): Settings;
  use<T>(ref: Ref<T>): Ref<T>;
}

/** Most tokens of an answer, where the settings say nothing of answers. */
const MOST_TOKENS = 4_096;

export class Samplings {
  /** By the id of the server's question. */
  private readonly running = new Map<string, Pid>();

  constructor(private readonly host: SamplingsHost) {}

  async start(request: SamplingRequest & AskedBy, from: From<SamplingAnswer>): Promise<void> {
    const { self: chat, breaker, session, tasks } = this.host.options;
    const { provider } = this.host.model;
    const settings = this.host.settings();
    const prices = Object.values(settings.prices);
    const { max_tokens: maxTokens = MOST_TOKENS, turn_timeout: timeoutMs } = settings.chat;
    const options = { request, from, provider, prices, breaker, session, chat, maxTokens, timeoutMs };
    const spec = child(Sampling, options, { restart: "temporary", shutdown: 1_000 });
    const started = await startChild(this.host.use(tasks), spec);
    if (!("ok" in started) || started.ok === undefined) {
      from.reply({ allowed: false, reason: "the model cannot be asked now" });
      return;
    }
    this.running.set(request.id, started.ok);
    void started.ok.down.then(() => this.running.delete(request.id));
  }

  withdraw(id: string): void {
    const sampling = this.running.get(id);
    if (sampling !== undefined) exit(this.host.use(sampling), "shutdown");
  }
}
