// The MCP branch of the tree as the application starts it, for tests that need all of it.

import type { Store } from "../../../src/actors/store/store.js";
import { Aggregator } from "../../../src/mcp/client/aggregator.js";
import { LazyServerManager } from "../../../src/mcp/client/lazy-server-manager.js";
import type {
  ElicitationAnswer,
  Progress,
  SamplingAnswer,
  SamplingRequest,
} from "../../../src/mcp/client/mcp-types.js";
import { Minder } from "../../../src/mcp/client/minder.js";
import {
  type NotificationBatch,
  NotificationHandler,
  type RecordedNotification,
} from "../../../src/mcp/client/notification-handler.js";
import { ResourceCache, type ResourceCacheOptions } from "../../../src/mcp/client/resource-cache.js";
import type { ServerConfigInput } from "../../../src/mcp/client/server-config.js";
import type { ServerEvent } from "../../../src/mcp/client/server-events.js";
import { ServerManager, type ServerManagerOptions } from "../../../src/mcp/client/server-manager.js";
import {
  Application,
  child,
  DynamicSupervisor,
  type From,
  GenServer,
  type Named,
  type NoReply,
  named,
  noReply,
  type Pid,
} from "../../../src/supervision/index.js";
import { hostile } from "./support.js";

export interface Branch {
  app: Application;
  manager: Named<ServerManager>;
  minder: Named<Minder>;
  ports: Named<DynamicSupervisor>;
  wrappers: Named<DynamicSupervisor>;
  notifications: Named<NotificationHandler>;
  resources: Named<ResourceCache>;
  aggregator: Named<Aggregator>;
}

export async function startBranch(
  servers: readonly ServerConfigInput[],
  more: Partial<ServerManagerOptions> = {},
  cache: Partial<ResourceCacheOptions> = {},
): Promise<Branch> {
  const notifications = named<NotificationHandler>("NotificationHandler");
  const resources = named<ResourceCache>("ResourceCache");
  const minder = named<Minder>("Minder");
  const ports = named<DynamicSupervisor>("PortSupervisor");
  const wrappers = named<DynamicSupervisor>("ServerSupervisor");
  const manager = named<ServerManager>("ServerManager");
  const lazy = named<LazyServerManager>("LazyServerManager");
  const aggregator = named<Aggregator>("Aggregator");
  const options: ServerManagerOptions = {
    name: manager,
    wrappers,
    ports,
    minder,
    notifications,
    resources,
    clientInfo: { name: "banyan-test", version: "0.0.0" },
    servers,
    lazy,
    ...more,
  };
  const app = await Application.start({
    strategy: "one_for_one",
    maxRestarts: 10,
    maxSeconds: 5,
    children: [
      child(
        NotificationHandler,
        { store: named<Store>("Store"), project: "/p", run: "run-1" },
        { name: notifications },
      ),
      child(ResourceCache, { servers: manager, ...cache }, { name: resources }),
      child(Minder, undefined, { name: minder }),
      child(DynamicSupervisor, undefined, { name: ports }),
      child(DynamicSupervisor, undefined, { name: wrappers }),
      child(ServerManager, options, { name: manager }),
      child(LazyServerManager, { name: lazy, servers: manager }, { name: lazy }),
      child(
        Aggregator,
        { name: aggregator, servers: manager, store: more.store ?? named<Store>("Store"), project: "/p" },
        { name: aggregator },
      ),
    ],
  });
  return {
    ...{ app, minder, ports, wrappers, notifications },
    ...{ manager: patient(manager), resources: patient(resources), aggregator: patient(aggregator) },
  };
}

/** What starts a server for its answer has time on a busy machine. */
const patient = <T>(name: Named<T>): Named<T> => name.with({ timeout: 100_000 }) as Named<T>; // a name stays one

