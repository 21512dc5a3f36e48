// Messages made to fit where the newest alone are too long: results of tools are cut first, the longest first, then what was said. Only
// for the request: what is stored stays whole.
import type { ModelMessage } from "../../llm/provider.js";
import { estimateTokens } from "../../llm/tokens.js";
import { messageTokens, sum } from "./estimate.js";

/** No text is cut shorter than about this, in tokens. */
const SHORTEST = 16;
const CUT = "\n… cut here to fit the model's window.";

/** The messages with texts cut so that all of them together have at most `budget` tokens, by estimate, as far as cutting texts does it. */
export function fitted(messages: readonly ModelMessage[], budget: number): readonly ModelMessage[] {
  if (total(messages) <= budget) return messages;
  let cut: readonly ModelMessage[] = messages;
  for (const roles of [["tool"], ["tool", "assistant", "user"]]) {
    for (let most = Math.max(SHORTEST, budget); most >= SHORTEST; most = Math.floor(most / 1.5)) {
      cut = messages.map((message) =>
        roles.includes(message.role) ? { ...message, text: cutTo(message.text, most) } : message,
      );
      if (total(cut) <= budget) return cut;
    }
  }
  return cut;
}

function cutTo(text: string, most: number): string {
  const tokens = estimateTokens(text);
  if (tokens <= most) return text;
  const room = Math.max(0, most - estimateTokens(CUT));
  return `${text.slice(0, Math.floor((text.length * room) / tokens)).replace(/[\uD800-\uDBFF]$/, "")}${CUT}`;
}

function total(messages: readonly ModelMessage[]): number {
  return sum(messages.map(messageTokens));
}
