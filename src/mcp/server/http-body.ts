// Small things of the HTTP legs: a body of bounded length, and the answers that are no message of the protocol's.
import { parseIncoming } from "./incoming-json.js";
import { isRecord } from "./peer.js";
import { INVALID_REQUEST, NO_ANSWER, PARSE_ERROR } from "./refusals.js";

export const JSON_HEADERS = { "content-type": "application/json" };

/** The messages of a POST, and whether they came as a batch; or the refusal to answer with. */
export type Posted =
  | { readonly messages: readonly unknown[]; readonly isBatch: boolean }
  | { readonly refusal: Response };

export interface BodyLimits {
  /** Bytes. */
  readonly longest: number;
  /** Messages of a batch. */
  readonly mostBatch: number;
}

export async function messagesOf(request: Request, { longest, mostBatch }: BodyLimits): Promise<Posted> {
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers.get("content-type") ?? ""))
    return { refusal: refused(415, NO_ANSWER, "say Content-Type: application/json, and send that") };
  if (request.headers.has("content-encoding"))
    return { refusal: refused(415, NO_ANSWER, "send the message as it is, without Content-Encoding") };
  const announced = request.headers.get("content-length");
  // What announces its length is read in one go: the server holds it to that.
  const text = await (announced === null
    ? cutText(request, longest)
    : Number(announced) <= longest
      ? request.text()
      : undefined);
  if (text === undefined)
    return { refusal: refused(413, NO_ANSWER, `a message may have at most ${longest} bytes`, { connection: "close" }) };
  const parsed = parseIncoming(text);
  if ("error" in parsed) return { refusal: refused(400, PARSE_ERROR, parsed.error) };
  if (!Array.isArray(parsed.ok)) {
    if (isRecord(parsed.ok)) return { messages: [parsed.ok], isBatch: false };
    return { refusal: refused(400, INVALID_REQUEST, "this is no JSON-RPC 2.0 message") };
  }
  const messages: readonly unknown[] = parsed.ok;
  if (messages.length === 0 || messages.length > mostBatch)
    return { refusal: refused(400, INVALID_REQUEST, `a batch has between 1 and ${mostBatch} messages`) };
  return { messages, isBatch: true };
}

/** Undefined when it is longer than allowed. */
async function cutText(request: Request, longest: number): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > longest) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** A refusal as JSON-RPC has it, about no message. */
export function refused(status: number, code: number, message: string, headers: Record<string, string> = {}): Response {
  const body = JSON.stringify({ jsonrpc: "2.0", error: { code, message }, id: null });
  return new Response(body, { status, headers: { ...JSON_HEADERS, ...headers } });
}

export function notAllowed(allow: string): Response {
  return refused(405, NO_ANSWER, `only ${allow} may be asked here`, { allow });
}

/** Whether the client takes answers of all these types. */
export function accepts(request: Request, ...types: readonly string[]): boolean {
  const accept = request.headers.get("accept") ?? "*/*";
  return accept.includes("*/*") || types.every((type) => accept.includes(type));
}
