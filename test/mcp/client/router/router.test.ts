import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import type { ServerLostError } from "../../../../src/mcp/client/errors.js";
import { fingerprint } from "../../../../src/mcp/client/fingerprint.js";
import { GiveUp } from "../../../../src/mcp/client/give-up.js";
import type { ToolResult } from "../../../../src/mcp/client/mcp-types.js";
import { Router } from "../../../../src/mcp/client/router/router.js";
import type { ServerConfigInput } from "../../../../src/mcp/client/server-config.js";
import { exit } from "../../../../src/supervision/index.js";
import { temporaryHome } from "../../../support/home.js";
import { eventually } from "../support.js";
import { type Branch, hostileServer, startBranch } from "../tree.js";

let branch: Branch | undefined;
afterEach(async () => {
  await branch?.app.stop();
  branch = undefined;
});

const routing = { concurrency: 64 };
const server = (name: string, more: Partial<ServerConfigInput> = {}): ServerConfigInput =>
  hostileServer([], { name, ...more });

async function stage(servers: readonly ServerConfigInput[]): Promise<Branch & { router: Router }> {
  branch = await startBranch(servers);
  await branch.manager.call.settled();
  return { ...branch, router: new Router(branch.manager) };
}

const thrown = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    (value) => ({ answered: value }),
    (error: unknown) => error,
  );
const textOf = ({ content }: ToolResult): string => {
  const [block] = content;
  return block?.type === "text" ? block.text : "";
};
const echo = { content: [{ type: "text", text: "Echo: hi" }], isError: false };
const flag = (): string => join(temporaryHome(), "was-called");

describe("a call by the router", () => {
  test("reaches the tool, also while the manager is being started again", async () => {
    const { router, manager } = await stage([server("one")]);
    expect(await router.call("one.echo", { message: "hi" })).toEqual(echo);
    const pid = manager.whereis();
    if (pid === undefined) throw new Error("there is no manager");
    exit(pid, "kill");
    expect(await router.call("one.echo", { message: "hi" })).toEqual(echo);
    expect(router.figures("one.echo")).toMatchObject({ calls: 2, errors: 0, breaker: "closed", hidden: false });
  });

  test("lost with its server is sent again if the tool is read-only", async () => {
    const { router } = await stage([server("one")]);
    const retries: Error[] = [];
    const call = router.call(
      "one.first_time",
      { file: flag(), how: "die" },
      { onRetry: (error) => retries.push(error) },
    );
    expect(Number(textOf(await call))).toBeGreaterThan(0);
    expect(retries).toMatchObject([{ code: "server_lost", safeToRetry: true }]);
  });

  test("lost with its server is never sent again if it may have taken effect", async () => {
    const { router } = await stage([server("one")]);
    const args = { file: flag(), how: "die" };
    const error = (await thrown(router.call("one.first_time_unsafe", args))) as ServerLostError;
    expect(error).toMatchObject({ code: "server_lost", safeToRetry: false });
    expect(error.message).toContain("check before you send it again");
    // The second call is the caller's own.
    expect(Number(textOf(await router.call("one.first_time_unsafe", args)))).toBeGreaterThan(0);
  });

  test("reaches the tool as the server lists it now, and not one that was seen otherwise", async () => {
    const { router, aggregator } = await stage([server("one")]);
    const seen = await router.find("one.echo");
    expect(await router.call("one.echo", { message: "hi" }, { fingerprint: fingerprint(seen) })).toEqual(echo);
    const before = fingerprint({ ...seen, description: "something else" });
    expect(await thrown(router.call("one.echo", {}, { fingerprint: before }))).toMatchObject({ code: "tool_changed" });
    await router.call("one.grow", { name: "new" });
    await eventually("the new tool is listed", async () =>
      (await aggregator.call.tools()).some(({ name }) => name === "one.new"),
    );
    expect((await router.find("one.new")).tool).toBe("new");
  });

  test("that waits for a place is served in turn with other callers, and leaves when its caller gives up", async () => {
    const { router } = await stage([server("one", { routing: { concurrency: 1 } })]);
    const over = new AbortController();
    const order: string[] = [];
    const wait = (caller: string, signal?: AbortSignal): Promise<unknown> =>
      router
        .call("one.echo", { message: "" }, { caller, giveUp: signal && GiveUp.at(signal) })
        .then(() => order.push(caller));
    await Promise.all([router.find("one.echo"), router.find("one.first_time")]);
    const holder = router.call("one.first_time", { file: flag(), how: "hang" }, { giveUp: GiveUp.at(over.signal) });
    const gone = new AbortController();
    const all = [wait("greedy"), wait("greedy"), wait("greedy"), wait("modest")];
    const left = thrown(wait("left", gone.signal));
    gone.abort();
    expect(await left).toMatchObject({ code: "call_cancelled" });
    over.abort();
    expect(await thrown(holder)).toMatchObject({ code: "call_cancelled" });
    await Promise.all(all);
    expect(order).toEqual(["greedy", "modest", "greedy", "greedy"]);
  });

  test("of a tool that costs much takes as many places", async () => {
    const { router } = await stage([server("one", { routing: { concurrency: 4, costs: { wait: 3 } } })]);
    const waiting = router.call("one.wait", {});
    const more = [router.call("one.wait", {}), router.call("one.echo", { message: "hi" })];
    // One place is left, and it is kept for the second that waits for three.
    const late = router.call("one.echo", { message: "hi" }, { timeoutMs: 50 });
    expect(await thrown(late)).toMatchObject({ code: "server_overloaded" });
    const { wrapper } = await (branch as Branch).manager.call.route("one.release");
    expect(textOf(await wrapper.call.callTool("release", {}))).toBe("1");
    await waiting;
    const released = eventually("the second wait is released", async () => {
      const answer = await wrapper.call.callTool("release", {});
      return textOf(answer) === "1";
    });
    await Promise.all([...more, released]);
    expect(router.figures("one.wait")).toMatchObject({ cost: 3, calls: 2 });
  });
});

