// Log: what happened in the tree, one JSON line an event, in one file that cannot grow for ever. It listens to the framework's
// reports; nothing waits for it, and it never writes to the terminal.
// permanent; a restart goes on in the same file. How much is written follows the settings while it runs.
import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import {
  currentRuntime,
  describeReason,
  GenServer,
  type Named,
  type Report,
  type ReportName,
} from "../supervision/index.js";
import { again } from "./again.js";
import type { Config } from "./config/config.js";
import type { Settings } from "./config/schema.js";
import type { ConfigWatcher } from "./config/subscriptions.js";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogOptions {
  readonly file: string;
  /** Whose `log.level` says what the least serious entries are that are written. */
  readonly config: Named<Config>;
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];
const LEVEL_OF: Record<ReportName, LogLevel> = {
  progress: "debug",
  alert: "error",
  warning: "warn",
  overflow: "warn",
  supervisor: "warn",
  crash: "error",
};
/** The file is begun anew past this size; the one before is kept beside it. */
const MAX_BYTES = 5 * 1024 * 1024;
/** Longest text of one field; what a process was doing may be large. */
const MAX_TEXT = 2_000;
const MAX_ITEMS = 50;

export class Log extends GenServer<LogOptions, { readonly file: string }> implements ConfigWatcher {
  private size = 0;
  private least = 0;
  private config!: Named<Config>; // set by init

  protected override init({ file, config }: LogOptions) {
    this.config = config;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.state = { file };
    this.size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    const { reports } = currentRuntime();
    const self = this.self<Log>();
    for (const [name, ofReport] of Object.entries(LEVEL_OF)) {
      this.on(reports, name, (report: Report) => {
        if (LEVELS.indexOf(ofReport) >= this.least) self.cast.write(ofReport, entryOf(report));
      });
    }
    this.continueWith("subscribe"); // not here: the supervisor that waits for this may have Config to start again
  }

  protected override async handleContinue() {
    this.configChanged(await again(() => this.use(this.config).call.subscribe("log.level", this.self<Log>())));
  }

  configChanged({ log }: Settings): void {
    this.least = LEVELS.indexOf(log.level);
  }

  write(level: LogLevel, entry: Readonly<Record<string, unknown>>): void {
    if (LEVELS.indexOf(level) < this.least) return;
    const line = `${JSON.stringify({ time: new Date().toISOString(), level, ...entry })}\n`;
    const { file } = this.state;
    if (this.size > 0 && this.size + line.length > MAX_BYTES) {
      renameSync(file, `${file}.1`);
      this.size = 0;
    }
    appendFileSync(file, line, { mode: 0o600 });
    this.size += line.length;
  }
}

/** A key whose value nobody should find in a file. */
const SECRET = /token|secret|password|passphrase|api_?-?key|authorization|credential|cookie/i;
/** What lies deeper is not written. */
const MAX_DEPTH = 6;

/** The fields as they may be written: long texts cut, and what a key calls a secret left out. */
function clean(value: object, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, SECRET.test(key) ? "(hidden)" : cleanValue(field, depth)]),
  );
}

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return value.slice(0, MAX_TEXT);
  if (typeof value !== "object" || value === null || "toJSON" in value) return value;
  if (depth >= MAX_DEPTH) return "…";
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => cleanValue(item, depth + 1));
  return clean(value, depth + 1);
}

/** States are left out: they hold the conversation, and nobody has looked through them for secrets. */
function entryOf({ kind, at: _, state: __, log: ___, reason, ...fields }: Report): Record<string, unknown> {
  const stack =
    typeof reason === "object" && "error" in reason && reason.error instanceof Error ? reason.error.stack : undefined;
  const entry: Record<string, unknown> = { event: kind, ...clean(fields) };
  if (reason !== undefined) entry.reason = describeReason(reason).slice(0, MAX_TEXT);
  if (stack !== undefined) entry.stack = stack.slice(0, MAX_TEXT);
  return entry;
}
