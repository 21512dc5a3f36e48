// The tool calls that have not ended, with what the screen measures of them: since when they run, and how fast they progress.
import type { ToolCallView, TranscriptItem } from "../chat/events.js";
import type { Clock } from "./clock.js";
import type { LiveCall } from "./components/tool-card.js";

/** A rate is told once reports are this far apart, in milliseconds. */
const RATE_AFTER_MS = 250;

export class LiveCalls {
  readonly #clock: Clock;
  readonly #calls = new Map<string, LiveCall>();
  readonly #firstReports = new Map<string, { readonly at: number; readonly value: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get list(): LiveCall[] {
    return [...this.#calls.values()];
  }

  has(id: string): boolean {
    return this.#calls.has(id);
  }

  /** Takes what is new of a call; false when it has ended, and then it is forgotten. */
  take(id: string, call: ToolCallView): boolean {
    if (call.status !== "waiting" && call.status !== "running") {
      this.#forget(id);
      return false;
    }
    const known = this.#calls.get(id);
    // What it waited for an answer of the user is no time of the tool's.
    const since = known?.call.status === call.status ? known.since : this.#clock.now();
    const rate = this.#rate(id, call);
    this.#calls.set(id, { call, since, ...(rate === undefined ? {} : { rate }) });
    return true;
  }

  /** True when this update tells nothing but progress. */
  onlyProgresses(item: TranscriptItem): boolean {
    return item.kind === "tool" && this.#calls.get(item.id)?.call.status === item.call.status;
  }

  /** Forgets all calls but these. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of [...this.#calls.keys()]) if (!ids.has(id)) this.#forget(id);
  }

  clear(): void {
    this.keep(new Set());
  }

  #forget(id: string): void {
    this.#calls.delete(id);
    this.#firstReports.delete(id);
  }

  /** Units a second since the first report. */
  #rate(id: string, { progress }: ToolCallView): number | undefined {
    if (progress === undefined) return undefined;
    const now = this.#clock.now();
    const first = this.#firstReports.get(id);
    if (first === undefined) this.#firstReports.set(id, { at: now, value: progress.value });
    if (first === undefined || now - first.at < RATE_AFTER_MS) return this.#calls.get(id)?.rate;
    return ((progress.value - first.value) * 1_000) / (now - first.at);
  }
}
