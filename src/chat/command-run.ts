// CommandRun: a slash command that waits for servers, in a process of its own, so that the chat stays reachable and Esc is simply
// its end. temporary, 1 s; to the chat it is a turn like any other. It is linked to the chat and holds nothing.
import { again } from "../actors/again.js";
import type { Provider } from "../llm/provider.js";
import type { DescribedTool } from "../mcp/client/aggregator.js";
import type { ServerWrapper } from "../mcp/client/server-wrapper.js";
import { BanyanError, GenServer, messageOf, type NoReply, type Ref, stop } from "../supervision/index.js";
import type { FormValues } from "./asking.js";
import type { ChatOptions } from "./chat-options.js";
import type { ServerCommand, ServerCommandAnswer, ServerCommandContext } from "./command.js";
import type { NoticeLevel } from "./events.js";
import { offersNow } from "./offers-now.js";
import type { Approval, ApprovalRequest, FormRequest } from "./turn-owner.js";

/** The chat, as a command sees it. */
export interface CommandOwner {
  commandDone(line: string, answer: ServerCommandAnswer): void;
  chooseModel(provider: Provider): void;
  resourceSubscribed(server: string, uri: string, wanted: boolean): void;
  note(level: NoticeLevel, text: string): void;
  fillForm(request: FormRequest): NoReply | FormValues;
  approve(request: ApprovalRequest): NoReply | Approval;
  isAllowed(tool: DescribedTool): boolean;
}

/** What of a command is run in such a process. */
export type Runnable = Pick<ServerCommand, "name" | "ask" | "alone">;

export interface CommandRunOptions {
  readonly names: ChatOptions;
  readonly command: Runnable;
  /** As it was typed, and what followed the name in it. */
  readonly line: string;
  readonly rest: string;
  /** The model that answers now. */
  readonly model: string;
}

const FOREVER = Number.POSITIVE_INFINITY;

export class CommandRun extends GenServer<CommandRunOptions> {
  private options!: CommandRunOptions; // set by init

  protected override init(options: CommandRunOptions): void {
    this.options = options;
    this.link(options.names.self);
    this.continueWith("run");
  }

  protected override async handleContinue() {
    const { command, line, rest } = this.options;
    // Calls, for the chat answers them once it watches this process: the end of one that it did not watch yet is a crash to it.
    const chat = this.use(this.options.names.self).with({ timeout: FOREVER });
    try {
      const answer = await command.ask(this.context(), rest);
      await chat.call.commandDone(line, answer);
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      if (!this.signal.aborted) await chat.call.note("error", messageOf(error));
    }
    return stop("normal");
  }

  private context(): ServerCommandContext {
    const { names, model } = this.options;
    const chat = this.use(names.self);
    const servers = this.use(names.servers);
    const aggregator = this.use(names.aggregator);
    // The wrapper watches the deadline of what it is asked.
    const wrapperOf = async (name: string): Promise<Ref<ServerWrapper>> =>
      this.use(await again(() => servers.call.wrapperOf(name))).with({ timeout: FOREVER });
    let forms = 0;
    return {
      names,
      use: (ref) => this.use(ref),
      resources: () =>
        offersNow({
          servers,
          wrapperOf,
          known: () => aggregator.call.resources(),
          list: (wrapper) => wrapper.call.listResources(),
        }),
      templates: () =>
        offersNow({
          servers,
          wrapperOf,
          known: () => aggregator.call.templates(),
          list: (wrapper) => wrapper.call.listResourceTemplates(),
        }),
      prompts: () =>
        offersNow({
          servers,
          wrapperOf,
          known: () => aggregator.call.prompts(),
          list: (wrapper) => wrapper.call.listPrompts(),
        }),
      server: wrapperOf,
      read: (server, uri) => again(() => this.use(names.resources).with({ timeout: FOREVER }).call.read(server, uri)),
      fillIn: (request) =>
        chat
          .with({ timeout: FOREVER, signal: this.signal })
          .call.fillForm({ ...request, id: `${this.self().id}-${++forms}` }),
      subscribed: (server, uri, wanted) => chat.cast.resourceSubscribed(server, uri, wanted),
      note: (text) => chat.cast.note("info", text),
      models: names.models,
      model,
      chooseModel: (provider) => chat.cast.chooseModel(provider),
      folder: names.project,
      signal: this.signal,
      approve: (request) => chat.with({ timeout: FOREVER, signal: this.signal }).call.approve(request),
      isAllowed: (tool) => chat.call.isAllowed(tool),
    };
  }
}
