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
  send,
  whichChildren,
} from "../../supervision/index.js";
import type { Progress, ToolInfo, ToolResult } from "../client/mcp-types.js";
import type { NotificationHandler } from "../client/notification-handler.js";
import { optional } from "../client/sdk-shapes.js";
import type { ServerLists } from "../client/server-lists.js";
import type { ServerStatus, WrapperWatcher } from "../client/server-status.js";
import type { ServerWrapper } from "../client/server-wrapper.js";
import type { ProgressWatcher } from "../client/tool-work.js";
import type { Surroundings } from "../client/wrapper-options.js";
import type { DynamicTools } from "./dynamic-tools.js";
import { HostCall, type ToolAsked } from "./host-call.js";
import { ToolCancelledError, ToolUnknownError } from "./host-errors.js";
import type { HostFront } from "./host-front.js";
import { HostPool } from "./host-pool.js";
import { HostProcess } from "./host-process.js";
import { type HostFolders, programOf } from "./host-program.js";
import type { ToolHostStatus, ToolSet } from "./host-status.js";
import type { ChangeHooks } from "./library/manage-changes.js";
import type { ManagementTool } from "./library/management-tool.js";
import type { StagedTool } from "./library/versions.js";
import type { ToolHostSettings } from "./tool-host-settings.js";

export interface ToolHostOptions {
  /** The supervisor that host processes and fronts run under. */
  readonly processes: Ref<unknown>;
  readonly surroundings: Surroundings;
  /** Absent: nobody is told of trouble but the log. */
  readonly notifications?: Ref<NotificationHandler>;
  readonly settings: ToolHostSettings;
  readonly folders: HostFolders;
  /** The data folder, where the dynamic tools are kept. */
  readonly data: string;
  /** For the audit, before a change of the dynamic tools takes effect; absent: whoever asks for one has recorded it. */
  readonly record?: ChangeHooks["record"];
}

/** To itself. */
type Note =
  | { readonly type: "look" }
  | { readonly type: "wake"; readonly set: ToolSet }
  | { readonly type: "act"; readonly act: () => void }
  | { readonly type: "managing"; readonly made: Managing }
  | { readonly type: "broke"; readonly error: unknown };