/** The settings of a hostile server, quick to give up and to come back. */
export function hostileServer(flags: readonly string[] = [], more: Partial<ServerConfigInput> = {}): ServerConfigInput {
  return {
    name: "bad",
    command: process.execPath,
    args: [hostile, ...flags],
    restartDelayMs: 50,
    graceMs: 150,
    ...more,
  };
}

/** Collects what is cast to it, and lets a test await the first that fits. */
export class Recorder extends GenServer<void, { seen: readonly unknown[] }> {
  private readonly events: ServerEvent[] = [];
  private readonly notes: RecordedNotification[] = [];
  private readonly batches: NotificationBatch[] = [];
  private readonly progressed: { callId: string; progress: Progress }[] = [];
  private readonly forms: string[] = [];
  private readonly held: From<ElicitationAnswer>[] = [];
  private released = false;
  private waiting: (() => boolean)[] = [];

  serverEvent(event: ServerEvent): void {
    this.events.push(event);
    this.look();
  }

  notified(recorded: RecordedNotification): void {
    this.notes.push(recorded);
    this.look();
  }

  notifiedTogether(batch: NotificationBatch): void {
    this.batches.push(batch);
    this.look();
  }

  /** The next batch that has not been awaited before. */
  batch(): NotificationBatch | NoReply {
    return this.await(this.batches, () => true);
  }

  toolProgress(callId: string, progress: Progress): void {
    this.progressed.push({ callId, progress });
    this.look();
  }

  /** The form is filled in with a fixed name. */
  elicit(request: { readonly message: string }): ElicitationAnswer | NoReply {
    this.forms.push(request.message);
    if (request.message === "nobody") return { action: "decline" };
    if (request.message === "slow") {
      const from = this.from<ElicitationAnswer>();
      setTimeout(() => from.reply({ action: "accept", values: { name: "at last" } }), 500);
      return noReply;
    }
    if (request.message.startsWith("held") && !this.released) {
      this.held.push(this.from<ElicitationAnswer>());
      return noReply;
    }
    return { action: "accept", values: { name: `for ${request.message}` } };
  }

  /** Forms whose message begins with "held" wait for this. */
  release(): void {
    this.released = true;
    for (const from of this.held) from.reply({ action: "accept", values: { name: "at last" } });
  }

  /** The messages of all forms so far. */
  elicited(): readonly string[] {
    return this.forms;
  }

  sample({ messages }: SamplingRequest): SamplingAnswer {
    return { allowed: true, model: "made up", text: `to ${messages.at(-1)?.text}`, stopReason: "endTurn" };
  }

  elicitationWithdrawn(_id: string): void {}

  allEvents(): readonly ServerEvent[] {
    return this.events;
  }

  allProgress(): readonly { callId: string; progress: Progress }[] {
    return this.progressed;
  }

  /** The next event of this type that has not been awaited before. */
  event(type: ServerEvent["type"], server?: string): ServerEvent | NoReply {
    const fits = (event: ServerEvent): boolean =>
      event.type === type && (server === undefined || event.server === server);
    return this.await(this.events, fits);
  }

  notifications(): readonly RecordedNotification[] {
    return this.notes;
  }

  notification(category: string, containing = ""): RecordedNotification | NoReply {
    return this.await(this.notes, (note) => note.category === category && JSON.stringify(note).includes(containing));
  }

  private readonly taken = new Set<unknown>();

  private await<T>(list: readonly T[], fits: (item: T) => boolean): NoReply {
    const from = this.from<T>();
    const attempt = (): boolean => {
      const found = list.find((item) => !this.taken.has(item) && fits(item));
      if (found === undefined) return false;
      this.taken.add(found);
      from.reply(found);
      return true;
    };
    if (!attempt()) this.waiting.push(attempt);
    return noReply;
  }

  private look(): void {
    this.waiting = this.waiting.filter((attempt) => !attempt());
  }
}

export const startRecorder = async (): Promise<Pid<Recorder>> =>
  (await Recorder.start()).with({ timeout: 80_000 }) as Pid<Recorder>;
