import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect as connectTo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LoggingMessageNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { names } from "../../../src/application.js";
import { createKey, hashOf, listKeys, revokeKey } from "../../../src/mcp/server/gate/api-keys.js";
import { forAll } from "../../../src/mcp/server/gate/for-all.js";
import { Gate, type GateLimits } from "../../../src/mcp/server/gate/gate.js";
import { gateLimits } from "../../../src/mcp/server/gate/gate-limits.js";
import { httpRefusal } from "../../../src/mcp/server/gate/http-refusals.js";
import { askedAs } from "../../../src/mcp/server/gate/own-names.js";
import { KEYLESS, type Principal } from "../../../src/mcp/server/gate/principal.js";
import { Permission, scope } from "../../../src/mcp/server/gate/scopes.js";
import { Buckets, rateFrom, TokenBucket, takeOfEach } from "../../../src/mcp/server/gate/token-bucket.js";
import { type Line, Turnstile, type TurnstileLimits } from "../../../src/mcp/server/gate/turnstile.js";
import { closeUnread } from "../../../src/mcp/server/unread.js";
import type { Application } from "../../../src/supervision/index.js";
import { root } from "../../support/banyan.js";
import { temporaryHome } from "../../support/home.js";
import { VirtualClock } from "../../support/virtual-clock.js";
import { connect as connectClient, demoSaid, startServed } from "./served.js";

interface Shape {
  readonly name: string;
  readonly text: string;
  readonly statuses: readonly number[];
  readonly only?: number;
  readonly error?: boolean;
  readonly mayClose?: boolean;
}
interface Exchanged {
  readonly answer: string;
  /** By the other side. */
  readonly closed: boolean;
  readonly statuses: number[];
}
const script = (name: string) => import(pathToFileURL(join(root, "scripts", name)).href);
// The scripts have no types: these are what npm run chaos:gateway sends, and how.
const { shapes } = (await script("chaos-gateway-shapes.mjs")) as { shapes: Record<string, readonly Shape[]> };
const raw = (await script("chaos-gateway-raw.mjs")) as {
  exchange(at: { port: number }, text: string, limits: { ms: number; most?: number }): Promise<Exchanged>;
  request(method: string, path: string, headers: Record<string, string>, body?: string): string;
  readonly mcp: Record<string, string>;
  readonly hello: string;
};

describe("a rate", () => {
  it("lets its burst through at once, and over any time no more than that and what has come back since", () => {
    const rate = fc.record({ amount: fc.integer({ min: 1, max: 500 }), unit: fc.constantFrom("s", "min", "h") });
    const steps = fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 300 });
    fc.assert(
      fc.property(rate, steps, ({ amount, unit }, pauses) => {
        const found = rateFrom(`${amount}/${unit}`);
        if (found === undefined) throw new Error("no rate");
        const bucket = new TokenBucket(found, 0);
        let [now, taken] = [0, 0];
        for (const pause of pauses) {
          now += pause;
          const wait = takeOfEach([bucket], now);
          if (wait === 0) taken++;
          // What it says of when to come back is true.
          else expect(takeOfEach([bucket], (now += Math.ceil(wait) + 1))).toBe(0);
          if (wait > 0) taken++;
          expect(taken).toBeLessThanOrEqual(amount + (now * amount) / found.periodMs + 1e-2);
        }
        expect(taken).toBeGreaterThanOrEqual(Math.min(amount, pauses.length));
      }),
      { numRuns: 50 },
    );
  });

  it("takes nothing of one where another is empty, and what is unlimited is never counted", () => {
    const [full, empty] = ["2/h", "1/h"].map(
      (written) => new TokenBucket(rateFrom(written) ?? { burst: 0, periodMs: 1 }, 0),
    );
    expect(takeOfEach([full, empty, undefined], 0)).toBe(0);
    for (let n = 0; n < 3; n++) expect(takeOfEach([full, empty], 0)).toBe(3_600_000);
    expect(takeOfEach([full], 0)).toBe(0);
    for (const written of [undefined, "unlimited"]) expect(rateFrom(written)).toBeUndefined();
    expect(new Buckets(undefined).of("anybody", 0)).toBeUndefined();
  });

  it("holds no more buckets than it may, however many names are tried", () => {
    const buckets = new Buckets({ burst: 1, periodMs: 1 }, 100);
    for (let n = 0; n < 10_000; n++) buckets.of(`name ${n}`, n);
    expect(buckets.size).toBe(100);
  });
});

