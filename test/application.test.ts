import { EventEmitter } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { type LoadRequest, loadConfig } from "../src/actors/config/load.js";
import { resolvePaths } from "../src/actors/paths.js";
import { announce } from "../src/actors/telemetry/happenings.js";
import { type BanyanOptions, names, startBanyan } from "../src/application.js";
import type { ChatEvent, ChatSnapshot, ChatWatcher, Question } from "../src/chat/events.js";
import { modelsOf } from "../src/llm/models.js";
import { createOffline } from "../src/llm/offline.js";
import { createOpenAICompatible } from "../src/llm/openai-compatible.js";
import type { Provider } from "../src/llm/provider.js";
import { configuredServers } from "../src/mcp/client/configured-servers.js";
import type { ServerConfigInput } from "../src/mcp/client/server-config.js";
import {
  type Application,
  child,
  exit,
  GenServer,
  type Named,
  named,
  type TreeNode,
  whereis,
} from "../src/supervision/index.js";
import { Draft } from "../src/ui/draft.js";
import { TUI } from "../src/ui/tui.js";
import { built } from "./support/build.js";
import { BUSY_MACHINE } from "./support/busy-machine.js";
import { crashAtNextMessage } from "./support/faults.js";
import { temporaryHome } from "./support/home.js";
import { startModelServer } from "./support/model-server.js";

let app: Application | undefined;
afterEach(async () => {
  await app?.stop();
  app = undefined;
});

async function start(
  home: string,
  { servers, ...options }: Partial<BanyanOptions> & { readonly servers?: readonly ServerConfigInput[] } = {},
  settings: Partial<LoadRequest> = {},
): Promise<Application> {
  const paths = resolvePaths({ home, env: {}, platform: process.platform, cwd: home });
  const request = { files: [], ...settings, env: { ...BUSY_MACHINE, ...settings.env } };
  const loaded = await loadConfig(request);
  if (!("ok" in loaded)) throw new Error("the defaults are valid");
  app = await startBanyan({
    paths,
    request,
    loaded: loaded.ok,
    serversOf: (asked) => (servers === undefined ? configuredServers(asked, {}) : { servers, problems: [] }),
    provider: createOffline(),
    models: { fallback: [], list: async () => [], choose: async () => createOffline() },
    project: home,
    resume: undefined,
    allow: ["*"],
    interactive: false,
    longLived: false,
    screen: [
      child(TUI, { chat: names.chat, draft: new Draft(), onQuit: () => {}, ...terminal() }, { name: names.screen }),
    ],
    version: "0.0.0",
    ...options,
  });
  return app;
}

/** A terminal that shows nothing: what is drawn is tested elsewhere. */
function terminal() {
  const stdout = Object.assign(new EventEmitter(), { isTTY: true, columns: 80, rows: 24, write: () => true });
  const stdin = Object.assign(new EventEmitter(), { isTTY: true, resume: () => {}, pause: () => {} });
  return { stdin, stdout, env: { TERM: "xterm" } };
}

/** Watches until the turn is over. */
class Listener extends GenServer<() => void> implements ChatWatcher {
  private idle = (): void => {};
  protected override init(idle: () => void) {
    this.idle = idle;
  }
  chatEvent(event: ChatEvent) {
    if (event.type === "idle") this.idle();
  }
}

/** Asks, waits for the turn's end, and returns what is shown then. */
async function ask(text: string): Promise<ChatSnapshot> {
  let done = (): void => {};
  const over = new Promise<void>((resolve) => {
    done = resolve;
  });
  const listener = await Listener.start(done);
  await names.chat.call.subscribe(listener);
  await names.chat.call.submit(text);
  await over;
  return names.chat.call.subscribe(listener);
}

