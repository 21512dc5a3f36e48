import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { AlertSender, type AlertSenderOptions } from "../../../src/actors/health/alert-sender.js";
import type { AlertMessage } from "../../../src/actors/health/deliver.js";
import { HealthMonitor } from "../../../src/actors/health/health-monitor.js";
import type { HealthStatus, Level } from "../../../src/actors/health/status.js";
import {
  Application,
  child,
  currentRuntime,
  enterRuntime,
  exit,
  GenServer,
  named,
  Runtime,
  type Supervisor,
  whereis,
} from "../../../src/supervision/index.js";
import { isAlive } from "../../support/banyan.js";
import { healthSettings } from "../../support/health.js";
import { temporaryHome } from "../../support/home.js";
import { VirtualClock } from "../../support/virtual-clock.js";

class Part extends GenServer<void, Level> {
  protected override init() {
    this.state = "ok";
  }
  be(level: Level) {
    this.state = level;
  }
  getStatus(): HealthStatus {
    return { level: this.state, details: `it is ${this.state}`, since: 7 };
  }
}

const root = named<Supervisor>("Root");
const health = named<HealthMonitor>("HealthMonitor");
const alerts = named<AlertSender>("AlertSender");
const parts = ["Part", "Other"].map((name) => named<Part>(name));

// A runtime of its own each: reports of one test are not heard by the next.
let before: Runtime;
beforeEach(() => {
  before = enterRuntime(new Runtime());
});
afterEach(() => void enterRuntime(before));

async function start(options: Partial<AlertSenderOptions>): Promise<void> {
  const settings = healthSettings({ poll_interval: 20, rss_warn: 1e15, loop_delay_warn: 1e9, gc_pause_warn: 1e9 });
  const ways = { command: [], webhook: undefined, timeoutMs: 5_000, intervalMs: 10, ...options };
  const app = await Application.start({
    name: root,
    strategy: "one_for_one",
    children: [
      child(HealthMonitor, { name: health, root, settings }, { name: health }),
      child(AlertSender, { name: alerts, health, ...ways }, { name: alerts }),
      ...parts.map((name) => child(Part, undefined, { name })),
    ],
  });
  onTestFinished(() => app.stop());
}

const be = (level: Level) => Promise.all(parts.map((part) => part.call.be(level)));

/** A program that does `script` with what it reads: `input`. */
function program(script: string): string[] {
  const main = join(temporaryHome(), "told.mjs");
  writeFileSync(main, `import * as fs from "node:fs"; const input = fs.readFileSync(0, "utf8"); ${script}`);
  return [process.execPath, main];
}

/** A web server on loopback that keeps what it is told and answers with the next of `answers`, then with 200. */
async function webhook(answers: number[] = []): Promise<{ url: string; told: AlertMessage[]; bodies: string[] }> {
  const [told, bodies]: [AlertMessage[], string[]] = [[], []];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = "";
    for await (const part of request) body += part;
    bodies.push(`${request.method} ${request.headers["content-type"]}`);
    const status = answers.shift() ?? 200;
    if (status === 200) told.push(JSON.parse(body));
    response.writeHead(status, { location: "http://127.0.0.1:1/" }).end("x".repeat(100_000));
  };
  const server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, told, bodies }; // it listens on TCP
}

