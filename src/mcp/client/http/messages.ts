// What both wires over HTTP do with answers: whether one is a success, its whole body within bounds, and the answer that was too long.
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { RemoteError } from "../errors.js";
import type { OversizeLine } from "../line-splitter.js";
import { answeredId } from "../wire-message.js";
import type { HttpAnswer } from "./endpoint.js";

export function isOk({ status }: HttpAnswer): boolean {
  return status >= 200 && status < 300;
}

/** The whole body; rejects with a {@link RemoteError} past `maxBytes`. */
export async function bodyOf(answer: HttpAnswer, maxBytes: number, server: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    size += chunk.length;
    if (size > maxBytes) {
      const why = `answered with more than ${maxBytes} bytes, which is over the limit of this connection`;
      throw new RemoteError(server, "server_refused", `${why}; ask for less at a time`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** What is told of a message too long to take, and the answer made up in its place if its edges show which call it belonged to. */
export function oversize({ bytes, head, tail }: OversizeLine): { fault: string; answer?: JSONRPCMessage } {
  const fault = `sent a message of ${bytes} bytes, which is over its limit and was dropped`;
  const id = answeredId(head, tail);
  if (id === undefined) return { fault };
  const text = `the answer has ${bytes} bytes, which is over the limit of this connection; ask for less at a time`;
  return { fault, answer: { jsonrpc: "2.0", id, error: { code: -32_603, message: text } } };
}
