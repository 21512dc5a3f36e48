// Whose call a server asks its question for. A server shared by several clients asks over one connection, and only Streamable HTTP
// says which call a question belongs to (it comes on the stream of that call's POST). Elsewhere it has to be worked out, and a
// question must never reach somebody else's user. So:
//
// - the candidates are the calls under way when the question came; if all are one party's, it is that party's;
// - tools that have answered without a question are trusted not to ask while another party's tool that is known to, or is new, runs;
// - tools known to ask run for one party at a time, the *lane*; the others wait in line, and the parties take turns;
// - a tool nobody has called yet takes the lane too, until it has answered, asked, or had its probation; while several parties call,
//   it has the lane for itself, so that a question in it tells which tool asks;
// - when a question may be of several tools, these are suspects: they take the lane as new ones do, with a longer probation, until
//   one of them is found to ask (as it seems by ending next after the answer), or they end while the question is still open, or
//   answer often enough without one;
// - a call that was given up keeps its place for a moment, for the server may ask once more before it notices;
// - a question that is ambiguous all the same is held while candidates fall away, and is refused when that takes too long. Its
//   suspects run apart the next time.
//
// What else a server may ask somebody about (a prompt, the reading of a resource, a completion) is a call like one of a tool.
//
// So nobody waits long for a mere suspicion, and for a tool that asks no longer than the calls before his take.
// Pure: it is told what happens and when, and says what is to be done; and what it has learned of tools, which is kept (asking-memory.ts).

/** Whom a question may be for: a client of ours, or whoever uses this program. */
export interface Party {
  /** The same for all calls of one party. */
  readonly key: string;
}

/** Whose a question is, and which of his calls it may belong to, the likeliest last, of equals the newest. */
export interface Attribution<P extends Party> {
  readonly party: P;
  readonly calls: readonly string[];
}

export interface AskersHost {
  /** Monotonic milliseconds. */
  now(): number;
  /** Has {@link Askers.due} called after so many milliseconds. */
  wake(ms: number): void;
  /** The call has waited in line and may be sent now. */
  admit(call: string): void;
}

/** What becomes of a question; each is told once at most, and nothing after {@link Askers.done}. */
export interface QuestionHost<P extends Party> {
  /** Undefined: nobody may be shown it. */
  settle(to: Attribution<P> | undefined): void;
  /** It was settled, and the last of its calls is over since. */
  withdraw(): void;
}

/** How a call ended: the server answered it, its caller gave it up, or it failed in any other way. */
export type CallEnd = "answered" | "given up" | "failed";

/** What is known of tools by their names: that one asks, that it seems to, or that it has answered without a question. */
export type Learned = readonly (readonly [tool: string, how: "asks" | "perhaps" | "quiet"])[];

/** How long a new or suspected tool keeps other parties waiting, in milliseconds. */
export const PROBATION_MS = 1_000;
/** How long an ambiguous question is held after a candidate has fallen away, and how long a suspect of one that is open keeps others
 * waiting, in milliseconds. */
export const HOLD_MS = 5_000;
/** How long an ambiguous question is held at most, in milliseconds. */
export const LONGEST_HOLD_MS = 30_000;
/** How long a call that was given up is taken for one that may still ask, in milliseconds. */
export const GHOST_MS = 500;
/** Calls that end within so many milliseconds may have ended in any order. */
const TOGETHER_MS = 50;
/** Timers may fire so much too early, in milliseconds. */
const EARLY = 1;
/** So often a mere suspect has to answer without a question until it is trusted again. */
const CLEARED_AFTER = 3;
/** Of one server at a time, open or held; more are refused. */
const MOST_QUESTIONS = 50;
const MOST_TOOLS = 5_000;
const MOST_SUSPICIONS = 100;

interface Known {
  /** It asks: no other can have. */
  asks: boolean;
  /** That it asks follows from others being trusted, so it is forgotten when it answers often enough without a question. */
  presumed: boolean;
  /** How often it has answered without a question; below zero while it is suspected of asking. */
  quiet: number;
  /** It has had its probation: nobody waits for it any more. */
  tried: boolean;
}

