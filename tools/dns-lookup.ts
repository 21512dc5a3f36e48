// What the name servers say of a name, asked directly. Answers that lead into private networks are marked: whoever goes on with them should
// know.
import { z } from "zod";
import { defineTool, ToolError } from "./define.js";
import { whyBlocked } from "./support/addresses.js";
import { codeOf } from "./support/folder.js";

const TYPES = ["A", "AAAA", "MX", "TXT", "NS", "CNAME", "SRV", "PTR", "SOA", "CAA"] as const;
const MOST_RECORDS = 200;
const LONGEST_TEXT = 4_000;

export type RecordType = (typeof TYPES)[number];

export const dnsLookup = defineTool({
  name: "dns_lookup",
  description:
    "Ask the name servers about a host name: addresses (A, AAAA), mail servers (MX), TXT, name servers (NS), CNAME, SRV, SOA, CAA, or the name of an " +
    "address (PTR). Private addresses are marked. Use it to see why a host cannot be reached or whether DNS is set up right; to get a page " +
    "use fetch_url. Names in the machine's hosts file are not looked at.",
  input: z.strictObject({
    name: z
      .string()
      .trim()
      .min(1)
      .max(253)
      .describe("The host name, such as example.com; for PTR an address such as 192.0.2.1"),
    types: z.array(z.enum(TYPES)).min(1).max(10).default(["A", "AAAA"]).describe("Which records to ask for"),
    timeout_seconds: z.number().min(0.5).max(20).default(5).describe("Give up after this many seconds"),
  }),
  annotations: {
    title: "Look up DNS",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: true,
  },
  needs: ["network"],
  handler: ({ name, types, timeout_seconds: seconds }, { signal }) => lookUp(name, types, { seconds, signal }),
});

export interface LookUpOptions {
  readonly seconds: number;
  readonly signal: AbortSignal;
  /** Addresses of name servers, with port (default: the system's). */
  readonly servers?: readonly string[];
}

/** One line for each record, and why there is none. */
export async function lookUp(
  name: string,
  types: readonly RecordType[],
  { seconds, signal, servers }: LookUpOptions,
): Promise<string> {
  const host = name.replace(/\.$/, "");
  if (!/^[\p{L}\p{N}_*.:%-]+$/u.test(host))
    throw new ToolError(`"${name}" is no host name; give one such as example.com, without https:// and path.`);
  const { Resolver } = await import("node:dns/promises");
  signal.throwIfAborted();
  const resolver = new Resolver({ timeout: Math.ceil((seconds * 1_000) / 2), tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);
  const stop = () => resolver.cancel();
  const timer = setTimeout(stop, seconds * 1_000);
  signal.addEventListener("abort", stop, { once: true });
  try {
    const answers = await Promise.all([...new Set(types)].map((type) => records(resolver, host, type, seconds)));
    signal.throwIfAborted();
    return answers.flat().join("\n");
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

type Resolver = import("node:dns/promises").Resolver;

async function records(resolver: Resolver, host: string, type: RecordType, seconds: number): Promise<string[]> {
  try {
    const found = await ask(resolver, host, type);
    const lines = found.slice(0, MOST_RECORDS).map((line) => `${type} ${line.replace(/\p{Cc}/gu, " ")}`);
    return found.length > MOST_RECORDS ? [...lines, `(${found.length - MOST_RECORDS} more ${type} records)`] : lines;
  } catch (error) {
    if (error instanceof ToolError) throw error;
    return [`${type} (${why(codeOf(error), host, seconds)})`];
  }
}

async function ask(resolver: Resolver, host: string, type: RecordType): Promise<string[]> {
  switch (type) {
    case "A":
      return (await resolver.resolve4(host, { ttl: true })).map(address);
    case "AAAA":
      return (await resolver.resolve6(host, { ttl: true })).map(address);
    case "MX":
      return (await resolver.resolveMx(host))
        .sort((a, b) => a.priority - b.priority)
        .map(({ priority, exchange }) => `${priority} ${exchange || "(takes no mail)"}`);
    case "TXT":
      return (await resolver.resolveTxt(host)).map((parts) => JSON.stringify(parts.join("").slice(0, LONGEST_TEXT)));
    case "NS":
      return (await resolver.resolveNs(host)).sort();
    case "CNAME":
      return resolver.resolveCname(host);
    case "SRV":
      return (await resolver.resolveSrv(host)).map(
        ({ priority, weight, port, name }) => `${priority} ${weight} ${name}:${port}`,
      );
    case "PTR": {
      const { isIP } = await import("node:net");
      if (isIP(host) !== 0) return resolver.reverse(host);
      if (host.endsWith(".arpa")) return resolver.resolvePtr(host);
      throw new ToolError(`PTR is asked of an address, and "${host}" is none; give one such as 192.0.2.1.`);
    }
    case "SOA": {
      const { nsname, hostmaster, serial, refresh, retry, expire, minttl } = await resolver.resolveSoa(host);
      return [
        `${nsname} ${hostmaster} serial ${serial} refresh ${refresh} retry ${retry} expire ${expire} minimum ${minttl}`,
      ];
    }
    case "CAA":
      return (await resolver.resolveCaa(host)).map(({ critical, ...rules }) =>
        [
          ...Object.entries(rules).map(([rule, value]) => `${rule} ${JSON.stringify(value)}`),
          ...(critical ? ["critical"] : []),
        ].join(" "),
      );
  }
}

function address({ address, ttl }: { readonly address: string; readonly ttl: number }): string {
  const blocked = whyBlocked(address, true) !== undefined || whyBlocked(address, false) !== undefined;
  return `${address} (for ${ttl} s${blocked ? "; private or reserved, not on the internet" : ""})`;
}

function why(code: string | undefined, host: string, seconds: number): string {
  const sentence = {
    ENOTFOUND: `no name ${host} exists; check the spelling`,
    ENODATA: "none",
    ECANCELLED: `no answer within ${seconds} s; check the network and try again`,
    ETIMEOUT: `no answer within ${seconds} s; check the network and try again`,
    ECONNREFUSED: "the name server cannot be reached; check the network",
    ESERVFAIL: "the name server failed; try again later",
    EREFUSED: "the name server refuses to answer",
    EBADNAME: "this is no valid name; check it",
    ERR_ACCESS_DENIED: "this process may not use the network",
  }[code ?? ""];
  return sentence ?? `failed with ${code ?? "an unknown error"}; try again later`;
}
