import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { announce } from "../../../src/actors/telemetry/happenings.js";
import { tidyLogs } from "../../../src/actors/telemetry/log-folder.js";
import { LogWriter } from "../../../src/actors/telemetry/log-writer.js";
import { prettyLine } from "../../../src/actors/telemetry/pretty-line.js";
import { Telemetry, type TelemetryOptions } from "../../../src/actors/telemetry/telemetry.js";
import { currentRuntime, named, type Report, stopProcess } from "../../../src/supervision/index.js";
import { startConfig } from "../../support/config.js";
import { temporaryHome } from "../../support/home.js";

async function start(log: Partial<TelemetryOptions["log"]> = {}) {
  const folder = temporaryHome();
  const { level = "info" } = log;
  const config = await startConfig({ files: [], flags: [{ flag: "--log-level", setting: "log.level", value: level }] });
  const telemetry = await Telemetry.start({
    config,
    root: named("Application"),
    database: join(folder, "none.db"),
    version: "0",
    log: { folder, level: "info", sinks: [], rate: 200, ...log },
  });
  return { folder, telemetry, lines: () => linesOf(folder), stop: () => stopProcess(telemetry) };
}

function linesOf(folder: string): Record<string, unknown>[] {
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  return texts.flatMap((text) => text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)])));
}

const trail = { traceId: "a".repeat(32), sessionId: "session-1", requestId: "request-1" };
const call = { type: "tool_call", tool: "files.read", outcome: "done", ms: 12.34, ...trail } as const;

function report(fields: Record<string, unknown>): Report {
  return { kind: "crash", id: "<1>", at: 1, ...fields } as Report; // the fields of a report of any kind
}

describe("the log", () => {
  it("is one line of JSON an event, with what it is about and how long it took", async () => {
    const { lines, stop, folder } = await start();
    announce(call);
    await stop();
    expect(lines()).toEqual([
      {
        level: "info",
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        pid: process.pid,
        event: "tool_call",
        ...trail,
        method: "files.read",
        outcome: "done",
        duration_ms: 12.3,
      },
    ]);
    const [file = ""] = readdirSync(folder);
    expect(file).toMatch(/^banyan\.\d{4}-\d\d-\d\d\.log$/);
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  });

  it("has an error on disk before whoever caused it goes on, and with what was asked for then", async () => {
    const { lines, stop } = await start();
    announce({ type: "turn_started", process: "<7>", ...trail });
    currentRuntime().reports.emit("crash", report({ id: "<7>", name: "Turn", reason: { error: new Error("boom") } }));
    expect(lines()).toMatchObject([{ level: "error", event: "crash", name: "Turn", reason: "boom", ...trail }]);
    await stop();
  });

  it("names the one turn under way when an error comes from nowhere, and only the session when there are two", async () => {
    const { lines, stop } = await start();
    const stray = () => currentRuntime().reports.emit("alert", report({ kind: "alert", stray: true }));
    announce({ type: "turn_started", process: "<7>", ...trail });
    stray();
    announce({ type: "turn_started", process: "<8>", ...trail, requestId: "request-2" });
    stray();
    const [one, two] = lines();
    expect(one).toMatchObject({ event: "stray_error", requestId: "request-1", sessionId: "session-1" });
    expect(two).toMatchObject({ event: "stray_error", sessionId: "session-1" });
    expect(two).not.toHaveProperty("requestId");
    await stop();
  });

  it("leaves out and counts what comes above the rate, but never an error", async () => {
    const { lines, stop, telemetry } = await start({ rate: 10 });
    for (let i = 0; i < 1_000; i++) announce(call);
    for (let i = 0; i < 50; i++) currentRuntime().reports.emit("crash", report({ reason: "killed" }));
    const count = (event: string) => lines().filter((line) => line.event === event).length;
    await expect.poll(() => count("log_lines_dropped")).toBe(1);
    expect(count("tool_call")).toBe(10);
    expect(count("crash")).toBe(50);
    expect(lines().find(({ event }) => event === "log_lines_dropped")).toMatchObject({ level: "warn", dropped: 990 });
    expect(await telemetry.call.metrics("prometheus")).toContain('banyan_log_lines_dropped_total{why="rate"} 990');
    await stop();
  });

  it("writes nothing less serious than its level", async () => {
    const { lines, stop } = await start({ level: "warn" });
    announce(call);
    announce({ type: "connection", server: "files", state: "backoff", reason: "it ended" });
    await stop();
    expect(lines()).toMatchObject([{ event: "connection", server: "files", state: "backoff", reason: "it ended" }]);
  });

  it("holds what a server's program writes to stderr, without secrets, and its warnings", async () => {
    const { lines, stop } = await start({ level: "info" });
    announce({ type: "server_stderr", server: "files", lines: ["listening", "password=hunter2hunter2"] });
    announce({ type: "server_warning", server: "files", text: "it took 90 % of a core" });
    await stop();
    expect(lines()).toMatchObject([
      { level: "info", event: "server_stderr", server: "files", lines: ["listening", "password=(hidden)"] },
      { level: "warn", event: "server_warning", server: "files", text: "it took 90 % of a core" },
    ]);
  });

  it("takes up a new file at midnight, and a new part of the day's when that is too large", () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 0, 31, 23, 59, 59) });
    onTestFinished(() => void vi.useRealTimers());
    const folder = temporaryHome();
    let rolled = 0;
    const log = new LogWriter(
      { folder, level: "info", sinks: [] },
      () => {},
      () => rolled++,
    );
    log.write("info", { event: "before" });
    vi.setSystemTime(Date.UTC(2026, 1, 1));
    log.write("info", { event: "after" });
    log.write("info", { event: "large", text: "x".repeat(33 * 1024 * 1024) });
    log.write("info", { event: "next" });
    log.close();
    expect(readdirSync(folder).sort()).toEqual([
      "banyan.2026-01-31.log",
      "banyan.2026-02-01.2.log",
      "banyan.2026-02-01.log",
    ]);
    expect(rolled).toBe(3);
    const events = (name: string) =>
      readFileSync(join(folder, name), "utf8")
        .match(/"event":"\w+"/g)
        ?.map((text) => text.slice(9, -1));
    expect(events("banyan.2026-01-31.log")).toEqual(["before"]);
    expect(events("banyan.2026-02-01.2.log")).toEqual(["next"]);
  });

  it("says that it cannot be written, and goes on once it can", async () => {
    const folder = join(temporaryHome(), "logs");
    const { telemetry, stop } = await start({ folder });
    const today = join(folder, `banyan.${new Date().toISOString().slice(0, 10)}.log`);
    mkdirSync(today, { recursive: true }); // a folder stands where the file should
    announce(call);
    expect(await telemetry.call.getStatus()).toMatchObject({
      level: "warn",
      details: expect.stringContaining("the log cannot be written: EISDIR"),
    });
    rmdirSync(today);
    announce(call);
    expect(await telemetry.call.getStatus()).toMatchObject({ level: "ok", details: "" });
    await stop();
    expect(linesOf(folder)).toHaveLength(1);
  });
});

