// Attachments between the conversation and the model: what is read is kept once, and given back as the texts and images of a message.
import { keepContent, readContent } from "../actors/session/attachments.js";
import type { Attachment, KeptAttachment, StoredMessage } from "../actors/session/message.js";
import type { SessionDatabase } from "../actors/session/stored-sessions.js";
import type { ModelImage, ModelMessage } from "../llm/provider.js";
import type { ContentBlock } from "../mcp/client/mcp-types.js";
import { type Content, imageOf, type SizeLimits } from "./mentions/content.js";

/** By hash. */
export type Contents = ReadonlyMap<string, Uint8Array>;

/** Of one result of a tool, or one message of a prompt. */
const MOST_IMAGES = 10;

export function keepAttachment(database: SessionDatabase, { name, mimeType, data }: Content): Promise<KeptAttachment> {
  return keepContent(database, data).then((hash) => ({ name, mimeType, bytes: data.length, hash }));
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

/** Reads what messages carry, each content once as long as this lives. */
export class AttachmentReader {
  private readonly known = new Map<string, Uint8Array>();

  constructor(private readonly database: SessionDatabase) {}

  async contentsOf(messages: readonly StoredMessage[]): Promise<Contents> {
    const kept = messages.flatMap((message) => ("attachments" in message ? (message.attachments ?? []) : []));
    for (const attachment of kept) {
      if ("problem" in attachment || this.known.has(attachment.hash)) continue;
      const data = await readContent(this.database, attachment.hash, attachment.bytes);
      if (data !== undefined) this.known.set(attachment.hash, data);
    }
    return this.known;
  }
}

export interface GivenAttachments {
  readonly attached?: readonly { readonly name: string; readonly text: string }[];
  readonly images?: readonly ModelImage[];
}

/** As the model is given them; of what could not be read it is told, too. */
export function givenAttachments(attachments: readonly Attachment[] = [], contents: Contents): GivenAttachments {
  const attached: { name: string; text: string }[] = [];
  const images: ModelImage[] = [];
  for (const one of attachments) {
    const data = "problem" in one ? undefined : contents.get(one.hash);
    if ("problem" in one) attached.push({ name: one.name, text: `[not attached: ${one.problem}]` });
    else if (data === undefined) attached.push({ name: one.name, text: "[not there any more]" });
    else if (isImage(one)) images.push({ name: one.name, mimeType: one.mimeType, data });
    else attached.push({ name: one.name, text: new TextDecoder().decode(data) });
  }
  return { ...(attached.length > 0 && { attached }), ...(images.length > 0 && { images }) };
}

export function isImage(attachment: Attachment): boolean {
  return "mimeType" in attachment && attachment.mimeType.startsWith("image/");
}

/** For a model that sees none: their names in their place. */
export function withoutImages(messages: readonly ModelMessage[]): ModelMessage[] {
  return messages.map((message): ModelMessage => {
    if (!("images" in message) || message.images === undefined) return message;
    const { images, ...rest } = message;
    if (rest.role === "tool") return rest; // its text names them
    const named = images.map(({ name }) => ({ name, text: "[an image, which you cannot see]" }));
    return { ...rest, attached: [...(rest.attached ?? []), ...named] };
  });
}
