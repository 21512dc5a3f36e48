// What passes through Banyan between a server and the clients that share it: questions, roots, logs, changes. One app, a server of ours
// over stdio, which does not say which call it asks for, and the reference server over HTTP, which does.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  type ClientCapabilities,
  CreateMessageRequestSchema,
  ElicitationCompleteNotificationSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { names } from "../../../src/application.js";
import { type Application, exit } from "../../../src/supervision/index.js";
import { root } from "../../support/banyan.js";
import { type RemoteServer, startEverything } from "../client/remote-servers.js";
import { startServed } from "./served.js";

const asking = join(root, "test", "support", "asking-server.mjs");
const home = mkdtempSync(join(tmpdir(), "banyan-test-"));
let app: Application;
let remote: RemoteServer;
let url: URL;

beforeAll(async () => {
  remote = await startEverything("streamableHttp");
  const servers = `[[servers]]\nname = "asking"\ncommand = ${JSON.stringify(process.execPath)}\nargs = [${JSON.stringify(asking)}]\n[[servers]]\nname = "all"\nurl = "${remote.url}"\n`;
  app = await startServed(home, `[bundled]\nhost = false\n${servers}`);
  url = new URL(`${await names.httpServer.call.url()}/mcp`);
});

afterAll(async () => {
  await app?.stop();
  await remote?.kill();
  rmSync(home, { recursive: true, force: true });
});

/** A client and all that it was told and asked. */
class Person {
  readonly client: Client;
  readonly transport = new StreamableHTTPClientTransport(url);
  readonly asked: string[] = [];
  readonly logs: unknown[] = [];
  readonly updated: string[] = [];
  readonly done: string[] = [];
  roots: { uri: string }[] = [];
  /** What it fills into forms. */
  content: Record<string, string | number | boolean> = {};
  /** Called with each question; nothing is answered before it resolves. */
  think: () => Promise<void> = async () => {};

  private constructor(
    readonly name: string,
    capabilities: ClientCapabilities,
  ) {
    const client = new Client({ name, version: "1" }, { capabilities });
    this.client = client;
    this.content = { name };
    if (capabilities.elicitation !== undefined)
      client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
        this.asked.push(params.message);
        await this.think();
        return { action: "accept", ...(params.mode === "url" ? {} : { content: this.content }) };
      });
    if (capabilities.sampling !== undefined)
      client.setRequestHandler(CreateMessageRequestSchema, async ({ params }) => {
        this.asked.push(JSON.stringify(params));
        return {
          role: "assistant",
          model: `of ${name}`,
          stopReason: "odd",
          content: { type: "image", data: "AAAA", mimeType: "image/png" },
        };
      });
    if (capabilities.roots !== undefined)
      client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: this.roots }));
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void this.logs.push(params));
    client.setNotificationHandler(
      ResourceUpdatedNotificationSchema,
      ({ params }) => void this.updated.push(params.uri),
    );
    client.setNotificationHandler(
      ElicitationCompleteNotificationSchema,
      ({ params }) => void this.done.push(params.elicitationId),
    );
  }

  static async come(name: string, capabilities: ClientCapabilities = {}, roots: string[] = []): Promise<Person> {
    const person = new Person(name, capabilities);
    person.roots = roots.map((uri) => ({ uri }));
    await person.client.connect(person.transport);
    onTestFinished(() => person.go());
    return person;
  }

  async go(): Promise<void> {
    await this.transport.terminateSession().catch(() => {});
    await this.client.close();
  }

  /** What the tool's text says; read as JSON if it is. */
  async call(tool: string, args: Record<string, unknown> = {}, options = {}): Promise<unknown> {
    const { content } = await this.client.callTool({ name: tool, arguments: args }, undefined, options);
    const [first] = content as { text: string }[];
    try {
      return JSON.parse(first?.text ?? "");
    } catch {
      return first?.text;
    }
  }
}

