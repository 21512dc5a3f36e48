// `banyan servers list|status|connect|disconnect|restart`: the configured servers, and how they stand in the app that runs, if any.
import { askRunningApp, NothingRunningError } from "../actors/control/client.js";
import type { ServerAction } from "../actors/control/servers-door.js";
import { platform } from "../actors/platform/index.js";
import { configuredServers } from "../mcp/client/configured-servers.js";
import { optional } from "../mcp/client/sdk-shapes.js";
import { type ServerEnd, type ServerStatus, shownState } from "../mcp/client/server-status.js";
import { BanyanError, plainText } from "../supervision/index.js";
import type { CommonOptions } from "./options.js";
import { printJson } from "./print-json.js";
import { pathsOf, setUp } from "./settings.js";
import { printTable } from "./table.js";
import { warn } from "./warn.js";

const STATUS_COLUMN = 19;
const MEGABYTE = 1_048_576;

interface Listed {
  readonly name: string;
  readonly enabled: boolean;
  /** How it is started, or where it is. */
  readonly command?: string;
  readonly url?: string;
  /** The file it is declared in; "bundled" for those that come with Banyan. */
  readonly from: string;
  /** `not running` without an app; otherwise as it stands there. */
  readonly state: string;
  readonly tools?: number;
  readonly reason?: string;
  readonly pid?: number;
  /** Bytes, and milliseconds of processor time so far, of its program and all it has started. */
  readonly memory?: number;
  readonly cpu?: number;
  readonly restarts?: number;
  readonly retryInMs?: number;
  readonly lastEnd?: ServerEnd;
}

export async function listServers(options: CommonOptions): Promise<void> {
  const servers = await listed(options);
  if (options.json) return printJson(servers);
  if (servers.length === 0) warn("no server is configured; add one with banyan servers add NAME -- CMD ARGS…");
  printTable(
    ["NAME", "STATE", "TOOLS", "COMMAND OR URL", "FROM"],
    servers.map(({ name, state, tools, command, url, from }) => [
      name,
      state,
      tools === undefined ? "-" : `${tools}`,
      url ?? command ?? "",
      from,
    ]),
  );
}

export async function serverStatus(name: string | undefined, options: CommonOptions): Promise<void> {
  const servers = (await listed(options)).filter((server) => name === undefined || server.name === name);
  if (name !== undefined && servers.length === 0) throw unknown(name);
  if (options.json) return printJson(name === undefined ? servers : servers[0]);
  const [server] = servers;
  if (name !== undefined && server !== undefined) return void process.stdout.write(plainText(described(server)));
  printTable(
    ["NAME", "STATE", "PID", "RESTARTS", "COMMAND OR URL", "WHY"],
    servers.map(({ name, state, pid, restarts, command, url, reason }) => [
      name,
      state,
      `${pid ?? "-"}`,
      `${restarts ?? "-"}`,
      url ?? command ?? "",
      reason ?? "",
    ]),
  );
}

function described({
  name,
  state,
  reason,
  retryInMs,
  command,
  url,
  from,
  pid,
  memory,
  cpu = 0,
  tools,
  restarts,
  lastEnd,
}: Listed): string {
  const again = retryInMs === undefined ? "" : `; it is tried again in ${Math.ceil(retryInMs / 1_000)} s`;
  const rows: (readonly [string, string | number | undefined])[] = [
    ["why", reason === undefined ? undefined : `${reason}${again}`],
    ["command", command],
    ["url", url],
    ["from", from],
    ["pid", pid],
    ["takes", memory && `${Math.round(memory / MEGABYTE)} MB of memory, ${(cpu / 1_000).toFixed(1)} s of CPU so far`],
    ["tools", tools],
    ["connected again", restarts === undefined ? undefined : `${restarts}×`],
    ["last ended", lastEnd && new Date(lastEnd.at).toLocaleString("sv")],
    ["because", lastEnd?.reason === reason ? undefined : lastEnd?.reason],
    ["its stderr", lastEnd?.stderr?.join(`\n${" ".repeat(STATUS_COLUMN)}`) || undefined],
  ];
  const lines = rows.flatMap(([label, value]) =>
    value === undefined ? [] : [`${`  ${label}`.padEnd(STATUS_COLUMN)}${value}`],
  );
  return `${name} is ${state}\n${lines.join("\n")}\n`;
}

