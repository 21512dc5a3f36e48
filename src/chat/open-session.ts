// The session the conversation is in: its messages are kept there before anything comes of them, and it is begun with as it stands.
// What storage refuses is said in one line, and the conversation goes on.
import { again } from "../actors/again.js";
import type { AssistantMessage, StoredMessage, UserMessage } from "../actors/session/message.js";
import type { Session, Usage } from "../actors/session/session.js";
import { TakenError } from "../actors/session/stored-sessions.js";
import { StoreError } from "../actors/store/store.js";
import { messageOf, type Ref } from "../supervision/index.js";
import type { ShownItems } from "./shown-items.js";
import { inOrder } from "./transcript.js";

export class OpenSession {
  id = "";
  usage: Usage = { tokens: { input: 0, output: 0 }, cached: 0, cost: 0 };

  constructor(
    private readonly session: Ref<Session>,
    private readonly shown: ShownItems,
  ) {}

  /** Undefined, and said, when storage refuses the work. */
  async told<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreError || error instanceof TakenError)) throw error;
      const text = messageOf(error);
      if (!this.shown.endsWithNotice(text)) this.shown.notice("error", text); // a turn that was refused has said the same just now
      return undefined;
    }
  }

  /** Begins with the session as it stands. */
  async begin(): Promise<void> {
    const { id, messages, tokens, cached, cost } = await again(() => this.session.call.view());
    this.id = id;
    this.usage = { tokens, cached, cost };
    this.shown.replace(messages);
  }

  /** Those in memory. */
  async messages(): Promise<readonly StoredMessage[]> {
    return (await again(() => this.session.call.view())).messages;
  }

  /** Another session takes the place of this one, and its end is shown. False, and said, when it could not. */
  async change(take: () => Promise<unknown>): Promise<boolean> {
    const taken = await this.told(async () => {
      await again(take);
      return true;
    });
    if (taken === undefined) return false;
    await this.begin();
    this.shown.showAgain();
    return true;
  }

  /** False when it could not be kept, and so will not be sent. */
  async keep(message: UserMessage | AssistantMessage): Promise<boolean> {
    const kept = await this.told(async () => {
      await again(() => this.session.call.put(message));
      return true;
    });
    return kept === true;
  }

  /** The user's last message that was sent, with what came after it; undefined, and said, if storage refuses or there is none. */
  private async lastSent(): Promise<{ readonly message: UserMessage; readonly after: StoredMessage[] } | undefined> {
    const view = await this.told(() => again(() => this.session.call.view()));
    const messages = inOrder(view?.messages ?? []).filter(({ superseded }) => superseded !== true);
    const at = messages.findLastIndex(({ role, status }) => role === "user" && status === "complete");
    const message = messages[at];
    if (view !== undefined && message?.role === "user") {
      // A summary of what was said before it holds all the same.
      const position = view.from + view.messages.findIndex(({ id }) => id === message.id);
      const after = messages.slice(at + 1).filter((each) => each.role !== "summary" || each.keptFrom > position);
      return { message, after };
    }
    if (view !== undefined) this.shown.notice("warn", "Nothing was said yet in this conversation.");
    return undefined;
  }

  /** What the user said last; undefined, and said, if that cannot be had. */
  async last(): Promise<UserMessage | undefined> {
    return (await this.lastSent())?.message;
  }

  /**
   * Supersedes what came after the user's last message, and `itself` that, too; answers the message. From the end on, so that what a
   * killed process leaves is a conversation that was broken off earlier. Undefined, and said, if there is none or storage refuses.
   */
  async supersede({ itself }: { readonly itself: boolean }): Promise<UserMessage | undefined> {
    const last = await this.lastSent();
    if (last === undefined) return undefined;
    const { message, after } = last;
    return this.told(async () => {
      for (const each of (itself ? [message, ...after] : after).reverse()) {
        await again(() => this.session.call.put({ ...each, superseded: true }));
      }
      return message;
    });
  }

  /** A turn has ended: what it had not finished is marked and shown so. */
  async turnEnded(): Promise<void> {
    await this.told(async () => {
      const marked = await again(() => this.session.call.turnEnded());
      for (const message of marked) if (message.role !== "user") this.shown.show(message);
    });
  }

  /** Nobody goes on with what was under way when its writer died: it is marked and shown so. Answers what it marked. */
  async markInterrupted(): Promise<readonly StoredMessage[]> {
    const marked = await this.told(() => again(() => this.session.call.markInterrupted()));
    for (const message of marked ?? []) this.shown.show(message);
    return marked ?? [];
  }

  async refreshUsage(): Promise<void> {
    this.usage = await again(() => this.session.call.usage());
  }
}
