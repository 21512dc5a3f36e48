// The host processes of one set of tools: one that is active, a spare that stands ready, and those that leave: they get no more
// calls and end with their last. Here is decided which process a call goes to, when a process counts as stuck, what becomes of
// the calls of one that is lost, and how soon there is another.
//
// A process is asked whether it lives when calls of it have been silent for a while. One that does not answer is stuck: what
// has not begun in it moves to the spare, and what has begun keeps its time, for a long computation ends all the same.
import { BanyanError } from "../../supervision/errors.js";
import { CallError } from "../../supervision/index.js";
import { ServerLostError, ServerUnavailableError } from "../client/errors.js";
import type { Progress } from "../client/mcp-types.js";
import type { HostCall } from "./host-call.js";
import { ToolCancelledError, ToolHostDownError, ToolHostLostError, ToolTimeoutError } from "./host-errors.js";
import type { HostProcess } from "./host-process.js";
import type { HostProcessStatus, ToolSet, ToolSetStatus, Trouble } from "./host-status.js";

export interface HostPoolParts {
  readonly set: ToolSet;
  /** Whether a spare stands ready all the time. */
  readonly spare: boolean;
  /** Milliseconds of health after which failed starts are forgotten. */
  readonly healthyMs: number;
  /** A new process; it starts at once. */
  open(): HostProcess;
  /** Makes a process that can be talked to ready for calls. A rejection is the end of the process. */
  prepare(process: HostProcess): Promise<void>;
  /** Brings {@link HostPool.wake} about after so many milliseconds; returns what cancels it. */
  wakeAfter(ms: number): () => void;
  /** A process is lost that nobody has ended. */
  failed(process: HostProcess, reason: string): void;
  /** A process answers nobody any more. */
  hung(text: string): void;
  /** Something that is shown is different. */
  changed(): void;
}

/** Silence of a process with calls, in milliseconds, before it is asked whether it lives; and what it has to answer. */
const QUIET_MS = 250;
const ALIVE_MS = 600;
/** The first spare is started so long after the active one is ready, for at the start of the app there is other work. */
const SPARE_AFTER_MS = 1_500;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** A stuck process takes a core for as long as its calls have time; of more, the oldest is ended early. */
const MOST_STUCK = 3;

export class HostPool {
  active: HostProcess | undefined;
  /** Failed starts in a row: processes that ended before they were ready, or without a call that could be why. */
  failures = 0;
  trouble: Trouble | undefined;

  private spare: HostProcess | undefined;
  private readonly leaving = new Set<HostProcess>();
  private queue: HostCall[] = [];
  private wanted = false;
  /** Somebody needs a second process now, whatever the settings say. */
  private spareNeeded = 0;
  private lost = 0;
  private begun = 0;
  /** By the monotonic clock; no process is started before. */
  private pausedUntil = 0;
  private spareFrom = Number.POSITIVE_INFINITY;
  private cancelWake = (): void => {};
  private healthySince = 0;

  constructor(private readonly parts: HostPoolParts) {}

  // --- what there is -----------------------------------------------------------------------------------------------------

  get processes(): HostProcess[] {
    return [this.active, this.spare, ...this.leaving].filter((process) => process !== undefined);
  }

  get isBusy(): boolean {
    return this.queue.length > 0 || this.processes.some(({ calls }) => calls.size > 0);
  }

  processNamed(name: string): HostProcess | undefined {
    return this.processes.find((process) => process.name === name);
  }

  status(tools: number): ToolSetStatus {
    const { set } = this.parts;
    const isServing = this.active?.state === "ready";
    const state = !this.wanted ? "off" : isServing ? "serving" : this.failures > 0 ? "down" : "starting";
    const { failures, lost, trouble } = this;
    return { set, state, tools, waiting: this.queue.length, failures, lost, ...(trouble && { trouble }) };
  }

  processStatuses(): HostProcessStatus[] {
    return this.processes.map((process) => {
      const { name, set, state, pid, calls, memoryBytes, startedAt } = process;
      const role = process === this.active ? "active" : process === this.spare ? "spare" : "leaving";
      return {
        ...{ name, set, role, state, calls: calls.size, startedAt },
        ...(pid === undefined ? {} : { pid }),
        ...(memoryBytes === undefined ? {} : { memoryBytes }),
      };
    });
  }

  // --- which processes there should be -----------------------------------------------------------------------------------

  /** From now on there is a process. */
  want(): void {
    this.wanted = true;
    this.ensure();
  }

  /** Nobody needs the set any more. */
  stop(): void {
    this.wanted = false;
    this.cancelWake();
    for (const process of this.processes) this.retire(process, "nobody needs it");
    for (const call of this.queue.splice(0)) call.from.fail(new ToolHostDownError(call.tool, "it was stopped"));
    this.news();
  }

  /** Its time has come: whatever waited for it is done. */
  wake(): void {
    this.ensure();
    if (this.failures > 0 && this.isHealthy()) {
      this.failures = 0;
      this.parts.changed();
    }
  }