describe("the queue", () => {
  const limits = { inFlight: 4, queue: 6, queueMs: 1_000 };
  const ofSession = 2;

  /** One request after another into a turnstile, told apart by names such as "a1". */
  function play(of: TurnstileLimits = limits) {
    const clock = new VirtualClock();
    const turnstile = new Turnstile(of, clock);
    const lines = new Map<string, Line>();
    const admitted: string[] = [];
    const refused: string[] = [];
    const line = (name: string): Line => {
      const found = lines.get(name.charAt(0)) ?? turnstile.line(ofSession);
      lines.set(name.charAt(0), found);
      return found;
    };
    const enter = (name: string, signal?: AbortSignal): void => {
      try {
        const turn = line(name).enter(signal && { signal });
        if (turn === undefined) admitted.push(name);
        else
          turn.then(
            () => admitted.push(name),
            (error) => refused.push(`${name} ${error.code}`),
          );
      } catch (error) {
        refused.push(`${name} ${(error as { code: string }).code}`); // what enter throws has one
      }
    };
    return { clock, turnstile, line, enter, admitted, refused, settle: () => clock.advance(0) };
  }

  it("is served a request of each session in turn, and no session has more at a time than it may", async () => {
    const { enter, line, admitted, settle } = play();
    for (const name of ["a1", "a2", "a3", "a4", "a5", "b1", "b2", "c1", "d1"]) enter(name);
    expect(admitted).toEqual(["a1", "a2", "b1", "b2"]);
    for (const name of ["a", "a", "b", "c"]) {
      line(name).leave();
      await settle();
    }
    expect(admitted.slice(4)).toEqual(["c1", "d1", "a3", "a4"]);
  });

  it("refuses when it is full: the session with most waiting gives way to others, and never others to it", async () => {
    const { enter, admitted, refused, settle } = play();
    for (let n = 1; n <= 9; n++) enter(`a${n}`);
    for (const name of ["b1", "b2", "c1", "c2"]) enter(name);
    await settle();
    expect(admitted).toEqual(["a1", "a2", "b1", "b2"]);
    expect(refused).toEqual(["a9 overloaded", "a8 overloaded", "a7 overloaded"]);
  });

  it("is left by whoever waits too long, cancels, or is gone, and what they held is free", async () => {
    const { clock, turnstile, line, enter, admitted, refused, settle } = play();
    const cancel = new AbortController();
    for (const name of ["a1", "a2", "a3"]) enter(name);
    enter("a4", cancel.signal);
    cancel.abort();
    await settle();
    expect(refused).toEqual(["a4 cancelled"]);
    await clock.advance(999);
    enter("a5");
    expect(refused).toHaveLength(1);
    await clock.advance(1);
    expect(refused.slice(1)).toEqual(["a3 overloaded"]);
    for (const name of ["b1", "b2", "c1"]) enter(name);
    line("a").close();
    await settle();
    expect(refused.slice(2)).toEqual(["a5 cancelled"]);
    expect(admitted).toEqual(["a1", "a2", "b1", "b2", "c1"]);
    line("a").leave(); // of a request that ends after its session
    expect(turnstile.figures).toEqual({ running: 3, waiting: 0 });
    await clock.advance(10_000);
    expect(refused).toHaveLength(3);
  });

  it("whatever comes, keeps its limits, forgets nobody, and leaves no place empty that somebody waits for", async () => {
    const what = fc.record({
      session: fc.constantFrom("a", "b", "c", "d"),
      act: fc.constantFrom("enter", "enter", "enter", "leave", "cancel", "wait", "close"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(what, { maxLength: 60 }), async (acts) => {
        const clock = new VirtualClock();
        const turnstile = new Turnstile(limits, clock);
        const lines = new Map<string, Line>();
        const cancels: AbortController[] = [];
        const count = { entered: 0, over: 0 };
        for (const { session, act } of acts) {
          const line = lines.get(session) ?? turnstile.line(ofSession);
          lines.set(session, line);
          if (act === "enter") {
            count.entered++;
            const cancel = new AbortController();
            cancels.push(cancel);
            try {
              const turn = line.enter(cancel);
              const done = (): void => void count.over++;
              if (turn === undefined) done();
              else turn.then(done, done);
            } catch {
              count.over++;
            }
          } else if (act === "leave" && line.running > 0) line.leave();
          else if (act === "cancel") cancels.pop()?.abort();
          else if (act === "wait") await clock.advance(400);
          else if (act === "close") {
            line.close();
            lines.delete(session);
          }
          await Promise.resolve();
          const { running, waiting } = turnstile.figures;
          const all = [...lines.values()];
          expect(running).toBe(all.reduce((sum, each) => sum + each.running, 0));
          expect(waiting).toBe(all.reduce((sum, each) => sum + each.waiting.size, 0));
          expect(running).toBeLessThanOrEqual(limits.inFlight);
          expect(waiting).toBeLessThanOrEqual(limits.queue);
          for (const each of all) {
            expect(each.running).toBeLessThanOrEqual(ofSession);
            const mayMore = running < limits.inFlight && each.running < ofSession;
            if (each.waiting.size > 0) expect(mayMore).toBe(false);
          }
        }
        await clock.advance(limits.queueMs);
        expect(count.over).toBe(count.entered);
        expect(turnstile.figures.waiting).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});

describe("the gate", () => {
  const open: GateLimits = {
    inFlight: 2,
    inFlightSession: 2,
    queue: 0,
    queueMs: 0,
    rate: undefined,
    rateSession: undefined,
    rateTool: undefined,
  };
  const principal = (id: string, scopes = ["*"]): Principal => ({ id, name: id, permission: new Permission(scopes) });
  const said = (act: () => unknown): unknown => {
    try {
      act();
      return "let in";
    } catch (error) {
      return { ...(error as { code: number; data: object }) }; // what the gate throws is a Refusal
    }
  };

  it("counts a key's requests over all its sessions, each session's own, and each tool's apart", () => {
    const rates = { rate: rateFrom("4/h"), rateSession: rateFrom("3/h"), rateTool: rateFrom("1/h") };
    const gate = new Gate({ ...open, inFlight: 100, inFlightSession: 100, ...rates }, new VirtualClock());
    const [one, two, other] = [gate.pass(principal("k")), gate.pass(principal("k")), gate.pass(principal("other"))];
    const ask = (pass: typeof one) => said(() => pass.enter("tools/call"));
    const limited = { code: -32_029, data: { code: "rate_limited", retry_after_ms: 1_200_000 } };
    for (let n = 0; n < 3; n++) expect(ask(one)).toBe("let in");
    expect(ask(one)).toEqual(limited);
    expect(ask(two)).toBe("let in");
    expect(ask(two)).toMatchObject({ data: { code: "rate_limited", retry_after_ms: 900_000 } });
    expect(ask(other)).toBe("let in");
    expect(said(() => one.callTool("a.x"))).toBe("let in");
    expect(said(() => two.callTool("a.x"))).toMatchObject({ data: { code: "rate_limited" } });
    expect(said(() => two.callTool("a.y"))).toBe("let in");
    expect(said(() => other.callTool("a.x"))).toBe("let in");
    expect(httpRefusal({ jsonrpc: "2.0", id: 1, error: { message: "", ...limited } })).toEqual({
      status: 429,
      headers: { "Retry-After": "1200" },
    });
  });

  it("never counts a ping, and refuses what there is no room for with a time to come back", () => {
    const pass = new Gate(open, new VirtualClock()).pass(KEYLESS);
    for (let n = 0; n < 2; n++) expect(said(() => pass.enter("tools/list"))).toBe("let in");
    const full = { code: -32_029, data: { code: "overloaded", retry_after_ms: 1_000 } };
    expect(said(() => pass.enter("tools/list"))).toEqual(full);
    for (let n = 0; n < 9; n++) expect(said(() => pass.enter("ping"))).toBe("let in");
    for (let n = 0; n < 9; n++) pass.leave("ping");
    expect(said(() => pass.enter("tools/list"))).toEqual(full);
    pass.leave("tools/list");
    expect(said(() => pass.enter("tools/list"))).toBe("let in");
  });

  it("opens what the scopes name and nothing else, and tells not whether there is such a tool", () => {
    const opened = (...scopes: string[]) => {
      const pass = new Gate(open, new VirtualClock()).pass(principal("k", scopes));
      const tools = [
        "git.log",
        "files.read",
        "host.create_tool",
        "catalog.query_agents",
        "chat.send",
        "banyan.call_tool",
        "banyan.health",
      ];
      return tools.filter((tool) => said(() => pass.callTool(tool)) === "let in").join(" ");
    };
    expect(opened("*")).toBe(
      "git.log files.read host.create_tool catalog.query_agents chat.send banyan.call_tool banyan.health",
    );
    expect(opened("tools")).toBe("git.log files.read banyan.call_tool");
    expect(opened("tools:*")).toBe("git.log files.read banyan.call_tool");
    expect(opened("tools:git.*", "catalog")).toBe("git.log catalog.query_agents banyan.call_tool");
    expect(opened("tools:chat.*")).toBe("chat.send banyan.call_tool");
    expect(opened("manage")).toBe("host.create_tool banyan.call_tool");
    expect(opened("metrics", "prompts", "resources")).toBe("banyan.health");
    const pass = new Gate(open, new VirtualClock()).pass(principal("k", ["tools:git.*", "prompts"]));
    const [there, nowhere] = ["files.read", "no.where"].map((name) => said(() => pass.callTool(name)));
    expect([there, nowhere]).toMatchObject([{ code: -32_003 }, { code: -32_003 }]);
    expect(said(() => pass.enter("resources/read"))).toMatchObject({ data: { code: "forbidden" } });
    for (const method of ["prompts/get", "tools/list"]) expect(said(() => pass.enter(method))).toBe("let in");
    expect(httpRefusal({ error: { code: -32_003, data: { code: "forbidden" } } })?.status).toBe(403);
    for (const wrong of ["", "tools:", "tool", "tools:a b", "**", "Metrics", "tools:git.*\n"])
      expect(scope.safeParse(wrong).success).toBe(false);
  });

  it("lets be heard what servers log of which it opens anything", () => {
    const heard = (...scopes: string[]) => {
      const permission = new Permission(scopes);
      return ["git", "git~2", "github", "host", "catalog"].filter((server) => permission.mayHear(server)).join(" ");
    };
    expect(heard("*")).toBe("git git~2 github host catalog");
    for (const scope of ["tools", "resources", "prompts", "tools:*", "tools:*t*"])
      expect(heard(scope)).toBe("git git~2 github host");
    for (const scope of ["tools:git.*", "tools:git.log", "tools:git.l*"]) expect(heard(scope)).toBe("git git~2");
    expect(heard("tools:git*")).toBe("git git~2 github");
    expect(heard("manage", "catalog")).toBe("host catalog");
    expect(heard("metrics", "tools:gi", "tools:files.*")).toBe("");
  });

  it("limits no rate on this machine, and each one elsewhere, unless the settings say", () => {
    const settings = { in_flight: 1, in_flight_session: 1, queue: 1, queue_wait: 1 };
    const at = (host: string, more = {}) => {
      const { rate, rateSession, rateTool } = gateLimits({ ...settings, ...more }, { host, port: 1 });
      return [rate, rateSession, rateTool].map((found) => found?.burst);
    };
    expect(at("127.0.0.1")).toEqual([undefined, undefined, undefined]);
    expect(at("0.0.0.0")).toEqual([1_000, 500, 500]);
    expect(at("0.0.0.0", { rate: "unlimited", rate_tool: "5/s" })).toEqual([undefined, 500, 5]);
    expect(at("127.0.0.1", { rate_session: "6000/min" })).toEqual([undefined, 6_000, undefined]);
  });
});

describe("the names it is asked by", () => {
  const local = { bound: "127.0.0.1", hosts: [], origins: [] };
  const wide = { bound: "0.0.0.0", hosts: ["tools.example.com"], origins: ["https://app.example.com"] };

  it.each([
    [local, { host: "127.0.0.1:3700" }, "127.0.0.1"],
    [local, { host: "localhost", origin: "http://localhost:5173" }, "localhost"],
    [local, { host: "[::1]:3700" }, "::1"],
    [wide, { host: "tools.example.com" }, "tools.example.com"],
    [wide, { host: "TOOLS.example.com:443", origin: "https://app.example.com" }, "tools.example.com"],
    [wide, { host: "10.0.0.7:3700", address: "10.0.0.7" }, "10.0.0.7"],
    [wide, { host: "10.0.0.7:3700", address: "::ffff:10.0.0.7" }, "10.0.0.7"],
    [wide, { host: "localhost:3700", address: "127.0.0.1" }, "localhost"],
    [{ ...wide, bound: "box.lan" }, { host: "box.lan:3700" }, "box.lan"],
  ])("are its own: %j asked by %j", (names, said, as) => {
    expect(askedAs(names, said)).toBe(as);
  });

  it.each([
    [local, {}],
    [local, { host: "evil.example" }],
    [local, { host: "127.0.0.1.evil.example:3700" }],
    [local, { host: "evil.example@127.0.0.1" }],
    [local, { host: "127.0.0.1/evil.example" }],
    [local, { host: "10.0.0.7", address: "10.0.0.7" }],
    [local, { host: "127.0.0.1", origin: "https://evil.example" }],
    [local, { host: "127.0.0.1", origin: "null" }],
    [local, { host: "127.0.0.1", origin: "file://" }],
    [local, { host: "127.0.0.1", origin: "http://localhost.evil.example" }],
    [wide, { host: "evil.example", address: "10.0.0.7" }],
    [wide, { host: "10.0.0.8", address: "10.0.0.7" }],
    [wide, { host: "tools.example.com", origin: "http://app.example.com" }],
    [wide, { host: "tools.example.com", origin: "https://app.example.com.evil.example" }],
  ])("are not: %j asked by %j", (names, said) => {
    expect(askedAs(names, said)).toBeUndefined();
  });
});

it("an answer that is not read is given up, and one that is waited for is not", async () => {
  const connections: Socket[] = [];
  const quiet: ServerResponse[] = [];
  const server = createServer((incoming, outgoing) => {
    closeUnread({ incoming, outgoing });
    if (incoming.url === "/quiet") quiet.push(outgoing);
    else outgoing.end(Buffer.alloc(64 * 1024 * 1024));
  }).on("connection", (socket) => connections.push(socket));
  server.timeout = 50;
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port
  try {
    const waiting = raw.exchange({ port }, raw.request("GET", "/quiet", {}, ""), { ms: 60_000 });
    await expect.poll(() => quiet.length).toBe(1);
    const unread = connectTo(port, "127.0.0.1").pause();
    unread.on("error", () => {}).write(raw.request("GET", "/long", {}, ""));
    await expect.poll(() => connections[1]?.destroyed).toBe(true);
    unread.destroy();
    quiet[0]?.end("at last");
    expect((await waiting).answer).toContain("at last");
  } finally {
    server.close();
  }
});

it("what is told to all is worked out once for those who wait, and never before they asked", async () => {
  const makings: ((answer: number) => void)[] = [];
  const clock = new VirtualClock();
  const ask = forAll(() => new Promise<number>((resolve) => makings.push(resolve)), clock);
  const first = ask();
  const [second, third] = [ask(), ask()];
  expect(makings).toHaveLength(1);
  makings[0]?.(1);
  expect(await first).toBe(1);
  await clock.advance(0);
  expect(makings).toHaveLength(2);
  const fourth = ask();
  makings[1]?.(2);
  expect(await Promise.all([second, third])).toEqual([2, 2]);
  await clock.advance(0);
  expect(makings).toHaveLength(3);
  makings[2]?.(3);
  expect(await fourth).toBe(3);
});

it("what is told to all rests between two answers as long as one took four times over, and never long", async () => {
  const makings: (() => void)[] = [];
  const clock = new VirtualClock();
  const ask = forAll(() => new Promise<void>((resolve) => makings.push(resolve)), clock);
  const made = async (ms: number) => {
    await clock.advance(ms);
    makings.at(-1)?.();
    await clock.advance(0);
    void ask();
  };
  void ask();
  await made(10);
  await clock.advance(39);
  expect(makings).toHaveLength(1);
  await clock.advance(1);
  expect(makings).toHaveLength(2);
  await made(60_000);
  await clock.advance(200);
  expect(makings).toHaveLength(3);
});

describe("over HTTP", () => {
  const settings = `[bundled]\nhost = false\ndemo = true\n[server]\nhosts = ["tools.example.com"]\nin_flight_session = 2\nqueue = 0\nrate_tool = "4/h"\n`;
  let app: Application;
  let port: number;
  const home = mkdtempSync(join(tmpdir(), "banyan-test-"));

  beforeAll(async () => {
    app = await startServed(home, settings);
    port = Number(new URL(await names.httpServer.call.url()).port);
  });

  afterAll(async () => {
    await app?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const key = (name: string, scopes: readonly string[], expiresAt?: number) =>
    createKey(names.store, names.audit, { name, scopes, expiresAt });

  /** As a client behind a proxy asks, which needs a key; `more` headers go over these. */
  async function ask(path: string, body?: object, more: Record<string, string> = {}) {
    const headers = { Host: "tools.example.com", ...raw.mcp, ...more };
    const text = raw.request(body ? "POST" : "GET", path, headers, body ? JSON.stringify(body) : "");
    const { answer, statuses } = await raw.exchange({ port }, text, { ms: 60_000 });
    const [head = "", content = ""] = answer.split(/\r\n\r\n/);
    const header = (name: string) => new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1]?.trim();
    // On a busy machine an answer may take long enough to become a stream, whose last event it is.
    const said = [...content.matchAll(/^data: (\{.*\})\s*$/gm)].at(-1)?.[1];
    return { status: statuses[0], header, content: said ?? content };
  }

  const rpc = (method: string, params: object = {}, id = 1) => ({ jsonrpc: "2.0", id, method, params });
  const bearer = (held: { readonly key: string }) => ({ Authorization: `Bearer ${held.key}` });

  async function begin(headers: Record<string, string>) {
    const { status, header } = await ask("/mcp", JSON.parse(raw.hello), headers);
    expect(status).toBe(200);
    return { ...headers, "Mcp-Session-Id": header("mcp-session-id") ?? "" };
  }

  it("a key is asked for by every name but this machine's own, and looked at wherever it is brought", async () => {
    const [wide, over] = [await key("wide", ["*"]), await key("over", ["*"], 1)];
    const bare = await ask("/tools");
    expect([bare.status, bare.header("www-authenticate")]).toEqual([401, 'Bearer realm="banyan"']);
    expect((await ask("/tools", undefined, { Host: "localhost" })).status).toBe(200);
    expect((await ask("/tools", undefined, bearer(wide))).status).toBe(200);
    const wrong = [`bny_${"a".repeat(43)}`, over.key, wide.key.slice(0, -1), "", hashOf(wide.key)];
    for (const Host of ["tools.example.com", "localhost"])
      for (const one of wrong) {
        const refused = await ask("/tools", undefined, { Host, Authorization: `Bearer ${one}` });
        expect([refused.status, refused.header("www-authenticate")]).toEqual([
          401,
          expect.stringContaining("invalid_token"),
        ]);
      }
    for (const probe of ["/health/live", "/health/ready"])
      expect((await ask(probe)).content).toMatch(/^\{"\w+":true\}$/);
    expect((await ask("/health")).status).toBe(401);
    const rows = await names.store.call.all({ sql: "SELECT name, hash FROM api_keys" });
    expect(JSON.stringify(rows)).not.toContain(wide.key.slice(4));
    const sql = "SELECT action, subject FROM audit ORDER BY seq";
    expect(await names.store.call.all({ sql })).toContainEqual({ action: "key.create", subject: "wide" });
  });

  it("hears nothing of what servers log that its key opens nothing of", async () => {
    const listen = async (name: string, scopes: readonly string[]) => {
      const client = await connectClient(name, {}, bearer(await key(name, scopes)));
      const heard: unknown[] = [];
      client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void heard.push(params.data));
      return heard;
    };
    const [all, demo, other] = [
      await listen("hears-all", ["tools"]),
      await listen("hears-demo", ["tools:demo.slow"]),
      await listen("hears-other", ["tools:other.*"]),
    ];
    const log = (server: string, data: string) =>
      names.notifications.cast.record(server, { type: "log", level: "error", data });
    // Until each listens: what is said before that, nobody hears.
    await expect
      .poll(() => {
        log("demo", "secret");
        log("other", "own");
        return [all, demo, other].every((heard) => heard.length > 0);
      })
      .toBe(true);
    expect([new Set(demo), new Set(other)]).toEqual([new Set(["secret"]), new Set(["own"])]);
    await expect.poll(() => new Set(all)).toEqual(new Set(["secret", "own"]));
  });

  it("what a key's scopes do not open is neither listed nor answered, with 403", async () => {
    const narrow = bearer(await key("narrow", ["tools:demo.s*"]));
    const session = await begin(narrow);
    const listed = async (method: string) => JSON.parse((await ask("/mcp", rpc(method), session)).content).result;
    const finders = ["banyan.search_tools", "banyan.describe_tool", "banyan.call_tool"];
    expect((await listed("tools/list")).tools.map(({ name }: { name: string }) => name)).toEqual([
      ...finders,
      "demo.slow",
    ]);
    expect(await listed("prompts/list")).toEqual({ prompts: [] });
    expect(await listed("resources/list")).toEqual({ resources: [] });
    expect(await listed("resources/templates/list")).toEqual({ resourceTemplates: [] });
    const all = await ask("/tools", undefined, narrow);
    expect(JSON.parse(all.content).tools.map(({ name }: { name: string }) => name)).toEqual(["demo.slow"]);
    const calls = [
      rpc("tools/call", { name: "demo.hang" }),
      rpc("tools/call", { name: "demo__hang" }),
      rpc("tools/call", { name: "no.where" }),
      rpc("tools/call", { name: "banyan.health" }),
      rpc("tools/call", { name: "banyan.call_tool", arguments: { name: "demo.hang" } }),
      rpc("tools/call", { name: "catalog.query_agents", arguments: { context: "x" } }),
      rpc("resources/subscribe", { uri: "demo://counter" }),
      rpc("resources/unsubscribe", { uri: "demo://counter" }),
      rpc("completion/complete", {
        ref: { type: "ref/prompt", name: "demo.haiku" },
        argument: { name: "topic", value: "" },
      }),
      rpc("completion/complete", {
        ref: { type: "ref/resource", uri: "demo://{name}" },
        argument: { name: "name", value: "" },
      }),
      rpc("prompts/get", { name: "demo.haiku" }),
      rpc("resources/read", { uri: "demo://counter" }),
    ];
    for (const call of calls) {
      const { status, header, content } = await ask("/mcp", call, session);
      expect([status, header("www-authenticate")]).toEqual([403, expect.stringContaining("insufficient_scope")]);
      expect(JSON.parse(content).error).toMatchObject({ code: -32_003, data: { code: "forbidden" } });
    }
    const slow = { name: "demo.slow", arguments: { seconds: 0.1 } };
    expect((await ask("/mcp", rpc("tools/call", slow), session)).status).toBe(200);
    for (const path of ["/health", "/metrics", "/tree"]) expect((await ask(path, undefined, narrow)).status).toBe(403);
    for (const path of ["/", "/reindex"]) expect((await ask(path, rpc("queryTools"), narrow)).status).toBe(403);
    const none = await begin(bearer(await key("none", ["metrics"])));
    const few = JSON.parse((await ask("/mcp", rpc("tools/list"), none)).content).result.tools;
    expect(few.map(({ name }: { name: string }) => name)).toEqual(["banyan.health"]);
  });

  it("what a key's scopes do not open is not found by searching either, nor described or hinted at", async () => {
    const narrow = bearer(await key("seeker", ["tools:demo.slow", "catalog"]));
    const session = await begin(narrow);
    const called = async (name: string, args: object) =>
      (await ask("/mcp", rpc("tools/call", { name, arguments: args }), session)).content;
    const search = async (query: string) =>
      JSON.parse(await called("banyan.search_tools", { query, limit: 20 })).result.structuredContent;
    const slow = await search("wait slowly for some seconds");
    expect(slow.tools.map(({ name }: { name: string }) => name)).toContain("demo.slow");
    const answers = [
      JSON.stringify(slow),
      JSON.stringify(await search("hang until the call is cancelled")),
      JSON.stringify(await search("demo hnag")),
      (await called("banyan.describe_tool", { name: "demo.hagn" })).replace("demo.hagn", ""),
    ];
    for (const query of ["hang until the call is cancelled", "demo hnag"]) {
      const asked = await ask("/", rpc("queryTools", { query }), narrow);
      expect(asked.status).toBe(200);
      answers.push(asked.content.replaceAll(query, ""));
    }
    const described = await called("banyan.describe_tool", { name: "demo.hang" });
    expect(JSON.parse(described).error).toMatchObject({ code: -32_602, data: { code: "unknown_name" } });
    for (const answer of answers) expect(answer).not.toMatch(/demo(?:\.|__)(?!slow)\w/);
    const whole = await ask("/", rpc("queryTools", { query: "hang until the call is cancelled" }), {
      Host: "localhost",
    });
    expect(whole.content).toContain("demo.hang");
  });

  it("what is only posted is said so", async () => {
    for (const path of ["/", "/reindex"]) {
      const { status, header } = await ask(path, undefined, { Host: "localhost" });
      expect([status, header("allow")]).toEqual([405, "POST"]);
    }
  });

  it("a session is its key's alone, and ends with it", async () => {
    const [mine, other] = [await key("mine", ["*"]), await key("other", ["*"])];
    const session = await begin(bearer(mine));
    const list = rpc("tools/list");
    expect((await ask("/mcp", list, { ...session, ...bearer(other) })).status).toBe(404);
    expect((await ask("/mcp", list, { "Mcp-Session-Id": session["Mcp-Session-Id"], Host: "localhost" })).status).toBe(
      404,
    );
    const hanging = ask("/mcp", rpc("tools/call", { name: "demo.hang" }), session);
    await demoSaid("hang: called", 1);
    await revokeKey(names.store, names.audit, "mine");
    expect((await hanging).status).not.toBe(200);
    await demoSaid("hang: the call was cancelled", 1);
    expect((await ask("/mcp", list, session)).status).toBe(401);
    expect((await ask("/mcp", list, await begin(bearer(other)))).status).toBe(200);
    await expect(revokeKey(names.store, names.audit, "mine")).rejects.toThrow("There is no key mine");
  });

  it("more than is allowed at once or in a time is refused with 429 and when to come back, and a ping never is", async () => {
    const session = await begin(bearer(await key("busy", ["*"])));
    const hang = (id: number) => ask("/mcp", rpc("tools/call", { name: "demo.hang" }, id), session);
    const hanging = [hang(1), hang(2)];
    await demoSaid("hang: called", 3);
    const full = await ask("/mcp", rpc("tools/list", {}, 3), session);
    expect([full.status, full.header("retry-after")]).toEqual([429, "1"]);
    expect(JSON.parse(full.content).error).toMatchObject({
      code: -32_029,
      data: { code: "overloaded", retry_after_ms: 1_000 },
    });
    expect((await ask("/mcp", rpc("ping", {}, 4), session)).status).toBe(200);
    for (const requestId of [1, 2]) {
      const cancelled = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } };
      expect((await ask("/mcp", cancelled, session)).status).toBe(202);
    }
    await Promise.all(hanging);
    const slow = (id: number) =>
      ask("/mcp", rpc("tools/call", { name: "demo.slow", arguments: { seconds: 0.1 } }, id), session);
    for (let id = 5; id < 9; id++) expect((await slow(id)).status).toBe(200);
    const often = await slow(9);
    expect([often.status, Number(often.header("retry-after"))]).toEqual([429, expect.any(Number)]);
    expect(JSON.parse(often.content).error).toMatchObject({ data: { code: "rate_limited" } });
    expect((await ask("/mcp", rpc("tools/list", {}, 10), session)).status).toBe(200);
  });

  it("a key is listed, and can be revoked, however many were revoked before", async () => {
    const numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)";
    const columns = "id, name, hash, scopes, created_at, revoked_at";
    const many = `${numbers} INSERT INTO api_keys (${columns}) SELECT 'r' || i, 'r' || i, 'r' || i, '[]', i, i FROM n`;
    await names.store.call.write({ sql: many, params: [] });
    await key("living", ["*"]);
    expect((await listKeys(names.store)).at(-1)).toMatchObject({ name: "living", revokedAt: undefined });
    await revokeKey(names.store, names.audit, "living");
  });

  it("requests behind one another are answered in turn, and a connection that is sent a thousand is closed", async () => {
    const behind = async (count: number) => {
      const live = (Connection: string) => raw.request("GET", "/health/live", { Connection }, "");
      const text = live("keep-alive").repeat(count - 1) + live("close");
      const { answer, closed } = await raw.exchange({ port }, text, { ms: 60_000, most: 1e9 });
      return { closed, answers: answer.split("HTTP/1.1 200 OK").length - 1 };
    };
    expect(await behind(30)).toEqual({ closed: true, answers: 30 });
    const { closed, answers } = await behind(1_000);
    expect(closed).toBe(true);
    expect(answers).toBeLessThan(1_000);
    expect(await behind(1)).toEqual({ closed: true, answers: 1 });
  });

  it("what no client of good faith sends is refused rightly, and leaks nothing", async () => {
    const refusals = Object.values(shapes)
      .flat()
      .map(async ({ name, text, statuses, only, error, mayClose }) => {
        const { answer, statuses: got } = await raw.exchange({ port }, text, { ms: 60_000 });
        const [first] = got;
        if (first === undefined) expect([name, mayClose]).toEqual([name, true]);
        else expect([name, statuses]).toEqual([name, expect.arrayContaining([first])]);
        if (only !== undefined) expect([name, got.filter((status) => status < 300)]).toEqual([name, []]);
        if (error === true) expect(answer).toContain('"error"');
        expect(answer).not.toMatch(/node_modules|\/home\/|at \w+ \(/);
      });
    expect(refusals.length).toBeGreaterThan(80);
    await Promise.all(refusals);
  });
});

it("elsewhere than on this machine nobody is served before there is a key, unless that is wished for", async () => {
  const home = temporaryHome();
  const over = (noAuth: boolean) => ({ address: { host: "0.0.0.0", port: 0 }, noAuth });
  const quiet = "[bundled]\nhost = false\n";
  await expect(startServed(home, quiet, over(false))).rejects.toThrow(/keys_needed/);
  const app = await startServed(home, quiet, over(true));
  const url = (await names.httpServer.call.url()).replace("0.0.0.0", "127.0.0.1");
  expect((await fetch(`${url}/tools`)).status).toBe(200);
  await createKey(names.store, names.audit, { name: "first", scopes: ["*"], expiresAt: undefined });
  await app.stop();
  const locked = await startServed(home, quiet, over(false));
  const now = (await names.httpServer.call.url()).replace("0.0.0.0", "127.0.0.1");
  expect((await fetch(`${now}/tools`)).status).toBe(401);
  await locked.stop();
});
