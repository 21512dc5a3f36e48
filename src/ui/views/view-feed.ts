// ViewFeed: reads for the screen what its views show, and does what is asked in them. A process of its own, so that neither a key nor
// a frame ever waits for the processes that are looked at: whatever one of these does, the screen goes on with what was last known.
//
// Permanent, shutdown at once. It holds the latest reports, which a fresh one has not; the screen watches it and asks again. It looks
// once a second at what is open, and at nothing else; one that has not answered is not asked again until it has.
import type { Audit } from "../../actors/audit/audit.js";
import { recordAction } from "../../actors/audit/audit.js";
import { appFigures, withFigures } from "../../actors/control/figures.js";
import { Interventions } from "../../actors/control/interventions.js";
import type { Inspected } from "../../actors/control/protocol.js";
import { shown, toldReport } from "../../actors/control/shown.js";
import { LogTail } from "../../actors/telemetry/log-tail.js";
import { redactAll } from "../../actors/telemetry/redact.js";
import { Watching } from "../../actors/watching.js";
import type { Aggregator } from "../../mcp/client/aggregator.js";
import { ManualCalls } from "../../mcp/client/manual-calls.js";
import type {
  NotificationBatch,
  NotificationBatchWatcher,
  NotificationCategory,
  NotificationHandler,
  RecordedNotification,
} from "../../mcp/client/notification-handler.js";
import type { ResourceCache } from "../../mcp/client/resource-cache.js";
import type { Router } from "../../mcp/client/router/router.js";
import type { ServerManager } from "../../mcp/client/server-manager.js";
import { type ServerStatus, shownState } from "../../mcp/client/server-status.js";
import {
  BanyanError,
  currentRuntime,
  GenServer,
  isDown,
  messageOf,
  type Named,
  type NoReply,
  noReply,
  type Ref,
  type Report,
  type ReportName,
  send,
  treeOf,
} from "../../supervision/index.js";
import { cacheLook, type HeardReport, type Look, type LookedAt, newestNotifications, seenServers } from "./looks.js";

export interface ViewFeedOptions {
  /** The supervisor at the top of the tree. */
  readonly root: Named<unknown>;
  readonly servers: Named<ServerManager>;
  readonly aggregator: Named<Aggregator>;
  readonly router: Router;
  readonly notifications: Named<NotificationHandler>;
  readonly resources: Named<ResourceCache>;
  readonly audit: Named<Audit>;
  /** The folder of the log. */
  readonly logs: string;
  readonly version: string;
}

/** Who shows it: the screen. */
export interface ViewWatcher {
  viewLook(look: Look, at: number): void;
  /** It could not be looked at. */
  viewFailed(of: LookedAt, why: string): void;
  viewReports(reports: readonly HeardReport[]): void;
  /** So many notifications came that the user may want to read. */
  viewNotified(count: number): void;
}

/** What can be done in a view. */
export type Deed =
  | { readonly do: "restart" | "suspend" | "resume" | "kill"; readonly process: string }
  | { readonly do: "connect" | "disconnect" | "restart"; readonly server: string }
  | { readonly do: "drop"; readonly server: string; readonly uri: string }
  | { readonly do: "clear cache" };

const LOOK_MS = 1_000;
/** Reports are told together, so long after the first, in milliseconds; more of them are counted. */
const GATHER_MS = 200;
const MOST_TOGETHER = 200;
const MOST_REPORTS = 500;
const REPORTS: readonly ReportName[] = ["crash", "supervisor", "progress", "overflow", "alert", "warning"];
/** What is worth a number in the status line; the rest is for whoever looks. */
const WORTH: readonly NotificationCategory[] = [
  "tools-changed",
  "resources-changed",
  "prompts-changed",
  "resource-updated",
  "log",
  "elicitation-complete",
  "fault",
];

/** The log's small talk is not. */
function isWorth({ notification }: RecordedNotification): boolean {
  return notification.type !== "log" || !/^(?:debug|info)$/.test(notification.level);
}

/** To itself. */
type Note = { readonly note: "look" } | { readonly note: "tell" } | { readonly note: "looked"; readonly of: LookedAt };