describe("a tool that fails again and again", () => {
  const short = { timeoutMs: 20 };
  const fail = async (router: Router, tool: string): Promise<void> => {
    for (let i = 0; i < 5; i++) {
      expect(await thrown(router.call(tool, {}, short))).toMatchObject({ code: "call_timed_out" });
    }
  };

  test("is refused at once and hidden, while the server's others go on; it is back when its server was started again", async () => {
    const { router, manager, aggregator } = await stage([server("one", { routing: { hideAfterMs: 1 } })]);
    await fail(router, "one.hang");
    const refused = await thrown(router.call("one.hang", {}));
    expect(refused).toMatchObject({
      code: "breaker_open",
      message: expect.stringContaining("The tool one.hang failed 5"),
    });
    expect(await router.call("one.echo", { message: "hi" })).toEqual(echo);
    const names = async (): Promise<string[]> => router.visible(await aggregator.call.tools()).map(({ name }) => name);
    await eventually("it is hidden", async () => !(await names()).includes("one.hang"));
    expect(await names()).toContain("one.echo");
    expect(router.figures("one.hang")).toMatchObject({ calls: 5, errors: 5, breaker: "open", hidden: true });
    const { wrapper } = await manager.call.route("one.echo");
    await wrapper.with({ timeout: 100_000 }).call.disconnect();
    await manager.call.retry("one");
    await eventually("it is shown", async () => (await names()).includes("one.hang"));
    expect(await thrown(router.call("one.hang", {}, short))).toMatchObject({ code: "call_timed_out" });
  });

  test("has its fallback called in its place, if the caller agrees", async () => {
    const fallbacks = { hang: "two.echo" };
    const { router } = await stage([server("one", { routing: { fallbacks } }), server("two")]);
    await fail(router, "one.hang");
    expect(await router.call("one.hang", { message: "hi" })).toEqual(echo);
    const asked: string[] = [];
    const mayFallBack = async ({ name }: { name: string }): Promise<boolean> => {
      asked.push(name);
      return false;
    };
    expect(await thrown(router.call("one.hang", {}, { mayFallBack }))).toMatchObject({ code: "breaker_open" });
    expect(asked).toEqual(["two.echo"]);
  });

  test("has its fallback run only as the tool it was when the caller agreed", async () => {
    const args = [fileURLToPath(new URL("../../../support/changing-server.mjs", import.meta.url)), "--tools=1"];
    const two = { name: "two", command: process.execPath, args };
    const { router } = await stage([server("one", { routing: { fallbacks: { hang: "two.tool-1" } } }), two]);
    await fail(router, "one.hang");
    const mayFallBack = async (): Promise<boolean> => {
      const other = { name: "tool-1", description: "Something else.", inputSchema: { type: "object" } };
      await router.call("two.set", { offer: { tools: [other] } });
      await eventually("it is another tool", async () =>
        (await router.find("two.tool-1")).description.startsWith("Some"),
      );
      return true;
    };
    expect(await thrown(router.call("one.hang", {}, { mayFallBack }))).toMatchObject({ code: "tool_changed" });
  });

  test("has no fallback called for a call that may have taken effect", async () => {
    const fallbacks = { first_time_unsafe: "two.echo" };
    const { router } = await stage([server("one", { routing: { fallbacks } }), server("two")]);
    const call = router.call("one.first_time_unsafe", { file: flag(), how: "die" });
    expect(await thrown(call)).toMatchObject({ code: "server_lost" });
  });
});