interface Call<P extends Party> {
  readonly id: string;
  readonly party: P;
  readonly tool: Known;
  /** When it was sent, or began to wait. */
  since: number;
  /** A question that is over may have been its: with whom it shares the doubt, or nobody any more. */
  doubt: Set<Call<P>> | undefined;
  /** Given up then; the server may not know yet. */
  goneAt: number | undefined;
}

interface Question<P extends Party> {
  /** Those it may belong to that are still under way. */
  readonly calls: Set<Call<P>>;
  readonly host: QuestionHost<P>;
  /** Held no longer than until then. */
  readonly latest: number;
  /** Held until then, unless a candidate falls away. */
  until: number;
  settled: P | undefined;
}

export class Askers<P extends Party> {
  /** Those that may be sent, by id. */
  private readonly running = new Map<string, Call<P>>();
  /** Those of them that nobody else's may run beside. */
  private readonly lane = new Set<Call<P>>();
  /** In line for the lane, the first first. */
  private waiting: Call<P>[] = [];
  private readonly questions = new Map<string, Question<P>>();
  private readonly tools = new Map<string, Known>();
  /** Of each of these sets of tools one has asked, and it is not known which. */
  private suspicions: ReadonlySet<Known>[] = [];
  /** After the answer of a question that may have been of each of these: the first of them to end, and when. */
  private readonly ended = new Map<Set<Call<P>>, { readonly calls: Call<P>[]; readonly at: number }>();
  private exact = false;
  /** Since it was told last what has been learned, which was this. */
  private fresh = false;
  private told = "[]";

  constructor(private readonly host: AskersHost) {}

  /** What was learned before this began; of what is known better by now it says nothing. */
  recall(learned: Learned): void {
    for (const [tool, how] of learned) {
      const known = this.known(tool);
      if (known.asks || known.quiet !== 0 || known.tried) continue;
      if (how === "quiet") Object.assign(known, { quiet: 1 });
      else Object.assign(known, { asks: true, presumed: how === "perhaps" });
    }
    this.told = JSON.stringify(this.learned);
    this.due();
  }

  /** There may be {@link news}. */
  get hasLearned(): boolean {
    return this.fresh;
  }

  /** What there is to be kept, if it is something else than before. */
  news(): Learned | undefined {
    this.fresh = false;
    const { learned } = this;
    const text = JSON.stringify(learned);
    if (text === this.told) return undefined;
    this.told = text;
    return learned;
  }

  private get learned(): Learned {
    const learned: Learned[number][] = [];
    for (const [tool, { asks, presumed, quiet }] of this.tools) {
      if (asks) learned.push([tool, presumed ? "perhaps" : "asks"]);
      else if (quiet > 0) learned.push([tool, "quiet"]);
    }
    return learned;
  }

  /** The connection says which call a question belongs to, so nobody has to wait; or it does not. */
  setExact(exact: boolean): void {
    this.exact = exact;
    this.advance();
  }

  /** No call is under way. */
  get isIdle(): boolean {
    return this.running.size === 0;
  }

  /** A call wants to be sent. False: it waits until {@link AskersHost.admit}. */
  enter(id: string, party: P, tool: string): boolean {
    const call = { id, party, tool: this.known(tool), since: this.host.now(), doubt: undefined, goneAt: undefined };
    if (this.exact || !needsLane(call.tool)) {
      this.running.set(id, call);
      return true;
    }
    const isOthersTurn = this.waiting.some((other) => other.party.key !== party.key);
    // Who is being asked may need the tool for his answer.
    if (this.mayHold(party) && (this.isAsked(party) || (!isOthersTurn && this.fits(call)))) {
      this.hold(call);
      return true;
    }
    this.waiting.push(call);
    if (isUnsure(call.tool)) this.host.wake(patienceWith(call.tool));
    return false;
  }

  /** The call is over. */
  leave(id: string, how: CallEnd): void {
    const call = this.running.get(id);
    if (call === undefined) {
      this.waiting = this.waiting.filter((other) => other.id !== id);
    } else {
      if (how === "given up") call.goneAt = this.host.now();
      if (how === "answered") this.answered(call);
      if (how === "given up" && !this.exact && !isTrusted(call.tool)) this.host.wake(GHOST_MS);
      else this.end(call);
      this.withdraw();
    }
    this.advance();
  }

