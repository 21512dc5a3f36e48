import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { askRunningApp, followRunningApp } from "../../src/actors/control/client.js";
import type { FollowEvent, Request } from "../../src/actors/control/protocol.js";
import type { ServersDoor } from "../../src/actors/control/servers-door.js";
import { Control, type ControlOptions } from "../../src/actors/control.js";
import { platform } from "../../src/actors/platform/index.js";
import type { Telemetry } from "../../src/actors/telemetry/telemetry.js";
import type { Catalog } from "../../src/mcp/catalog/catalog.js";
import { CatalogAtHand } from "../../src/mcp/catalog/catalog-at-hand.js";
import type { Aggregator } from "../../src/mcp/client/aggregator.js";
import { ManualCalls } from "../../src/mcp/client/manual-calls.js";
import { Router } from "../../src/mcp/client/router/router.js";
import type { ServerManager } from "../../src/mcp/client/server-manager.js";
import type { PluginManager } from "../../src/mcp/host/plugins/plugin-manager.js";
import { PluginsAtHand } from "../../src/mcp/host/plugins/plugins-at-hand.js";
import {
  Application,
  type ChildSpec,
  child,
  currentRuntime,
  DynamicSupervisor,
  GenServer,
  named,
  type Supervisor,
  startChild,
  type TreeNode,
} from "../../src/supervision/index.js";
import { temporaryHome } from "../support/home.js";

const root = named<Supervisor>("root");
const counter = named<Counter>("counter");
const servers: ServersDoor = new ManualCalls(
  named<ServerManager>("ServerManager"),
  named<Aggregator>("Aggregator"),
  new Router(named<ServerManager>("ServerManager")),
);
const plugins = new PluginsAtHand(
  named<PluginManager>("PluginManager"),
  named<ServerManager>("ServerManager"),
  named<Aggregator>("Aggregator"),
  new Router(named<ServerManager>("ServerManager")),
);
const catalog = new CatalogAtHand(named<Catalog>("Catalog"));
let release = (): void => {};

class Counter extends GenServer<void, { count: number; apiKey: string; inputTokens: number }> {
  protected override init() {
    this.state = { count: 0, apiKey: "sk-hidden", inputTokens: 7 };
    this.setLabel("counts");
  }
  increment() {
    return ++this.state.count;
  }
  crash(): never {
    throw new Error("on purpose");
  }
  stand(): Promise<void> {
    return new Promise((resolve) => {
      release = resolve;
    });
  }
  protected override formatStatus(status: { readonly state: { count: number; apiKey: string; inputTokens: number } }) {
    return { ...status, state: { ...status.state, shown: true } };
  }
}

async function start(more: readonly ChildSpec[] = [], options: Partial<ControlOptions> = {}) {
  const control = join(temporaryHome(), "run", "control.sock");
  const socket = platform.appSocket(control, process.pid);
  const app = await Application.start({
    name: root,
    strategy: "one_for_one",
    children: [
      child(Counter, undefined, { name: counter }),
      ...more,
      child(
        Control,
        {
          socket,
          root,
          telemetry: named<Telemetry>("Telemetry"),
          servers,
          plugins,
          catalog,
          version: "1.2.3",
          ...options,
        },
        { name: named("Control") },
      ),
    ],
  });
  onTestFinished(() => void release());
  onTestFinished(() => app.stop());
  return { app, control, socket };
}

const ask = (control: string, method: "inspect" | "restart" | "suspend" | "resume" | "kill", process: string) =>
  askRunningApp(control, { method, process });

