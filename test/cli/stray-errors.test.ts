// Errors outside any handler, in the built app. What throws is a module preloaded into it, as a careless dependency would.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { banyan, bare, type Place, root } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { logLines } from "../support/log.js";
import { startModelServer } from "../support/model-server.js";

/** The app with `code` run once the model has been asked; `names` and `supervision` are its own modules. */
async function preloaded(code: string, config = ""): Promise<Place> {
  const model = await startModelServer();
  onTestFinished(() => model.close());
  model.enqueue({ text: "An answer in a few words.", deltas: 4, paceMs: 300 });
  const folder = temporaryHome();
  const here = bare(
    folder,
    `model = "openai:m"\n${config}[providers.openai]\nbase_url = "${model.baseUrl}"\n[bundled]\nhost = false\n`,
  );
  here.env.OPENAI_API_KEY = "k";
  const module = join(folder, "careless.mjs");
  const dist = (file: string) => JSON.stringify(pathToFileURL(join(root, "dist", file)).href);
  writeFileSync(
    module,
    `import { AsyncResource } from "node:async_hooks";
import { names } from ${dist("application.js")};
import * as supervision from ${dist("supervision/index.js")};
// Bound to the program's start, so that what it does belongs to no process.
const careless = AsyncResource.bind(() => { ${code} });
const { fetch } = globalThis;
globalThis.fetch = (...args) => {
  globalThis.fetch = fetch;
  careless();
  return fetch(...args);
};
`,
  );
  here.env.NODE_OPTIONS = `--import ${pathToFileURL(module).href}`;
  return here;
}

const thrown = 'setTimeout(() => { throw new Error("of nobody"); }, 0);';

describe("an error that no part answers for", () => {
  it("stops the app in order, says why, and is in the log with the request and the session it fell into", async () => {
    const here = await preloaded(thrown);
    const { code, stderr } = await banyan(here, ["-p", "question"]);
    expect(code).toBe(1);
    expect(stderr).toContain("stopped, because of an error that no part answers for: of nobody.");
    expect(stderr).toContain("banyan --resume");
    const lines = logLines(here.home);
    const line = lines.find(({ event }) => event === "stray_error");
    expect(line).toMatchObject({ level: "error", reason: "of nobody", stack: expect.stringContaining("careless.mjs") });
    const turn = lines.find(({ event }) => event === "turn");
    expect(turn).toMatchObject({ outcome: "cancelled" });
    for (const key of ["traceId", "sessionId", "requestId"]) expect(line?.[key]).toBe(turn?.[key]);
  });

  it("is only reported where the settings say so: the answer comes", async () => {
    const here = await preloaded(thrown, '[errors]\nstray = "report"\n');
    const { code, stdout } = await banyan(here, ["-p", "question"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "An answer in a few words.\n" });
    expect(logLines(here.home).find(({ event }) => event === "stray_error")).toMatchObject({ reason: "of nobody" });
  });
});

describe("an error thrown from a timer that a process started", () => {
  it("is that process's crash, and the app goes on", async () => {
    const here = await preloaded(`
class Careless extends supervision.GenServer {
  init() { setTimeout(() => { throw new Error("from a timer"); }, 0); }
}
void supervision.startChild(names.tasks, supervision.child(Careless, undefined, { restart: "temporary" }));`);
    const { code, stdout } = await banyan(here, ["-p", "question"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "An answer in a few words.\n" });
    const lines = logLines(here.home);
    expect(lines.find(({ event }) => event === "crash")).toMatchObject({
      level: "error",
      behaviour: "Careless",
      reason: "from a timer",
    });
    expect(lines.some(({ event }) => event === "stray_error")).toBe(false);
  });
});
