// How many tokens each part of a request has, about. What does not change is counted once.
import type { StoredMessage } from "../../actors/session/message.js";
import type { ToolDescription } from "../../llm/provider.js";
import { estimateTokens, estimateTokensOfBytes, IMAGE_TOKENS, MESSAGE_TOKENS } from "../../llm/tokens.js";
import { isImage, type SentAttachment, type SentMessage } from "../sent-message.js";

const counted = new WeakMap<object, number>();

function once(subject: object, count: () => number): number {
  const known = counted.get(subject);
  if (known !== undefined) return known;
  const tokens = count();
  counted.set(subject, tokens);
  return tokens;
}

/** Of a stored message, as far as it is sent. */
export function storedTokens(message: StoredMessage): number {
  return once(message, () => {
    const { role, text } = message;
    if (role === "summary" || (role === "user" && message.status !== "complete")) return 0;
    const more = role === "assistant" ? saidBeside(message.toolCalls, message.thoughts ?? []) : carriedTokens(message);
    return text === "" && more === 0 ? 0 : MESSAGE_TOKENS + estimateTokens(text) + more;
  });
}

export function messageTokens(message: SentMessage): number {
  const more =
    message.role === "assistant" ? saidBeside(message.toolCalls, message.thoughts ?? []) : carriedTokens(message);
  return MESSAGE_TOKENS + estimateTokens(message.text) + more;
}

export function toolTokens(tool: ToolDescription): number {
  return once(tool, () => {
    const { name, description, inputSchema } = tool;
    return MESSAGE_TOKENS + estimateTokens(`${name}${description}${JSON.stringify(inputSchema)}`);
  });
}

/** What goes with a message, by its size alone. */
function carriedTokens({ attachments = [] }: { readonly attachments?: readonly SentAttachment[] | undefined }): number {
  const tokens = attachments.map((one) => {
    if ("problem" in one) return estimateTokens(one.problem);
    return isImage(one) ? IMAGE_TOKENS : estimateTokensOfBytes(Math.min(one.bytes, one.cutTo ?? one.bytes));
  });
  return sum(tokens);
}

/** Calls and thoughts. */
function saidBeside(
  calls: readonly { readonly name: string; readonly arguments: object }[],
  thoughts: readonly { readonly text: string }[],
): number {
  const called = calls.map(({ name, arguments: args }) => MESSAGE_TOKENS + estimateTokens(name + JSON.stringify(args)));
  return sum([...called, ...thoughts.map(({ text }) => estimateTokens(text))]);
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
