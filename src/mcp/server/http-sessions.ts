// The sessions of clients that come over HTTP: which there are, and how one begins. A client that is gone for good says so, or is
// forgotten when it has had no connection open for a while.
import { randomUUID } from "node:crypto";
import { child, type Pid, type Ref, startChild } from "../../supervision/index.js";
import { ClientSession, type ClientSessionOptions } from "./client-session.js";
import { refused } from "./http-body.js";
import type { Peer } from "./peer.js";
import { NO_ANSWER } from "./refusals.js";

export interface HttpSessionsOptions {
  /** What each session is started with, besides what is its own. */
  readonly session: Omit<ClientSessionOptions, "id" | "peer">;
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

interface Open {
  readonly pid: Pid<ClientSession>;
  readonly leg: HttpLeg;
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

  /** The session's leg, if there is such a session and it is of this kind. */
  find<T extends HttpLeg>(id: string, Kind: abstract new (...args: never[]) => T): T | undefined {
    const leg = this.open.get(id)?.leg;
    return leg instanceof Kind && leg.peer.isOpen ? leg : undefined;
  }

  /** Begins one, under a name that nobody guesses; or the refusal to answer with. `shared`: it is that of many clients. */
  async begin<T extends HttpLeg>(legFor: (id: string) => T, shared = false): Promise<T | Response> {
    const { session, supervisor, most, started } = this.options;
    if (this.open.size + this.opening >= most) this.endIdlest();
    if (this.open.size + this.opening >= most)
      return refused(503, NO_ANSWER, `${most} clients are connected, and no more may be; try later`);
    this.opening++;
    try {
      const id = randomUUID();
      const leg = legFor(id);
      const arg = { ...session, id, peer: leg.peer, shared };
      const result = await startChild(supervisor, child(ClientSession, arg, { restart: "temporary" }));
      if (!("ok" in result) || result.ok === undefined)
        return refused(503, NO_ANSWER, "no session could be begun; try again");
      const pid = result.ok as Pid<ClientSession>; // what was asked for above
      this.open.set(id, { pid, leg });
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

  endAll(): void {
    for (const { leg } of this.open.values()) leg.peer.close();
  }

  /** To make room: a client that comes back begins anew. */
  private endIdlest(): void {
    const [idlest] = [...this.open.entries()]
      .filter(([, { leg }]) => !leg.isUsed)
      .sort(([, a], [, b]) => a.leg.usedAt - b.leg.usedAt);
    if (idlest === undefined) return;
    this.open.delete(idlest[0]);
    idlest[1].leg.peer.close();
  }
}
