// `banyan serve`: Banyan as an MCP server, until it is told to stop or, over stdio, until its client is gone. stdout is the protocol's
// over stdio and stays empty over HTTP; what there is to say is on stderr and in the log.
import { pendingNotice } from "../actors/config/approval.js";
import type { Settings } from "../actors/config/schema.js";
import { type Death, readDeath, whyOf } from "../actors/daemon/death.js";
import { type DaemonFiles, daemonFiles, forgetApp, writeApp } from "../actors/daemon/record.js";
import { lastWords } from "../actors/daemon/stderr-file.js";
import { ownerOf } from "../actors/run-owner.js";
import { announce } from "../actors/telemetry/happenings.js";
import { keepSecretsOf } from "../actors/telemetry/redact.js";
import { names } from "../application.js";
import { configuredServers } from "../mcp/client/configured-servers.js";
import { optional } from "../mcp/client/sdk-shapes.js";
import { addressFrom, urlOf } from "../mcp/server/address.js";
import { type ServeOptions, startServing } from "../serve-application.js";
import { BanyanError, child, named } from "../supervision/index.js";
import { Life } from "./life.js";
import type { CommonOptions } from "./options.js";
import { Notes } from "./serve-notes.js";
import { setUp } from "./settings.js";
import { warn } from "./warn.js";

export interface ServeCommandOptions extends CommonOptions {
  readonly stdio?: boolean;
  readonly http?: string | true;
  readonly toolhost?: boolean;
  /** It is the daemon's app, and says so in the state folder. */
  readonly daemon?: boolean;
  readonly sse?: boolean;
  /** False with --no-auth. */
  readonly auth: boolean;
}

const TOOL_HOST = "host";

export async function serve(options: ServeCommandOptions, version: string): Promise<void> {
  const { stdio = false, http, toolhost = false, sse, auth } = options;
  if (stdio === (http !== undefined))
    throw new BanyanError("usage", "Say how clients come: banyan serve --stdio, or banyan serve --http.");
  if (stdio && sse) throw new BanyanError("usage", "--sse is a way to come over HTTP: banyan serve --http --sse.");
  const { paths, request, loaded } = await setUp(options);
  const { host, port } = loaded.config.server;
  const address = addressFrom(typeof http === "string" ? http : urlOf({ host, port }).slice("http://".length), {
    host,
    port,
  });
  keepSecretsOf(process.env);
  // Whoever stops a service asks it to end, which is no failure.
  const life = new Life(loaded.config.server.drain, { SIGTERM: 0 });
  const daemon = options.daemon === true ? daemonFiles(paths) : undefined;
  const death = daemon === undefined ? undefined : readDeath(daemon.deaths);
  const { pools } = loaded.config;
  const serversOf = (now: Settings) => {
    const { servers, problems } = configuredServers({ ...now, pools }, process.env);
    if (!toolhost) return { servers, problems };
    return { servers: servers.filter(({ name }) => name === TOOL_HOST), problems: [] };
  };
  if (toolhost && serversOf(loaded.config).servers.length === 0)
    throw new BanyanError(
      "usage",
      "The tool host is switched off; banyan config set bundled.host true switches it on.",
    );
  const over: ServeOptions["over"] = stdio
    ? { stdio: { input: process.stdin, output: process.stdout, onEnd: (ok) => life.end(ok ? 0 : 1) } }
    : { address, noAuth: !auth, ...(sse ? { sse } : {}) };
  const { store, telemetry } = names;
  const notes = child(Notes, { store, telemetry }, { name: named<Notes>(names.notes.name) });
  const project = process.cwd();
  const what = { serversOf, toolHostAlone: toolhost, ...optional({ daemon: daemonSide(daemon, death) }) };
  const app = await startServing({ paths, loaded, request, ...what, project, longLived: true, version, over, notes });
  for (const problem of serversOf(loaded.config).problems) warn(problem);
  if (loaded.pendingApproval !== undefined) warn(pendingNotice(loaded.pendingApproval));
  if (!stdio) await listens(await names.httpServer.call.url(), daemon, death);
  await life.run(app, "Its log says more; start it again.");
}

async function listens(url: string, daemon: DaemonFiles | undefined, death: Death | undefined): Promise<void> {
  warn(`listening on ${url}/mcp`);
  if (daemon === undefined) return;
  writeApp(daemon, { ...ownerOf(process.pid), url, since: Date.now() });
  process.once("exit", () => forgetApp(daemon, process.pid));
  if (death === undefined) return;
  const words = lastWords(daemon.stderr);
  announce({ type: "predecessor", restarts: death.restarts, why: whyOf(death, words), lastWords: words });
}

function daemonSide(files: DaemonFiles | undefined, death: Death | undefined): ServeOptions["daemon"] {
  if (files === undefined) return undefined;
  const last = death === undefined ? {} : { lastDeath: { at: new Date(death.at).toISOString(), why: whyOf(death) } };
  return { stderr: files.stderr, told: { restarts: death?.restarts ?? 0, ...last } };
}
