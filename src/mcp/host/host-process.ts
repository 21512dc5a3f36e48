// One host process: a ServerWrapper with a program that runs tools, used once. It is started, gets calls, and ends; what is to be
// done then is its pool's to decide. A wrapper never starts its program again here, for another process takes its place.
import { describeReason, type Pid, type Ref, startChild } from "../../supervision/index.js";
import { CallTimeoutError } from "../client/errors.js";
import type { ToolInfo, ToolResult } from "../client/mcp-types.js";
import { serverConfig } from "../client/server-config.js";
import { isOnItsWay, isUp, type ServerEnd, type ServerStatus, type WrapperWatcher } from "../client/server-status.js";
import { type ServerWrapper, wrapperSpec } from "../client/server-wrapper.js";
import type { ProgressWatcher } from "../client/tool-work.js";
import type { Surroundings } from "../client/wrapper-options.js";
import type { HostCall } from "./host-call.js";
import type { Program } from "./host-program.js";
import type { HostProcessState, ToolSet } from "./host-status.js";

export interface HostProcessParts {
  /** The supervisor that the wrappers of host processes run under. */
  readonly processes: Ref<unknown>;
  readonly surroundings: Surroundings;
  readonly owner: Ref<WrapperWatcher & ProgressWatcher>;
  /** It is gone, or of no more use. Told once. */
  lost(process: HostProcess, reason: string): void;
}

const FOREVER = Number.POSITIVE_INFINITY;
/** Deadlines and health are watched by the pool, so the wrapper's are put out of the way. */
const DAY = 86_400_000;
const ALIVE = "banyan:alive";
/** What an ending program is given: it has no calls any more, or hangs. */
const GRACE_MS = 250;

export class HostProcess {
  state: HostProcessState = "starting";
  readonly startedAt = Date.now();
  readonly calls = new Map<string, HostCall>();
  pid: number | undefined;
  memoryBytes: number | undefined;
  /** What it lists of itself. */
  tools: readonly ToolInfo[] = [];
  /** The dynamic tools it has loaded, each with the hash of its source. */
  readonly loaded = new Map<string, string>();
  /** What each of them says it is. */
  readonly infos = new Map<string, ToolInfo>();
  /** The dynamic tool it is asked to load just now. */
  loading: string | undefined;
  /** When it last said anything, by the monotonic clock. */
  heardAt = performance.now();
  /** It was asked whether it lives and has not answered yet; it gets no calls meanwhile. */
  doubted = false;
  /** Resolves once its program can be talked to. */
  readonly connected: Promise<void>;

  private isConnected = (): void => {};
  private wrapper: Ref<ServerWrapper> | undefined;
  private gone = false;
  private requests = 0;

  constructor(
    readonly name: string,
    readonly set: ToolSet,
    private readonly parts: HostProcessParts,
    program: Program,
    limits: { readonly startMs: number; readonly maxLineBytes: number },
  ) {
    this.connected = new Promise((resolve) => {
      this.isConnected = resolve;
    });
    const config = serverConfig({
      ...program,
      name,
      restart: "never",
      timeoutMs: limits.startMs,
      connectTimeoutMs: limits.startMs,
      maxLineBytes: limits.maxLineBytes,
      healthIntervalMs: DAY,
      healthTimeoutMs: DAY,
      graceMs: GRACE_MS,
    });
    void this.start(wrapperSpec({ ...parts.surroundings, config, watcher: parts.owner }));
  }

  private async start(spec: ReturnType<typeof wrapperSpec>): Promise<void> {
    const result = await startChild(this.parts.processes, spec);
    if ("error" in result || result.ok === undefined) {
      this.end("error" in result ? `no process could be started (${result.error})` : "no process was started");
      return;
    }
    const pid = result.ok as Pid<ServerWrapper>; // the spec says so
    this.wrapper = pid.with({ timeout: FOREVER }); // not bound: calls go on beyond the message in hand
    void pid.down.then((reason) => this.end(`its wrapper ended: ${describeReason(reason)}`));
    if (this.gone) this.wrapper.cast.end();
  }

  // --- told by its wrapper -----------------------------------------------------------------------------------------------

  statusChanged({ state, pid, lastEnd, reason }: ServerStatus): void {
    this.pid = pid ?? this.pid;
    if (isUp(state)) {
      this.heardAt = performance.now();
      this.isConnected();
    } else if (!isOnItsWay(state)) this.end(lastEnd === undefined ? (reason ?? `it is ${state}`) : wordsOf(lastEnd));
  }

  heard(): void {
    this.heardAt = performance.now();
  }

  // --- asked by its pool -------------------------------------------------------------------------------------------------

  /** Runs the tool; a rejection with `server_lost` or the like is followed by {@link HostProcessParts.lost}. */
  run(call: HostCall): Promise<ToolResult> {
    const options = { callId: call.id, timeoutMs: DAY, progress: this.parts.owner };
    return this.reached().call.callTool(call.tool, call.asked.args, options);
  }

  cancel(call: HostCall): void {
    this.wrapper?.cast.cancel(call.id);
  }

  /** One of the program's own requests, whose names no tool has. */
  request(name: string, args: { readonly [key: string]: unknown }, timeoutMs: number): Promise<ToolResult> {
    const callId = `${name} ${++this.requests}`;
    return this.reached().call.callTool(name, args, { callId, timeoutMs });
  }

  /** Whether it says anything within the time; any answer is one. */
  async isAlive(timeoutMs: number): Promise<boolean> {
    const asked = performance.now();
    try {
      await this.request(ALIVE, {}, timeoutMs);
    } catch (error) {
      if (error instanceof CallTimeoutError) return this.heardAt > asked;
    }
    this.heard();
    return true;
  }

  /** Ends it, now. Its calls are its pool's to see to. */
  end(reason: string): void {
    if (this.gone) return;
    this.gone = true;
    this.wrapper?.cast.end();
    this.parts.lost(this, reason);
    this.state = "ending";
  }

  private reached(): Ref<ServerWrapper> {
    if (this.wrapper === undefined) throw new TypeError(`${this.name} has not been started`); // a pool waits for that
    return this.wrapper;
  }
}

/** How it ended; where it has said why, that. */
function wordsOf({ reason, stderr = [] }: ServerEnd): string {
  return stderr.findLast((line) => SAYS_WHY.test(line)) ?? reason;
}

/** A line of the program itself about a tool, not of a stack. */
const SAYS_WHY = /\bthrew outside of any call\b/;
