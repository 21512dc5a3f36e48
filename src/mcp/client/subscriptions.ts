// The resources of a server that it is asked to tell changes of: those somebody has subscribed to, which is asked anew of every
// connection, and those the ResourceCache has, the newest of them only.
import { messageOf, type Ref } from "../../supervision/index.js";
import type { Connection } from "./connection.js";
import type { ResourceCache } from "./resource-cache.js";

export interface SubscriptionsOptions {
  readonly server: string;
  /** Bound to the process that has the subscriptions. */
  readonly cache: Ref<ResourceCache> | undefined;
  /** Is given what the server said when it refused. */
  readonly onFault: (text: string) => void;
}

/** Resources of one server that are watched for the cache. */
const MOST_WATCHED = 100;

export class Subscriptions {
  /** What others want to be told of, each with who does. */
  private readonly wanted = new Map<string, Set<string>>();
  /** What the ResourceCache has and must hear of, the oldest first. */
  private readonly watched = new Set<string>();

  constructor(private readonly options: SubscriptionsOptions) {}

  get isEmpty(): boolean {
    return this.wanted.size === 0;
  }

  /** False: somebody else has it already. */
  add(uri: string, subscriber: string): boolean {
    const subscribers = this.wanted.get(uri) ?? new Set();
    const isNew = subscribers.size === 0;
    this.wanted.set(uri, subscribers.add(subscriber));
    return isNew;
  }

  /** False: the cache or somebody else still needs to hear of it, or he had it not. */
  remove(uri: string, subscriber: string): boolean {
    const subscribers = this.wanted.get(uri);
    if (subscribers?.delete(subscriber) !== true || subscribers.size > 0) return false;
    this.wanted.delete(uri);
    return !this.watched.has(uri);
  }

  /** The resources that nobody needs to hear of any more. */
  removeAllOf(subscriber: string): string[] {
    return [...this.wanted.keys()].filter((uri) => this.remove(uri, subscriber));
  }

  /** For the ResourceCache, where the server can tell and has not too many to tell of. */
  async watch(uri: string, connection: Connection): Promise<void> {
    if (!connection.identity.capabilities.subscribe || this.watched.delete(uri)) {
      if (connection.identity.capabilities.subscribe) this.watched.add(uri); // the newest again
      return;
    }
    this.watched.add(uri);
    const [oldest] = this.watched;
    if (this.watched.size > MOST_WATCHED && oldest !== undefined) {
      this.watched.delete(oldest);
      this.options.cache?.cast.invalidate(this.options.server, oldest);
      if (!this.wanted.has(oldest)) void connection.unsubscribe(oldest).catch(() => {});
    }
    // A server that refuses is a resource that is only kept for a while.
    if (!this.wanted.has(uri)) await connection.subscribe(uri).catch(() => this.watched.delete(uri));
  }

  /** Of a server that is about to rest: the cache is to read anew. */
  unwatch(): void {
    this.watched.clear();
    this.options.cache?.cast.invalidate(this.options.server);
  }

  /** The server knows nothing of the connection before, and we nothing of what it changed meanwhile. */
  renew(connection: Connection): void {
    const { server, cache, onFault } = this.options;
    cache?.cast.invalidate(server);
    for (const uri of new Set([...this.wanted.keys(), ...this.watched])) {
      connection.subscribe(uri).catch((error: unknown) => onFault(messageOf(error)));
    }
  }
}
