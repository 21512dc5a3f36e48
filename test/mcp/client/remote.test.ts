import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { ServerLostError } from "../../../src/mcp/client/errors.js";
import type { ToolResult } from "../../../src/mcp/client/mcp-types.js";
import { type RemoteServer, startEverything } from "./remote-servers.js";
import { eventually } from "./support.js";
import { type Branch, startBranch, startRecorder } from "./tree.js";

let branch: Branch | undefined;
let server: RemoteServer | undefined;
afterEach(async () => {
  await branch?.app.stop();
  await server?.kill();
  branch = undefined;
  server = undefined;
});

const said = (result: ToolResult): string =>
  result.content.map((block) => (block.type === "text" ? block.text : "")).join("");

describe.each(["streamableHttp", "sse"] as const)("server-everything over %s", (kind) => {
  test("is connected, lists its tools and answers, with progress", async () => {
    server = await startEverything(kind);
    const watcher = await startRecorder();
    branch = await startBranch([{ name: "all", url: server.url }]);
    await branch.manager.call.subscribe(watcher);
    const wrapper = (await branch.manager.call.route("all.echo")).wrapper.with({ timeout: 100_000 });
    expect(said(await wrapper.call.callTool("echo", { message: "hello" }))).toBe("Echo: hello");
    const args = { duration: 0.2, steps: 2 };
    await wrapper.call.callTool("trigger-long-running-operation", args, { callId: "c", progress: watcher });
    expect((await watcher.call.allProgress()).at(-1)).toMatchObject({
      callId: "c",
      progress: { progress: 2, total: 2 },
    });
    expect((await branch.manager.call.status())[0]).toMatchObject({ name: "all", state: "ready" });
  });
});

describe.each(["streamableHttp", "sse"] as const)("a remote that is killed while calls run, over %s", (kind) => {
  test("each call ends at once with a typed error; the server is told to be away, and serves again when it is back", async () => {
    server = await startEverything(kind);
    const { port } = server;
    const watcher = await startRecorder();
    branch = await startBranch([{ name: "all", url: server.url, restartDelayMs: 50, maxRestarts: 1_000 }]);
    await branch.manager.call.subscribe(watcher);
    const wrapper = (await branch.manager.call.route("all.echo")).wrapper.with({ timeout: 100_000 });
    const slow = wrapper.with({ timeout: 60_000 });
    const calls = Array.from({ length: 5 }, (_, index) =>
      slow.call
        .callTool(
          "trigger-long-running-operation",
          { duration: 50, steps: 50 },
          { callId: `c${index}`, progress: watcher, timeoutMs: 55_000 },
        )
        .then(
          () => "done",
          (error: unknown) => error,
        ),
    );
    await eventually(
      "all of them run",
      async () => new Set((await watcher.call.allProgress()).map(({ callId }) => callId)).size === 5,
    );
    await server.kill();
    for (const ended of await Promise.all(calls)) {
      expect(ended).toBeInstanceOf(ServerLostError);
      expect(ended).toMatchObject({ server: "all", safeToRetry: true });
    }
    expect(await watcher.call.event("down")).toMatchObject({
      reason: expect.stringMatching(/^it (could not be reached|broke off|ended)/),
    });
    await eventually("it is told why", async () =>
      (await branch?.manager.call.status())?.[0]?.reason?.includes(
        `could not be reached: ECONNREFUSED 127.0.0.1:${port}`,
      ),
    );
    server = await startEverything(kind, port);
    await branch.manager.call.retry("all");
    await watcher.call.event("back");
    expect(said(await wrapper.call.callTool("echo", { message: "again" }))).toBe("Echo: again");
  });
});

describe("a server inside this process", () => {
  test("is reached through a pair of linked transports, and through a new pair when it closes its own", async () => {
    const ends: McpServer[] = [];
    const open = async () => {
      const [ours, theirs] = InMemoryTransport.createLinkedPair();
      const inside = new McpServer({ name: "inside", version: "1" });
      inside.registerTool("add", { inputSchema: { a: z.number(), b: z.number() } }, ({ a, b }) => ({
        content: [{ type: "text", text: `${a + b}` }],
      }));
      await inside.connect(theirs);
      ends.push(inside);
      return ours;
    };
    const watcher = await startRecorder();
    branch = await startBranch([{ name: "inside", embedded: true, restart: "always", restartDelayMs: 50 }], {
      embedded: { inside: open },
    });
    await branch.manager.call.subscribe(watcher);
    const wrapper = (await branch.manager.call.route("inside.add")).wrapper.with({ timeout: 100_000 });
    expect(said(await wrapper.call.callTool("add", { a: 1, b: 2 }))).toBe("3");
    await ends[0]?.close();
    expect(await watcher.call.event("down")).toMatchObject({ reason: "it closed the connection" });
    await watcher.call.event("back");
    expect(said(await wrapper.call.callTool("add", { a: 2, b: 2 }))).toBe("4");
    expect(ends).toHaveLength(2);
  });

  test("that nobody gave is parked with the reason", async () => {
    branch = await startBranch([{ name: "inside", embedded: true, maxRestarts: 0 }]);
    const refused = branch.manager.call.route("inside.add");
    await expect(refused).rejects.toThrow('no embedded server is named "inside"');
  });
});