/** Of this server, and of no other that tells of other things meanwhile. */
const isAskings = (log: unknown): boolean => JSON.stringify(log).includes('"logger":"asking');
const forms: ClientCapabilities = { elicitation: { form: {} } };

test("each of many clients is asked its own questions alone, though they share one connection", async () => {
  const people = await Promise.all(["ann", "bob", "cem", "dot"].map((name) => Person.come(name, forms)));
  const answers = await Promise.all(
    people.flatMap((one) =>
      [1, 2].map(async (n) => ({ one, got: await one.call("asking.ask", { message: `${one.name} ${n}` }) })),
    ),
  );
  for (const { one, got } of answers)
    if ((got as { action: string }).action === "accept")
      expect(got).toEqual({ action: "accept", content: { name: one.name } });
  for (const one of people) {
    expect(one.asked.length).toBeGreaterThan(0);
    expect(one.asked.filter((message) => !message.startsWith(one.name))).toEqual([]);
  }
});

test("an answer that does not fit what the server asked for is refused in the client's place, with what is wrong", async () => {
  const ann = await Person.come("ann", forms);
  for (const [content, wrong] of [
    [{ name: 7 }, "name must be string"],
    [{ surname: "lee" }, "must have required property 'name'"],
  ] as const) {
    ann.content = content;
    expect(await ann.call("asking.ask", { message: "ann, your name?" })).toEqual({
      code: -32_602,
      message: expect.stringContaining(`the client's answer does not fit the form: ${wrong}`),
    });
  }
  ann.content = { name: "lee" };
  expect(await ann.call("asking.ask", { message: "ann?" })).toEqual({ action: "accept", content: { name: "lee" } });
});

test("over HTTP, where the server says which call it asks for, nobody waits for another's user", async () => {
  const [ann, bob] = await Promise.all([Person.come("ann", forms), Person.come("bob", forms)]);
  let bobIsDone = (): void => {};
  ann.think = () => new Promise((resolve) => (bobIsDone = resolve));
  const slow = ann.call("all.trigger-elicitation-request");
  await expect.poll(() => ann.asked.length).toBe(1);
  expect(JSON.stringify(await bob.call("all.trigger-elicitation-request"))).toContain(
    "provided the requested information",
  );
  bobIsDone();
  await slow;
  expect([ann.asked.length, bob.asked.length]).toEqual([1, 1]);
});

test("a client that goes in the middle of a question holds nobody up", async () => {
  const [ann, bob] = await Promise.all([Person.come("ann", forms), Person.come("bob", forms)]);
  ann.think = () => new Promise(() => {});
  void ann.call("asking.ask", { message: "ann" }).catch(() => {});
  await expect.poll(() => ann.asked).toEqual(["ann"]);
  const waits = bob.call("asking.ask", { message: "bob" });
  await ann.go();
  expect(await waits).toEqual({ action: "accept", content: { name: "bob" } });
  expect(bob.asked).toEqual(["bob"]);
});

test("two questions for one client are put to it one after the other", async () => {
  const ann = await Person.come("ann", forms);
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  ann.think = () => answered;
  const calls = ["1", "2"].map((message) => ann.call("asking.ask", { message }));
  await expect.poll(() => ann.asked).toHaveLength(1);
  await ann.call("asking.quiet"); // the server goes on meanwhile
  expect(ann.asked).toHaveLength(1);
  answer();
  expect(await Promise.all(calls)).toMatchObject([{ action: "accept" }, { action: "accept" }]);
  expect(ann.asked.toSorted()).toEqual(["1", "2"]);
});

test("a question is withdrawn from the client when its call is cancelled", async () => {
  const ann = await Person.come("ann", forms);
  let withdrawn = false;
  ann.client.setRequestHandler(ElicitRequestSchema, async ({ params }, { signal }) => {
    ann.asked.push(params.message);
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    withdrawn = true;
    return { action: "cancel" };
  });
  const over = new AbortController();
  const call = ann.call("asking.ask", { message: "x" }, { signal: over.signal });
  await expect.poll(() => ann.asked).toEqual(["x"]);
  over.abort();
  await expect(call).rejects.toThrow();
  await expect.poll(() => withdrawn).toBe(true);
});