describe("asking a running app", () => {
  it("the socket and its folder are the owner's alone", async () => {
    const { socket } = await start();
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
  });

  it("tells the tree, and what the programs of the system in it take", async () => {
    const script = "console.log('up'); process.stdin.resume()";
    const program = spawn(process.execPath, ["-e", script], { detached: true, stdio: ["pipe", "pipe", "ignore"] });
    await once(program.stdout, "data");
    onTestFinished(() => void program.kill("SIGKILL"));
    class Standing extends GenServer<number> {
      protected override init(pid: number) {
        this.setLabel(`pid ${pid}`);
      }
    }
    const { control } = await start([child(Standing, program.pid ?? 0, { id: "program" })]);
    const tree = (await askRunningApp(control, { method: "tree" })) as TreeNode;
    expect(tree.children?.map(({ name }) => name)).toEqual(["counter", undefined, "Control"]);
    if (platform.name === "Linux") expect(tree.children?.[1]?.memory).toBeGreaterThan(1_000_000);
    expect(await askRunningApp(control, { method: "status" })).toMatchObject({ pid: process.pid, version: "1.2.3" });
  });

  it("inspects a process: its state as its class shows it, without secrets", async () => {
    const { control } = await start();
    await counter.call.increment();
    expect(await ask(control, "inspect", "counter")).toMatchObject({
      process: { name: "counter", label: "counts", status: "running" },
      supervisor: "root",
      state: { count: 1, apiKey: "(hidden)", inputTokens: 7, shown: true },
    });
  });

  it("inspects a process in the middle of a message as far as that can be", async () => {
    const { control } = await start();
    counter.cast.stand();
    expect(await ask(control, "inspect", "counter")).toMatchObject({
      process: { name: "counter" },
      stateMissing: expect.stringContaining("busy with one message"),
    });
  });

  it("restarts a process in order: another runs in its place when the answer comes", async () => {
    const { control } = await start();
    const before = counter.whereis()?.id;
    const answer = await ask(control, "restart", "counter");
    expect(answer).toEqual({ id: counter.whereis()?.id, name: "counter", condition: "running" });
    expect(counter.whereis()?.id).not.toBe(before);
  });

  it("suspends a process, whose messages wait, and resumes it", async () => {
    const { control } = await start();
    expect(await ask(control, "suspend", "counter")).toMatchObject({ condition: "suspended" });
    const counted = counter.call.increment();
    expect(counter.whereis()?.inspect().mailbox).toBe(1);
    await ask(control, "resume", "counter");
    expect(await counted).toBe(1);
  });

  it("kills a process, and its supervisor starts another", async () => {
    const { control } = await start();
    const before = counter.whereis()?.id;
    await ask(control, "kill", "counter");
    expect(await counter.call.increment()).toBe(1);
    expect(counter.whereis()?.id).not.toBe(before);
  });

  it("refuses, with the mend, what cannot be done", async () => {
    const many = named<DynamicSupervisor>("many");
    const { control } = await start([child(DynamicSupervisor, undefined, { name: many })]);
    await startChild(many, child(Counter, undefined, { name: named("passing"), restart: "temporary" }));
    await expect(ask(control, "restart", "nobody")).rejects.toThrow("There is no process nobody; banyan tree shows");
    await expect(ask(control, "restart", "passing")).rejects.toThrow("kill it instead");
    await expect(ask(control, "kill", "Control")).rejects.toThrow("is the process that answers you");
  });

  it("tells the audit first, and does nothing that cannot be audited", async () => {
    const told: unknown[] = [];
    const { control } = await start([], {
      audit: (event) => {
        told.push({ ...event, count: counter.whereis()?.inspect().restarts });
        if (event.action === "process.kill") throw new Error("the audit is full");
      },
    });
    await ask(control, "restart", "counter");
    await ask(control, "inspect", "counter");
    expect(told).toEqual([{ action: "process.restart", subject: "counter", count: 0 }]);
    const before = counter.whereis()?.id;
    await expect(ask(control, "kill", "counter")).rejects.toThrow("the audit is full");
    expect(counter.whereis()?.id).toBe(before);
  });

  it("tells the audit of a resumption once it is done: it may be the audit's own", async () => {
    const found: unknown[] = [];
    const { control } = await start([], { audit: () => found.push(counter.whereis()?.inspect().status) });
    await ask(control, "suspend", "counter");
    await ask(control, "resume", "counter");
    expect(found).toEqual(["running", "running"]);
  });
});

describe("what is not a request", () => {
  const cases: [name: string, line: string, error: RegExp][] = [
    ["no JSON", "tree please", /not a request/],
    ["an unknown method", '{"method":"launch"}', /not a request/],
    ["a method without its process", '{"method":"restart"}', /process/],
    ["more than is asked for", '{"method":"tree","deep":true}', /deep/],
    ["a look a millisecond", '{"method":"follow","interval":1}', /interval/],
  ];
  for (const [name, line, error] of cases) {
    it(`${name} is answered with what is wrong`, async () => {
      const { socket } = await start();
      expect(JSON.parse(await exchange(socket, `${line}\n`))).toMatchObject({
        code: "bad_request",
        error: expect.stringMatching(error),
      });
    });
  }

  it("a line without an end is cut off, and the app answers others", async () => {
    const { socket, control } = await start();
    expect(await exchange(socket, "x".repeat(200_000))).toBe("");
    expect(await askRunningApp(control, { method: "status" })).toMatchObject({ pid: process.pid });
  });
});

