// Gets text over http and https without becoming a way into the network it runs in. Every address is judged at the last
// moment: a name when the connection looks it up (so a name that resolves to something else a second later gains nothing), an
// address written in the URL before connecting, and every redirect again. What arrives is bounded in size and hops.
import { type LookupAddress, lookup } from "node:dns";
import { type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { pipeline } from "node:stream";
import { TextDecoder } from "node:util";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { ToolError } from "../define.js";
import { whyBlocked } from "./addresses.js";
import { codeOf } from "./folder.js";
import { htmlToText } from "./html-text.js";
import { formatBytes, textEncoding } from "./text.js";

const MAX_BYTES = 2_000_000;
const MAX_REDIRECTS = 5;
const ACCEPT = "text/html, text/plain, application/json, application/xml;q=0.9, text/*;q=0.8, */*;q=0.1";

/** The status line, the readable text and remarks about it. */
export async function fetchText(url: string, allowLoopback: boolean, signal: AbortSignal): Promise<string[]> {
  try {
    signal.throwIfAborted();
    return await follow(parse(url), allowLoopback, signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : networkProblem(error, url);
  }
}

async function follow(first: URL, allowLoopback: boolean, signal: AbortSignal): Promise<string[]> {
  let url = first;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const response = await get(url, allowLoopback, signal);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (status < 300 || status > 399 || location === undefined) return read(response, url, first);
    response.destroy();
    url = parse(location, url);
  }
  throw new ToolError(`${first.href} redirects more than ${MAX_REDIRECTS} times; give the final address.`);
}

function parse(address: string, base?: URL): URL {
  if (!URL.canParse(address, base?.href))
    throw new ToolError(`"${address}" is no web address; give one like https://example.com/.`);
  const url = new URL(address, base);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new ToolError(`Only http and https can be fetched, and ${url.href.slice(0, 200)} is neither.`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new ToolError(`The address at ${url.host} carries a user name or password; remove it.`);
  }
  return url;
}

function get(url: URL, allowLoopback: boolean, signal: AbortSignal): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  // An address in the URL is connected to as it is; node:net calls `lookup` for names alone.
  if (isIP(host) !== 0) refuse(host, host, allowLoopback);
  const options: RequestOptions = {
    agent: false,
    lookup: guardedLookup(allowLoopback),
    signal,
    headers: { "user-agent": "banyan-fetch/1", accept: ACCEPT, "accept-encoding": "gzip, deflate, br" },
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, options, resolve);
    request.once("error", reject);
    request.once("socket", (socket) =>
      socket.once("connect", () => {
        try {
          refuse(host, socket.remoteAddress ?? "", allowLoopback);
        } catch (error) {
          request.destroy(error instanceof Error ? error : undefined);
        }
      }),
    );
    request.end();
  });
}

/** A DNS lookup that fails if any address of the name is out of bounds, so that no order of answers slips one through. */
function guardedLookup(allowLoopback: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, []);
      try {
        for (const { address } of addresses) refuse(hostname, address, allowLoopback);
      } catch (refusal) {
        return callback(refusal instanceof Error ? refusal : new Error(String(refusal)), []);
      }
      const [first] = addresses;
      if (options.all) callback(null, addresses);
      else callback(null, first?.address ?? "", first?.family ?? 0);
    });
  };
}

function refuse(host: string, address: string, allowLoopback: boolean): void {
  const why = whyBlocked(address, allowLoopback);
  if (why === undefined) return;
  const target = host === address ? host : `${host} (${address})`;
  throw new ToolError(`${target} may not be fetched: ${why}; give a public address.`);
}

async function read(response: IncomingMessage, url: URL, asked: URL): Promise<string[]> {
  const contentType = response.headers["content-type"] ?? "text/plain";
  const [type = ""] = contentType.toLowerCase().split(";");
  const head = `HTTP ${response.statusCode} ${response.statusMessage ?? ""}`.trimEnd();
  const from = url.href === asked.href ? "" : `, redirected to ${url.href}`;
  if (!isText(type.trim())) {
    response.destroy();
    const size = Number(response.headers["content-length"]);
    const length = Number.isFinite(size) ? `, ${formatBytes(size)}` : "";
    throw new ToolError(`${url.href} is ${type.trim()}${length}, not text; only text can be returned.`);
  }
  const { bytes, whole } = await collect(response);
  if (textEncoding(bytes.subarray(0, 8_000)) === undefined) {
    throw new ToolError(`${url.href} calls itself ${type.trim()} but is binary; only text can be returned.`);
  }
  const text = new TextDecoder(charset(contentType, bytes)).decode(bytes);
  const readable = /^(text\/html|application\/xhtml\+xml)$/.test(type.trim()) ? htmlToText(text, url.href) : text;
  const said = [`${head}, ${contentType}${from}`, readable];
  if (!whole) said.push(`(Only the first ${formatBytes(MAX_BYTES)} were read.)`);
  return said;
}

function isText(type: string): boolean {
  return /^text\/|[/+](json|xml|yaml|toml|javascript|ecmascript|x-ndjson|x-yaml|x-sh|x-www-form-urlencoded)$/.test(
    type,
  );
}

async function collect(response: IncomingMessage): Promise<{ bytes: Buffer; whole: boolean }> {
  const encoding = response.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  const unpack = { gzip: createGunzip, "x-gzip": createGunzip, deflate: createInflate, br: createBrotliDecompress }[
    encoding
  ];
  if (!unpack && encoding !== "identity")
    throw new ToolError(`The answer is packed as ${encoding}, which is not supported.`);
  // The size is counted after unpacking: a small answer may unpack to gigabytes.
  const body = unpack ? pipeline(response, unpack(), () => {}) : response;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BYTES) break; // leaving the loop destroys the stream and with it the connection
  }
  response.destroy();
  return { bytes: Buffer.concat(chunks).subarray(0, MAX_BYTES), whole: size <= MAX_BYTES };
}

/** What the header says, else what the page says of itself at its beginning, else UTF-8. */
function charset(contentType: string, bytes: Buffer): string {
  const said = /charset\s*=\s*["']?([\w-]+)/i;
  const label = said.exec(contentType)?.[1] ?? said.exec(bytes.toString("latin1", 0, 1024))?.[1] ?? "utf-8";
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return "utf-8";
  }
}

function networkProblem(error: unknown, url: string): unknown {
  const why = {
    ERR_ACCESS_DENIED: "it leads to this machine or a private network, which is not granted; give a public address",
    ENOTFOUND: "its host name is unknown; check the spelling",
    EAI_AGAIN: "its host name could not be looked up; check the network and try again",
    ECONNREFUSED: "its host refuses connections there; check the port",
    ECONNRESET: "the connection was cut; try again",
    EHOSTUNREACH: "its host cannot be reached; check the network",
    ENETUNREACH: "the network cannot be reached; check the connection",
    ETIMEDOUT: "its host does not answer; try again later",
    HPE_HEADER_OVERFLOW: "its headers are too large",
    CERT_HAS_EXPIRED: "its certificate has expired",
    DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
    SELF_SIGNED_CERT_IN_CHAIN: "its certificate is self-signed",
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate cannot be verified",
    ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
  }[codeOf(error) ?? ""];
  if (why !== undefined) return new ToolError(`${url} was not fetched: ${why}.`, { cause: error });
  if (error instanceof ToolError || codeOf(error) === undefined) return error;
  return new ToolError(`${url} was not fetched: ${codeOf(error)}.`, { cause: error });
}
