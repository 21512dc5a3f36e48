// How far an address reaches: the rules against being made to ask for things inside a network that the asker cannot see (SSRF).
// A server names its authorization server, and that one names its endpoints; none of them may point Banyan at a place that the
// server itself could not reach.
import { BlockList, isIP } from "node:net";

/** `reserved`: never to be connected to, such as 0.0.0.0, multicast, and addresses that hide another one. */
export type Reach = "public" | "private" | "link-local" | "loopback" | "reserved";

const reaches: readonly (readonly [Reach, BlockList])[] = [
  ["loopback", subnets("127.0.0.0/8", "::1/128")],
  ["link-local", subnets("169.254.0.0/16", "fe80::/10")],
  [
    "private",
    subnets("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15", "fc00::/7", "fec0::/10"),
  ],
  [
    "reserved",
    // Of the sixth version: the unspecified address, NAT64, 6to4, Teredo and multicast.
    subnets("0.0.0.0/8", "192.0.0.0/24", "224.0.0.0/3", "::/128", "64:ff9b::/32", "2002::/16", "2001::/32", "ff00::/8"),
  ],
];

/** Of an IP address; `reserved` for what is none. An IPv4 address inside an IPv6 one counts as that IPv4 address. */
export function reachOf(address: string): Reach {
  const version = isIP(address);
  if (version === 0) return "reserved";
  return reaches.find(([, list]) => list.check(address, version === 4 ? "ipv4" : "ipv6"))?.[0] ?? "public";
}

/** Whether a server that is reached at `from` may name a place that is reached at `to`. */
export function mayName(from: Reach, to: Reach): boolean {
  if (to === "public") return true;
  if (to === "reserved") return false;
  return from === to || (from === "loopback" && to === "private");
}

function subnets(...texts: string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [net = "", prefix] = text.split("/");
    list.addSubnet(net, Number(prefix), isIP(net) === 4 ? "ipv4" : "ipv6");
  }
  return list;
}
