// What a server's prompt says, as messages of the conversation. Blocks of one speaker in a row are one message, as providers want it.
import { type AssistantMessage, stamp, type UserMessage } from "../actors/session/message.js";
import type { PromptResult } from "../mcp/client/mcp-types.js";
import { blockText, cutText } from "./transcript.js";

/** Of one message, in characters. */
const LONGEST = 200_000;

/** `prompt` is its full name, which stands where a model's would. */
export function promptMessages(prompt: string, messages: PromptResult["messages"]): (UserMessage | AssistantMessage)[] {
  const said: { role: "user" | "assistant"; text: string }[] = [];
  for (const { role, content } of messages) {
    const last = said.at(-1);
    if (last?.role === role) last.text += `\n\n${blockText(content)}`;
    else said.push({ role, text: blockText(content) });
  }
  return said.map(({ role, text: whole }) => {
    const text = cutText(whole, LONGEST, "characters");
    if (role === "user") return { ...stamp(), role, text, status: "complete" };
    return { ...stamp(), role, model: prompt, text, toolCalls: [], status: "complete" };
  });
}
