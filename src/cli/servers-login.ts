// `banyan servers login|logout`: signing in to a server at an address by the user's browser, and forgetting it. The tokens lie in a
// file (mcp/client/oauth/credentials.ts); an app that runs connects with them at once.
import { askRunningApp, NothingRunningError } from "../actors/control/client.js";
import type { ServerAction } from "../actors/control/servers-door.js";
import { configuredServers } from "../mcp/client/configured-servers.js";
import { CredentialFile } from "../mcp/client/oauth/credentials.js";
import { login } from "../mcp/client/oauth/login.js";
import { type ServerConfig, serverConfig } from "../mcp/client/server-config.js";
import type { ServerStatus } from "../mcp/client/server-status.js";
import { BanyanError, plainText } from "../supervision/index.js";
import type { CommonOptions } from "./options.js";
import { printJson } from "./print-json.js";
import { recordBefore } from "./recorded.js";
import { pathsOf, type Setup, setUp } from "./settings.js";
import { warn } from "./warn.js";

export async function logIn(name: string, options: CommonOptions): Promise<void> {
  const set = await setUp(options);
  const { url, oauth } = remoteServer(name, set);
  const { paths } = set;
  const server = new URL(url);
  await recordBefore(paths, { action: "server.login", subject: name, detail: { origin: server.origin } });
  const credentials = new CredentialFile(paths.signIns, name, server);
  await login({ server, settings: oauth, credentials, show: (address) => showAddress(name, address) });
  const status = await tellApp(paths.socket, "connect", name);
  if (options.json)
    return printJson({ name, signedIn: true, ...(status === undefined ? {} : { state: status.state }) });
  const there = status === undefined ? "" : `; in the running app it is ${status.state}`;
  process.stdout.write(plainText(`You are signed in to ${name}${there}.\n`));
  if (status?.reason !== undefined) warn(`${name}: ${status.reason}`);
}

export async function logOut(name: string, options: CommonOptions): Promise<void> {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) throw usage(`There can be no server of that name; see banyan servers list.`);
  const paths = pathsOf(options);
  await recordBefore(paths, { action: "server.logout", subject: name, detail: {} });
  const forgotten = await CredentialFile.forget(paths.signIns, name);
  if (forgotten) await tellApp(paths.socket, "restart", name); // it holds the tokens, too
  if (options.json) return printJson({ name, forgotten });
  process.stdout.write(forgotten ? `The sign-in to ${name} is forgotten.\n` : `There was no sign-in to ${name}.\n`);
}

/** The server's settings; says why it is none that a user signs in to. */
function remoteServer(name: string, { loaded }: Setup): ServerConfig & { readonly url: string } {
  const { servers, problems } = configuredServers(loaded.config, process.env);
  const found = servers.find((server) => server.name === name);
  if (found === undefined) {
    const problem = problems.find((text) => text.includes(` ${name} `));
    if (problem !== undefined) throw new BanyanError("no_server", problem);
    const waits = loaded.config.servers.some((server) => server.name === name);
    const mend = waits ? `is not approved; run banyan config approve` : "is not configured; see banyan servers list";
    throw new BanyanError("no_server", `The server ${name} ${mend}.`);
  }
  const config = serverConfig(found);
  const { url, headers, oauth } = config;
  if (url === undefined) throw usage(`${name} is a program on this machine; there is nothing to sign in to.`);
  if (Object.keys(headers).some((header) => header.toLowerCase() === "authorization")) {
    throw usage(`${name} is signed in by the Authorization header of its settings; take that out to sign in yourself.`);
  }
  if (oauth.grant === "client_credentials") throw usage(`${name} is signed in by its client's own secret or key.`);
  return { ...config, url };
}

/** On stderr, since it is no result; the browser is opened only for somebody who sits at a terminal. */
async function showAddress(name: string, address: string): Promise<void> {
  process.stderr.write(`To sign in to ${name}, open this address in your browser:\n\n  ${plainText(address)}\n\n`);
  if (!process.stdin.isTTY || !process.stdout.isTTY) return;
  const { default: open } = await import("open");
  await open(address).catch(() => {}); // it can be opened by hand
}

/** How the server stands afterwards; undefined where no app runs or it knows no such server. */
async function tellApp(socket: string, action: ServerAction, server: string): Promise<ServerStatus | undefined> {
  try {
    // The other side is this same program, and its answer came over a socket only its owner can open.
    return (await askRunningApp(socket, { method: "server", action, server })) as ServerStatus;
  } catch (error) {
    if (error instanceof NothingRunningError) return undefined;
    if (!(error instanceof BanyanError)) throw error;
    warn(`the running app was not told: ${error.message}`);
    return undefined;
  }
}

function usage(text: string): BanyanError {
  return new BanyanError("usage", text);
}
