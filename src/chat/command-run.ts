// CommandRun: a slash command that waits for servers, in a process of its own, so that the chat stays reachable and Esc is simply
// its end. temporary, 1 s; to the chat it is a turn like any other. It is linked to the chat and holds nothing.
import type { AssistantMessage, UserMessage } from "../actors/session/message.js";
import type { Provider } from "../llm/provider.js";
import type { DescribedTool } from "../mcp/client/aggregator.js";
import { BanyanError, GenServer, messageOf, type NoReply, stop } from "../supervision/index.js";
import type { FormValues } from "./asking.js";
import { keepImages } from "./attachments.js";
import type { ChatOptions } from "./chat-options.js";
import type { PromptSaid, ServerCommand, ServerCommandAnswer, ServerCommandContext } from "./command.js";
import type { NoticeLevel } from "./events.js";
import type { SizeLimits } from "./mentions/content.js";
import { promptMessages } from "./prompt-messages.js";
import { saveContent } from "./saved-content.js";
import { serverReach } from "./server-reach.js";
import type { Approval, ApprovalRequest, FormRequest } from "./turn-owner.js";

/** What a command answered, with a prompt as it is said in the conversation. */
export type CommandResult = Exclude<ServerCommandAnswer, PromptSaid> | PromptMessages;

interface PromptMessages {
  readonly said: readonly (UserMessage | AssistantMessage)[];
}

/** The chat, as a command sees it. */
export interface CommandOwner {
  commandDone(line: string, answer: CommandResult): void;
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
      const said = typeof answer === "object" && "prompt" in answer;
      await chat.call.commandDone(line, said ? await this.said(answer) : answer);
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      if (!this.signal.aborted) await chat.call.note("error", messageOf(error));
    }
    return stop("normal");
  }

  private async said({ prompt, messages }: PromptSaid): Promise<PromptMessages> {
    const { names, sizes } = this.options;
    const said = await promptMessages(prompt, messages, {
      images: (content) => keepImages(this.use(names.store), prompt, content, sizes),
      save: (content) => saveContent(content, names.results),
    });
    return { said };
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