describe("replicas of a server", () => {
  const replicas = (more: Partial<ServerConfigInput["routing"]> = {}): ServerConfigInput[] => {
    const first = server("one", { routing: { ...routing, ...more } });
    return [first, { ...first, name: "one~2", replicaOf: "one" }];
  };
  const pidOf = async (router: Router, key?: string): Promise<number> => {
    const answer = await router.call("one.pids", {}, key === undefined ? {} : { key });
    return (JSON.parse(textOf(answer)) as { server: number }).server;
  };

  test("share its calls and list its tools once", async () => {
    const { router, manager, aggregator } = await stage(replicas());
    const seen = new Set([await pidOf(router), await pidOf(router)]);
    expect(seen).toEqual(new Set((await manager.call.status()).map(({ pid }) => pid)));
    const names = (await aggregator.call.tools()).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.every((name) => name.startsWith("one."))).toBe(true);
  });

  test("with a key answer each key from one place, as long as it lives", async () => {
    const { router } = await stage(replicas({ balance: "hash" }));
    const keys = Array.from({ length: 12 }, (_, i) => `user ${i}`);
    const places = async (): Promise<number[]> => {
      const found: number[] = [];
      for (const key of keys) found.push(await pidOf(router, key));
      return found;
    };
    const before = await places();
    expect(new Set(before).size).toBe(2);
    expect(await places()).toEqual(before);
  });

  test("stand in for one that is gone", async () => {
    const { router, manager } = await stage(replicas({ balance: "hash" }));
    const victim = await pidOf(router, "mine");
    await router.call("one.die", {}, { key: "mine" }).catch(() => {});
    await eventually("it is known to be gone", async () =>
      (await manager.call.status()).every(({ pid }) => pid !== victim),
    );
    expect(await pidOf(router, "mine")).not.toBe(victim);
  });

  test("a slow read-only call is hedged: the other replica answers", async () => {
    const { router } = await stage(replicas({ hedge: 30 }));
    const answer = await router.call("one.first_time", { file: flag(), how: "hang" });
    expect(Number(textOf(answer))).toBeGreaterThan(0);
    // A tool that may have effects is never sent twice.
    const unsafe = router.call("one.first_time_unsafe", { file: flag(), how: "hang" }, { timeoutMs: 300 });
    expect(await thrown(unsafe)).toMatchObject({ code: "call_timed_out" });
  });
});