  /** There is another connection, or none: what was asked over the last one is void, and what it was sent is over. */
  lost(): void {
    for (const [id, { settled, host }] of this.questions) {
      this.questions.delete(id);
      if (settled === undefined) host.settle(undefined);
      else host.withdraw();
    }
    for (const call of this.running.values()) if (call.goneAt !== undefined) this.end(call);
    this.advance();
  }

  /** The server asks; `about`: for this call, as the connection says. */
  ask(id: string, host: QuestionHost<P>, about?: string): void {
    const named = about === undefined ? undefined : this.running.get(about);
    const calls = about === undefined ? [...this.running.values()] : named === undefined ? [] : [named];
    if (this.questions.size >= MOST_QUESTIONS) this.unseen(calls);
    if (calls.length === 0 || this.questions.size >= MOST_QUESTIONS) return host.settle(undefined);
    if (about === undefined) this.exact = false; // it was expected to say
    const now = this.host.now();
    const [until, latest] = [now + HOLD_MS, now + LONGEST_HOLD_MS];
    const question = { calls: new Set(calls), host, until, latest, settled: undefined };
    this.questions.set(id, question);
    this.consider(id, question);
    if (this.questions.get(id)?.settled === undefined) this.host.wake(HOLD_MS);
  }

  /** The question is answered, or taken back by the server. */
  done(id: string): void {
    const question = this.questions.get(id);
    this.questions.delete(id);
    if (question === undefined) return;
    if (question.settled === undefined) this.unseen([...question.calls]);
    else for (const call of question.calls) this.answeredOne(call, question.calls);
  }

  /** A question has been answered that may have been the call's. */
  private answeredOne(call: Call<P>, doubt: Set<Call<P>>): void {
    call.doubt = doubt;
    call.since = this.host.now();
    if (this.lane.has(call) && isUnsure(call.tool)) this.host.wake(this.probationOf(call));
  }

  /** Some time is over; see {@link AskersHost.wake}. */
  due(): void {
    const now = this.host.now() + EARLY;
    for (const call of this.running.values()) {
      if (call.goneAt !== undefined && now >= call.goneAt + GHOST_MS) this.end(call);
      else if (this.lane.has(call) && isUnsure(call.tool) && now >= call.since + this.probationOf(call)) {
        call.tool.tried = true;
      }
    }
    for (const call of this.lane) if (!needsLane(call.tool) && call.goneAt === undefined) this.lane.delete(call);
    this.judge(now);
    this.tryBeside(now);
    for (const [id, question] of this.questions) {
      if (question.settled === undefined && now >= question.until) this.refuse(id, question);
    }
    this.advance();
  }

  // --- the lane ------------------------------------------------------------------------------------------------------------

  private known(tool: string): Known {
    let known = this.tools.get(tool);
    if (known === undefined) {
      known = { asks: false, presumed: false, quiet: 0, tried: false };
      if (this.tools.size < MOST_TOOLS) this.tools.set(tool, known);
    }
    return known;
  }

  private mayHold(party: P): boolean {
    for (const { party: other } of this.lane) if (other.key !== party.key) return false;
    return true;
  }

  private isAsked({ key }: P): boolean {
    return [...this.questions.values()].some(({ settled }) => settled?.key === key);
  }

  /** Whether it may run beside what its party has in the lane: it must stay plain which tool asks, if others call meanwhile. */
  private fits({ party, tool }: Call<P>): boolean {
    for (const other of this.lane) {
      const isPlain = other.tool === tool || !(isUnsure(tool) || isUnsure(other.tool));
      if (!isPlain) return this.isAlone(party);
    }
    return true;
  }

  private isAlone({ key }: P): boolean {
    for (const { party } of this.running.values()) if (party.key !== key) return false;
    return this.waiting.every(({ party }) => party.key === key);
  }

  private hold(call: Call<P>): void {
    call.since = this.host.now();
    this.running.set(call.id, call);
    this.take(call);
  }

  private take(call: Call<P>): void {
    this.lane.add(call);
    if (isUnsure(call.tool)) this.host.wake(this.probationOf(call));
  }

