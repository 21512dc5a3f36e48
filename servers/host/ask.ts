// The child's end of the narrow port: a tool's question goes to the one who started this process as the request `banyan/ask`.
// A tool is told in a sentence where nobody answers, for these tools also run alone, under any MCP client.
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { type ToolContext, ToolError } from "../../tools/define.js";

export interface AskRequest {
  readonly method: "banyan/ask";
  readonly params: { readonly what: string; readonly args: object; readonly [more: string]: unknown };
}

/** Sends one request to the client and gives its result, checked against the schema. */
export type Send = (request: AskRequest, result: typeof answer, options: { signal: AbortSignal }) => Promise<Answer>;

const answer = z.looseObject({});
type Answer = z.output<typeof answer>;

export function asking(send: Send, signal: AbortSignal): ToolContext["ask"] {
  return async (what, args) => {
    try {
      return await send({ method: "banyan/ask", params: { what, args } }, answer, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw new ToolError(sentence(what, error), { cause: error });
    }
  };
}

function sentence(what: string, error: unknown): string {
  if (!(error instanceof McpError)) return `${what} could not be asked for: ${String(error)}.`;
  if (error.code === ErrorCode.MethodNotFound) {
    return `This tool needs ${what} from Banyan, and this client is not Banyan; use the tool in Banyan's chat.`;
  }
  // The SDK puts its code before what the other side said.
  return error.message.replace(/^MCP error -?\d+: /, "");
}
