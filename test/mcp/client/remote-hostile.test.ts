import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { poolName } from "../../../src/actors/pools/connection-pool.js";
import { ConnectionPools } from "../../../src/actors/pools/connection-pools.js";
import {
  CallCancelledError,
  CallTimeoutError,
  RemoteError,
  ServerLostError,
  ServerProtocolError,
  ServerUnavailableError,
} from "../../../src/mcp/client/errors.js";
import type { ToolResult } from "../../../src/mcp/client/mcp-types.js";
import type { ServerConfigInput } from "../../../src/mcp/client/server-config.js";
import type { ServerWrapper } from "../../../src/mcp/client/server-wrapper.js";
import { Application, child, countChildren, named, type Pid, type Ref } from "../../../src/supervision/index.js";
import { type HostileHttp, startHostileHttp } from "../../support/hostile-http.js";
import { eventually } from "./support.js";
import { type Branch, type Recorder, startBranch, startRecorder } from "./tree.js";

let branch: Branch | undefined;
let server: HostileHttp | undefined;
afterEach(async () => {
  await branch?.app.stop();
  await server?.close();
  branch = undefined;
  server = undefined;
});

interface Stage extends Branch {
  readonly server: HostileHttp;
  readonly watcher: Pid<Recorder>;
  readonly wrapper: Ref<ServerWrapper>;
  call(tool: string, timeoutMs?: number): Promise<ToolResult>;
}

/** The hostile server, connected. */
async function stage(more: Partial<ServerConfigInput> = {}, options = {}): Promise<Stage> {
  server = await startHostileHttp(options);
  const watcher = await startRecorder();
  const config = { name: "bad", url: server.url, restartDelayMs: 50, maxLineBytes: 100_000, ...more };
  branch = await startBranch([config]);
  await branch.manager.call.subscribe(watcher);
  await branch.notifications.call.subscribe(watcher);
  const wrapper = (await branch.manager.call.route("bad.echo")).wrapper.with({ timeout: 100_000 });
  const bound = wrapper.with({ timeout: 100_000 });
  const call = (tool: string, timeoutMs = 15_000) => bound.call.callTool(tool, { text: "hello" }, { timeoutMs });
  return { ...branch, server, watcher, wrapper: bound, call };
}

const said = (result: ToolResult): string =>
  result.content.map((block) => (block.type === "text" ? block.text : "")).join("");
const thrown = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

/** How many listeners for `abort` have been added to signals and not been taken away, from now on. */
function countListeners(): { left(): number } {
  const { addEventListener, removeEventListener } = AbortSignal.prototype;
  const open = new Map<AbortSignal, Set<unknown>>();
  AbortSignal.prototype.addEventListener = function (this: AbortSignal, ...given: Parameters<typeof addEventListener>) {
    open.set(this, (open.get(this) ?? new Set()).add(given[1]));
    return addEventListener.apply(this, given);
  };
  AbortSignal.prototype.removeEventListener = function (...given: Parameters<typeof removeEventListener>) {
    open.get(this)?.delete(given[1]);
    return removeEventListener.apply(this, given);
  };
  return {
    left: () => {
      Object.assign(AbortSignal.prototype, { addEventListener, removeEventListener });
      return Math.max(0, ...Array.from(open.values(), ({ size }) => size));
    },
  };
}

