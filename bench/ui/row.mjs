// One row of the benchmark, in a process of its own: streams the answer at 500 tokens a second through one way to draw it.
// stdout is what the terminal gets; what was measured goes to file descriptor 3.
//   node bench/ui/row.mjs plain|static|banyan
import { writeSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { tokens } from "./answer.mjs";

const PER_SECOND = 500;
const RESOLUTION_MS = 5;
/** So long nothing happens before and after: what is loaded late, and frames that are still to come. */
const QUIET_MS = 1_000;

// A pipe that is taken for a terminal; ../ui.mjs reads it as one.
Object.assign(process.stdout, { isTTY: true, columns: 100, rows: 30 });
Object.assign(process.env, { TERM: "xterm-256color", COLORTERM: "truecolor", LANG: "C.UTF-8" });
for (const name of ["NO_COLOR", "FORCE_COLOR", "CI"]) delete process.env[name];
let frames = 0;
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (...args) => {
  frames++;
  return write(...args);
};

const { open } = await import(`./${process.argv[2]}.mjs`);
const screen = await open();
const pieces = tokens();
await sleep(QUIET_MS);

frames = 0;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
const cpu = process.cpuUsage();
const since = performance.now();
let sent = 0;
while (sent < pieces.length) {
  await sleep(2);
  const due = Math.min(pieces.length, Math.floor(((performance.now() - since) * PER_SECOND) / 1_000));
  while (sent < due) screen.push(pieces[sent++]);
}
screen.finish();
await sleep(QUIET_MS);
const { user, system } = process.cpuUsage(cpu);
delay.disable();
const lagMs = Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
writeSync(3, JSON.stringify({ cpuMs: (user + system) / 1_000, lagMs, frames }));
await screen.close();
process.exit(0);