export async function actOnServer(action: ServerAction, server: string, options: CommonOptions): Promise<void> {
  // The other side is this same program, and its answer came over a socket only its owner can open.
  const status = (await askRunningApp(pathsOf(options).socket, { method: "server", action, server })) as ServerStatus;
  const { state, reason } = status;
  const wanted = action === "disconnect" ? ["disconnected"] : ["ready", "degraded"];
  const why = reason === undefined ? "" : `: ${reason}`;
  if (!wanted.includes(state))
    throw new BanyanError("not_there", `The server ${server} is ${state}${why}; see banyan servers status ${server}.`);
  if (options.json) printJson(status);
  else
    process.stdout.write(
      plainText(`${server} is ${state}${action === "disconnect" ? "" : `, ${status.tools} tools`}.\n`),
    );
}

async function listed(options: CommonOptions): Promise<Listed[]> {
  const { paths, loaded } = await setUp(options);
  const { config, origins } = loaded;
  const statuses = await statusesOf(paths.socket);
  const configured = config.servers.map(({ name, command, args, url, enabled, approved }) => {
    const origin = origins[`servers.${name}.${url === undefined ? "command" : "url"}`];
    const from = origin !== undefined && "file" in origin ? origin.file : (origin?.layer ?? "default");
    const asleep = enabled ? (approved ? "not running" : "not approved") : "switched off";
    return {
      name,
      enabled,
      ...(url === undefined ? { command: [command, ...args].join(" ") } : { url: shownAddress(url) }),
      from,
      state: asleep,
    };
  });
  const bundled = configuredServers({ ...config, servers: [] }, {}).servers.map(({ name }) => {
    return { name, enabled: true, command: "(bundled)", from: "bundled", state: "not running" };
  });
  // A replica is a server of its own that no setting names.
  const servers = [...bundled, ...configured].flatMap((server) => {
    const replicas = statuses?.filter(({ name }) => name.startsWith(`${server.name}~`)) ?? [];
    return [server, ...replicas.map(({ name }) => ({ ...server, name }))];
  });
  // A program leads its own process group.
  const usages = await platform.groupUsages((statuses ?? []).flatMap(({ pid }) => pid ?? []));
  return servers.map((server) => {
    const status = statuses?.find(({ name }) => name === server.name);
    // Switched off and connected by hand all the same, it is as it stands.
    if (status === undefined || (!server.enabled && status.state === "disconnected")) return server;
    const { tools, reason, pid, restarts, retryInMs, lastEnd } = status;
    const { rssBytes: memory, cpuMs: cpu } = usages.get(pid ?? 0) ?? {};
    const more = optional({ reason, pid, memory, cpu, retryInMs, lastEnd });
    return { ...server, state: shownState(status), tools, restarts, ...more };
  });
}

/** What stands in the query may be a key. */
function shownAddress(url: string): string {
  const [shown = "", query] = url.split(/[?#](.*)/s);
  return query === undefined ? shown : `${shown}?…`;
}

/** Undefined when no app runs. */
async function statusesOf(socket: string): Promise<readonly ServerStatus[] | undefined> {
  try {
    return (await askRunningApp(socket, { method: "servers" })) as readonly ServerStatus[]; // from this same program
  } catch (error) {
    if (error instanceof NothingRunningError) return undefined;
    throw error;
  }
}

function unknown(name: string): BanyanError {
  return new BanyanError("no_server", `There is no server ${name}; see banyan servers list.`);
}
