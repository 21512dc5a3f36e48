// Node's permission model leaves the network open (before version 25), so it is closed here, where every connection of net, tls,
// http, https, http2, fetch and WebSocket passes: in `Socket.prototype.connect` and the look-up of names. UDP, Unix sockets and
// listening are closed to everybody, for no grant names them.
import dgram from "node:dgram";
import dns, { type LookupAddress } from "node:dns";
import net, { isIP, type LookupFunction, type NetConnectOpts, type Socket } from "node:net";
import { close, closeAll, fix, type Holder, SandboxError } from "./close.js";
import { NetGrants } from "./net-grants.js";
import type { OwnGrants } from "./own-grants.js";

// The exports of a module are an object of functions; its type does not say that they can be replaced.
const holder = (module: object) => module as Holder;

export function guardNetwork(granted: OwnGrants["net"]): void {
  const grants = new NetGrants(granted);
  guardConnect(grants, granted === true);
  close(holder(net.Server.prototype), "net.Server.prototype", ["listen", "_listen2"]);
  close(holder(net), "net", ["_createServerHandle"]);
  closeAll(holder(dgram), "dgram");
  if (granted === false) {
    closeAll(holder(dns), "dns", ": no network is granted to it");
    for (const name of ["fetch", "WebSocket", "EventSource"])
      close(globalThis, "globalThis", [name], ": no network is granted to it");
  } else if (granted !== true) guardNames(grants);
}

function guardConnect(grants: NetGrants, ownLookup: boolean): void {
  // Called with whatever socket it is found on; only the arguments are changed.
  const connect = net.Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket;
  const systemLookup = dns.lookup;
  function guarded(this: Socket, ...args: unknown[]): Socket {
    const { options, callback } = normalized(args);
    if ("path" in options && options.path)
      throw denied(`the socket ${String(options.path)} is a file, and no such socket is granted`);
    // Read once and made plain, so that what is checked is what is used.
    const host = String(("host" in options && options.host) || "localhost");
    const port = Number("port" in options ? options.port : 0);
    const why = grants.whyNotHost(host, port);
    if (why !== undefined) throw denied(why);
    const lookup = ownLookup && "lookup" in options && options.lookup ? options.lookup : systemLookup;
    const safe = { ...options, host, port, lookup: checkedLookup(lookup as LookupFunction, grants, port) };
    return callback === undefined ? connect.call(this, safe) : connect.call(this, safe, callback);
  }
  fix(holder(net.Socket.prototype), "connect", guarded);
}

/** The forms `connect` takes: options, port and host, path, or the list that node:net hands to itself. */
function normalized(args: unknown[]): { options: Partial<NetConnectOpts>; callback: unknown } {
  const list: unknown[] = Array.isArray(args[0]) ? [...args[0]] : args;
  const [first] = list;
  const callback = list.find((part) => typeof part === "function");
  if (typeof first === "object" && first !== null) return { options: { ...first }, callback };
  if (typeof first === "number" || /^\d+$/.test(String(first))) {
    return { options: { port: Number(first), ...(typeof list[1] === "string" && { host: list[1] }) }, callback };
  }
  return { options: { path: String(first) }, callback };
}

/** A look-up that fails if any address of the name is out of bounds: what was checked is what is connected to. */
function checkedLookup(lookup: LookupFunction, grants: NetGrants, port: number): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found, family) => {
      if (error) return callback(error, []);
      const addresses: LookupAddress[] = Array.isArray(found)
        ? found.map(({ address, family }) => ({ address: String(address), family: Number(family) }))
        : [{ address: String(found), family: family ?? isIP(String(found)) }];
      for (const { address } of addresses) {
        const why = grants.whyNotAddress(address, port, hostname);
        if (why !== undefined) return callback(denied(`${hostname} leads to ${why}`), []);
      }
      if (options.all) return callback(null, addresses);
      callback(null, addresses[0]?.address ?? "", addresses[0]?.family ?? 0);
    });
  };
}

/** A name looked up tells its server what it is, so only granted names are. */
function guardNames(grants: NetGrants): void {
  const promises = holder(dns.promises);
  for (const module of [holder(dns), promises]) {
    const as = module === promises ? "dns.promises" : "dns";
    for (const [name, original] of Object.entries(module)) {
      if (typeof original !== "function") continue;
      if (name === "lookup" || /^resolve/.test(name)) {
        fix(module, name, (host: unknown, ...rest: unknown[]) => {
          const asked = String(host);
          if (!grants.grantsName(asked)) throw denied(`${asked} is not among the hosts granted to it`);
          return original.call(module, asked, ...rest);
        });
      } else if (!/^get|Error$/.test(name)) close(module, as, [name]);
    }
  }
}

function denied(why: string): SandboxError {
  return new SandboxError(`This program may not connect: ${why}.`);
}
