// Sees to it that each server has the wrapper it should have: starts it, takes over one that runs already, ends it when its settings
// have changed or it is to go, and starts one that crashed again, later each time, until it is parked. It is the half of the
// ServerManager that looks towards the wrappers; the manager itself looks towards those who ask.
import { announce } from "../../actors/telemetry/happenings.js";
import {
  describeReason,
  type ExitReason,
  type Pid,
  type Ref,
  type Result,
  startChild,
  whichChildren,
} from "../../supervision/index.js";
import { backoffMs, STABLE_MS } from "./connection-machine.js";
import type { ServerConfig } from "./server-config.js";
import type { ServerEntries } from "./server-entries.js";
import { ServerEntry } from "./server-entry.js";
import { toldOf } from "./server-events.js";
import { isUp, type ServerStatus } from "./server-status.js";
import { type ServerWrapper, wrapperSpec } from "./server-wrapper.js";
import type { WrapperOptions } from "./wrapper-options.js";

/** News for {@link WrapperCare.noted}. */
export type WrapperNote =
  | { readonly type: "started"; readonly server: string; readonly result: Result<Pid | undefined> }
  | { readonly type: "restart"; readonly server: string };

/** What the manager does for it. */
export interface WrapperCareHost {
  readonly entries: ServerEntries;
  /** The supervisor that wrappers run under. */
  wrappers(): Ref<unknown>;
  use<T>(ref: Ref<T>): Ref<T>;
  monitor(ref: Ref<unknown>): number;
  /** Brings the note back through the mailbox. */
  tell(note: WrapperNote): void;
  after(ms: number, note: WrapperNote): () => void;
  optionsOf(config: ServerConfig): WrapperOptions;
  /** What the server is as it would be reached now, for the cache of lists. */
  originOf(config: ServerConfig): string;
  statusChanged(status: ServerStatus): void;
  /** The server begins, with the settings it has now. `again`: it ran with others until now. */
  begun(entry: ServerEntry, again: boolean): void;
  /** There is a wrapper, for those who wait for one. */
  running(entry: ServerEntry): void;
  /** It should not be, and is no more. */
  gone(entry: ServerEntry): void;
}

const DESCRIBE_TIMEOUT = 2_000;
const FOREVER = Number.POSITIVE_INFINITY;

export class WrapperCare {
  constructor(private readonly host: WrapperCareHost) {}

  /** Takes over the wrappers that run, as they are. One that ends while it is asked is not there. */
  async adopt(servers: readonly ServerConfig[]): Promise<void> {
    const children = await whichChildren(this.host.wrappers());
    await Promise.allSettled(
      children.map(async ({ pid }) => {
        if (pid === undefined || pid === "restarting") return;
        const wrapper = pid as Pid<ServerWrapper>; // this supervisor has no others
        const found = await this.host.use(wrapper).with({ timeout: DESCRIBE_TIMEOUT }).call.describe();
        const wanted = servers.find(({ name }) => name === found.config.name);
        const entry = new ServerEntry(found.ending ? (wanted ?? found.config) : found.config);
        entry.wanted = !found.ending || wanted !== undefined;
        entry.ending = found.ending;
        entry.status = found.status;
        entry.told = toldOf(found.status);
        entry.origin = this.host.originOf(entry.config);
        if (found.status.asleep !== true) {
          entry.setLists(found.lists);
          entry.live = true;
          entry.whole = true; // it has run for a while
        }
        this.host.entries.put(entry);
        this.watch(entry, wrapper);
      }),
    );
  }

  add(config: ServerConfig): void {
    const entry = new ServerEntry(config);
    this.host.entries.put(entry);
    this.begin(entry, false);
  }

  /** From now on it is as these settings say. */
  replace(entry: ServerEntry, config: ServerConfig): void {
    const { drainMs } = entry.config;
    entry.config = config;
    if (config.drainMs > 0) {
      entry.stale = entry.lists !== undefined;
      entry.live = false;
    } else if (config.start === "lazy") entry.forgetLists();
    // One that ran is to run on: what it knows would be lost while it sleeps.
    entry.wish = entry.stale && isUp(entry.status.state) ? "connect" : undefined;
    entry.listsWanted = entry.stale;
    entry.wanted = true;
    entry.crashes = 0;
    if (entry.wrapper === undefined && !entry.starting) this.begin(entry, false);
    else this.end(entry, drainMs);
  }

  remove(entry: ServerEntry): void {
    entry.wanted = false;
    entry.cancelRestart();
    if (entry.wrapper === undefined && !entry.starting) this.ended(entry, "removed");
    else this.end(entry, entry.config.drainMs);
  }

