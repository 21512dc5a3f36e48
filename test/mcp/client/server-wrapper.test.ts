import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { type Happening, happenings } from "../../../src/actors/telemetry/happenings.js";
import {
  CallCancelledError,
  CallTimeoutError,
  ServerLostError,
  ServerOverloadedError,
  ServerProtocolError,
  ServerUnavailableError,
} from "../../../src/mcp/client/errors.js";
import type { ToolResult } from "../../../src/mcp/client/mcp-types.js";
import type { Minder } from "../../../src/mcp/client/minder.js";
import type { ServerConfigInput } from "../../../src/mcp/client/server-config.js";
import type { ServerManagerOptions } from "../../../src/mcp/client/server-manager.js";
import type { ServerWrapper } from "../../../src/mcp/client/server-wrapper.js";
import { BanyanError, exit, getState, type Pid, type Ref, whichChildren } from "../../../src/supervision/index.js";
import { eventually, everything, gone, isAlive, memory } from "./support.js";
import { type Branch, hostileServer, type Recorder, startBranch, startRecorder } from "./tree.js";

let branch: Branch | undefined;
afterEach(async () => {
  await branch?.app.stop();
  branch = undefined;
});

const onLinux = process.platform === "linux";

interface Stage extends Branch {
  wrapper: Ref<ServerWrapper>;
  watcher: Pid<Recorder>;
  /** The id of the server's OS process now. */
  pid(): Promise<number>;
}

/** One server, watched from the start. */
async function stage(server: ServerConfigInput, more: Partial<ServerManagerOptions> = {}): Promise<Stage> {
  const watcher = await startRecorder();
  branch = await startBranch([], more);
  await branch.manager.call.subscribe(watcher);
  await branch.notifications.call.subscribe(watcher);
  await branch.manager.call.setServers([server]);
  const found = await eventually("its wrapper", async () => (await whichChildren(branch?.wrappers ?? watcher))[0]?.pid);
  const wrapper = (found as Pid<ServerWrapper>).with({ timeout: 100_000 });
  const pid = async (): Promise<number> => (await wrapper.call.describe()).status.pid ?? 0;
  return { ...branch, wrapper, watcher, pid };
}

const minderState = async (minder: Ref<Minder>): Promise<{ pid: number; groups: number[] }> =>
  (await getState(minder)) as { pid: number; groups: number[] }; // its state as it shows it
const said = (result: ToolResult): string =>
  result.content.map((block) => (block.type === "text" ? block.text : "")).join("");
