// HealthMonitor: how well each part is, and all of it together. Again and again it looks: it asks every named process that can say
// how it is, all at once and each with a deadline of its own, reads mailboxes off the tree, and takes the program's vital signs.
// Crashes and parked children it hears of at once, through the framework's reports. It changes nothing.
//
// What a temporary child does, such as a server's program that ends, is the business of whoever started it: the ServerManager says
// how its servers are, and their ends are no restarts here.
//
// permanent; shutdown at once. After a crash it learns again what it knew: parked children from the tree, the rest with its first
// look; what it counted (restarts, calls) begins anew. Whoever watches it by name watches again, see watching.ts.
import {
  currentRuntime,
  type Down,
  describeReason,
  GenServer,
  isDown,
  type Named,
  named,
  type Ref,
  type Report,
  send,
  type TreeNode,
  treeOf,
  whereis,
} from "../../supervision/index.js";
import type { Settings } from "../config/schema.js";
import { type Alert, AlertFollower } from "./alerts.js";
import { ErrorBudget } from "./error-budget.js";
import { Findings } from "./findings.js";
import { Gauge, type Thresholds } from "./gauge.js";
import type { Health, HealthWatcher } from "./health.js";
import { type Answers, askAll, oneLine } from "./probe.js";
import { RestartLog } from "./restart-log.js";
import { worstOf } from "./status.js";
import { VitalSigns, type Vitals } from "./vitals.js";

export interface HealthOptions {
  /** This process's own name: it does not ask itself. */
  readonly name: Named<HealthMonitor>;
  /** The supervisor at the top of the tree. */
  readonly root: Named<unknown>;
  readonly settings: Settings["health"];
}

const LOOK = "look";
/** A child that had been parked counts as unwell until it has lasted this long. */
const PROBATION_MS = 30_000;
const MEGABYTE = 1024 * 1024;
/** The first look waits until the tree stands. */
const FIRST_LOOK_MS = 500;
const VITALS = new Set(["memory", "heap", "event loop", "garbage collector", "error budget"]);

export class HealthMonitor extends GenServer<HealthOptions, Health> {
  private options!: HealthOptions; // set by init, as the three below
  private budget!: ErrorBudget;
  private restarts!: RestartLog;
  private vitals!: VitalSigns;
  /** What failed last. */
  private lastFailure = "";
  private readonly runtime = currentRuntime();
  private readonly findings = new Findings();
  private readonly gauges = new Map<string, Gauge>();
  private readonly follower = new AlertFollower();
  private readonly watchers = new Map<number, Ref<HealthWatcher>>();

  protected override init(options: HealthOptions) {
    this.options = options;
    const { error_budget, budget_window, budget_min_calls, restarts_window } = options.settings;
    this.budget = new ErrorBudget({ share: error_budget / 100, windowMs: budget_window, minCalls: budget_min_calls });
    this.restarts = new RestartLog(restarts_window);
    this.vitals = new VitalSigns();
    this.signal.addEventListener("abort", () => this.vitals.stop(), { once: true });
    this.on(this.runtime.reports, "supervisor", (report: Report) => this.noteRestart(report));
    this.on(this.runtime.reports, "alert", (report: Report) => this.noteParked(report));
    this.on(this.runtime.reports, "progress", (report: Report) => this.noteStart(report));
    this.state = {
      level: "ok",
      score: 100,
      live: true,
      ready: false,
      components: [],
      vitals: this.vitals.look(),
      budget: this.budget.state(this.runtime.now),
      checkedAt: undefined,
    };
    const tree = treeOf(options.root);
    if (tree !== undefined) this.readParked(tree);
    this.publish({});
    this.sendAfter(Math.min(FIRST_LOOK_MS, options.settings.poll_interval), LOOK);
  }

  protected override handleInfo(message: typeof LOOK | Answers | Down) {
    if (isDown(message)) this.watchers.delete(message.id);
    else if (message === LOOK) this.look();
    else this.answered(message);
  }

  // --- asked by others ---------------------------------------------------------------------------------------------------

  /** As of now: `live` and `ready` are looked up, the rest is as of the last look and the reports since. */
  health(): Health {
    return { ...this.state, ...this.readiness(), budget: this.budget.state(this.runtime.now) };
  }

  /** Casts every change to the watcher, until it ends. Watching twice is watching once. */
  watch(watcher: Ref<HealthWatcher>): Health {
    const known = [...this.watchers.values()].some((other) => `${other}` === `${watcher}`);
    if (!known) this.watchers.set(this.monitor(watcher), this.use(watcher));
    return this.state;
  }