test("what a client does not take is refused to the server by the protocol's codes, and the call goes on", async () => {
  const none = await Person.come("none");
  const messages = [{ role: "user", content: { type: "text", text: "hi" } }];
  expect(await none.call("asking.ask", { message: "x" })).toMatchObject({ code: -32601 });
  expect(await none.call("asking.sample", { messages, maxTokens: 5 })).toMatchObject({ code: -32601 });
  const ann = await Person.come("ann", { ...forms, sampling: {} });
  const visit = { message: "go", elicitationId: "1", url: "https://example.org/" };
  expect(await ann.call("asking.visit", visit)).toMatchObject({ code: -32602 });
  const tools = [{ name: "t", inputSchema: { type: "object" } }];
  expect(await ann.call("asking.sample", { messages, maxTokens: 5, tools })).toMatchObject({ code: -32602 });
  expect(ann.asked).toEqual([]);
});

test("sampling reaches the client's model whole, and its answer the server", async () => {
  const ann = await Person.come("ann", { sampling: { tools: {}, context: {} } });
  const params = {
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "what is" },
          { type: "image", data: "AAAA", mimeType: "image/png" },
        ],
      },
      { role: "user", content: { type: "audio", data: "BBBB", mimeType: "audio/wav" } },
    ],
    systemPrompt: "be short",
    includeContext: "thisServer",
    maxTokens: 5,
    stopSequences: ["."],
    metadata: { tier: 1 },
    tools: [{ name: "t", inputSchema: { type: "object" } }],
    toolChoice: { mode: "auto" },
  };
  expect(await ann.call("asking.sample", params)).toEqual({
    role: "assistant",
    model: "of ann",
    stopReason: "odd",
    content: { type: "image", data: "AAAA", mimeType: "image/png" },
  });
  expect(ann.asked.map((said) => JSON.parse(said))).toEqual([params]);
});

test("pages to visit: by a question, by the error of a call, and that it is done is told to whom it was sent", async () => {
  const [ann, bob] = await Promise.all([Person.come("ann", { elicitation: { url: {} } }), Person.come("bob")]);
  const visit = { message: "sign in", elicitationId: "page-1", url: "https://example.org/in" };
  expect(await ann.call("asking.visit", visit)).toEqual({ action: "accept" });
  const address = "https://example.org/?token=abcdefgh12345678";
  await expect(bob.call("asking.locked")).rejects.toMatchObject({
    code: -32042,
    data: { elicitations: [{ mode: "url", elicitationId: "key-1", message: "unlock it", url: address }] },
  });
  for (const elicitationId of ["page-1", "key-1"]) await bob.call("asking.done", { elicitationId });
  await expect.poll(() => [ann.done, bob.done]).toEqual([["page-1"], ["key-1"]]);
});

test("servers may work in the folders of all clients, as they are now", async () => {
  const ann = await Person.come("ann", { roots: { listChanged: true } }, ["file:///ann", "https://no.folder"]);
  const bob = await Person.come("bob", { roots: {} }, ["file:///bob"]);
  const roots = async (): Promise<string[]> =>
    ((await bob.call("asking.roots")) as { roots: { uri: string }[] }).roots.map(({ uri }) => uri);
  await expect.poll(roots).toEqual([expect.stringMatching(/^file:/), "file:///ann", "file:///bob"]);
  ann.roots = [{ uri: "file:///elsewhere" }];
  await ann.client.sendRootsListChanged();
  await expect.poll(async () => (await roots()).slice(1).sort()).toEqual(["file:///bob", "file:///elsewhere"]);
  await ann.go();
  await expect.poll(async () => (await roots()).slice(1)).toEqual(["file:///bob"]);
  await expect.poll(() => bob.call("all.get-roots-list")).toContain("file:///bob");
});

