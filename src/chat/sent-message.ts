// A message as it is to be sent to a model: what goes with it is named, and put in only when it is sent (attachments.ts).
import type { Attachment, StoredMessage } from "../actors/session/message.js";
import type { ModelMessage } from "../llm/provider.js";

/** One that is to be sent, whole or its first `cutTo` bytes. */
export type SentAttachment = Attachment & { readonly cutTo?: number };

/** A message for the model whose attachments are named and not read yet. */
export type SentMessage = ModelMessage & { readonly attachments?: readonly SentAttachment[] };

export function isImage(attachment: Attachment): boolean {
  return "mimeType" in attachment && attachment.mimeType.startsWith("image/");
}

/** What goes with a message, to be named in the one that is sent. */
export function carriedBy(message: StoredMessage | undefined): Pick<SentMessage, "attachments"> {
  const attachments = message !== undefined && "attachments" in message ? message.attachments : undefined;
  return attachments === undefined || attachments.length === 0 ? {} : { attachments };
}
