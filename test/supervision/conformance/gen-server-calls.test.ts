// Calls, requests, casts and plain messages. (otp: gen_server_SUITE; elixir: gen_server_test)
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  type CallError,
  checkResponse,
  exit,
  type From,
  failure,
  GenServer,
  getState,
  type NoReply,
  named,
  noReply,
  type Pid,
  type Ref,
  type RequestId,
  RequestIds,
  type Response,
  receiveResponse,
  send,
  sendRequest,
  stop,
  stopProcess,
  waitResponse,
} from "../../../src/supervision/index.js";
import { settled, withManualClock } from "./manual-clock.js";

const manual = withManualClock();

/** Answers after a while without holding its mailbox, and tells what it was asked. */
class Server extends GenServer<void, { asked: string[]; timeouts: number }> {
  protected override init() {
    this.state = { asked: [], timeouts: 0 };
  }
  protected override handleInfo(message: unknown) {
    if (message === "timeout") this.state.timeouts++;
    else if (message === "stop") return stop({ shutdown: "from info" });
    else this.state.asked.push(String(message));
    return undefined;
  }
  echo<T>(value: T): T {
    return value;
  }
  say(text: string): string {
    this.state.asked.push(text);
    return text;
  }
  armed(): number {
    this.timeoutAfter(1_000);
    return this.state.timeouts;
  }
  timeouts(): number {
    return this.state.timeouts;
  }
  later(ms: number, text: string): NoReply | string {
    const from = this.from<string>();
    this.state.asked.push(text);
    this.sendAfter(ms, `answered ${text}`);
    setAfter(ms, () => from.reply(text));
    return noReply;
  }
  never(): NoReply {
    return noReply;
  }
  async hold(gate: Promise<void>): Promise<void> {
    await gate;
  }
  refuse() {
    return failure("refused");
  }
  leave() {
    return stop("shutdown");
  }
}

function setAfter(ms: number, fn: () => void): void {
  manual.clock.setTimer(ms, fn);
}

/** A process that calls: what its calls came to, and every plain message it got. */
class Caller extends GenServer<Ref<Server>, { seen: unknown[] }> {
  protected override trapExit = true;
  private server!: Ref<Server>; // set by init
  private self_!: Ref<Caller>; // set by init
  protected override init(server: Ref<Server>) {
    this.server = this.use(server);
    this.self_ = this.use(this.self<Caller>());
    this.state = { seen: [] };
  }
  protected override handleInfo(message: unknown) {
    this.state.seen.push(message);
  }
  async later(timeout: number, ms: number) {
    return this.server.with({ timeout }).call.later(ms, "late").catch(failure);
  }
  async callSelf(timeout?: number): Promise<unknown> {
    const self = timeout === undefined ? this.self_ : this.self_.with({ timeout });
    return self.call.ping().catch(failure);
  }
  ping() {
    return "pong";
  }
  request(...asks: [ms: number, text: string][]): RequestId<string>[] {
    return asks.map(([ms, text]) => sendRequest(this.server, "later", ms, text));
  }
}

describe("calls", () => {
  it("A102 call: a reply that arms a time-out of 1,000 ms: after 500 it is pending, after 1,500 it was handled", async () => {
    const pid = await Server.start();
    expect(await pid.call.armed()).toBe(0);
    await manual.clock.advance(500);
    expect(await getState(pid)).toMatchObject({ timeouts: 0 });
    await manual.clock.advance(1_000);
    expect(await pid.call.timeouts()).toBe(1);
  });

  it("A103 call: the caller times out, the server lives, and its late reply shows up nowhere", async () => {
    const server = await Server.start();
    const caller = await Caller.start(server);
    const failed = expect(caller.call.later(1, 30)).rejects.toMatchObject({ code: "timeout", reason: "timeout" });
    await manual.clock.advance(1);
    await failed;
    await manual.clock.advance(30);
    expect(await getState(server)).toMatchObject({ asked: ["late", "answered late"] });
    expect(await getState(caller)).toEqual({ seen: [] });
  });

  it("A104 calling_self: a server that calls itself is told so at once, with the default and the infinite time-out", async () => {
    const caller = await Caller.start(await Server.start());
    await expect(caller.call.callSelf()).rejects.toMatchObject({ code: "calling_self" });
    await expect(caller.call.callSelf(Number.POSITIVE_INFINITY)).rejects.toMatchObject({ code: "calling_self" });
    expect(await caller.call.ping()).toBe("pong");
  });

  it("A105 call/3: calling_self, timeout and noproc each say what was called", async () => {
    const server = await Server.start(undefined, { name: named<Server>("answers") });
    const caller = await Caller.start(server);
    const failed = async (call: Promise<unknown>) => {
      const error = await call.catch((thrown: CallError) => thrown);
      return error instanceof Error ? error.message : error;
    };
    expect(await failed(caller.call.callSelf())).toContain("called itself");
    const late = failed(named<Server>("answers").with({ timeout: 1 }).call.never());
    await manual.clock.advance(1);
    expect(await late).toBe("the name answers.never did not answer in time");
    expect(await failed(named<Server>("nobody").call.timeouts())).toContain("at the name nobody.timeouts;");
    await stopProcess(server);
    expect(await failed(server.call.timeouts())).toContain("at answers.timeouts;");
  });
});

