// What a server in a sandbox asks of the primary, over a real connection of the SDK inside this process.
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { AskPrimary } from "../../../src/mcp/client/primary-ask.js";
import { BanyanError } from "../../../src/supervision/index.js";
import { deferred, eventually } from "./support.js";
import { type Branch, startBranch } from "./tree.js";

let branch: Branch | undefined;
afterEach(async () => {
  await branch?.app.stop();
  branch = undefined;
});

/** A server that runs under a ServerWrapper whose surroundings hold `ask`. */
async function serverWith(ask: AskPrimary | undefined): Promise<Server> {
  const server = new Server({ name: "sandboxed", version: "1" }, { capabilities: {} });
  const open = async () => {
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    await server.connect(theirs);
    return ours;
  };
  const initialized = deferred<void>();
  server.oninitialized = () => initialized.resolve();
  branch = await startBranch([], { embedded: { inside: open }, ...(ask === undefined ? {} : { ask }) });
  await branch.manager.call.setServers([{ name: "inside", embedded: true }]);
  await initialized.promise;
  return server;
}

const put = (server: Server, params: Record<string, unknown>, signal?: AbortSignal): Promise<unknown> =>
  // A method of ours, which the SDK's type of requests cannot hold.
  server.request({ method: "banyan/ask", params } as never, z.looseObject({}), signal ? { signal } : {});

describe("banyan/ask", () => {
  it("hands the question on and the answer back", async () => {
    const server = await serverWith(async (what, args) => ({ what, args }));
    expect(await put(server, { what: "git.status", args: { path: "src" } })).toEqual({
      what: "git.status",
      args: { path: "src" },
    });
    expect(await put(server, { what: "plain" })).toEqual({ what: "plain", args: {} });
  });

  it("is a method that does not exist for every server that was not given somebody to ask", async () => {
    const server = await serverWith(undefined);
    await expect(put(server, { what: "git.status", args: {} })).rejects.toMatchObject({ code: -32601 });
  });

  it("shows the sentence of an expected failure, and nothing of any other", async () => {
    const server = await serverWith(async (what) => {
      if (what === "expected") throw new BanyanError("port_refused", "The path is outside; give one inside.");
      throw new Error("secret at /home/someone");
    });
    await expect(put(server, { what: "expected" })).rejects.toThrow(/: The path is outside; give one inside\.$/);
    await expect(put(server, { what: "bug" })).rejects.toThrow(/: "bug" failed unexpectedly/);
    await expect(put(server, { what: "bug" })).rejects.not.toThrow("secret");
  });

  it("refuses malformed questions, too long ones, and too long or wrong answers", async () => {
    let asked = 0;
    const server = await serverWith(async (what) => {
      asked++;
      return what === "long" ? { text: "x".repeat(1_000_001) } : "no object";
    });
    for (const params of [{}, { what: "" }, { what: 1 }, { what: "x".repeat(101) }, { what: "a", args: [] }]) {
      await expect(put(server, params)).rejects.toThrow();
    }
    await expect(put(server, { what: "a", args: { text: "x".repeat(70_000) } })).rejects.toThrow("too long");
    expect(asked).toBe(0);
    await expect(put(server, { what: "long" })).rejects.toThrow("The answer is too long");
    await expect(put(server, { what: "a" })).rejects.toThrow("failed unexpectedly");
  });

  it("answers eight at a time and refuses the ninth until one is done", async () => {
    const gate = deferred<void>();
    let open = 0;
    const server = await serverWith(async () => {
      open++;
      await gate.promise;
      return { done: true };
    });
    const eight = Array.from({ length: 8 }, () => put(server, { what: "slow" }));
    await eventually("all eight are open", () => open === 8);
    await expect(put(server, { what: "slow" })).rejects.toThrow("8 questions are already open here; wait");
    gate.resolve();
    expect(await Promise.all(eight)).toHaveLength(8);
    expect(await put(server, { what: "slow" })).toEqual({ done: true });
  });

  it("tells whoever answers when the asker gives up", async () => {
    const heard = deferred<void>();
    const given = deferred<void>();
    const server = await serverWith(async (what, _args, signal) => {
      if (what === "first") return {};
      heard.resolve();
      signal.addEventListener("abort", () => given.resolve(), { once: true });
      return new Promise(() => {});
    });
    await put(server, { what: "first" }); // the SDK does not hear a cancel of request 0
    const stop = new AbortController();
    const asked = put(server, { what: "endless" }, stop.signal);
    await heard.promise;
    stop.abort();
    await expect(asked).rejects.toThrow();
    await given.promise;
  });
});
