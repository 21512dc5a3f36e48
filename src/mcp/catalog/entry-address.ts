// The address of an entry: `agent://PLUGIN/PLACE`, which is its id written as MCP wants it.
import type { EntryKind } from "./entry.js";

export const addressedKinds = ["agent", "skill", "workflow"] as const;
export type AddressedKind = (typeof addressedKinds)[number];

/** Of an entry that is a file. */
export function addressOf(id: string): string {
  const [, kind = "", plugin = "", place = ""] = /^(\w+):([^/]*)\/(.*)$/.exec(id) ?? [];
  return `${kind}://${encodeURIComponent(plugin)}/${place.split("/").map(encodeURIComponent).join("/")}`;
}

/** The id an address stands for; undefined for what is none. */
export function idAt(address: string): { readonly kind: EntryKind; readonly id: string } | undefined {
  const [, scheme = "", plugin = "", place = ""] = /^(\w+):\/\/([^/?#]+)\/([^?#]+)$/.exec(address) ?? [];
  const kind = addressedKinds.find((each) => each === scheme);
  if (kind === undefined) return undefined;
  try {
    return { kind, id: `${kind}:${decodeURIComponent(plugin)}/${decodeURIComponent(place)}` };
  } catch {
    return undefined; // badly encoded
  }
}

/** As RFC 6570 has it; the place may have slashes. */
export function templateOf(kind: AddressedKind): string {
  return `${kind}://{plugin}/{+name}`;
}
