// The servers the ServerManager knows, and what they are together: replicas of one server, where a tool runs, what is offered.
import { nearest } from "../../actors/config/problems.js";
import { ServerUnavailableError, UnknownNameError } from "./errors.js";
import type { Route, ServerEntry } from "./server-entry.js";
import { noOffer, type Offer } from "./server-lists.js";
import { isOnItsWay, isUp, type ServerStatus } from "./server-status.js";

const NAMES_SHOWN = 8;

export class ServerEntries {
  private readonly entries = new Map<string, ServerEntry>();

  get all(): ServerEntry[] {
    return [...this.entries.values()];
  }

  get size(): number {
    return this.entries.size;
  }

  get statuses(): readonly ServerStatus[] {
    return this.all.map(({ status }) => status);
  }

  /** The names by which servers offer, each once: replicas go by the name of their server. */
  get groups(): ReadonlySet<string> {
    return new Set(this.all.map(({ group }) => group));
  }

  get(name: string): ServerEntry | undefined {
    return this.entries.get(name);
  }

  put(entry: ServerEntry): void {
    this.entries.set(entry.name, entry);
  }

  delete({ name }: ServerEntry): void {
    this.entries.delete(name);
  }

  /** The server and its replicas. */
  members(group: string): ServerEntry[] {
    return this.all.filter((entry) => entry.group === group);
  }

  /** Replicas offer the same: the first that can be reached speaks for all, under the name of their server. `live`: it has said so
   * itself in this run. */
  offerOf(group: string): { readonly offer: Offer; readonly live: boolean } {
    const members = this.members(group);
    const speaker = members.find(({ reachable }) => reachable !== noOffer) ?? members[0];
    return { offer: speaker?.reachable ?? noOffer, live: speaker?.live ?? false };
  }

  noSuchServer(name: string): UnknownNameError {
    const names = [...this.entries.keys()].join(", ");
    const there = names === "" ? "none is configured" : `the servers are: ${names}`;
    return new UnknownNameError(`there is no server for "${name}"; ${there}`);
  }
}

/** Where a tool runs that a server and its replicas, of which there is at least one, have. Undefined: it is worth waiting. */
export function findRoute(
  members: readonly ServerEntry[],
  tool: string,
): Route | UnknownNameError | ServerUnavailableError | undefined {
  const having = members.flatMap((entry) => {
    const info = entry.offer.tools.find(({ name }) => name === tool);
    const isThere = info !== undefined && !entry.isReplaced;
    return entry.wrapper === undefined || !isThere ? [] : [{ entry, info, wrapper: entry.wrapper }];
  });
  const well = having.filter(({ entry: { status } }) => isUp(status.state) || status.asleep === true);
  const chosen = well.length > 0 ? well : having;
  const [best] = chosen;
  if (best !== undefined) {
    const targets = chosen.map(({ entry, wrapper }) => ({ server: entry.name, wrapper }));
    const { timeoutMs, routing } = best.entry.config;
    return { info: best.info, wrapper: best.wrapper, targets, timeoutMs, routing };
  }
  if (members.some((entry) => mayStillHave(entry, tool))) return undefined;
  const entry = members.find(({ status }) => isUp(status.state)) ?? members[0];
  if (entry === undefined) return new UnknownNameError(`there is no server for "${tool}"`);
  const { name: server, status, offer } = entry;
  if (!isUp(status.state) && !isOnItsWay(status.state) && status.asleep !== true)
    return new ServerUnavailableError(server, status.state, status.reason, status.retryInMs);
  const names = offer.tools.slice(0, NAMES_SHOWN).map(({ tool: name }) => name);
  const more = offer.tools.length > names.length ? ", …" : "";
  const near = nearest(
    tool,
    offer.tools.map(({ name }) => name),
  );
  const meant = near === undefined ? "" : ` (did you mean ${near}?)`;
  return new UnknownNameError(
    `the server "${server}" has no tool "${tool}"${meant}; it has: ${names.join(", ")}${more}`,
  );
}

/** It comes, and either has the tool or has not told yet. */
function mayStillHave({ status, lists, stale, offer, isReplaced }: ServerEntry, tool: string): boolean {
  if (!isOnItsWay(status.state) && status.asleep !== true && !isReplaced) return false;
  return lists === undefined || stale || offer.tools.some(({ name }) => name === tool);
}