  /** Longer while a question may be its, and once that is answered: which of its suspects asked shows as soon as one of them ends. */
  private probationOf(call: Call<P>): number {
    if (call.doubt !== undefined && call.doubt.size > 0) return HOLD_MS;
    for (const { calls } of this.questions.values()) if (calls.has(call)) return HOLD_MS;
    return patienceWith(call.tool);
  }

  /** Those that need not wait go; then it is the turn of the party that has waited longest, with what it has waiting. */
  private advance(): void {
    const free = (call: Call<P>): boolean => this.exact || !needsLane(call.tool);
    const admitted = this.waiting.filter(free);
    this.waiting = this.waiting.filter((call) => !free(call));
    for (const call of admitted) this.running.set(call.id, call);
    const [first] = this.waiting;
    if (first !== undefined && this.mayHold(first.party)) {
      const turn = new Set<Call<P>>();
      for (const call of this.waiting) {
        if (call.party.key !== first.party.key || !this.fits(call)) continue;
        turn.add(call);
        this.hold(call);
      }
      this.waiting = this.waiting.filter((call) => !turn.has(call));
      admitted.push(...turn);
    }
    for (const { id } of admitted) this.host.admit(id);
  }

  /** Of each new or suspected tool that has waited long enough one call runs beside others, to see whether it asks. */
  private tryBeside(now: number): void {
    const tried = new Set([...this.lane].map(({ tool }) => tool));
    for (const call of this.waiting.filter(({ tool }) => isUnsure(tool))) {
      const patience = patienceWith(call.tool);
      this.host.wake(patience);
      if (tried.has(call.tool) || now < call.since + patience) continue;
      tried.add(call.tool);
      this.waiting = this.waiting.filter((other) => other !== call);
      this.hold(call);
      this.host.admit(call.id);
    }
  }

  private end(call: Call<P>): void {
    this.running.delete(call.id);
    this.lane.delete(call);
    // Of a call that was given up a question may still be open: that it is over says nothing of whose that is.
    for (const [id, question] of this.questions) {
      const isFewer = call.goneAt === undefined && question.calls.delete(call);
      if (question.settled === undefined) {
        if (isFewer) this.holdOn(question);
        this.consider(id, question);
      } else if (isFewer) this.learn([...question.calls]);
    }
  }

  // --- questions -----------------------------------------------------------------------------------------------------------

  /** Settles the question if it can be known by now whose it is. */
  private consider(id: string, question: Question<P>): void {
    const calls = [...question.calls];
    const suspects = calls.filter(({ tool }) => !isTrusted(tool));
    const all = partyOf(calls);
    const party = all ?? partyOf(suspects);
    if (calls.length > 0 && party === undefined) return;
    const his = calls.filter((call) => call.party.key === party?.key);
    this.learn(his, calls);
    const present = his
      .filter(({ goneAt }) => goneAt === undefined)
      .sort((one, other) => likelihood(one.tool) - likelihood(other.tool));
    if (party === undefined || present.length === 0) {
      for (const call of his) call.doubt = question.calls;
      this.questions.delete(id);
      return question.host.settle(undefined);
    }
    question.settled = party;
    for (const call of calls) if (!his.includes(call)) question.calls.delete(call);
    for (const call of his) if (!this.exact && call.goneAt === undefined && needsLane(call.tool)) this.take(call);
    question.host.settle({ party, calls: present.map(({ id: call }) => call) });
  }

  /** It has answered. If a question is open that may be its, it is another's: it would have waited for it. */
  private answered(call: Call<P>): void {
    const { tool, doubt } = call;
    if (doubt !== undefined) return this.cameNext(call, doubt);
    if (this.isLastOfQuestion(call)) return;
    tool.quiet++;
    if (tool.quiet <= 1 || tool.presumed) this.fresh = true;
    if (tool.presumed && tool.quiet >= CLEARED_AFTER) Object.assign(tool, { asks: false, presumed: false });
  }

