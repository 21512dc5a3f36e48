import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LineEditor } from "../../src/actors/line-editor.js";
import { Store } from "../../src/actors/store/store.js";
import type {
  Answer,
  ChatEvent,
  ChatSnapshot,
  ChatWatcher,
  CommandHint,
  Question,
  TranscriptItem,
} from "../../src/chat/events.js";
import {
  Application,
  child,
  exit,
  GenServer,
  getState,
  named,
  type Ref,
  suspend,
  whereis,
} from "../../src/supervision/index.js";
import { Draft } from "../../src/ui/draft.js";
import { createTheme, type Theme } from "../../src/ui/theme.js";
import { TUI, type TuiOptions } from "../../src/ui/tui.js";
import { temporaryHome } from "../support/home.js";
import { HeadlessTerminal } from "./support/headless.js";
import { idle } from "./support/samples.js";

/** What a chat keeps outside its process, as the real one keeps it in the Session. */
interface Kept {
  readonly items: TranscriptItem[];
  readonly said: unknown[];
  question: Question | undefined;
}

/** A conversation that echoes, as a process of its own. */
class EchoChat extends GenServer<Kept, { watchers: number }> {
  #kept!: Kept;
  #watchers: Ref<ChatWatcher>[] = [];

  protected override init(kept: Kept): void {
    this.#kept = kept;
    this.state = { watchers: 0 };
  }

