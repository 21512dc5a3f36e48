// Writes the log: pino makes a line of JSON, and the line goes to the file of the day and, where the settings say so, to stderr.
// A line is with the operating system when `write` returns, which takes some ten microseconds, so that it outlives a crash; how many
// there are is limited by whoever writes. While the disk is full, and while nobody reads stderr, lines wait in a bounded buffer,
// and those that do not fit are counted.
import { closeSync, fstatSync, mkdirSync, openSync } from "node:fs";
import pino, { type DestinationStream } from "pino";
import { messageOf } from "../../supervision/index.js";
import { dayOf, logFile } from "./log-folder.js";
import { prettyLine } from "./pretty-line.js";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Where lines go besides the file. */
export type ExtraSink = "stderr" | "stderr-pretty";

export interface LogOptions {
  readonly folder: string;
  /** Least serious lines that are written. */
  readonly level: LogLevel;
  readonly sinks: readonly ExtraSink[];
}

type Destination = ReturnType<typeof pino.destination>;

/** What may wait, in bytes. */
const MOST_WAITING = 4 * 1024 * 1024;
/** A day's file is continued in another part past this size, in bytes. */
const LARGEST_PART = 32 * 1024 * 1024;
const STDERR = 2;

export class LogWriter {
  /** Why the file cannot be written, while it cannot. */
  fault: string | undefined;
  private readonly logger: pino.Logger;
  private file: Destination | undefined;
  private readonly others: Destination[] = [];
  private day = "";
  private part = 1;
  private size = 0;
  private closed = false;
  private leastLevel: LogLevel;

  /** `lost` is told of lines that did not fit; `rolled` when a new file is begun. */
  constructor(
    private readonly options: LogOptions,
    private readonly lost: () => void,
    private readonly rolled: () => void,
  ) {
    const { folder, level: least, sinks } = options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
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

  /** Writes what waits, for the end of the program. */
  flush(): void {
    if (this.closed) return;
    for (const each of [this.file, ...this.others]) {
      try {
        each?.flushSync();
      } catch (error) {
        this.failed(error);
      }
    }
  }

  close(): void {
    if (this.closed) return;
    this.flush();
    this.closed = true;
    for (const each of [this.file, ...this.others]) each?.end();
  }

  private readonly toFile: DestinationStream = {
    write: (line) => {
      const day = dayOf(Date.now());
      if (this.file === undefined || day !== this.day) this.begin(day, 1);
      else if (this.size > LARGEST_PART) this.begin(day, this.part + 1);
      this.size += line.length;
      if (this.file === undefined) this.lost();
      else this.file.write(line);
    },
  };

  private toStderr(sink: ExtraSink): DestinationStream {
    const stderr = this.destination(STDERR, false);
    this.others.push(stderr);
    return sink === "stderr" ? stderr : { write: (line) => stderr.write(prettyLine(line)) };
  }

  private begin(day: string, part: number): void {
    const before = this.file;
    this.file = undefined;
    try {
      const fd = openSync(logFile(this.options.folder, day, part), "a", 0o600);
      try {
        this.size = fstatSync(fd).size;
        this.file = this.destination(fd, true);
      } catch (error) {
        closeSync(fd);
        throw error;
      }
      this.day = day;
      this.part = part;
      this.fault = undefined;
    } catch (error) {
      this.failed(error);
    }
    before?.flushSync();
    before?.end();
    this.rolled();
  }

  private destination(fd: number, sync: boolean): Destination {
    const stream = pino.destination({ fd, sync, maxLength: MOST_WAITING });
    stream.on("drop", () => this.lost());
    stream.on("error", (error: unknown) => this.failed(error));
    stream.on("write", () => {
      this.fault = undefined;
    });
    return stream;
  }

  private failed(error: unknown): void {
    this.fault = messageOf(error);
  }
}
