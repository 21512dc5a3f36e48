// What the whole program takes: memory from the operating system and V8, how long the event loop was held up, and how long the
// garbage collector stopped everything. A look reads the worst since the look before.
import { PerformanceObserver } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";

export interface Vitals {
  readonly rssBytes: number;
  /** Of the largest heap that V8 allows. */
  readonly heapPercent: number;
  /** Longest time the event loop was held up. */
  readonly loopDelayMs: number;
  /** Longest pause of the garbage collector. */
  readonly gcPauseMs: number;
}

/** The event loop is asked to be on time this often. Node's own histogram forgets a hold-up that spans its reset. */
const TICK_MS = 100;

export class VitalSigns {
  private longestDelay = 0;
  private longestPause = 0;
  private lastTick = performance.now();
  private readonly ticker = setInterval(() => this.tick(), TICK_MS);
  private readonly collector = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) this.longestPause = Math.max(this.longestPause, duration);
  });

  constructor() {
    this.ticker.unref();
    this.collector.observe({ entryTypes: ["gc"] });
  }

  look(): Vitals {
    this.noteDelay(); // a hold-up that has just ended counts
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    const vitals = {
      rssBytes: process.memoryUsage.rss(),
      heapPercent: Math.round((100 * used) / limit),
      loopDelayMs: Math.round(this.longestDelay),
      gcPauseMs: Math.round(this.longestPause),
    };
    this.longestDelay = 0;
    this.longestPause = 0;
    return vitals;
  }

  stop(): void {
    clearInterval(this.ticker);
    this.collector.disconnect();
  }

  private tick(): void {
    this.noteDelay();
    this.lastTick = performance.now();
  }

  private noteDelay(): void {
    this.longestDelay = Math.max(this.longestDelay, performance.now() - this.lastTick - TICK_MS);
  }
}
