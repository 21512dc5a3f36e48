// What goes with the messages of a turn: reads what the user's message mentions, once, before the model is asked; keeps the images
// that tools answer; and gives a model what it can take.
import { again } from "../actors/again.js";
import type { Attachment, StoredMessage, UserMessage } from "../actors/session/message.js";
import type { SessionDatabase } from "../actors/session/stored-sessions.js";
import type { Store } from "../actors/store/store.js";
import type { ModelMessage, Provider } from "../llm/provider.js";
import type { ContentBlock } from "../mcp/client/mcp-types.js";
import type { Router } from "../mcp/client/router/router.js";
import type { Named, Ref } from "../supervision/index.js";
import { AttachmentReader, type Contents, keepAttachment, keepImages, withoutImages } from "./attachments.js";
import { type MentionLimits, readMentions } from "./mentions/read.js";
import { type ServerNames, serverReach } from "./server-reach.js";

export interface TurnAttachmentsOptions extends ServerNames {
  readonly use: <T>(ref: Ref<T>) => Ref<T>;
  readonly store: Named<Store>;
  readonly router: Router;
  /** What paths are relative to. */
  readonly folder: string;
  readonly limits: MentionLimits;
}

export class TurnAttachments {
  private readonly database: SessionDatabase;
  private readonly reader: AttachmentReader;

  constructor(private readonly options: TurnAttachmentsOptions) {
    this.database = options.use(options.store);
    this.reader = new AttachmentReader(this.database);
  }

  /** The message with what it mentions; undefined when that is done already. Rejects with the signal's reason, or StoreError. */
  async read(message: UserMessage, signal: AbortSignal): Promise<UserMessage | undefined> {
    const { unread, ...rest } = message;
    if (unread === undefined) return undefined;
    const { use, servers, aggregator, router, folder, limits } = this.options;
    const found = await readMentions(
      message.text.slice(0, unread),
      {
        folder,
        limits,
        reach: serverReach(use, this.options),
        serverNames: async () => (await again(() => use(servers).call.status())).map(({ name }) => name),
        tools: async () => router.visible(await again(() => use(aggregator).call.tools())),
      },
      signal,
    );
    const attachments: Attachment[] = [];
    for (const one of found) attachments.push("problem" in one ? one : await keepAttachment(this.database, one));
    return { ...rest, attachments: [...(message.attachments ?? []), ...attachments] };
  }

  contentsOf(messages: readonly StoredMessage[]): Promise<Contents> {
    return this.reader.contentsOf(messages);
  }

  /** The images that a tool answered. */
  async ofResult(tool: string, content: readonly ContentBlock[]): Promise<{ readonly attachments?: Attachment[] }> {
    const attachments = await keepImages(this.database, tool, content, this.options.limits.size);
    return attachments.length === 0 ? {} : { attachments };
  }
}

/** The messages as the model can take them. */
export async function seenBy(
  model: Provider,
  messages: readonly ModelMessage[],
  signal: AbortSignal,
): Promise<readonly ModelMessage[]> {
  if (!messages.some((message) => "images" in message)) return messages;
  return (await model.seesImages?.(signal)) === true ? messages : withoutImages(messages);
}
