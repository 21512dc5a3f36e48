// Which network addresses fetch_url may reach: the public internet, and this machine only by leave. The ranges are those IANA
// lists as not globally reachable, with the IPv6 ranges that carry an IPv4 address inside them (IPv4-translated, NAT64, 6to4, Teredo), for these
// lead back to a private host. node:net parses and compares; it also judges IPv4-mapped IPv6 addresses by their IPv4 rules.
import { BlockList, isIP } from "node:net";

const loopback = listOf([
  ["127.0.0.0", 8],
  ["::1", 128],
]);

const special = listOf([
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
  ["::", 96],
  ["::ffff:0:0:0", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
  ["5f00::", 16],
  ["fc00::", 7],
  ["fe80::", 9],
  ["ff00::", 8],
]);

/** Why an address may not be reached, or undefined if it may. */
export function whyBlocked(address: string, allowLoopback: boolean): string | undefined {
  const version = isIP(address);
  if (version === 0) return "it is no IP address";
  const family = version === 4 ? "ipv4" : "ipv6";
  if (loopback.check(address, family)) {
    return allowLoopback ? undefined : "it is this machine (BANYAN_FETCH_ALLOW_LOOPBACK=1 allows that)";
  }
  return special.check(address, family) ? "it is in a private or reserved network" : undefined;
}

function listOf(subnets: readonly (readonly [net: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, net.includes(":") ? "ipv6" : "ipv4");
  return list;
}
