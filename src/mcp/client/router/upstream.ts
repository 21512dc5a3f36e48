// What the Router keeps of the servers: of each its places and its breaker, of each of its tools the figures and a breaker of its
// own, and a lane for every server that a tool can be called on. It outlives the wrappers and the servers' restarts.
import type { BreakerState } from "../../../actors/breaker-life.js";
import { BreakerOpenError } from "../../../actors/circuit-breaker.js";
import { announce } from "../../../actors/telemetry/happenings.js";
import type { Ref } from "../../../supervision/index.js";
import type { ServerWrapper } from "../server-wrapper.js";
import type { Candidate } from "./balance.js";
import { Breaker } from "./breaker.js";
import { Figures } from "./figures.js";
import { readyAt } from "./server-news.js";
import { Slots } from "./slots.js";

/** Failures in a row. A tool's breaker opens first, so that one bad tool does not take its server's others along. */
const TOOL_FAILURES = 5;
const SERVER_FAILURES = 10;

/** One server: a replica is one of its own. */
export class Upstream {
  readonly slots: Slots;
  readonly breaker: Breaker;

  constructor(
    readonly name: string,
    concurrency: number,
  ) {
    this.slots = new Slots(name, concurrency);
    this.breaker = new Breaker(SERVER_FAILURES, tell(`the server ${name}`));
  }
}

/** One tool of one server. */
export class Capability {
  readonly figures = new Figures();
  readonly breaker: Breaker;
  running = 0;

  constructor(readonly name: string) {
    this.breaker = new Breaker(TOOL_FAILURES, tell(`the tool ${name}`));
  }
}

/** The way to a tool over one server. */
export class Lane implements Candidate {
  constructor(
    /** Of the server. */
    readonly name: string,
    readonly wrapper: Ref<ServerWrapper>,
    readonly server: Upstream,
    readonly tool: Capability,
    /** The places a call takes. */
    readonly cost: number,
  ) {}

  get running(): number {
    return this.tool.running;
  }

  get latencyMs(): number {
    return this.tool.figures.latencyMs;
  }

  get errorRate(): number {
    return this.tool.figures.errorRate;
  }

  isOpen(now: number): boolean {
    const ready = readyAt(this.name);
    return this.tool.breaker.isOpen(now, ready) || this.server.breaker.isOpen(now, ready);
  }

  isOpenFor(ms: number, now: number): boolean {
    const ready = readyAt(this.name);
    return this.tool.breaker.isOpenFor(ms, now, ready) || this.server.breaker.isOpenFor(ms, now, ready);
  }

  acquire(): void {
    this.tool.breaker.acquire();
    this.server.breaker.acquire();
  }

  /** The server has answered within `ms`. */
  answered(ms: number): void {
    this.tool.figures.answered(ms);
    this.tool.breaker.succeeded();
    this.server.breaker.succeeded();
  }

  /** There was no answer, for a reason that lies with the server. */
  failed(error: string, now: number): void {
    this.tool.figures.failed();
    // What comes in of a tool that is known to be bad says nothing new of its server.
    if (this.tool.breaker.status.state === "open") this.server.breaker.released();
    else this.server.breaker.failed(error, now);
    this.tool.breaker.failed(error, now);
  }

  /** It proves nothing. */
  released(): void {
    this.tool.breaker.released();
    this.server.breaker.released();
  }

  refusal(now: number): BreakerOpenError {
    const { tool, server } = this;
    const ofTool = tool.breaker.isOpen(now, readyAt(this.name));
    const service = ofTool ? `The tool ${tool.name}` : `The server ${server.name}`;
    return new BreakerOpenError(service, (ofTool ? tool : server).breaker.status, now);
  }
}

const tell =
  (service: string) =>
  (state: BreakerState): void =>
    announce({ type: "breaker", service, state });
