// Tools are called `server.tool` everywhere in Banyan, but model APIs allow only [a-zA-Z0-9_-], 64 characters at most. The
// names on the wire are made anew for every request, so that nothing has to be remembered and a tool that comes or goes
// changes no other. A name that would be too long, or that another tool already has, ends in a hash of the real one.
import { createHash } from "node:crypto";

const LONGEST = 64;
const HASH_LENGTH = 8;

export interface WireNames {
  /** The name to send for a tool; also for tools of the past that are no longer connected. */
  toWire(name: string): string;
  /** The tool a model meant. A name that was never sent comes back as it is, so that the model can be told so. */
  fromWire(wire: string): string;
}

/** Names for one request, each different from all others. The order of `names` decides who keeps the plain form. */
export function wireNames(names: Iterable<string>): WireNames {
  const wires = new Map<string, string>();
  const reals = new Map<string, string>();

  const toWire = (name: string): string => {
    const known = wires.get(name);
    if (known !== undefined) return known;
    let wire = plain(name);
    for (let attempt = 0; reals.has(wire); attempt++) wire = hashed(name, attempt);
    wires.set(name, wire);
    reals.set(wire, name);
    return wire;
  };

  for (const name of names) toWire(name);
  return { toWire, fromWire: (wire) => reals.get(wire) ?? wire };
}

function plain(name: string): string {
  const wire = allowed(name);
  return wire.length === 0 || wire.length > LONGEST ? hashed(name, 0) : wire;
}

function hashed(name: string, attempt: number): string {
  const hash = createHash("sha256").update(`${attempt}:${name}`).digest("hex").slice(0, HASH_LENGTH);
  return `${allowed(name).slice(0, LONGEST - HASH_LENGTH - 1)}_${hash}`;
}

function allowed(name: string): string {
  return name.replaceAll(".", "__").replaceAll(/[^a-zA-Z0-9_-]/g, "_");
}
