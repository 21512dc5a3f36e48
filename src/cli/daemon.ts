// `banyan daemon`: `banyan serve --http` without a terminal, one for each state folder, with a keeper that starts it again.
import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { withLock } from "../actors/config/lock.js";
import { readDeath, whyOf } from "../actors/daemon/death.js";
import { startKeeper } from "../actors/daemon/keeper.js";
import {
  type Daemon,
  type DaemonFiles,
  daemonFiles,
  findDaemon,
  forgetDaemon,
  writeKeeper,
} from "../actors/daemon/record.js";
import { lastWords } from "../actors/daemon/stderr-file.js";
import type { Paths } from "../actors/paths.js";
import { platform } from "../actors/platform/index.js";
import { isAlive, type Owner, ownerOf } from "../actors/run-owner.js";
import { BanyanError } from "../supervision/index.js";
import { fileOptions } from "./file-options.js";
import { type CommonOptions, exitCodes } from "./options.js";
import { printJson } from "./print-json.js";
import { pathsOf, setUp } from "./settings.js";
import { warn } from "./warn.js";

const POLL_MS = 25;
const PROGRESS_MS = 1_000;
const ANSWER_MS = 2_000;
/** Past the drain: for the rest of the tree, see Life. */
export const STOP_MORE_MS = 12_000;
/** After SIGKILL. */
const KILLED_MS = 2_000;

// What /health says, as far as it is needed here.
const healthSchema = z.object({
  components: z.array(z.object({ name: z.string(), level: z.string() })).catch([]),
});

/** Returns once the daemon is ready, whoever has started it. */
export async function startDaemon(options: CommonOptions): Promise<void> {
  const { paths, loaded } = await setUp(options);
  const files = daemonFiles(paths);
  const { auto_restart, ready_timeout } = loaded.config.server;
  const isNew = await withLock(files.record, async () => {
    if (findDaemon(files) !== undefined) return false;
    await launch(options, paths, files, auto_restart);
    return true;
  });
  const { pid, url } = await untilReady(files, ready_timeout, isNew);
  const said = isNew ? "the daemon runs" : "the daemon runs already";
  if (options.json === true) printJson({ started: isNew, pid, url });
  else process.stdout.write(`${said}, as process ${pid}, and listens on ${url}/mcp\n`);
}

export async function stopDaemon(options: CommonOptions): Promise<void> {
  const { paths, loaded } = await setUp(options);
  const stopped = await end(daemonFiles(paths), loaded.config.server.drain + STOP_MORE_MS);
  if (options.json === true) printJson({ stopped });
  else process.stdout.write(stopped ? "the daemon has stopped\n" : "no daemon was running\n");
}

export async function restartDaemon(options: CommonOptions): Promise<void> {
  const { paths, loaded } = await setUp(options); // before the old one is ended for settings that do not hold
  await end(daemonFiles(paths), loaded.config.server.drain + STOP_MORE_MS);
  await startDaemon(options);
}