describe("following a running app", () => {
  it("sees the tree at once, then crashes and restarts as they happen, then the end", async () => {
    const { app, control } = await start();
    const { events, pid } = await followRunningApp(control, 200);
    expect(pid).toBe(process.pid);
    const first = await next(events, ({ event }) => event === "snapshot");
    expect(first).toMatchObject({ app: { version: "1.2.3" }, tree: { name: "root" } });
    counter.cast.crash();
    const crash = await next(events, (event) => event.event === "report" && event.report.kind === "crash");
    expect(crash).toMatchObject({ report: { name: "counter", reason: "on purpose" } });
    expect(JSON.stringify(crash)).not.toContain("sk-hidden");
    const again = await next(events, ({ event }) => event === "snapshot");
    expect(again).toMatchObject({ tree: { children: [{ name: "counter", restarts: 1 }, { name: "Control" }] } });
    await app.stop();
    for await (const event of events) expect(event.event).toMatch(/snapshot|report/);
  });

  it("a reader that is slow loses the oldest reports, and is told how many", async () => {
    const { socket } = await start();
    const connection = connect(socket);
    onTestFinished(() => void connection.destroy());
    const lines: FollowEvent[] = [];
    let rest = "";
    const seen = (what: (event: FollowEvent) => boolean) =>
      new Promise<void>((resolve) => {
        connection.on("data", (chunk: Buffer) => {
          const parts = (rest + chunk.toString("utf8")).split("\n");
          rest = parts.pop() ?? "";
          for (const part of parts) lines.push(JSON.parse(part));
          if (lines.some(what)) resolve();
        });
      });
    const request: Request = { method: "follow", interval: 60_000 };
    connection.write(`${JSON.stringify(request)}\n`);
    await seen(({ event }) => event === "snapshot");
    connection.pause();
    const count = 3_000;
    for (let number = 1; number <= count; number++) {
      const fields = { kind: "warning", at: 0, id: "<0.0>", number, description: "x".repeat(2_000) } as const;
      currentRuntime().reports.emit("warning", fields);
    }
    connection.removeAllListeners("data");
    const last = seen((event) => event.event === "report" && event.report.number === count);
    connection.resume();
    await last;
    const got = lines.filter(({ event }) => event === "report").length;
    const lost = lines.reduce((sum, event) => sum + (event.event === "lost" ? event.count : 0), 0);
    expect(lost).toBeGreaterThan(100);
    expect(got + lost).toBe(count);
  });
});

describe("when nothing runs", () => {
  it("a socket whose app is gone is cleared away", async () => {
    const control = join(temporaryHome(), "control.sock");
    const left = platform.appSocket(control, 1_234);
    // A listening socket's file stays when its process is killed: a file that nobody listens at is the same to a caller.
    writeFileSync(left, "");
    await expect(askRunningApp(control, { method: "status" })).rejects.toThrow("No Banyan is running here");
    expect(existsSync(left)).toBe(false);
  });

  it("an app with another pid is not asked in place of the one that was named", async () => {
    const { control } = await start();
    await expect(askRunningApp(control, { method: "status" }, 1)).rejects.toThrow("No Banyan with the pid 1");
  });

  it("an app that hangs up without an answer is said to have ended", async () => {
    const control = join(temporaryHome(), "control.sock");
    const server = createServer((connection) => connection.end());
    await new Promise<void>((resolve) => server.listen(platform.appSocket(control, 77), resolve));
    onTestFinished(() => void server.close());
    await expect(askRunningApp(control, { method: "status" })).rejects.toThrow("ended before it answered");
  });
});

/** Everything that comes back. */
function exchange(socket: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    let answer = "";
    connection.setEncoding("utf8").on("data", (part: string) => {
      answer += part;
    });
    connection.on("error", () => {}); // cut off in the middle
    connection.on("close", () => resolve(answer));
    connection.write(text);
  });
}

async function next(events: AsyncGenerator<FollowEvent>, wanted: (event: FollowEvent) => boolean) {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error("it ended");
    if (wanted(value)) return value;
  }
}
