// A web page that a server wants the user to go to. The address comes from a program we do not trust and ends in the user's
// browser: it must be http or https, carry no user name (which is how one host is made to look like another), and be short enough
// to be read. It is normalised, so that what is shown is what is opened.
import { z } from "zod";
import type { ServerProtocolError } from "./errors.js";
import type { ElicitationRequest } from "./mcp-types.js";

/** In UTF-16 units. */
const LONGEST_URL = 2_048;

export function webPage(text: string): { readonly url: string; readonly host: string } | { readonly problem: string } {
  if (text.length > LONGEST_URL) return { problem: `is longer than ${LONGEST_URL} characters` };
  if (!URL.canParse(text)) return { problem: "is no address" };
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return { problem: "must begin with https:// or http://" };
  if (url.username !== "" || url.password !== "") return { problem: "must hold no user name or password" };
  return { url: url.href, host: url.host };
}

/** The code of the error "first the user has to go there". */
const URL_ELICITATION_REQUIRED = -32042;
const MOST_PAGES = 5;

const required = z.object({
  elicitations: z
    .array(z.object({ url: z.string(), message: z.string().catch(""), elicitationId: z.string().catch("") }))
    .max(MOST_PAGES),
});

/** The pages that an error of a server sends the user to; none for any other error, and none if one of them is no web page. */
export function requiredPages({ rpcCode, data }: ServerProtocolError): Extract<ElicitationRequest, { mode: "url" }>[] {
  const parsed = required.safeParse(data);
  if (rpcCode !== URL_ELICITATION_REQUIRED || !parsed.success) return [];
  const pages = parsed.data.elicitations.map(({ url, ...more }) => ({ ...more, page: webPage(url) }));
  return pages.some(({ page }) => "problem" in page)
    ? []
    : pages.flatMap(({ page, ...more }) => ("problem" in page ? [] : { mode: "url" as const, ...more, url: page.url }));
}
