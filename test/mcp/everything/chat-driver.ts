// The chat without a screen, for tests of what servers can do: the application's whole tree with one real server, told what a user
// would type, and watched as a screen watches it.

import { loadConfig } from "../../../src/actors/config/load.js";
import { resolvePaths } from "../../../src/actors/paths.js";
import { type BanyanOptions, names, startBanyan } from "../../../src/application.js";
import type { Answer, ChatEvent, ChatWatcher, Question, TranscriptItem } from "../../../src/chat/events.js";
import { createOffline } from "../../../src/llm/offline.js";
import type { ServerConfigInput } from "../../../src/mcp/client/server-config.js";
import { type Application, GenServer, type NoReply, noReply, type Pid } from "../../../src/supervision/index.js";
import { BUSY_MACHINE } from "../../support/busy-machine.js";

class Watcher extends GenServer implements ChatWatcher {
  private readonly events: ChatEvent[] = [];
  private waiting: (() => boolean)[] = [];

  chatEvent(event: ChatEvent): void {
    this.events.push(event);
    this.waiting = this.waiting.filter((attempt) => !attempt());
  }

  count(): number {
    return this.events.length;
  }

  /** The first event from number `from` on that the test accepts. */
  next(from: number, accepts: (event: ChatEvent) => boolean): NoReply | ChatEvent {
    const asked = this.from<ChatEvent>();
    const attempt = (): boolean => {
      const found = this.events.slice(from).find(accepts);
      if (found === undefined) return false;
      asked.reply(found);
      return true;
    };
    if (!attempt()) this.waiting.push(attempt);
    return noReply;
  }
}

export class ChatDriver {
  private constructor(
    readonly app: Application,
    private readonly watcher: Pid<Watcher>,
  ) {}

  static async start(
    home: string,
    servers: readonly ServerConfigInput[],
    options: Partial<BanyanOptions> = {},
  ): Promise<ChatDriver> {
    const paths = resolvePaths({ home, env: {}, platform: process.platform, cwd: home });
    const request = { files: [], env: BUSY_MACHINE };
    const loaded = await loadConfig(request);
    if (!("ok" in loaded)) throw new Error("the defaults are valid");
    const app = await startBanyan({
      paths,
      request,
      loaded: loaded.ok,
      serversOf: () => ({ servers, problems: [] }),
      provider: createOffline(),
      models: { fallback: [], list: async () => [], choose: async () => createOffline() },
      project: home,
      resume: undefined,
      allow: servers.map(({ name }) => `${name}.*`),
      interactive: true,
      longLived: false,
      screen: [],
      version: "0.0.0",
      ...options,
    });
    const watcher = (await Watcher.start()).with({ timeout: 100_000 }) as Pid<Watcher>;
    await names.chat.call.subscribe(watcher);
    await names.servers.with({ timeout: 100_000 }).call.settled();
    return new ChatDriver(app, watcher);
  }

  /** Types a line, answers the questions that come, and waits for the end; returns what the transcript got. */
  async say(line: string, answers: readonly ((question: Question) => Answer)[] = []): Promise<TranscriptItem[]> {
    const from = await this.watcher.call.count();
    await names.chat.call.submit(line);
    let at = from;
    for (const answer of answers) {
      const question = await this.question(at);
      at = await this.watcher.call.count(); // the next question opens once this one is answered
      await names.chat.call.answer(question.id, answer(question));
    }
    await this.watcher.call.next(from, ({ type }) => type === "idle");
    return (await this.items(from)).filter((item) => item.kind !== "notice" || item.level !== "info");
  }

  /** Types a command that answers at once, so that no turn ends with it. */
  async look(line: string): Promise<TranscriptItem[]> {
    const from = await this.watcher.call.count();
    await names.chat.call.submit(line);
    await this.watcher.call.next(from, (event) => event.type === "item" && event.item.kind === "output");
    return this.items(from);
  }

  /** Types a command that ends with such an event. */
  async command(line: string, ends: (event: ChatEvent) => boolean): Promise<void> {
    const from = await this.watcher.call.count();
    await names.chat.call.submit(line);
    await this.watcher.call.next(from, ends);
  }

  async question(from: number): Promise<Question> {
    const event = await this.watcher.call.next(from, ({ type }) => type === "question");
    if (event.type !== "question") throw new Error("asked for a question");
    return event.question;
  }

  /** Waits for a notice that contains the text, among those from event number `from` on. */
  async notice(containing: string, from = 0): Promise<string> {
    const event = await this.watcher.call.next(
      from,
      (one) => one.type === "item" && one.item.kind === "notice" && one.item.text.includes(containing),
    );
    return event.type === "item" && event.item.kind === "notice" ? event.item.text : "";
  }

  /** The question that is open now, if one is. */
  async open(): Promise<Question | undefined> {
    return (await names.chat.call.subscribe(this.watcher)).question;
  }

  count(): Promise<number> {
    return this.watcher.call.count();
  }

  event(from: number, accepts: (event: ChatEvent) => boolean): Promise<ChatEvent> {
    return this.watcher.call.next(from, accepts);
  }

  /** What is in the transcript now of what came since event number `from`. */
  private async items(from: number): Promise<TranscriptItem[]> {
    const { items } = await names.chat.call.subscribe(this.watcher);
    const fresh = new Set<string>();
    for (let at = from, end = await this.watcher.call.count(); at < end; at++) {
      const event = await this.watcher.call.next(at, () => true);
      if (event.type === "item") fresh.add(event.item.id);
    }
    return items.filter(({ id }) => fresh.has(id));
  }

  stop(): Promise<unknown> {
    return this.app.stop();
  }
}