/** What there is for the dynamic tools, loaded with the first front. */
interface Managing {
  readonly dynamic: DynamicTools;
  readonly tools: readonly ManagementTool[];
}

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
  /** Changes of the dynamic tools under way. */
  readonly #changes = new Map<string, AbortController>();
  #numbers = { call: 0, process: 0 };
  /** Undefined until they are known. */
  #bundled: readonly ToolInfo[] | undefined;
  /** What the fronts have been told last; undefined while nothing is known. */
  #told: readonly ToolInfo[] | undefined;
  /** Callers that came before the tools were known. */
  readonly #early: (() => void)[] = [];
  #managing: Managing | undefined;
  /** The folder that dynamic processes may read. */
  #staged = "";
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
    if (this.#fronts.size === 1) this.#wakeUp();
    return `File tools work inside ${this.#options.folders.project} alone.`;
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
    this.#changes.get(`${front}:${callId}`)?.abort();
  }

  #begin(asked: ToolAsked, from: From<ToolResult>): NoReply | Failure<ToolUnknownError> {
    const managed = this.#managing?.tools.find(({ name }) => name === asked.tool);
    if (managed !== undefined) return this.#manage(managed, asked, from);
    const tool = this.#told?.find(({ name }) => name === asked.tool);
    if (tool === undefined) return failure(new ToolUnknownError(asked.tool));
    const { readOnly, idempotent } = tool.annotations;
    const isBundled = this.#bundled?.some(({ name }) => name === asked.tool) === true;
    const pool = isBundled ? this.#pools.bundled : this.#pools.dynamic;
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

  /** Beside the mailbox: a change takes its time, and the calls of other tools must not wait for it. */
  #manage(tool: ManagementTool, asked: ToolAsked, from: From<ToolResult>): NoReply {
    const id = `${asked.front}:${asked.callId}`;
    const cancelled = new AbortController();
    this.#changes.set(id, cancelled);
    const signal = AbortSignal.any([cancelled.signal, this.signal]);
    const work = tool.call(asked.args, { by: asked.by, signal }).finally(() => {
      this.#changes.delete(id);
      if (!tool.annotations.readOnlyHint) this.#managing?.dynamic.tidy();
    });
    void work.then(
      (result) => from.reply({ ...result, isError: result.isError ?? false }),
      (error: unknown) => {
        if (signal.aborted) from.fail(new ToolCancelledError(tool.name));
        else send(this.self(), { type: "broke", error } satisfies Note);
      },
    );
    return noReply;
  }

  // --- asked by people ---------------------------------------------------------------------------------------------------

  status(): ToolHostStatus {
    const { bundled, dynamic } = this.#pools;
    const {
      tools = [],
      tree,
      good,
      refused = new Map<string, { readonly why: string }>(),
    } = this.#managing?.dynamic ?? {};
    return {
      sets: [bundled.status(this.#bundled?.length ?? 0), dynamic.status(tools.length)],
      processes: [...bundled.processStatuses(), ...dynamic.processStatuses()],
      ...optional({ tree, lastKnownGood: good }),
      refused: Array.from(refused, ([tool, { why }]) => ({ tool, why })),
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
      else if (note.type === "act") note.act();
      else if (note.type === "managing") this.#manageWith(note.made);
      else if (note.type === "broke") throw note.error;
      else this.#look();
    }
    this.#show();
  }

  #frontGone(monitor: number): void {
    const gone = this.#fronts.get(monitor);
    this.#fronts.delete(monitor);
    for (const { call, pool } of [...this.#calls.values()]) if (call.asked.front === gone?.id) pool.cancel(call);
    if (this.#fronts.size > 0) return;
    this.#managing?.dynamic.stop();
    this.#pools.bundled.stop();
    this.#pools.dynamic.stop();
    this.#managing = undefined;
    this.#bundled = undefined;
    this.#told = undefined;
  }

  /** Somebody is there: the tools are loaded and their processes started. */
  #wakeUp(): void {
    this.#pools.bundled.want();
    const self = this.self();
    const tell = (note: Note): void => send(self, note);
    this.#loadManaging().then(
      (made) => tell({ type: "managing", made }),
      (error: unknown) => tell({ type: "broke", error }),
    );
  }

  async #loadManaging(): Promise<Managing> {
    const [{ ToolLibrary }, { managementTools, managementNames }, { DynamicTools }] = await Promise.all([
      import("./library/tool-library.js"),
      import("./library/manage.js"),
      import("./dynamic-tools.js"),
    ]);
    const { data, folders, settings, record = async () => {} } = this.#options;
    const bundledNames = (): string[] => (this.#bundled ?? []).map(({ name }) => name);
    const library = new ToolLibrary({
      data,
      staged: folders.staged,
      get reserved() {
        return [...managementNames, ...bundledNames()];
      },
    });
    this.#staged = library.stagedFolder;
    const self = this.self();
    const dynamic = new DynamicTools({
      library,
      pool: this.#pools.dynamic,
      restarts: settings.restarts,
      healthyMs: settings.healthyMs,
      changed: () => this.#changed(),
      told: (level, text) => this.#tell(level, text),
      after: (ms, act) => this.sendAfter(ms, { type: "act", act } satisfies Note),
      broke: (error) => send(self, { type: "broke", error } satisfies Note),
    });
    const hooks = {
      trial: (staged: StagedTool) => dynamic.trial(staged),
      apply: () => dynamic.apply(),
      record,
    };
    return { dynamic, tools: managementTools(library, hooks) };
  }

  #manageWith(made: Managing): void {
    if (this.#fronts.size === 0 || this.#managing !== undefined) return; // everybody has gone meanwhile, or come again
    this.#managing = made;
    made.dynamic.start();
  }

  #processNamed(name: string): HostProcess | undefined {
    return this.#pools.bundled.processNamed(name) ?? this.#pools.dynamic.processNamed(name);
  }

  #poolOf(set: ToolSet): HostPool {
    const { processes, settings, folders } = this.#options;
    const { ask, ...others } = this.#options.surroundings;
    const surroundings = set === "bundled" ? { ...others, ...(ask && { ask }) } : others;
    const { maxLineBytes, maxMemoryBytes, healthyMs, spare } = settings;
    const owner = this.self<ToolHost>();
    const lost = (process: HostProcess, reason: string): void => {
      if (!this.signal.aborted) this.#pools[set].wasLost(process, reason);
    };
    return new HostPool({
      set,
      spare,
      healthyMs,
      open: () =>
        new HostProcess(
          `host-${set}-${++this.#numbers.process}`,
          set,
          { processes, surroundings, owner, lost },
          programOf(set, { ...folders, staged: this.#staged }, maxMemoryBytes),
          { startMs: START_MS, maxLineBytes },
        ),
      prepare: async (process) => {
        if (set === "bundled") this.#bundled = process.tools;
        else await this.#managing?.dynamic.prepare(process);
      },
      wakeAfter: (ms) => this.sendAfter(ms, { type: "wake", set } satisfies Note),
      failed: (process, reason) => this.#failed(process, reason),
      hung: (text) => this.#tell("warning", text),
      changed: () => this.#changed(),
    });
  }

  /** Tells the fronts once of tools that are others than before. */
  #changed(): void {
    this.#show();
    const { bundled } = this.#pools;
    // Without the bundled tools the others are offered all the same, after a first try.
    if (this.#bundled === undefined && bundled.failures === 0) return;
    if (this.#managing?.dynamic.known !== true) return;
    const own = [...this.#managing.tools.map(toolOf), ...(this.#bundled ?? [])];
    const names = new Set(own.map(({ name }) => name));
    const tools = [...own, ...this.#managing.dynamic.tools.filter(({ name }) => !names.has(name))];
    const before = this.#told;
    if (isDeepStrictEqual(before, tools)) return;
    this.#told = tools;
    if (before !== undefined) for (const { front } of this.#fronts.values()) front.cast.toolsChanged();
    for (const go of this.#early.splice(0)) go();
  }

  #failed(process: HostProcess, reason: string): void {
    const { name, set, calls } = process;
    const isTold = set === "dynamic" && calls.size === 0 && this.#managing?.dynamic.lost(process, reason) === true;
    this.#tell(isTold ? "notice" : "warning", `${name} (${set} tools) was lost: ${reason}`);
  }

  /** In the log and among the notifications. */
  #tell(level: "notice" | "warning" | "error", words: string): void {
    const text = plainText(words);
    announce({ type: "server_warning", server: "host", text });
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
    const trouble = this.#managing?.dynamic.trouble;
    const story = trouble === undefined ? [] : [`${trouble.text} (${new Date(trouble.at).toLocaleTimeString("sv")})`];
    const label = [
      `${this.#told?.length ?? 0} tools`,
      `${ready}/${processes.length} processes ready`,
      ...ill,
      ...story,
    ];
    this.setLabel(label.join(", ").slice(0, 200));
  }
}

function toolOf({ name, title, description, inputSchema, annotations }: ManagementTool): ToolInfo {
  const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = annotations;
  const hints = { readOnly: readOnlyHint, destructive: destructiveHint, idempotent: idempotentHint };
  return { name, title, description, inputSchema, annotations: { title, ...hints, openWorld: openWorldHint } };
}
