// Telemetry: what the app tells of itself. It listens to the framework's reports and to happenings and makes of them lines of the
// log, metrics, and, where a collector is configured, spans. Nothing waits for it, and it changes nothing.
// permanent, 3 s to send what waits. After a crash the log goes on in the same file and metrics count from zero, which their
// readers know from any restart. What is told while it is down is lost.
import {
  currentRuntime,
  GenServer,
  messageOf,
  type Named,
  type Report,
  type ReportName,
} from "../../supervision/index.js";
import { again } from "../again.js";
import type { Config } from "../config/config.js";
import type { Settings } from "../config/schema.js";
import type { ConfigWatcher } from "../config/subscriptions.js";
import type { HealthStatus } from "../health/status.js";
import { type Happening, happenings, type Trail } from "./happenings.js";
import { tidyLogs } from "./log-folder.js";
import { happeningLine, isDetail, type LogLine, reportLine } from "./log-lines.js";
import { type ExtraSink, type LogLevel, LogWriter } from "./log-writer.js";
import type { Metrics } from "./metrics.js";
import type { Exporting } from "./otlp.js";
import { exportSpans } from "./spans.js";

export interface TelemetryOptions {
  /** The supervisor at the top of the tree. */
  readonly root: Named<unknown>;
  readonly database: string;
  readonly version: string;
  /** Whose `log.level` holds while the app runs. */
  readonly config: Named<Config>;
  readonly log: {
    readonly folder: string;
    /** Until the settings say otherwise. */
    readonly level: LogLevel;
    readonly sinks: readonly ExtraSink[];
    /** Most debug and info lines a second; what comes above it is counted. */
    readonly rate: number;
  };
  /** Absent: spans are not exported. */
  readonly otlp?: { readonly endpoint: string; readonly sampleRatio: number } | undefined;
}

interface TelemetryState {
  readonly status: HealthStatus;
  readonly lines: number;
  readonly dropped: number;
}

/** Who shows the app's figures: all that others need to know of this process. */
export interface MetricsSource {
  metrics(format: "json" | "prometheus"): Promise<string>;
}

type Note = "load metrics" | "tidy" | "second is over";

const KINDS: readonly ReportName[] = ["crash", "supervisor", "progress", "overflow", "alert", "warning"];
/** A short run ends before it pays for loading what nobody asks for. */
const LOAD_METRICS_MS = 2_000;
/** What is counted before that; more is not. */
const MOST_PENDING = 10_000;
const TIDY_AFTER_MS = 90_000;

export class Telemetry extends GenServer<TelemetryOptions, TelemetryState> implements MetricsSource, ConfigWatcher {
  private options!: TelemetryOptions; // set by init
  private log!: LogWriter; // set by init
  private exporting: Exporting | undefined;
  private loading: Promise<Metrics> | undefined;
  private counted: Metrics | undefined;
  private pending: ((metrics: Metrics) => void)[] = [];
  private readonly turns = new Map<string, Trail>();
  private sessionId: string | undefined;
  private linesThisSecond = 0;
  private overRate = 0;

  protected override async init(options: TelemetryOptions): Promise<void> {
    this.trapExit = true;
    this.options = options;
    this.state = { status: { level: "ok", details: "", since: Date.now() }, lines: 0, dropped: 0 };
    this.log = new LogWriter(
      options.log,
      () => this.lost("full", 1),
      () => void this.sendAfter(TIDY_AFTER_MS, "tidy" satisfies Note),
    );
    const { reports } = currentRuntime();
    for (const kind of KINDS) this.on(reports, kind, (report: Report) => this.reported(report));
    this.on(happenings, "happened", (happening: Happening) => this.happened(happening));
    this.signal.addEventListener(
      "abort",
      () => {
        this.log.close();
        this.counted?.close();
      },
      { once: true },
    );
    this.sendAfter(LOAD_METRICS_MS, "load metrics" satisfies Note);
    this.tidy();
    if (options.otlp !== undefined) await this.export(options.otlp);
    this.continueWith("subscribe"); // not here: the supervisor that waits for this may have Config to start again
  }

  protected override async handleContinue(): Promise<void> {
    this.configChanged(
      await again(() => this.use(this.options.config).call.subscribe("log.level", this.self<Telemetry>())),
    );
  }

  configChanged({ log }: Settings): void {
    this.log.level = log.level;
  }

  /** Before the start is complete, so that the first turn is traced, too. */
  private async export(otlp: NonNullable<TelemetryOptions["otlp"]>): Promise<void> {
    const { exportOverHttp } = await import("./otlp.js");
    this.exporting = exportOverHttp({ ...otlp, version: this.options.version });
    const stop = exportSpans(this.exporting.start);
    this.signal.addEventListener("abort", stop, { once: true });
  }

