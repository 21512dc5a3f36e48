// The keeper: the parent of the daemon's app, which it starts again after any end that was not asked for. It stands outside the app,
// so that it outlives it, and is a few lines of shell, for it must cost nothing (about 1 MB) and have nothing that can fail.
//
// It starts nobody before it reads a line on its stdin, so that whoever started it can write down first who it is, and ends if none
// comes. The first end is answered at once; from the second on it waits, 1 s and each time twice as long, 60 s at most, until an
// app has lasted for a minute. It never gives up. SIGTERM to it asks the app to end, and ends it with the app; so does an app that
// ends by itself with code 0, as it does when somebody has sent it a SIGTERM. Each end it leaves in a file for the next app, see
// `Death`; what it does it writes to the file that takes the app's stderr. Where there is no /bin/sh a Node script does the same.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { Writable } from "node:stream";
import { platform } from "../platform/index.js";
import { MARK, type StderrFile } from "./stderr-file.js";

const LONGEST_PAUSE_S = 60;
const WELL_AFTER_S = 60;

// dash, the least of the shells it runs in, needs `wait` again after a trap has interrupted it; 127 says that nobody is left to wait for.
const shellScript = `
trap '' HUP INT
deaths=$1 errors=$2 most=$3 again=$4
shift 4
pid= stopping= woken=
ask() { stopping=1 woken=1; [ -z "$pid" ] || kill -s TERM "$pid" 2>/dev/null; }
trap ask TERM
say() { printf '%s%s %s\\n' '${MARK}' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" >>"$errors"; }
kills() { while read -r name count; do [ "$name" != oom_kill ] || echo "$count"; done </proc/vmstat; }
read -r go || exit 0
umask 077
restarts=0 pause=0
while :; do
  size=$(wc -c <"$errors" 2>/dev/null) || size=0
  [ "$size" -le "$most" ] || mv -f "$errors" "$errors.1"
  say started
  began=$(date +%s) killed=$(kills 2>/dev/null)
  "$@" </dev/null >>"$errors" 2>&1 &
  pid=$!
  [ -z "$stopping" ] || kill -s TERM "$pid" 2>/dev/null
  code=127
  while :; do
    woken=
    wait "$pid"
    now=$?
    [ "$now" = 127 ] || code=$now
    [ -n "$woken" ] || break
  done
  pid=
  ended=$(date +%s)
  if [ -n "$stopping" ] || [ "$code" = 0 ]; then say "ended, as it was asked to"; exit 0; fi
  memory=no
  [ "$(kills 2>/dev/null)" = "$killed" ] || memory=yes
  restarts=$((restarts + 1))
  [ $((ended - began)) -lt ${WELL_AFTER_S} ] || pause=0
  next="starts again in $pause s (restart $restarts)"
  [ "$again" = yes ] || next="is not started again"
  say "ended with code $code after $((ended - began)) s; $next"
  printf '%s %s %s %s\\n' "$restarts" "$code" "$ended" "$memory" >"$deaths.new" && mv -f "$deaths.new" "$deaths"
  [ "$again" = yes ] || exit 1
  if [ "$pause" -gt 0 ]; then
    sleep "$pause" &
    pid=$!
    [ -z "$stopping" ] || kill "$pid" 2>/dev/null
    wait "$pid"
    pid=
    [ -z "$stopping" ] || exit 0
  fi
  pause=$((pause == 0 ? 1 : pause * 2))
  [ "$pause" -le ${LONGEST_PAUSE_S} ] || pause=${LONGEST_PAUSE_S}
done
`;

const nodeScript = `
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const { constants } = require("node:os");
const [deaths, errors, most, again, command, ...args] = process.argv.slice(1);
for (const signal of ["SIGHUP", "SIGINT"]) process.on(signal, () => {});
let child, stopping = false, restarts = 0, pause = 0, next;
process.on("SIGTERM", () => {
  stopping = true;
  if (child !== undefined) child.kill("SIGTERM");
  else process.exit(0);
});
const now = () => Math.floor(Date.now() / 1000);
const say = (text) =>
  fs.appendFileSync(errors, "${MARK}" + new Date().toISOString().slice(0, 19) + "Z " + text + "\\n", { mode: 0o600 });
function start() {
  try { if (fs.statSync(errors).size > Number(most)) fs.renameSync(errors, errors + ".1"); } catch {}
  say("started");
  const began = now();
  const out = fs.openSync(errors, "a", 0o600);
  child = spawn(command, args, { stdio: ["ignore", out, out], windowsHide: true });
  fs.closeSync(out);
  let over = false;
  const ended = (code, signal) => {
    if (over) return;
    over = true;
    child = undefined;
    const told = signal ? 128 + constants.signals[signal] : code;
    if (stopping || told === 0) { say("ended, as it was asked to"); process.exit(0); }
    restarts++;
    if (now() - began >= ${WELL_AFTER_S}) pause = 0;
    const next = again === "yes" ? "starts again in " + pause + " s (restart " + restarts + ")" : "is not started again";
    say("ended with code " + told + " after " + (now() - began) + " s; " + next);
    fs.writeFileSync(deaths + ".new", [restarts, told, now(), "no"].join(" ") + "\\n", { mode: 0o600 });
    fs.renameSync(deaths + ".new", deaths);
    if (again !== "yes") process.exit(1);
    setTimeout(start, pause * 1000);
    pause = Math.min(${LONGEST_PAUSE_S}, pause === 0 ? 1 : pause * 2);
  };
  child.on("exit", ended);
  child.on("error", () => ended(127, null));
}
process.stdin.once("data", () => { process.stdin.destroy(); start(); }).once("end", () => process.exit(0));
`;

export interface KeeperOptions {
  /** Where an end is left, see `Death`. */
  readonly deaths: string;
  /** Takes what the app writes to stderr and stdout. */
  readonly stderr: StderrFile;
  /** False: an end is written down and nobody started again. */
  readonly again: boolean;
  /** The program with its arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface StartedKeeper {
  readonly pid: number;
  /** Lets it start the app. Until then it ends with whoever started it. */
  go(): void;
}

export type KeeperKind = "shell" | "node";

/** Starts a keeper in a session of its own: it outlives this program and its terminal. Rejects if the system cannot start it. */
export async function startKeeper(
  { deaths, stderr, again, command, cwd, env }: KeeperOptions,
  kind: KeeperKind = platform.hasShell && existsSync("/bin/sh") ? "shell" : "node",
): Promise<StartedKeeper> {
  const [program, first] =
    kind === "shell" ? ["/bin/sh", ["-c", shellScript, "banyan-keeper"]] : [process.execPath, ["-e", nodeScript]];
  const args = [...first, deaths, stderr.path, String(stderr.most), again ? "yes" : "no", ...command];
  const child: ChildProcessByStdio<Writable, null, null> = spawn(program, args, {
    stdio: ["pipe", "ignore", "ignore"],
    cwd,
    env: { ...env }, // Node may write into it
    detached: true,
    windowsHide: true,
  });
  const { pid, stdin } = child;
  if (pid === undefined) throw await new Promise((resolve) => child.once("error", resolve));
  child.unref();
  stdin.on("error", () => {}); // it has ended, which whoever waits for the app notices
  return { pid, go: () => void stdin.end("go\n") };
}
