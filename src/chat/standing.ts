// Where a turn stands, read from what is kept of it: that is all a turn goes on from, whoever began it and however it ended.
import type { AssistantMessage, StoredMessage, ToolMessage, UserMessage } from "../actors/session/message.js";
import type { ToolCall } from "../llm/provider.js";
import { inOrder } from "./transcript.js";

/** A call the model asked for whose end is not kept. Without a message it had not begun. */
export interface OpenCall {
  readonly call: ToolCall;
  readonly message: ToolMessage | undefined;
}

export interface Standing {
  /** Answers that asked for tools and are whole: the rounds begun so far. */
  readonly rounds: number;
  /** Of the last round. */
  readonly calls: readonly OpenCall[];
  /** The answer that was being written: it is asked for again and takes this one's place. */
  readonly cutOff: AssistantMessage | undefined;
  /** The calls are the user's, and no model is asked. */
  readonly byHand: boolean;
  /** The last word is said. */
  readonly over: boolean;
}

/** The message whose turn is under way, and those that wait for its end. */
export interface Unfinished {
  readonly request: UserMessage | undefined;
  readonly queued: readonly UserMessage[];
}

/** How often a turn that was broken off, or a call that crashed by itself, is taken up again. */
export const MOST_RESUMED = 3;

export function unfinished(stored: readonly StoredMessage[]): Unfinished {
  const asked = inOrder(stored).filter((message) => message.role === "user");
  return {
    request: asked.findLast(({ turn }) => turn !== undefined),
    queued: asked.filter(({ status }) => status === "queued"),
  };
}

/** `request` is the id of the user's message. */
export function standingOf(stored: readonly StoredMessage[], request: string): Standing {
  const messages = inOrder(stored).filter(({ superseded }) => superseded !== true);
  const since = messages.slice(messages.findIndex(({ id }) => id === request) + 1);
  const at = since.findLastIndex(({ role }) => role === "assistant");
  const last = since[at];
  const rounds = since.filter((message) => message.role === "assistant" && asksForTools(message)).length;
  const begun = { rounds, calls: [], cutOff: undefined, byHand: false, over: false };
  if (last?.role !== "assistant") return begun;
  if (last.status === "streaming") return { ...begun, cutOff: last };
  const made = since.slice(at).filter((message) => message.role === "tool");
  const calls = last.toolCalls.flatMap((call): OpenCall[] => {
    const found = made.findIndex(({ callId }) => callId === call.id);
    // Taken out, for a model may give two calls of one round the same id.
    const [message] = found < 0 ? [] : made.splice(found, 1);
    return message === undefined || isOpen(message) ? [{ call, message }] : [];
  });
  return { ...begun, calls, byHand: last.model === "", over: !asksForTools(last) };
}

function asksForTools({ status, toolCalls }: AssistantMessage): boolean {
  return status === "complete" && toolCalls.length > 0;
}

function isOpen({ status }: ToolMessage): boolean {
  return status === "waiting" || status === "running";
}
