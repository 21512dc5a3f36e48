// What a server's prompt says, as messages of the conversation. Blocks of one speaker in a row are one message, as providers want it.
// Images that the user is made to say go with the message; any other content that is no text is named, with its file.
import { type AssistantMessage, type KeptAttachment, stamp, type UserMessage } from "../actors/session/message.js";
import type { ContentBlock, PromptResult } from "../mcp/client/mcp-types.js";
import { blockText, cutText } from "./transcript.js";

/** Of one message, in characters. */
const LONGEST = 200_000;

export interface PromptKeeping {
  /** Keeps the images among the blocks. */
  images(content: readonly ContentBlock[]): Promise<readonly KeptAttachment[]>;
  /** Saves what is no text as files. */
  save(content: readonly ContentBlock[]): Promise<ReadonlyMap<ContentBlock, string>>;
}

/** `prompt` is its full name, which stands where a model's would. */
export async function promptMessages(
  prompt: string,
  messages: PromptResult["messages"],
  keeping: PromptKeeping,
): Promise<(UserMessage | AssistantMessage)[]> {
  const said: { role: "user" | "assistant"; content: ContentBlock[] }[] = [];
  for (const { role, content } of messages) {
    const last = said.at(-1);
    if (last?.role === role) last.content.push(content);
    else said.push({ role, content: [content] });
  }
  const files = await keeping.save(messages.map(({ content }) => content));
  return Promise.all(
    said.map(async ({ role, content }): Promise<UserMessage | AssistantMessage> => {
      const whole = content.map((block) => blockText(block, files.get(block))).join("\n\n");
      const text = cutText(whole, LONGEST, "characters");
      if (role === "assistant") return { ...stamp(), role, model: prompt, text, toolCalls: [], status: "complete" };
      const attachments = await keeping.images(content);
      return {
        ...stamp(),
        role,
        text,
        status: "complete",
        ...(attachments.length > 0 && { attachments: [...attachments] }),
      };
    }),
  );
}
