// /connect and /disconnect: a server that is configured is brought up or down by hand; one that is not is added for as long as the app
// runs. Since that starts a program with the user's rights, it is asked about first, as a tool call is.
import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { again } from "../../actors/again.js";
import { recordAction } from "../../actors/audit/audit.js";
import { newServer } from "../../actors/config/new-server.js";
import type { WrittenServer } from "../../actors/config/server-blocks.js";
import { isBundled } from "../../mcp/client/configured-servers.js";
import { ManualCalls } from "../../mcp/client/manual-calls.js";
import { findServers } from "../../mcp/client/other-hosts.js";
import { optional } from "../../mcp/client/sdk-shapes.js";
import { isUp, type ServerStatus, shownState } from "../../mcp/client/server-status.js";
import { BanyanError } from "../../supervision/index.js";
import type { ServerCommand, ServerCommandContext, Suggestions, Surroundings } from "../command.js";
import { serverNames } from "../server-names.js";
import { startingWith } from "../suggestions.js";
import { wordsOf } from "../words.js";

/** How long is waited for a server that was added to be known, in milliseconds. */
const KNOWN_MS = 5_000;
const POLL_MS = 20;

const transports = ["http", "sse"] as const;

export const connectCommands: readonly ServerCommand[] = [
  {
    name: "connect",
    group: "servers and tools",
    summary: "bring a server up, one that is configured or a new one for this run; forgets earlier failures",
    usage: [
      "NAME",
      "NAME [--env KEY=VALUE …] -- COMMAND ARGUMENT …",
      "NAME URL [--header NAME=VALUE …] [--transport http|sse]",
    ],
    examples: [
      "/connect files -- npx -y @modelcontextprotocol/server-filesystem .",
      "/connect docs https://example.com/mcp",
      "/connect github --env GITHUB_TOKEN=$" + "{env:GITHUB_TOKEN} -- npx -y @modelcontextprotocol/server-github",
    ],
    complete: connectable,
    ask: connect,
  },
  {
    name: "disconnect",
    group: "servers and tools",
    summary: "stop a server until /connect brings it up again; one of this run alone is forgotten",
    usage: ["NAME"],
    examples: ["/disconnect files"],
    complete: serverNames,
    ask: disconnect,
  },
];

/** Connects a server that is known, however it stood. */
export async function connected(context: ServerCommandContext, name: string): Promise<string> {
  await recordAction(context.use(context.names.audit), { action: "server.connect", subject: name, detail: {} });
  return stands(await manual(context).act("connect", name));
}

/** The door to the servers that the command line has, too. */
export function manual({ names, use }: Surroundings): ManualCalls {
  return new ManualCalls(use(names.servers), use(names.aggregator), names.router);
}

export function stands(status: ServerStatus): string {
  const { name, tools, reason } = status;
  if (isUp(status.state)) return `**${name}** is ${status.state}, ${tools} ${tools === 1 ? "tool" : "tools"}.`;
  const why = reason === undefined ? "" : `: ${reason.replace(/\.$/, "")}`;
  return `**${name}** is ${shownState(status)}${why}.`;
}

async function connect(context: ServerCommandContext, rest: string): Promise<string> {
  const { name, words, options } = read(rest);
  const known = (await statuses(context)).some((server) => server.name === name);
  if (known && words.length === 0) return connected(context, name);
  if (known) throw new BanyanError("server_exists", `There is a server ${name} already; choose another name.`);
  if (words.length === 0) {
    const found = findServers(context.names.project).servers.find(({ server }) => server.name === name);
    if (found === undefined) throw unknown(name);
    for (const note of found.notes) context.note(note);
    return add(context, { ...found.server, enabled: true });
  }
  return add(context, newServer(name, words, options));
}

function unknown(name: string): BanyanError {
  const mend = isBundled(name)
    ? `it comes with Banyan and is switched off: /servers enable ${name}`
    : `write /connect ${name} -- COMMAND, or see /servers saved and /servers discover`;
  return new BanyanError("no_server", `There is no server ${name}; ${mend}.`);
}

