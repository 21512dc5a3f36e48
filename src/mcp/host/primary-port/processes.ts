// Which programs of this user take the processor and the memory. Of other users' nothing is told, of nobody's the environment, and what
// looks like a secret in a command line is hidden before it is cut.
import { setImmediate, setTimeout } from "node:timers/promises";
import { z } from "zod";
import { platform, type RunningProcess } from "../../../actors/platform/index.js";
import { HIDDEN, redact } from "../../../actors/telemetry/redact.js";
import { plainText } from "../../../supervision/index.js";
import type { PortAnswerer } from "./index.js";
import { PortError } from "./port-error.js";

/** What a process took of the processor is measured over this time. */
const MEASURED_MS = 500;
const LONGEST_COMMAND = 300;

const listArgs = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  sort: z.enum(["cpu", "memory"]).default("cpu"),
  count: z.int().min(1).max(100).default(15),
});

/** Answers with `processes` (pid, parent, cpuPercent of one processor, rssBytes, seconds, command) and `total`, how many there are. */
export const listProcesses: PortAnswerer<z.output<typeof listArgs>> = {
  args: listArgs,
  async answer({ name, sort, count }, { signal }) {
    const before = new Map((await processes()).map((one) => [one.pid, one]));
    const started = performance.now();
    await setTimeout(MEASURED_MS, undefined, { signal });
    const now = await processes();
    const elapsed = performance.now() - started;
    const measured = now
      .map((one) => ({ ...one, cpuPercent: percent(one.cpuMs - (before.get(one.pid)?.cpuMs ?? one.cpuMs), elapsed) }))
      .sort((a, b) => (sort === "cpu" ? b.cpuPercent - a.cpuPercent : 0) || b.rssBytes - a.rssBytes || a.pid - b.pid);
    const found: Found[] = [];
    let total = 0;
    for (const { pid, parent, cpuPercent, rssBytes, seconds, command } of measured) {
      if (found.length === count && name === undefined) break;
      await setImmediate(); // long command lines take a while to look through
      signal.throwIfAborted();
      const shown = shownCommand(command);
      // What is looked for is looked for in what is shown: else one could guess what is hidden.
      if (name !== undefined && !shown.toLowerCase().includes(name.toLowerCase())) continue;
      total++;
      if (found.length < count)
        found.push({ pid, parent, cpuPercent, rssBytes, seconds: Math.round(seconds), command: shown });
    }
    return { processes: found, total: name === undefined ? measured.length : total };
  },
};

type Found = Omit<RunningProcess, "cpuMs"> & { readonly cpuPercent: number };

async function processes(): Promise<readonly RunningProcess[]> {
  const found = await platform.ownProcesses();
  if (found === undefined)
    throw new PortError("This system does not tell of its processes here; use its own task manager.");
  return found;
}

function percent(part: number, whole: number): number {
  return Math.max(0, Math.round((part / whole) * 1_000) / 10);
}

/** What follows such an option is a secret, whatever it looks like. */
const OPTION =
  /(\s--?[\w-]*(?:token|secret|passw\w*|passphrase|key|credentials?|auth\w*|cookie)(?:=|\s+))("[^"]*"|'[^']*'|[^\s]+)/gi;
/** `curl -u name:password`, `--user=name:password`. */
const LOGIN = /(\s(?:-u|--user|--proxy-user)(?:=|\s*)[^\s:]*:)\S+/g;
/** `mysql -psecret`, `sshpass -p secret`. */
const SHORT = /^(\S*(?:mysql\w*|mariadb\w*|sshpass)\b.*?\s-p\s*)\S+/;
const HEADER = /((?:authorization|cookie|x-[\w-]*(?:key|token))\s*:\s*)[^\r\n]+/gi;

/** The command line without what looks like a secret, on one line, of a bounded length. */
export function shownCommand(command: string): string {
  const plain = plainText(command.slice(0, 5 * LONGEST_COMMAND))
    .replace(/\s+/g, " ")
    .trim();
  const clean = [OPTION, LOGIN, SHORT, HEADER].reduce(
    (text, pattern) => text.replace(pattern, `$1${HIDDEN}`),
    redact(plain),
  );
  return clean.length > LONGEST_COMMAND ? `${clean.slice(0, LONGEST_COMMAND)}…` : clean;
}
