// What a tool or a command may need to know of this machine. Of the environment only variables that are known to hold no secret are shown, by
// name: a list of what is allowed forgets nothing that is dangerous.
import { arch, availableParallelism, cpus, freemem, loadavg, platform, release, totalmem, type, uptime } from "node:os";
import { z } from "zod";
import { defineTool } from "./define.js";
import { aligned } from "./support/answers.js";
import { cut, formatBytes } from "./support/text.js";

const VARIABLES = [
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "TERM",
  "COLORTERM",
  "SHELL",
  "EDITOR",
  "VISUAL",
  "PAGER",
  "CI",
  "NO_COLOR",
  "NODE_ENV",
];
const LIBRARIES = ["node", "v8", "openssl", "icu", "tz", "unicode", "zlib"];

export const environment = defineTool({
  name: "environment",
  description:
    "Tell about this machine: operating system, processor, memory, load, Node and library versions, time zone, language, working folder, and a few environment variables that hold no " +
    "secrets. Use it to write commands and paths that fit the system. It never shows keys or other variables. For disks use disk, for " +
    "programs processes, for the time current_time.",
  input: z.strictObject({}),
  annotations: {
    title: "Environment",
    readOnlyHint: true,
    idempotentHint: true,
    destructiveHint: false,
    openWorldHint: false,
  },
  handler(_args, { root }) {
    const { timeZone, locale } = new Intl.DateTimeFormat().resolvedOptions();
    const load = loadavg();
    const rows: [string, string][] = [
      ["system", `${type()} ${release()}, ${platform()}, ${arch()}`],
      ["processor", `${availableParallelism()} × ${cpus()[0]?.model.trim() || "unknown"}`],
      ["memory", `${formatBytes(freemem())} free of ${formatBytes(totalmem())}`],
      [
        "load",
        load.every((value) => value === 0)
          ? ""
          : `${load.map((value) => value.toFixed(2)).join(" ")} (1, 5, 15 minutes)`,
      ],
      ["up for", `${Math.floor(uptime() / 3_600)} h ${Math.floor((uptime() % 3_600) / 60)} min`],
      ["working folder", root],
      ["time zone", timeZone],
      ["language", locale],
      ...LIBRARIES.map((name): [string, string] => [name, process.versions[name] ?? ""]),
      ...VARIABLES.map((name): [string, string] => [
        `$${name}`,
        cut((process.env[name] ?? "").replace(/\p{Cc}/gu, " "), 200),
      ]),
    ];
    return aligned(rows.filter(([, value]) => value !== ""));
  },
});
