import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { CapabilityChange, CapabilityWatcher } from "../../../src/mcp/client/aggregator.js";
import { UnknownNameError } from "../../../src/mcp/client/errors.js";
import type { ServerConfigInput } from "../../../src/mcp/client/server-config.js";
import {
  exit,
  type From,
  GenServer,
  type NoReply,
  noReply,
  type Pid,
  whereis,
} from "../../../src/supervision/index.js";
import { type Branch, startBranch } from "./tree.js";

const changing = fileURLToPath(new URL("../../support/changing-server.mjs", import.meta.url));

const server = (name: string, flags: readonly string[] = [], more: Partial<ServerConfigInput> = {}) => ({
  name,
  command: process.execPath,
  args: [changing, ...flags],
  restartDelayMs: 20,
  ...more,
});

async function started(...servers: readonly ServerConfigInput[]): Promise<Branch> {
  const branch = await startBranch(servers);
  onTestFinished(() => branch.app.stop());
  await branch.manager.with({ timeout: 100_000 }).call.settled();
  return branch;
}

async function call({ manager }: Branch, name: string, args: Record<string, unknown> = {}): Promise<string> {
  const { wrapper, info } = await manager.with({ timeout: 100_000 }).call.route(name);
  const { content } = await wrapper.with({ timeout: 100_000 }).call.callTool(info.tool, args);
  return content[0]?.type === "text" ? content[0].text : "";
}

const asked = async (branch: Branch, name: string): Promise<Record<string, number>> =>
  JSON.parse(await call(branch, `${name}.asked`));

const tool = (name: string, description = `Does ${name}.`) => ({ name, description, inputSchema: { type: "object" } });
const resource = (name: string) => ({ name, uri: `test://${name}` });

/** Collects changes; `next` answers with the first that was not taken yet. */
class Changes extends GenServer<void> implements CapabilityWatcher {
  readonly #seen: CapabilityChange[] = [];
  #waiting: From<CapabilityChange> | undefined;

  capabilitiesChanged(change: CapabilityChange): void {
    this.#seen.push(change);
    this.#answer();
  }
  toolsDiffer(): void {}
  next(): NoReply {
    this.#waiting = this.from<CapabilityChange>();
    this.#answer();
    return noReply;
  }
  untaken(): number {
    return this.#seen.length;
  }
  #answer(): void {
    if (this.#waiting === undefined || this.#seen.length === 0) return;
    this.#waiting.reply(this.#seen.shift() ?? {});
    this.#waiting = undefined;
  }
}

async function watched({ aggregator }: Branch): Promise<Pid<Changes>> {
  const watcher = await Changes.start();
  await aggregator.call.subscribe(watcher);
  return watcher.with({ timeout: 100_000 }) as Pid<Changes>;
}

/** What the watcher hears until `fits`; what comes before belongs to the start. */
async function changeThat(
  watcher: Pid<Changes>,
  fits: (change: CapabilityChange) => boolean,
): Promise<CapabilityChange> {
  for (;;) {
    const change = (await watcher.call.next()) as unknown as CapabilityChange; // it answers later
    if (fits(change)) return change;
  }
}

test("servers with the same tools are told apart by their names, whatever order they come up in", async () => {
  const branch = await started(server("two", ["--tools=1"]), server("one", ["--tools=1"]));
  const names = async () => (await branch.aggregator.call.tools()).map(({ name }) => name);
  const before = await names();
  expect(before).toEqual([
    "one.asked",
    "one.set",
    "one.tool-1",
    "one.write",
    "two.asked",
    "two.set",
    "two.tool-1",
    "two.write",
  ]);
  expect(await call(branch, "one.set", { offer: { tools: [tool("b"), tool("a")] } })).toBe("done");
  await expect.poll(names).toContain("one.a");
  expect((await names()).filter((name) => /\.[ab]$/.test(name))).toEqual(["one.a", "one.b"]);
});

test("a thousand tools on pages are all listed", async () => {
  const branch = await started(server("many", ["--tools=1000", "--page=37"]));
  expect(await branch.aggregator.call.tools()).toHaveLength(1_003);
  expect((await asked(branch, "many"))["tools/list"]).toBe(Math.ceil(1_003 / 37));
});

test("resources, templates and prompts of all servers are listed beside the tools", async () => {
  const branch = await started(server("one"), server("two"));
  await call(branch, "two.set", {
    offer: {
      resources: [resource("r")],
      resourceTemplates: [{ name: "t", uriTemplate: "test://{id}" }],
      prompts: [{ name: "p" }],
    },
  });
  await expect.poll(() => branch.aggregator.call.prompts()).toMatchObject([{ name: "two.p", ownName: "p" }]);
  await expect.poll(() => branch.aggregator.call.resources()).toMatchObject([{ name: "two.r", uri: "test://r" }]);
  await expect.poll(() => branch.aggregator.call.templates()).toMatchObject([{ name: "two.t", server: "two" }]);
});