  /** Of those that may have asked, the first to end after its answer is taken for the one that did; the others are not trusted for
   * that, but are as good as new. Where several end together, nothing is known of them yet. */
  private cameNext(call: Call<P>, doubt: Set<Call<P>>): void {
    const ended = this.ended.get(doubt);
    if (ended !== undefined) ended.calls.push(call);
    else if (doubt.size > 0) {
      this.ended.set(doubt, { calls: [call], at: this.host.now() });
      this.host.wake(TOGETHER_MS);
    }
  }

  private judge(now: number): void {
    for (const [doubt, { calls, at }] of this.ended) {
      if (now < at + TOGETHER_MS) continue;
      this.ended.delete(doubt);
      const all = [...doubt];
      doubt.clear();
      const tools = new Set(calls.map(({ tool }) => tool));
      if (tools.size === 1 && calls.every(({ tool }) => tool.quiet < 0)) this.learn(calls.slice(0, 1), all);
    }
  }

  private isLastOfQuestion(call: Call<P>): boolean {
    return [...this.questions.values()].some(({ calls }) => calls.size === 1 && calls.has(call));
  }

  /** One of `calls` has asked, as it seems; of `all`, for certain. */
  private learn(calls: readonly Call<P>[], all = calls): void {
    const untrusted = calls.filter(({ tool }) => !isTrusted(tool));
    const tools = new Set((untrusted.length > 0 ? untrusted : calls).map(({ tool }) => tool));
    const [only] = tools;
    if (only === undefined) return;
    this.fresh = true;
    const isSure = all.every(({ tool }) => tool === only);
    if (tools.size === 1 && only.asks) only.presumed &&= !isSure;
    if ([...tools].some(({ asks }) => asks)) return;
    const explained = this.suspicions.filter((suspects) => [...tools].every((tool) => suspects.has(tool)));
    this.suspicions = this.suspicions.filter((suspects) => !explained.includes(suspects));
    if (tools.size === 1) Object.assign(only, { asks: true, presumed: !isSure, quiet: 0 });
    else {
      for (const tool of tools) Object.assign(tool, { quiet: -CLEARED_AFTER, tried: false });
      this.suspicions = [...this.suspicions, tools].slice(-MOST_SUSPICIONS);
    }
    for (const tool of explained.flatMap((suspects) => [...suspects])) {
      if (!this.suspicions.some((suspects) => suspects.has(tool))) tool.quiet = Math.max(0, tool.quiet);
    }
  }

  private holdOn(question: Question<P>): void {
    const now = this.host.now();
    question.until = Math.min(now + HOLD_MS, question.latest);
    this.host.wake(question.until - now);
  }

  /** It has been ambiguous for too long. */
  private refuse(id: string, question: Question<P>): void {
    this.questions.delete(id);
    this.unseen([...question.calls]);
    question.host.settle(undefined);
  }

  /** One of these has asked, and nobody was shown it. */
  private unseen(calls: readonly Call<P>[]): void {
    const all = new Set(calls);
    for (const call of calls) call.doubt = all;
    this.learn(calls);
  }

  /** A question whose calls are all over interests nobody. */
  private withdraw(): void {
    for (const [id, { calls, settled, host }] of this.questions) {
      if (settled === undefined || [...calls].some(({ goneAt }) => goneAt === undefined)) continue;
      this.questions.delete(id);
      host.withdraw();
    }
  }
}

/** New, or suspected, and not tried. */
function isUnsure({ asks, quiet, tried }: Known): boolean {
  return !asks && quiet <= 0 && !tried;
}

function needsLane(tool: Known): boolean {
  return tool.asks || isUnsure(tool);
}

function isTrusted({ asks, quiet }: Known): boolean {
  return !asks && quiet > 0;
}

/** How long others wait for it. One of the suspects asks, for certain. */
function patienceWith({ quiet }: Known): number {
  return quiet < 0 ? HOLD_MS : PROBATION_MS;
}

/** That it has asked: the more, the likelier. */
function likelihood(tool: Known): number {
  return tool.asks ? 2 : isTrusted(tool) ? 0 : 1;
}

/** Undefined if they are of several, or none. */
function partyOf<P extends Party>(calls: readonly Call<P>[]): P | undefined {
  const [first] = calls;
  return calls.every(({ party }) => party.key === first?.party.key) ? first?.party : undefined;
}