describe("a call whose HTTP exchange goes wrong", () => {
  const cases: [tool: string, kind: typeof Error, says: string | RegExp][] = [
    ["cut", ServerLostError as never, "it broke off the connection"],
    ["reset", ServerLostError as never, "it broke off the connection"],
    ["giant", RemoteError as never, "answered with more than 100000 bytes"],
    ["giant_event", ServerProtocolError as never, "which is over the limit of this connection"],
    ["html", RemoteError as never, 'answered with "text/html"'],
    ["empty", RemoteError as never, "answered with nothing (HTTP 202)"],
    ["other", RemoteError as never, "answered a request without the answer to it"],
    ["broken", RemoteError as never, "answered HTTP 503: come back later"],
  ];
  test.each(cases)(
    "ends at once with its reason, and the others and the connection go on: %s",
    async (tool, kind, says) => {
      const { call, server, wrapper } = await stage();
      const other = wrapper.call.callTool("never", {}, { callId: "other" });
      const failed = await thrown(call(tool));
      expect(failed).toBeInstanceOf(kind);
      expect(failed).toHaveProperty("message", expect.stringContaining(String(says)));
      expect(said(await call("echo"))).toBe("hello");
      expect(server.sessions).toBe(1);
      expect((await wrapper.call.describe()).status).toMatchObject({ state: "ready", restarts: 0 });
      wrapper.cast.cancel("other");
      expect(await thrown(other)).toBeInstanceOf(CallCancelledError);
    },
  );

  test("says whether it may be sent again", async () => {
    const { call } = await stage();
    expect(await thrown(call("cut"))).toMatchObject({ code: "server_lost", safeToRetry: true });
    expect(await thrown(call("reset"))).toMatchObject({ code: "server_lost", safeToRetry: false });
  });

  test.each(["never", "silent"])(
    "ends with its deadline where nothing comes, and the server is told: %s",
    async (tool) => {
      const { call, server } = await stage();
      expect(await thrown(call(tool, 500))).toBeInstanceOf(CallTimeoutError);
      await eventually("it is told", () => server.asked.includes("POST notifications/cancelled"));
      expect(said(await call("echo"))).toBe("hello");
    },
  );

  test("and where not even that is taken, the connection stands as long as it answers pings", async () => {
    const { call, server, watcher, wrapper } = await stage({ connectTimeoutMs: 1_000 });
    server.deaf.add("notifications/cancelled");
    const given = thrown(wrapper.call.callTool("never", {}, { callId: "never" }));
    await eventually("it is there", () => server.asked.includes("POST tools/call"));
    wrapper.cast.cancel("never");
    expect(await given).toBeInstanceOf(CallCancelledError);
    await watcher.call.notification("fault", "did not take a message within 1000 ms");
    expect(said(await call("echo"))).toBe("hello");
    expect((await wrapper.call.describe()).status).toMatchObject({ state: "ready", restarts: 0 });
  });

  test("goes on with a stream that was cut, from its last event", async () => {
    const { call, server } = await stage();
    expect(said(await call("resume"))).toBe("after all");
    expect(server.headers.some((sent) => sent["last-event-id"] === "e1")).toBe(true);
  });
});

describe("a session the server has forgotten", () => {
  test("is made again unseen; its lists are read anew and what was subscribed to is subscribed to again", async () => {
    const { call, server, wrapper } = await stage();
    await wrapper.call.subscribeResource("file:///a");
    server.forget();
    const before = server.asked.length;
    const answers = await Promise.all([call("echo"), call("echo"), call("echo")]);
    expect(answers.map(said)).toEqual(["hello", "hello", "hello"]);
    expect(server.sessions).toBe(2);
    await eventually("all is asked for again", () => {
      const since = server.asked.slice(before);
      return since.includes("POST tools/list") && since.includes("POST resources/subscribe");
    });
    expect((await wrapper.call.describe()).status).toMatchObject({ state: "ready", restarts: 0 });
  });

  test("and gives no new one is a connection lost", async () => {
    const { call, server, watcher } = await stage({ connectTimeoutMs: 1_000 });
    server.forget();
    server.deaf.add("initialize");
    expect(await thrown(call("echo"))).toMatchObject({ code: "server_lost" });
    expect(await watcher.call.event("down")).toMatchObject({ reason: "it gave us no new session within 1000 ms" });
    server.deaf.clear();
    await watcher.call.event("back");
  });

  test("of a server that is another version now is a connection lost, and made again", async () => {
    const { call, server, watcher } = await stage();
    server.upgrade();
    expect(await thrown(call("echo"))).toMatchObject({ code: "server_lost" });
    await watcher.call.event("back");
    expect(said(await call("echo"))).toBe("hello");
  });
});

