// What servers offer besides tools, as of now: a server that is up is asked itself, for right after the start it has not been heard
// yet; of one that is away counts what it is known to have offered.
import { again } from "../actors/again.js";
import { compare, type Namespaced } from "../mcp/client/server-lists.js";
import type { ServerManager } from "../mcp/client/server-manager.js";
import { isUp } from "../mcp/client/server-status.js";
import type { ServerWrapper } from "../mcp/client/server-wrapper.js";
import { BanyanError, type Ref } from "../supervision/index.js";

export interface OffersOptions<T> {
  /** Bound to the process that asks. */
  readonly servers: Ref<ServerManager>;
  readonly wrapperOf: (server: string) => Promise<Ref<ServerWrapper>>;
  /** What is known of all servers. */
  readonly known: () => Promise<readonly Namespaced<T>[]>;
  readonly list: (wrapper: Ref<ServerWrapper>) => Promise<readonly T[]>;
}

/** All of one kind, in order. */
export async function offersNow<T extends { readonly name: string }>({
  servers,
  wrapperOf,
  known,
  list,
}: OffersOptions<T>): Promise<readonly Namespaced<T>[]> {
  await again(() => servers.with({ timeout: Number.POSITIVE_INFINITY }).call.settled());
  const up = (await again(() => servers.call.status())).filter(({ state }) => isUp(state));
  const heard = new Map<string, readonly T[]>();
  await Promise.all(
    up.map(async ({ name }) => {
      try {
        heard.set(name, await list(await wrapperOf(name)));
      } catch (error) {
        if (!(error instanceof BanyanError)) throw error; // lost meanwhile, so what is known counts
      }
    }),
  );
  const all = (await again(known)).filter(({ server }) => !heard.has(server));
  for (const [server, items] of heard) {
    for (const item of items) all.push({ ...item, name: `${server}.${item.name}`, server, ownName: item.name });
  }
  return all.sort((a, b) => compare(a.server, b.server) || compare(a.name, b.name));
}
