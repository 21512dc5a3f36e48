// The pools of the settings: what each is started with, and which of them an address goes through.
import type { Settings } from "../config/schema.js";
import { type PoolOptions, poolName } from "./connection-pool.js";
import { fetchThrough } from "./request.js";

export function poolOptions(pools: Settings["pools"]): PoolOptions[] {
  return Object.entries(pools).map(([name, { url, min, max, idle, queue, health_path, health_interval }]) => {
    const health = health_path === undefined ? undefined : { path: health_path, intervalMs: health_interval };
    return { name, url, min, max, idleMs: idle, queue, health };
  });
}

/** A `fetch` through the first pool of the address's origin; undefined where there is none. */
export function pooledFetch(pools: Settings["pools"], address: string): typeof globalThis.fetch | undefined {
  const name = poolOf(pools, address);
  return name === undefined ? undefined : fetchThrough(poolName(name));
}

/** The name of the first pool of the address's origin, if there is one. */
export function poolOf(pools: Settings["pools"], address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { origin } = new URL(address);
  return Object.entries(pools).find(([, { url }]) => new URL(url).origin === origin)?.[0];
}