  /** Starts its wrapper if it has none. */
  start(entry: ServerEntry): void {
    entry.cancelRestart();
    if (entry.starting || entry.wrapper !== undefined) return;
    entry.starting = true;
    const { wrappers, tell, optionsOf } = this.host;
    const server = entry.name;
    void startChild(wrappers(), wrapperSpec(optionsOf(entry.config))).then((result) =>
      tell({ type: "started", server, result }),
    );
  }

  connect(entry: ServerEntry): void {
    if (entry.wrapper !== undefined) this.host.use(entry.wrapper).cast.connect();
    else {
      entry.wish = "connect";
      this.start(entry);
    }
  }

  /** Connects now and forgets earlier failures. */
  retry(entry: ServerEntry): void {
    entry.crashes = 0;
    if (entry.wrapper === undefined) this.connect(entry);
    else this.host.use(entry.wrapper).cast.retry();
  }

  /** Resolves when the server's program is gone. */
  async disconnect(entry: ServerEntry): Promise<void> {
    entry.cancelRestart();
    if (entry.wrapper === undefined) {
      entry.wish = "disconnect";
      this.host.statusChanged(entry.bareStatus("disconnected"));
      this.start(entry); // who remembers it, if the manager crashes
    } else {
      const wrapper = this.host.use(entry.wrapper).with({ timeout: FOREVER });
      await wrapper.call.disconnect().catch(() => {}); // a wrapper that ended has ended its program
    }
  }

  noted(note: WrapperNote): void {
    const entry = this.host.entries.get(note.server);
    if (entry === undefined) return;
    if (note.type === "restart") this.start(entry);
    else this.started(entry, note.result);
  }

  /** The process with this monitor has ended; it may be no wrapper. */
  down(monitor: number, reason: ExitReason): void {
    const entry = this.host.entries.all.find((one) => one.monitor === monitor);
    if (entry !== undefined) this.ended(entry, describeReason(reason));
  }

  /** As its settings have it: a lazy server is not needed yet. */
  private begin(entry: ServerEntry, again: boolean): void {
    entry.origin = this.host.originOf(entry.config);
    entry.status = entry.firstStatus();
    if (entry.status.asleep !== true || entry.wish !== undefined || entry.listsWanted) this.start(entry);
    this.host.begun(entry, again);
  }

  private started(entry: ServerEntry, result: Result<Pid | undefined>): void {
    entry.starting = false;
    if ("error" in result || result.ok === undefined) {
      this.ended(entry, "error" in result ? `it could not be started (${result.error})` : "it did not start");
      return;
    }
    const started = result.ok as Pid<ServerWrapper>; // the spec says so
    this.watch(entry, started);
    // Changed or removed while it was being started.
    if (entry.ending) return this.end(entry);
    const wrapper = this.host.use(started);
    if (entry.wish === "connect") wrapper.cast.connect(entry.stale);
    else if (entry.wish === "disconnect") void wrapper.call.disconnect().catch(() => {});
    else if (entry.config.start === "lazy" && entry.status.asleep !== true)
      this.host.statusChanged(entry.firstStatus());
    entry.wish = undefined;
    this.host.running(entry);
  }

  private watch(entry: ServerEntry, wrapper: Pid<ServerWrapper>): void {
    entry.wrapper = wrapper;
    entry.monitor = this.host.monitor(wrapper);
    entry.startedAt = performance.now();
  }

  private end(entry: ServerEntry, drainMs = 0): void {
    entry.ending = true;
    if (entry.wrapper !== undefined) this.host.use(entry.wrapper).cast.end(drainMs);
    announce({ type: "tools", server: entry.group }); // whoever remembers the way to it asks again, and waits
  }

  private ended(entry: ServerEntry, reason: string): void {
    entry.wrapper = undefined;
    entry.monitor = undefined;
    if (!entry.wanted) {
      this.host.entries.delete(entry);
      this.host.gone(entry);
    } else if (entry.ending) {
      entry.ending = false;
      this.begin(entry, true);
    } else {
      this.crashed(entry, `its wrapper ended: ${reason}`);
    }
  }

  /** A wrapper that crashes again and again is parked like a server that does. */
  private crashed(entry: ServerEntry, reason: string): void {
    const { maxRestarts, restartDelayMs } = entry.config;
    if (performance.now() - entry.startedAt >= STABLE_MS) entry.crashes = 0;
    if (entry.crashes >= maxRestarts) {
      this.host.statusChanged(entry.bareStatus("parked", { reason, attempts: entry.crashes }));
      return;
    }
    const attempts = ++entry.crashes;
    const retryInMs = backoffMs(restartDelayMs, attempts, Math.random());
    entry.cancelRestart = this.host.after(retryInMs, { type: "restart", server: entry.name });
    this.host.statusChanged(entry.bareStatus("backoff", { reason, retryInMs, attempts }));
  }
}