test("a manager of servers that crashes learns again what clients want", async () => {
  const [ann, bob] = [
    await Person.come("ann", { roots: { listChanged: true } }, ["file:///ann"]),
    await Person.come("bob", { roots: {} }, ["file:///bob"]),
  ];
  const roots = async (): Promise<string[]> =>
    ((await bob.call("asking.roots")) as { roots: { uri: string }[] }).roots
      .map(({ uri }) => uri)
      .slice(1)
      .sort();
  await expect.poll(roots).toEqual(["file:///ann", "file:///bob"]);
  exit(names.servers, "kill");
  ann.roots = [{ uri: "file:///zoe" }];
  await ann.client.sendRootsListChanged();
  await expect.poll(roots).toEqual(["file:///bob", "file:///zoe"]);
});

test("log messages come before the answer of the call they belong to, as serious as each client wants them", async () => {
  const [ann, bob] = await Promise.all([Person.come("ann"), Person.come("bob")]);
  await ann.client.setLoggingLevel("debug");
  await bob.client.setLoggingLevel("error");
  const messages = [
    { level: "debug", data: { a: 1 } },
    { level: "error", logger: "db", data: "broken" },
  ];
  await ann.call("asking.log", { messages });
  expect(ann.logs.filter(isAskings)).toEqual([
    { level: "debug", logger: "asking", data: { a: 1 } },
    { level: "error", logger: "asking.db", data: "broken" },
  ]);
  await expect
    .poll(() => bob.logs.filter(isAskings))
    .toEqual([{ level: "error", logger: "asking.db", data: "broken" }]);
  expect(await ann.call("asking.told")).toMatchObject({ levels: expect.arrayContaining(["debug"]) });
});

test("of a flood of log messages the oldest are left out, and how many is said", async () => {
  const ann = await Person.come("ann");
  const messages = Array.from({ length: 500 }, (_, n) => ({ level: "info", data: n }));
  await ann.call("asking.log", { messages });
  expect(ann.logs.filter(isAskings).at(-1)).toMatchObject({ data: 499 });
  const count = (): number => {
    const said = ann.logs.flatMap((log) => /(\d+) older messages/.exec(JSON.stringify(log))?.[1] ?? []);
    return said.reduce((sum, left) => sum + Number(left), ann.logs.filter(isAskings).length);
  };
  await expect.poll(count).toBe(500);
});

test("a change of a resource is told to those who subscribed to it, the server is asked once, and all ends with them", async () => {
  const [ann, bob, cem] = await Promise.all(["ann", "bob", "cem"].map((name) => Person.come(name)));
  if (ann === undefined || bob === undefined || cem === undefined) throw new Error("somebody did not come");
  const before = (await cem.call("asking.told")) as Record<string, unknown[]>;
  const news = async (): Promise<unknown[][]> => {
    const now = (await cem.call("asking.told")) as Record<string, unknown[]>;
    return ["subscribed", "unsubscribed"].map((kind) => (now[kind] ?? []).slice(before[kind]?.length));
  };
  for (const one of [ann, bob]) await one.client.subscribeResource({ uri: "note://1" });
  await bob.client.subscribeResource({ uri: "note://2" });
  expect(await news()).toEqual([["note://1", "note://2"], []]);
  for (const uri of ["note://1", "note://2"]) await cem.call("asking.touch", { uri });
  await expect
    .poll(() => [ann.updated, bob.updated, cem.updated])
    .toEqual([["note://1"], ["note://1", "note://2"], []]);
  await ann.client.unsubscribeResource({ uri: "note://1" });
  expect(await news()).toEqual([["note://1", "note://2"], []]);
  await bob.go();
  await expect.poll(news).toEqual([
    ["note://1", "note://2"],
    ["note://1", "note://2"],
  ]);
});

