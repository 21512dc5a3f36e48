import "../../src/ui/loading/ink.js";
import { cleanup, render } from "ink-testing-library";
import { afterEach, describe, expect, it } from "vitest";
import { App } from "../../src/ui/components/App.js";
import { Draft } from "../../src/ui/draft.js";
import { Interaction } from "../../src/ui/interaction.js";
import { KeyDecoder } from "../../src/ui/keys.js";
import { createTheme } from "../../src/ui/theme.js";
import { TUIManager } from "../../src/ui/tui-manager.js";
import { ViewStore } from "../../src/ui/view-store.js";
import { Views } from "../../src/ui/views/views.js";
import { ManualClock } from "./support/manual-clock.js";
import { idle, snapshot } from "./support/samples.js";

afterEach(cleanup);

function start() {
  const clock = new ManualClock();
  const draft = new Draft();
  const theme = createTheme({ colour: 0, styles: false });
  const store = new ViewStore({ theme, printed: draft.printed, clock });
  const sent: string[] = [];
  const manager = new TUIManager();
  const views = new Views({
    manager,
    actions: { act: () => Promise.reject(new Error()), inspect: () => Promise.reject(new Error()) },
    back: () => manager.happen({ type: "back", writing: interaction.writing }),
  });
  const interaction: Interaction = new Interaction({
    manager,
    draft,
    view: store.view,
    columns: () => 60,
    clock,
    actions: {
      submit: (text) => sent.push(text),
      answer: () => {},
      complete: async () => [],
      cancel: () => {},
      takeBack: () => {},
      quit: () => {},
      notice: () => {},
      editOutside: () => {},
      suspend: () => {},
      repaint: () => {},
    },
  });
  store.subscribe(() => interaction.follow());
  const app = render(
    <App
      store={store}
      interaction={interaction}
      views={views}
      theme={theme}
      size={{ columns: 60, rows: 20 }}
      clock={clock}
    />,
  );
  const press = (bytes: string): void => {
    for (const input of new KeyDecoder().push(bytes)) interaction.take(input);
  };
  // React draws in a microtask and runs effects in a task after it.
  const frame = async (): Promise<string> => {
    for (let turn = 0; turn < 3; turn++) await new Promise((done) => setImmediate(done));
    return app.lastFrame() ?? "";
  };
  return { app, clock, store, sent, press, frame };
}

describe("the app", () => {
  it("before the conversation is there says that it starts", async () => {
    const { frame } = start();
    expect(await frame()).toContain("starting");
  });

  it("prints what is final above what is live", async () => {
    const { store, frame } = start();
    store.load(snapshot([{ kind: "user", id: "u", text: "question" }]));
    store.apply({ type: "item", item: { kind: "assistant", id: "a", model: "m", text: "ans", status: "streaming" } });
    const shown = await frame();
    expect(shown).toMatch(
      /› question\n\n● ans\n[\s\S]*─{60}\n› Ask anything, \/ for commands\n {2}1 server down: web · offline/,
    );
  });

  it("spins while a tool runs, on its own clock, and rests when nothing does", async () => {
    const { clock, store, app, frame } = start();
    store.load(snapshot([]));
    store.apply({
      type: "item",
      item: { kind: "tool", id: "t", call: { id: "t", name: "a.b", arguments: {}, status: "running" } },
    });
    const first = await frame();
    clock.advance(120);
    const second = await frame();
    expect(second).not.toBe(first);
    store.apply({
      type: "update",
      item: { kind: "tool", id: "t", call: { id: "t", name: "a.b", arguments: {}, status: "done" } },
    });
    await frame();
    const frames = app.frames.length;
    clock.advance(60_000);
    await frame();
    expect(app.frames.length).toBe(frames);
  });

  it("counts an open breaker down second by second", async () => {
    const { clock, store, frame } = start();
    store.load(snapshot([], { ...idle, breaker: "open", breakerRetryInMs: 9_000 }));
    expect(await frame()).toContain("next try in 9 s");
    clock.advance(4_000);
    expect(await frame()).toContain("next try in 5 s");
  });

  it("takes keys and draws them", async () => {
    const { store, press, frame, sent } = start();
    store.load(snapshot([]));
    press("hi");
    expect(await frame()).toContain("› hi");
    press("\r");
    expect(sent).toEqual(["hi"]);
  });
});
