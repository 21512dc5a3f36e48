// The sessions of clients that come over HTTP: which there are, and how one begins. A client that is gone for good says so, or is
// forgotten when it has had no connection open for a while.
import { randomUUID } from "node:crypto";
import { child, type Pid, type Ref, startChild } from "../../supervision/index.js";
import { ClientSession, type ClientSessionOptions } from "./client-session.js";
import type { Gate, Pass } from "./gate/gate.js";
import type { Principal } from "./gate/principal.js";
import { refused } from "./http-body.js";
import type { Peer } from "./peer.js";
import { NO_ANSWER } from "./refusals.js";

export interface HttpSessionsOptions {
  /** What each session is started with, besides what is its own. */
  readonly session: Omit<ClientSessionOptions, "id" | "peer" | "pass">;
  readonly gate: Gate;
  /** The supervisor they run under. */
  readonly supervisor: Ref<unknown>;
  readonly most: number;
  /** Milliseconds without a connection after which one is ended. */
  readonly idleMs: number;
  /** Is told of each new one's process. */
  started(session: Pid<ClientSession>, ended: () => void): void;
}

/** How a session's client is spoken to over HTTP. */
export interface HttpLeg {
  readonly peer: Peer;
  /** Something is being answered, or the client listens. */
  readonly isUsed: boolean;
  /** When it was used last, by the monotonic clock. */
  readonly usedAt: number;
}

const RETRY_LATER = { "Retry-After": "10" };
/** For which a client that has asked for something keeps its place. */
const LEAST_IDLE_MS = 30_000;

interface Open {
  readonly pid: Pid<ClientSession>;
  readonly leg: HttpLeg;
  /** Whose it is, and nobody else's. */
  readonly pass: Pass;
}

export class HttpSessions {
  private readonly open = new Map<string, Open>();
  private opening = 0;

  constructor(private readonly options: HttpSessionsOptions) {}

  get size(): number {
    return this.open.size;
  }

  get processes(): readonly Pid<ClientSession>[] {
    return Array.from(this.open.values(), ({ pid }) => pid);
  }

  /** The session's leg, if there is such a session, of this kind and begun by them: to others it is as if there were none. */
  find<T extends HttpLeg>(
    id: string,
    { id: by }: Principal,
    Kind: abstract new (...args: never[]) => T,
  ): T | undefined {
    const { leg, pass } = this.open.get(id) ?? {};
    return leg instanceof Kind && leg.peer.isOpen && pass?.principal.id === by ? leg : undefined;
  }

  /** Begins one, under a name that nobody guesses; or the refusal to answer with. `shared`: it is that of many clients. */
  async begin<T extends HttpLeg>(by: Principal, legFor: (id: string) => T, shared = false): Promise<T | Response> {
    const { session, supervisor, most, gate, started } = this.options;
    if (this.open.size + this.opening >= most) this.endIdlest();
    if (this.open.size + this.opening >= most)
      return refused(503, NO_ANSWER, `${most} clients are connected, and no more may be; try later`, RETRY_LATER);
    this.opening++;
    try {
      const id = randomUUID();
      const leg = legFor(id);
      const pass = shared ? gate.commonPass(by) : gate.pass(by);
      const arg = { ...session, id, peer: leg.peer, pass, shared };
      const result = await startChild(supervisor, child(ClientSession, arg, { restart: "temporary" }));
      if (!("ok" in result) || result.ok === undefined)
        return refused(503, NO_ANSWER, "no session could be begun; try again");
      const pid = result.ok as Pid<ClientSession>; // what was asked for above
      this.open.set(id, { pid, leg, pass });
      started(pid, () => this.open.delete(id));
      return leg;
    } finally {
      this.opening--;
    }
  }

  /** Ends those that nobody has used for long enough. */
  sweep(): void {
    const before = performance.now() - this.options.idleMs;
    for (const { leg } of this.open.values()) if (!leg.isUsed && leg.usedAt <= before) leg.peer.close();
  }

  /** Those begun with a key that opens nothing any more. */
  endOf(principal: string): void {
    for (const { leg, pass } of this.open.values()) if (pass.principal.id === principal) leg.peer.close();
  }

  endAll(): void {
    for (const { leg } of this.open.values()) leg.peer.close();
  }

  /** To make room: a client that comes back begins anew. One that has asked for nothing goes before any that has, and that only
   * when it has been idle for a while, so that a flood of beginners drives nobody out but itself. */
  private endIdlest(): void {
    const before = performance.now() - LEAST_IDLE_MS;
    const idle = [...this.open.entries()].filter(([, { leg, pass }]) => {
      return !leg.isUsed && (!pass.hasAsked || leg.usedAt <= before);
    });
    const [idlest] = idle.sort(([, a], [, b]) => {
      return Number(a.pass.hasAsked) - Number(b.pass.hasAsked) || a.leg.usedAt - b.leg.usedAt;
    });
    if (idlest === undefined) return;
    this.open.delete(idlest[0]);
    idlest[1].leg.peer.close();
  }
}