export async function daemonStatus(options: CommonOptions): Promise<void> {
  const files = daemonFiles(pathsOf(options));
  const { app, keeper } = findDaemon(files) ?? {};
  const death = readDeath(files.deaths);
  const ready = app !== undefined && (await isReady(app.url));
  if (app === undefined) process.exitCode = exitCodes.nothingRunning;
  const lastDeath = death === undefined ? null : { at: iso(death.at), why: whyOf(death, lastWords(files.stderr)) };
  if (options.json === true) {
    printJson({
      running: app !== undefined,
      ready,
      pid: app?.pid ?? null,
      since: app === undefined ? null : iso(app.since),
      url: app?.url ?? null,
      restarts: death?.restarts ?? 0,
      lastDeath,
      keeper: keeper?.pid ?? null,
      stderr: files.stderr.path,
    });
    return;
  }
  const lines =
    app !== undefined
      ? [
          `the daemon ${ready ? "is ready" : "runs, but is not ready"}, as process ${app.pid} since ${iso(app.since)}`,
          `it listens on ${app.url}/mcp`,
          ...(keeper === undefined
            ? ["its keeper is gone: should it end, nobody starts it again; banyan daemon restart mends that"]
            : []),
        ]
      : [
          keeper === undefined
            ? "no daemon is running; banyan daemon start starts it"
            : "the daemon is being started again",
        ];
  if (lastDeath !== null) {
    lines.push(
      `it ended without having been told to: ${death?.restarts === 1 ? "once," : `${death?.restarts} times, last`} at ${lastDeath.at}; ${lastDeath.why}`,
    );
    lines.push(`its last words are in ${files.stderr.path}`);
  }
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** The command line of the daemon's app. */
function appCommand(options: CommonOptions): readonly string[] {
  const cli = fileURLToPath(new URL("../cli.js", import.meta.url));
  const { logLevel } = options;
  return [
    ...[process.execPath, cli, "serve", "--http", "--daemon", ...fileOptions(options)],
    ...(logLevel === undefined ? [] : ["--log-level", logLevel]),
  ];
}

async function launch(options: CommonOptions, paths: Paths, files: DaemonFiles, again: boolean): Promise<void> {
  mkdirSync(paths.logs, { recursive: true, mode: 0o700 });
  const command = appCommand(options);
  const { deaths, stderr } = files;
  const keeper = await startKeeper({ deaths, stderr, again, command, cwd: process.cwd(), env: process.env });
  writeKeeper(files, ownerOf(keeper.pid));
  keeper.go();
}

async function untilReady(
  files: DaemonFiles,
  timeoutMs: number,
  isNew: boolean,
): Promise<{ pid: number; url: string }> {
  const began = performance.now();
  let told = false;
  for (;;) {
    const daemon = findDaemon(files);
    // The keeper of one that has just begun must not go on with one that cannot start.
    if (daemon === undefined || (isNew && daemon.app === undefined && readDeath(files.deaths) !== undefined)) {
      const reason = reasonFor(files);
      await end(files, KILLED_MS);
      throw new BanyanError("daemon_failed", `The daemon did not start: ${reason}`);
    }
    const { app } = daemon;
    if (app !== undefined && (await isReady(app.url))) return app;
    const passed = performance.now() - began;
    if (passed >= timeoutMs) {
      const parts = await unready(daemon);
      throw new BanyanError(
        "daemon_not_ready",
        `The daemon is not ready after ${timeoutMs / 1_000} s, for these are not: ${parts}. It goes on starting; see banyan daemon status, or wait longer with server.ready_timeout.`,
      );
    }
    if (!told && passed >= PROGRESS_MS) {
      told = true;
      warn("the daemon is starting …");
    }
    await sleep(POLL_MS);
  }
}

function reasonFor(files: DaemonFiles): string {
  const words = lastWords(files.stderr).replace(/^banyan: /gm, "");
  return words === "" ? `it ended without a word; ${files.stderr.path} may say more.` : words;
}

async function unready({ app }: Daemon): Promise<string> {
  if (app === undefined) return "the whole of it, which does not listen yet";
  try {
    const response = await fetch(`${app.url}/health`, { signal: AbortSignal.timeout(ANSWER_MS) });
    if (response.status === 401) return "some of its parts; GET /health says which to whoever brings a key";
    const { components } = healthSchema.parse(await response.json());
    const bad = components.filter(({ level }) => level === "error").map(({ name }) => name);
    return bad.length > 0 ? bad.join(", ") : "a part that health.critical names and that is not there";
  } catch {
    return `HttpServer, which does not answer at ${app.url}`;
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(ANSWER_MS) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Ends the app and its keeper, by force past `deadlineMs`. False: there was nothing to end. */
async function end(files: DaemonFiles, deadlineMs: number): Promise<boolean> {
  return withLock(files.record, async () => {
    const daemon = findDaemon(files);
    if (daemon === undefined) return false;
    const { keeper, app } = daemon;
    const all = [keeper, app].filter((each) => each !== undefined);
    // The keeper passes it on; where there are no signals it could not.
    const asked = keeper === undefined || !platform.hasGroups ? all : [keeper];
    for (const each of asked) signal(each, "SIGTERM");
    if (!(await gone(all, deadlineMs))) {
      // The app is of the keeper's group, and what the app has started is of groups that its minder ends.
      if (keeper !== undefined && isAlive(keeper)) platform.signalGroup(keeper.pid, "SIGKILL");
      for (const each of all) signal(each, "SIGKILL");
      if (!(await gone(all, KILLED_MS)))
        throw new BanyanError("daemon_stays", `Process ${all.map(({ pid }) => pid).join(" and ")} cannot be ended.`);
    }
    forgetDaemon(files);
    return true;
  });
}

function signal(owner: Owner, name: NodeJS.Signals): void {
  try {
    if (isAlive(owner)) process.kill(owner.pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

async function gone(owners: readonly Owner[], ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (owners.some(isAlive)) {
    if (performance.now() >= deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
