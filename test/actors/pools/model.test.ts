import { expect, it, onTestFinished } from "vitest";
import { ConnectionPool, poolName } from "../../../src/actors/pools/connection-pool.js";
import { fetchThrough } from "../../../src/actors/pools/request.js";
import { createOpenAICompatible } from "../../../src/llm/openai-compatible.js";
import type { Provider } from "../../../src/llm/provider.js";
import { Application, child, exit, whereis } from "../../../src/supervision/index.js";
import { ask, collect, never } from "../../llm/collect.js";
import { type ModelServer, startModelServer } from "../../support/model-server.js";

const pool = poolName("model");

/** A model whose requests go through a pool of its own. */
async function start(max = 2): Promise<{ model: ModelServer; provider: Provider }> {
  const model = await startModelServer();
  onTestFinished(() => model.close());
  const options = { name: "model", url: model.baseUrl, min: 0, max, idleMs: 30_000, queue: 10, health: undefined };
  const app = await Application.start({
    strategy: "one_for_one",
    children: [child(ConnectionPool, options, { name: pool })],
  });
  onTestFinished(() => app.stop());
  const { baseUrl } = model;
  return {
    model,
    provider: createOpenAICompatible({ id: "openai:m", model: "m", baseUrl, fetch: fetchThrough(pool) }),
  };
}

it("a model's answers come through the pool, one after the other on one connection", async () => {
  const { model, provider } = await start(1);
  for (let i = 0; i < 5; i++) {
    model.enqueue({ text: `answer ${i}, in pieces`, deltas: 3 });
    expect(await collect(provider.stream(ask("?"), never))).toMatchObject({
      text: `answer ${i}, in pieces`,
      thrown: undefined,
    });
  }
  expect([model.requests.length, model.connections]).toEqual([5, 1]);
});

it("many at once share the pool's connections and all arrive", async () => {
  const { model, provider } = await start();
  model.defaultReply = { text: "one of many", deltas: 3 };
  const answers = await Promise.all(Array.from({ length: 8 }, () => collect(provider.stream(ask("?"), never))));
  expect(answers.map(({ text }) => text)).toEqual(Array.from({ length: 8 }, () => "one of many"));
  expect(model.connections).toBe(2);
});

it("an answer under way when the pool is killed is cut and may be asked for again, which works", async () => {
  const { model, provider } = await start();
  model.enqueue({ text: "a b c d e f g h", deltas: 8, fault: { kind: "stall", afterDeltas: 2 } });
  const { text, thrown } = await collect(provider.stream(ask("?"), never), (event) => {
    const pid = whereis(pool);
    if (event.type === "text" && pid !== undefined) exit(pid, "kill");
  });
  expect(text.length).toBeGreaterThan(0);
  expect(thrown).toMatchObject({ code: "provider_cut" });
  model.enqueue({ text: "whole" });
  expect((await collect(provider.stream(ask("?"), never))).text).toBe("whole");
});

it("a request is given up with the turn, and the connection with it", async () => {
  const { model, provider } = await start(1);
  model.enqueue({ text: "a b c d", deltas: 4, fault: { kind: "stall", afterDeltas: 2 } });
  const turn = new AbortController();
  const { thrown } = await collect(provider.stream(ask("?"), turn.signal), () => turn.abort(new Error("enough")));
  expect(thrown).toMatchObject({ message: "enough" });
  model.enqueue({ text: "next" });
  expect((await collect(provider.stream(ask("?"), never))).text).toBe("next");
  expect(model.connections).toBe(2);
});

it("a server that is not there fails as it does without a pool, worth another try", async () => {
  const { model, provider } = await start();
  await model.close();
  const { thrown } = await collect(provider.stream(ask("?"), never));
  expect(thrown).toMatchObject({ code: "provider_unavailable", retryable: true });
  expect(thrown).toMatchObject({ message: expect.stringContaining("ECONNREFUSED") });
  expect(await pool.call.getStatus()).toMatchObject({ level: "error" });
});
