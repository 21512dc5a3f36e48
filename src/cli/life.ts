// The life of a running app as the operating system sees it: signals and the exit code. The first signal stops
// the tree in order; a second one forces the end, and the minder outside clears away what is left.
import { platform } from "../actors/platform/index.js";
import { type Application, describeReason, type ExitReason, type Report } from "../supervision/index.js";
import { warn } from "./warn.js";

/** Longest time for an orderly stop, past that for what is being answered. */
const STOP_DEADLINE_MS = 10_000;
/** What is still open when everything has been stopped gets this long. */
const LINGER_MS = 500;

export class Life {
  private stopping = false;
  private lastShutdown: Report | undefined;
  /** The last error that no process answered for. */
  private strayError: ExitReason | undefined;
  private settle: (code: number) => void = () => {};
  /** The exit code, once the app is to end. */
  private readonly ended = new Promise<number>((resolve) => {
    this.settle = resolve;
  });

  /** `drainMs`: for what is being answered. `codes`: what is another exit code than the system's own for a signal. */
  constructor(
    private readonly drainMs = 5_000,
    codes: Readonly<Record<string, number>> = {},
  ) {
    for (const [signal, code] of Object.entries({ ...platform.endSignals, ...codes }))
      process.on(signal, () => this.signalled(code));
  }

  /** Ends the app in order, with this exit code. */
  end(code: number): void {
    this.settle(code);
  }

  /** Waits for the end, stops what runs, and sets the exit code. `next` is the last sentence of an end nobody wanted. */
  async run(app: Application, next: string): Promise<void> {
    app.on("alert", (report) => {
      if (report.stray === true) this.strayError = report.reason;
    });
    app.on("supervisor", (report) => {
      if (report.context === "shutdown") this.lastShutdown = report;
    });
    const endedItself = app.done.then((reason) => {
      if (!this.stopping) this.explain(reason, next);
      return 1;
    });
    const code = await Promise.race([this.ended, endedItself]);
    this.stopping = true;
    await app.stop({ deadline: this.drainMs + STOP_DEADLINE_MS });
    process.exitCode = code;
    setTimeout(() => process.exit(), LINGER_MS).unref();
  }

  private signalled(code: number): void {
    if (this.stopping) process.exit(code);
    this.stopping = true;
    this.settle(code);
  }

  private explain(reason: ExitReason, next: string): void {
    const why = this.why(reason);
    process.once("exit", () => warn(`stopped, because ${why}. ${next}`));
  }

  private why(reason: ExitReason): string {
    const { lastShutdown: report, strayError } = this;
    if (strayError === reason) return `of an error that no part answers for: ${describeReason(reason)}`;
    if (report?.reason === undefined) return describeReason(reason);
    const child = report.child as { readonly id?: string } | undefined; // supervisor reports carry it
    return `${child?.id ?? "a part"} failed more often than allowed, last with: ${describeReason(report.reason)}`;
  }
}