  protected override async handleInfo(message: Note): Promise<void> {
    if (message === "load metrics") await this.loaded();
    else if (message === "tidy") this.tidy();
    else if (message === "second is over") this.secondIsOver();
  }

  protected override async terminate(): Promise<void> {
    await this.exporting?.stop();
  }

  /** Every metric: Prometheus' text, or JSON of {@link MetricFigures} under `metrics` with the time in `at`. */
  async metrics(format: "json" | "prometheus"): Promise<string> {
    const metrics = await this.loaded();
    if (format === "prometheus") return metrics.text();
    return JSON.stringify({ at: Date.now(), metrics: await metrics.figures() });
  }

  getStatus(): HealthStatus {
    return this.state.status;
  }

  // --- what is told ------------------------------------------------------------------------------------------------------

  private reported(report: Report): void {
    this.count((metrics) => metrics.reported(report));
    const stray = report.kind === "alert" && report.stray === true;
    this.write(reportLine(report, stray ? this.underWay() : this.turns.get(report.id)));
  }

  private happened(happening: Happening): void {
    if (happening.type === "turn_started") {
      const { traceId, sessionId, requestId } = happening;
      this.sessionId = sessionId;
      this.turns.set(happening.process, { traceId, sessionId, requestId });
    } else if (happening.type === "turn") this.turns.delete(happening.process);
    if (this.counted !== undefined) this.counted.happened(happening);
    else this.count((metrics) => metrics.happened(happening));
    // A line is not made to be thrown away.
    if (this.log.level !== "debug" && isDetail(happening)) return;
    const line = happeningLine(happening);
    if (line !== undefined) this.write(line);
  }

  /** An error of no process may have come from the one turn under way; of several, from any. */
  private underWay(): Partial<Trail> {
    const [only, other] = this.turns.values();
    if (only !== undefined && other === undefined) return only;
    return this.sessionId === undefined ? {} : { sessionId: this.sessionId };
  }

  // --- the log -----------------------------------------------------------------------------------------------------------

  private write({ level, fields }: LogLine): void {
    if (level === "debug" && this.log.level !== "debug") return;
    if ((level === "debug" || level === "info") && !this.fits()) return;
    this.log.write(level, fields());
    this.count((metrics) => metrics.lineWritten(level));
    this.state = { ...this.state, lines: this.state.lines + 1 };
    this.judge();
  }

  /** Within the rate. The first line of a second starts its clock. */
  private fits(): boolean {
    if (this.linesThisSecond++ === 0) this.sendAfter(1_000, "second is over" satisfies Note);
    if (this.linesThisSecond <= this.options.log.rate) return true;
    this.overRate++;
    return false;
  }

  private secondIsOver(): void {
    const dropped = this.overRate;
    this.linesThisSecond = 0;
    this.overRate = 0;
    if (dropped === 0) return;
    this.lost("rate", dropped);
    const { rate } = this.options.log;
    this.write({ level: "warn", fields: () => ({ event: "log_lines_dropped", dropped, rate }) });
  }

  private lost(why: "rate" | "full", count: number): void {
    this.count((metrics) => metrics.linesDropped(why, count));
    this.state = { ...this.state, dropped: this.state.dropped + count };
  }

  /** Beside the mailbox: a large file takes a second. */
  private tidy(): void {
    tidyLogs(this.options.log.folder, Date.now()).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return; // nothing was ever written
      this.write({ level: "warn", fields: () => ({ event: "log_not_tidied", reason: messageOf(error) }) });
    });
  }

  private judge(): void {
    const { fault } = this.log;
    const details = fault === undefined ? "" : `the log cannot be written: ${fault}`;
    if (details === this.state.status.details) return;
    this.state = { ...this.state, status: { level: fault === undefined ? "ok" : "warn", details, since: Date.now() } };
  }

  // --- metrics -----------------------------------------------------------------------------------------------------------

  private count(what: (metrics: Metrics) => void): void {
    if (this.counted !== undefined) what(this.counted);
    else if (this.pending.length < MOST_PENDING) this.pending.push(what);
  }

  private loaded(): Promise<Metrics> {
    this.loading ??= this.loadMetrics();
    return this.loading;
  }

  private async loadMetrics(): Promise<Metrics> {
    const { Metrics } = await import("./metrics.js");
    const metrics = new Metrics(this.options);
    if (this.signal.aborted) metrics.close(); // killed while it loaded them
    for (const what of this.pending) what(metrics);
    this.pending = [];
    this.counted = metrics;
    return metrics;
  }
}
