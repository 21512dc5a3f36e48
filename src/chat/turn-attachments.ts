// What goes with the messages of a turn: reads what the user's message mentions, once, before the model is asked, and gives a model
// what it can take.
import { again } from "../actors/again.js";
import type { Attachment, UserMessage } from "../actors/session/message.js";
import type { SessionDatabase } from "../actors/session/stored-sessions.js";
import type { Store } from "../actors/store/store.js";
import type { ModelMessage, Provider } from "../llm/provider.js";
import type { Router } from "../mcp/client/router/router.js";
import type { Named, Ref } from "../supervision/index.js";
import { AttachmentReader, keepAttachment } from "./attachments.js";
import { type MentionLimits, readMentions } from "./mentions/read.js";
import { isImage, type SentMessage } from "./sent-message.js";
import { type ServerNames, serverReach } from "./server-reach.js";

export interface TurnAttachmentsOptions extends ServerNames {
  readonly store: Named<Store>;
  readonly router: Router;
  /** What paths are relative to. */
  readonly folder: string;
  readonly mentions: MentionLimits;
}

export class TurnAttachments {
  private readonly database: SessionDatabase;
  private readonly reader: AttachmentReader;

  /** `use` is that of the turn's process. */
  constructor(
    private readonly use: <T>(ref: Ref<T>) => Ref<T>,
    private readonly options: TurnAttachmentsOptions,
  ) {
    this.database = use(options.store);
    this.reader = new AttachmentReader(this.database);
  }

  /** The message with what its first `typed` characters mention. Rejects with the signal's reason, or StoreError. */
  async read(message: UserMessage, typed: number, signal: AbortSignal): Promise<UserMessage> {
    const { use } = this;
    const { servers, aggregator, router, folder, mentions: limits } = this.options;
    const sources = {
      folder,
      limits,
      reach: serverReach(use, this.options),
      serverNames: async () => (await again(() => use(servers).call.status())).map(({ name }) => name),
      tools: async () => router.visible(await again(() => use(aggregator).call.tools())),
    };
    const found = await readMentions(message.text.slice(0, typed), sources, signal);
    const attachments: Attachment[] = [...(message.attachments ?? [])];
    for (const one of found) attachments.push("problem" in one ? one : await keepAttachment(this.database, one));
    const { unread: _, ...read } = message;
    return attachments.length === 0 ? read : { ...read, attachments };
  }

  /** What the user should know of a model that is not shown the images of this message. */
  async unseenBy(model: Provider, message: UserMessage): Promise<string | undefined> {
    const images = (message.attachments ?? []).filter(isImage);
    if (images.length === 0 || (await model.seesImages?.()) === true) return undefined;
    const names = images.map(({ name }) => name).join(", ");
    return `${model.id} sees no images, so it is not shown ${names}; /models lists others.`;
  }

  /** The messages with what goes with them, as far as the model can take it. Rejects with StoreError. */
  async filled(messages: readonly SentMessage[], model: Provider): Promise<readonly ModelMessage[]> {
    if (!messages.some(({ attachments }) => attachments !== undefined)) return messages;
    return this.reader.filled(messages, (await model.seesImages?.()) === true);
  }
}
