// The questions a server asks during a call: of the user (elicitation) or of the user's model (sampling). Whoever answers is a
// process above this floor, known by its address alone; while one is open the server waits for the user, so its calls do not run
// out of time. A server may have one question open, and only while it does something it was asked for: whatever else it asks is
// refused unseen, so that none can bury the user in forms. Of these the 1st, 10th, 100th and so on is told, for the telling must
// not become the flood.
import type { NoReply, Ref } from "../../supervision/index.js";
import type { ElicitationAnswer, ElicitationRequest, SamplingAnswer, SamplingRequest } from "./mcp-types.js";

/** Names a question: which server's, and which of all. */
export interface AskedBy {
  readonly server: string;
  readonly id: string;
}

/** Who answers a server for the user. A call may take as long as the user does. */
export interface Elicitor {
  elicit(request: ElicitationRequest & AskedBy): ElicitationAnswer | NoReply | Promise<ElicitationAnswer | NoReply>;
  sample(request: SamplingRequest & AskedBy): SamplingAnswer | NoReply | Promise<SamplingAnswer | NoReply>;
  /** The server wants no answer any more, to either. */
  elicitationWithdrawn(id: string): void;
}

const TIMEOUT = 600_000;

export class Questions {
  /** How many wait for the user. */
  open = 0;
  /** How long any was open, in milliseconds, those that are over. */
  askedMs = 0;
  private openSince = 0;
  private asked = 0;
  private refused = 0;

  /** `isAtWork` is true while the server is being connected or a call of it runs; `report` gets what is worth telling people. */
  constructor(
    private readonly server: string,
    private readonly isAtWork: () => boolean,
    private readonly report: (fault: string) => void,
  ) {}

  /** `cancel` if it may not ask now, if nobody answers in ten minutes, or nobody is there to ask. */
  async elicit(elicitor: Ref<Elicitor>, request: ElicitationRequest, signal: AbortSignal): Promise<ElicitationAnswer> {
    const answer = await this.ask(elicitor, signal, (ask, by) => ask.call.elicit({ ...request, ...by }));
    return answer ?? { action: "cancel" };
  }

  /** Not allowed in the same cases. */
  async sample(elicitor: Ref<Elicitor>, request: SamplingRequest, signal: AbortSignal): Promise<SamplingAnswer> {
    const answer = await this.ask(elicitor, signal, (ask, by) => ask.call.sample({ ...request, ...by }));
    return answer ?? { allowed: false, reason: "the user was not asked, or did not answer" };
  }

  private async ask<T>(
    elicitor: Ref<Elicitor>,
    signal: AbortSignal,
    put: (elicitor: Ref<Elicitor>, by: AskedBy) => Promise<T>,
  ): Promise<T | undefined> {
    if (this.open > 0 || !this.isAtWork()) {
      this.refuse();
      return undefined;
    }
    const id = `${this.server}-${++this.asked}`;
    const withdraw = (): void => elicitor.cast.elicitationWithdrawn(id);
    signal.addEventListener("abort", withdraw, { once: true });
    if (this.open++ === 0) this.openSince = performance.now();
    try {
      return await put(elicitor.with({ timeout: TIMEOUT, signal }), { server: this.server, id });
    } catch {
      if (!signal.aborted) withdraw();
      return undefined;
    } finally {
      if (--this.open === 0) this.askedMs += performance.now() - this.openSince;
      signal.removeEventListener("abort", withdraw);
    }
  }

  private refuse(): void {
    const count = ++this.refused;
    if (!Number.isInteger(Math.log10(count))) return;
    const questions = count === 1 ? "a question that was" : `${count} questions that were`;
    this.report(`asked the user ${questions} not shown: it may ask one at a time, while a call of it runs`);
  }
}