  private isHealthy(): boolean {
    return this.active?.state === "ready" && performance.now() - this.healthySince >= this.parts.healthyMs;
  }

  /** The active process, once it is ready. */
  async first(): Promise<HostProcess> {
    this.want();
    for (;;) {
      if (this.active?.state === "ready") return this.active;
      await this.nextNews();
    }
  }

  /** A ready process besides the active one; where nothing is active yet, that one. Kept until {@link release}. */
  async second(): Promise<HostProcess> {
    this.spareNeeded++;
    this.want();
    for (;;) {
      const found = this.active?.state === "ready" && this.active.loaded.size > 0 ? this.spare : this.active;
      if (found?.state === "ready") return found;
      this.ensure();
      await this.nextNews();
    }
  }

  release(): void {
    this.spareNeeded--;
    if (this.spareNeeded > 0 || this.parts.spare || this.spare === undefined) return;
    this.retire(this.spare, "it is not needed any more");
  }

  /** Earlier failures count no more. */
  forgive(): void {
    this.failures = 0;
    this.pausedUntil = 0;
  }

  private readonly waitingForNews: (() => void)[] = [];

  private async nextNews(): Promise<void> {
    await new Promise<void>((resolve) => this.waitingForNews.push(resolve));
    if (!this.wanted) throw new ToolHostDownError("the tool", "nobody needs its set any more");
  }

  private get keepsSpare(): boolean {
    return this.spareNeeded > 0 || (this.parts.spare && performance.now() >= this.spareFrom);
  }

  private ensure(): void {
    if (!this.wanted) return;
    const pause = this.pausedUntil - performance.now();
    if (this.active === undefined && this.spare !== undefined) {
      this.active = this.spare;
      this.spare = undefined;
    }
    if (this.active === undefined) {
      if (pause > 0) return this.wakeIn(pause);
      this.active = this.start();
    }
    if (this.spare === undefined && this.active.state === "ready") {
      if (pause > 0) return this.wakeIn(pause);
      if (this.keepsSpare) this.spare = this.start();
      else if (this.parts.spare) this.wakeIn(this.spareFrom - performance.now());
    }
    if (this.failures > 0) this.wakeIn(this.parts.healthyMs);
    this.parts.changed();
  }

  private wakeIn(ms: number): void {
    this.cancelWake();
    this.cancelWake = this.parts.wakeAfter(Math.max(0, Math.ceil(ms)) + 1);
  }

  private start(): HostProcess {
    const process = this.parts.open();
    void process.connected
      .then(() => this.parts.prepare(process))
      .then(
        () => this.ready(process),
        (error: unknown) => process.end(error instanceof Error ? error.message : String(error)),
      );
    return process;
  }

  private ready(process: HostProcess): void {
    if (process.state !== "starting") return;
    process.state = "ready";
    if (process === this.active) this.healthySince = performance.now();
    this.spareFrom = Math.min(this.spareFrom, performance.now() + SPARE_AFTER_MS);
    this.ensure();
    this.drain();
    this.news();
  }

  private news(): void {
    for (const tell of this.waitingForNews.splice(0)) tell();
    this.parts.changed();
  }

  // --- calls -------------------------------------------------------------------------------------------------------------

  submit(call: HostCall): void {
    this.queue.push(call);
    if (this.active === undefined) this.want();
    this.drain();
  }

  cancel(call: HostCall): void {
    this.giveUp(call, new ToolCancelledError(call.tool));
  }

  /** The process with the call says how far it has come. Answers whether that is the caller's to know. */
  progressed(call: HostCall, { progress, total }: Progress): boolean {
    this.processOf(call)?.heard();
    if (progress === 0 && total === undefined) {
      call.begun = true;
      call.begunAs = ++this.begun;
      return false;
    }
    call.moved();
    return true;
  }

  private drain(): void {
    const process = this.active;
    while (process?.state === "ready" && !process.doubted) {
      const call = this.queue.shift();
      if (call === undefined) return;
      this.send(call, process);
    }
  }

  private send(call: HostCall, process: HostProcess): void {
    if (process.calls.size === 0) process.heard(); // its silence begins now
    process.calls.set(call.id, call);
    process.run(call).then(
      (result) => this.answered(process, call) && call.from.reply(result),
      (error: unknown) => {
        if (isLoss(error)) return; // that its process is gone is told by itself
        if (this.answered(process, call)) call.from.fail(error);
      },
    );
  }

  /** False if the call is not the process's any more: it has moved, or its time was over. */
  private answered(process: HostProcess, call: HostCall): boolean {
    process.heard();
    if (process.calls.get(call.id) !== call) return false;
    process.calls.delete(call.id);
    this.leaveIfDone(process);
    return true;
  }

  private leaveIfDone(process: HostProcess): void {
    if (process.calls.size === 0 && this.leaving.has(process)) this.retire(process, "it has no more calls");
  }

  private processOf(call: HostCall): HostProcess | undefined {
    return this.processes.find(({ calls }) => calls.get(call.id) === call);
  }

