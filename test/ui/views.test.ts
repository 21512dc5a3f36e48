import { afterEach, describe, expect, it } from "vitest";
import type { LoggedLine } from "../../src/actors/telemetry/log-tail.js";
import type { ToolCallView } from "../../src/chat/events.js";
import { Draft } from "../../src/ui/draft.js";
import type { Input } from "../../src/ui/keys.js";
import { Screen } from "../../src/ui/screen.js";
import { width } from "../../src/ui/text.js";
import { createTheme } from "../../src/ui/theme.js";
import { TUIManager, viewNames } from "../../src/ui/tui-manager.js";
import { ViewStore } from "../../src/ui/view-store.js";
import { cacheKind } from "../../src/ui/views/cache.js";
import { ListView } from "../../src/ui/views/list-view.js";
import { logsKind } from "../../src/ui/views/logs.js";
import type { CacheLook, Look, SeenServer } from "../../src/ui/views/looks.js";
import { serversKind } from "../../src/ui/views/servers.js";
import type { Deed } from "../../src/ui/views/view-feed.js";
import { Views } from "../../src/ui/views/views.js";
import { HeadlessTerminal } from "./support/headless.js";
import { idle, snapshot } from "./support/samples.js";

const theme = createTheme({ colour: 0, styles: false });
const NOW = 1_000_000;

const server = (name: string, state: SeenServer["status"]["state"] = "ready"): SeenServer => ({
  status: {
    name,
    state,
    tools: 2,
    attempts: 0,
    restarts: 1,
    ...(state === "parked" ? { reason: "it will not start" } : {}),
  },
  tools: [
    {
      name: `${name}.read`,
      figures: { calls: 4, errors: 1, latencyMs: 12, errorRate: 0.2, cost: 1, breaker: "closed", hidden: false },
    },
    { name: `${name}.write` },
  ],
  stderr: ["\u001b[2Jbye"],
});
const line = (number: number, level: LoggedLine["level"], event: string): LoggedLine => ({
  number,
  time: "2026-11-21T12:00:00.000Z",
  level,
  event,
  fields: { server: "files", text: "two\nlines" },
});
const cached: CacheLook = {
  stats: { enabled: true, entries: 1, bytes: 2_048, hits: 3, misses: 1, evicted: 0, invalidated: 0 },
  entries: [{ server: "files", uri: "file:///a", bytes: 2_048, ageMs: 4_000, leftMs: 296_000, hits: 3 }],
};
const LOOKS: readonly Look[] = [
  { of: "servers", look: [server("files"), server("web", "parked")] },
  { of: "logs", look: [line(1, "info", "started"), line(2, "error", "crash\u001b]0;x\u0007")] },
  {
    of: "notifications",
    look: [
      { at: NOW, server: "files", category: "fault", notification: { type: "fault", text: "漢字 \u001b[31m" } },
      { at: NOW, server: "files", category: "fault", notification: { type: "fault", text: "again" } },
    ],
  },
  { of: "cache", look: cached },
];

const key = (name: string): Input => ({ type: "key", name, ctrl: false, alt: false, shift: false });
const text = (text: string): Input => ({ type: "text", text });
const never = () => Promise.reject(new Error("not here"));

function list<L, R>(kind: ConstructorParameters<typeof ListView<L, R>>[0], look: L) {
  let isBack = false;
  const view = new ListView<L, R>(kind, { changed: () => {}, back: () => (isBack = true) });
  view.take(look, NOW);
  const press = (...inputs: Input[]) => {
    for (const input of inputs) view.key(input);
  };
  const shown = () => view.lines({ columns: 100, rows: 12 }, theme, NOW).join("\n");
  return { view, press, shown, wentBack: () => isBack };
}

