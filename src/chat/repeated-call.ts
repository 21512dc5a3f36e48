// A model that goes in circles: it asks for the same tool with the same arguments again and again, and the same comes of it.
import { isDeepStrictEqual } from "node:util";
import type { StoredMessage, ToolMessage } from "../actors/session/message.js";
import { inOrder } from "./transcript.js";

/** Rounds of the same after which no other is to be expected. */
const MOST_TIMES = 5;

interface Series {
  readonly call: ToolMessage;
  /** In so many rounds, each next to the last in which this call was made. */
  times: number;
  /** In which it was made last. */
  round: number;
}

/** The call that was made too often in the answer to this message, told by its id. Several of the same in one round count once. */
export function repeatedCall(
  messages: readonly StoredMessage[],
  request: string,
): { readonly tool: string; readonly times: number } | undefined {
  const said = inOrder(messages);
  const series: Series[] = [];
  let round = 0;
  for (const message of said.slice(said.findIndex(({ id }) => id === request) + 1)) {
    if (message.superseded) continue;
    if (message.role === "assistant") round++;
    if (message.role !== "tool") continue;
    const at = series.findIndex(({ call }) => isSameCall(call, message));
    const known = series[at];
    if (known === undefined) series.push({ call: message, times: 1, round });
    else if (!isSameResult(known.call, message)) series[at] = { call: message, times: 1, round };
    else if (known.round !== round) {
      known.times++;
      known.round = round;
    }
  }
  const worst = series.find(({ times }) => times >= MOST_TIMES);
  return worst && { tool: worst.call.tool, times: worst.times };
}

function isSameCall(one: ToolMessage, other: ToolMessage): boolean {
  return one.tool === other.tool && isDeepStrictEqual(one.arguments, other.arguments);
}

function isSameResult(one: ToolMessage, other: ToolMessage): boolean {
  return one.status === other.status && one.text === other.text;
}
