// CommandRun: a slash command that waits for servers, in a process of its own, so that the chat stays reachable and Esc is simply
// its end. temporary, 1 s; to the chat it is a turn like any other. It is linked to the chat and holds nothing.
import type { AssistantMessage, UserMessage } from "../actors/session/message.js";
import type { Provider } from "../llm/provider.js";
import { BanyanError, GenServer, messageOf, type NoReply, stop } from "../supervision/index.js";
import type { FormValues } from "./asking.js";
import { keepImages } from "./attachments.js";
import type { ChatOptions } from "./chat-options.js";
import type { PromptSaid, ServerCommand, ServerCommandContext } from "./command.js";
import type { NoticeLevel } from "./events.js";
import type { SizeLimits } from "./mentions/content.js";
import { promptMessages } from "./prompt-messages.js";
import { saveContent } from "./saved-content.js";
import { serverReach } from "./server-reach.js";
import type { FormRequest } from "./turn-owner.js";

/** Markdown; or what is said in the conversation; or nothing. */
export type CommandResult = string | readonly (UserMessage | AssistantMessage)[] | undefined;

/** The chat, as a command sees it. */
export interface CommandOwner {
  commandDone(line: string, answer: CommandResult): void;
  chooseModel(provider: Provider): void;
  resourceSubscribed(server: string, uri: string, wanted: boolean): void;
  note(level: NoticeLevel, text: string): void;
  fillForm(request: FormRequest): NoReply | FormValues;
}

export interface CommandRunOptions {
  readonly names: ChatOptions;
  readonly command: ServerCommand;
  /** As it was typed, and what followed the name in it. */
  readonly line: string;
  readonly rest: string;
  /** The model that answers now. */
  readonly model: string;
  /** What goes with a prompt's messages, at most. */
  readonly sizes: SizeLimits;
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
      await chat.call.commandDone(line, typeof answer === "object" ? await this.said(answer) : answer);
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      if (!this.signal.aborted) await chat.call.note("error", messageOf(error));
    }
    return stop("normal");
  }

  private said({ prompt, messages }: PromptSaid): Promise<readonly (UserMessage | AssistantMessage)[]> {
    const { names, sizes } = this.options;
    return promptMessages(prompt, messages, {
      images: (content) => keepImages(this.use(names.store), prompt, content, sizes),
      save: (content) => saveContent(content, names.results),
    });
  }

  private context(): ServerCommandContext {
    const { names, model } = this.options;
    const chat = this.use(names.self);
    let forms = 0;
    return {
      names,
      use: (ref) => this.use(ref),
      ...serverReach((ref) => this.use(ref), names),
      fillIn: (request) =>
        chat.with({ timeout: FOREVER }).call.fillForm({ ...request, id: `${this.self().id}-${++forms}` }),
      subscribed: (server, uri, wanted) => chat.cast.resourceSubscribed(server, uri, wanted),
      note: (text) => chat.cast.note("info", text),
      models: names.models,
      model,
      chooseModel: (provider) => chat.cast.chooseModel(provider),
      folder: names.project,
    };
  }
}