describe("a list that fills the terminal", () => {
  it("every view has as many lines as the terminal, none wider, and acts on no terminal, inside and outside of a row", () => {
    const manager = new TUIManager();
    const views = new Views({ manager, actions: { act: never, inspect: never }, back: () => {} });
    const store = new ViewStore({ theme, printed: new Draft().printed });
    store.load(snapshot([]));
    for (const look of LOOKS) views.take(look, NOW);
    for (const name of viewNames) {
      for (let press = 0; press < 2; press++) {
        for (const [columns, rows] of [
          [40, 12],
          [80, 24],
          [300, 80],
        ] as const) {
          const lines = views.lines(name, store.view(), { columns, rows }, theme, NOW);
          expect(lines, name).toHaveLength(rows);
          for (const each of lines) expect(width(each)).toBeLessThanOrEqual(columns);
          expect(lines.join("")).not.toMatch(/[\u0000-\u001f]/);
        }
        views.key(key("enter"), name);
      }
    }
  });

  it("a search and a narrowing leave what fits, say so, and Esc takes them back before it leaves", () => {
    const { press, shown, wentBack } = list(logsKind, [line(1, "info", "started"), line(2, "error", "crash")]);
    press(text("l"), text("l"));
    expect(shown()).toContain("1 of 2 shown");
    expect(shown()).toContain("level: warn");
    expect(shown()).not.toContain("started");
    press(text("/"), text("nothing"), key("enter"));
    expect(shown()).toContain("Nothing fits");
    press(key("escape"));
    expect(shown()).toContain("started");
    expect(wentBack()).toBe(false);
    press(key("escape"));
    expect(wentBack()).toBe(true);
  });

  it("the newest is followed until one goes up, and again from the end on", () => {
    const { view, press } = list(logsKind, [line(1, "info", "a"), line(2, "info", "b")]);
    expect(view.state.selected).toBe("2");
    view.take([line(1, "info", "a"), line(2, "info", "b"), line(3, "info", "c")], NOW);
    expect(view.state.selected).toBe("3");
    press(key("up"));
    view.take([line(2, "info", "b"), line(3, "info", "c"), line(4, "info", "d")], NOW);
    expect(view.state.selected).toBe("2");
    press(key("end"));
    view.take([line(3, "info", "c"), line(4, "info", "d"), line(5, "info", "e")], NOW);
    expect(view.state.selected).toBe("5");
  });

  it("what cannot be undone waits for a yes, and what came of it is said, also that it failed", async () => {
    const asked: Deed[] = [];
    const act = async (deed: Deed): Promise<string> => {
      asked.push(deed);
      if (deed.do === "connect") throw new Error("it will not start");
      return "files is ready";
    };
    const { press, shown } = list(serversKind(act), [server("files"), server("web", "parked")]);
    press(text("r"));
    expect(shown()).toContain("Restart files? y/n");
    press(text("n"));
    expect(asked).toEqual([]);
    press(text("r"), text("y"));
    await expect.poll(shown).toContain("files is ready");
    press(key("down"), text("c"));
    await expect.poll(shown).toContain("it will not start");
    expect(asked).toEqual([
      { do: "restart", server: "files" },
      { do: "connect", server: "web" },
    ]);
  });

  it("what is known stays when it cannot be known any more, and how old it is is told", () => {
    const { view, shown } = list(cacheKind(never), cached);
    expect(shown()).toContain("1 resource · 2 KB · hits 3, misses 1 (75 % hit)");
    view.failed("the cache did not answer");
    expect(shown()).toMatch(/the cache did not answer[\s\S]*file:\/\/\/a/);
    view.take(cached, NOW - 9_000);
    expect(shown()).toContain("no answer for 9 s");
  });

  it("inside a server stand its tools with how they do, and what it wrote to stderr", () => {
    const { press, shown } = list(serversKind(never), [server("files")]);
    press(key("enter"));
    expect(shown()).toMatch(/files\.read {2}4 calls, 1 failed, 12 ms/);
    expect(shown()).toContain("bye");
  });
});

const screens: Screen[] = [];
afterEach(() => {
  for (const screen of screens.splice(0)) screen.stop();
});

function open(draft = new Draft()) {
  const terminal = new HeadlessTerminal(80, 24);
  const looked: string[] = [];
  const errors: Error[] = [];
  const screen = new Screen({
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    theme,
    draft,
    actions: {
      submit: () => {},
      answer: () => {},
      complete: async () => [],
      cancel: () => {},
      takeBack: () => {},
      quit: () => {},
    },
    feed: { look: (at) => looked.push(at.join("+")), act: never, inspect: never },
    onError: (error) => errors.push(error),
  });
  screens.push(screen);
  screen.start();
  screen.store.load(snapshot([{ kind: "user", id: "u", text: "before the view" }]));
  return { terminal, screen, draft, looked, errors };
}

const call: ToolCallView = {
  id: "c",
  name: "files.copy",
  arguments: {},
  status: "running",
  progress: { value: 1, total: 4 },
};

