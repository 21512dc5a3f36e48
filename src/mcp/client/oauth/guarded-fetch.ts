// The HTTP requests of a sign-in: to addresses that a server has told us, so none is trusted. Each goes over https (plain http on
// this machine alone), to an address that the server may name (address-reach.ts), which is looked up once and then connected to,
// so that no second look-up can say otherwise; a redirect is checked like any other address, and a form with a secret in it follows
// none. Answers are read whole, up to a size and within a time.
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { isLoopback } from "../../../actors/config/web-address.js";
import { messageOf } from "../../../supervision/errors.js";
import { mayName, type Reach, reachOf } from "./address-reach.js";
import { SignInError } from "./errors.js";

export interface GuardedRequest {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface GuardedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export const LONGEST_ANSWER = 256 * 1024;
const MOST_REDIRECTS = 3;
const PATIENCE_MS = 10_000;
/** Connections go to one of the addresses that were checked. */
interface Checked {
  readonly url: URL;
  readonly addresses: readonly { readonly address: string; readonly family: number }[];
}

/** Requests on behalf of one server, to what it has named. */
export class GuardedFetch {
  private reach: Reach | undefined;

  constructor(private readonly server: URL) {}

  /** Rejects with a {@link SignInError}; whatever the status, an answer is no error. */
  async fetch(address: string | URL, request: GuardedRequest = {}): Promise<GuardedAnswer> {
    let target = await this.check(address);
    for (let redirects = 0; ; redirects++) {
      const answer = await ask(target, request);
      const location = answer.headers.get("location");
      if (answer.status < 300 || answer.status > 399 || location === null) return answer;
      if (request.method === "POST" || redirects === MOST_REDIRECTS) {
        throw new SignInError(`${target.url.origin} answers a sign-in with a redirect, which is not followed`);
      }
      target = await this.check(URL.canParse(location, target.url) ? new URL(location, target.url) : location);
    }
  }

  /** Whether the server may name this address; throws a {@link SignInError} that says why not. */
  async check(address: string | URL): Promise<Checked> {
    if (!URL.canParse(`${address}`)) throw refused("", "is no address");
    const url = new URL(address);
    if (url.protocol !== "https:" && !(url.protocol === "http:" && literalReach(url) === "loopback")) {
      throw refused(url.origin, "is not https");
    }
    if (url.username !== "" || url.password !== "") throw refused(url.origin, "carries a password");
    const addresses = await resolve(url);
    this.reach ??= await reachOfServer(this.server);
    const from = this.reach;
    const forbidden = addresses.map((found) => reachOf(found.address)).find((to) => !mayName(from, to));
    if (forbidden !== undefined)
      throw refused(url.origin, `is a ${forbidden} address and the server itself is not there`);
    return { url, addresses };
  }
}

function refused(origin: string, why: string): SignInError {
  const what = origin === "" || origin === "null" ? "an address" : origin;
  return new SignInError(`the server names ${what} for its sign-in, which ${why}; it is not asked`);
}

/** A server on this machine must say so in its address: a name could be made to mean it for a moment. */
async function reachOfServer(server: URL): Promise<Reach> {
  const literal = literalReach(server);
  if (literal !== undefined) return literal;
  const reaches = new Set((await resolve(server)).map(({ address }) => reachOf(address)));
  return reaches.size === 1 && reaches.has("private") ? "private" : "public";
}

/** Undefined for a name that has to be looked up. */
function literalReach(url: URL): Reach | undefined {
  const host = bare(url);
  if (isLoopback(host)) return "loopback";
  return isIP(host) === 0 ? undefined : reachOf(host);
}

/** The host as the parser of URLs spells it (0x7f.1 is 127.0.0.1 there), an IPv6 address without its brackets. */
function bare({ hostname }: URL): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}

async function resolve(url: URL): Promise<Checked["addresses"]> {
  try {
    return await lookup(bare(url), { all: true });
  } catch (error) {
    throw new SignInError(`${url.host} could not be found (${messageOf(error)}); check the network`, {
      permanent: false,
      cause: error,
    });
  }
}

async function ask(
  { url, addresses }: Checked,
  { method = "GET", headers = {}, body }: GuardedRequest,
): Promise<GuardedAnswer> {
  const { Agent, request } = await import("undici");
  const found = addresses.map(({ address, family }) => ({ address, family }));
  const agent = new Agent({
    connect: {
      lookup: (_host, options, done) => {
        const [first] = found;
        if (options.all === true) done(null, found);
        else done(null, first?.address ?? "", first?.family);
      },
    },
  });
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await request(url, {
      dispatcher: agent,
      method,
      headers,
      signal,
      ...(body === undefined ? {} : { body }),
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of answer.body) {
      const part = Buffer.from(chunk);
      bytes += part.length;
      if (bytes > LONGEST_ANSWER)
        throw new SignInError(`${url.origin} answers a sign-in with more than ${LONGEST_ANSWER} bytes`);
      chunks.push(part);
    }
    const answered = new Headers();
    for (const [name, value] of Object.entries(answer.headers)) if (value !== undefined) answered.set(name, `${value}`);
    return { status: answer.statusCode, headers: answered, text: Buffer.concat(chunks).toString() };
  } catch (error) {
    if (error instanceof SignInError) throw error;
    throw new SignInError(`${url.origin} could not be reached for the sign-in (${reasonOf(error)}); try again later`, {
      permanent: false,
      cause: error,
    });
  } finally {
    await agent.destroy();
  }
}

/** Without what the request was. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError") return `no answer within ${PATIENCE_MS / 1000} s`;
  return error instanceof Error && "code" in error ? String(error.code) : messageOf(error);
}
