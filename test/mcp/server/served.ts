// The tree of `banyan serve` in the test's own process, and the official SDK's client to talk to it with.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { ClientCapabilities } from "@modelcontextprotocol/sdk/types.js";
import { expect, onTestFinished } from "vitest";
import { loadConfig } from "../../../src/actors/config/load.js";
import { resolvePaths } from "../../../src/actors/paths.js";
import { names } from "../../../src/application.js";
import { configuredServers } from "../../../src/mcp/client/configured-servers.js";
import { type ServeOptions, startServing } from "../../../src/serve-application.js";
import { type Application, child, GenServer } from "../../../src/supervision/index.js";
import { BUSY_MACHINE } from "../../support/busy-machine.js";

class Quiet extends GenServer {
  note(_level: "info" | "warn", _text: string): void {}
}

/** Serves what the settings say under the folder, at a free port unless `over` says otherwise. */
export async function startServed(home: string, toml: string, over?: ServeOptions["over"]): Promise<Application> {
  const paths = resolvePaths({ home, env: {}, platform: process.platform, cwd: home });
  const request = { files: [{ layer: "user" as const, file: join(home, "config.toml") }], env: BUSY_MACHINE };
  writeFileSync(join(home, "config.toml"), toml);
  const loaded = await loadConfig(request);
  if ("error" in loaded) throw new Error(loaded.error.map(({ message }) => message).join("\n"));
  return startServing({
    paths,
    loaded: loaded.ok,
    request,
    serversOf: (settings) => configuredServers(settings, process.env),
    toolHostAlone: true,
    project: home,
    longLived: false,
    version: "1.2.3",
    over: over ?? { address: { host: "127.0.0.1", port: 0 } },
    notes: child(Quiet, undefined, { name: names.notes }),
  });
}

/** A client of the running app; it ends with the test. */
export async function connect(
  name = "test",
  capabilities: ClientCapabilities = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Client> {
  const client = new Client({ name, version: "1" }, { capabilities });
  const url = new URL(`${await names.httpServer.call.url()}/mcp`);
  const transport = new StreamableHTTPClientTransport(url, { requestInit: { headers } });
  await client.connect(transport);
  onTestFinished(async () => {
    await transport.terminateSession().catch(() => {});
    await client.close();
  });
  return client;
}

/** Waits until the demo server has written this to its stderr so many times. */
export async function demoSaid(text: string, times: number): Promise<void> {
  const count = async (): Promise<number> => {
    const told = await names.notifications.call.query({ server: "demo", categories: ["stderr"], limit: 1_000 });
    return JSON.stringify(told).split(text).length - 1;
  };
  await expect.poll(count).toBe(times);
}
