import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { CircuitBreaker } from "../../src/actors/circuit-breaker.js";
import type { HealthMonitor } from "../../src/actors/health/health-monitor.js";
import type { Session } from "../../src/actors/session/session.js";
import { Store } from "../../src/actors/store/store.js";
import { Turn } from "../../src/chat/turn.js";
import { TurnClock } from "../../src/chat/turn-clock.js";
import type { Approval, TurnOwner } from "../../src/chat/turn-owner.js";
import type { Provider } from "../../src/llm/provider.js";
import type { Aggregator } from "../../src/mcp/client/aggregator.js";
import type { NamespacedTool, ToolResult } from "../../src/mcp/client/mcp-types.js";
import type { ResourceCache } from "../../src/mcp/client/resource-cache.js";
import { Router } from "../../src/mcp/client/router/router.js";
import { serverConfig } from "../../src/mcp/client/server-config.js";
import type { ServerManager } from "../../src/mcp/client/server-manager.js";
import { Application, child, DynamicSupervisor, GenServer, named } from "../../src/supervision/index.js";
import { temporaryHome } from "../support/home.js";
import { sessionChildren } from "../support/session.js";

const store = named<Store>("Store");
const session = named<Session>("Session");
const breaker = named<CircuitBreaker>("Breaker");
const chat = named<SlowChat>("Chat");
const servers = named<OneTool>("Servers");

/** Says yes when the turn's time is over. */
class SlowChat extends GenServer<TurnClock, { notes: string[] }> {
  private clock!: TurnClock; // set by init
  protected override init(clock: TurnClock) {
    this.clock = clock;
    this.state = { notes: [] };
  }
  async approve(): Promise<Approval> {
    const over = new Promise((resolve) => this.clock.signal.addEventListener("abort", resolve, { once: true }));
    this.clock.go();
    await over;
    return { allowed: true };
  }
  fillForm() {
    return undefined;
  }
  turnState() {}
  turnMessage() {}
  turnDelta() {}
  toolProgress() {}
  mayGoOn() {
    return false;
  }
  note(_: string, text: string) {
    this.state.notes.push(text);
  }
  notes() {
    return this.state.notes;
  }
}

const info: NamespacedTool = {
  server: "s",
  tool: "write",
  name: "s.write",
  description: "",
  inputSchema: { type: "object" },
  annotations: { readOnly: false, destructive: true, idempotent: false, openWorld: false },
};

/** All servers, and the only one, which counts how often its tool ran. */
class OneTool extends GenServer<void, number> {
  protected override init() {
    this.state = 0;
  }
  settled() {}
  tools() {
    return [info];
  }
  changeOf() {
    return undefined;
  }
  route() {
    const wrapper = this.self<OneTool>();
    const { timeoutMs, routing } = serverConfig({ name: "s", command: "none" });
    return { wrapper, info, targets: [{ server: "s", wrapper }], timeoutMs, routing };
  }
  callTool(): ToolResult {
    this.state++;
    return { isError: false, content: [] };
  }
  ran() {
    return this.state;
  }
}

it("runs no tool whose approval came when the turn's time was over", async () => {
  const clock = new TurnClock(200);
  clock.halt(); // until the user is asked
  const provider: Provider = {
    id: "m",
    async *stream(_, signal) {
      signal.throwIfAborted();
      yield { type: "tool-call", call: { id: "1", name: "s.write", arguments: {} } };
    },
  };
  const app = await Application.start({
    strategy: "one_for_one",
    children: [
      child(Store, { file: join(temporaryHome(), "banyan.db") }, { name: store }),
      ...sessionChildren({ store, run: "r" }, session),
      child(
        CircuitBreaker,
        { service: "the model", failures: 5, resetAfterMs: 1_000, probes: 1, store, run: "r" },
        { name: breaker },
      ),
      child(SlowChat, clock, { name: chat }),
      child(DynamicSupervisor, undefined, { name: named<DynamicSupervisor>("Tasks") }),
      child(OneTool, undefined, { name: servers }),
    ],
  });
  onTestFinished(() => app.stop());
  const turn = await Turn.start({
    chat: named<TurnOwner>("Chat"),
    session,
    servers: named<ServerManager>("Servers"),
    router: new Router(named<ServerManager>("Servers")),
    aggregator: named<Aggregator>("Servers"),
    breaker,
    health: named<HealthMonitor>("nobody"),
    tasks: named("Tasks"),
    provider,
    fallback: [],
    prices: [],
    sessionId: "s",
    requestId: "r",
    clock,
    system: "",
    context: { reserve: 1_000, strategy: "compact", compact_at: 80 },
    maxSteps: 3,
    maxTokensOfTurn: undefined,
    temperature: undefined,
    maxTokens: undefined,
    thinking: undefined,
    maxResultBytes: 1_000,
    results: temporaryHome(),
    store,
    resources: named<ResourceCache>("nobody"),
    folder: temporaryHome(),
    mentions: { count: 20, size: { text: 1_000, image: 1_000 }, urlMs: 1_000, serverMs: 1_000 },
  });
  expect(await turn.down).toBe("normal");
  expect(await servers.call.ran()).toBe(0);
  expect((await session.call.view()).messages.at(-1)).toMatchObject({ role: "tool", status: "cancelled" });
  expect(await chat.call.notes()).toEqual(["The turn took longer than 0.2 s and was stopped."]);
});
