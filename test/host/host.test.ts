import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { main } from "../../examples/embedded-host.js";
import { names } from "../../src/application.js";
import { ConfigError, createHost, type Host, type HostOptions } from "../../src/host.js";
import { whereis } from "../../src/supervision/index.js";
import { isAlive, root } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";

const demoAlone: NonNullable<HostOptions["config"]> = { bundled: { host: false, demo: true } };
const started: Host[] = [];
afterEach(async () => {
  for (const host of started.splice(0)) await host.stop();
});

async function running(): Promise<Host> {
  const host = await createHost({ home: temporaryHome(), project: temporaryHome(), config: demoAlone });
  started.push(host);
  await host.start();
  return host;
}

describe("Banyan inside another program", () => {
  it("gives it tools, and clients of its own, as the example shows, and takes no signal and no word of stdout from it", async () => {
    const listeners = () => process.eventNames().map((event) => [event, process.listenerCount(event)]);
    const before = listeners();
    const stdout = vi.spyOn(process.stdout, "write");
    const exit = vi.spyOn(process, "exit");
    const demo = join(root, "dist", "servers", "demo", "main.js");
    expect(await main(temporaryHome(), process.execPath, [demo])).toBe("42 true");
    expect(stdout).not.toHaveBeenCalled();
    expect(exit).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    expect(listeners()).toEqual(before);
  });

  it("tells progress, cancels, lets what is under way finish when it is stopped, and leaves no program", async () => {
    const host = await running();
    const stop = new AbortController();
    const cancelled = host.callTool(
      "demo.slow",
      { seconds: 600 },
      { signal: stop.signal, onProgress: () => stop.abort() },
    );
    await expect(cancelled).rejects.toMatchObject({ code: "call_cancelled" });
    const client = new Client({ name: "test", version: "1" });
    await client.connect(await host.connect());
    let begun: () => void = () => {};
    const working = new Promise<void>((resolve) => (begun = resolve));
    const call = { name: "demo.slow", arguments: { seconds: 1 } };
    const result = client.callTool(call, undefined, { onprogress: () => begun() });
    await working;
    const { pid } = (await host.servers()).find(({ name }) => name === "demo") ?? {};
    const closed = new Promise<void>((resolve) => (client.onclose = resolve));
    const ended = host.ended();
    await host.stop({ deadlineMs: 60_000 });
    expect((await result).content).toEqual([{ type: "text", text: "Worked for 1 s." }]);
    await closed;
    expect(await ended).toBe("shutdown");
    expect(pid === undefined || isAlive(pid)).toBe(false);
    expect(() => host.tools()).toThrow(/does not run/);
  });

  it("is one a program at a time: another is refused until the first has stopped", async () => {
    const home = temporaryHome();
    const first = await createHost({ home, project: home, config: demoAlone });
    const second = await createHost({ home: temporaryHome(), config: demoAlone });
    started.push(first, second);
    const starting = first.start();
    await expect(first.start()).rejects.toMatchObject({ code: "host_started" });
    await expect(second.start()).rejects.toMatchObject({ code: "host_running" });
    await starting;
    await expect(second.start()).rejects.toMatchObject({ code: "host_running" });
    await first.stop();
    await second.start();
    expect((await second.tools()).map(({ name }) => name)).toContain("demo.slow");
    await expect(first.start()).rejects.toMatchObject({ code: "host_started" });
  });

  it("that is stopped while it starts has stopped once that is told, and starts no more", async () => {
    const host = await createHost({ home: temporaryHome(), project: temporaryHome(), config: demoAlone });
    const starting = host.start();
    await host.stop();
    await starting;
    expect(whereis(names.root)).toBeUndefined();
    await expect(host.start()).rejects.toMatchObject({ code: "host_started" });
  });

  it("is not made of settings that do not hold: all that is wrong is told", async () => {
    const config = { server: { port: 99_999 }, log: { level: "loud" as "info" } };
    const refused = await createHost({ config }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ConfigError);
    expect(refused).toMatchObject({ code: "config_invalid", problems: [{ key: "log.level" }, { key: "server.port" }] });
  });
});
