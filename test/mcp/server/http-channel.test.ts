// The answers of Streamable HTTP by themselves: a session's channel with handlers of the test's own, on a clock of the test's own.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HttpChannel } from "../../../src/mcp/server/http-channel.js";
import type { IncomingCall } from "../../../src/mcp/server/peer.js";

const times = { keepAliveMs: 15_000, resumeMs: 30_000 };
const never = { signal: new AbortController().signal };
const alone = { isBatch: false, primes: false, request: never };
const primed = { ...alone, primes: true };
const request = (id: unknown, method: string) => ({ jsonrpc: "2.0", id, method });

/** A call that is answered when the test says so. */
interface Asked {
  readonly call: IncomingCall;
  answer(result: object): void;
}

function opened(shared = false, resumeMs = times.resumeMs) {
  const channel = new HttpChannel({ ...times, resumeMs }, { "mcp-session-id": "s" }, shared);
  const asked: Asked[] = [];
  channel.peer.handle("now", async () => ({ ok: true }));
  channel.peer.handle("ask", (_, call) => {
    return new Promise((answer, refuse) => {
      call.signal.addEventListener("abort", () => refuse(new Error("cancelled")));
      asked.push({ call, answer });
    });
  });
  /** The call under way that was asked last. */
  const last = (): Asked => {
    const found = asked.at(-1);
    if (found === undefined) throw new Error("nothing was asked");
    return found;
  };
  return { channel, asked, last };
}

interface Event {
  readonly id: string;
  readonly data: string;
}

/** Reads events one by one. */
class Reader {
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  private text = "";
  comments = 0;
  constructor(response: Response) {
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    if (response.body === null) throw new Error("there is no body");
    this.reader = response.body.getReader();
  }
  /** Undefined at the end. */
  async next(): Promise<Event | undefined> {
    for (;;) {
      const end = this.text.indexOf("\n\n");
      if (end >= 0) {
        const block = this.text.slice(0, end);
        this.text = this.text.slice(end + 2);
        if (!block.startsWith(":")) {
          const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1] ?? "";
          return { id: field("id"), data: field("data") };
        }
        this.comments++;
        continue;
      }
      const { done, value } = await this.reader.read();
      if (done) return undefined;
      this.text += new TextDecoder().decode(value);
    }
  }
  async rest(): Promise<string[]> {
    const all: string[] = [];
    for (let event = await this.next(); event !== undefined; event = await this.next()) all.push(event.data);
    return all;
  }
  cut(): Promise<void> {
    return this.reader.cancel();
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const steps = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({
    jsonrpc: "2.0",
    method: "notifications/progress",
    params: { progress: from + index },
  }));
const parsed = (data: readonly string[]) => data.map((text) => JSON.parse(text));

describe("the answer to a POST", () => {
  it("is JSON when the answer comes first and soon, and nothing is kept of it", async () => {
    const { channel } = opened();
    const response = await channel.post([request(1, "now")], primed);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("mcp-session-id")).toBe("s");
    expect(await response.json()).toEqual({ jsonrpc: "2.0", id: 1, result: { ok: true } });
    expect(channel.isUsed).toBe(false);
    expect(channel.listen("1_1", true).status).toBe(400);
  });

  it("becomes a stream as soon as something is said about it before, in the order it was said", async () => {
    const { channel, last } = opened();
    const answer = channel.post([request(1, "ask")], alone);
    last().call.notify("notifications/progress", { progress: 0 });
    const events = new Reader(await answer);
    last().call.notify("notifications/progress", { progress: 1 });
    last().answer({ ok: true });
    expect(parsed(await events.rest())).toEqual([...steps(0, 2), { jsonrpc: "2.0", id: 1, result: { ok: true } }]);
  });

  it("becomes a stream after a second, with signs of life, and an id to come back with for who knows what that is", async () => {
    const { channel, last } = opened();
    const answer = channel.post([request(1, "ask")], primed);
    vi.advanceTimersByTime(1_500);
    const events = new Reader(await answer);
    expect(await events.next()).toMatchObject({ data: "", id: expect.stringMatching(/^\d+_1$/) });
    vi.advanceTimersByTime(31_000);
    last().answer({ ok: true });
    expect(await events.rest()).toHaveLength(1);
    expect(events.comments).toBe(2);
  });

  it("has the answers of a batch together, and nothing for what was cancelled", async () => {
    const { channel, last } = opened();
    const batch = [request(1, "now"), request(2, "ask"), { jsonrpc: "2.0", method: "notifications/x" }];
    const answer = channel.post(batch, { ...alone, isBatch: true });
    last().answer({ second: true });
    expect(await (await answer).json()).toEqual([
      { jsonrpc: "2.0", id: 1, result: { ok: true } },
      { jsonrpc: "2.0", id: 2, result: { second: true } },
    ]);
    const cancelled = channel.post([request(3, "ask")], alone);
    const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 3 } };
    expect((await channel.post([cancel], alone)).status).toBe(202);
    expect(await (await cancelled).text()).toBe("");
  });

  it("is a refusal for what is no message, and for the id of a request under way, which goes on", async () => {
    const { channel, last } = opened();
    expect((await channel.post([{ method: "ask" }], alone)).status).toBe(400);
    expect((await channel.post([request(1, "now"), request(1, "now")], { ...alone, isBatch: true })).status).toBe(400);
    const first = channel.post([request(1, "ask")], alone);
    expect((await channel.post([request(1, "now")], alone)).status).toBe(400);
    last().answer({ first: true });
    expect(await (await first).json()).toMatchObject({ result: { first: true } });
  });

  it("tells that the session is over, when it ends meanwhile", async () => {
    const { channel } = opened();
    const answer = channel.post([request(1, "ask")], alone);
    channel.peer.close();
    expect((await answer).status).toBe(404);
  });
});

