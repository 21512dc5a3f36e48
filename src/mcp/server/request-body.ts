// The JSON a request brings, read only as far as it may go: so many bytes, and so deep. Too deep is told from the text, before anything
// is built of it.
import { INVALID_REQUEST, PARSE_ERROR, Refusal } from "./refusals.js";

export type Read =
  | { readonly json: unknown }
  /** With the HTTP status that says the same. */
  | { readonly status: number; readonly refusal: Refusal };

const DEEPEST = 64;
const strict = new TextDecoder("utf-8", { fatal: true });

export async function readJson(request: Request, longest: number): Promise<Read> {
  const type = request.headers.get("content-type") ?? "";
  // A form a web page may send without being asked whether it may is none of ours.
  if (!/^application\/json\s*(?:;|$)/i.test(type))
    return no(415, INVALID_REQUEST, "send it as Content-Type: application/json");
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > longest) return no(413, INVALID_REQUEST, `a body may have at most ${longest} bytes`);
    chunks.push(chunk);
  }
  let text: string;
  try {
    text = strict.decode(Buffer.concat(chunks));
  } catch {
    return no(400, PARSE_ERROR, "the body is not in UTF-8");
  }
  if (depthOf(text) > DEEPEST) return no(400, INVALID_REQUEST, `the JSON is deeper than ${DEEPEST}`);
  try {
    return { json: JSON.parse(text) };
  } catch {
    return no(400, PARSE_ERROR, "the body is no JSON");
  }
}

/** How deep brackets stand in each other, those in texts left out. */
function depthOf(text: string): number {
  let [depth, deepest, isText] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (isText) {
      if (char === 0x5c) at++;
      else if (char === 0x22) isText = false;
    } else if (char === 0x22) isText = true;
    else if (char === 0x7b || char === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (char === 0x7d || char === 0x5d) depth--;
  }
  return deepest;
}

function no(status: number, code: number, message: string): Read {
  return { status, refusal: new Refusal(code, message) };
}
