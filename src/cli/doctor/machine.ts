// The machine Banyan runs on: the runtime and its memory, and the terminal.
import { arch, freemem, totalmem } from "node:os";
import { platform } from "../../actors/platform/index.js";
import { detectTheme, type Environment } from "../../ui/abilities.js";
import { type Finding, reporter } from "./finding.js";

const OLDEST_NODE = 20;
const LITTLE_MEMORY = 256 * 1024 * 1024;
/** The status line and the tables begin to leave things out below this. */
const NARROW = 60;

export function checkRuntime(version = process.versions.node, free = freemem()): Finding[] {
  const { ok, warn, fail } = reporter("runtime");
  const node =
    Number.parseInt(version, 10) >= OLDEST_NODE
      ? ok(`Node ${version} on ${platform.name}, ${arch()}.`)
      : fail(`Node ${version} is too old.`, `Install Node ${OLDEST_NODE} or newer.`);
  const memory = `${gigabytes(free)} of ${gigabytes(totalmem())} of memory are free.`;
  return [
    node,
    free < LITTLE_MEMORY ? warn(memory, "Close other programs, or the system may end Banyan.") : ok(memory),
  ];
}

export interface TerminalLike {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

export function checkTerminal(output: TerminalLike, env: Environment): Finding[] {
  const { ok, warn } = reporter("terminal");
  if (output.isTTY !== true) return [ok("The output is no terminal: what is printed there is plain text.")];
  if (env.TERM === "dumb" || !env.TERM) {
    const found = env.TERM === "dumb" ? 'TERM is "dumb"' : "TERM is not set";
    return [
      warn(`${found}: the chat prints line by line.`, "Set TERM to what the terminal is, such as xterm-256color."),
    ];
  }
  const theme = detectTheme(env, output);
  const { columns = 80, rows = 24 } = output;
  const size = `${env.TERM}, ${columns} columns by ${rows} rows, ${["no colours", "16 colours", "256 colours", "24-bit colours"][theme.colour]}.`;
  return [
    columns < NARROW ? warn(size, `Make the window at least ${NARROW} columns wide to see everything.`) : ok(size),
    theme.glyphs.ellipsis === "…"
      ? ok("It shows UTF-8.")
      : warn("The language settings are not UTF-8.", "Set LANG to a UTF-8 locale, such as C.UTF-8."),
  ];
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1_073_741_824).toFixed(1)} GB`;
}
