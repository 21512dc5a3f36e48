// Writes the log: pino makes a line of JSON, and the line goes to the file of the day and, where the settings say so, to stderr.
// A line is with the operating system when `write` returns, which takes some ten microseconds, so that it outlives a crash; how many
// there are is limited by whoever writes. What a full disk refuses is lost and counted. Nobody need be reading stderr: lines wait
// for it in a bounded buffer, off the main thread. (pino's own synchronous flush tries for ever on a full disk, so it is not used.)
import { closeSync, fstatSync, mkdirSync, openSync, writeSync } from "node:fs";
import pino, { type DestinationStream } from "pino";
import { messageOf } from "../../supervision/index.js";
import { dayOf, logFile } from "./log-folder.js";
import { prettyLine } from "./pretty-line.js";

/** From the least serious on. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where lines go besides the file. */
export type ExtraSink = "stderr" | "stderr-pretty";

export interface LogOptions {
  readonly folder: string;
  /** Least serious lines that are written. */
  readonly level: LogLevel;
  readonly sinks: readonly ExtraSink[];
}

/** What may wait for stderr, in bytes. */
const MOST_WAITING = 4 * 1024 * 1024;
/** A day's file is continued in another part past this size, in bytes. */
const LARGEST_PART = 32 * 1024 * 1024;
const STDERR = 2;

export class LogWriter {
  /** Why the file cannot be written, while it cannot. */
  fault: string | undefined;
  private readonly logger: pino.Logger;
  private file: number | undefined;
  private readonly others: ReturnType<typeof pino.destination>[] = [];
  private day = "";
  private part = 1;
  private size = 0;
  private closed = false;
  private leastLevel: LogLevel;

  /** `lost` is told of lines that were lost; `rolled` when a new file is begun. */
  constructor(
    private readonly options: LogOptions,
    private readonly lost: () => void,
    private readonly rolled: () => void,
  ) {
    const { level: least, sinks } = options;
    const level = "debug"; // each sink takes what the logger lets through
    const streams = [{ level, stream: this.toFile }, ...sinks.map((sink) => ({ level, stream: this.toStderr(sink) }))];
    this.logger = pino(
      {
        level: least,
        base: { pid: process.pid },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      pino.multistream(streams),
    );
    this.leastLevel = least;
  }

  /** Least serious lines that are written. */
  get level(): LogLevel {
    return this.leastLevel;
  }

  set level(level: LogLevel) {
    this.leastLevel = level;
    this.logger.level = level;
  }

  write(level: LogLevel, fields: Readonly<Record<string, unknown>>): void {
    if (this.closed) return;
    this.logger[level](fields);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.file !== undefined) closeSync(this.file);
    for (const each of this.others) each.end();
  }

  private readonly toFile: DestinationStream = {
    write: (line) => {
      const day = dayOf(Date.now());
      if (this.file === undefined || day !== this.day) this.begin(day, 1);
      else if (this.size > LARGEST_PART) this.begin(day, this.part + 1);
      if (this.file === undefined) this.lost();
      else this.append(this.file, Buffer.from(line));
    },
  };

  private append(fd: number, line: Buffer): void {
    try {
      for (let written = 0; written < line.length; ) written += writeSync(fd, line, written);
      this.size += line.length;
      this.fault = undefined;
    } catch (error) {
      this.fault = messageOf(error);
      this.lost();
    }
  }

  private toStderr(sink: ExtraSink): DestinationStream {
    const stderr = pino.destination({ fd: STDERR, sync: false, maxLength: MOST_WAITING });
    stderr.on("drop", () => this.lost());
    stderr.on("error", () => this.lost()); // whoever read it is gone
    this.others.push(stderr);
    return sink === "stderr" ? stderr : { write: (line) => stderr.write(prettyLine(line)) };
  }

  private begin(day: string, part: number): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
    try {
      mkdirSync(this.options.folder, { recursive: true, mode: 0o700 });
      this.file = openSync(logFile(this.options.folder, day, part), "a", 0o600);
      this.size = fstatSync(this.file).size;
      this.day = day;
      this.part = part;
      this.fault = undefined;
      this.rolled();
    } catch (error) {
      this.fault = messageOf(error);
    }
  }
}