test("a server that comes back as another process is subscribed to again", async () => {
  const ann = await Person.come("ann");
  await ann.client.subscribeResource({ uri: "note://1" });
  await expect(ann.call("asking.die")).rejects.toThrow();
  await expect.poll(() => ann.call("asking.told").catch(() => "away")).toMatchObject({ subscribed: ["note://1"] });
});

test("what a server says beside a result passes", async () => {
  const ann = await Person.come("ann");
  const result = await ann.client.callTool({ name: "asking.log", arguments: { messages: [] } });
  expect(result._meta).toEqual({ "example.org/cost": 3 });
});

test("what a server asks while it is asked for a prompt, a resource or a completion, it asks whoever wants that", async () => {
  const people = await Promise.all(["ann", "bob", "cem"].map((name) => Person.come(name, forms)));
  const ref = { type: "ref/prompt" as const, name: "asking.greeting" };
  const wanted: ((one: Person, n: number) => Promise<unknown>)[] = [
    ({ client }) => client.getPrompt({ name: "asking.greeting" }),
    // Each its own, since what several want to read at a time is read once.
    ({ client }, n) => client.readResource({ uri: `note://${n}` }),
    ({ client }) => client.complete({ ref, argument: { name: "who", value: "" } }),
  ];
  for (const want of wanted) {
    const got = await Promise.all(people.map((one, n) => want(one, n)));
    for (const [n, { name }] of people.entries()) expect(JSON.stringify(got[n])).toContain(name);
  }
  for (const { asked } of people) expect(asked).toEqual(["prompts/get", "resources/read", "completion/complete"]);
});

test("a prompt that is given up is given up at its server, and its question is taken back", async () => {
  const [ann, bob] = await Promise.all(["ann", "bob"].map((name) => Person.come(name, forms)));
  if (ann === undefined || bob === undefined) throw new Error("nobody came");
  const given = new AbortController();
  ann.think = () => new Promise(() => {});
  const got = ann.client.getPrompt({ name: "asking.greeting" }, { signal: given.signal });
  const ended = expect(got).rejects.toThrow();
  await expect.poll(() => ann.asked).toEqual(["prompts/get"]);
  const { cancelled } = (await bob.call("asking.told")) as { cancelled: number };
  given.abort();
  await ended;
  await expect
    .poll(async () => ((await bob.call("asking.told")) as { cancelled: number }).cancelled)
    .toBe(cancelled + 1);
  expect(JSON.stringify(await bob.client.getPrompt({ name: "asking.greeting" }))).toContain("bob");
});

test("which tools ask is known again to the next process of a server's", async () => {
  const [ann, bob] = await Promise.all(["ann", "bob"].map((name) => Person.come(name, forms)));
  if (ann === undefined || bob === undefined) throw new Error("nobody came");
  await bob.call("asking.ask", { message: "once" });
  await bob.call("asking.quiet");
  const sql = "SELECT items FROM server_lists WHERE server = 'asking' AND kind = 'asking'";
  const kept = async () => JSON.parse(String((await names.store.call.all({ sql }))[0]?.items ?? "[]"));
  await expect.poll(kept).toEqual(
    expect.arrayContaining([
      ["quiet", "quiet"],
      ["ask", "asks"],
    ]),
  );

  const before = await names.servers.call.wrapperOf("asking");
  exit(before, "kill");
  await before.down;
  await expect.poll(async () => (await ann.call("asking.told")) !== undefined).toBe(true);
  const wrapper = await names.servers.call.wrapperOf("asking");
  expect(`${wrapper}`).not.toBe(`${before}`);
  await names.store.call.all({ sql }); // and so what the wrapper has asked for before that is answered, too
  ann.think = () => new Promise(() => {});
  const open = ann.call("asking.ask", { message: "open" });
  open.catch(() => {});
  await expect.poll(() => ann.asked).toContain("open");
  // A tool that is new would wait for its probation, and say so.
  expect(await wrapper.call.callTool("quiet", {})).not.toHaveProperty("askedMs");
  expect((await wrapper.call.callTool("told", {})).askedMs ?? 0).toBe(0);
  await ann.go();
});