describe("requests", () => {
  it("A106 send_request: a dead pid and an unknown name are noproc, a server that stops gives its reason", async () => {
    const dead = await Server.start();
    await stopProcess(dead);
    const request = sendRequest(dead, "echo", 1);
    expect(await waitResponse(request)).toEqual({ error: { reason: "noproc", ref: dead } });
    const nobody = named<Server>("nobody");
    expect(await receiveResponse(sendRequest(nobody, "say", "?"))).toEqual({
      error: { reason: "noproc", ref: nobody },
    });
    const server = await Server.start();
    expect(await waitResponse(sendRequest(server, "leave"))).toEqual({ error: { reason: "shutdown", ref: server } });
  });

  it("A107 send_request_receive_reqid_collection: answers come in the order of their arrival, with their labels", async () => {
    const server = await Server.start();
    const ids = new RequestIds<number, string>();
    for (const ms of [400, 1, 200]) ids.add(sendRequest(server, "later", ms, `after ${ms}`), ms);
    const seen: unknown[] = [];
    const collect = (async () => {
      while (ids.size > 0) {
        const size = ids.size;
        const answer = await receiveResponse(ids, 10_000);
        if (typeof answer === "object") seen.push([size, answer.label, answer.response]);
      }
    })();
    await manual.clock.advance(400);
    await collect;
    expect(seen).toEqual([
      [3, 1, { reply: "after 1" }],
      [2, 200, { reply: "after 200" }],
      [1, 400, { reply: "after 400" }],
    ]);
    expect(ids.size).toBe(0);
    expect(await receiveResponse(ids)).toBe("no_request");
    expect(await waitResponse(ids)).toBe("no_request");
  });

  it("A108 send_request_*_reqid_collection_error: the same id twice is badarg; one server's stop is an error, the others still answer", async () => {
    const [a, b] = [await Server.start(), await Server.start()];
    const ids = new RequestIds<string, unknown>();
    const doomed: RequestId<unknown> = sendRequest(a, "never");
    ids.add(doomed, "doomed").add(sendRequest(b, "later", 300, "well"), "well");
    expect(() => ids.add(doomed, "again")).toThrow(expect.objectContaining({ code: "badarg" }));
    setAfter(100, () => exit(a, { error: "boom" }));
    const first = waitResponse(ids);
    await manual.clock.advance(100);
    expect(await first).toMatchObject({ label: "doomed", response: { error: { reason: { error: "boom" }, ref: a } } });
    const second = waitResponse(ids);
    await manual.clock.advance(200);
    expect(await second).toMatchObject({ label: "well", response: { reply: "well" } });
  });

  it("A109 send_request_check_reqid_collection: a message is no_reply unless it answers one of the requests", async () => {
    const server = await Server.start();
    const caller = await Caller.start(server);
    const [a, b] = await caller.call.request([200, "a"], [100, "b"]);
    if (a === undefined || b === undefined) throw new Error("two requests were made");
    const ids = new RequestIds<string, string>().add(a, "A").add(b, "B");
    expect(checkResponse("unrelated", ids)).toBe("no_reply");
    expect(checkResponse("unrelated", a)).toBe("no_reply");
    await manual.clock.advance(200);
    const { seen } = (await getState(caller)) as { seen: unknown[] };
    expect(seen).toHaveLength(2);
    expect(seen.map((message) => checkResponse(message, ids))).toEqual([
      { label: "B", response: { reply: "b" }, id: b },
      { label: "A", response: { reply: "a" }, id: a },
    ]);
    expect(checkResponse(seen[0], ids)).toBe("no_request");
  });

  it("keeps the request under way after a wait that timed out, and drops it after a receive that did", async () => {
    const server = await Server.start();
    const [kept, dropped] = [sendRequest(server, "later", 100, "kept"), sendRequest(server, "later", 100, "dropped")];
    const waits = [waitResponse(kept, 50), receiveResponse(dropped, 50)];
    await manual.clock.advance(50);
    expect(await Promise.all(waits)).toEqual(["timeout", "timeout"]);
    await manual.clock.advance(50);
    const answer = await waitResponse(kept);
    expectTypeOf(answer).toEqualTypeOf<Response<string> | "timeout">();
    expect(answer).toEqual({ reply: "kept" });
    await expect(waitResponse(dropped)).rejects.toMatchObject({ code: "badarg" });
  });

  it("tells an expected failure from a reply and from an end", async () => {
    const server = await Server.start();
    expect(await waitResponse(sendRequest(server, "refuse"))).toEqual({ failure: "refused" });
  });

  it("brings a response to a process once: to the one who waits, or as a message", async () => {
    class Both extends GenServer<Ref<Server>, { seen: unknown[] }> {
      private server!: Ref<Server>; // set by init
      protected override init(server: Ref<Server>) {
        this.server = this.use(server);
        this.state = { seen: [] };
      }
      protected override handleInfo(message: unknown) {
        this.state.seen.push(message);
      }
      async waits() {
        return waitResponse(sendRequest(this.server, "say", "waited for"));
      }
      async takesLate(gate: Promise<void>) {
        const request = sendRequest(this.server, "say", "arrived before it was waited for");
        await gate;
        return waitResponse(request);
      }
    }
    const both = await Both.start(await Server.start());
    expect(await both.call.waits()).toEqual({ reply: "waited for" });
    expect(await both.call.takesLate(settled())).toEqual({ reply: "arrived before it was waited for" });
    expect(await getState(both)).toEqual({ seen: [] });
  });
});