export class ViewFeed
  extends GenServer<ViewFeedOptions, { readonly lookingAt: readonly LookedAt[] }>
  implements NotificationBatchWatcher
{
  private options!: ViewFeedOptions; // set by init, as are the two below
  private interventions!: Interventions;
  private manual!: ManualCalls;
  private watcher: { readonly ref: Ref<ViewWatcher>; readonly monitor: number } | undefined;
  private log: LogTail | undefined;
  private readonly asked = new Set<LookedAt>();
  private cancelLook: (() => void) | undefined;
  private readonly reports: HeardReport[] = [];
  private untold: HeardReport[] = [];
  private readonly watching = new Watching({
    monitor: (ref) => this.monitor(ref),
    demonitor: (id) => this.demonitor(id, { flush: true }),
    send: (message) => send(this.self(), message),
    sendAfter: (ms, message) => void this.sendAfter(ms, message),
  });

  protected override init(options: ViewFeedOptions): void {
    this.options = options;
    this.state = { lookingAt: [] };
    this.interventions = new Interventions(options.root, this.self());
    this.manual = new ManualCalls(this.use(options.servers), this.use(options.aggregator), options.router);
    const { reports } = currentRuntime();
    for (const name of REPORTS) this.on(reports, name, (report: Report) => this.heard(report));
    const { notifications } = options;
    this.watching.begin(notifications, () =>
      this.use(notifications).call.subscribeBatched(this.self<ViewFeed>(), { categories: WORTH }, LOOK_MS),
    );
  }

  /** One screen at a time; the latest is told. It has heard nothing yet. */
  watch(watcher: Ref<ViewWatcher>): void {
    if (this.watcher !== undefined) this.demonitor(this.watcher.monitor, { flush: true });
    this.watcher = { ref: this.use(watcher), monitor: this.monitor(watcher) };
    this.watcher.ref.cast.viewReports([...this.reports]);
    this.untold = [];
  }

  /** From now on these are looked at, beginning now. */
  look(at: readonly LookedAt[]): void {
    this.state = { lookingAt: at };
    this.lookNow();
  }

  /** Answers what is to be said of it. */
  act(deed: Deed): NoReply | string {
    const from = this.from<string>();
    this.perform(deed)
      .then(
        (said) => from.reply(said),
        (error: unknown) => from.fail(error),
      )
      .finally(() => send(this.self(), { note: "look" } satisfies Note));
    return noReply;
  }

  inspect(process: string): NoReply | Inspected {
    const from = this.from<Inspected>();
    this.interventions.inspect(process).then(
      (inspected) => from.reply(inspected),
      (error: unknown) => from.fail(error),
    );
    return noReply;
  }

  notifiedTogether({ recorded }: NotificationBatch): void {
    const count = recorded.filter(isWorth).length;
    if (count > 0) this.watcher?.ref.cast.viewNotified(count);
  }

  protected override async handleInfo(message: unknown): Promise<void> {
    if (await this.watching.took(message)) return;
    if (isDown(message)) {
      if (message.id !== this.watcher?.monitor) return;
      this.watcher = undefined;
      this.look([]);
      return;
    }
    const note = message as Note; // nobody else sends to this process
    if (note.note === "look") this.lookNow();
    else if (note.note === "tell") this.tell();
    else if (note.note === "looked") this.asked.delete(note.of);
  }

  private lookNow(): void {
    this.cancelLook?.();
    const { lookingAt } = this.state;
    for (const of of lookingAt) if (!this.asked.has(of)) this.lookAt(of);
    this.cancelLook = lookingAt.length === 0 ? undefined : this.sendAfter(LOOK_MS, { note: "look" } satisfies Note);
  }

  /** Beside the mailbox, however long it takes. */
  private lookAt(of: LookedAt): void {
    this.asked.add(of);
    const self = this.self();
    this.read(of)
      .then(
        (look) => this.watcher?.ref.cast.viewLook(look, Date.now()),
        (error: unknown) => this.watcher?.ref.cast.viewFailed(of, messageOf(error)),
      )
      .finally(() => send(self, { note: "looked", of } satisfies Note));
  }

  private async read(of: LookedAt): Promise<Look> {
    const { root, servers, aggregator, router, notifications, resources, version, logs } = this.options;
    switch (of) {
      case "tree": {
        const tree = treeOf(root);
        if (tree === undefined) throw new BanyanError("no_tree", "The app is ending.");
        const seen = { event: "snapshot", at: Date.now(), app: appFigures(version), tree } as const;
        return { of, look: redactAll({ ...seen, tree: await withFigures(tree) }) };
      }
      case "servers":
        return {
          of,
          look: await seenServers(this.use(servers), this.use(aggregator), this.use(notifications), router),
        };
      case "logs":
        this.log ??= new LogTail(logs);
        return { of, look: await this.log.read() };
      case "notifications":
        return { of, look: await newestNotifications(this.use(notifications)) };
      case "cache":
        return { of, look: await cacheLook(this.use(resources)) };
    }
  }

  private async perform(deed: Deed): Promise<string> {
    const { audit, resources } = this.options;
    const record = (action: `process.${ProcessDeed}` | `server.${ServerDeed}`, subject: string): Promise<void> =>
      recordAction(this.use(audit), { action, subject, detail: { by: "a view of the chat" } });
    if ("process" in deed) {
      const { process } = deed;
      await record(`process.${deed.do}`, process);
      const { name, condition } = await this.interventions[deed.do](process);
      return `${name} is ${condition}.`;
    }
    if (deed.do === "clear cache") return `${await this.use(resources).call.clear()} resources are forgotten.`;
    if (deed.do === "drop") {
      await this.use(resources).call.invalidate(deed.server, deed.uri);
      return `${deed.uri} is forgotten.`;
    }
    await record(`server.${deed.do}`, deed.server);
    return saidOf(await this.manual.act(deed.do, deed.server));
  }

  // --- reports -----------------------------------------------------------------------------------------------------------

  private heard(report: Report): void {
    const heard = { report: toldReport(report) };
    this.reports.push(heard);
    if (this.reports.length > MOST_REPORTS) this.reports.shift();
    if (this.watcher === undefined) return;
    if (this.untold.length === 0) this.sendAfter(GATHER_MS, { note: "tell" } satisfies Note);
    this.untold.push(heard);
  }

  private tell(): void {
    const lost = this.untold.length - MOST_TOGETHER;
    const told = this.untold.slice(-MOST_TOGETHER);
    this.untold = [];
    if (told.length > 0) this.watcher?.ref.cast.viewReports(lost > 0 ? [{ lost }, ...told] : told);
  }
}

type ProcessDeed = Extract<Deed, { process: string }>["do"];
type ServerDeed = Extract<Deed, { server: string; uri?: never }>["do"];

function saidOf(status: ServerStatus): string {
  const why = status.reason === undefined ? "" : `: ${String(shown(status.reason))}`;
  return `${status.name} is ${shownState(status)}${why}`;
}