describe("a view over the conversation", () => {
  it("what is printed meanwhile comes once, when it is closed; nothing of the view stays", async () => {
    const { terminal, screen, looked } = open();
    await terminal.shows("before the view");
    terminal.type("half a line");
    await terminal.shows("half a line");
    screen.open("servers");
    screen.looked({ of: "servers", look: [server("files")] }, Date.now());
    await terminal.shows(/files +ready/);
    for (let number = 0; number < 40; number++) {
      screen.store.apply({ type: "item", item: { kind: "user", id: `m${number}`, text: `meanwhile ${number}.` } });
    }
    await terminal.settled();
    expect(terminal.text()).not.toContain("meanwhile");
    terminal.type("q");
    await terminal.shows("meanwhile 39.");
    await terminal.shows("half a line");
    expect(terminal.text()).not.toContain("SERVER");
    for (const mark of ["before the view", "half a line", ...Array.from({ length: 40 }, (_, n) => `meanwhile ${n}.`)]) {
      expect(terminal.text().split(mark), mark).toHaveLength(2);
    }
    expect(looked).toEqual(["", "servers", ""]);
  });

  it("another size is drawn whole, and the conversation under it comes back whole", async () => {
    const { terminal, screen } = open();
    await terminal.shows("before the view");
    screen.open("help");
    await terminal.shows("WHAT IT DOES");
    terminal.resize(60, 10);
    await terminal.until(() => terminal.screen().length === 10, "ten lines");
    screen.store.apply({ type: "item", item: { kind: "user", id: "m", text: "meanwhile" } });
    terminal.type("q");
    await terminal.shows("meanwhile");
    expect(terminal.text().match(/before the view/g)).toHaveLength(1);
    expect(terminal.text().match(/Ask anything/g)).toHaveLength(1);
  });

  it("a question that opens meanwhile is told above the view and asked after it", async () => {
    const { terminal, screen } = open();
    screen.open("help");
    await terminal.shows("WHAT IT DOES");
    const question = { id: "q", kind: "approval", tool: "files.write", description: "", arguments: {} } as const;
    screen.store.apply({ type: "question", question });
    await terminal.shows("a question waits");
    terminal.type("q");
    await terminal.shows("Run files.write?");
  });

  it("the view is open again on the screen that comes after a crash, but not one that cannot be drawn", async () => {
    const first = open();
    first.screen.open("cache");
    await first.terminal.shows("Looking");
    first.screen.stop();
    const second = open(first.draft);
    await second.terminal.shows("Looking");
    // A look that no process would send.
    second.screen.looked({ of: "cache", look: { ...cached, stats: null } as unknown as CacheLook }, NOW);
    await expect.poll(() => second.errors.length).toBe(1);
    second.screen.stop();
    const third = open(first.draft);
    await third.terminal.shows("Ask anything");
    expect(third.draft.view).toBeUndefined();
  });

  it("panels show what runs and what is kept, only while they are wanted, and are there again after a crash", async () => {
    const { terminal, screen, draft, looked } = open();
    screen.panels(["progress", "cache"]);
    screen.looked({ of: "cache", look: cached }, NOW);
    screen.store.apply({ type: "item", item: { kind: "tool", id: "c", call } });
    await terminal.shows(/progress {2}1 running\n.*files\.copy {2}━+─+ 25%[\s\S]*cache {2}1 resource · 2 KB/);
    expect(terminal.text().match(/files\.copy/g)).toHaveLength(1);
    screen.panels("toggle");
    await terminal.hides("1 running");
    screen.panels("toggle");
    await terminal.shows("1 running");
    screen.panels(["cache"]);
    await terminal.hides("1 running");
    screen.stop();
    const next = open(draft);
    await next.terminal.shows("looking");
    expect([looked.at(-1), next.looked.at(-1)]).toEqual(["cache", "cache"]);
  });

  it("how many notifications are new stands in the status line until they are looked at", async () => {
    const { terminal, screen } = open();
    screen.store.apply({ type: "status", status: idle });
    screen.notified(2);
    screen.notified(1);
    await terminal.shows("3 new, F5");
    screen.open("notifications");
    screen.notified(1);
    await terminal.shows("4 notifications");
    terminal.type("q");
    await terminal.shows("Ask anything");
    await terminal.hides("new, F5"); // what was there before comes back first
  });
});
