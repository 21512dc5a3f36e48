// StartupProfiler: what a start takes, phase by phase, box by box and server by server. It listens to the marks and to the
// framework's progress reports, and ends once everything has come up, or after a while.
//
// temporary, and only where `startup.profile` is on; shutdown 1 s. It keeps nothing: a profiler that crashes leaves no profile.
import { currentRuntime, GenServer, type Named, type Report, type Stop, send, stop } from "../../supervision/index.js";
import { announce } from "../telemetry/happenings.js";
import type { Profile } from "./profile-table.js";
import { type Mark, now, type StartupClock } from "./startup-clock.js";

/** The part of the ServerManager that this needs. */
export interface ServersToWaitFor {
  subscribe(watcher: Named<ServerListener>): readonly { readonly name: string; readonly state: string }[];
}

interface ServerListener {
  serverEvent(event: { readonly type: string; readonly server: string }): void;
}

export interface ProfilerOptions {
  readonly name: Named<StartupProfiler>;
  readonly clock: StartupClock;
  readonly servers: Named<ServersToWaitFor>;
  /** The last of the marks that are to come; the servers are waited for besides. */
  readonly last: readonly string[];
  /** Given the profile, once. */
  readonly print: (profile: Profile) => void;
}

/** What has not come up by then is told as it is. */
const LONGEST_MS = 30_000;
/** Of the marks: the tree runs, and so the servers can be asked for. */
export const TREE = "tree";
const COMING = ["connecting", "initializing"];

export class StartupProfiler extends GenServer<ProfilerOptions, Profile> implements ServerListener {
  private options!: ProfilerOptions; // set by init, as is the next
  private before!: Omit<Mark, "phase">;
  private readonly coming = new Set<string>();
  private askedServers = false;
  private told = false;

  protected override init(options: ProfilerOptions) {
    this.trapExit = true;
    this.options = options;
    this.state = { phases: options.clock.marks, boxes: [], servers: [] };
    options.clock.profile = this.state;
    this.before = options.clock.marks.at(-1) ?? now();
    this.on(options.clock.events, "mark", ({ phase }: Mark) => send(this.self(), phase));
    this.on(currentRuntime().reports, "progress", (report: Report) => this.boxStarted(report));
    this.sendAfter(LONGEST_MS, "enough");
  }

  /** A phase is over, a server has come up, or it has been enough. */
  protected override async handleInfo(phase: string): Promise<Stop | undefined> {
    if (phase === "enough") return this.end();
    if (phase === TREE) await this.askServers();
    return this.endIfComplete();
  }

  protected override terminate(): void {
    this.tell();
  }

  /** Whatever is told of it first: that it is up, or that it is not. */
  serverEvent({ server }: { readonly type: string; readonly server: string }): void {
    if (!this.coming.delete(server)) return;
    this.state.servers.push({ name: server, at: now().at });
    send(this.self(), server);
  }

  /** Boxes start one after the other, each when the one before is up; what starts after the tree is none. */
  private boxStarted({ child }: Report): void {
    if (this.options.clock.marks.some(({ phase }) => phase === TREE)) return;
    const { name, id }: { name?: unknown; id?: unknown } = typeof child === "object" && child !== null ? child : {};
    const after = now();
    const took = { wall: after.at - this.before.at, cpu: after.cpu - this.before.cpu };
    if (name !== this.options.name.name) this.state.boxes.push({ name: String(name ?? id), ...took });
    this.before = after;
  }

  private async askServers(): Promise<void> {
    const { name, servers } = this.options;
    const known = await this.use(servers).call.subscribe(name);
    for (const { name: server, state } of known) {
      if (COMING.includes(state)) this.coming.add(server);
      else if (state !== "disconnected") this.state.servers.push({ name: server, at: now().at });
    }
    this.askedServers = true;
  }

  private endIfComplete(): Stop | undefined {
    const { clock, last } = this.options;
    const phases = clock.marks.map(({ phase }) => phase);
    if (!this.askedServers || this.coming.size > 0 || !last.every((phase) => phases.includes(phase))) return undefined;
    return this.end();
  }

  private end(): Stop {
    this.tell();
    return stop("normal");
  }

  private tell(): void {
    if (this.told) return;
    this.told = true;
    announce({ type: "startup", profile: this.state });
    this.options.print(this.state);
  }
}