/** Asks, adds it for this run, and waits for it to come up. */
async function add(context: ServerCommandContext, server: WrittenServer): Promise<string> {
  const { names, use } = context;
  const { name, ...how } = server;
  if (isBundled(name)) throw unknown(name);
  const approval = await context.approve({
    callId: randomUUID(),
    tool: `connect/${name}`,
    server: name,
    description:
      server.url === undefined
        ? "Start this program on your machine, with your rights, and give the model its tools."
        : "Connect to this address, and give the model its tools.",
    arguments: shownHow(server),
    readOnly: false,
    fingerprint: createHash("sha256").update(JSON.stringify(how)).digest("hex"),
  });
  if (!approval.allowed) throw new BanyanError("denied", `${name} was not connected: ${approval.reason}`);
  const config = use(names.config);
  await recordAction(use(names.audit), { action: "server.connect", subject: name, detail: { ...how } });
  const { config: settings } = await again(() => config.call.addServer(server));
  const problem = names.serversOf(settings).problems.find((each) => each.startsWith(`The server ${name} `));
  if (problem !== undefined) {
    await again(() => config.call.removeServer(name));
    throw new BanyanError("not_started", problem);
  }
  await becomesKnown(context, name);
  const status = await manual(context).act("connect", name);
  const next = isUp(status.state)
    ? `It is there as long as Banyan runs; \`/servers save ${name}\` keeps it.`
    : `\`/connect ${name}\` tries it again, \`/disconnect ${name}\` forgets it.`;
  return `${stands(status)} ${next}`;
}

/** Without what is empty. */
function shownHow({ command, args = [], env = {}, cwd, url, transport, headers = {} }: WrittenServer) {
  return {
    ...optional({ command, cwd, url, transport }),
    ...(args.length === 0 ? {} : { args }),
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  };
}

/** The manager hears of it from the settings. */
async function becomesKnown(context: ServerCommandContext, name: string): Promise<void> {
  const deadline = performance.now() + KNOWN_MS;
  while (!(await statuses(context)).some((server) => server.name === name)) {
    if (performance.now() > deadline) {
      throw new BanyanError("not_started", `${name} was added, and is not started yet; see /servers in a moment.`);
    }
    await sleep(POLL_MS, undefined, { signal: context.signal });
  }
}

async function disconnect(context: ServerCommandContext, rest: string): Promise<string> {
  const { names, use } = context;
  const name = rest.trim();
  if (name === "") throw new BanyanError("usage", "Name the server, as in /disconnect files; see /servers.");
  await recordAction(use(names.audit), { action: "server.disconnect", subject: name, detail: {} });
  const status = await manual(context).act("disconnect", name);
  if (await again(() => use(names.config).call.removeServer(name))) return `**${name}** has ended and is forgotten.`;
  return stands(status);
}

function read(rest: string) {
  const [before = "", command] = rest.split(/(?:^|\s)--\s+(.*)$/s);
  const [name = "", ...more] = wordsOf(before);
  if (name === "")
    throw new BanyanError("usage", "Name the server, as in /connect files; see /servers and /help connect.");
  const env: string[] = [];
  const header: string[] = [];
  let transport: "http" | "sse" | undefined;
  const words: string[] = [];
  for (let next = more.shift(); next !== undefined; next = more.shift()) {
    if (!next.startsWith("--")) words.push(next);
    else if (next === "--env") env.push(more.shift() ?? "");
    else if (next === "--header") header.push(more.shift() ?? "");
    else if (next === "--transport") transport = transportOf(more.shift());
    else throw new BanyanError("usage", `${next} is not known here; see /help connect.`);
  }
  if (command !== undefined) words.push(...wordsOf(command));
  return { name, words, options: { env, header, ...(transport === undefined ? {} : { transport }) } };
}

function transportOf(word = ""): "http" | "sse" {
  const transport = transports.find((each) => each === word);
  if (transport === undefined) throw new BanyanError("usage", "--transport takes http or sse.");
  return transport;
}

async function statuses({ names, use }: Surroundings): Promise<readonly ServerStatus[]> {
  return again(() => use(names.servers).call.status());
}

async function connectable(typed: string, surroundings: Surroundings): Promise<Suggestions> {
  const known = await serverNames(typed, surroundings);
  const found = findServers(surroundings.names.project).servers.map(({ host, server }) => ({
    name: server.name,
    summary: `set up in ${host}`,
  }));
  return [...known, ...startingWith(typed, found).filter(({ name }) => !known.some((each) => each.name === name))];
}
