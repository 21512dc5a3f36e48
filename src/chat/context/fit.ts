// Messages made to fit where the newest alone are too long: results of tools and attached texts are cut first, the longest first, then what was said. Only
// for the request: what is stored stays whole.
import { bytesOfTokens, estimateTokens } from "../../llm/tokens.js";
import { isImage, type SentMessage } from "../sent-message.js";
import { messageTokens, sum } from "./estimate.js";

/** No text is cut shorter than about this, in tokens. */
const SHORTEST = 16;
const CUT = "\n… cut here to fit the model's window.";

/** The messages with texts cut so that all of them together have at most `budget` tokens, by estimate, as far as cutting texts does it. */
export function fitted(messages: readonly SentMessage[], budget: number): readonly SentMessage[] {
  if (total(messages) <= budget) return messages;
  let cut: readonly SentMessage[] = messages;
  for (const roles of [["tool"], ["tool", "assistant", "user"]]) {
    for (let most = Math.max(SHORTEST, budget); most >= SHORTEST; most = Math.floor(most / 1.5)) {
      cut = messages.map((message) => {
        const whole = withAttachmentsCut(message, most);
        return roles.includes(message.role) ? { ...whole, text: cutTo(message.text, most) } : whole;
      });
      if (total(cut) <= budget) return cut;
    }
  }
  return cut;
}

function withAttachmentsCut(message: SentMessage, most: number): SentMessage {
  if (message.attachments === undefined) return message;
  const attachments = message.attachments.map((one) =>
    "problem" in one || isImage(one) ? one : { ...one, cutTo: bytesOfTokens(most) },
  );
  return { ...message, attachments };
}

function cutTo(text: string, most: number): string {
  const tokens = estimateTokens(text);
  if (tokens <= most) return text;
  const room = Math.max(0, most - estimateTokens(CUT));
  return `${text.slice(0, Math.floor((text.length * room) / tokens)).replace(/[\uD800-\uDBFF]$/, "")}${CUT}`;
}

function total(messages: readonly SentMessage[]): number {
  return sum(messages.map(messageTokens));
}