describe("AlertSender", () => {
  it("runs the command with the alert as JSON on its stdin and in one line among its arguments, without a shell", async () => {
    const file = join(temporaryHome(), "told");
    const [node = "", main = ""] = program(`fs.writeFileSync(process.argv[2], process.argv[3] + "\\n" + input)`);
    await start({ command: [node, main, file, "$(id) {summary}"], intervalMs: 60_000 });
    await be("error");
    await expect.poll(() => existsSync(file) && readFileSync(file, "utf8").includes("}\n")).toBe(true);
    const [argument, json = ""] = readFileSync(file, "utf8").split("\n");
    expect(argument).toBe("$(id) Part: it is error, and 1 more");
    expect(JSON.parse(json)).toMatchObject({
      app: "banyan",
      pid: process.pid,
      summary: "Part: it is error, and 1 more",
      alerts: [
        { component: "Part", level: "error", details: "it is error", since: 7 },
        { component: "Other", level: "error" },
      ],
      heldBack: 0,
    });
    await expect.poll(() => alerts.call.getStatus()).toMatchObject({ level: "ok", details: "1 messages told" });
  });

  it("posts to the web address, tells a recovery too, and tries once more where that may help", async () => {
    const { url, told, bodies } = await webhook([503]);
    await start({ webhook: url });
    await be("error");
    await expect.poll(() => told.length).toBe(1);
    expect(bodies).toEqual(["POST application/json", "POST application/json"]);
    await be("ok");
    await expect
      .poll(() => told[1]?.alerts)
      .toMatchObject([{ component: "Part", level: "ok" }, { component: "Other" }]);
  });

  it("says of itself what went wrong, without the address, which may be a secret; and follows no redirect", async () => {
    const { url, bodies } = await webhook([404]);
    await start({ webhook: url });
    await be("error");
    const details = async () => (await alerts.call.getStatus()).details;
    await expect
      .poll(details)
      .toBe("an alert could not be told: the webhook answered 404; see health.alert_webhook in the settings");
    expect(bodies).toHaveLength(1);
    await expect
      .poll(async () => (await health.call.health()).components.map(({ name }) => name))
      .toContain("AlertSender");
  });

  it("tells no more than one message in an interval, and with the next what was held back", async () => {
    const clock = new VirtualClock();
    enterRuntime(new Runtime(clock));
    const { url, told } = await webhook();
    await start({ webhook: url, intervalMs: 60_000 });
    const [part] = parts;
    await part?.call.be("warn");
    await clock.advance(1_000);
    await expect.poll(() => told.length).toBe(1);
    for (const level of ["error", "ok", "error"] as const) {
      await part?.call.be(level);
      await clock.advance(1_000);
    }
    await clock.advance(50_000);
    expect(told).toHaveLength(1);
    await clock.advance(10_000);
    await expect.poll(() => told.length).toBe(2);
    expect(told[1]).toMatchObject({
      summary: "Part: it is error, and 2 more",
      alerts: [{ component: "Part", level: "error" }],
      heldBack: 2,
    });
  });

  it("kills a command that does not end, with all that it started, and says so", async () => {
    const file = join(temporaryHome(), "pids");
    const script = 'sleep 1000 & echo $$ $! > "$0"; wait';
    await start({ command: ["sh", "-c", script, file], timeoutMs: 1_000, intervalMs: 60_000 });
    await be("error");
    await expect
      .poll(async () => (await alerts.call.getStatus()).details)
      .toContain("sh took longer than 1 s; see health.alert_command");
    const pids = readFileSync(file, "utf8").trim().split(" ").map(Number);
    expect(pids).toHaveLength(2);
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
  });

  it("says which program cannot be started, and keeps no more of what one prints than a line", async () => {
    await start({ command: ["/nowhere/notify"], intervalMs: 10 });
    await be("error");
    await expect
      .poll(async () => (await alerts.call.getStatus()).details)
      .toMatch(/^an alert could not be told: \/nowhere\/notify cannot be started: .*ENOENT; see health\.alert_command/);
  });

  it("gives the command no variable that looks like a secret", async () => {
    process.env.BANYAN_TEST_API_KEY = "hush";
    onTestFinished(() => void delete process.env.BANYAN_TEST_API_KEY);
    await start({
      command: program(
        "process.stderr.write(String(process.env.BANYAN_TEST_API_KEY) + 'y'.repeat(1e6)); process.exitCode = 3;",
      ),
    });
    await be("error");
    const details = async () => (await alerts.call.getStatus()).details;
    await expect.poll(details).toContain("ended with exit code 3: undefinedyyy");
    expect((await details()).length).toBeLessThan(1_200);
  });

  it("loses no alert when the monitor or it itself is killed", async () => {
    const { url, told } = await webhook();
    await start({ webhook: url });
    for (const [victim, level] of [
      [health, "warn"],
      [alerts, "error"],
      [health, "ok"],
    ] as const) {
      const pid = whereis(named(victim.name));
      exit(victim, "kill");
      await be(level); // before anybody watches again
      await pid?.down;
      await expect
        .poll(
          () => told.flatMap((message) => message.alerts).findLast(({ component }) => component === "Part")?.level,
          { timeout: 5_000 },
        )
        .toBe(level);
    }
    expect(currentRuntime().reports.listenerCount("alert")).toBe(1);
  });
});