/** The pid of every box; what a dynamic supervisor holds comes and goes. */
function pids(node: TreeNode | undefined, found: Record<string, string> = {}): Record<string, string> {
  if (node === undefined) return found;
  if (node.name !== undefined) found[node.name] = node.id;
  if (node.strategy !== "dynamic") for (const child of node.children ?? []) pids(child, found);
  return found;
}

const isRunning = (box: Named<unknown>): boolean => whereis(box)?.inspect().status === "running";

/** A real message to each box. Any will do: the injected fault throws while the box handles it. */
const messages: Record<string, () => unknown> = {
  Config: () => names.config.call.get(),
  Store: () => names.store.call.status(),
  Audit: () => names.audit.call.getStatus(),
  Telemetry: () => names.telemetry.call.getStatus(),
  HealthMonitor: () => names.health.call.health(),
  MessageStores: () => names.messages.call.countChildren(),
  Session: () => names.session.call.view(),
  Aliases: () => names.aliases.call.list(),
  LineEditor: () => names.lineEditor.call.remember("a line"),
  ProjectFiles: () => names.files.call.find("a", 1),
  "CircuitBreaker.LLM": () => names.breaker.call.status(),
  ConnectionPools: () => names.pools.call.countChildren(),
  Tasks: () => names.tasks.call.countChildren(),
  NotificationHandler: () => names.notifications.call.query(),
  ResourceCache: () => names.resources.call.stats(),
  Minder: () => names.minder.cast.watch(1, names.ports),
  PortSupervisor: () => names.ports.call.countChildren(),
  ServerSupervisor: () => names.wrappers.call.countChildren(),
  ToolHostProcesses: () => names.hostProcesses.call.countChildren(),
  CatalogFronts: () => names.catalogFronts.call.countChildren(),
  ToolHost: () => names.toolHost.call.status(),
  ServerManager: () => names.servers.call.status(),
  PluginManager: () => names.plugins.call.status(),
  LazyServerManager: () => names.lazyServers.call.look(),
  Aggregator: () => names.aggregator.call.tools(),
  Catalog: () => names.catalog.call.getStatus(),
  ServerSettings: async () => names.serverSettings.cast.configChanged(await names.config.call.get()),
  Chat: () => names.chat.call.cancel(),
  ViewFeed: () => names.feed.cast.look([]),
  TUI: () => names.screen.cast.chatEvent({ type: "idle" }),
  Control: () => names.control.cast.broken("on purpose"),
};

