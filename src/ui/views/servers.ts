// The view of the servers: how each is, what it offers and how fast it answers; inside one, its tools, how it ended last, and
// what its program wrote to stderr then.
import { type ServerStatus, shownState } from "../../mcp/client/server-status.js";
import { duration } from "../figures.js";
import { oneLine, pad, prose } from "../text.js";
import type { Theme } from "../theme.js";
import type { ListKind } from "./list-view.js";
import type { SeenServer } from "./looks.js";
import type { Deed } from "./view-feed.js";

type Look = readonly SeenServer[];

export function serversKind(act: (deed: Deed) => Promise<string>): ListKind<Look, SeenServer> {
  const nameOf = ({ status }: SeenServer): string => status.name;
  return {
    empty: "No servers are configured; /help connect says how to add one.",
    subject: { title: "SERVER", of: nameOf },
    columns: [
      {
        title: "STATE",
        width: 12,
        rank: 0,
        cell: ({ status }) => shownState(status),
        paint: ({ status }, theme) => paintOf(status, theme),
      },
      { title: "TOOLS", width: 5, rank: 2, align: "right", cell: ({ status }) => `${status.tools}` },
      { title: "CALLS", width: 6, rank: 5, align: "right", cell: (server) => blankIfNone(callsOf(server)) },
      { title: "ERRORS", width: 6, rank: 4, align: "right", cell: (server) => blankIfNone(errorsOf(server)) },
      { title: "LATENCY", width: 8, rank: 3, align: "right", cell: latencyOf },
      { title: "BREAKER", width: 9, rank: 6, cell: breakerOf },
      { title: "RESTARTS", width: 8, rank: 1, align: "right", cell: ({ status }) => blankIfNone(status.restarts) },
      { title: "WHY", width: 36, rank: 7, cell: ({ status }) => whyOf(status) },
    ],
    narrowings: [],
    actions: [
      { key: "c", label: "connect", act: (row) => act({ do: "connect", server: nameOf(row) }) },
      {
        key: "d",
        label: "disconnect",
        question: (row) => `Disconnect ${nameOf(row)}?`,
        act: (row) => act({ do: "disconnect", server: nameOf(row) }),
      },
      {
        key: "r",
        label: "restart",
        question: (row) => `Restart ${nameOf(row)}?`,
        act: (row) => act({ do: "restart", server: nameOf(row) }),
      },
    ],
    rows: (look) => look,
    keyOf: nameOf,
    textOf: ({ status, tools }) => [status.name, shownState(status), ...tools.map(({ name }) => name)].join(" "),
    summary: (look) => {
      const up = look.filter(({ status }) => status.state === "ready").length;
      return `${up} of ${look.length} servers up`;
    },
    detail: detailLines,
  };
}

function blankIfNone(count: number): string {
  return count === 0 ? "·" : `${count}`;
}

function callsOf({ tools }: SeenServer): number {
  return tools.reduce((sum, { figures }) => sum + (figures?.calls ?? 0), 0);
}

function errorsOf({ tools }: SeenServer): number {
  return tools.reduce((sum, { figures }) => sum + (figures?.errors ?? 0), 0);
}

/** The mean of its tools', each by how often it was called. */
function latencyOf(server: SeenServer): string {
  const calls = callsOf(server);
  const sum = server.tools.reduce((all, { figures }) => all + (figures?.calls ?? 0) * (figures?.latencyMs ?? 0), 0);
  return calls === 0 ? "" : duration(sum / calls);
}

function breakerOf({ tools }: SeenServer): string {
  const states = tools.flatMap(({ figures }) => figures?.breaker ?? []);
  return states.find((state) => state === "open") ?? states.find((state) => state === "half-open") ?? "closed";
}

function whyOf({ reason, retryInMs }: ServerStatus): string {
  const retry = retryInMs === undefined ? [] : [`tried again in ${duration(retryInMs)}`];
  return [...retry, ...(reason === undefined ? [] : [oneLine(reason)])].join(", ");
}

function paintOf({ state }: ServerStatus, theme: Theme): (text: string) => string {
  if (state === "ready") return theme.ok;
  if (state === "parked") return theme.error;
  return state === "disconnected" ? theme.muted : theme.warn;
}

function detailLines(server: SeenServer, columns: number, theme: Theme): string[] {
  const { status, tools, stderr } = server;
  const { identity, lastEnd } = status;
  const facts: [string, string | undefined][] = [
    ["server", status.name],
    ["state", shownState(status)],
    ["why", status.reason],
    ["again in", status.retryInMs === undefined ? undefined : duration(status.retryInMs)],
    ["program", identity === undefined ? undefined : `${identity.name} ${identity.version}`],
    ["pid", status.pid?.toString()],
    ["restarts", `${status.restarts}, ${status.attempts} in a row`],
    ["breaker", breakerOf(server)],
    ["last end", lastEnd === undefined ? undefined : `${new Date(lastEnd.at).toLocaleTimeString()}: ${lastEnd.reason}`],
  ];
  const lines = facts.flatMap(([name, value]) =>
    value === undefined ? [] : hangingFact(name, oneLine(value), columns, theme),
  );
  const wrote = stderr.flatMap((line) => prose(`  ${oneLine(line)}`, columns));
  return [
    ...lines,
    ...(wrote.length === 0 ? [] : ["", theme.muted("the newest of what it wrote to stderr"), ...wrote]),
    "",
    theme.muted(tools.length === 0 ? "no tools" : `${tools.length} tools`),
    ...tools.map(({ name, figures }) => {
      const told =
        figures === undefined
          ? ""
          : `  ${figures.calls} calls, ${figures.errors} failed, ${duration(figures.latencyMs)}${figures.breaker === "closed" ? "" : `, breaker ${figures.breaker}`}`;
      return `  ${oneLine(name)}${theme.muted(told)}`;
    }),
  ];
}

/** A name and what it says, over as many lines as that needs. */
export function hangingFact(name: string, value: string, columns: number, theme: Theme): string[] {
  const WIDTH = 12;
  return prose(value, Math.max(10, columns - WIDTH)).map(
    (line, index) => (index === 0 ? theme.muted(pad(name, WIDTH)) : " ".repeat(WIDTH)) + line,
  );
}
