// Which messages are compacted and which stay as they are: the newest stay, as many as fit; what the user said last stays; and a tool
// call is never parted from its result.
import { storedTokens } from "./estimate.js";
import { isRequest, type Placed } from "./sent.js";

export interface Choice {
  readonly compacted: readonly Placed[];
  readonly kept: readonly Placed[];
}

/** Undefined when there is nothing to gain. `budget`: tokens that what stays may have, by estimate; where even the least that may
 * stay has more, that least stays. */
export function chooseKept(messages: readonly Placed[], budget: number): Choice | undefined {
  const request = messages.findLastIndex(isRequest);
  let start: number | undefined;
  let question: number | undefined;
  let taken = 0;
  for (let at = messages.length - 1; at > 0; at--) {
    taken += tokensAt(messages, at);
    if (!startsAPart(messages, at)) continue;
    const withRequest = taken + (request < at ? tokensAt(messages, request) : 0);
    if (start !== undefined && withRequest > budget) break;
    start = at;
    if (messages[at]?.message.role === "user") question = at;
  }
  // An answer is best kept with its question.
  const from = question ?? start;
  if (from === undefined) return undefined;
  const compacted = messages.slice(0, from);
  // What the user said last is sent all the same: nothing is gained by it alone.
  const gain = compacted.some((_, at) => at !== request && tokensAt(messages, at) > 0);
  return gain ? { compacted, kept: messages.slice(from) } : undefined;
}

/** True when no result from there on belongs to a call before it. */
function startsAPart(messages: readonly Placed[], at: number): boolean {
  for (let next = at; next < messages.length; next++) {
    const role = messages[next]?.message.role;
    if (role === "tool") return false;
    if (role === "assistant") return true;
  }
  return true;
}

function tokensAt(messages: readonly Placed[], at: number): number {
  const placed = messages[at];
  return placed === undefined ? 0 : storedTokens(placed.message);
}