  /** A call of `what` has ended: a tool by its name, the model, a turn. To be cast; costs the same whatever came before. */
  record(ok: boolean, what: string): void {
    this.budget.record(ok, this.runtime.now);
    if (!ok) this.lastFailure = what;
  }

  // --- told by the framework ---------------------------------------------------------------------------------------------

  private noteRestart(report: Report): void {
    const child = childOf(report);
    if (!["child_terminated", "start_error"].includes(String(report.context)) || child.restart === "temporary") return;
    this.restarts.add(child.name, { at: this.runtime.now, epoch: report.at, why: reasonOf(report) });
    this.judgeRestarts();
    this.publish({});
  }

  private noteParked(report: Report): void {
    if (report.parked === undefined) return;
    const details = `parked after too many crashes${reasonOf(report)}`;
    this.findings.set(childOf(report).name, "supervisor", { level: "error", details, since: report.at });
    this.publish({});
  }

  /** A child that had been parked runs again. */
  private noteStart(report: Report): void {
    const { name } = childOf(report);
    if (this.findings.get(name, "supervisor")?.level !== "error") return;
    const details = "back after having been parked";
    this.findings.set(name, "supervisor", { level: "warn", details, since: report.at });
    this.publish({});
  }

  private readParked(node: TreeNode): void {
    if (node.parked !== undefined) {
      const details = `parked after too many crashes: ${oneLine(node.parked.reason)}`;
      this.findings.set(node.name ?? node.behaviour, "supervisor", {
        level: "error",
        details,
        since: this.runtime.epoch,
      });
    }
    for (const child of node.children ?? []) this.readParked(child);
  }

  // --- looking -----------------------------------------------------------------------------------------------------------

  private look(): void {
    const { root, name, settings } = this.options;
    const vitals = this.vitals.look();
    this.judgeVitals(vitals);
    this.judgeRestarts();
    this.endProbations();
    const tree = treeOf(root);
    if (tree !== undefined) {
      this.judgeMailboxes(tree);
      // Beside the mailbox: who is slow to answer holds up nobody.
      const self = this.self();
      const asked = askAll(tree, { except: name.name, critical: settings.critical, timeoutMs: settings.poll_timeout });
      void asked.then((answers) => send(self, answers));
    }
    this.publish({ vitals });
  }

  /** Of a part that did not get to answer, because it is being stopped or started, what is known stays. */
  private answered({ answers, there }: Answers): void {
    const now = this.runtime.epoch;
    for (const [name] of this.findings.of("status")) if (!there.has(name)) this.findings.clear(name, "status");
    for (const { name, status } of answers) {
      if (status === undefined) continue;
      const known = this.findings.get(name, "status");
      const since = "since" in status ? status.since : known?.level === status.level ? known.since : now;
      if (status.level === "ok") this.findings.clear(name, "status");
      else this.findings.set(name, "status", { ...status, since });
    }
    this.publish({ checkedAt: now });
    this.sendAfter(this.options.settings.poll_interval, LOOK);
  }

  private judgeVitals({ rssBytes, heapPercent, loopDelayMs, gcPauseMs }: Vitals): void {
    const { settings } = this.options;
    const { rss_warn, rss_error, heap_warn, heap_error, loop_delay_warn, gc_pause_warn } = settings;
    const megabytes = Math.round(rssBytes / MEGABYTE);
    this.gauge("memory", rssBytes, { warn: rss_warn, error: rss_error }, `${megabytes} MB are in use`);
    this.gauge("heap", heapPercent, { warn: heap_warn, error: heap_error }, `${heapPercent} % of the heap is in use`);
    // One alone is a large import or a large answer; it is worth a word when it goes on.
    this.gauge(
      "event loop",
      loopDelayMs,
      { warn: loop_delay_warn, patience: 2 },
      `it was held up for ${loopDelayMs} ms`,
    );
    this.gauge(
      "garbage collector",
      gcPauseMs,
      { warn: gc_pause_warn, patience: 2 },
      `it stopped everything for ${gcPauseMs} ms`,
    );
    const { total, failed, allowed, spent } = this.budget.state(this.runtime.now);
    const calls = `${failed} of ${total} calls failed, and ${allowed} may; the last was ${oneLine(this.lastFailure)}`;
    this.gauge("error budget", spent, { warn: 100 }, calls);
  }

