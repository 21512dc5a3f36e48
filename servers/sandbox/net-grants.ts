// Which connections are granted: by the name that is asked for, and by the address it leads to. A name that is granted does not
// open this machine or a private network to whoever answers for that name: such addresses have to be named themselves.
import { isIP } from "node:net";
import { whyBlocked } from "../../tools/support/addresses.js";
import type { OwnGrants } from "./own-grants.js";

/** Patterns are such as `api.example.com`, `*.example.com:443`, `localhost:8080`, `[::1]:80` or `*`. */
type Net = OwnGrants["net"];

interface Pattern {
  readonly host: string;
  readonly port: number | undefined;
}

const LOOPBACK = ["localhost", "ip6-localhost"];

export class NetGrants {
  private readonly patterns: readonly Pattern[];

  constructor(net: Net) {
    this.patterns = net === true ? [{ host: "*", port: undefined }] : net === false ? [] : net.map(parse);
  }

  /** Whether this very name or address is granted at some port: enough to look it up. */
  grantsName(name: string): boolean {
    return this.patterns.some(({ host }) => matches(host, plain(name)));
  }

  /** Why there is no connection to what the caller named, or undefined. */
  whyNotHost(name: string, port: number): string | undefined {
    const host = plain(name);
    if (isIP(host) !== 0) return this.whyNotAddress(host, port);
    const granted = this.patterns.some((pattern) => matches(pattern.host, host) && atPort(pattern, port));
    return granted ? undefined : `${host}:${port} is not among the hosts granted to it`;
  }

  /** Why there is no connection to an address, or undefined; `name` is the granted name that led to it. */
  whyNotAddress(address: string, port: number, name?: string): string | undefined {
    const host = plain(address);
    if (this.patterns.some((pattern) => names(pattern.host, host) && atPort(pattern, port))) return undefined;
    const why = whyBlocked(host, false);
    if (why !== undefined) {
      const isHere = whyBlocked(host, true) === undefined;
      return `${host}:${port} is ${isHere ? "this machine" : "in a private or reserved network"}, which has to be granted by its address`;
    }
    if (name !== undefined) return undefined;
    const granted = this.patterns.some((pattern) => pattern.host === "*" && atPort(pattern, port));
    return granted ? undefined : `${host}:${port} is not among the hosts granted to it`;
  }
}

/** Whether a pattern means this very address, and not just any. */
function names(pattern: string, address: string): boolean {
  if (pattern === address) return true;
  return (
    LOOPBACK.includes(pattern) && whyBlocked(address, false) !== undefined && whyBlocked(address, true) === undefined
  );
}

function matches(pattern: string, host: string): boolean {
  if (pattern === "*" || pattern === host) return true;
  return pattern.startsWith("*.") && host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1;
}

function atPort(pattern: Pattern, port: number): boolean {
  return pattern.port === undefined || pattern.port === port;
}

function parse(text: string): Pattern {
  const bracketed = /^\[(.+)\](?::(\d+))?$/.exec(text);
  if (bracketed) return { host: plain(bracketed[1] ?? ""), port: portOf(bracketed[2]) };
  if (isIP(text) !== 0) return { host: plain(text), port: undefined };
  const [, host = text, port] = /^(.*?)(?::(\d+))?$/.exec(text) ?? [];
  return { host: plain(host), port: portOf(port) };
}

function portOf(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}

/** One spelling for a host: lower case, without a final dot, brackets or the zone of an IPv6 address. */
function plain(host: string): string {
  const bare = host
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
  return bare.includes(":") ? bare.replace(/%.*$/, "") : bare;
}