  /** The call ends with the error, wherever it is; its process is told, and looked at. */
  private giveUp(call: HostCall, error: Error): void {
    call.from.fail(error);
    this.queue = this.queue.filter((other) => other !== call);
    const process = this.processOf(call);
    if (process === undefined) return;
    process.calls.delete(call.id);
    process.cancel(call);
    this.doubt(process);
    this.leaveIfDone(process);
  }

  // --- watching over them ------------------------------------------------------------------------------------------------

  /** To be called again and again while {@link isBusy}. */
  look(): void {
    const now = performance.now();
    for (const call of this.queue.filter(({ deadline }) => now >= deadline)) {
      this.giveUp(call, new ToolHostDownError(call.tool, this.failures > 0 ? this.trouble?.text : undefined));
    }
    for (const process of this.processes) {
      for (const call of [...process.calls.values()].filter(({ deadline }) => now >= deadline)) {
        this.giveUp(call, new ToolTimeoutError(call.tool, call.timeoutMs, process.state === "stuck"));
        if (process.state === "stuck") process.end(`it hung during ${call.tool}`);
      }
      const isQuiet = process.calls.size > 0 && now - process.heardAt >= QUIET_MS;
      if (isQuiet && process.state === "ready" && !process.doubted) this.doubt(process);
    }
  }

  private doubt(process: HostProcess): void {
    if (process.doubted || process.state !== "ready") return;
    process.doubted = true;
    void process.isAlive(ALIVE_MS).then((alive) => {
      process.doubted = false;
      if (alive) this.drain();
      else if (process.state === "ready") this.stuck(process);
    });
  }

  private stuck(process: HostProcess): void {
    process.state = "stuck";
    this.note(`${process.name} hangs${inWords(lastBegun(process))}; what waits for it goes on in another process`);
    this.parts.hung(this.trouble?.text ?? "");
    if (process === this.spare) return process.end("it hung");
    if (process === this.active) this.active = undefined;
    this.leaving.add(process);
    const unbegun = [...process.calls.values()].filter(({ begun }) => !begun);
    for (const call of unbegun) {
      process.calls.delete(call.id);
      process.cancel(call);
    }
    this.queue.unshift(...unbegun);
    const hung = [...this.leaving].filter(({ state }) => state === "stuck");
    if (hung.length > MOST_STUCK) hung[0]?.end("too many processes of its set hang");
    if (process.calls.size === 0) process.end("it hung");
    this.spareFrom = 0;
    this.ensure();
    this.drain();
    this.news();
  }

  /** Told by the process, once. */
  wasLost(process: HostProcess, reason: string): void {
    if (!this.remove(process)) return; // it was meant to go
    const suspect = lastBegun(process);
    this.lost++;
    if (process.state !== "stuck") this.note(`${process.name} was lost${inWords(suspect)}: ${reason}`);
    if (process.state === "starting" || (suspect === undefined && process.state === "ready")) this.startFailed();
    this.parts.failed(process, reason);
    this.salvage(process, suspect, reason);
    this.spareFrom = 0;
    this.ensure();
    this.drain();
    this.news();
  }

  private startFailed(): void {
    this.failures++;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.failures - 1));
    this.pausedUntil = performance.now() + pause * (0.5 + Math.random() / 2);
    this.healthySince = performance.now();
  }

  /** What has not begun goes elsewhere; what may be run twice does, once, if it was not the likely cause. */
  private salvage({ calls }: HostProcess, suspect: HostCall | undefined, reason: string): void {
    const again: HostCall[] = [];
    for (const call of calls.values()) {
      if (!call.begun) again.push(call);
      else if (call !== suspect && call.safeToRetry && call.repeats === 0) {
        call.repeats++;
        call.begun = false;
        again.push(call);
      } else call.from.fail(new ToolHostLostError(call.tool, reason, call.safeToRetry ? "none" : "unknown"));
    }
    calls.clear();
    this.queue.unshift(...again);
  }

  /** Ends it without anybody's having failed. */
  private retire(process: HostProcess, reason: string): void {
    if (!this.remove(process)) return;
    this.salvage(process, undefined, reason);
    process.end(reason);
    this.parts.changed();
  }

  private remove(process: HostProcess): boolean {
    if (this.leaving.delete(process)) return true;
    if (process === this.active) this.active = undefined;
    else if (process === this.spare) this.spare = undefined;
    else return false;
    return true;
  }

  private note(text: string): void {
    this.trouble = { at: Date.now(), text };
  }
}

function lastBegun({ calls }: HostProcess): HostCall | undefined {
  let last: HostCall | undefined;
  for (const call of calls.values()) if (call.begun && call.begunAs > (last?.begunAs ?? 0)) last = call;
  return last;
}

function inWords(suspect: HostCall | undefined): string {
  return suspect === undefined ? "" : ` during ${suspect.tool}`;
}

function isLoss(error: unknown): boolean {
  if (error instanceof CallError) return true;
  return error instanceof BanyanError && (error instanceof ServerLostError || error instanceof ServerUnavailableError);
}
