// /servers: how the servers stand, and what can be done to one: start it again, switch it on or off for good, keep one that was added for
// this run. Also which ones the settings and other programs of this machine have.
import { again } from "../../actors/again.js";
import { recordAction } from "../../actors/audit/audit.js";
import type { AuditAction } from "../../actors/audit/entry.js";
import { editSettings } from "../../actors/config/edit-file.js";
import { placeOf } from "../../actors/config/problems.js";
import type { ServerConfig } from "../../actors/config/schema.js";
import { withServer } from "../../actors/config/server-blocks.js";
import { isBundled } from "../../mcp/client/configured-servers.js";
import { findServers } from "../../mcp/client/other-hosts.js";
import { type ServerStatus, shownState } from "../../mcp/client/server-status.js";
import { BanyanError, plainText } from "../../supervision/index.js";
import { cell } from "../cell.js";
import type { MixedCommand, ServerCommandContext, Suggestions, Surroundings } from "../command.js";
import { serverNames } from "../server-names.js";
import { startingWith } from "../suggestions.js";
import { manual, stands } from "./connect-commands.js";
import { changeSetting, storingRequest } from "./settings-change.js";

const WORDS: Readonly<Record<string, string>> = {
  restart: "end a server and start it again",
  enable: "switch a server on, for good",
  disable: "switch a server off, for good",
  saved: "those of the settings, with where each is declared",
  save: "keep a server of this run in your settings",
  discover: "those that other programs of this machine have set up",
};

export const serversCommand: MixedCommand = {
  name: "servers",
  view: "servers",
  aliases: [
    { name: "saved", rest: "saved" },
    { name: "discover", rest: "discover" },
  ],
  group: "servers and tools",
  summary: "show the MCP servers and how they are; restart, enable, disable or save one; find more",
  usage: ["", "restart NAME", "enable NAME", "disable NAME", "saved", "save NAME", "discover"],
  examples: ["/servers", "/servers restart files", "/servers enable demo"],
  settled: true,
  complete,
  waits: (rest) => rest.trim() !== "",
  run: async (context) => serversTable(await context.servers()),
  ask,
};

async function ask(context: ServerCommandContext, rest: string): Promise<string> {
  const [word = "", name] = rest.trim().split(/\s+/);
  if (word === "saved") return saved(context);
  if (word === "discover") return discovered(context);
  if (!(word in WORDS)) {
    throw new BanyanError("usage", `/servers takes ${Object.keys(WORDS).join(", ")}; see /help servers.`);
  }
  if (name === undefined) throw new BanyanError("usage", `Name the server, as in /servers ${word} files.`);
  if (word === "restart") {
    await record(context, "server.restart", name);
    return stands(await manual(context).act("restart", name));
  }
  if (word === "save") return save(context, name);
  return switched(context, name, word === "enable");
}

async function switched(context: ServerCommandContext, name: string, enabled: boolean): Promise<string> {
  const config = context.use(context.names.config);
  const settings = await again(() => config.call.get());
  if ((await again(() => config.call.addedServers())).some((server) => server.name === name)) {
    throw new BanyanError(
      "usage",
      `${name} is there for this run alone: /disconnect ${name} ends it, /servers save ${name} keeps it.`,
    );
  }
  if (!isBundled(name) && !settings.servers.some((server) => server.name === name)) {
    throw new BanyanError("no_server", `There is no server ${name} in the settings; see /servers saved.`);
  }
  const key = isBundled(name) ? `bundled.${name}` : `servers.${name}.enabled`;
  await changeSetting(context, key, `${enabled}`, enabled ? "server.enable" : "server.disable");
  return `**${name}** is switched ${enabled ? "on" : "off"}, also for the next start.`;
}

