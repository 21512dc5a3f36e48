// `banyan/ask`: what a server of ours, which runs in a sandbox, has done for it outside. A request from server to client that no
// specification knows; it is answered only where the server was started with somebody to ask, and any other server is told that the method
// does not exist. Size, number in flight and the kind of the answer are bounded here, so that whoever answers need not.
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { ErrorCode } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { BanyanError, messageOf } from "../../supervision/index.js";

/** Answers one question; `args` come from a process that is not trusted. What it resolves with is a JSON object. It rejects with
 * a BanyanError whose message the server is shown as it stands, with anything else if it has a bug. */
export type AskPrimary = (what: string, args: unknown, signal: AbortSignal) => Promise<unknown>;

const MOST_ASKS = 8;
/** Of the arguments as JSON, in UTF-16 units. */
const LONGEST_QUESTION = 64 * 1024;
/** Of the answer as JSON, in UTF-16 units: as long as a tool's result may be. */
const LONGEST_ANSWER = 1_000_000;

const askSchema = z.object({
  method: z.literal("banyan/ask"),
  params: z.looseObject({
    what: z.string().min(1).max(100),
    args: z.record(z.string(), z.unknown()).default({}),
  }),
});
const answerSchema = z.record(z.string(), z.unknown());

/** `report` gets what is a fault of ours. */
export function answerAsks(client: Client, ask: AskPrimary, report: (fault: string) => void): void {
  let open = 0;
  client.setRequestHandler(askSchema, async ({ params: { what, args } }, { signal }) => {
    if (open >= MOST_ASKS) throw refusal(`${MOST_ASKS} questions are already open here; wait until one is answered.`);
    if (JSON.stringify(args).length > LONGEST_QUESTION)
      throw refusal("The question is too long; ask for less at a time.");
    open++;
    try {
      return answerOf(await ask(what, args, signal));
    } catch (error) {
      if (error instanceof BanyanError) throw refusal(error.message);
      report(`asking for "${what}" failed: ${messageOf(error)}`);
      throw refusal(`"${what}" failed unexpectedly; ask for something else.`);
    } finally {
      open--;
    }
  });
}

function answerOf(value: unknown): Record<string, unknown> {
  const answer = answerSchema.parse(value);
  if (JSON.stringify(answer).length > LONGEST_ANSWER) {
    throw new BanyanError("answer_too_long", "The answer is too long to be handed over; ask for less at a time.");
  }
  return answer;
}

/** No McpError, which would write its code into the text. */
function refusal(sentence: string): Error {
  return Object.assign(new Error(sentence), { code: ErrorCode.InvalidRequest });
}
