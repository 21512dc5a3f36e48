import { afterEach, describe, expect, test } from "vitest";
import type { ToolResult } from "../../../src/mcp/client/mcp-types.js";
import { type RemoteServer, startEverything } from "./remote-servers.js";
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
    const { wrapper } = await branch.manager.with({ timeout: 20_000 }).call.route("all.echo");
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