test("only the list that changed, of the server that changed, is read again", async () => {
  const branch = await started(server("one"), server("two"));
  const quiet = ["tools/list", "resources/list", "resources/templates/list", "prompts/list"];
  const all = (counts: Record<string, number>) => quiet.map((method) => counts[method]);
  await expect.poll(async () => all(await asked(branch, "one"))).toEqual([1, 1, 1, 1]);
  await call(branch, "one.set", { offer: { prompts: [{ name: "p" }] } });
  await expect.poll(() => branch.aggregator.call.prompts()).toMatchObject([{ name: "one.p" }]);
  expect(all(await asked(branch, "one"))).toEqual([1, 1, 1, 2]);
  await expect.poll(async () => all(await asked(branch, "two"))).toEqual([1, 1, 1, 1]);
});

test("watchers are told the names that were added, removed and changed, once for a burst", async () => {
  const branch = await started(server("one"));
  const watcher = await watched(branch);
  await call(branch, "one.set", { offer: { tools: [tool("stays"), tool("goes"), tool("changes")] } });
  await changeThat(watcher, ({ tools }) => tools?.added.includes("one.goes") === true);
  const offer = { tools: [tool("stays"), tool("changes", "Does something else."), tool("comes")] };
  await call(branch, "one.set", { offer, times: 500 });
  const change = await changeThat(watcher, ({ tools }) => tools !== undefined);
  expect(change).toEqual({ tools: { added: ["one.comes"], removed: ["one.goes"], changed: ["one.changes"] } });
  // The server's own word that it has changed came 500 times; it was read at most once more, and nothing was told of that.
  await call(branch, "one.set", { offer: { tools: [] } });
  const next = (await watcher.call.next()) as unknown as CapabilityChange;
  expect(next.tools?.removed).toEqual(["one.changes", "one.comes", "one.stays"]);
  expect((await asked(branch, "one"))["tools/list"]).toBeLessThan(10);
});

test("a server that is taken out of the settings goes with all it offered", async () => {
  const branch = await started(server("one"), server("two"));
  const watcher = await watched(branch);
  await branch.manager.call.setServers([server("one")]);
  const { tools } = await changeThat(
    watcher,
    (change) => change.tools !== undefined && change.tools.removed.length > 0,
  );
  expect(tools?.removed).toEqual(["two.asked", "two.set", "two.write"]);
  expect((await branch.aggregator.call.tools()).map(({ server: of }) => of)).not.toContain("two");
});

test("what allow and deny leave out is neither listed nor reached", async () => {
  const branch = await started(
    server("one", ["--tools=12"], { allow: ["tool-1*", "asked", "test://a*"], deny: ["*2"] }),
  );
  const names = (await branch.aggregator.call.tools()).map(({ tool: own }) => own);
  expect(names).toEqual(["asked", "tool-1", "tool-10", "tool-11"]);
  const { wrapper } = await branch.manager.call.route("one.asked");
  await expect(branch.manager.call.route("one.tool-12")).rejects.toBeInstanceOf(UnknownNameError);
  // Also for who knows the wrapper and does not ask for the way.
  for (const refused of [
    wrapper.call.callTool("tool-12", {}),
    wrapper.call.callTool("set", {}),
    wrapper.call.readResource("test://b"),
    wrapper.call.getPrompt("p", {}),
  ])
    await expect(refused).rejects.toThrow("is left out by its allow and deny settings");
  expect(await wrapper.call.readResource("test://a1")).toEqual([{ uri: "test://a1", text: "what test://a1 says" }]);
  expect((await asked(branch, "one"))["prompts/get"]).toBeUndefined();
});

test("of two tools of one name the first is taken, and the other is told of", async () => {
  const branch = await started(server("one"));
  const heard = new Promise<string>((resolve) => {
    class Heard extends GenServer<void> {
      notified({ notification }: { notification: { type: string; text?: string } }): void {
        if (notification.type === "fault") resolve(notification.text ?? "");
      }
    }
    void Heard.start().then(async (watcher) => {
      await branch.notifications.call.subscribe(watcher);
      await call(branch, "one.set", { offer: { tools: [tool("twin", "The first."), tool("twin", "The second.")] } });
    });
  });
  expect(await heard).toBe("lists tools under the name of another, which are left out: twin");
  const twins = async () => (await branch.aggregator.call.tools()).filter(({ name }) => name === "one.twin");
  await expect.poll(twins).toMatchObject([{ description: "The first." }]);
});

test("a call that was meant for a tool as it was before is not run", async () => {
  const branch = await started(server("one"));
  await call(branch, "one.set", { offer: { tools: [tool("a")] } });
  const { wrapper } = await branch.manager.call.route("one.asked");
  const old = "0".repeat(64);
  await expect(wrapper.call.callTool("asked", {}, { fingerprint: old })).rejects.toMatchObject({
    code: "tool_changed",
  });
});

test("after a crash of its own it knows everything again", async () => {
  const branch = await started(server("one"));
  const before = await branch.aggregator.call.tools();
  const first = whereis(branch.aggregator);
  if (first === undefined) throw new Error("no aggregator");
  exit(first, "kill");
  await first.down;
  expect(await branch.aggregator.call.tools()).toEqual(before);
});
