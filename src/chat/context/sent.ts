// Which of the stored messages the model is sent, and what stands before them: what the user pinned, and the summary of what was said
// earlier. What was pinned and summarised is data and no order, so it comes as a message and not in the system text.
import type { StoredMessage, SummaryMessage } from "../../actors/session/message.js";
import type { OwnContext } from "../../actors/session/own-context.js";
import type { SessionView } from "../../actors/session/session.js";
import { estimateTokens } from "../../llm/tokens.js";
import type { SentMessage } from "../sent-message.js";
import { modelMessages } from "../transcript.js";
import { storedTokens, sum } from "./estimate.js";
import { referenceLines } from "./references.js";

/** A message and where it is in the session, from 0. */
export interface Placed {
  readonly position: number;
  readonly message: StoredMessage;
}

type Conversation = Pick<SessionView, "messages" | "from" | "summary">;

/** The messages that are sent as they are, in the order in which they were said: none that is superseded. What the user said last is
 * always among them. */
export function sentAsItIs({ messages, from, summary }: Conversation): Placed[] {
  const said = messages
    .map((message, at) => ({ position: from + at, message }))
    .sort((one, other) => one.message.at - other.message.at);
  // Where the first of them is in memory no more, all that is came later.
  const first = Math.max(
    0,
    said.findIndex(({ position }) => position === (summary?.keptFrom ?? 0)),
  );
  const kept = said.slice(first).filter(isInForce);
  const request = kept.some(isRequest) ? undefined : said.slice(0, first).findLast(isRequest);
  return request === undefined ? kept : [request, ...kept];
}

export function isRequest({ message }: Placed): boolean {
  return message.role === "user" && message.status === "complete" && message.superseded !== true;
}

function isInForce({ message }: Placed): boolean {
  return message.role !== "summary" && message.superseded !== true;
}

/** All messages of a request. */
export function sentMessages(view: Conversation & { readonly context: OwnContext }): SentMessage[] {
  const kept = modelMessages(sentAsItIs(view).map(({ message }) => message));
  const before = [pinnedText(view.context.pinned), summaryText(view.summary)].filter((part) => part !== "");
  if (before.length === 0) return kept;
  const preface: SentMessage = { role: "user", text: before.join("\n\n") };
  // Some models take nothing but turns of one and the other.
  const taken: SentMessage = { role: "assistant", text: "Understood.", toolCalls: [] };
  return kept[0]?.role === "user" ? [preface, taken, ...kept] : [preface, ...kept];
}

/** Of them, by estimate; what was said is counted once only. */
export function sentTokens(view: Conversation & { readonly context: OwnContext }): number {
  const before = estimateTokens(pinnedText(view.context.pinned)) + estimateTokens(summaryText(view.summary));
  return before + sum(sentAsItIs(view).map(({ message }) => storedTokens(message)));
}

export function pinnedText(pinned: OwnContext["pinned"]): string {
  if (pinned.length === 0) return "";
  const pieces = pinned.map(({ kind, name, text }) =>
    kind === "text" ? `<text>\n${text}\n</text>` : `<${kind} name=${JSON.stringify(name)}>\n${text}\n</${kind}>`,
  );
  return ["The user has pinned this to the conversation:", ...pieces].join("\n");
}

export function summaryText(summary: SummaryMessage | undefined): string {
  if (summary === undefined) return "";
  const { text, messages, calls, model } = summary;
  const parts = [
    text === "" ? "" : `What was said earlier in this conversation (${messages} messages), in short:\n\n${text}`,
    model === "" ? "Earlier messages of this conversation are left out here, for they did not fit." : "",
    referenceLines(calls),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}