const thrown = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a healthy server", () => {
  test("is connected, its tools are listed with their annotations, and answers", async () => {
    const { wrapper, watcher } = await stage({ name: "all", command: process.execPath, args: everything });
    await watcher.call.event("up");
    const { status, lists } = await wrapper.call.describe();
    expect(status).toMatchObject({ name: "all", state: "ready", attempts: 0, restarts: 0 });
    expect(status.identity).toMatchObject({ capabilities: { tools: true, resources: true, prompts: true } });
    expect(lists.tools.find(({ name }) => name === "echo")?.annotations).toMatchObject({ readOnly: true });
    const result = await wrapper.call.callTool("echo", { message: "hello" });
    expect(result).toEqual({ content: [{ type: "text", text: "Echo: hello" }], isError: false });
  });

  test("reads resources and prompts; what a server has not is an empty list and no failure", async () => {
    const all = await stage({ name: "all", command: process.execPath, args: everything });
    const resources = await all.wrapper.call.listResources();
    expect(resources.length).toBeGreaterThan(3);
    const uri = resources[0]?.uri ?? "";
    expect(await all.wrapper.call.readResource(uri)).toEqual([
      expect.objectContaining({ uri, text: expect.any(String) }),
    ]);
    expect((await all.wrapper.call.listResourceTemplates()).length).toBeGreaterThan(0);
    const prompts = await all.wrapper.call.listPrompts();
    expect(prompts.map(({ name }) => name)).toContain("simple-prompt");
    const prompt = await all.wrapper.call.getPrompt("simple-prompt", {});
    expect(prompt.messages[0]).toMatchObject({ role: "user", content: { type: "text" } });
    await all.app.stop();

    const { wrapper } = await stage(hostileServer());
    expect(await wrapper.call.listResources()).toEqual([]);
    expect(await wrapper.call.listPrompts()).toEqual([]);
  });

  test("works for the memory server, with the environment it was configured with", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "memory-")), "graph.json");
    const { wrapper } = await stage({
      name: "memory",
      command: process.execPath,
      args: [memory],
      env: { MEMORY_FILE_PATH: file },
    });
    await wrapper.call.callTool("create_entities", {
      entities: [{ name: "Banyan", entityType: "tree", observations: ["roots again"] }],
    });
    expect(readFileSync(file, "utf8")).toContain("roots again");
  });

  test("answers many calls at a time, each to its own caller", async () => {
    const { wrapper } = await stage({ name: "all", command: process.execPath, args: everything });
    const messages = Array.from({ length: 500 }, (_, i) => `number ${i}`);
    const results = await Promise.all(messages.map((message) => wrapper.call.callTool("echo", { message })));
    expect(results.map(said)).toEqual(messages.map((message) => `Echo: ${message}`));
  });

  test("tells a call's progress to its watcher, under the call's id", async () => {
    const { wrapper, watcher } = await stage({ name: "all", command: process.execPath, args: everything });
    const args = { duration: 0.3, steps: 3 };
    await wrapper.call.callTool("trigger-long-running-operation", args, { callId: "mine", progress: watcher });
    const progress = (await watcher.call.allProgress()).map(({ callId, progress: { progress, total } }) => [
      callId,
      progress,
      total,
    ]);
    expect(progress).toEqual([
      ["mine", 1, 3],
      ["mine", 2, 3],
      ["mine", 3, 3],
    ]);
  });

  test("tells the progress that comes together with the answer before the call ends", async () => {
    const { wrapper, watcher } = await stage(hostileServer());
    await wrapper.call.callTool("progress_and_answer", {}, { callId: "both", progress: watcher });
    expect(await watcher.call.allProgress()).toEqual([{ callId: "both", progress: { progress: 1, total: 1 } }]);
  });

  test("a call that is cancelled fails at once and the server goes on", async () => {
    const { wrapper, watcher } = await stage(hostileServer());
    await watcher.call.event("up");
    const call = thrown(wrapper.call.callTool("hang", {}, { callId: "c1" }));
    wrapper.cast.cancel("c1");
    expect(await call).toBeInstanceOf(CallCancelledError);
    expect(said(await wrapper.call.callTool("echo", { message: "still here" }))).toBe("Echo: still here");
  });

  test("a call whose time is over fails typed, and the server that still answers pings is kept", async () => {
    const { wrapper, watcher, pid } = await stage(hostileServer());
    await watcher.call.event("up");
    const before = await pid();
    const error = await thrown(wrapper.call.callTool("hang", {}, { timeoutMs: 100 }));
    expect(error).toBeInstanceOf(CallTimeoutError);
    expect(error).toMatchObject({
      code: "call_timed_out",
      message: expect.stringMatching(/within 100 ms.*servers\.bad\.timeout/),
    });
    await wrapper.call.callTool("echo", { message: "x" });
    expect(await pid()).toBe(before);
  });

  test("a tool that fails answers with isError, a call the server refuses is a protocol error", async () => {
    const { wrapper } = await stage({ name: "all", command: process.execPath, args: everything });
    const failed = await wrapper.call.callTool("get-sum", { a: "one", b: 2 });
    expect(failed.isError).toBe(true);
    const error = await thrown(wrapper.call.getPrompt("none", {}));
    expect(error).toBeInstanceOf(ServerProtocolError);
    expect(error).toMatchObject({ rpcCode: -32602, message: expect.stringContaining("none") });
  });

  test("a refusal without words in it is a refusal all the same", async () => {
    const { wrapper } = await stage(hostileServer());
    const error = await thrown(wrapper.call.callTool("odd_refusal", {}));
    expect(error).toMatchObject({ rpcCode: 1, message: expect.stringContaining("no reason given") });
  });

  test("its list of tools follows when it says that it has changed", async () => {
    const { wrapper, watcher } = await stage(hostileServer());
    await watcher.call.event("up");
    await wrapper.call.callTool("grow", { name: "brand_new" });
    await watcher.call.event("tools-changed");
    expect((await wrapper.call.tools()).map(({ name }) => name)).toContain("brand_new");
  });

  test("lists on many pages are read to the end, and one malformed tool costs that tool alone", async () => {
    const { wrapper, watcher } = await stage(hostileServer(["--pages=4", "--bad-tool"]));
    await watcher.call.event("up");
    const names = (await wrapper.call.tools()).map(({ name }) => name);
    expect(names).toContain("echo");
    expect(names).toContain("stop_reading");
    expect(names).not.toContain("bad");
    await watcher.call.notification("fault", "against the protocol");
  });

  test("of pages without end, 20 MB each, only so much is taken as can be kept, and memory stays flat", async () => {
    const flags = ["--endless=20000000"];
    const { wrapper, watcher } = await stage(hostileServer(flags, { maxLineBytes: 33_554_432 }));
    const before = process.memoryUsage().rss;
    await watcher.call.event("up");
    await watcher.call.notification("fault", "lists more tools than are taken");
    await watcher.call.notification("fault", "a description that is too long; it is cut");
    expect(process.memoryUsage().rss - before).toBeLessThan(400_000_000);
    const tools = await wrapper.call.tools();
    expect(tools.map(({ name, description }) => [name, description.length])).toEqual([["t1", 16_385]]);
  });

  test("a tool with a schema of a megabyte costs that tool, and a description too long is cut", async () => {
    const { wrapper, watcher } = await stage(hostileServer(["--big-schema"]));
    await watcher.call.event("up");
    await watcher.call.notification("fault", "lists one of its tools with more than 256 KB of schema; it is left out");
    const tools = await wrapper.call.tools();
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(["echo", "long_winded"]));
    expect(tools.map(({ name }) => name)).not.toContain("big_schema");
    expect(tools.find(({ name }) => name === "long_winded")?.description).toHaveLength(16_385);
  });

  test("a list that drips page by page has one deadline for all of them", async () => {
    const flags = ["--endless=10", "--page-delay=100"];
    const { watcher } = await stage(hostileServer(flags, { timeoutMs: 600, maxRestarts: 0 }));
    expect(await watcher.call.event("parked")).toMatchObject({
      reason: expect.stringMatching(/"tools\/list" .* was not answered within 600 ms/),
    });
  });

  test.runIf(onLinux)("one that takes more memory than it may is started again, and the reason is told", async () => {
    const { wrapper, watcher, pid } = await stage(
      hostileServer([], { maxMemoryBytes: 314_572_800, cpuWindowMs: 1_000 }),
    );
    await watcher.call.event("up");
    const before = await pid();
    wrapper.call.callTool("hoard", { bytes: 400_000_000 }).catch(() => {}); // it may be ended before it has answered
    expect(await watcher.call.event("down")).toMatchObject({
      reason: expect.stringMatching(/^it took \d+ MB of memory, and its max_memory is 300 MB$/),
    });
    await watcher.call.event("back");
    expect(await pid()).not.toBe(before);
    await gone(before);
  });

  test.runIf(onLinux)("one that takes a core for itself is warned of, and started again if it goes on", async () => {
    const { wrapper, watcher, pid } = await stage(hostileServer([], { maxCpuPercent: 8, cpuWindowMs: 1_000 }));
    await watcher.call.event("up");
    const before = await pid();
    const call = thrown(wrapper.call.callTool("freeze", { ms: 25_000 }));
    await watcher.call.notification("fault", "it is started again if that goes on");
    expect(await watcher.call.event("down")).toMatchObject({
      reason: expect.stringMatching(/^it took \d+ % of a core over 1 s, and its max_cpu is 8$/),
    });
    expect(await call).toBeInstanceOf(ServerLostError);
    await watcher.call.event("back");
    await gone(before);
  });

  test("nobody called it, so none of 2,000 questions of it reaches the user", async () => {
    const elicitor = await startRecorder();
    const { watcher } = await stage(hostileServer(["--ask=2000"]), { elicitor });
    await watcher.call.notification("fault", "asked the user 1000 questions that were not shown");
    const told = await watcher.call.notification("log", "flood answered");
    expect(told.notification).toMatchObject({ data: 'flood answered {"cancel":2000}' });
    expect(await elicitor.call.elicited()).toEqual([]);
  });

  test("of many questions during a call one is shown at a time", async () => {
    const elicitor = await startRecorder();
    const { wrapper, watcher } = await stage(hostileServer(), { elicitor });
    const call = wrapper.call.callTool("ask_many", { count: 50 });
    await watcher.call.notification("fault", "10 questions that were not shown");
    expect(await elicitor.call.elicited()).toEqual(["held 0"]);
    elicitor.cast.release();
    const actions = JSON.parse(said(await call)) as string[];
    expect(actions.filter((action) => action === "accept")).toHaveLength((await elicitor.call.elicited()).length);
    expect(actions.filter((action) => action === "cancel").length).toBeGreaterThanOrEqual(10);
  });

  test("its questions to the user are answered", async () => {
    const elicitor = await startRecorder();
    const { wrapper } = await stage(hostileServer(), { elicitor });
    const yes = JSON.parse(said(await wrapper.call.callTool("ask", { message: "your name" })));
    expect(yes).toEqual({ action: "accept", content: { name: "for your name" } });
    expect(JSON.parse(said(await wrapper.call.callTool("ask", { message: "nobody" })))).toEqual({ action: "decline" });
  });

  test("its questions to the model are answered if they are text, and else refused unseen, with a reason", async () => {
    const elicitor = await startRecorder();
    const { wrapper } = await stage(hostileServer(), { elicitor });
    const sample = async (params: object): Promise<unknown> =>
      JSON.parse(said(await wrapper.call.callTool("sample", { maxTokens: 9, ...params })));
    const user = (text: string) => ({ role: "user", content: { type: "text", text } });
    const image = { role: "user", content: { type: "image", data: "AAAA", mimeType: "image/png" } };
    expect(await sample({ messages: [user("2 + 2?")] })).toEqual({
      role: "assistant",
      content: { type: "text", text: "to 2 + 2?" },
      model: "made up",
      stopReason: "endTurn",
    });
    for (const [params, why] of [
      [{ messages: [] }, "1 to 200 messages"],
      [{ messages: [image] }, "no image"],
      [{ messages: [user("hi")], tools: [{ name: "t", inputSchema: { type: "object" } }] }, "no tools"],
      [{ messages: [user("hi")], maxTokens: 0 }, "at least 1"],
      [{ messages: [user("x".repeat(200_001))] }, "at most 200000 characters"],
      [{ messages: "none" }, "Invalid"],
    ] as const) {
      expect(await sample(params)).toMatchObject({ message: expect.stringContaining(why) });
    }
  });

  test("without anybody to answer it is told that sampling and elicitation are not there", async () => {
    const { wrapper } = await stage(hostileServer());
    for (const tool of ["sample", "ask"]) {
      expect(JSON.parse(said(await wrapper.call.callTool(tool, {})))).toMatchObject({ code: -32601 });
    }
  });

  test("a structured result that breaks the tool's promise is handed on with a word", async () => {
    const { wrapper } = await stage(hostileServer());
    expect(await wrapper.call.callTool("promise", { n: 1 })).not.toHaveProperty("mismatch");
    const broken = await wrapper.call.callTool("promise", { n: "one" });
    expect(broken).toMatchObject({ structuredContent: { n: "one" }, isError: false, mismatch: "n must be number" });
    expect(said(broken)).toBe("kept as text");
  });

  test("it sends the user to web pages alone, and to none that hides its host", async () => {
    const elicitor = await startRecorder();
    const { wrapper } = await stage(hostileServer(), { elicitor });
    const visit = async (url: string): Promise<unknown> =>
      JSON.parse(said(await wrapper.call.callTool("visit", { message: "sign in", elicitationId: "1", url })));
    expect(await visit("https://example.org/in?a=b")).toEqual({ action: "accept" });
    const hidden = ["javascript:alert(1)", "file:///etc/passwd", "https://bank.example@evil.example/"];
    for (const url of [...hidden, `https://example.org/${"x".repeat(2_048)}`]) {
      expect(await visit(url)).toMatchObject({ code: -32602 });
    }
    expect(await elicitor.call.elicited()).toEqual(["sign in"]);
  });

  test("a call does not run out of time while the user is being asked", async () => {
    const elicitor = await startRecorder();
    const { wrapper, watcher } = await stage(hostileServer(), { elicitor });
    await watcher.call.event("up");
    const answer = await wrapper.call.callTool("ask", { message: "slow" }, { timeoutMs: 100 });
    expect(said(answer)).toContain("at last");
  });

  test("it is told its roots", async () => {
    const roots = [{ uri: "file:///work", name: "work" }];
    const { wrapper } = await stage({ name: "all", command: process.execPath, args: everything }, { roots });
    const found = await eventually("the roots have arrived", async () => {
      const text = said(await wrapper.call.callTool("get-roots-list", {}));
      return text.includes("file:///work") ? text : undefined;
    });
    expect(found).toContain("work");
  });

  test("a resource that it says has changed is forgotten by the cache", async () => {
    const { wrapper, resources } = await stage({ name: "all", command: process.execPath, args: everything });
    const uri = (await wrapper.call.listResources())[0]?.uri ?? "";
    await resources.call.read("all", uri);
    expect(await resources.call.stats()).toMatchObject({ entries: 1, invalidated: 0 });
    await wrapper.call.callTool("toggle-subscriber-updates", {});
    await eventually("it is forgotten", async () => (await resources.call.stats()).invalidated > 0);
  });

  test("inherits no secret of ours", async () => {
    process.env.SOME_API_KEY = "secret";
    const { wrapper } = await stage(hostileServer([], { env: { GIVEN: "yes" } }));
    const environment = JSON.parse(said(await wrapper.call.callTool("environment", {})));
    expect(environment).toMatchObject({ GIVEN: "yes", PATH: process.env.PATH });
    expect(environment).not.toHaveProperty("SOME_API_KEY");
    delete process.env.SOME_API_KEY;
  });
});