describe("casts, plain messages and later replies", () => {
  it("A110 cast: to unknown names and dead pids it returns in silence", async () => {
    const pid = await Server.start();
    await stopProcess(pid);
    expect(pid.cast.say("anybody")).toBeUndefined();
    expect(named<Server>("nobody").cast.say("anybody")).toBeUndefined();
    expect(send(pid, "anybody")).toBeUndefined();
    expect(send(named<Server>("nobody"), "anybody")).toBeUndefined();
  });

  it("A111 info: plain messages, delayed ones too, come to handleInfo, which may stop the server", async () => {
    const pid = await Server.start();
    send(pid, "plain");
    void pid.call.later(500, "delayed");
    await manual.clock.advance(500);
    expect(await getState(pid)).toMatchObject({ asked: ["plain", "delayed", "answered delayed"] });
    send(pid, "stop");
    expect(await pid.down).toEqual({ shutdown: "from info" });
  });

  it("A112 reply_by_alias_with_payload: another process answers with the From it was given, once", async () => {
    class Clerk extends GenServer {
      answer(from: From<string>, text: string) {
        return from.reply(text);
      }
    }
    class Desk extends GenServer<Pid<Clerk>> {
      private clerk!: Ref<Clerk>; // set by init
      protected override init(clerk: Pid<Clerk>) {
        this.clerk = this.use(clerk);
      }
      ask(text: string): NoReply | string {
        const from = this.from<string>();
        this.clerk.cast.answer(from, `${text}: answered by another`);
        this.clerk.cast.answer(from, "never seen");
        return noReply;
      }
    }
    const desk = await Desk.start(await Clerk.start());
    expect(await desk.call.ask("why")).toBe("why: answered by another");
  });
});

describe("a call that nobody waits for any more", () => {
  class Works extends GenServer<void, { begun: string[] }> {
    protected override init() {
      this.state = { begun: [] };
    }
    async work(what: string, gate: Promise<void>, gaveUp: () => void = () => {}) {
      this.state.begun.push(what);
      this.callSignal.addEventListener("abort", gaveUp, { once: true });
      await gate;
      return what;
    }
  }

  it.each([
    ["its caller gives up", (_: Pid<Works>, controller: AbortController) => controller.abort(new Error("not wanted"))],
    ["its deadline passes", () => manual.clock.advance(100)],
    ["the process is killed", (pid: Pid<Works>) => exit(pid, "kill")],
  ])("aborts the signal its handler reads when %s", async (_, end) => {
    const pid = await Works.start();
    const controller = new AbortController();
    let gaveUp = 0;
    const call = pid
      .with({ signal: controller.signal, timeout: 100 })
      .call.work("long", new Promise(() => {}), () => gaveUp++);
    const failed = expect(call).rejects.toBeInstanceOf(Error);
    await settled();
    expect(gaveUp).toBe(0);
    await end(pid, controller);
    await failed;
    await settled();
    expect(gaveUp).toBe(1);
  });

  it("leaves the signal alone when the call was answered", async () => {
    const pid = await Works.start();
    let gaveUp = 0;
    await pid.call.work("short", Promise.resolve(), () => gaveUp++);
    exit(pid, "kill");
    await pid.down;
    expect(gaveUp).toBe(0);
  });

  it("is skipped if it has not begun", async () => {
    const pid = await Works.start();
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const first = pid.call.work("first", gate);
    const controller = new AbortController();
    const unwanted = pid.with({ signal: controller.signal }).call.work("unwanted", gate).catch(String);
    const late = pid.with({ timeout: 10 }).call.work("late", gate).catch(String);
    const last = pid.call.work("last", gate);
    controller.abort("no more");
    await manual.clock.advance(10);
    expect(await unwanted).toBe("no more");
    expect(await late).toContain("did not answer in time");
    open();
    expect(await Promise.all([first, last])).toEqual(["first", "last"]);
    expect(await getState(pid)).toEqual({ begun: ["first", "last"] });
  });

  it("has the process's own signal in a handler that nobody called", async () => {
    const seen = new Promise<boolean>((resolve) => {
      class Cast extends GenServer {
        async go() {
          const { callSignal } = this;
          callSignal.addEventListener("abort", () => resolve(callSignal.aborted), { once: true });
        }
      }
      void Cast.start().then((pid) => {
        pid.cast.go();
        return settled().then(() => exit(pid, "kill"));
      });
    });
    expect(await seen).toBe(true);
  });
});
