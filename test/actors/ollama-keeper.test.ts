import { expect, it, onTestFinished } from "vitest";
import { OllamaKeeper } from "../../src/actors/ollama-keeper.js";
import { Application, child, named, type Supervisor } from "../../src/supervision/index.js";
import { type ModelServer, startModelServer } from "../support/model-server.js";

const root = named<Supervisor>("Root");
const keeper = named<OllamaKeeper>("OllamaKeeper");

/** An Ollama that tells of every request to load a model. */
async function ollama(port = 0) {
  let tell: () => void = () => {};
  const server = await startModelServer({
    port,
    onRequest: ({ path }) => {
      if (path === "/api/generate") tell();
    },
  });
  /** The answer to a request follows within the turn that it was noted in. */
  const asked = () => new Promise<void>((resolve) => (tell = resolve)).then(() => new Promise(setImmediate));
  return { server, asked };
}

async function keep({ origin }: ModelServer): Promise<void> {
  const app = await Application.start({
    name: root,
    strategy: "one_for_one",
    children: [child(OllamaKeeper, { url: origin, keepAliveMs: 1_000 }, { name: keeper })],
  });
  onTestFinished(() => app.stop());
  await keeper.call.keep("qwen3");
}

/** What it says of itself, once it says so. */
async function says(what: RegExp): Promise<string> {
  for (;;) {
    const { level, details } = await keeper.call.getStatus();
    if (what.test(details)) return `${level}: ${details}`;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

it("loads the model, keeps it, and loads it again after Ollama has restarted", async () => {
  const first = await ollama();
  first.server.models = ["qwen3"];
  const loaded = first.asked();
  await keep(first.server);
  await loaded;
  expect([...first.server.loaded]).toEqual([["qwen3", "1s"]]);
  expect(await says(/ is loaded$/)).toBe("ok: qwen3 is loaded");
  await first.asked(); // it is asked again before Ollama forgets it

  const port = Number(new URL(first.server.origin).port);
  await first.server.close();
  expect(await says(/cannot/)).toMatch(
    /^warn: qwen3 cannot be kept loaded: Ollama at .* does not answer .*ECONNREFUSED/,
  );

  const second = await ollama(port);
  onTestFinished(() => second.server.close());
  expect(await says(/404/)).toMatch(/model 'qwen3' not found.*; it is tried again/);
  second.server.models = ["qwen3"];
  await second.asked();
  expect([...second.server.loaded.keys()]).toEqual(["qwen3"]);
  expect(await says(/ is loaded$/)).toBe("ok: qwen3 is loaded");
});
