// `banyan plugins monitor`: what the plugins of the running app take and do, second by second, until Ctrl-C: a table that is drawn
// again on a terminal, otherwise one line of JSON a look.
import { setTimeout as sleep } from "node:timers/promises";
import { NothingRunningError } from "../actors/control/client.js";
import { platform } from "../actors/platform/index.js";
import { type CommonOptions, exitCodes } from "./options.js";
import { type PluginRow, running } from "./plugins.js";
import { pathsOf } from "./settings.js";
import { tableText } from "./table.js";

const LOOK_MS = 1_000;
const MEGABYTE = 1_048_576;
const [HOME_AND_CLEAR, HIDE, SHOW] = ["\u001b[H\u001b[J", "\u001b[?25l", "\u001b[?25h"];

/** A look at one plugin, with what has happened since the one before. */
interface Look extends PluginRow {
  /** Percent of a core since the last look. */
  readonly cpuPercent?: number;
  readonly callsPerSecond?: number;
}

export async function monitorPlugins(options: CommonOptions): Promise<void> {
  const { socket } = pathsOf(options);
  const over = new AbortController();
  for (const signal of Object.keys(platform.endSignals)) process.once(signal, () => over.abort());
  process.stdout.on("error", () => over.abort()); // whoever read it is gone
  const draws = options.json !== true && process.stdout.isTTY && process.env.TERM !== "dumb";
  let before: { readonly at: number; readonly rows: readonly PluginRow[] } | undefined;
  try {
    if (draws) process.stdout.write(HIDE);
    while (!over.signal.aborted) {
      const rows = await running(socket);
      const at = performance.now();
      const looks = rows.map((row) => lookAt(row, before, at));
      before = { at, rows };
      if (draws) process.stdout.write(`${HOME_AND_CLEAR}${drawn(looks)}\nCtrl-C ends this.\n`);
      else
        process.stdout.write(
          options.json ? `${JSON.stringify({ at: Date.now(), plugins: looks })}\n` : `${drawn(looks)}\n`,
        );
      await sleep(LOOK_MS, undefined, { signal: over.signal }).catch(() => {});
    }
  } catch (error) {
    if (before === undefined || !(error instanceof NothingRunningError)) throw error;
    process.stdout.write("The app has ended.\n");
    process.exitCode = exitCodes.nothingRunning;
  } finally {
    if (draws) process.stdout.write(SHOW);
  }
}

function lookAt(
  row: PluginRow,
  before: { readonly at: number; readonly rows: readonly PluginRow[] } | undefined,
  at: number,
): Look {
  const last = before?.rows.find(({ name, pid }) => name === row.name && pid === row.pid);
  if (before === undefined || last === undefined) return row;
  const ms = at - before.at;
  return {
    ...row,
    callsPerSecond: (1_000 * Math.max(0, row.calls - last.calls)) / ms,
    ...(row.cpu === undefined || last.cpu === undefined ? {} : { cpuPercent: (100 * (row.cpu - last.cpu)) / ms }),
  };
}

function drawn(looks: readonly Look[]): string {
  if (looks.length === 0) return "The running app has no plugins.";
  return tableText(
    ["NAME", "STATE", "PID", "CPU", "MEMORY", "CALLS", "CALLS/S", "ERRORS", "LATENCY", "RESTARTS"],
    looks.map(({ name, state, pid, cpuPercent, memory, calls, callsPerSecond, errors, latencyMs, restarts }) => [
      name,
      state,
      `${pid ?? "-"}`,
      cpuPercent === undefined ? "-" : `${cpuPercent.toFixed(0)} %`,
      memory === undefined ? "-" : `${Math.round(memory / MEGABYTE)} MB`,
      `${calls}`,
      callsPerSecond === undefined ? "-" : callsPerSecond.toFixed(1),
      `${errors}`,
      calls === 0 ? "-" : `${latencyMs.toFixed(1)} ms`,
      `${restarts ?? "-"}`,
    ]),
  );
}
