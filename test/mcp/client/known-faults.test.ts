// Faults that other hosts of MCP servers have had, one test each. Tested beside what they are about:
//   SIGKILL never sent, or a stop that does not wait for the exit        os-process.test.ts, "ending a program"
//   a count of restarts that health never resets                        connection-machine.test.ts
//   exit code 0 restarted                                               server-wrapper.test.ts, "with exit code 0 …"
//   memory limits that are read and never used                          server-wrapper.test.ts, "… more memory than it may"
//   a server without resources taken for broken                         server-wrapper.test.ts, "reads resources and prompts …"
//   servers that outlive a host killed by kill -9                       primary-death.test.ts, ../../servers/lifetime.test.ts
//   resources and prompts under one name                                aggregator.test.ts
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { ServerConfigInput } from "../../../src/mcp/client/server-config.js";
import { GenServer, type Pid } from "../../../src/supervision/index.js";
import { eventually, gone, hostile, isAlive } from "./support.js";
import { type Branch, startBranch, startRecorder } from "./tree.js";

let branch: Branch | undefined;
afterEach(async () => {
  await branch?.app.stop();
  branch = undefined;
});

class Clumsy extends GenServer {
  serverEvent(): void {
    throw new Error("I crash at every word");
  }
}

interface Counted extends Branch {
  watcher: Awaited<ReturnType<typeof startRecorder>>;
  /** The ids of all the programs that were started for the server. */
  starts(): number[];
}

async function stage(flags: readonly string[], more: Partial<ServerConfigInput> = {}): Promise<Counted> {
  const file = join(mkdtempSync(join(tmpdir(), "banyan-starts-")), "starts");
  const watcher = await startRecorder();
  branch = await startBranch([]);
  await branch.manager.call.subscribe(watcher);
  const args = [hostile, `--starts=${file}`, ...flags];
  const server = { name: "it", command: process.execPath, args, restartDelayMs: 10, graceMs: 100, ...more };
  writeFileSync(file, "");
  await branch.manager.call.setServers([server]);
  const starts = (): number[] => readFileSync(file, "utf8").split("\n").slice(0, -1).map(Number);
  return { ...branch, watcher, starts };
}

test("each server is started once, and once more for each time it ended", async () => {
  const { watcher, starts } = await stage([]);
  await watcher.call.event("up");
  expect(starts()).toHaveLength(1);
  process.kill(starts()[0] ?? 0, "SIGKILL");
  await watcher.call.event("back");
  expect(starts()).toHaveLength(2);
});

test.each(["always", "on-failure", "never"] as const)(
  "restart = %s is bounded: a server that keeps ending is parked",
  async (restart) => {
    const { watcher, starts } = await stage(["--exit=7"], { restart, maxRestarts: 2 });
    expect(await watcher.call.event("parked")).toMatchObject({ reason: expect.stringContaining("exit code 7") });
    expect(starts()).toHaveLength(restart === "never" ? 1 : 3);
  },
);

test("a stop on purpose is one stop: no crash is told and nothing is started again, though it has to be killed", async () => {
  const { manager, watcher, starts } = await stage(["--stubborn"], { restart: "always" });
  await watcher.call.event("up");
  await manager.with({ timeout: 100_000 }).call.disconnect("it");
  expect(isAlive(starts()[0] ?? 0)).toBe(false);
  await manager.call.connect("it");
  await watcher.call.event("up"); // any start before this one would be counted below
  expect(starts()).toHaveLength(2);
  expect((await watcher.call.allEvents()).map(({ type }) => type)).toEqual(["up", "stopped", "up"]);
});

test("a server that is still being connected is stopped as surely as one that runs", async () => {
  const { manager, watcher, starts } = await stage(["--mute", "--stubborn"]);
  const server = await eventually("its program runs", () => starts()[0]);
  await manager.with({ timeout: 100_000 }).call.disconnect("it");
  expect(isAlive(server)).toBe(false);
  await watcher.call.event("stopped");
  expect(starts()).toEqual([server]);
});

test("text full of braces, quotes and line ends comes through whole", async () => {
  const { manager } = await stage([]);
  const { wrapper, info } = await manager.with({ timeout: 100_000 }).call.route("it.echo");
  const message = '}{"]}\n{"jsonrpc":"2.0","id":1,"result":{}}\r\n\\"}}\u2028\u0000';
  const { content } = await wrapper.with({ timeout: 100_000 }).call.callTool(info.tool, { message });
  expect(content).toEqual([{ type: "text", text: `Echo: ${message}` }]);
});

test("a check of health has a time of its own: a server that never answers one is started again", async () => {
  const { watcher, starts } = await stage(["--no-ping"], { healthIntervalMs: 100, healthTimeoutMs: 50 });
  await watcher.call.event("up");
  await gone(starts()[0] ?? 0);
  await watcher.call.event("back");
});

test("health is no constant: the manager warns of a server that is down, by name", async () => {
  const { manager, watcher, starts } = await stage([], { restartDelayMs: 3_600_000 });
  await watcher.call.event("up");
  expect(await manager.call.getStatus()).toMatchObject({ level: "ok" });
  process.kill(starts()[0] ?? 0, "SIGKILL");
  await watcher.call.event("down");
  expect(await manager.call.getStatus()).toMatchObject({ level: "warn", details: "1 server down: it" });
});

test("one whose subscriber crashes at every word of it is kept going all the same", async () => {
  const { manager, watcher, starts } = await stage([]);
  await watcher.call.event("up");
  const clumsy = await Clumsy.start();
  await manager.call.subscribe(clumsy as Pid<Clumsy>);
  process.kill(starts()[0] ?? 0, "SIGKILL");
  await clumsy.down;
  await watcher.call.event("back");
});