describe("a connection that breaks", () => {
  it("finds what was said last kept, and of long answers no more than there is room for", async () => {
    const { channel, last } = opened();
    const heard: string[] = [];
    for (let id = 1; id <= 6; id++) {
      const answer = channel.post([request(id, "ask")], primed);
      vi.advanceTimersByTime(1_500);
      const events = new Reader(await answer);
      heard.push((await events.next())?.id ?? "");
      last().answer({ text: "x".repeat(4 * 1024 * 1024) });
      await events.rest();
    }
    const kept = heard.map((id) => channel.listen(id, true).status);
    expect(kept).toEqual([400, 400, 400, 200, 200, 200]);
  });

  it("loses nothing: whoever comes back with the last event's id hears what came after it, once", async () => {
    const { channel, last } = opened();
    const answer = channel.post([request(1, "ask")], primed);
    last().call.notify("notifications/progress", { progress: 0 });
    const first = new Reader(await answer);
    await first.next(); // the one that primes
    const heard = await first.next();
    last().call.notify("notifications/progress", { progress: 1 }); // sent, and lost on the way
    await first.cut();
    last().call.notify("notifications/progress", { progress: 2 });
    vi.advanceTimersByTime(times.resumeMs - 1);
    const second = new Reader(channel.listen(heard?.id ?? "", true));
    last().call.notify("notifications/progress", { progress: 3 });
    last().answer({ ok: true });
    expect(parsed(await second.rest())).toEqual([...steps(1, 4), { jsonrpc: "2.0", id: 1, result: { ok: true } }]);
    // The answer may have been lost on its way, too.
    expect(await new Reader(channel.listen(heard?.id ?? "", true)).rest()).toHaveLength(4);
    vi.advanceTimersByTime(times.resumeMs);
    expect(channel.listen(heard?.id ?? "", true).status).toBe(400);
  });

  it("has its call cancelled when nobody comes back in time, or at once when there was nothing to come back with", async () => {
    const { channel, last, asked } = opened();
    const answer = channel.post([request(1, "ask")], primed);
    last().call.notify("notifications/progress", { progress: 0 });
    await new Reader(await answer).cut();
    vi.advanceTimersByTime(times.resumeMs - 1);
    expect(last().call.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(last().call.signal.aborted).toBe(true);

    const late = channel.post([request(2, "ask")], alone); // a client that knows no priming has had no event yet
    vi.advanceTimersByTime(1_500);
    await new Reader(await late).cut();
    vi.advanceTimersByTime(0);
    expect(last().call.signal.aborted).toBe(true);

    const broken = new AbortController();
    void channel.post([request(3, "ask")], { ...alone, request: broken });
    vi.advanceTimersByTime(300);
    broken.abort();
    expect(asked).toHaveLength(3);
    expect(last().call.signal.aborted).toBe(true);
    expect(channel.isUsed).toBe(false);
  });

  it("has its call cancelled at once where nothing is kept", async () => {
    const { channel, last } = opened(false, 0);
    const answer = channel.post([request(1, "ask")], primed);
    last().call.notify("notifications/progress", { progress: 0 });
    await new Reader(await answer).cut();
    vi.advanceTimersByTime(0);
    expect(last().call.signal.aborted).toBe(true);
  });
});

describe("the client's own stream", () => {
  it("gives each connection an id to come back with, also one that takes the place of another", async () => {
    const { channel } = opened();
    const first = new Reader(channel.listen(null, true));
    expect(await first.next()).toEqual({ id: "0_1", data: "" });
    const second = new Reader(channel.listen(null, true));
    channel.peer.notify("notifications/tools/list_changed");
    expect(await second.next()).toEqual({ id: "0_2", data: "" });
    expect(await first.next()).toBeUndefined();
  });

  it("tells what was missed, a change of a list once, and gives way to the client's next one", async () => {
    const { channel } = opened();
    const changed = (kind: string) => channel.peer.notify(`notifications/${kind}/list_changed`);
    for (const kind of ["tools", "prompts", "tools"]) changed(kind);
    const first = new Reader(channel.listen(null, false));
    const methods = async (reader: Reader, count: number) => {
      const all: string[] = [];
      while (all.length < count) all.push(JSON.parse((await reader.next())?.data ?? "").method.split("/")[1]);
      return all;
    };
    expect(await methods(first, 2)).toEqual(["tools", "prompts"]);
    changed("tools");
    changed("tools");
    expect(await methods(first, 2)).toEqual(["tools", "tools"]);
    const second = new Reader(channel.listen(null, false));
    expect(await first.next()).toBeUndefined();
    changed("resources");
    expect(await methods(second, 1)).toEqual(["resources"]);
    await second.cut();
    expect(channel.isUsed).toBe(false);
  });
});

describe("many clients behind one session", () => {
  it("may use the same ids, each answered by its own, and cannot cancel what is another's", async () => {
    const { channel, asked } = opened(true);
    const answers = [channel.post([request(1, "ask")], alone), channel.post([request(1, "ask")], alone)];
    const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };
    expect((await channel.post([cancel], alone)).status).toBe(202);
    for (const [index, one] of asked.entries()) one.answer({ index });
    const said = await Promise.all(answers.map(async (answer) => (await answer).json()));
    expect(said).toEqual([0, 1].map((index) => ({ jsonrpc: "2.0", id: 1, result: { index } })));
  });
});
