// The ToolHost: runs the bundled tools and those made at run time in processes of their own, and looks to its callers like one
// server that never goes away. Each set of tools has a pool of processes; calls come from the fronts, and every process that
// hangs, crashes or takes too much is replaced without the others' noticing.
//
// permanent, shutdown 1 s. Its processes run under the supervisor ToolHostProcesses, a sibling. After a crash it recovers nothing from
// them: whom they worked for is gone, so it ends what it finds there and starts anew with the next connection.
import { isDeepStrictEqual } from "node:util";
import { Condition, type HealthStatus } from "../../actors/health/status.js";
import { platform } from "../../actors/platform/index.js";
import { announce } from "../../actors/telemetry/happenings.js";
import {
  type Failure,
  type From,
  failure,
  GenServer,
  isDown,
  type NoReply,
  noReply,
  type Pid,
  plainText,
  type Ref,
  whichChildren,
} from "../../supervision/index.js";
import type { Progress, ToolInfo, ToolResult } from "../client/mcp-types.js";
import type { NotificationHandler } from "../client/notification-handler.js";
import type { ServerLists } from "../client/server-lists.js";
import type { ServerStatus, WrapperWatcher } from "../client/server-status.js";
import type { ServerWrapper } from "../client/server-wrapper.js";
import type { ProgressWatcher } from "../client/tool-work.js";
import type { Surroundings } from "../client/wrapper-options.js";
import { HostCall, type ToolAsked } from "./host-call.js";
import { ToolUnknownError } from "./host-errors.js";
import type { HostFront } from "./host-front.js";
import { HostPool } from "./host-pool.js";
import { HostProcess } from "./host-process.js";
import { type HostProgram, programOf } from "./host-program.js";
import type { ToolHostStatus, ToolSet } from "./host-status.js";
import type { ToolHostSettings } from "./tool-host-settings.js";

export interface ToolHostOptions {
  /** The supervisor that host processes and fronts run under. */
  readonly processes: Ref<unknown>;
  readonly surroundings: Surroundings;
  /** Absent: nobody is told of trouble but the log. */
  readonly notifications?: Ref<NotificationHandler>;
  readonly settings: ToolHostSettings;
  readonly program: HostProgram;
}

/** To itself. */
type Note = { readonly type: "look" } | { readonly type: "wake"; readonly set: ToolSet };

/** Between two looks at calls under way: time limits are kept this well. */
const LOOK_MS = 50;
const MEMORY_MS = 250;
/** From the start of a process until it can be talked to. */
const START_MS = 20_000;

export class ToolHost extends GenServer<ToolHostOptions, ToolHostStatus> implements WrapperWatcher, ProgressWatcher {
  #options!: ToolHostOptions; // set by init, as are the pools
  #pools!: Readonly<Record<ToolSet, HostPool>>;
  readonly #fronts = new Map<number, { readonly id: string; readonly front: Ref<HostFront> }>();
  readonly #calls = new Map<string, { readonly call: HostCall; readonly pool: HostPool }>();
  #numbers = { call: 0, process: 0 };
  /** Undefined until they are known. */
  #bundled: readonly ToolInfo[] | undefined;
  /** What the fronts have been told last; undefined while nothing is known. */
  #told: readonly ToolInfo[] | undefined;
  /** Callers that came before the tools were known. */
  readonly #early: (() => void)[] = [];
  #looking = false;
  #memoryAt = 0;
  readonly #condition = new Condition();

  protected override async init(options: ToolHostOptions): Promise<void> {
    this.#options = options;
    this.#pools = { bundled: this.#poolOf("bundled"), dynamic: this.#poolOf("dynamic") };
    for (const { pid } of await whichChildren(options.processes)) {
      // Wrappers of host processes, and fronts: both take it.
      if (pid !== undefined && pid !== "restarting") (pid as Pid<ServerWrapper | HostFront>).cast.end();
    }
    this.#show();
  }

  // --- asked by fronts ---------------------------------------------------------------------------------------------------

  /** From now on the front hears of other tools, until it ends. Answers with the instructions for those who use the host. */
  watch(front: Pid<HostFront>): string {
    this.#fronts.set(this.monitor(front), { id: front.id, front: this.use(front) });
    this.#pools.bundled.want();
    return `File tools work inside ${this.#options.program.project} alone.`;
  }

