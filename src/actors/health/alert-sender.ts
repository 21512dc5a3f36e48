// AlertSender: takes alerts out of the program, to a command or to a web address. It tells one message at a time and no more than
// one in an interval; what comes meanwhile is told together in the next, the newest of each part.
//
// permanent, in the tree only where a command or an address is configured; shutdown at once. It keeps nothing: after a crash of
// its own it tells of everything that is not well then, rather twice than not at all.
import { GenServer, messageOf, type Named, send } from "../../supervision/index.js";
import { resolveReferences } from "../config/references.js";
import { Watching } from "../watching.js";
import { type Alert, AlertFollower } from "./alerts.js";
import { type AlertMessage, postAlert, runCommand, summaryOf } from "./deliver.js";
import type { Health, HealthWatcher } from "./health.js";
import type { HealthMonitor } from "./health-monitor.js";
import { Condition, type HealthStatus } from "./status.js";

export interface AlertSenderOptions {
  /** This process's own name: its own trouble is told by others. */
  readonly name: Named<AlertSender>;
  readonly health: Named<HealthMonitor>;
  /** Program and arguments; empty: none. */
  readonly command: readonly string[];
  /** An address, or a reference to one. */
  readonly webhook: string | undefined;
  readonly timeoutMs: number;
  readonly intervalMs: number;
}

interface SenderState {
  told: number;
  /** Messages that could not be told. */
  failed: number;
  lastProblem: string | undefined;
}

/** The delivery under way has ended; `problem` says what went wrong. */
class Delivered {
  constructor(readonly problem: string | undefined) {}
}
const DUE = "the interval is over";
/** Parts of which an alert waits; more are counted only. */
const MOST_WAITING = 100;

export class AlertSender extends GenServer<AlertSenderOptions, SenderState> implements HealthWatcher {
  private options!: AlertSenderOptions; // set by init
  private readonly follower = new AlertFollower();
  private readonly condition = new Condition();
  private readonly watching = new Watching({
    monitor: (ref) => this.monitor(ref),
    demonitor: (id) => this.demonitor(id, { flush: true }),
    send: (message) => send(this.self(), message),
    sendAfter: (ms, message) => void this.sendAfter(ms, message),
  });
  /** By part: the newest alert of each. */
  private waiting = new Map<string, Alert>();
  /** Alerts that a newer one of their part replaced, or for which there was no room. */
  private heldBack = 0;
  private underWay = false;
  private resting = false;

  protected override init(options: AlertSenderOptions) {
    this.options = options;
    this.state = { told: 0, failed: 0, lastProblem: undefined };
    const health = this.use(options.health);
    this.watching.begin(options.health, async () =>
      this.statusChanged(await health.call.watch(this.self<AlertSender>())),
    );
  }

  protected override async handleInfo(message: unknown): Promise<void> {
    if (await this.watching.took(message)) return;
    if (message instanceof Delivered) this.delivered(message);
    else if (message === DUE) this.resting = false;
    this.tell();
  }

  statusChanged(health: Health): void {
    for (const alert of this.follower.update(health)) if (alert.component !== this.options.name.name) this.take(alert);
    this.tell();
  }

  getStatus(): HealthStatus {
    const { lastProblem, told } = this.state;
    if (lastProblem !== undefined) return this.condition.say("warn", `an alert could not be told: ${lastProblem}`);
    return this.condition.say("ok", `${told} messages told`);
  }

  private take(alert: Alert): void {
    const { component } = alert;
    if (this.waiting.has(component) || this.waiting.size >= MOST_WAITING) this.heldBack++;
    if (this.waiting.has(component) || this.waiting.size < MOST_WAITING) this.waiting.set(component, alert);
  }

  private tell(): void {
    if (this.underWay || this.resting || this.waiting.size === 0) return;
    const alerts = [...this.waiting.values()];
    const message: AlertMessage = {
      app: "banyan",
      pid: process.pid,
      at: new Date().toISOString(),
      summary: summaryOf(alerts, this.heldBack),
      alerts,
      heldBack: this.heldBack,
    };
    this.waiting = new Map();
    this.heldBack = 0;
    this.underWay = true;
    this.resting = true;
    this.sendAfter(this.options.intervalMs, DUE);
    const self = this.self();
    void this.deliver(message).then((problem) => send(self, new Delivered(problem)));
  }

  /** Beside the mailbox: a program that hangs holds up nobody. */
  private async deliver(message: AlertMessage): Promise<string | undefined> {
    const { command, webhook, timeoutMs } = this.options;
    const options = { timeoutMs, signal: this.signal };
    const ways = [
      ...(command.length === 0 ? [] : [runCommand(command, message, options)]),
      ...(webhook === undefined ? [] : [this.post(webhook, message, options)]),
    ];
    const ended = await Promise.allSettled(ways);
    return ended.flatMap((end) => (end.status === "rejected" ? [messageOf(end.reason)] : []))[0];
  }

  private async post(webhook: string, message: AlertMessage, options: Parameters<typeof postAlert>[2]): Promise<void> {
    await postAlert(resolveReferences(webhook, process.env), message, options);
  }

  private delivered({ problem }: Delivered): void {
    this.underWay = false;
    const { told, failed } = this.state;
    this.state =
      problem === undefined
        ? { told: told + 1, failed, lastProblem: undefined }
        : { told, failed: failed + 1, lastProblem: problem };
  }
}
