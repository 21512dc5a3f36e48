// HealthMonitor: how well each part is. It hears of crashes, restarts and parked children through the framework's reports,
// asks the operating system for memory and the event loop for its delay, and rolls both up to one level. It changes nothing.
// permanent; what it knows it learns again: parked children are read from the tree when it starts.
import { monitorEventLoopDelay } from "node:perf_hooks";
import {
  currentRuntime,
  type Down,
  describeReason,
  GenServer,
  isDown,
  type Named,
  type Ref,
  type Report,
  type TreeNode,
  treeOf,
} from "../supervision/index.js";
import { redact } from "./telemetry/redact.js";

export type Level = "ok" | "warn" | "error";

export interface ComponentHealth {
  readonly name: string;
  readonly level: Level;
  readonly details: string;
  /** Epoch milliseconds. */
  readonly since: number;
}

export interface Health {
  readonly level: Level;
  /** Every part that is not well. */
  readonly components: readonly ComponentHealth[];
  readonly rssBytes: number;
  /** 99th percentile of the event loop's delay since the last sample, in milliseconds. */
  readonly loopDelayMs: number;
}

export interface HealthWatcher {
  healthChanged(health: Health): void;
}

export interface HealthOptions {
  /** The supervisor at the top of the tree. */
  readonly root: Named<unknown>;
}

const SAMPLE_EVERY_MS = 5_000;
/** A child that crashed counts as unwell until it has lasted this long. */
const RECOVERY_MS = 30_000;
const LOOP_DELAY_WARNS_MS = 200;

export class HealthMonitor extends GenServer<HealthOptions, Health> {
  private readonly unwell = new Map<string, ComponentHealth>();
  private readonly watchers = new Map<number, Ref<HealthWatcher>>();
  private readonly loopDelay = monitorEventLoopDelay({ resolution: 20 });

  protected override init({ root }: HealthOptions) {
    const { reports } = currentRuntime();
    this.on(reports, "supervisor", (report: Report) => this.noteRestart(report));
    this.on(reports, "alert", (report: Report) => this.noteParked(report));
    this.on(reports, "progress", (report: Report) => this.noteStart(report));
    this.loopDelay.enable();
    this.signal.addEventListener("abort", () => this.loopDelay.disable(), { once: true });
    this.state = { level: "ok", components: [], rssBytes: process.memoryUsage.rss(), loopDelayMs: 0 };
    const tree = treeOf(root);
    if (tree !== undefined) this.readParked(tree);
    this.sendAfter(SAMPLE_EVERY_MS, "sample");
  }

  protected override handleInfo(message: "sample" | Down) {
    if (isDown(message)) {
      this.watchers.delete(message.id);
      return;
    }
    this.sample();
    this.sendAfter(SAMPLE_EVERY_MS, "sample");
  }

  health(): Health {
    return this.state;
  }

  /** Casts every change to the watcher, until it ends. Watching twice is watching once. */
  watch(watcher: Ref<HealthWatcher>): Health {
    const known = [...this.watchers.values()].some((other) => `${other}` === `${watcher}`);
    if (!known) this.watchers.set(this.monitor(watcher), this.use(watcher));
    return this.state;
  }

  private noteRestart(report: Report): void {
    if (report.context === "shutdown_error") return;
    const name = childName(report);
    const why = report.reason === undefined ? "" : `: ${describeReason(report.reason)}`;
    this.set({ name, level: "warn", details: `restarted${why}`, since: report.at });
  }

  private noteParked(report: Report): void {
    if (report.stray === true) {
      const details = `nobody answers for it${report.reason === undefined ? "" : `: ${describeReason(report.reason)}`}`;
      this.set({ name: "stray error", level: "warn", details, since: report.at });
      return;
    }
    const why = report.reason === undefined ? "" : `: ${describeReason(report.reason)}`;
    this.set({ name: childName(report), level: "error", details: `parked${why}`, since: report.at });
  }

  /** A child that had been parked runs again: it is on probation like any other that crashed. */
  private noteStart(report: Report): void {
    const name = childName(report);
    const known = this.unwell.get(name);
    if (known?.level === "error")
      this.set({ ...known, level: "warn", details: "back after having been parked", since: report.at });
  }

  private readParked(node: TreeNode): void {
    if (node.parked !== undefined) {
      this.set({
        name: node.name ?? node.behaviour,
        level: "error",
        details: `parked: ${node.parked.reason}`,
        since: Date.now(),
      });
    }
    for (const child of node.children ?? []) this.readParked(child);
  }

  private sample(): void {
    const now = Date.now();
    for (const [name, { level, since }] of this.unwell) {
      if (level === "warn" && now - since > RECOVERY_MS) this.unwell.delete(name);
    }
    const loopDelayMs = Math.round(this.loopDelay.percentile(99) / 1e6);
    this.loopDelay.reset();
    if (loopDelayMs > LOOP_DELAY_WARNS_MS) {
      const details = `the event loop was held up for ${loopDelayMs} ms`;
      this.unwell.set("event loop", { name: "event loop", level: "warn", details, since: now });
    }
    this.publish({ rssBytes: process.memoryUsage.rss(), loopDelayMs });
  }

  private set(component: ComponentHealth): void {
    this.unwell.set(component.name, { ...component, details: redact(component.details) });
    this.publish({});
  }

  private publish(sampled: Partial<Pick<Health, "rssBytes" | "loopDelayMs">>): void {
    const components = [...this.unwell.values()];
    const level = components.some((c) => c.level === "error") ? "error" : components.length > 0 ? "warn" : "ok";
    const changed = JSON.stringify(components) !== JSON.stringify(this.state.components);
    this.state = { ...this.state, ...sampled, level, components };
    if (changed) for (const watcher of this.watchers.values()) watcher.cast.healthChanged(this.state);
  }
}

function childName(report: Report): string {
  const { child } = report;
  if (typeof child !== "object" || child === null) return report.name ?? report.id;
  const { name, id }: { name?: unknown; id?: unknown } = child;
  return String(name ?? id ?? report.id);
}