describe("the tree", () => {
  it("answers through a real tool server, the whole turn kept", async () => {
    await start(temporaryHome());
    const { items } = await ask("what is 6*7");
    expect(items.map(({ kind }) => kind)).toEqual(["user", "tool", "assistant"]);
    expect(items[1]).toMatchObject({
      call: { name: "host.calculate", status: "done", result: expect.stringContaining("42") },
    });
    const { messages } = await names.session.call.view();
    expect(messages.map(({ role, status }) => [role, status])).toEqual([
      ["user", "complete"],
      ["assistant", "complete"],
      ["tool", "done"],
      ["assistant", "complete"],
    ]);
  });

  it("stops a turn at once when it is cancelled, down to the server's request, and nothing else", async () => {
    const home = temporaryHome();
    const demo = { name: "demo", command: process.execPath, args: [built("servers/demo/main.js")] };
    await start(home, { servers: [demo] });
    const before = pids(app?.tree());
    const watcher = await Listener.start(() => {});
    const over = new Promise<void>((resolve) => {
      void Listener.start(resolve).then((listener) => names.chat.call.subscribe(listener));
    });
    await names.chat.call.submit("hang");
    const call = async () => (await names.chat.call.subscribe(watcher)).items.findLast(({ kind }) => kind === "tool");
    await expect.poll(call).toMatchObject({ call: { name: "demo.hang", status: "running" } });
    // The server says on stderr when it is called and when the call is taken back.
    const heard = async () =>
      (await names.notifications.call.query()).flatMap(({ notification }) =>
        notification.type === "stderr" ? notification.lines : [],
      );
    await expect.poll(heard).toEqual(["hang: called"]);
    expect(await names.chat.call.cancel()).toBe(true);
    await over;
    expect(await call()).toMatchObject({ call: { status: "interrupted" } });
    expect(pids(app?.tree())).toEqual(before);
    await expect.poll(heard).toEqual(["hang: called", "hang: the call was cancelled"]);
  });

  it("has a test for each of its boxes", async () => {
    await start(temporaryHome());
    const boxes = Object.keys(pids(app?.tree()));
    expect(new Set([...Object.keys(messages), "Application", "ChatSupervisor", "MCP"])).toEqual(new Set(boxes));
  });

  for (const [name, send] of Object.entries(messages)) {
    it(`${name} comes back with its state when it throws, and every other box keeps its pid`, async () => {
      await start(temporaryHome());
      await ask("what is 6*7");
      const before = {
        pids: pids(app?.tree()),
        session: await names.session.call.view(),
        settings: await names.config.call.get(),
        tools: (await names.aggregator.call.tools()).map(({ name: tool }) => tool),
        notifications: (await names.notifications.call.query()).length,
      };
      const noticed = crashAtNextMessage(name);
      await Promise.resolve(send()).catch(() => {});
      await noticed;
      const box: Named<unknown> = named(name);
      await expect.poll(() => isRunning(box)).toBe(true);

      const after = pids(app?.tree());
      expect(after[name]).not.toBe(before.pids[name]);
      expect({ ...after, [name]: "" }).toEqual({ ...before.pids, [name]: "" });
      expect(await names.session.call.view()).toEqual(before.session);
      expect(await names.config.call.get()).toEqual(before.settings);
      const { items } = await ask("what is 7*8");
      expect(items.findLast(({ kind }) => kind === "tool")).toMatchObject({
        call: { status: "done", result: expect.stringContaining("56") },
      });
      expect((await names.aggregator.call.tools()).map(({ name: tool }) => tool)).toEqual(before.tools);
      expect({ ...pids(app?.tree()), [name]: "" }).toEqual({ ...before.pids, [name]: "" });
    });
  }

  it("applies changed settings while it runs: tools allowed, servers, the log; also in boxes that crash afterwards", async () => {
    const home = temporaryHome();
    const file = join(home, "config.toml");
    await writeFile(file, "[approvals]\nallow = []\n");
    await start(home, { allow: [] }, { files: [{ layer: "user", file }] });
    const tool = async () => {
      const item = (await ask("what is 6*7")).items.findLast(({ kind }) => kind === "tool");
      return item?.kind === "tool" ? item.call.status : undefined;
    };
    const servers = async () => (await names.servers.call.status()).map(({ name }) => name).sort();
    expect([await tool(), await servers()]).toEqual(["denied", ["catalog", "host"]]);

    await writeFile(file, '[approvals]\nallow = ["host.*"]\n[bundled]\ndemo = true\n[log]\nlevel = "debug"\n');
    await names.config.call.reload();
    await expect.poll(servers).toEqual(["catalog", "demo", "host"]);
    expect(await tool()).toBe("done");
    announce({ type: "server_request", server: "seen", method: "tools/call", outcome: "done", ms: 1 });
    const logs = join(home, "state", "logs");
    const lines = () => readdirSync(logs).map((name) => readFileSync(join(logs, name), "utf8"));
    await expect.poll(() => lines().join("")).toContain('"seen"');

    for (const box of [names.chat, names.servers, names.serverSettings]) {
      const pid = whereis<unknown>(named(box.name));
      if (pid !== undefined) exit(pid, "kill");
      await pid?.down;
    }
    expect(await tool()).toBe("done");
    await expect.poll(servers).toEqual(["catalog", "demo", "host"]);

    // A server that the settings no longer name does not come back with the manager.
    await writeFile(file, '[approvals]\nallow = ["host.*"]\n');
    await names.config.call.reload();
    await expect.poll(servers).toEqual(["catalog", "host"]);
  });

  it("leaves a failing model alone after five failures in a row, then lets one probe through that closes the breaker", async () => {
    const model = await startModelServer();
    onTestFinished(() => model.close());
    model.defaultReply = { status: 503 };
    const settings = { env: { BANYAN_BREAKER__RESET_AFTER: "5s" } };
    const provider = createOpenAICompatible({ id: "openai:m", model: "m", baseUrl: model.baseUrl });
    await start(temporaryHome(), { provider, servers: [] }, settings);
    const notices = async (text: string) =>
      (await ask(text)).items.flatMap((item) => (item.kind === "notice" ? [item.text] : [])).slice(-3);
    const asked = () => model.requests.filter(({ method }) => method === "POST");
    await notices("one");
    expect(asked()).toHaveLength(4);
    expect(await notices("two")).toContainEqual(
      expect.stringMatching(/the model failed 5 times in a row .* asked again in \d s/),
    );
    expect(asked()).toHaveLength(5);
    expect((await names.breaker.call.status()).state).toBe("open");
    expect(await names.breaker.call.getStatus()).toMatchObject({
      level: "warn",
      details: expect.stringMatching(/^the model failed 5 times in a row \(.*\) and is left alone$/),
    });
    expect((await names.health.call.health()).budget).toMatchObject({ total: 7, failed: 5 }); // two turns besides
    expect(app?.tree()?.children?.find(({ name }) => name === "CircuitBreaker.LLM")?.label).toBe(
      "open, 5 failures in a row",
    );
    await expect.poll(async () => (await names.breaker.call.status()).state).toBe("half-open");
    model.defaultReply = { text: "I am back." };
    const { items, status } = await ask("three");
    expect(items).toContainEqual(expect.objectContaining({ kind: "assistant", text: "I am back." }));
    expect(status.breaker).toBe("closed");
    expect(asked()).toHaveLength(6);
  });

  it("takes another model by /model, keeps to it after the chat crashed, and keeps it loaded where it is Ollama's", async () => {
    const model = await startModelServer();
    onTestFinished(() => model.close());
    model.models = ["qwen3"];
    const settings = { env: { BANYAN_PROVIDERS__OLLAMA__BASE_URL: model.origin } };
    const models = modelsOf({ env: {}, providers: { ollama: { baseUrl: model.origin } } }, []);
    await start(temporaryHome(), { models, servers: [], longLived: true }, settings);
    const answered = async (text: string) => (await ask(text)).items.findLast(({ kind }) => kind === "assistant");
    expect(await answered("hello")).toMatchObject({ model: "offline" });

    expect((await ask("/model nobody:x")).items.at(-1)).toMatchObject({
      level: "error",
      text: expect.stringMatching(/no provider "nobody"/),
    });
    expect((await ask("/model ollama:qwen3")).items.at(-1)).toMatchObject({
      text: "`ollama:qwen3` answers from the next message on.",
    });
    expect(await answered("hello")).toMatchObject({ model: "ollama:qwen3", text: "This is a scripted answer." });
    await expect.poll(() => [...model.loaded.keys()]).toEqual(["qwen3"]);

    const noticed = crashAtNextMessage("Chat");
    names.chat.cast.submit("lost");
    await noticed;
    const { status } = await ask("hello again");
    expect(status.model).toBe("ollama:qwen3");
    expect((await ask("/model")).items.at(-1)).toMatchObject({
      text: expect.stringContaining("`ollama:qwen3` answers."),
    });
  });

  it("gives a new model a closed breaker", async () => {
    const model = await startModelServer();
    onTestFinished(() => model.close());
    model.defaultReply = { status: 503 };
    const settings = { env: { BANYAN_BREAKER__FAILURES: "1" } };
    const provider = createOpenAICompatible({ id: "openai:m", model: "m", baseUrl: model.baseUrl });
    const models = modelsOf({ env: {}, providers: { openai: { baseUrl: model.baseUrl } } }, []);
    await start(temporaryHome(), { provider, models, servers: [] }, settings);
    await ask("one");
    expect((await names.breaker.call.status()).state).toBe("open");
    await ask("/model openai:other");
    model.defaultReply = { text: "I am another." };
    expect((await ask("two")).items.at(-1)).toMatchObject({ model: "openai:other", text: "I am another." });
    expect((await names.breaker.call.status()).state).toBe("closed");
  });

  for (const { name } of [names.session, names.chat]) {
    it(`ends with a report that says why once ${name}, which is essential, fails too often`, async () => {
      await start(temporaryHome());
      const report = new Promise((resolve) => app?.on("supervisor", (r) => r.context === "shutdown" && resolve(r)));
      let isOver = false;
      void app?.done.then(() => (isOver = true));
      // As often as it takes: on a slow machine the first may be forgotten by then.
      while (!isOver) {
        const noticed = crashAtNextMessage(name);
        Promise.resolve(messages[name]?.()).catch(() => {}); // it dies over it
        await noticed;
        await expect.poll(() => isOver || isRunning(named(name)), { interval: 5 }).toBe(true);
      }
      expect(await report).toMatchObject({ child: { id: name }, description: expect.stringContaining("3 in 5000 ms") });
      expect(await app?.done).toBe("shutdown");
    });
  }

  it("parks any other box that fails too often, shows it as degraded, and goes on", async () => {
    await start(temporaryHome());
    const watcher = await Listener.start(() => {});
    const parked = () => {
      const mcp = app?.tree()?.children?.find(({ name }) => name === "MCP");
      return mcp?.children?.find(({ name }) => name === "ResourceCache")?.parked;
    };
    // Again whenever it is back, for a slow machine may need longer to look than it is parked at first.
    const park = async () => {
      for (;;) {
        await expect.poll(() => parked() !== undefined || isRunning(names.resources), { interval: 5 }).toBe(true);
        if (parked() !== undefined) return;
        const noticed = crashAtNextMessage("ResourceCache");
        names.resources.cast.stats();
        await noticed;
      }
    };
    await park();
    expect(parked()?.reason).toContain("injected into ResourceCache");
    const health = () => park().then(() => names.health.call.health());
    await expect.poll(health).toMatchObject({ level: "error", components: [{ name: "ResourceCache" }] });
    const degraded = () => park().then(async () => (await names.chat.call.subscribe(watcher)).status.degraded);
    await expect.poll(degraded).toEqual(["ResourceCache"]);
    expect((await ask("what is 6*7")).items).toContainEqual(
      expect.objectContaining({ kind: "tool", call: expect.objectContaining({ status: "done" }) }),
    );
    await expect.poll(() => whereis(names.resources)?.alive).toBe(true);
  });

  it("takes the ends of a server that cannot start for the server's own: it is down, and nothing is degraded", async () => {
    const settings = { env: { BANYAN_HEALTH__POLL_INTERVAL: "100ms" } };
    const dies = { name: "silent", command: process.execPath, args: ["-e", "process.exit(1)"] };
    await start(temporaryHome(), { servers: [{ ...dies, maxRestarts: 3, restartDelayMs: 10 }] }, settings);
    const watcher = await Listener.start(() => {});
    const shown = () => names.chat.call.subscribe(watcher);
    await expect
      .poll(async () => notices(await shown()))
      .toContainEqual(expect.stringContaining("The server silent is given up"));
    await expect
      .poll(() => names.health.call.health())
      .toMatchObject({ components: [{ name: "ServerManager", level: "warn", details: "1 server down: silent" }] });
    expect((await shown()).status).toMatchObject({ degraded: [], servers: [{ name: "silent", state: "parked" }] });
  });

  it("asks its own boxes how they are", async () => {
    await start(temporaryHome());
    await ask("what is 6*7");
    const said = await Promise.all([
      names.breaker.call.getStatus(),
      names.servers.call.getStatus(),
      names.notifications.call.getStatus(),
      names.minder.call.getStatus(),
      names.chat.call.getStatus(),
    ]);
    expect(said.map(({ level, details }) => `${level}: ${details}`)).toEqual([
      "ok: closed",
      "ok: 2 of 2 servers up",
      expect.stringMatching(/^ok: \d+ notifications so far, \d subscribers$/),
      expect.stringMatching(/^ok: minds 1 process groups, as pid \d+$/),
      "ok: idle",
    ]);
  });

  it("shows what is not well in the chat, also after the monitor was killed, and answers /health", async () => {
    await start(temporaryHome(), { servers: [] });
    const pid = whereis(names.health);
    exit(names.health, "kill");
    await pid?.down;
    const watcher = await Listener.start(() => {});
    const shown = () => names.chat.call.subscribe(watcher);
    // Each time it is tried again: a slow machine may need longer to say so than it is parked at first.
    const kill = () => isRunning(names.resources) && exit(names.resources, "kill");
    await expect
      .poll(async () => {
        kill();
        const { items, status } = await shown();
        return [...status.degraded, ...notices({ items })];
      })
      .toEqual(
        expect.arrayContaining([
          "ResourceCache",
          "ResourceCache: parked after too many crashes: killed. Type /health for more.",
        ]),
      );
    await expect
      .poll(async () => {
        kill();
        await names.chat.call.submit("/health");
        const report = (await shown()).items.findLast(({ kind }) => kind === "output");
        return report !== undefined && "text" in report ? report.text : "";
      })
      .toMatch(/^\*\*error\*\*, score 0 of 100 · live · ready · .*\| ResourceCache \| error \| 0 \|/s);
  });

  const notices = ({ items }: Pick<ChatSnapshot, "items">): string[] =>
    items.flatMap((item) => (item.kind === "notice" ? [item.text] : []));

  it("is not confused by a watcher that is gone already", async () => {
    await start(temporaryHome(), { servers: [] });
    let idles = 0;
    const listener = await Listener.start(() => idles++);
    await names.chat.call.subscribe(listener);
    await names.chat.call.subscribe(named("nobody"));
    await names.chat.call.submit("/help");
    await names.chat.call.subscribe(listener);
    await listener.call.chatEvent({ type: "quit" }); // what was cast before has been handled
    expect(idles).toBe(0);
  });

  it("says in one line that a message could not be kept when the disk is full, and goes on once there is room", async () => {
    await start(temporaryHome(), { servers: [] });
    await ask("hello");
    const before = pids(app?.tree());
    const [row] = await names.store.call.all({ sql: "PRAGMA page_count" });
    await names.store.call.all({ sql: `PRAGMA max_page_count = ${row?.page_count}` });
    const refused = await ask("x".repeat(100_000));
    expect(notices(refused).filter((text) => text.includes("the disk is full"))).toHaveLength(1);
    expect(refused.items.filter(({ kind }) => kind === "user")).toHaveLength(1);
    await names.store.call.all({ sql: "PRAGMA max_page_count = 100000" });
    expect((await ask("hello again")).items.filter(({ kind }) => kind === "user")).toHaveLength(2);
    expect(pids(app?.tree())).toEqual(before);
  });

  it("tells the user that another Banyan took the conversation over, and goes on in a new one after /clear", async () => {
    await start(temporaryHome(), { servers: [] });
    await ask("hello");
    const before = pids(app?.tree());
    await names.store.call.write({ sql: "UPDATE sessions SET run = 'another'" });
    expect(notices(await ask("still here?"))).toContainEqual(expect.stringContaining("taken over by another Banyan"));
    await names.chat.call.submit("/clear");
    expect((await ask("and now?")).items.map(({ kind }) => kind)).toEqual(["user", "assistant"]);
    expect(pids(app?.tree())).toEqual(before);
  });

  for (const boxes of [
    [names.chat, names.session, names.store],
    [names.breaker, names.store],
    [names.chat, names.session],
  ]) {
    it(`${boxes.map(({ name }) => name).join(" and ")} crash at once and are back at once`, async () => {
      await start(temporaryHome(), { servers: [] });
      await ask("hello");
      const before = await names.session.call.view();
      const dead = boxes.map((box) => whereis<unknown>(named(box.name)));
      for (const pid of dead) if (pid !== undefined) exit(pid, "kill");
      await Promise.all(dead.map((pid) => pid?.down));
      await names.chat.call.cancel();
      await names.breaker.call.status();
      expect(await names.session.call.view()).toEqual(before);
    });
  }

  it("does not count the time a question waits for the user against the turn", async () => {
    const settings = { env: { BANYAN_CHAT__TURN_TIMEOUT: "6s" } };
    await start(temporaryHome(), { allow: [], interactive: true }, settings);
    await names.servers.with({ timeout: 100_000 }).call.settled(); // else the turn waits for them in its time
    const watcher = await Listener.start(() => {});
    const shown = () => names.chat.call.subscribe(watcher);
    await names.chat.call.submit("list the files here");
    await expect.poll(async () => (await shown()).question?.kind).toBe("approval");
    const { id } = (await shown()).question as Question; // it has just been seen
    await new Promise((resolve) => setTimeout(resolve, 6_500));
    await names.chat.call.answer(id, { kind: "approval", decision: "once" });
    await expect.poll(async () => (await shown()).status.turn).toBe("idle");
    expect((await shown()).items).toContainEqual(
      expect.objectContaining({ kind: "tool", call: expect.objectContaining({ status: "done" }) }),
    );
    expect(notices(await shown())).toEqual([]);
  });

  it("stops an answer that does not end, keeps what there is and says so", async () => {
    const provider: Provider = {
      id: "endless",
      async *stream() {
        for (;;) yield { type: "text", delta: "x".repeat(8_192) };
      },
    };
    await start(temporaryHome(), { provider, servers: [] });
    const shown = await ask("go on");
    expect(notices(shown)).toEqual([expect.stringContaining("The answer grew over 1 MB and was stopped")]);
    const kept = (await names.session.call.view()).messages.at(-1);
    expect(kept).toMatchObject({ role: "assistant", status: "failed" });
    expect(kept?.text.length).toBe(1024 * 1024);
  });

  it("takes up everything that was typed, in order, also when turns cannot be started", async () => {
    const demo = { name: "demo", command: process.execPath, args: [built("servers/demo/main.js")] };
    await start(temporaryHome(), { servers: [demo] });
    let idle = (): void => {};
    const over = new Promise<void>((resolve) => {
      idle = resolve;
    });
    const listener = await Listener.start(idle);
    await names.chat.call.subscribe(listener);
    const said = ["hang", "hang 1", "hang 2", "hang 3", "hang 4", "hang 5", "hang 6"];
    for (const text of said) await names.chat.call.submit(text);
    const parked = () => {
      const box = app?.tree()?.children?.find(({ name }) => name === "ChatSupervisor");
      return box?.children?.find(({ name }) => name === "Tasks")?.parked;
    };
    while (parked() === undefined) {
      const tasks = whereis(names.tasks);
      exit(names.tasks, "kill");
      await tasks?.down; // else the next kill may be of one that is dying already
      await expect
        .poll(() => parked() !== undefined || whereis(names.tasks)?.inspect().status === "running")
        .toBe(true);
    }
    await over;
    const { items, status } = await names.chat.call.subscribe(listener);
    expect(status.queued).toEqual([]);
    expect(items.flatMap((item) => (item.kind === "user" ? [item.text] : []))).toEqual(said);
  });
});
