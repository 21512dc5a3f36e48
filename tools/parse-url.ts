// Addresses taken apart and put together, by the rules of the web.
import { domainToUnicode } from "node:url";
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";

const text = z.string().max(10_000);

export const parseUrl = defineTool({
  name: "parse_url",
  description:
    "Take a web address apart (scheme, host, port, path, query parameters, fragment), normalise it, resolve it against a base address, change its query, or " +
    "encode and decode text for use in addresses. Nothing is fetched: use fetch_url for that, and dns_lookup for the addresses of a host.",
  input: z.strictObject({
    action: z
      .enum(["parse", "encode", "decode"])
      .default("parse")
      .describe("parse: an address, encode or decode: text for one part of an address"),
    url: text.min(1).describe("The address, absolute or with base; or the text to encode or decode"),
    base: text.optional().describe("Resolve url against this address, such as the page it was found on"),
    set_query: z
      .record(z.string().max(1_000), z.union([text, z.null()]))
      .optional()
      .describe("Set these query parameters; null removes one"),
  }),
  annotations: {
    title: "Parse a URL",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  handler({ action, url, base, set_query: changes }) {
    if (action === "encode") return encodeURIComponent(Buffer.from(url).toString());
    if (action === "decode") return decoded(url);
    const parsed = parse(url.trim(), base);
    for (const [name, value] of Object.entries(changes ?? {})) {
      if (value === null) parsed.searchParams.delete(name);
      else parsed.searchParams.set(name, value);
    }
    return described(parsed);
  },
});

/** A plus is a space in query strings of forms, and percent signs that encode nothing are a mistake worth telling. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new ToolError("The text has a % that encodes no character; write a percent sign itself as %25.");
  }
}

function parse(url: string, base: string | undefined): URL {
  if (base !== undefined && !URL.canParse(base))
    throw new ToolError(`base "${base.slice(0, 100)}" is no full address; it begins with https:// or the like.`);
  if (URL.canParse(url, base)) return new URL(url, base);
  const hint =
    base === undefined && !/^[a-z][a-z0-9+.-]*:/i.test(url)
      ? `begin it with https://, or give base`
      : "check its host and port";
  throw new ToolError(`"${url.slice(0, 100)}" is no full address; ${hint}.`);
}

const PORTS: Readonly<Record<string, string>> = {
  "http:": "80",
  "https:": "443",
  "ftp:": "21",
  "ws:": "80",
  "wss:": "443",
};

function described(url: URL): string {
  const port = url.port || PORTS[url.protocol];
  const lines: [string, string][] = [
    ["normalised", url.href],
    ["scheme", url.protocol.slice(0, -1)],
    ["host", url.hostname],
    ["host for people", url.hostname.includes("xn--") ? domainToUnicode(url.hostname) : ""],
    ["port", port === undefined ? "" : url.port ? port : `${port} (by the scheme)`],
    ["user", decodeLoosely(url.username)],
    ["password", url.password === "" ? "" : "(hidden)"],
    ["path", decodeLoosely(url.pathname)],
    ["fragment", decodeLoosely(url.hash.slice(1))],
    ["origin", url.origin === "null" ? "" : url.origin],
  ];
  if (url.password !== "") {
    const hidden = new URL(url);
    hidden.password = "hidden";
    lines[0] = ["normalised", hidden.href];
  }
  const said = lines.filter(([, value]) => value !== "").map(([name, value]) => `${name}: ${value}`);
  const query = [...url.searchParams].slice(0, 500);
  if (query.length > 0) said.push("query:", ...query.map(([name, value]) => `  ${name} = ${value}`));
  return said.join("\n");
}

/** What an address says is not always well encoded; it is shown as it stands then. */
function decodeLoosely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
