import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import {
  ElicitRequestSchema,
  type ElicitResult,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { afterEach, describe, expect, it } from "vitest";
import { hearProgress, withProgress } from "../support/progress.js";
import { type Connection, type ConnectOptions, connect } from "../support/stdio-client.js";

const open: Connection[] = [];
const demo = async (options?: ConnectOptions) => {
  const connection = await connect("demo", options);
  open.push(connection);
  return connection;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ client }) => client.close()));
});

/** Collects what arrives and lets a test wait for so many of it. */
function inbox<T>() {
  const items: T[] = [];
  let check = () => {};
  return {
    items,
    push(item: T) {
      items.push(item);
      check();
    },
    atLeast: (n: number) =>
      new Promise<T[]>((resolve) => {
        check = () => {
          if (items.length >= n) resolve(items);
        };
        check();
      }),
  };
}

describe("the demo server", () => {
  it("says what it can do, and lists it", async () => {
    const { client } = await demo();
    expect(client.getServerCapabilities()).toEqual({
      logging: {},
      completions: {},
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
    });
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).toEqual(["slow", "ask_name", "counter", "add_tool", "remove_tool", "crash", "hang", "flood"]);
    expect((await client.listResources()).resources.map(({ uri }) => uri)).toEqual(["demo://clock", "demo://counter"]);
    expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual(["haiku"]);
  });
});

describe("slow", () => {
  it("reports progress with a message every 200 ms until it is done", async () => {
    const { client, call } = await demo();
    const seen = hearProgress(client);
    const begin = performance.now();
    const result = await call("slow", { seconds: 0.7 }, withProgress);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(690);
    expect(result.text).toBe("Worked for 0.7 s.");
    expect(seen).toEqual([
      { progress: 0.2, total: 0.7, message: "Worked 0.2 of 0.7 s" },
      { progress: 0.4, total: 0.7, message: "Worked 0.4 of 0.7 s" },
      { progress: 0.6, total: 0.7, message: "Worked 0.6 of 0.7 s" },
    ]);
  });

  it("stops when it is cancelled, and the server works on", async () => {
    const logs = inbox<unknown>();
    const { client, call } = await demo({
      prepare: (c) =>
        c.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => logs.push(params.data)),
    });
    const stop = new AbortController();
    const running = call("slow", { seconds: 600 }, { signal: stop.signal });
    await logs.atLeast(2);
    stop.abort("enough");
    await expect(running).rejects.toThrow("enough");
    await client.ping(); // whatever was sent before the cancellation arrived has come by now
    const before = logs.items.length;
    expect((await call("slow", { seconds: 0.5 })).isError).toBe(false);
    await client.ping(); // all that was sent before the result has come
    // One start, three steps, one end: the cancelled work is not heard of any more.
    expect(logs.items.slice(before)).toEqual([
      "slow begins: 0.5 s",
      "Worked 0.2 of 0.5 s",
      "Worked 0.4 of 0.5 s",
      "Worked 0.5 of 0.5 s",
      "slow is done",
    ]);
  });

  it("refuses a time out of bounds", async () => {
    const { call } = await demo();
    expect(await call("slow", { seconds: 100_000 })).toMatchObject({ isError: true });
  });
});

describe("ask_name", () => {
  const asking = (answer: ElicitResult, asked: unknown[] = []): ConnectOptions => ({
    capabilities: { elicitation: {} },
    prepare: (client: Client) =>
      client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
        asked.push(params);
        return answer;
      }),
  });

  it("asks in a form and greets", async () => {
    const asked: unknown[] = [];
    const { call } = await demo(asking({ action: "accept", content: { name: "Ada", colour: "violet" } }, asked));
    expect((await call("ask_name")).text).toBe("Hello, Ada! A fine colour, violet.");
    expect(asked).toMatchObject([{ mode: "form", requestedSchema: { required: ["name", "colour"] } }]);
  });

  it.each([
    ["decline", "You would rather not say, and that is fine. Hello all the same!"],
    ["cancel", "The question was closed without an answer; call ask_name to see it again."],
  ] as const)("takes %s for an answer", async (action, text) => {
    const { call } = await demo(asking({ action }));
    expect(await call("ask_name")).toMatchObject({ isError: false, text });
  });

  it("refuses an answer that does not fit the form", async () => {
    const { call } = await demo(asking({ action: "accept", content: { name: "Ada", colour: "plaid" } }));
    expect(await call("ask_name")).toMatchObject({ isError: true });
  });

  it("says so to a client that cannot ask", async () => {
    const { call } = await demo();
    expect(await call("ask_name")).toMatchObject({
      isError: true,
      text: "This client cannot ask its user questions; use one with MCP's form elicitation.",
    });
  });

  it("withdraws its question when the call is cancelled", async () => {
    let withdrawn = () => {};
    let asked = () => {};
    const withdrawal = new Promise<void>((resolve) => {
      withdrawn = resolve;
    });
    const question = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { call } = await demo({
      capabilities: { elicitation: { form: {} } },
      prepare: (client) =>
        client.setRequestHandler(ElicitRequestSchema, (_, { signal }) => {
          signal.addEventListener("abort", () => withdrawn());
          asked();
          return new Promise<never>(() => {});
        }),
    });
    const stop = new AbortController();
    const running = call("ask_name", {}, { signal: stop.signal });
    await question;
    stop.abort("enough");
    await expect(running).rejects.toThrow("enough");
    await withdrawal;
  });
});