describe("a server that dies", () => {
  test("by kill -9 during a long call: the call fails at once and typed, the server comes back, the next call works", async () => {
    const { wrapper, watcher, pid } = await stage({
      name: "all",
      command: process.execPath,
      args: everything,
      restartDelayMs: 50,
    });
    await watcher.call.event("up");
    const first = await pid();
    const args = { duration: 60, steps: 600 };
    const call = thrown(
      wrapper.call.callTool("trigger-long-running-operation", args, { callId: "long", progress: watcher }),
    );
    await watcher.call.notification("progress");
    process.kill(first, "SIGKILL");
    const error = await call; // it has half a minute left
    expect(error).toBeInstanceOf(ServerLostError);
    expect(error).toMatchObject({ code: "server_lost", server: "all", safeToRetry: true });
    expect(error).toMatchObject({ message: expect.stringContaining("ended by SIGKILL") });
    expect(await watcher.call.event("down")).toMatchObject({ reason: expect.stringContaining("SIGKILL") });
    // Not awaited: a call made meanwhile waits for the server.
    const next = await wrapper.call.callTool("echo", { message: "again" });
    expect(said(next)).toBe("Echo: again");
    await watcher.call.event("back");
    expect(await pid()).not.toBe(first);
    expect((await wrapper.call.describe()).status).toMatchObject({ state: "ready", restarts: 1, attempts: 1 });
  });

  test("a lost call may be sent again only if its tool says that this does no harm", async () => {
    const { wrapper, watcher, pid } = await stage(hostileServer());
    await watcher.call.event("up");
    const calls = [thrown(wrapper.call.callTool("hang", {})), thrown(wrapper.call.callTool("hang_readonly", {}))];
    await wrapper.call.callTool("echo", { message: "both are under way" });
    process.kill(await pid(), "SIGKILL");
    const [unsafe, safe] = await Promise.all(calls);
    expect(unsafe).toMatchObject({
      code: "server_lost",
      safeToRetry: false,
      message: expect.stringContaining("check before"),
    });
    expect(safe).toMatchObject({ code: "server_lost", safeToRetry: true });
  });

  test("with an exit code: the reason carries the code and its last words", async () => {
    const { wrapper, watcher } = await stage(hostileServer());
    const error = await thrown(wrapper.call.callTool("die", { code: 3 }));
    expect(error).toMatchObject({
      message: expect.stringContaining("exit code 3; its last words: fatal: the disk is gone"),
    });
    expect(await watcher.call.event("down")).toMatchObject({ reason: expect.stringContaining("exit code 3") });
    await watcher.call.event("back");
  });

  test("how it ended is kept when it is well again: exit code, signal and its last lines", async () => {
    const { wrapper, watcher, pid } = await stage(hostileServer());
    await watcher.call.event("up");
    const lastEnd = async () => (await wrapper.call.describe()).status.lastEnd;
    expect(await lastEnd()).toBeUndefined();
    await thrown(wrapper.call.callTool("die", { code: 3 }));
    await watcher.call.event("back");
    const reason = "it ended with exit code 3; its last words: fatal: the disk is gone";
    const exit = { code: 3, signal: null, stderr: ["fatal: the disk is gone"] };
    expect(await lastEnd()).toEqual({ at: expect.any(Number), reason, ...exit });
    process.kill(await pid(), "SIGKILL");
    await watcher.call.event("back");
    expect(await lastEnd()).toMatchObject({ reason: "it was ended by SIGKILL", code: null, signal: "SIGKILL" });
    await wrapper.call.disconnect();
    expect(await lastEnd()).toMatchObject({ signal: "SIGKILL" }); // a stop on purpose is no news
  });

  test("in the middle of an answer: the call fails at once and typed, and the server comes back", async () => {
    const { wrapper, watcher } = await stage(hostileServer([], { restart: "always" }));
    const error = await thrown(wrapper.call.callTool("exit_mid_reply", {}));
    expect(error).toBeInstanceOf(ServerLostError);
    await watcher.call.event("back");
    expect(said(await wrapper.call.callTool("echo", { message: "whole" }))).toBe("Echo: whole");
  });

  test("its tools stay known while it is away", async () => {
    const { wrapper, watcher, aggregator } = await stage(hostileServer([], { restartDelayMs: 60_000 }));
    await watcher.call.event("up");
    const before = await aggregator.call.tools();
    await thrown(wrapper.call.callTool("die", {}));
    expect(await watcher.call.event("down")).toMatchObject({ retryInMs: expect.any(Number) });
    expect(await aggregator.call.tools()).toEqual(before);
  });

  test("the last answer of a server that ends with it still arrives", async () => {
    const { wrapper } = await stage(hostileServer());
    expect(said(await wrapper.call.callTool("answer_and_die", { code: 1 }))).toBe("my last words");
  });

  test("with exit code 0 it meant it and is not started again", async () => {
    const { wrapper, watcher } = await stage(hostileServer());
    await thrown(wrapper.call.callTool("die", { code: 0 }));
    expect(await watcher.call.event("stopped")).toMatchObject({ reason: expect.stringContaining("exit code 0") });
    const error = await thrown(wrapper.call.callTool("echo", {}));
    expect(error).toBeInstanceOf(ServerUnavailableError);
    expect(error).toMatchObject({
      state: "disconnected",
      message: expect.stringContaining("banyan servers restart bad"),
    });
  });

  test("for want of its script: the reason names what is missing, not the last line of Node's report", async () => {
    const missing = join(mkdtempSync(join(tmpdir(), "hostile-")), "missing.mjs");
    const bad = { name: "bad", command: process.execPath, args: [missing], maxRestarts: 0, restartDelayMs: 20 };
    const { watcher } = await stage(bad);
    expect(await watcher.call.event("parked")).toMatchObject({
      reason: expect.stringContaining(`its last words: Error: Cannot find module '${missing}'`),
    });
  });

  test("again and again it is parked with its reason, and a retry brings it back", async () => {
    const flag = join(mkdtempSync(join(tmpdir(), "hostile-")), "mode.mjs");
    writeFileSync(flag, 'console.error("cannot go on: no licence file"); process.exit(9);');
    const { wrapper, watcher } = await stage({
      name: "bad",
      command: process.execPath,
      args: [flag],
      maxRestarts: 2,
      restartDelayMs: 20,
    });
    const waiting = thrown(wrapper.call.callTool("echo", {}));
    const parked = await watcher.call.event("parked");
    expect(parked).toMatchObject({
      reason:
        "it ended with exit code 9; its last words: cannot go on: no licence file (gave up after 2 restarts in a row)",
    });
    // The call that waited for it has failed with the same reason.
    expect(await waiting).toMatchObject({ code: "server_unavailable", state: "parked", retryInMs: undefined });
    writeFileSync(
      flag,
      `process.argv = process.argv.slice(0, 2); await import(${JSON.stringify(hostileServer().args?.[0])});`,
    );
    await wrapper.call.retry();
    await watcher.call.event("back");
    expect(said(await wrapper.call.callTool("echo", { message: "mended" }))).toBe("Echo: mended");
  });

  test("a call for a server that will come back later than the call can wait fails at once and says when", async () => {
    const { wrapper, watcher } = await stage(hostileServer([], { restartDelayMs: 3_600_000 }));
    await watcher.call.event("up");
    await thrown(wrapper.call.callTool("die", {}));
    await watcher.call.event("down");
    const error = await thrown(wrapper.call.callTool("echo", {}, { timeoutMs: 1 }));
    expect(error).toBeInstanceOf(ServerUnavailableError);
    expect(error).toMatchObject({
      state: "backoff",
      retryInMs: expect.any(Number),
      message: expect.stringMatching(/tried again in \d+ s/),
    });
  });

  test("its subscriptions are renewed when it comes back", async () => {
    const { wrapper, watcher, pid } = await stage({
      name: "all",
      command: process.execPath,
      args: everything,
      restartDelayMs: 20,
    });
    const uri = (await wrapper.call.listResources())[0]?.uri ?? "";
    await wrapper.call.subscribeResource(uri);
    await watcher.call.event("up");
    process.kill(await pid(), "SIGKILL");
    await watcher.call.event("back");
    await wrapper.call.callTool("toggle-subscriber-updates", {});
    await watcher.call.notification("resource-updated", uri);
  });
});

