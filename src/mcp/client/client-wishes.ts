// What clients of ours want of all servers: the folders they work in, and how much of the servers' logs they hear. Servers have one
// connection for all clients, so they are told what is wanted by any of them.
import { type LogLevel, logLevels, type Root } from "./mcp-types.js";

/** What one client wants; a part that is absent stays as it was. */
export interface Wishes {
  readonly roots?: readonly Root[];
  readonly logLevel?: LogLevel;
}

/** Of all clients together; more is left out. */
const MOST_ROOTS = 500;

export class ClientWishes {
  /** By who has them. */
  private readonly wishes = new Map<string, Wishes>();

  set(client: string, wishes: Wishes): void {
    this.wishes.set(client, { ...this.wishes.get(client), ...wishes });
  }

  has(client: string): boolean {
    return this.wishes.has(client);
  }

  delete(client: string): void {
    this.wishes.delete(client);
  }

  /** Our own first, then the clients', each once. */
  roots(own: readonly Root[] | undefined): readonly Root[] | undefined {
    const theirs = [...this.wishes.values()].flatMap(({ roots = [] }) => roots);
    if (own === undefined && theirs.length === 0) return undefined;
    const all = new Map<string, Root>();
    for (const root of [...(own ?? []), ...theirs]) if (!all.has(root.uri)) all.set(root.uri, root);
    return [...all.values()].slice(0, MOST_ROOTS);
  }

  /** The least serious that anybody wants to hear; undefined: nobody has said. */
  get logLevel(): LogLevel | undefined {
    return leastOf([...this.wishes.values()].flatMap(({ logLevel }) => logLevel ?? []));
  }
}

/** Undefined if there are none. */
export function leastOf(levels: readonly LogLevel[]): LogLevel | undefined {
  return logLevels.find((level) => levels.includes(level));
}

/** Whether a message of this level is heard by who wants those of `wanted` and above. */
export function admits(wanted: LogLevel, level: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(wanted);
}
