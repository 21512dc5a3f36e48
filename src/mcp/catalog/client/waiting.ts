// Decisions on their way to the server. One that did not get there waits here, and is told apart by its task: sent twice, it is stored
// once.
import type { Decision } from "../queries.js";
import type { DecisionOutcome } from "./banyan-client.js";
import { RefusedError } from "./errors.js";
import type { Rpc } from "./rpc.js";

const MOST = 1_000;
/** As many as the server takes at once. */
const BATCH = 50;
/** Of JSON-RPC: no later attempt would be taken either. */
const NEVER_TAKEN = [-32_600, -32_602];

export class Waiting {
  private readonly kept = new Map<string, Decision>();
  private sending: Promise<void> | undefined;

  constructor(private readonly rpc: Rpc) {}

  get size(): number {
    return this.kept.size;
  }

  async take(decision: Decision): Promise<DecisionOutcome> {
    try {
      await this.rpc.request("cacheDecision", decision);
    } catch (error) {
      if (isFinal(error)) return "refused";
      this.keep(decision);
      return "queued";
    }
    void this.send();
    return "stored";
  }

  /** Sends what waits; never rejects. */
  send(): Promise<void> {
    this.sending ??= this.sendAll().finally(() => {
      this.sending = undefined;
    });
    return this.sending;
  }

  private async sendAll(): Promise<void> {
    while (this.kept.size > 0) {
      const decisions = [...this.kept.values()].slice(0, BATCH);
      const asked = decisions.map((params) => ({ method: "cacheDecision", params }));
      const answers = await this.rpc.batch(asked).catch(() => []);
      const done = decisions.filter((_, place) => {
        const answer = answers[place];
        return answer !== undefined && (!(answer instanceof Error) || isFinal(answer));
      });
      for (const decision of done) this.kept.delete(decision.task_id);
      if (done.length < decisions.length) return; // it is away again, or busy: with the next call
    }
  }

  private keep(decision: Decision): void {
    if (!this.kept.has(decision.task_id)) this.kept.set(decision.task_id, decision);
    const [oldest] = this.kept.keys();
    if (this.kept.size > MOST && oldest !== undefined) this.kept.delete(oldest);
  }
}

/** A TypeError: it cannot be written as JSON. */
function isFinal(error: unknown): boolean {
  if (error instanceof TypeError) return true;
  return error instanceof RefusedError && error.rpcCode !== undefined && NEVER_TAKEN.includes(error.rpcCode);
}
