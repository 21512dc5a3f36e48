// The names below a registry's own: `@rooms["lobby"]` is the key "lobby" of the registry `rooms`. As plain strings they go
// wherever a name goes: into child specs, reports and the tree.

/** What every such name begins with. */
export const VIA = "@";

/** A key that can be written into a name. */
export type ViaKey = string | number;

export function isViaKey(key: unknown): key is ViaKey {
  return typeof key === "string" || Number.isFinite(key);
}

export function viaName(registry: string, key: ViaKey): string {
  return `${VIA}${registry}[${JSON.stringify(key)}]`;
}

/** Undefined for what `viaName` did not make. */
export function parseViaName(name: string): { registry: string; key: ViaKey } | undefined {
  const [, registry, text] = /^@([^[]+)\[(.+)\]$/s.exec(name) ?? [];
  if (registry === undefined || text === undefined) return undefined;
  try {
    const key: unknown = JSON.parse(text);
    return isViaKey(key) ? { registry, key } : undefined;
  } catch {
    return undefined;
  }
}