it.runIf(process.platform === "linux")(
  "a full disk crashes nothing, holds up nobody and keeps nothing waiting; what it took is counted",
  async () => {
    const folder = temporaryHome();
    symlinkSync("/dev/full", join(folder, `banyan.${new Date().toISOString().slice(0, 10)}.log`));
    const { telemetry, stop } = await start({ folder });
    for (let i = 0; i < 100; i++) announce({ type: "connection", server: "files", state: "parked", reason: "x" });
    expect(await telemetry.call.getStatus()).toMatchObject({
      level: "warn",
      details: expect.stringContaining("ENOSPC"),
    });
    expect(await telemetry.call.metrics("prometheus")).toContain('banyan_log_lines_dropped_total{why="full"} 100\n');
    await stop();
  },
);

describe("the files of earlier days", () => {
  const now = Date.UTC(2026, 0, 20, 12);

  function earlier(folder: string, name: string, text = name): void {
    writeFileSync(join(folder, name), text);
    const then = (now - 3_600_000) / 1_000;
    utimesSync(join(folder, name), then, then);
  }

  it("are compressed, readable by their owner alone, and the newest seven are kept", async () => {
    const folder = temporaryHome();
    for (let day = 8; day < 20; day++) earlier(folder, `banyan.2026-01-${String(day).padStart(2, "0")}.log`);
    earlier(folder, "banyan.2026-01-19.2.log", "the second part");
    earlier(folder, "banyan.2026-01-20.log");
    earlier(folder, "something else.log");
    await Promise.all([tidyLogs(folder, now), tidyLogs(folder, now)]); // two apps at once
    await tidyLogs(folder, now);
    expect(readdirSync(folder).sort()).toEqual([
      "banyan.2026-01-14.log.gz",
      "banyan.2026-01-15.log.gz",
      "banyan.2026-01-16.log.gz",
      "banyan.2026-01-17.log.gz",
      "banyan.2026-01-18.log.gz",
      "banyan.2026-01-19.2.log.gz",
      "banyan.2026-01-19.log.gz",
      "banyan.2026-01-20.log",
      "something else.log",
    ]);
    const packed = join(folder, "banyan.2026-01-19.2.log.gz");
    expect(gunzipSync(readFileSync(packed)).toString()).toBe("the second part");
    expect(statSync(packed).mode & 0o777).toBe(0o600);
  });

  it("that another app may still be writing are left alone; what a crash left half done is cleared away", async () => {
    const folder = temporaryHome();
    writeFileSync(join(folder, "banyan.2026-01-19.log"), "just now");
    utimesSync(join(folder, "banyan.2026-01-19.log"), now / 1_000, now / 1_000 - 1);
    writeFileSync(join(folder, "banyan.2026-01-18.log.123.tmp"), "half");
    utimesSync(join(folder, "banyan.2026-01-18.log.123.tmp"), 1, 1);
    await tidyLogs(folder, now);
    expect(readdirSync(folder)).toEqual(["banyan.2026-01-19.log"]);
  });
});

it("a line for people acts on no terminal", () => {
  const line = JSON.stringify({
    level: "warn",
    time: "2026-01-02T03:04:05.678Z",
    pid: 1,
    event: "x",
    text: "a\u001b[2Jb",
  });
  expect(prettyLine(line)).toBe("03:04:05.678 warn  x text=ab\n");
});
