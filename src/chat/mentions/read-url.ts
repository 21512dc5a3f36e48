// A page that the user names. Addresses inside this machine and network are the user's to name; a page outside may not lead there by
// a redirect. HTML is given as its text.
import { lookup } from "node:dns/promises";
import { mayName, type Reach, reachOf } from "../../mcp/client/oauth/address-reach.js";
import { BanyanError, messageOf } from "../../supervision/index.js";
import { type Content, contentOf, type SizeLimits, tooLarge } from "./content.js";

const MOST_REDIRECTS = 5;

/** Rejects with a word for the user, or with the signal's reason. */
export async function readUrl(
  name: string,
  address: string,
  limits: SizeLimits,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Content> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    return await read(name, address, limits, AbortSignal.any([signal, deadline]));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof BanyanError) throw error;
    if (deadline.aborted) throw refused(`there was no whole answer within ${timeoutMs / 1000} s (limits.url_timeout)`);
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw refused(`it could not be reached (${messageOf(cause)})`, error);
  }
}

async function read(name: string, address: string, limits: SizeLimits, signal: AbortSignal): Promise<Content> {
  let url = webAddress(address);
  let typed: readonly Reach[] | undefined;
  for (let redirects = 0; ; redirects++) {
    const answer = await fetch(url, {
      redirect: "manual",
      signal,
      headers: { accept: "text/*, image/*;q=0.9, */*;q=0.5" },
    });
    const location = answer.headers.get("location");
    if (answer.status < 300 || answer.status > 399 || location === null)
      return await contentOfAnswer(name, answer, limits);
    await answer.body?.cancel();
    if (redirects === MOST_REDIRECTS) throw refused(`it leads from one address to the next, ${MOST_REDIRECTS} times`);
    typed ??= await reachesOf(url);
    const next = webAddress(URL.canParse(location, url.href) ? new URL(location, url).href : location);
    const from = typed;
    if (next.host !== url.host && (await reachesOf(next)).some((to) => !from.some((each) => mayName(each, to)))) {
      throw refused(`it leads to ${next.host}, which is inside this machine or network; name that address yourself`);
    }
    url = next;
  }
}

function webAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw refused("it is no http or https address");
  if (url.username !== "" || url.password !== "") throw refused("it carries a password, which is not sent");
  return url;
}

async function reachesOf({ hostname }: URL): Promise<readonly Reach[]> {
  const found = await lookup(hostname.replace(/^\[|\]$/g, ""), { all: true });
  return found.map(({ address }) => reachOf(address));
}

async function contentOfAnswer(name: string, answer: Response, limits: SizeLimits): Promise<Content> {
  if (!answer.ok) {
    await answer.body?.cancel();
    throw refused(`the server answers ${answer.status}${answer.statusText === "" ? "" : ` ${answer.statusText}`}`);
  }
  const [type = ""] = (answer.headers.get("content-type") ?? "text/plain").split(";");
  const mimeType = type.trim().toLowerCase();
  const most = mimeType.startsWith("image/") ? limits.image : limits.text;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > most) throw tooLarge(size, mimeType.startsWith("image/") ? "image" : "text", limits); // ends the answer, too
    chunks.push(chunk);
  }
  const data = Buffer.concat(chunks);
  if (mimeType !== "text/html") return contentOf(name, data, limits, mimeType);
  return contentOf(name, Buffer.from(textOfHtml(data.toString())), limits);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** What a reader sees of a page, roughly: its text without scripts, styles and tags, a line for each block. */
export function textOfHtml(html: string): string {
  return html
    .replace(/<!--[\s\S]*?(?:-->|$)/g, "")
    .replace(/<(script|style|svg|noscript|template)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, "")
    .replace(
      /<(?:br|\/?(?:p|div|li|ul|ol|tr|table|h[1-6]|section|article|header|footer|pre|blockquote|title))\b[^<>]*>/gi,
      "\n",
    )
    .replace(/<[^<>]*>/g, "")
    .replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hex, named) => {
      if (named !== undefined) return ENTITIES[named.toLowerCase()] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    })
    .replace(/[ \t\r\f]+/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function refused(why: string, cause?: unknown): BanyanError {
  return new BanyanError("not_read", why, { cause });
}