describe("the standing stream", () => {
  test("is opened again when it is cut, and the server's words over it are heard", async () => {
    const { server, watcher } = await stage();
    const first = await eventually("it stands", () => [...server.standing][0]);
    first.destroy();
    const second = await eventually("it stands again", () => [...server.standing].find((each) => each !== first));
    second.write(
      `data: ${JSON.stringify({ jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: "psst" } })}\n\n`,
    );
    await watcher.call.notification("log", "psst");
    expect(server.sessions).toBe(1);
  });

  test.each([405, 404])("is not missed where the server has none, and says %i", async (refuseGet) => {
    const { call, server } = await stage({}, { refuseGet });
    await eventually("it is asked for", () => server.asked.includes("GET"));
    expect(said(await call("echo"))).toBe("hello");
    expect(server.asked.filter((asked) => asked === "GET" || asked === "POST initialize")).toHaveLength(2);
  });

  test("that the server refuses because it has forgotten the session brings a new one", async () => {
    const { server } = await stage();
    const first = await eventually("it stands", () => [...server.standing][0]);
    server.forget();
    first.destroy();
    await eventually("it stands in another session", () => server.sessions === 2 && server.standing.size === 1);
  });

  test("tells at once that the server has gone, though nobody calls; it is connected again when it is back", async () => {
    const { server: gone, watcher, manager, call } = await stage({ maxRestarts: 1_000 });
    await eventually("it stands", () => gone.standing.size > 0);
    await gone.close();
    expect(await watcher.call.event("down")).toMatchObject({
      reason: `it could not be reached: ECONNREFUSED 127.0.0.1:${gone.port}`,
    });
    server = await startHostileHttp({ port: gone.port });
    await manager.call.retry("bad");
    await watcher.call.event("back");
    expect(said(await call("echo"))).toBe("hello");
  });
});

describe("a server that cannot be connected to", () => {
  const cases: [path: string, state: string, says: string, transport?: "sse"][] = [
    ["/guarded", "parked", "asks for credentials (HTTP 401: who are you?)"],
    ["/away", "parked", "sends us to http://127.0.0.2:1/mcp; if you trust it, write that address into servers.bad.url"],
    ["/page", "parked", 'answered with "text/html", which is neither JSON nor a stream of events'],
    ["/endless", "parked", '"initialize" of the server "bad" was not answered within 500 ms'],
    ["/endless", "parked", "did not say within 500 ms where messages go", "sse"],
    ["/page", "parked", "answered a GET with something that is no stream of events", "sse"],
    ["/elsewhere", "parked", "wants messages sent to another origin than its own", "sse"],
  ];
  test.each(cases)("says why: %s", async (path, state, says, transport) => {
    server = await startHostileHttp();
    const url = server.url.replace("/mcp", path);
    const headers = { Authorization: "Bearer abc" };
    const patience = path === "/endless" ? { connectTimeoutMs: 500 } : {};
    branch = await startBranch([
      { name: "bad", url, headers, maxRestarts: 0, ...patience, ...(transport && { transport }) },
    ]);
    const refused = await thrown(branch.manager.call.route("bad.echo"));
    expect(refused).toBeInstanceOf(ServerUnavailableError);
    expect(refused).toMatchObject({ state, reason: expect.stringContaining(says) });
  });

  test("for want of credentials, or because it sends us elsewhere, is not tried again", async () => {
    server = await startHostileHttp();
    const servers = ["guarded", "away"].map((name) => ({ name, url: `http://127.0.0.1:${server?.port}/${name}` }));
    const watcher = await startRecorder();
    branch = await startBranch([]);
    await branch.manager.call.subscribe(watcher);
    await branch.manager.call.setServers(servers);
    await watcher.call.event("parked", "guarded");
    await watcher.call.event("parked", "away");
    expect(server.asked).toEqual(["POST initialize", "POST initialize"]);
  });

  test("but one that has moved within its origin is followed there, with our headers", async () => {
    const { call, server } = await stage({ headers: { "X-Who": "me" } });
    await branch?.manager.call.setServers([
      { name: "moved", url: server.url.replace("/mcp", "/moved"), headers: { "X-Who": "it" } },
    ]);
    const wrapper = (await (branch as Branch).manager.call.route("moved.echo")).wrapper.with({ timeout: 100_000 });
    expect(said(await wrapper.call.callTool("echo", { text: "there" }))).toBe("there");
    expect(server.headers.at(-1)).toMatchObject({ "x-who": "it" });
    void call;
  });
});

