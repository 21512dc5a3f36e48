// The Aggregator: what all servers offer together, under `server.name`, always in the same order. It hears from the ServerManager
// what each server offers, takes only what has changed, and tells its own watchers once for a burst of changes. Calls do not pass
// through here.
//
// Permanent, shutdown at once. After a crash it asks the ServerManager for everything again, and its watchers, who monitor it by
// name, subscribe again. While the ServerManager is away it goes on to answer with what it knows.
import { Condition, type HealthStatus } from "../../actors/health/status.js";
import type { Store } from "../../actors/store/store.js";
import { Watching } from "../../actors/watching.js";
import { GenServer, isDown, type Named, type Ref, send } from "../../supervision/index.js";
import { fingerprint } from "./fingerprint.js";
import type { NamespacedTool } from "./mcp-types.js";
import { type ListChange, listChange } from "./offer-change.js";
import { compare, type ListKind, listKinds, noOffer, type Offer } from "./server-lists.js";
import type { OfferWatcher, ServerManager } from "./server-manager.js";
import { type ToolChange, ToolPins } from "./tool-pins.js";

export interface AggregatorOptions {
  readonly name: Named<Aggregator>;
  readonly servers: Named<ServerManager>;
  readonly store: Ref<Store>;
  /** The folder whose approvals and pins these are. */
  readonly project: string;
}

/** A tool with all that is known about it; `since` is when it was seen first like this, or accepted. */
export interface DescribedTool extends NamespacedTool {
  readonly fingerprint: string;
  /** Epoch milliseconds. */
  readonly since?: number;
  readonly change?: ToolChange;
}

/** What is different since the last time; a list that is the same is absent. */
export type CapabilityChange = { readonly [Kind in ListKind]?: ListChange };

export interface CapabilityWatcher {
  capabilitiesChanged(change: CapabilityChange): void;
  /** These are other tools than those the user has seen or accepted. */
  toolsDiffer(changes: readonly ToolChange[]): void;
}

/** Changes within this time are told together. */
const BURST_MS = 50;
const TELL = "tell";

