// The view of the resource cache: what is kept, how large and how old it is, how often it was asked for; one can be forgotten, and all.
import type { CachedResource } from "../../mcp/client/resource-cache.js";
import { bytes, duration } from "../figures.js";
import { oneLine } from "../text.js";
import type { ListKind } from "./list-view.js";
import type { CacheLook } from "./looks.js";
import { hangingFact } from "./servers.js";
import type { Deed } from "./view-feed.js";

export function cacheKind(act: (deed: Deed) => Promise<string>): ListKind<CacheLook, CachedResource> {
  return {
    empty: "Nothing is kept; what /resource shows is.",
    subject: { title: "RESOURCE", of: ({ uri }) => uri },
    columns: [
      { title: "SERVER", width: 14, rank: 3, cell: ({ server }) => oneLine(server) },
      { title: "SIZE", width: 8, rank: 0, align: "right", cell: (row) => bytes(row.bytes) },
      { title: "HITS", width: 5, rank: 2, align: "right", cell: ({ hits }) => `${hits}` },
      { title: "AGE", width: 9, rank: 1, align: "right", cell: ({ ageMs }) => duration(ageMs) },
    ],
    narrowings: [],
    actions: [
      { key: "x", label: "drop", act: ({ server, uri }) => act({ do: "drop", server, uri }) },
      { key: "c", label: "clear all", question: () => "Forget all of them?", act: () => act({ do: "clear cache" }) },
    ],
    rows: ({ entries }) => entries,
    keyOf: ({ server, uri }) => `${server} ${uri}`,
    textOf: ({ server, uri }) => `${server} ${uri}`,
    summary: cacheSummary,
    detail: ({ server, uri, bytes: size, hits, ageMs, leftMs }, columns, theme) => [
      ...hangingFact("resource", oneLine(uri), columns, theme),
      ...hangingFact("server", oneLine(server), columns, theme),
      ...hangingFact("size", bytes(size), columns, theme),
      ...hangingFact("hits", `${hits} since it was read`, columns, theme),
      ...hangingFact("age", `${duration(ageMs)}, forgotten in ${duration(leftMs)}`, columns, theme),
    ],
  };
}

/** `3 resources · 12 KB · hits 8, misses 3 (73 % hit) · 1 pushed out` */
export function cacheSummary({ stats }: CacheLook): string {
  const { entries, bytes: size, hits, misses, evicted, invalidated, enabled } = stats;
  const asked = hits + misses;
  const share = asked === 0 ? "" : ` (${Math.round((100 * hits) / asked)} % hit)`;
  return [
    ...(enabled ? [] : ["off"]),
    `${entries} ${entries === 1 ? "resource" : "resources"}`,
    bytes(size),
    `hits ${hits}, misses ${misses}${share}`,
    ...(evicted === 0 ? [] : [`${evicted} pushed out`]),
    ...(invalidated === 0 ? [] : [`${invalidated} changed or dropped`]),
  ].join(" · ");
}
