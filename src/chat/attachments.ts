// Attachments between the conversation and the model: what is read is kept once, a message to be sent names it, and its content is put
// in when it is sent: what a model cannot see is named to it instead.
import { keepContent, readContent } from "../actors/session/attachments.js";
import type { Attachment, KeptAttachment } from "../actors/session/message.js";
import type { SessionDatabase } from "../actors/session/stored-sessions.js";
import type { ModelImage, ModelMessage } from "../llm/provider.js";
import type { ContentBlock } from "../mcp/client/mcp-types.js";
import { type Content, imageOf, type SizeLimits } from "./mentions/content.js";
import { isImage, type SentAttachment, type SentMessage } from "./sent-message.js";
import { cutText } from "./transcript.js";

/** Of one result of a tool, or one message of a prompt. */
const MOST_IMAGES = 10;

export async function keepAttachment(
  database: SessionDatabase,
  { name, mimeType, data }: Content,
): Promise<KeptAttachment> {
  return { name, mimeType, bytes: data.length, hash: await keepContent(database, data) };
}

/** Keeps the images among the blocks; nothing else of them is. */
export async function keepImages(
  database: SessionDatabase,
  name: string,
  content: readonly ContentBlock[],
  limits: SizeLimits,
): Promise<KeptAttachment[]> {
  const images = content.flatMap((block) => imageOf(name, block, limits)).slice(0, MOST_IMAGES);
  return Promise.all(images.map((image) => keepAttachment(database, image)));
}

/** Puts contents into messages, each read once as long as this lives. */
export class AttachmentReader {
  private readonly known = new Map<string, Uint8Array>();

  constructor(private readonly database: SessionDatabase) {}

  /** Rejects with StoreError. */
  async filled(messages: readonly SentMessage[], seesImages: boolean): Promise<readonly ModelMessage[]> {
    return Promise.all(
      messages.map(async ({ attachments, ...message }): Promise<ModelMessage> => {
        if (attachments === undefined || message.role === "assistant") return message;
        const attached: { name: string; text: string }[] = [];
        const images: ModelImage[] = [];
        for (const one of attachments) {
          const image = isImage(one);
          const data = "problem" in one || (image && !seesImages) ? undefined : await this.read(one);
          if (image && data !== undefined) images.push({ name: one.name, mimeType: `${mimeTypeOf(one)}`, data });
          else attached.push({ name: one.name, text: textOf(one, data) });
        }
        const shown = images.length > 0 ? { images } : {};
        // The text of a result names its images.
        return message.role === "tool" ? { ...message, ...shown } : { ...message, attached, ...shown };
      }),
    );
  }

  private async read({ hash, bytes }: KeptAttachment): Promise<Uint8Array | undefined> {
    const known = this.known.get(hash);
    if (known !== undefined) return known;
    const data = await readContent(this.database, hash, bytes);
    if (data !== undefined) this.known.set(hash, data);
    return data;
  }
}

function mimeTypeOf(attachment: Attachment): string {
  return "mimeType" in attachment ? attachment.mimeType : "";
}

function textOf(attachment: SentAttachment, data: Uint8Array | undefined): string {
  if ("problem" in attachment) return `[not attached: ${attachment.problem}]`;
  if (data !== undefined) {
    const { cutTo = data.length } = attachment;
    return cutText(new TextDecoder().decode(data), cutTo, "bytes");
  }
  return isImage(attachment) ? "[an image, which you cannot see]" : "[not there any more]";
}
