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

export function messagesOf(request: Request, limits: BodyLimits): Promise<Posted> {
  const { headers } = request;
  if (!/^application\/json\s*(?:;|$)/i.test(headers.get("content-type") ?? ""))
    return Promise.resolve({ refusal: refused(415, NO_ANSWER, "say Content-Type: application/json, and send that") });
  if (headers.has("content-encoding"))
    return Promise.resolve({ refusal: refused(415, NO_ANSWER, "send the message as it is, without Content-Encoding") });
  return textOf(request, limits.longest).then((text) => messagesIn(text, limits));
}

type Text = string | typeof TOO_LONG | typeof NO_UTF8;

function textOf(request: Request, longest: number): Promise<Text> {
  const announced = request.headers.get("content-length");
  if (announced === null) return cutText(request, longest);
  if (Number(announced) > longest) return Promise.resolve(TOO_LONG);
  // What announces its length is read in one go: the server holds it to that.
  return request.arrayBuffer().then((bytes) => decoded(() => whole.decode(bytes)));
}

function messagesIn(text: Text, { longest, mostBatch }: BodyLimits): Posted {
  if (text === TOO_LONG)
    return { refusal: refused(413, NO_ANSWER, `a message may have at most ${longest} bytes`, { connection: "close" }) };
  if (text === NO_UTF8)
    return { refusal: refused(400, PARSE_ERROR, "the message is no UTF-8; JSON is written in that") };
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

const TOO_LONG = Symbol("too long");
const NO_UTF8 = Symbol("no UTF-8");
const STRICT = { fatal: true };
const whole = new TextDecoder("utf-8", STRICT);

async function cutText(request: Request, longest: number): Promise<Text> {
  const decoder = new TextDecoder("utf-8", STRICT);
  let text = "";
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > longest) return TOO_LONG;
    const more = decoded(() => decoder.decode(chunk, { stream: true }));
    if (more === NO_UTF8) return NO_UTF8;
    text += more;
  }
  const end = decoded(() => decoder.decode());
  return end === NO_UTF8 ? NO_UTF8 : text + end;
}

/** A strict decoder throws. */
function decoded(decode: () => string): string | typeof NO_UTF8 {
  try {
    return decode();
  } catch {
    return NO_UTF8;
  }
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
