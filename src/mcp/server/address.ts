// Where Banyan answers: `HOST:PORT` as people write it.
import { isIP } from "node:net";
import { BanyanError } from "../../supervision/errors.js";

export interface Address {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** True of a name or an address that never leaves this machine. An IPv6 address may stand in brackets. */
export function isLoopback(host: string): boolean {
  const plain = host.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  if (plain === "localhost" || plain === "::1") return true;
  return isIP(plain) === 4 && plain.startsWith("127.");
}

/** Of `HOST:PORT`, `PORT` or `HOST`; what is left out is the standard one. Throws a usage error that says how it is written. */
export function addressFrom(written: string, standard: Address): Address {
  const [, host = "", port = ""] =
    /^(?:(\[[^\]]*\]|[^:]*):)?(\d{1,5})$/.exec(written) ?? /^(\[[^\]]*\]|[^:]+)()$/.exec(written) ?? [];
  if ((host === "" && port === "") || Number(port) > 65_535)
    throw new BanyanError("usage", `${written} is no address to listen on; write it as 127.0.0.1:3700.`);
  return {
    host: host === "" ? standard.host : host.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? standard.port : Number(port),
  };
}

export function urlOf({ host, port }: Address): string {
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}