describe("a hostile server", () => {
  test("whose command does not exist is parked at once and says what to mend", async () => {
    const { watcher, wrapper } = await stage({ name: "files", command: "npxx" });
    const reason = 'command not found: "npxx"; install it or correct servers.files.command in the configuration';
    expect(await watcher.call.event("parked")).toMatchObject({ reason });
    expect(await thrown(wrapper.call.callTool("x", {}))).toMatchObject({ state: "parked", reason });
  });

  test("that never answers initialize is given up after its connect time-out", async () => {
    const { watcher } = await stage(hostileServer(["--mute"], { connectTimeoutMs: 300, maxRestarts: 0 }));
    expect(await watcher.call.event("parked")).toMatchObject({ reason: expect.stringContaining("within 300 ms") });
  });

  test("that prints garbage on stdout keeps its connection; it is reported once a burst", async () => {
    const { wrapper, watcher, notifications } = await stage(hostileServer(["--banner"]));
    await watcher.call.event("up");
    expect(said(await wrapper.call.callTool("garbage", { lines: 1_000 }))).toBe("done");
    expect(said(await wrapper.call.callTool("echo", { message: "fine" }))).toBe("Echo: fine");
    await getState(notifications); // by then it has told the watcher of all of them
    const faults = (await watcher.call.notifications()).filter(({ category }) => category === "fault");
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({ notification: { text: expect.stringContaining("no MCP message: Welcome!") } });
  });

  test("may answer with 10 MB", async () => {
    const { wrapper } = await stage(hostileServer());
    expect(said(await wrapper.call.callTool("big", { bytes: 10_000_000 }))).toHaveLength(10_000_000);
  });

  test("that answers with more than the limit: that call fails and says so, the connection stays", async () => {
    const { wrapper, watcher, pid } = await stage(hostileServer([], { maxLineBytes: 100_000 }));
    await watcher.call.event("up");
    const before = await pid();
    const error = await thrown(wrapper.call.callTool("big", { bytes: 5_000_000 }));
    expect(error).toBeInstanceOf(ServerProtocolError);
    expect(error).toMatchObject({ message: expect.stringMatching(/the answer has 50\d+ bytes.*over the limit/) });
    expect(said(await wrapper.call.callTool("echo", { message: "fine" }))).toBe("Echo: fine");
    expect(await pid()).toBe(before);
  });

  test("that sends invalid UTF-8 is understood with the bad bytes replaced", async () => {
    const { wrapper } = await stage(hostileServer());
    expect(said(await wrapper.call.callTool("invalid_utf8", {}))).toBe("caf\uFFFD\uFFFD");
  });

  test("that closes its stdout is ended and started again, and its calls do not wait for their deadline", async () => {
    const { wrapper, watcher, pid } = await stage(hostileServer());
    await watcher.call.event("up");
    const first = await pid();
    const error = await thrown(wrapper.call.callTool("close_stdout", {}));
    expect(error).toBeInstanceOf(ServerLostError);
    expect(error).toMatchObject({ message: expect.stringContaining("it closed its stdout") });
    await watcher.call.event("back");
    expect(isAlive(first)).toBe(false);
  });

  test("that answers with wrong ids, or too late, costs that call, and no other gets its answer", async () => {
    const { wrapper, watcher, pid } = await stage(hostileServer());
    await watcher.call.event("up");
    const first = await pid();
    const lost = [
      thrown(wrapper.call.callTool("wrong_id", {}, { timeoutMs: 300 })),
      thrown(wrapper.call.callTool("late", { ms: 800 }, { timeoutMs: 300 })),
    ];
    for (const error of await Promise.all(lost)) expect(error).toBeInstanceOf(CallTimeoutError);
    const late = wrapper.call.callTool("late", { ms: 400 });
    expect(said(await wrapper.call.callTool("echo", { message: "mine" }))).toBe("Echo: mine");
    expect(said(await late)).toBe("at last");
    expect(await pid()).toBe(first);
  });

  test("that floods stderr still answers, and its lines are told, also to the log", async () => {
    const logged: string[] = [];
    const note = (happening: Happening): void => {
      if (happening.type === "server_stderr" && happening.server === "bad") logged.push(...happening.lines);
    };
    happenings.on("happened", note);
    onTestFinished(() => void happenings.off("happened", note));
    const { wrapper, watcher } = await stage(hostileServer());
    expect(said(await wrapper.call.callTool("flood_stderr", { bytes: 500_000 }))).toBe("done");
    await watcher.call.notification("stderr", "eee");
    expect(logged.some((line) => line.startsWith("eee"))).toBe(true);
  });

  test("that does not read what it is sent gets no more than fits, and the calls over it fail typed", async () => {
    const { wrapper, watcher } = await stage(hostileServer());
    await watcher.call.event("up");
    await wrapper.call.callTool("stop_reading", {});
    const megabyte = "x".repeat(1_000_000);
    const calls = Array.from({ length: 80 }, () =>
      thrown(wrapper.call.callTool("echo", { message: megabyte }, { timeoutMs: 3_000 })),
    );
    const errors = await Promise.all(calls);
    expect(errors.every((error) => error instanceof BanyanError)).toBe(true);
    expect(errors.some((error) => error instanceof ServerOverloadedError)).toBe(true);
  });

  test("is degraded after a check that it did not answer: shown with the reason, and ready again when it answers", async () => {
    const seen: { state: string; reason?: string | undefined }[] = [];
    const note = (happening: Happening): void => {
      if (happening.type === "connection") seen.push({ state: happening.state, reason: happening.reason });
    };
    happenings.on("happened", note);
    onTestFinished(() => void happenings.off("happened", note));
    const { wrapper, watcher, pid } = await stage(hostileServer(["--missed-pings=1"], { healthTimeoutMs: 1_000 }));
    await watcher.call.event("up");
    const first = await pid();
    // Its time is over, so the server is checked.
    await thrown(wrapper.call.callTool("hang", {}, { timeoutMs: 50 }));
    await eventually("it is well again", () => seen.at(-2)?.state === "degraded" && seen.at(-1)?.state === "ready");
    expect(seen.at(-2)?.reason).toContain('"ping" of the server "bad" was not answered within 1000 ms');
    expect(await pid()).toBe(first);
  });

  test("that hangs is found out by two pings without an answer, and started again", async () => {
    const { watcher, pid } = await stage(hostileServer(["--no-ping"], { healthIntervalMs: 150 }));
    await watcher.call.event("up");
    const first = await pid();
    expect(await watcher.call.event("down")).toMatchObject({ reason: expect.stringContaining('"ping"') });
    await watcher.call.event("back");
    expect(isAlive(first)).toBe(false);
    expect(await pid()).not.toBe(first);
  });

  test("that hangs in a call is pinged when the call's time is over, and the calls after it work again", async () => {
    const { wrapper, watcher } = await stage(hostileServer(["--stubborn"], { healthIntervalMs: 200 }));
    await watcher.call.event("up");
    const frozen = thrown(wrapper.call.callTool("freeze", { ms: 60_000 }, { timeoutMs: 200 }));
    expect(await frozen).toBeInstanceOf(CallTimeoutError);
    await watcher.call.event("down");
    expect(said(await wrapper.call.callTool("echo", { message: "thawed" }))).toBe("Echo: thawed");
  });

  test("never disturbs another server", async () => {
    const { manager, watcher } = await stage(hostileServer(["--mute"]));
    await manager.call.setServers([
      hostileServer(["--mute"]),
      hostileServer(["--exit=1"], { name: "dying", maxRestarts: 1_000, restartDelayMs: 10 }),
      { name: "missing", command: "npxx" },
      { name: "good", command: process.execPath, args: everything },
    ]);
    await watcher.call.event("up", "good");
    const { wrapper, info } = await manager.call.route("good.echo");
    for (let i = 0; i < 100; i++) {
      expect(said(await wrapper.call.callTool(info.tool, { message: `${i}` }))).toBe(`Echo: ${i}`);
    }
  });
});