describe("a server whose origin has a connection pool", () => {
  const pools = named<ConnectionPools>("ConnectionPools");

  async function pooled(): Promise<Stage> {
    const { port, close } = await startHostileHttp(); // a free port
    await close();
    const pool = {
      name: "p",
      url: `http://127.0.0.1:${port}`,
      min: 0,
      max: 4,
      idleMs: 30_000,
      queue: 100,
      health: undefined,
    };
    const park = { initial: 10, max: 10, jitter: 0 };
    const app = await Application.start({
      strategy: "one_for_one",
      children: [child(ConnectionPools, { pools: [pool], park, maxRestarts: 1_000 }, { name: pools })],
    });
    onTestFinished(() => app.stop());
    await countChildren(pools); // its pools are started before it answers
    return stage({ pool: "p" }, { port });
  }

  test("is spoken to through it, and what goes wrong is told the same", async () => {
    const { call, server, wrapper } = await pooled();
    await eventually("its stream stands", () => server.standing.size > 0);
    expect(said(await call("echo"))).toBe("hello");
    expect(said(await call("resume"))).toBe("after all");
    expect(await thrown(call("cut"))).toMatchObject({ code: "server_lost" });
    expect(await thrown(call("reset"))).toMatchObject({ code: "server_lost" });
    expect(await thrown(call("giant"))).toMatchObject({ code: "server_refused" });
    expect(await thrown(call("silent", 100))).toBeInstanceOf(CallTimeoutError);
    expect(said(await call("echo"))).toBe("hello");
    // Without a request it says "not used yet".
    expect(await poolName("p").call.getStatus()).toMatchObject({
      level: "ok",
      details: server.url.replace("/mcp", ""),
    });
    expect((await wrapper.call.describe()).status).toMatchObject({ state: "ready", restarts: 0 });
  });

  test("is told to be gone when nobody answers there any more", async () => {
    const { server, watcher } = await pooled();
    await eventually("its stream stands", () => server.standing.size > 0);
    await server.close();
    expect(await watcher.call.event("down")).toMatchObject({
      reason: `it could not be reached: ECONNREFUSED 127.0.0.1:${server.port}`,
    });
  });
});

describe("many calls over HTTP", () => {
  // The long version: BANYAN_CALLS=4000 npx vitest run test/mcp/client/remote-hostile.test.ts
  const count = Number(process.env.BANYAN_CALLS ?? 500);
  test.each(["echo", "stream_echo"])(
    `${count} of %s leave no listener behind and warn of none`,
    async (tool) => {
      const warnings: Error[] = [];
      const hear = (warning: Error): void => void warnings.push(warning);
      process.on("warning", hear);
      const { call } = await stage();
      const listeners = countListeners();
      for (let done = 0; done < count; done += 50) {
        const answers = await Promise.all(Array.from({ length: 50 }, () => call(tool)));
        expect(new Set(answers.map(said))).toEqual(new Set(["hello"]));
      }
      expect(listeners.left()).toBeLessThan(20);
      process.off("warning", hear);
      expect(warnings).toEqual([]);
    },
    60_000,
  );
});
