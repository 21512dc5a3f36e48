// What a process above the servers reads of them: what all offer, once those that are on their way have come up, and what one says.
import { again } from "../actors/again.js";
import type { Aggregator } from "../mcp/client/aggregator.js";
import type { ResourceContents } from "../mcp/client/mcp-types.js";
import type { ResourceCache } from "../mcp/client/resource-cache.js";
import type { Offer } from "../mcp/client/server-lists.js";
import type { ServerManager } from "../mcp/client/server-manager.js";
import type { ServerWrapper } from "../mcp/client/server-wrapper.js";
import type { Named, Ref } from "../supervision/index.js";
import { offersNow } from "./offers-now.js";

export interface ServerReach {
  resources(): Promise<Offer["resources"]>;
  templates(): Promise<Offer["templates"]>;
  prompts(): Promise<Offer["prompts"]>;
  /** A server's wrapper, bound to the process that asks; a call of it may wait for the server. */
  server(name: string): Promise<Ref<ServerWrapper>>;
  /** What a resource says, as it was last read if it has not changed since. */
  read(server: string, uri: string): Promise<readonly ResourceContents[]>;
}

export interface ServerNames {
  readonly servers: Named<ServerManager>;
  readonly aggregator: Named<Aggregator>;
  readonly resources: Named<ResourceCache>;
}

/** The wrapper watches the deadline of what it is asked. */
const FOREVER = Number.POSITIVE_INFINITY;

/** For the process whose `use` it is. */
export function serverReach(use: <T>(ref: Ref<T>) => Ref<T>, names: ServerNames): ServerReach {
  const servers = use(names.servers);
  const aggregator = use(names.aggregator);
  const wrapperOf = async (name: string): Promise<Ref<ServerWrapper>> =>
    use(await again(() => servers.call.wrapperOf(name))).with({ timeout: FOREVER });
  const common = { servers, wrapperOf };
  return {
    resources: () =>
      offersNow({
        ...common,
        known: () => aggregator.call.resources(),
        list: (wrapper) => wrapper.call.listResources(),
      }),
    templates: () =>
      offersNow({
        ...common,
        known: () => aggregator.call.templates(),
        list: (wrapper) => wrapper.call.listResourceTemplates(),
      }),
    prompts: () =>
      offersNow({ ...common, known: () => aggregator.call.prompts(), list: (wrapper) => wrapper.call.listPrompts() }),
    server: wrapperOf,
    read: (server, uri) => again(() => use(names.resources).with({ timeout: FOREVER }).call.read(server, uri)),
  };
}
