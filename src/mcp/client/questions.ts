// The questions a server asks during a call: of the user (elicitation) or of the user's model (sampling). Who answers is whoever
// made the call, a process above this floor, known by its address alone; calls that name nobody are this program's user's. While a
// question is open the server waits for somebody, so his calls do not run out of time. A server may have one question open with
// each of those who call it, and a few in line behind it, and only while it does something it was asked for: whatever else it asks is
// refused unseen, so that none can bury a user in forms. Of these the 1st, 10th, 100th and so on is told, for the telling must not become the flood.
import type { Failure, NoReply, Ref } from "../../supervision/index.js";
import type { Askers, Attribution, Party } from "./askers.js";
import { QuestionRefusedError } from "./errors.js";
import type { ElicitationAnswer, ElicitationRequest, SamplingAnswer, SamplingRequest } from "./mcp-types.js";

/** Names a question: which server's, and which of all. */
export interface AskedBy {
  readonly server: string;
  readonly id: string;
  /** The calls (their ids) it may be about, the likeliest last. */
  readonly calls?: readonly string[];
}

/** Who answers a server. A call may take as long as the user does; a {@link QuestionRefusedError} is told to the server as it is. */
export interface Elicitor {
  elicit(
    request: ElicitationRequest & AskedBy,
  ): ElicitationAnswer | NoReply | Failure<QuestionRefusedError> | Promise<ElicitationAnswer | NoReply>;
  sample(
    request: SamplingRequest & AskedBy,
  ): SamplingAnswer | NoReply | Failure<QuestionRefusedError> | Promise<SamplingAnswer | NoReply>;
  /** The server wants no answer any more, to either. */
  elicitationWithdrawn(id: string): void;
}

/** Those a server's question may be for. */
export interface Asked extends Party {
  /** Bound to the process that asks; absent: this program's user, if he can be asked. */
  readonly elicitor?: Ref<Elicitor>;
}

/** This program's user. */
export const OWN_USER: Asked = { key: "" };

export interface QuestionsHost {
  readonly server: string;
  readonly askers: Askers<Asked>;
  /** Who answers for this program's user; absent: nobody. */
  readonly elicitor: Ref<Elicitor> | undefined;
  /** True while the server is being connected or anything that was asked of it runs. */
  isAtWork(): boolean;
  /** He was being asked for so many milliseconds. */
  asked(party: Asked, ms: number): void;
  /** Is told what is worth telling people. */
  report(fault: string): void;
}

const TIMEOUT = 600_000;
/** Questions that wait until the one before is answered, for each who is asked; more are refused. */
const MOST_IN_LINE = 8;
const METHOD_NOT_FOUND = -32_601;
const INVALID_PARAMS = -32_602;

export class Questions {
  /** Those that are being asked, each with the questions that wait until that is over, the first first. */
  private readonly open = new Map<string, (() => void)[]>();
  private asked = 0;
  private refused = 0;

  constructor(private readonly host: QuestionsHost) {}

  /** Whether he is being asked something. */
  isOpen({ key }: Asked): boolean {
    return this.open.has(key);
  }

  /** `cancel` if it may not ask now, if nobody answers in ten minutes, or nobody is there to ask. `about`: the call it is for. */
  async elicit(request: ElicitationRequest, signal: AbortSignal, about?: string): Promise<ElicitationAnswer> {
    const answer = await this.ask(signal, about, (elicitor, by) => elicitor.call.elicit({ ...request, ...by }));
    return answer ?? { action: "cancel" };
  }

  /** Asks this program's user, whoever else calls the server meanwhile. */
  async elicitOwnUser(request: ElicitationRequest, signal: AbortSignal): Promise<ElicitationAnswer> {
    const to = { party: OWN_USER, calls: [] };
    const id = this.nextId();
    const answer = await this.put(id, to, signal, (elicitor, by) => elicitor.call.elicit({ ...request, ...by }));
    return answer ?? { action: "cancel" };
  }