export class Aggregator
  extends GenServer<AggregatorOptions, { readonly servers: number; readonly tools: number }>
  implements OfferWatcher
{
  private readonly offers = new Map<string, Offer>();
  /** Servers that have said in this run what they offer, and whose tools are to be held against their pins. */
  private readonly unlooked = new Set<string>();
  /** Since the start, the latest of each tool. */
  private readonly differing = new Map<string, ToolChange>();
  /** Of the servers that have changed since: what the watchers know of them. */
  private readonly untold = new Map<string, Offer>();
  private pins!: ToolPins; // set by init
  private union: Offer | undefined;
  private readonly watchers = new Map<number, Ref<CapabilityWatcher>>();
  private readonly condition = new Condition();
  private readonly watching = new Watching({
    monitor: (ref) => this.monitor(ref),
    demonitor: (id) => this.demonitor(id, { flush: true }),
    send: (message) => send(this.self(), message),
    sendAfter: (ms, message) => void this.sendAfter(ms, message),
  });

  protected override init({ name, servers, store, project }: AggregatorOptions): void {
    this.pins = new ToolPins(this.use(store), project);
    this.state = { servers: 0, tools: 0 };
    // Its first message, so whoever asks is answered when everything is known.
    this.watching.begin(servers, async () => {
      const known = await this.use(servers).call.watchOffers(name);
      const names = new Set(known.map(({ server }) => server));
      for (const server of this.offers.keys()) if (!names.has(server)) this.offerChanged(server, noOffer, false);
      for (const { server, offer, live } of known) this.offerChanged(server, offer, live);
    });
  }

  getStatus(): HealthStatus {
    const { servers, tools } = this.state;
    return this.condition.say("ok", `${tools} tools of ${servers} servers`);
  }

  /** Every tool that can be called now, or once its server is back, as `server.tool`. */
  tools(): readonly NamespacedTool[] {
    return this.all().tools;
  }

  resources(): Offer["resources"] {
    return this.all().resources;
  }

  templates(): Offer["templates"] {
    return this.all().templates;
  }

  prompts(): Offer["prompts"] {
    return this.all().prompts;
  }

  /** The same with what is known about each. */
  async describedTools(): Promise<readonly DescribedTool[]> {
    await this.lookAtTools();
    const { tools } = this.all();
    const pins = await this.pins.describe(tools);
    return tools.map((tool) => {
      const { since, change } = pins.get(tool.name) ?? {};
      const known = { ...(since === undefined ? {} : { since }), ...(change === undefined ? {} : { change }) };
      return { ...tool, fingerprint: fingerprint(tool), ...known };
    });
  }

  /** How this tool differs from what the user has seen or accepted; undefined if it does not. */
  async changeOf(tool: NamespacedTool): Promise<ToolChange | undefined> {
    await this.lookAtTools();
    return this.pins.changeOf(tool);
  }

  /** The user has accepted the tool as it is. */
  accepted(tool: string): void {
    this.differing.delete(tool);
  }

  /** What changes from now on is cast to the watcher until it ends; twice is once. Answers with the tools that differ already. */
  subscribe(watcher: Ref<CapabilityWatcher>): readonly ToolChange[] {
    this.tell(); // the others; for this one everything begins now
    const known = [...this.watchers.values()].some((other) => `${other}` === `${watcher}`);
    if (!known) this.watchers.set(this.monitor(watcher), this.use(watcher));
    return [...this.differing.values()];
  }

  // --- told by the ServerManager -----------------------------------------------------------------------------------------

  offerChanged(server: string, offer: Offer, live: boolean): void {
    const before = this.offers.get(server) ?? noOffer;
    if (live && offer !== noOffer) this.unlooked.add(server);
    if (offer === before && !live) return;
    if (offer === noOffer) this.offers.delete(server);
    else this.offers.set(server, offer);
    if (this.untold.size === 0) this.sendAfter(BURST_MS, TELL);
    if (!this.untold.has(server)) this.untold.set(server, before);
    this.union = undefined;
    const tools = [...this.offers.values()].reduce((sum, each) => sum + each.tools.length, 0);
    this.state = { servers: this.offers.size, tools };
  }

  protected override async handleInfo(message: unknown): Promise<void> {
    if (message === TELL) {
      this.tell();
      await this.lookAtTools();
    } else if (!(await this.watching.took(message)) && isDown(message)) this.watchers.delete(message.id);
  }

  private tell(): void {
    const change: { [Kind in ListKind]?: ListChange } = {};
    for (const [server, before] of this.untold) {
      const after = this.offers.get(server) ?? noOffer;
      for (const kind of listKinds) {
        const found = listChange(before[kind], after[kind]);
        if (found !== undefined) change[kind] = joined(change[kind], found);
      }
    }
    this.untold.clear();
    if (Object.keys(change).length === 0) return;
    for (const watcher of this.watchers.values()) watcher.cast.capabilitiesChanged(change);
  }

  private async lookAtTools(): Promise<void> {
    for (const server of [...this.unlooked]) {
      this.unlooked.delete(server);
      const tools = this.offers.get(server)?.tools ?? [];
      const changes = await this.pins.look(server, tools);
      const news = changes.filter(({ tool, fingerprint: print }) => this.differing.get(tool)?.fingerprint !== print);
      for (const { name } of tools) this.differing.delete(name);
      for (const change of changes) this.differing.set(change.tool, change);
      if (news.length > 0) for (const watcher of this.watchers.values()) watcher.cast.toolsDiffer(news);
    }
  }

  private all(): Offer {
    if (this.union === undefined) {
      const offers = [...this.offers].sort(([a], [b]) => compare(a, b)).map(([, offer]) => offer);
      this.union = {
        tools: offers.flatMap(({ tools }) => tools),
        resources: offers.flatMap(({ resources }) => resources),
        templates: offers.flatMap(({ templates }) => templates),
        prompts: offers.flatMap(({ prompts }) => prompts),
      };
    }
    return this.union;
  }
}

function joined(a: ListChange | undefined, b: ListChange): ListChange {
  if (a === undefined) return b;
  return {
    added: [...a.added, ...b.added],
    removed: [...a.removed, ...b.removed],
    changed: [...a.changed, ...b.changed],
  };
}