describe("the end", () => {
  test("disconnect answers when the program is gone, and it is not started again", async () => {
    const { wrapper, watcher, pid } = await stage(hostileServer(["--stubborn"], { restart: "always" }));
    await watcher.call.event("up");
    const server = await pid();
    const lost = thrown(wrapper.call.callTool("hang", {}));
    await wrapper.call.disconnect();
    expect(isAlive(server)).toBe(false);
    expect(await lost).toMatchObject({ code: "server_lost", message: expect.stringContaining("it was stopped") });
    expect((await wrapper.call.describe()).status).toMatchObject({ state: "disconnected", attempts: 0 });
    await wrapper.call.connect();
    expect(said(await wrapper.call.callTool("echo", { message: "back" }))).toBe("Echo: back");
  });

  test("stopping the application leaves neither a stubborn server nor what it started, nor the minder", async () => {
    const { app, wrapper, minder } = await stage(hostileServer(["--stubborn", "--grandchild"]));
    const { server, grandchild } = JSON.parse(said(await wrapper.call.callTool("pids", {})));
    const { pid: mind } = await minderState(minder);
    expect([isAlive(server), isAlive(grandchild), isAlive(mind)]).toEqual([true, true, true]);
    await app.stop();
    expect([isAlive(server), isAlive(grandchild), isAlive(mind)]).toEqual([false, false, false]);
  });

  test("a wrapper that is killed takes its server with it, and its callers hear of it at once", async () => {
    const { wrapper, watcher, wrappers, pid } = await stage(hostileServer(["--stubborn"]));
    await watcher.call.event("up");
    const server = await pid();
    const lost = thrown(wrapper.call.callTool("hang", {}));
    const found = (await whichChildren(wrappers))[0]?.pid;
    if (found === undefined || found === "restarting") throw new Error("no wrapper");
    exit(found, "kill");
    expect(await lost).toMatchObject({ code: "server_lost" });
    await watcher.call.event("back");
    // It has a hard time ending; the next one was not started beside it.
    expect(isAlive(server)).toBe(false);
  });

  test("a Port that is killed takes its whole group with it", async () => {
    const { wrapper, watcher, ports } = await stage(hostileServer(["--stubborn", "--grandchild"]));
    await watcher.call.event("up");
    const { server, grandchild } = JSON.parse(said(await wrapper.call.callTool("pids", {})));
    const found = (await whichChildren(ports))[0]?.pid;
    if (found === undefined || found === "restarting") throw new Error("no port");
    exit(found, "kill");
    await Promise.all([gone(server), gone(grandchild)]);
    await watcher.call.event("back");
  });
});