  subscribe(watcher: Ref<ChatWatcher>): ChatSnapshot {
    this.#watchers.push(watcher);
    this.state.watchers++;
    return { sessionId: "s", items: [...this.#kept.items], question: this.#kept.question, status: idle, commands: [] };
  }

  submit(text: string): void {
    if (text === "/exit") return this.tell({ type: "quit" });
    const { items } = this.#kept;
    this.#add({ kind: "user", id: `u${items.length}`, text });
    this.#add({ kind: "assistant", id: `a${items.length}`, model: "m", text: `echo: ${text}`, status: "complete" });
  }

  answer(id: string, answer: Answer): void {
    this.#kept.said.push([id, answer]);
    this.#kept.question = undefined;
    this.tell({ type: "question-closed", id });
  }

  complete(): readonly CommandHint[] {
    return [];
  }

  takeBack(): void {
    this.tell({ type: "draft", text: "queued" });
  }

  cancel(): boolean {
    this.#kept.said.push("cancel");
    return true;
  }

  tell(event: ChatEvent): void {
    for (const watcher of this.#watchers) watcher.cast.chatEvent(event);
  }

  #add(item: TranscriptItem): void {
    this.#kept.items.push(item);
    this.tell({ type: "item", item });
  }
}

let count = 0;
let app: Application;
let terminal: HeadlessTerminal;
let kept: Kept;
let quits: number;
let draft: Draft;
let chat = named<EchoChat>("unset");
let tui = named<TUI>("unset");

beforeEach(() => {
  count++;
  chat = named<EchoChat>(`chat-${count}`);
  tui = named<TUI>(`tui-${count}`);
  terminal = new HeadlessTerminal(80, 24);
  kept = { items: [], said: [], question: undefined };
  quits = 0;
  draft = new Draft();
});
afterEach(() => app.stop());

async function start(more: Partial<TuiOptions> = {}): Promise<void> {
  const options: TuiOptions = {
    chat,
    draft,
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    env: { TERM: "xterm-256color", LANG: "C.UTF-8" },
    onQuit: () => {
      quits++;
    },
    ...more,
  };
  app = await Application.start({
    strategy: "one_for_one",
    maxRestarts: 5,
    maxSeconds: 5,
    children: [
      child(EchoChat, kept, { name: chat, restart: "permanent" }),
      child(TUI, options, { name: tui, restart: "permanent", shutdown: 1_000 }),
    ],
  });
}

describe("the screen as a process", () => {
  it("shows the conversation, sends what is typed, and has it as history", async () => {
    kept.items.push({ kind: "notice", id: "n", level: "info", text: "welcome" });
    await start();
    await terminal.shows("welcome");
    terminal.type("hello\r");
    await terminal.shows("echo: hello");
    expect(draft.history).toEqual(["hello"]);
  });

  it("has the history of earlier runs, keeps what is sent, and never waits for the LineEditor", async () => {
    const store = named<Store>(`store-${count}`);
    const lineEditor = named<LineEditor>(`editor-${count}`);
    const keepers = await Application.start({
      strategy: "one_for_one",
      maxRestarts: 100,
      children: [
        child(Store, { file: join(temporaryHome(), "banyan.db") }, { name: store }),
        child(LineEditor, { store, project: "/p", size: 10 }, { name: lineEditor }),
      ],
    });
    await lineEditor.call.remember("from an earlier run");
    await start({ lineEditor });
    await expect.poll(() => draft.history).toEqual(["from an earlier run"]);
    terminal.type("\u001B[A");
    await terminal.shows("› from an earlier run");
    await suspend(lineEditor);
    terminal.type("\r");
    await terminal.shows("echo: from an earlier run");
    terminal.type("while it hangs\r");
    await terminal.shows("echo: while it hangs");
    const pid = whereis(lineEditor);
    if (pid !== undefined) exit(pid, "kill");
    // What it was asked to remember is asked of the next incarnation.
    const kept = () => lineEditor.call.history();
    await expect.poll(kept).toEqual(["from an earlier run", "while it hangs"]);
    await keepers.stop();
    terminal.type("without any\r");
    await terminal.shows("echo: without any");
  });

  it("carries answers and Escape to the conversation", async () => {
    kept.question = { id: "q", kind: "approval", tool: "t.x", description: "", arguments: {} };
    await start();
    await terminal.shows("Run t.x?");
    terminal.type("y");
    await terminal.hides("Run t.x?");
    chat.cast.tell({ type: "status", status: { ...idle, turn: "thinking" } });
    await terminal.shows("thinking");
    terminal.type("\u001B[27u");
    const cancelled = Date.now();
    while (!kept.said.includes("cancel") && Date.now() - cancelled < 30_000)
      await new Promise((done) => setTimeout(done, 5));
    expect(kept.said).toEqual([["q", { kind: "approval", decision: "once" }], "cancel"]);
  });

  it.each([
    ["Ctrl-D", "\u0004"],
    ["Ctrl-C twice", "\u0003\u0003"],
    ["a command", "/exit\r"],
  ])("tells its owner when the user leaves by %s", async (_, bytes) => {
    await start();
    await terminal.shows("offline");
    terminal.type(bytes);
    const left = Date.now();
    while (quits === 0 && Date.now() - left < 30_000) await new Promise((done) => setTimeout(done, 5));
    expect(quits).toBe(1);
  });

  it("gives the terminal back when it is shut down", async () => {
    await start();
    await terminal.shows("Ask anything");
    await app.stop();
    await terminal.settled();
    expect(terminal.raw.at(-1)).toBe(false);
    expect(terminal.bytes.trimEnd()).toMatch(/\u001B\[\?2004l\u001B\[\?25h$/);
    expect(terminal.text()).not.toContain("Ask anything");
  });
});

describe("when the conversation's process dies", () => {
  it("the screen stands, subscribes again, and prints nothing twice", async () => {
    await start();
    await terminal.shows("offline");
    terminal.type("one\r");
    await terminal.shows("echo: one");
    const gone = chat.down;
    exit(chat, "kill");
    await gone;
    terminal.type("two\r");
    await terminal.shows("echo: two");
    expect(terminal.text().match(/echo: \w+/g)).toEqual(["echo: one", "echo: two"]);
    expect(terminal.text()).not.toContain("the screen was restarted");
  });
});

it("a screen that is up before the conversation is asks once and is told everything once", async () => {
  const options: TuiOptions = {
    chat,
    draft,
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    env: { TERM: "xterm" },
    onQuit: () => {},
  };
  app = await Application.start({
    strategy: "one_for_one",
    maxRestarts: 5,
    maxSeconds: 5,
    children: [
      child(TUI, options, { name: tui, restart: "permanent" }),
      child(EchoChat, kept, { name: chat, restart: "permanent" }),
    ],
  });
  await terminal.shows("offline");
  await chat.call.tell({
    type: "item",
    item: { kind: "assistant", id: "a", model: "m", text: "", status: "streaming" },
  });
  await chat.call.tell({ type: "delta", id: "a", text: "once " });
  await terminal.shows("once");
  expect(terminal.text().match(/once/g)).toHaveLength(1);
  expect(await getState(chat)).toEqual({ watchers: 1 });
});

describe("when the screen's process dies", () => {
  it("the next one has what was typed, and prints only what is new", async () => {
    await start();
    await terminal.shows("offline");
    terminal.type("one\r");
    await terminal.shows("echo: one");
    terminal.type("half a sente");
    await terminal.shows("half a sente");
    exit(tui, "kill");
    await terminal.shows("the screen was restarted; nothing is lost");
    await terminal.shows("› half a sente");
    terminal.type("nce\r");
    await terminal.shows("echo: half a sentence");
    expect(terminal.text().match(/echo: one/g)).toHaveLength(1);
    expect(terminal.text().match(/Ask anything/g)).toHaveLength(1);
    expect(terminal.stdin.listenerCount("data")).toBe(1);
  });

  it("while the user's own editor has the terminal, the next one leaves it alone until that ends, and has what was written", async () => {
    const home = temporaryHome();
    const [begun, done] = [join(home, "begun"), join(home, "done")];
    const EDITOR = `sh -c 'touch ${begun}; while [ ! -e ${done} ]; do sleep 0.05; done; echo "and more" >> "$1"' ed`;
    await start({ env: { PATH: process.env.PATH, TERM: "xterm-256color", LANG: "C.UTF-8", EDITOR } });
    await terminal.shows("Ask anything");
    terminal.type("typed\u0007");
    await expect.poll(() => existsSync(begun)).toBe(true);
    expect(terminal.raw).toEqual([true, false]);
    const { length } = terminal.bytes;
    const pid = whereis(tui);
    if (pid !== undefined) exit(pid, "kill");
    await expect.poll(() => whereis(tui) !== undefined && whereis(tui) !== pid).toBe(true);
    // Said while nobody may draw, and shown afterwards.
    await chat.call.submit("meanwhile");
    expect([terminal.raw, terminal.bytes.slice(length)]).toEqual([[true, false], ""]);
    writeFileSync(done, "");
    await terminal.shows(/echo: meanwhile[\s\S]*› typed\n {2}and more\n/);
    expect(terminal.raw).toEqual([true, false, true]);
  });

  it("over an entry that cannot be drawn, the next one leaves that out and goes on", async () => {
    const sound = createTheme();
    const theme: Theme = { ...sound, bold: (text) => (text.includes("poison") ? fail() : sound.bold(text)) };
    await start({ theme });
    const crashes: string[] = [];
    app.on("crash", (report) => crashes.push(report.id));
    await terminal.shows("offline");
    terminal.type("poison\r");
    await terminal.shows("the screen was restarted");
    terminal.type("next\r");
    await terminal.shows("echo: next");
    expect(crashes).toHaveLength(1);
    expect(terminal.text()).not.toMatch(/\bat \S+:\d+/);
  });

  it("goes on in the middle of an answer", async () => {
    await start();
    await terminal.shows("offline");
    const answer = (text: string, status: "streaming" | "complete"): TranscriptItem => ({
      kind: "assistant",
      id: "a",
      model: "m",
      text,
      status,
    });
    await chat.call.tell({ type: "item", item: answer("", "streaming") });
    await chat.call.tell({ type: "delta", id: "a", text: "first.\n\nsecond.\n\nthi" });
    await terminal.shows("second.");
    kept.items.push(answer("first.\n\nsecond.\n\nthird.\n\nfourth.", "complete"));
    exit(tui, "kill");
    await terminal.shows("fourth.");
    expect(terminal.text().match(/first\.|second\.|third\.|fourth\./g)).toEqual([
      "first.",
      "second.",
      "third.",
      "fourth.",
    ]);
  });
});

it("a terminal that can only print gets plain lines and gives whole lines", async () => {
  await start({ env: { TERM: "dumb" } });
  await terminal.shows(/^>/m);
  terminal.type("hello\n");
  await terminal.shows("* echo: hello");
  expect(terminal.bytes).not.toContain("\u001B");
  expect(terminal.raw).toEqual([]);
});

function fail(): never {
  throw new Error("cannot draw this");
}
