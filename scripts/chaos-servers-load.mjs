// The callers of chaos-servers.mjs: for each server one that calls it again and again, as a conversation would, and notes how each
// call ended and whether a kill of its own server came in between.
import { setTimeout as pause } from "node:timers/promises";
import { BanyanError } from "../dist/supervision/index.js";
import { DEADLINE_MS } from "./chaos-servers-fleet.mjs";

/** Between two calls of one server, at most; the mean is half of it. */
const WELL_PAUSE_MS = 40;
const BAD_PAUSE_MS = 200;
/** For the way of an error through a busy event loop. */
const LATE_MS = 250;

/** What is known of one server while it is called and killed. */
export class Watched {
  killedAt = Number.NEGATIVE_INFINITY;
  killedPid = 0;
  /** When it last answered a call that was made after its last kill. */
  servedAt = Number.NEGATIVE_INFINITY;
  /** True from a kill until its manager says that it is back. */
  down = false;
  /** Milliseconds from a kill until it served again, of every kill that was not followed by another before. */
  recoveries = [];

  constructor(server) {
    this.server = server;
  }

  killed(pid) {
    this.killedPid = pid;
    this.killedAt = performance.now();
    this.down = true;
  }

  answered(startedAt) {
    if (startedAt < this.killedAt) return;
    if (this.servedAt < this.killedAt) this.recoveries.push(performance.now() - this.killedAt);
    this.servedAt = performance.now();
    this.down = false;
  }
}

export class Load {
  /** Each `{ kind, ms, outcome }`: `well` on a server that behaves and was up all the while, `struck` where a kill of that server
   * or its way back fell into the call, `misbehaving` on the others. */
  ended = [];
  begun = 0;
  /** Answers to another call, errors of no type. */
  wrong = [];
  /** Calls that ended past their deadline. */
  late = [];
  #callers = [];
  #on = false;

  constructor(manager, random) {
    this.manager = manager;
    this.random = random;
  }

  /** `provoke` false: those that misbehave are left alone. */
  start(watched, { provoke }) {
    this.#on = true;
    this.provoke = provoke;
    const called = watched.filter(({ server }) => provoke || !server.misbehaves);
    this.#callers = called.map((each) => this.#callAgainAndAgain(each));
  }

  /** Resolves once every call that was begun has ended. */
  async stop() {
    this.#on = false;
    await Promise.all(this.#callers);
  }

  async #callAgainAndAgain(watched) {
    const { server } = watched;
    while (this.#on) {
      const bad = server.misbehaves && this.provoke && server.bad.length > 0 && this.random() < 0.5;
      const pick = (list) => list[Math.floor(this.random() * list.length)];
      await this.call(watched, bad ? pick(server.bad) : pick(server.calls)(this.begun));
      await pause(this.random() * (server.misbehaves ? BAD_PAUSE_MS : WELL_PAUSE_MS));
    }
  }

  async call(watched, { tool, args, answer }) {
    const { server } = watched;
    const startedAt = performance.now();
    const wasDown = watched.down;
    this.begun++;
    const outcome = await this.#outcome(`${server.name}.${tool}`, args, answer);
    const ms = performance.now() - startedAt;
    if (outcome === "answered") watched.answered(startedAt);
    const struck = wasDown || watched.killedAt >= startedAt;
    if (ms > DEADLINE_MS + LATE_MS) this.late.push(`${server.name}.${tool} ended ${Math.round(ms)} ms after it began`);
    const kind = server.misbehaves ? "misbehaving" : struck ? "struck" : "well";
    if (kind === "well" && outcome !== "answered")
      this.wellFailures.set(outcome, (this.wellFailures.get(outcome) ?? 0) + 1);
    this.ended.push({ kind, ms, outcome });
    return outcome === "answered";
  }

  wellFailures = new Map();

  async #outcome(name, args, answer) {
    try {
      const started = performance.now();
      const { wrapper, info } = await this.manager.with({ timeout: DEADLINE_MS }).call.route(name);
      const timeoutMs = Math.max(1, Math.round(DEADLINE_MS - (performance.now() - started)));
      const result = await wrapper.with({ timeout: timeoutMs + LATE_MS }).call.callTool(info.tool, args, { timeoutMs });
      const text = result.content.find(({ type }) => type === "text")?.text ?? "";
      if (answer === undefined || text.includes(answer)) return "answered";
      if (!result.isError)
        this.wrong.push(`${name} was answered with "${text.slice(0, 100)}" and not with "${answer}"`);
      return "tool_error";
    } catch (error) {
      if (!(error instanceof BanyanError)) this.wrong.push(`${name} failed with no type: ${error?.stack ?? error}`);
      return error?.code ?? "untyped";
    }
  }
}