  /** Every process, the unnamed too; one that is gone has no mailbox. */
  private judgeMailboxes(tree: TreeNode): void {
    const { mailbox_warn: warn, mailbox_error: error } = this.options.settings;
    const seen = new Set<string>();
    const judge = (node: TreeNode): void => {
      const name = node.name ?? `${node.behaviour}${node.id}`;
      seen.add(name);
      if (node.mailbox >= warn || this.gauges.has(name))
        this.gauge(name, node.mailbox, { warn, error }, `${node.mailbox} messages wait in its mailbox`);
      for (const child of node.children ?? []) judge(child);
    };
    judge(tree);
    for (const [name] of this.findings.of("gauge")) {
      if (seen.has(name) || VITALS.has(name)) continue;
      this.gauges.delete(name);
      this.findings.clear(name, "gauge");
    }
  }

  private gauge(name: string, value: number, thresholds: Thresholds, details: string): void {
    const gauge = this.gauges.get(name) ?? new Gauge();
    const before = gauge.level;
    const level = gauge.read(value, thresholds);
    this.gauges.set(name, gauge);
    if (level === before) return;
    if (level !== "ok") this.findings.set(name, "gauge", { level, details, since: this.runtime.epoch });
    else {
      this.findings.clear(name, "gauge");
      this.gauges.delete(name);
    }
  }

  /** Fewer than the threshold cost a little of the score and no more: being restarted is what processes here are made for. */
  private judgeRestarts(): void {
    const { restarts_warn } = this.options.settings;
    for (const [name] of this.findings.of("restarts")) this.findings.clear(name, "restarts");
    for (const { name, count, last, since } of this.restarts.recent(this.runtime.now)) {
      const times = count === 1 ? "once" : `${count} times`;
      this.findings.set(name, "restarts", {
        level: count >= restarts_warn ? "warn" : "ok",
        details: `restarted ${times}${last}`,
        since,
        score: Math.max(60, 100 - 10 * count),
      });
    }
  }

  private endProbations(): void {
    const until = this.runtime.epoch - PROBATION_MS;
    for (const [name, { level, since }] of this.findings.of("supervisor"))
      if (level === "warn" && since <= until) this.findings.clear(name, "supervisor");
  }

  // --- rolling up --------------------------------------------------------------------------------------------------------

  private readiness(): Pick<Health, "live" | "ready"> {
    const { root, settings } = this.options;
    const bad = new Set(this.state.components.flatMap(({ name, level }) => (level === "error" ? [name] : [])));
    return {
      live: whereis(root)?.alive === true,
      ready: settings.critical.every((name) => !bad.has(name) && whereis(named(name))?.inspect().status === "running"),
    };
  }

  /** Tells whoever watches, if there is news for people; numbers that moved are none. */
  private publish(news: Partial<Pick<Health, "vitals" | "checkedAt">>): void {
    const before = this.state;
    const components = this.findings.components();
    const changed = JSON.stringify(components) !== JSON.stringify(before.components);
    const first = before.checkedAt === undefined && news.checkedAt !== undefined;
    this.state = {
      ...before,
      ...news,
      level: worstOf(components.map(({ level }) => level)),
      score: Math.min(100, ...components.map(({ score }) => score)),
      components,
      budget: this.budget.state(this.runtime.now),
    };
    this.state = { ...this.state, ...this.readiness() };
    if (!changed && !first && before.ready === this.state.ready) return;
    this.setLabel(`${this.state.level}, score ${this.state.score}`);
    for (const watcher of this.watchers.values()) watcher.cast.statusChanged(this.state);
    for (const alert of this.follower.update(this.state)) this.raise(alert);
  }

  private raise({ level, ...alert }: Alert): void {
    const { id } = this.self();
    this.runtime.report("alert", { id, name: this.options.name.name }, { health: level, ...alert });
  }
}

/** Reports of supervisors carry the child they are about. */
function childOf(report: Report): { readonly name: string; readonly restart: unknown } {
  const { child } = report;
  if (typeof child !== "object" || child === null) return { name: report.name ?? report.id, restart: undefined };
  const { name, id, restart }: { name?: unknown; id?: unknown; restart?: unknown } = child;
  return { name: String(name ?? id ?? report.id), restart };
}

function reasonOf({ reason }: Report): string {
  return reason === undefined ? "" : `: ${oneLine(describeReason(reason))}`;
}