  /** Waits until they are known. */
  tools(): readonly ToolInfo[] | NoReply {
    if (this.#told !== undefined) return this.#told;
    const from = this.from<readonly ToolInfo[]>();
    this.#early.push(() => from.reply(this.#told ?? []));
    return noReply;
  }

  callTool(asked: ToolAsked): NoReply | Failure<ToolUnknownError> {
    const from = this.from<ToolResult>();
    if (this.#told !== undefined) return this.#begin(asked, from);
    this.#early.push(() => {
      const refused = this.#begin(asked, from);
      if (refused !== noReply) from.fail(new ToolUnknownError(asked.tool));
    });
    return noReply;
  }

  /** The caller of the call gives up. */
  cancel(front: string, callId: string): void {
    const known = this.#calls.get(`${front}:${callId}`);
    known?.pool.cancel(known.call);
  }

  #begin(asked: ToolAsked, from: From<ToolResult>): NoReply | Failure<ToolUnknownError> {
    const tool = this.#told?.find(({ name }) => name === asked.tool);
    if (tool === undefined) return failure(new ToolUnknownError(asked.tool));
    const { readOnly, idempotent } = tool.annotations;
    const pool = this.#pools.bundled;
    const id = `${asked.front}:${asked.callId}`;
    const call = new HostCall(
      id,
      asked,
      this.#forgetting(id, from),
      readOnly || idempotent,
      this.#options.settings.callTimeoutMs,
    );
    this.#calls.set(id, { call, pool });
    pool.submit(call);
    this.#watchCalls();
    return noReply;
  }

  #forgetting(id: string, from: From<ToolResult>): From<ToolResult> {
    return {
      reply: (result) => this.#calls.delete(id) && from.reply(result),
      fail: (error) => this.#calls.delete(id) && from.fail(error),
    };
  }

  // --- asked by people ---------------------------------------------------------------------------------------------------

  status(): ToolHostStatus {
    const { bundled, dynamic } = this.#pools;
    return {
      sets: [bundled.status(this.#bundled?.length ?? 0), dynamic.status(0)],
      processes: [...bundled.processStatuses(), ...dynamic.processStatuses()],
      refused: [],
    };
  }

  getStatus(): HealthStatus {
    const { sets, processes } = this.status();
    const down = sets.find(({ state }) => state === "down");
    if (down !== undefined) return this.#condition.say("warn", `${down.set} tools: ${down.trouble?.text ?? "down"}`);
    const ready = processes.filter(({ state }) => state === "ready").length;
    return this.#condition.say(
      "ok",
      `${this.#told?.length ?? 0} tools, ${ready} of ${processes.length} processes ready`,
    );
  }

  // --- told by host processes --------------------------------------------------------------------------------------------

  serverStatus(status: ServerStatus): void {
    this.#processNamed(status.name)?.statusChanged(status);
    this.#show();
  }

  serverLists(server: string, lists: ServerLists): void {
    const process = this.#processNamed(server);
    if (process !== undefined) process.tools = lists.tools;
  }

  toolProgress(callId: string, progress: Progress): void {
    const known = this.#calls.get(callId);
    if (known === undefined) return;
    const { call, pool } = known;
    const { asked } = call;
    if (pool.progressed(call, progress)) asked.progress?.cast.toolProgress(asked.callId, progress);
  }

  // --- its own -----------------------------------------------------------------------------------------------------------

  protected override handleInfo(message: unknown): void {
    if (isDown(message)) this.#frontGone(message.id);
    else {
      const note = message as Note; // nobody else sends to this process
      if (note.type === "wake") this.#pools[note.set].wake();
      else this.#look();
    }
    this.#show();
  }

  #frontGone(monitor: number): void {
    const gone = this.#fronts.get(monitor);
    this.#fronts.delete(monitor);
    for (const { call, pool } of [...this.#calls.values()]) if (call.asked.front === gone?.id) pool.cancel(call);
    if (this.#fronts.size > 0) return;
    this.#pools.bundled.stop();
    this.#pools.dynamic.stop();
  }

  #processNamed(name: string): HostProcess | undefined {
    return this.#pools.bundled.processNamed(name) ?? this.#pools.dynamic.processNamed(name);
  }

  #poolOf(set: ToolSet): HostPool {
    const { processes, surroundings, settings, program } = this.#options;
    const { maxLineBytes, maxMemoryBytes, healthyMs, spare } = settings;
    const owner = this.self<ToolHost>();
    const lost = (process: HostProcess, reason: string): void => this.#pools[set].wasLost(process, reason);
    return new HostPool({
      set,
      spare,
      healthyMs,
      open: () =>
        new HostProcess(
          `host-${set}-${++this.#numbers.process}`,
          set,
          { processes, surroundings, owner, lost },
          programOf(set, program, maxMemoryBytes),
          { startMs: START_MS, maxLineBytes },
        ),
      prepare: async (process) => {
        if (set === "bundled") this.#bundled = process.tools;
      },
      wakeAfter: (ms) => this.sendAfter(ms, { type: "wake", set } satisfies Note),
      failed: (process, reason) => this.#failed(process, reason),
      changed: () => this.#changed(),
    });
  }

  /** Tells the fronts once of tools that are others than before. */
  #changed(): void {
    this.#show();
    const { bundled } = this.#pools;
    // Without the bundled tools the others are offered all the same, after a first try.
    if (this.#bundled === undefined && bundled.failures === 0) return;
    const tools = [...(this.#bundled ?? [])];
    const before = this.#told;
    if (isDeepStrictEqual(before, tools)) return;
    this.#told = tools;
    if (before !== undefined) for (const { front } of this.#fronts.values()) front.cast.toolsChanged();
    for (const go of this.#early.splice(0)) go();
  }

  #failed({ name, set }: HostProcess, reason: string): void {
    const text = plainText(`${name} (${set} tools) was lost: ${reason}`);
    announce({ type: "server_warning", server: "host", text });
    this.#tell("warning", text);
  }

  #tell(level: "notice" | "warning" | "error", text: string): void {
    const { notifications } = this.#options;
    if (notifications === undefined) return;
    this.use(notifications).cast.record("host", { type: "log", level, logger: "tool host", data: text });
  }

  // --- calls under way ---------------------------------------------------------------------------------------------------

  #watchCalls(): void {
    if (this.#looking) return;
    this.#looking = true;
    this.sendAfter(LOOK_MS, { type: "look" } satisfies Note);
  }

  #look(): void {
    this.#looking = false;
    const pools = Object.values(this.#pools);
    for (const pool of pools) pool.look();
    const busy = pools.filter(({ isBusy }) => isBusy);
    if (busy.length === 0) return;
    this.#watchCalls();
    if (performance.now() - this.#memoryAt < MEMORY_MS) return;
    this.#memoryAt = performance.now();
    void this.#weigh(busy.flatMap(({ processes }) => processes));
  }

  /** Looks at what they take of memory, beside the mailbox; a heap has a limit of its own, but not all memory is heap. */
  async #weigh(processes: readonly HostProcess[]): Promise<void> {
    const running = processes.filter(({ pid }) => pid !== undefined);
    const usages = await platform.groupUsages(running.flatMap(({ pid }) => pid ?? []));
    const { maxMemoryBytes } = this.#options.settings;
    for (const process of running) {
      const { rssBytes } = usages.get(process.pid ?? 0) ?? {};
      if (rssBytes === undefined) continue;
      process.memoryBytes = rssBytes;
      if (rssBytes <= maxMemoryBytes) continue;
      const [took, most] = [rssBytes, maxMemoryBytes].map((bytes) => `${Math.round(bytes / 1_048_576)} MB`);
      process.end(`it took ${took} of memory, and toolhost.max_memory is ${most}`);
    }
  }

  #show(): void {
    this.state = this.status();
    const { sets, processes } = this.state;
    const ready = processes.filter(({ state }) => state === "ready").length;
    const ill = sets.flatMap(({ set, state, trouble }) => (state === "down" ? [`${set} down: ${trouble?.text}`] : []));
    const label = [`${this.#told?.length ?? 0} tools`, `${ready}/${processes.length} processes ready`, ...ill];
    this.setLabel(label.join(", ").slice(0, 200));
  }
}
