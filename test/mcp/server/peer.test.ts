// A Peer by itself, with a channel that keeps what is sent.
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { FrontDesk, type FrontHost } from "../../../src/mcp/server/front-desk.js";
import { type Channel, type IncomingCall, type Message, Peer, type RequestId } from "../../../src/mcp/server/peer.js";

class Kept implements Channel {
  readonly sent: { readonly message: Message; readonly about: RequestId | undefined }[] = [];
  readonly settledIds: RequestId[] = [];
  closed = 0;
  send(message: Message, about?: RequestId): void {
    this.sent.push({ message, about });
  }
  settled(id: RequestId): void {
    this.settledIds.push(id);
  }
  close(): void {
    this.closed++;
  }
  get messages(): Message[] {
    return this.sent.map(({ message }) => message);
  }
}

function made() {
  const channel = new Kept();
  const peer = new Peer(channel);
  const idle = () => new Promise<void>((resolve) => peer.whenIdle(resolve));
  return { channel, peer, idle };
}

const request = (id: unknown, method: string, params?: unknown) => ({ jsonrpc: "2.0", id, method, params });

describe("a peer that is asked", () => {
  it("answers by its handlers, and tells why it does not", async () => {
    const { channel, peer, idle } = made();
    peer.handle("add", async (params) => ({ sum: (params as { a: number }).a + 1 }));
    peer.handle("fail", async () => {
      throw new Error("/secret/path");
    });
    peer.take(request(1, "add", { a: 1 }));
    peer.take(request("two", "fail"));
    peer.take(request(3, "nowhere"));
    await idle();
    expect(channel.messages).toEqual(
      expect.arrayContaining([
        { jsonrpc: "2.0", id: 1, result: { sum: 2 } },
        { jsonrpc: "2.0", id: "two", error: expect.objectContaining({ code: -32_603 }) },
        { jsonrpc: "2.0", id: 3, error: expect.objectContaining({ code: -32_601 }) },
      ]),
    );
    expect(JSON.stringify(channel.messages)).not.toContain("secret");
  });

  it("takes a reason or an error message that is no text for none", async () => {
    const { channel, peer, idle } = made();
    const bad = { toString: 1, valueOf: 1 };
    peer.handle(
      "wait",
      (_, { signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve({}))),
    );
    peer.take(request(1, "wait"));
    const asked = peer.request("ask", {});
    peer.take({ jsonrpc: "2.0", id: 1, error: { code: 5, message: bad } });
    await expect(asked).rejects.toMatchObject({ code: "client_refused", rpc: { code: 5, message: "" } });
    peer.take({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1, reason: bad } });
    await idle();
    expect(channel.settledIds).toEqual([1]);
  });

  it("refuses what is no message, passes over notifications it does not know, and needs no answer to either", () => {
    const { channel, peer } = made();
    const bad = [
      null,
      7,
      "x",
      [],
      {},
      { jsonrpc: "1.0", id: 1, method: "m" },
      { jsonrpc: "2.0", id: 1.5, method: "m" },
    ];
    for (const message of bad) peer.take(message);
    peer.take({ jsonrpc: "2.0", method: "notifications/unheard" });
    peer.take({ jsonrpc: "2.0", id: 99, result: {} });
    expect(channel.messages).toHaveLength(bad.length);
    for (const message of channel.messages) expect(message).toMatchObject({ error: { code: -32_600 } });
  });

  it("tells each fault in the params in a sentence", async () => {
    const { channel, peer, idle } = made();
    const desk = new FrontDesk({ peer, caller: "test" } as FrontHost); // all that answering needs
    desk.answer("m", z.object({ name: z.string(), deep: z.object({ n: z.number() }) }), async () => ({}));
    peer.take(request(1, "m", { deep: { n: "no" } }));
    await idle();
    const [message] = channel.messages;
    const data = { code: "invalid_params", validation_errors: ["name is missing", "deep.n must be a number"] };
    expect(message).toMatchObject({ id: 1, error: { code: -32_602, message: "m: name is missing", data } });
  });

  it("gives a request up when it is cancelled, and says nothing more about it", async () => {
    const { channel, peer, idle } = made();
    let call: IncomingCall | undefined;
    peer.handle("long", (_, its) => {
      call = its;
      return new Promise((_, reject) => its.signal.addEventListener("abort", () => reject(its.signal.reason)));
    });
    peer.take(request(5, "long", { _meta: { progressToken: "p" } }));
    expect(call?.progressToken).toBe("p");
    call?.notify("notifications/progress", { progress: 1 });
    peer.take({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 5, reason: "enough" } });
    await idle();
    call?.notify("notifications/progress", { progress: 2 });
    expect(call?.signal.reason).toMatchObject({ code: "cancelled", message: "enough" });
    expect(channel.settledIds).toEqual([5]);
    expect(channel.sent).toEqual([
      { message: expect.objectContaining({ method: "notifications/progress" }), about: 5 },
    ]);
  });

  it("refuses a second request by the id of one that is under way, and not the first", async () => {
    const { channel, peer, idle } = made();
    let answer: (result: object) => void = () => {};
    peer.handle("wait", () => new Promise((resolve) => (answer = resolve)));
    peer.take(request(1, "wait"));
    peer.take(request(1, "wait"));
    answer({ done: true });
    await idle();
    expect(channel.messages).toEqual([
      expect.objectContaining({ error: expect.objectContaining({ code: -32_600 }) }),
      { jsonrpc: "2.0", id: 1, result: { done: true } },
    ]);
  });
});

describe("a peer that asks", () => {
  it("is answered, refused, or withdraws its question, also when what it asks for is cancelled", async () => {
    const { channel, peer, idle } = made();
    const yes = peer.request("roots/list", {});
    const no = peer.request("elicitation/create", {});
    peer.take({ jsonrpc: "2.0", id: 1, result: { roots: [] } });
    peer.take({ jsonrpc: "2.0", id: 2, error: { code: -1, message: "not now" } });
    expect(await yes).toEqual({ roots: [] });
    await expect(no).rejects.toMatchObject({ code: "client_refused", rpc: { code: -1, message: "not now" } });

    peer.handle("ask", (_, call) => call.request("sampling/createMessage", {}) as Promise<object>);
    peer.take(request("mine", "ask"));
    expect(channel.sent.at(-1)).toMatchObject({ message: { id: 3, method: "sampling/createMessage" }, about: "mine" });
    peer.take({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "mine" } });
    await idle();
    expect(channel.sent.at(-1)).toMatchObject({
      message: { method: "notifications/cancelled", params: { requestId: 3 } },
      about: "mine",
    });
  });

  it("waits no longer than it is told to, and for nobody who is gone", async () => {
    const { channel, peer } = made();
    await expect(peer.request("ping", {}, { timeoutMs: 1 })).rejects.toMatchObject({ code: "client_silent" });
    const open = peer.request("ping", {});
    let told = 0;
    peer.onClose = () => void told++;
    peer.close();
    peer.close();
    await expect(open).rejects.toMatchObject({ code: "client_gone" });
    await expect(peer.request("ping", {})).rejects.toMatchObject({ code: "client_gone" });
    expect([told, channel.closed]).toEqual([1, 1]);
  });
});
