// By which names Banyan may be asked, and from which web pages. A page of some web site that gets a browser to talk to this machine is
// turned away by its Origin, or, where the site's name was made to point here, by the Host it names. A Host that is this very
// machine's address is nobody's trick: a page that was fetched from an address is of that address.
import { isIP } from "node:net";
import { isLoopback } from "../address.js";

export interface OwnNames {
  /** Where it listens. */
  readonly bound: string;
  /** Other names it is known by, such as that of a proxy in front of it; without ports. */
  readonly hosts: readonly string[];
  /** Web pages that may ask, as `https://host:port`, besides those of this machine. */
  readonly origins: readonly string[];
}

export interface Said {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  /** The address the connection was made to. */
  readonly address?: string | undefined;
}

/** The name it was asked by, if that is one of its own and no strange page asks: as a URL has it, without the port. */
export function askedAs(names: OwnNames, { host, origin, address }: Said): string | undefined {
  const named = host === undefined || /[/?#@\\]/.test(host) ? undefined : urlIn(`http://${host}`)?.hostname;
  if (named === undefined || !isOwn(names, bare(named), address)) return undefined;
  return origin === undefined || mayAsk(names, origin) ? bare(named) : undefined;
}

function isOwn({ bound, hosts }: OwnNames, named: string, address: string | undefined): boolean {
  if (isLoopback(named) || hosts.some((host) => host.toLowerCase() === named)) return true;
  if (isLoopback(bound)) return false;
  return named === bare(bound) || (isIP(named) !== 0 && named === bare(address ?? "").replace(/^::ffff:/, ""));
}

/** Programs send no Origin; a page of this machine's own may ask. */
function mayAsk({ origins }: OwnNames, origin: string): boolean {
  const url = urlIn(origin);
  if (url === undefined || !/^https?:$/.test(url.protocol)) return false;
  return isLoopback(url.hostname) || origins.includes(url.origin);
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1").toLowerCase();
}

function urlIn(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