/** Into the user's own file, as banyan servers add would. */
async function save(context: ServerCommandContext, name: string): Promise<string> {
  const config = context.use(context.names.config);
  const server = (await again(() => config.call.addedServers())).find((each) => each.name === name);
  if (server === undefined) {
    throw new BanyanError(
      "no_server",
      `${name} is no server of this run alone; /connect adds one, /servers saved shows the others.`,
    );
  }
  const request = storingRequest(context);
  const target = request.files.find(({ layer }) => layer === "named" || layer === "user");
  if (target === undefined) throw new BanyanError("no_file", "There is no settings file of your own to save it in.");
  await editSettings(
    request,
    target,
    (text) => withServer(text, server),
    () => record(context, "server.add", name),
  );
  // In this order there is no moment without it, so it runs on.
  await again(() => config.call.reload());
  await again(() => config.call.removeServer(name));
  return `**${name}** is in \`${target.file}\` now.`;
}

async function saved({ names, use }: ServerCommandContext): Promise<string> {
  const config = use(names.config);
  const { loaded } = await again(() => config.call.describe());
  const added = (await again(() => config.call.addedServers())).map(({ name }) => name);
  const { servers } = loaded.config;
  if (servers.length === 0)
    return "No server is in your settings; `/connect NAME -- COMMAND` adds one, `/servers save NAME` keeps it.";
  const rows = servers.map((server) => {
    const origin = loaded.origins[`servers.${server.name}.${server.url === undefined ? "command" : "url"}`];
    const where = added.includes(server.name) ? "this run" : origin === undefined ? "" : placeOf(origin);
    return `| ${server.name} | ${howOf(server)} | ${stateOf(server)} | ${cell(where)} |`;
  });
  return ["| server | how | | declared in |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function stateOf({ approved, enabled }: ServerConfig): string {
  if (!approved) return "waits for `banyan config approve`";
  return enabled ? "on" : "off";
}

/** How it is started, or where it is. */
interface How {
  readonly command?: string | undefined;
  readonly args?: readonly string[] | undefined;
  readonly url?: string | undefined;
}

function howOf({ command, args = [], url }: How): string {
  // What stands in the query may be a key.
  const text = url === undefined ? [command, ...args].join(" ") : url.replace(/[?#].*/s, "?…");
  return `\`${cell(plainText(text)).slice(0, 80)}\``;
}

function discovered({ names }: ServerCommandContext): string {
  const { servers, problems } = findServers(names.project);
  const rows = servers.map(({ host, file, server }) => {
    return `| ${server.name} | ${howOf(server)} | ${host} | \`${cell(file)}\` |`;
  });
  const table =
    rows.length === 0
      ? ["No other program's settings on this machine have servers."]
      : [
          "| server | how | set up in | file |",
          "| --- | --- | --- | --- |",
          ...rows,
          "",
          "`/connect NAME` starts one here; `banyan servers import FILE` takes over a file.",
        ];
  return [...table, ...problems.map((problem) => `\n${cell(plainText(problem))}`)].join("\n");
}

function record({ names, use }: Surroundings, action: AuditAction, subject: string): Promise<void> {
  return recordAction(use(names.audit), { action, subject, detail: {} });
}

function serversTable(servers: readonly ServerStatus[]): string {
  if (servers.length === 0)
    return "No servers are configured. `/connect NAME -- COMMAND` adds one, `/servers discover` finds some.";
  const rows = servers.map((server) => {
    const { name, tools, restarts, reason, retryInMs } = server;
    const retry = retryInMs === undefined ? "" : `, tried again in ${Math.max(1, Math.ceil(retryInMs / 1000))} s`;
    return `| ${name} | ${shownState(server)} | ${tools} | ${restarts} | ${cell(reason ?? "")}${retry} |`;
  });
  return ["| server | state | tools | restarts | why |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
}

async function complete(typed: string, surroundings: Surroundings): Promise<Suggestions> {
  const [, word, name] = /^(\S+)\s+(\S*)$/.exec(typed) ?? [];
  if (word === undefined) {
    return startingWith(
      typed,
      Object.entries(WORDS).map(([each, summary]) => ({ name: each, summary })),
    );
  }
  if (!(word in WORDS) || word === "saved" || word === "discover") return [];
  const found = await serverNames(name ?? "", surroundings);
  return found.map((hint) => ({ ...hint, name: `${word} ${hint.name}`, label: hint.name }));
}
