import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { describe, expect, it, onTestFinished } from "vitest";
import { isAlive, ownerOf } from "../../src/actors/run-owner.js";
import { banyan, type Place, place } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";

const settings = '[bundled]\nhost = false\ndemo = true\n[server]\nport = 0\nready_timeout = "5m"\n';
/** On a slow machine, at the end of its strength. */
const PATIENCE = { timeout: 60_000 };

describe("banyan daemon", () => {
  it("is one however often it is started, is back after kill -9 of its app, and stops in order without its keeper", async () => {
    const here = daemonPlace(settings);
    expect(await status(here)).toMatchObject({ code: 4, running: false, lastDeath: null });

    const starts = await Promise.all([daemon(here, "start", "--json"), daemon(here, "start", "--json")]);
    expect(starts.map(({ code }) => code)).toEqual([0, 0]);
    const told = starts.map(({ stdout }) => JSON.parse(stdout));
    expect(told.map(({ started }) => started).sort()).toEqual([false, true]);
    expect(told[0].pid).toBe(told[1].pid);
    const first = await status(here);
    expect(first).toMatchObject({
      code: 0,
      running: true,
      ready: true,
      pid: told[0].pid,
      url: told[0].url,
      restarts: 0,
    });
    expect(readFileSync(join(here.home, "state", "daemon.pid"), "utf8")).toBe(`${first.pid}\n`);

    const client = await connected(first.url);
    const { servers } = await (await fetch(`${first.url}/health`)).json();
    const orphan = ownerOf(servers[0].pid);
    process.kill(first.pid, "SIGKILL");
    await expect.poll(async () => (await status(here)).restarts, PATIENCE).toBe(1);
    await expect.poll(async () => (await status(here)).ready, PATIENCE).toBe(true);
    const second = await status(here);
    expect(second).toMatchObject({ running: true, lastDeath: { why: expect.stringMatching(/SIGKILL/) } });
    expect(second.pid).not.toBe(first.pid);
    expect(await (await fetch(`${second.url}/health`)).json()).toMatchObject({
      daemon: { restarts: 1, lastDeath: { why: expect.stringMatching(/SIGKILL/) } },
    });
    await expect.poll(() => logged(here), PATIENCE).toMatch(/"event":"predecessor","restarts":1,"why":"[^"]*SIGKILL/);
    await expect.poll(() => isAlive(orphan), PATIENCE).toBe(false);
    await client.close();
    const again = await connected(second.url);
    expect((await again.listTools()).tools.length).toBeGreaterThan(0);
    await again.close();

    process.kill(second.keeper, "SIGKILL");
    await expect.poll(() => isAlive(ownerOf(second.keeper)), PATIENCE).toBe(false);
    expect(await status(here)).toMatchObject({ code: 0, running: true, ready: true, pid: second.pid, keeper: null });
    expect(await daemon(here, "stop")).toEqual({ code: 0, stdout: "the daemon has stopped\n", stderr: "" });
    expect(isAlive(ownerOf(second.pid))).toBe(false);
    expect(await daemon(here, "stop")).toMatchObject({ code: 0, stdout: "no daemon was running\n" });
    expect(readdirSync(join(here.home, "state"))).not.toContain("daemon.pid");
  });

  it("says which parts are not ready, and goes on; and says why it could not start, and leaves nothing", async () => {
    const slow = settings.replace("5m", "100ms");
    const here = daemonPlace(`${slow}[health]\ncritical = ["Store", "Bakery"]\n`);
    const unready = await daemon(here, "start");
    expect(unready).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/not ready after 0\.1 s/) });
    await expect.poll(async () => (await status(here)).running, PATIENCE).toBe(true);
    const { url, pid } = await status(here);
    const components = async () => (await (await fetch(`${url}/health`)).json()).components;
    await expect.poll(components, PATIENCE).toContainEqual(expect.objectContaining({ name: "Bakery", level: "error" }));
    expect((await daemon(here, "start")).stderr).toMatch(/for these are not: Bakery\. It goes on starting/);
    await daemon(here, "stop");
    expect(isAlive(ownerOf(pid))).toBe(false);

    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void taken.close());
    const address = taken.address();
    const port = typeof address === "object" ? address?.port : 0;
    writeFileSync(join(here.home, "config.toml"), settings.replace("port = 0", `port = ${port}`));
    const failed = await daemon(here, "start");
    expect(failed).toMatchObject({ code: 1, stdout: "" });
    expect(failed.stderr).toMatch(/The daemon did not start: 127\.0\.0\.1:\d+ is in use by another program/);
    expect(await status(here)).toMatchObject({ code: 4, running: false, keeper: null });
  });
});

/** A daemon of it that is left is ended with the test. */
function daemonPlace(config: string): Place {
  const here = place(temporaryHome(), config);
  onTestFinished(async () => void (await daemon(here, "stop")));
  return here;
}

function daemon(here: Place, ...args: readonly string[]) {
  return banyan(here, ["daemon", ...args]);
}

async function status(here: Place) {
  const { code, stdout } = await daemon(here, "status", "--json");
  return { code, ...JSON.parse(stdout) };
}

async function connected(url: string): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
  return client;
}

function logged({ home }: Place): string {
  const logs = join(home, "state", "logs");
  const files = readdirSync(logs).filter((name) => name.startsWith("banyan."));
  return files.map((name) => readFileSync(join(logs, name), "utf8")).join("");
}
