// The ways a client may come, and what each holds it to: Streamable HTTP with sessions and without, HTTP+SSE, and a transport in memory.
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { names } from "../../../src/application.js";
import { Router } from "../../../src/mcp/client/router/router.js";
import { ClientSession } from "../../../src/mcp/server/client-session.js";
import { overTransport } from "../../../src/mcp/server/over-transport.js";
import { type Application, child, startChild, treeOf } from "../../../src/supervision/index.js";
import { hearProgress, withProgress } from "../../support/progress.js";
import { demoSaid, startServed } from "./served.js";

const home = mkdtempSync(join(tmpdir(), "banyan-test-"));
let app: Application | undefined;
let url: string;

async function serve(server: string): Promise<void> {
  app = await startServed(home, `[bundled]\nhost = false\ndemo = true\n[server]\n${server}`);
  url = await names.httpServer.call.url();
}

afterAll(async () => {
  await app?.stop();
  rmSync(home, { recursive: true, force: true });
});

const ACCEPT = "application/json, text/event-stream";
const hello = (protocolVersion: string) => ({
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { protocolVersion, capabilities: {}, clientInfo: { name: "raw", version: "1" } },
});
const slow = (id: unknown, seconds: number) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name: "demo.slow", arguments: { seconds }, _meta: { progressToken: "p" } },
});
const ping = { jsonrpc: "2.0", id: 1, method: "ping" };

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Everything as a strange client might send it, which fetch does not let through. `take` sees the answer as it comes, and may end it. */
function ask(
  method: string,
  path: string,
  {
    headers = {},
    body,
    take,
  }: { headers?: Record<string, string>; body?: unknown; take?: (text: string) => boolean } = {},
): Promise<Answer> {
  const all = { accept: ACCEPT, ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, headers: all }, (response) => {
      let text = "";
      const over = (): void => resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      response.setEncoding("utf8").on("error", over).on("end", over);
      response.on("data", (chunk: string) => {
        text += chunk;
        if (take?.(text) !== true) return;
        over();
        sent.destroy();
      });
    });
    sent.on("error", reject);
    sent.end(body === undefined || typeof body === "string" ? body : JSON.stringify(body));
  });
}

async function begin(version = "2025-11-25"): Promise<Record<string, string>> {
  const { headers } = await ask("POST", "/mcp", { body: hello(version) });
  return { "mcp-session-id": String(headers["mcp-session-id"]), "mcp-protocol-version": version };
}

async function connected(transport: Transport): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return client;
}

/** What every leg owes: the answer, and progress in order before it. */
async function serves(client: Client): Promise<void> {
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain("demo.slow");
  const heard = hearProgress(client);
  const result = await client.callTool({ name: "demo.slow", arguments: { seconds: 0.5 } }, undefined, withProgress);
  expect(result.content).toEqual([{ type: "text", text: "Worked for 0.5 s." }]);
  expect(heard.map(({ progress }) => progress)).toEqual([0.2, 0.4]);
}

/** What a leg with sessions owes: a call that is cancelled ends at the server. */
async function cancels(client: Client, hung: number): Promise<void> {
  const stop = new AbortController();
  const call = client.callTool({ name: "demo.hang" }, undefined, { signal: stop.signal });
  await demoSaid("hang: called", hung);
  stop.abort("enough");
  await expect(call).rejects.toThrow("enough");
  await demoSaid("hang: the call was cancelled", hung);
}

const sessions = (): number => treeOf(names.clientSessions)?.children?.length ?? 0;