describe("failures on demand", () => {
  it("crash ends the process with exit code 1, in the middle of the call", async () => {
    const { call, closed, stderr } = await demo();
    await expect(call("crash")).rejects.toThrow("Connection closed");
    await closed;
    expect(stderr()).toContain("banyan-demo: crashing, as asked.");
  });

  it("crash with after_ms answers first", async () => {
    const { call, closed } = await demo();
    expect((await call("crash", { after_ms: 20 })).text).toBe("This server will crash in 20 ms.");
    await closed;
  });

  it("hang never answers, and can be cancelled", async () => {
    const { client, call } = await demo();
    const stop = new AbortController();
    const hanging = call("hang", {}, { signal: stop.signal });
    const first = await Promise.race([hanging, call("slow", { seconds: 0.3 })]);
    expect(first.text).toBe("Worked for 0.3 s.");
    stop.abort("enough");
    await expect(hanging).rejects.toThrow("enough");
    await client.ping();
  });

  it("flood returns exactly as many bytes as asked, within its bound", async () => {
    const { call } = await demo();
    expect((await call("flood", { bytes: 5_000_000 })).text).toBe("~".repeat(5_000_000));
    expect(await call("flood", { bytes: 20_000_001 })).toMatchObject({ isError: true });
  });
});

describe("what changes while it runs", () => {
  it("counter counts up, and subscribers of the resource are told until they unsubscribe", async () => {
    const updates = inbox<string>();
    const { client, call } = await demo({
      prepare: (c) =>
        c.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => updates.push(params.uri)),
    });
    await call("counter");
    await client.subscribeResource({ uri: "demo://counter" });
    expect((await call("counter", { by: 5 })).text).toBe("The counter is 6.");
    await updates.atLeast(1);
    const { contents } = await client.readResource({ uri: "demo://counter" });
    expect(contents).toEqual([{ uri: "demo://counter", mimeType: "text/plain", text: "6" }]);
    await client.unsubscribeResource({ uri: "demo://counter" });
    await call("counter");
    await client.ping();
    expect(updates.items).toEqual(["demo://counter"]);
  });

  it("the clock ticks for its subscribers", async () => {
    const updates = inbox<string>();
    const { client } = await demo({
      prepare: (c) =>
        c.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => updates.push(params.uri)),
    });
    await client.subscribeResource({ uri: "demo://clock" });
    await updates.atLeast(2);
    const { contents } = await client.readResource({ uri: "demo://clock" });
    const [clock] = contents;
    expect(clock && "text" in clock && Math.abs(Date.now() - Date.parse(clock.text))).toBeLessThan(5_000);
    await expect(client.subscribeResource({ uri: "demo://nothing" })).rejects.toThrow(
      "There is no resource demo://nothing",
    );
  });

  it("add_tool and remove_tool change the list, and clients are told", async () => {
    const changes = inbox<string>();
    const { client, call } = await demo({
      prepare: (c) => c.setNotificationHandler(ToolListChangedNotificationSchema, ({ method }) => changes.push(method)),
    });
    expect((await call("add_tool", { name: "fresh", reply: "I am new" })).text).toBe("Added fresh.");
    await changes.atLeast(1);
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain("fresh");
    expect((await call("fresh")).text).toBe("I am new");
    expect(await call("add_tool", { name: "fresh" })).toMatchObject({ isError: true });
    expect(await call("add_tool", { name: "crash" })).toMatchObject({ isError: true });
    expect(await call("add_tool", { name: "constructor" })).toMatchObject({ isError: true });
    expect((await call("remove_tool", { name: "fresh" })).text).toBe("Removed fresh.");
    await changes.atLeast(2);
    expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain("fresh");
    expect((await call("remove_tool", { name: "crash" })).text).toBe("No tool named crash was added; added are: none.");
  });

  it("logs at the level the client sets", async () => {
    const logs = inbox<string>();
    const { client, call } = await demo({
      prepare: (c) =>
        c.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => logs.push(params.level)),
    });
    await client.setLoggingLevel("info");
    await call("slow", { seconds: 0.3 });
    await client.setLoggingLevel("error");
    await call("counter");
    await client.ping();
    expect(logs.items).toEqual(["info", "info"]);
  });
});

describe("the haiku prompt", () => {
  it("takes a topic, and completes it", async () => {
    const { client } = await demo();
    const { messages } = await client.getPrompt({ name: "haiku", arguments: { topic: "roots" } });
    expect(messages).toMatchObject([
      { role: "user", content: { text: expect.stringContaining("a haiku about roots:") } },
    ]);
    const ref = { type: "ref/prompt" as const, name: "haiku" };
    const { completion } = await client.complete({ ref, argument: { name: "topic", value: "RO" } });
    expect(completion.values).toEqual(["roots"]);
    await expect(client.getPrompt({ name: "haiku" })).rejects.toThrow();
  });
});