  /** Not allowed in the same cases. */
  async sample(request: SamplingRequest, signal: AbortSignal, about?: string): Promise<SamplingAnswer> {
    const answer = await this.ask(signal, about, (elicitor, by, party) => {
      if (party.elicitor !== undefined) return elicitor.call.sample({ ...request, ...by });
      const { whole: _, beyondText, ...text } = request;
      if (beyondText !== undefined) throw new QuestionRefusedError(INVALID_PARAMS, beyondText);
      return elicitor.call.sample({ ...text, ...by });
    });
    return answer ?? { allowed: false, reason: "the user was not asked, or did not answer" };
  }

  private async ask<T>(signal: AbortSignal, about: string | undefined, put: Put<T>): Promise<T | undefined> {
    const { askers, isAtWork } = this.host;
    const id = this.nextId();
    const over = new AbortController();
    const both = AbortSignal.any([signal, over.signal]);
    const found = await new Promise<Attribution<Asked> | undefined>((settle) => {
      askers.ask(id, { settle, withdraw: () => over.abort() }, about);
      signal.addEventListener("abort", () => settle(undefined), { once: true });
    });
    try {
      const to = found ?? (askers.isIdle && isAtWork() ? { party: OWN_USER, calls: [] } : undefined);
      if (to !== undefined && !signal.aborted) return await this.put(id, to, both, put);
      if (!signal.aborted) this.refuse();
      return undefined;
    } finally {
      askers.done(id);
    }
  }

  private async put<T>(
    id: string,
    { party, calls }: Attribution<Asked>,
    signal: AbortSignal,
    put: Put<T>,
  ): Promise<T | undefined> {
    const elicitor = party.elicitor ?? this.host.elicitor;
    if (elicitor === undefined)
      throw new QuestionRefusedError(METHOD_NOT_FOUND, "there is nobody to ask for this call");
    if (!(await this.turn(party, signal))) return undefined;
    const withdraw = (): void => elicitor.cast.elicitationWithdrawn(id);
    signal.addEventListener("abort", withdraw, { once: true });
    const since = performance.now();
    try {
      return await put(elicitor.with({ timeout: TIMEOUT, signal }), { server: this.host.server, id, calls }, party);
    } catch (error) {
      if (error instanceof QuestionRefusedError) throw error;
      if (!signal.aborted) withdraw();
      return undefined;
    } finally {
      this.next(party);
      this.host.asked(party, performance.now() - since);
      signal.removeEventListener("abort", withdraw);
    }
  }

  /** Whether it may be put to him now; false: there are too many before it, or nobody wants the answer any more. */
  private turn({ key }: Asked, signal: AbortSignal): boolean | Promise<boolean> {
    const line = this.open.get(key);
    if (line === undefined) {
      this.open.set(key, []);
      return true;
    }
    if (line.length >= MOST_IN_LINE) {
      this.refuse();
      return false;
    }
    return new Promise((resolve) => {
      const go = (): void => {
        signal.removeEventListener("abort", leave);
        resolve(true);
      };
      const leave = (): void => {
        line.splice(line.indexOf(go), 1);
        resolve(false);
      };
      line.push(go);
      signal.addEventListener("abort", leave, { once: true });
    });
  }

  private next({ key }: Asked): void {
    const first = this.open.get(key)?.shift();
    if (first === undefined) this.open.delete(key);
    else first();
  }

  private nextId(): string {
    return `${this.host.server}-${++this.asked}`;
  }

  private refuse(): void {
    const count = ++this.refused;
    if (!Number.isInteger(Math.log10(count))) return;
    const questions = count === 1 ? "a question that was" : `${count} questions that were`;
    this.host.report(
      `asked the user ${questions} not shown: it may ask a few at a time, while a call of it runs, and it must be clear whose`,
    );
  }
}

type Put<T> = (elicitor: Ref<Elicitor>, by: AskedBy, party: Asked) => Promise<T>;