describe("with sessions", () => {
  beforeAll(() => serve(`sse = true\nmax_batch = 3\nmax_message = "64KB"\n`));
  afterAll(async () => {
    await app?.stop();
    app = undefined;
  });

  it("a client of 2024 is served over HTTP+SSE, and its session ends with its stream", async () => {
    const before = sessions();
    const client = await connected(new SSEClientTransport(new URL(`${url}/sse`)));
    await serves(client);
    await cancels(client, 1);
    expect(sessions()).toBe(before + 1);
    await client.close();
    await expect.poll(sessions).toBe(before);
    expect((await ask("POST", "/messages?sessionId=made-up", { body: ping })).status).toBe(404);
    expect((await ask("PUT", "/sse", {})).headers.allow).toBe("GET");
  });

  it("a program that has Banyan inside it is served in memory", async () => {
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    const { servers, aggregator, resources, notifications, clientSessions } = names;
    const arg = {
      ...{ servers, aggregator, resources, notifications, router: new Router(servers), version: "1.2.3", dotless: [] },
      ...{ own: [], ownPrompts: [], exposure: "all" as const },
      ...{ prefix: "always" as const, id: "inside", peer: overTransport(ours), owner: names.httpServer },
    };
    await startChild(clientSessions, child(ClientSession, arg, { restart: "temporary" }));
    const before = sessions();
    const client = await connected(theirs);
    await serves(client);
    await cancels(client, 2);
    await client.close();
    await expect.poll(sessions).toBe(before - 1);
  });

  it("loses nothing of a call whose stream was cut: the client comes back with the last event's id", async () => {
    const session = await begin();
    const body = slow(7, 1);
    const cut = await ask("POST", "/mcp", { headers: session, body, take: (text) => text.includes('"progress":0.4') });
    const ids = [...cut.text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id);
    expect(cut.text).toMatch(/^id: .*\nretry: \d+\ndata: \n\n/m);
    const rest = await ask("GET", "/mcp", { headers: { ...session, "last-event-id": String(ids.at(-1)) } });
    const said = `${cut.text}${rest.text}`.match(/"progress":0?\.?\d+|Worked for 1 s/g);
    expect(said).toEqual([..."2468"].map((digit) => `"progress":0.${digit}`).concat("Worked for 1 s"));
  });

  it("agrees on a version that both know, and answers each by its own rules for batches", async () => {
    for (const version of ["2024-10-07", "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "1999-01-01"]) {
      const { text } = await ask("POST", "/mcp", { body: hello(version) });
      expect(JSON.parse(text).result.protocolVersion).toBe(version.startsWith("1999") ? "2025-11-25" : version);
    }
    const batch = [ping, { ...ping, id: 2 }, { jsonrpc: "2.0", method: "notifications/initialized" }];
    const old = await ask("POST", "/mcp", { headers: await begin("2025-03-26"), body: batch });
    expect(JSON.parse(old.text).map(({ id }: { id: number }) => id)).toEqual([1, 2]);
    const refused = await ask("POST", "/mcp", { headers: await begin("2025-06-18"), body: batch });
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([400, -32_600]);
    const long = await ask("POST", "/mcp", { headers: await begin("2025-03-26"), body: [...batch, ping] });
    expect([long.status, JSON.parse(long.text).error.code]).toEqual([400, -32_600]);
  });

  it("turns away what it cannot answer, each by the status that says why", async () => {
    const session = await begin();
    const status = async (...given: Parameters<typeof ask>) => (await ask(...given)).status;
    const posted = (headers: Record<string, string>, body: unknown = ping) =>
      status("POST", "/mcp", { headers: { ...session, ...headers }, body });
    expect(await posted({})).toBe(200);
    expect(await posted({ "content-type": "text/plain" })).toBe(415);
    expect(await posted({ accept: "application/json" })).toBe(406);
    expect(await posted({ accept: "*/*" })).toBe(200);
    expect(await posted({ "mcp-protocol-version": "1999-01-01" })).toBe(400);
    expect(await posted({ "mcp-session-id": "made-up" })).toBe(404);
    expect(await posted({}, hello("2025-11-25"))).toBe(400);
    expect(await posted({}, `${"[".repeat(65)}${"]".repeat(65)}`)).toBe(400);
    expect(await posted({}, `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"${"[".repeat(100)}"}}`)).toBe(200);
    expect(await posted({}, `"${"x".repeat(65 * 1_024)}"`)).toBe(413);
    expect(await posted({ "transfer-encoding": "chunked" }, `"${"x".repeat(65 * 1_024)}"`)).toBe(413);
    expect(await posted({ "transfer-encoding": "chunked" })).toBe(200);
    expect(await posted({}, { jsonrpc: "2.0", method: "notifications/initialized" })).toBe(202);
    for (const method of ["PUT", "HEAD", "PATCH", "OPTIONS"]) {
      const answer = await ask(method, "/mcp", { headers: session });
      expect([answer.status, answer.headers.allow]).toEqual([405, "GET, POST, DELETE"]);
    }
    expect(await status("GET", "/mcp", { headers: { ...session, accept: "application/json" } })).toBe(406);
    expect(await status("GET", "/mcp", { headers: { ...session, "last-event-id": "9_9" } })).toBe(400);
    expect(await status("DELETE", "/mcp", { headers: session })).toBe(200);
    expect(await posted({})).toBe(404);
    expect(await status("DELETE", "/mcp", { headers: session })).toBe(404);
  });
});

describe("without sessions", () => {
  beforeAll(() => serve("stateless = true\n"));

  it("serves each POST for itself, many at once, and has nothing else to offer", async () => {
    const transport = new StreamableHTTPClientTransport(new URL(`${url}/mcp`));
    await serves(await connected(transport));
    expect(transport.sessionId).toBeUndefined();
    const answers = await Promise.all(
      [0.3, 0.1, 0.2].map((seconds) => ask("POST", "/mcp", { body: slow(1, seconds) })),
    );
    for (const [index, { text }] of answers.entries()) {
      expect(text).toContain(`Worked for ${[0.3, 0.1, 0.2][index]} s.`);
      expect(text).toContain('"id":1');
    }
    for (const method of ["GET", "DELETE"]) {
      const { status, headers } = await ask(method, "/mcp");
      expect([status, headers.allow]).toEqual([405, "POST"]);
    }
    expect((await ask("GET", "/sse")).status).toBe(404);
    expect(sessions()).toBe(1);
  });
});
