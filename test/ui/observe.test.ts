import { describe, expect, it } from "vitest";
import type { Inspected } from "../../src/actors/control/protocol.js";
import type { TreeNode } from "../../src/supervision/index.js";
import type { Input } from "../../src/ui/keys.js";
import { observeLines } from "../../src/ui/observe/lines.js";
import { Observer } from "../../src/ui/observe/observer.js";
import type { Snapshot } from "../../src/ui/observe/rows.js";
import { type Action, ObserveView } from "../../src/ui/observe/view.js";
import { width } from "../../src/ui/text.js";
import { createTheme } from "../../src/ui/theme.js";
import { HeadlessTerminal } from "./support/headless.js";

const theme = createTheme({ colour: 0, styles: false });

function node(name: string | undefined, id: number, more: Partial<TreeNode> = {}): TreeNode {
  return {
    id: `<${id}>`,
    ...(name === undefined ? {} : { name }),
    behaviour: "Worker",
    status: "running",
    mailbox: 0,
    handled: 0,
    restarts: 0,
    startedAt: 0,
    zombies: 0,
    ...more,
  };
}

function look(children: readonly TreeNode[], at = 1_000, cpuMs = 0): Snapshot {
  const app = { pid: 7, version: "1.0", cwd: "/work", startedAt: 0, rssBytes: 104_857_600, cpuMs };
  return { event: "snapshot", at, app, tree: node("Application", 1, { strategy: "one_for_one", children }) };
}

const key = (name: string): Input => ({ type: "key", name, ctrl: false, alt: false, shift: false });
const text = (text: string): Input => ({ type: "text", text });

/** A view that follows an app, and what it asked of it. */
function open(children: readonly TreeNode[]) {
  const asked: string[] = [];
  const view = new ObserveView({
    inspect: (process) => {
      asked.push(`inspect ${process}`);
      return Promise.resolve({
        process: node(process, 2),
        supervisor: "Application",
        links: ["Application", "Turn<3>"],
        state: { deep: ["x"] },
      } satisfies Inspected);
    },
    intervene: (action: Action, process) => {
      asked.push(`${action} ${process}`);
      return process === "Store"
        ? Promise.reject(new Error("the store stays"))
        : Promise.resolve({ said: `${process} is running.` });
    },
    quit: () => asked.push("quit"),
  });
  view.connected(7, 0);
  view.take(look(children));
  const press = (...inputs: Input[]) => {
    for (const input of inputs) view.key(input);
  };
  const shown = (columns = 100, rows = 20, now = 1_000) =>
    observeLines(view.state(), { columns, rows }, theme, now, (scroll) => view.scrolledTo(scroll));
  return { view, asked, press, shown };
}

describe("what is shown of a running app", () => {
  it("one line a process with what is not as usual, and as many lines as the terminal has", () => {
    const { shown } = open([
      node("Store", 2, { mailbox: 12, restarts: 3, label: "12 MB" }),
      node("Chat", 3, { status: "restarting", parked: { reason: "boom", retryAt: 6_000 } }),
    ]);
    const lines = shown();
    expect(lines).toHaveLength(20);
    expect(lines[0]).toMatch(/^banyan 1\.0 · pid 7 · up 1 s · 3 processes · \/work$/);
    expect(lines[2]).toMatch(/^Application +running +· +· +100 MB/);
    expect(lines[3]).toMatch(/^├─ Store +running +12 +3 +12 MB$/);
    expect(lines[4]).toMatch(/^└─ Chat +parked .*parked \(boom\), tried/);
  });

  it("processor time since the look before, of the program and of those that have their own", () => {
    const { view, shown } = open([node("Port:a", 2, { memory: 2_097_152, cpu: 100 })]);
    view.take(look([node("Port:a", 2, { memory: 2_097_152, cpu: 600 })], 2_000, 50));
    expect(shown()[2]).toMatch(/100 MB +5\.0%/);
    expect(shown()[3]).toMatch(/2 MB +50%/);
  });

  it("fits any width and height, and the status is the last to go", () => {
    const many = Array.from({ length: 40 }, (_, number) =>
      node(`Worker number ${number} with a long name`, number + 2),
    );
    const { shown } = open(many);
    for (const [columns, rows] of [
      [20, 4],
      [40, 10],
      [60, 12],
      [200, 50],
    ] as const) {
      const lines = shown(columns, rows);
      expect(lines).toHaveLength(rows);
      for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns);
    }
    expect(shown(62, 10)[1]).toMatch(/STATUS +RESTARTS|STATUS/);
    expect(shown(36, 10)[1]).not.toContain("CPU");
  });

  it("what others wrote acts on no terminal", () => {
    const { shown, view } = open([node("\u001b[2Jevil", 2, { label: "\u001b]0;x\u0007" })]);
    view.take({
      event: "report",
      report: { kind: "crash", at: 0, id: "<2>", name: "\u001b[2Jevil", reason: "\u001b[31m" },
    });
    view.key(text("f"));
    expect(shown().join("\n")).not.toContain("\u001b");
  });
});

describe("choosing and asking", () => {
  it("a restart does not move the choice, and the end of the chosen one moves it next to it", () => {
    const { view, press } = open([node("Store", 2), node(undefined, 3), node("Chat", 4)]);
    press(key("down"), key("down"));
    view.take(look([node("Store", 2), node(undefined, 9), node("Chat", 4)]));
    expect(view.row?.node.id).toBe("<9>");
    view.take(look([node("Store", 2)]));
    expect(view.row?.node.name).toBe("Store");
    press(key("home"));
    expect(view.row?.node.name).toBe("Application");
  });

  it("a restart and a kill wait for a yes, anything else is no", async () => {
    const { press, asked, shown, view } = open([node("Chat", 2)]);
    press(key("end"), text("r"));
    expect(shown().at(-1)).toBe("Restart Chat? y/n");
    press(text("n"), text("K"), key("escape"));
    expect(asked).toEqual([]);
    press(text("r"), text("y"));
    expect(asked).toEqual(["restart Chat"]);
    await Promise.resolve();
    await Promise.resolve();
    expect(view.state().note).toEqual({ text: "Chat is running.", bad: false });
  });

  it("s suspends one that runs and resumes one that is suspended; what is refused is said", async () => {
    const { view, press, asked, shown } = open([node("Store", 2), node("Chat", 3, { status: "suspended" })]);
    press(key("down"), text("s"), key("down"), text("s"));
    expect(asked).toEqual(["suspend Store", "resume Chat"]);
    await expect.poll(() => view.state().note).toBeDefined();
    press(key("up"), text("s"));
    await expect.poll(() => shown().at(-1)).toBe("the store stays");
  });

  it("Enter inspects: facts, links, the last crash and state, and Esc comes back", async () => {
    const { press, shown, asked, view } = open([node("Chat", 2)]);
    view.take({ event: "report", report: { kind: "crash", at: 0, id: "<9>", name: "Chat", reason: "boom" } });
    press(key("down"), key("enter"));
    await expect.poll(() => shown(100, 40).join("\n")).toMatch(/links +Application, Turn<3>\nlast crash +.*: boom/);
    await expect.poll(() => shown().join("\n")).toMatch(/supervisor +Application[\s\S]*"deep"/);
    expect(asked).toEqual(["inspect Chat"]);
    press(key("escape"));
    expect(shown()[1]).toMatch(/^PROCESS/);
  });

  it("keys that come as one text are keys one by one, and what is pasted is none", () => {
    const { press, asked, view } = open([node("Chat", 2)]);
    press(key("end"), { type: "paste", text: "ry" }, text("ry"));
    expect(asked).toEqual(["restart Chat"]);
    press(text("/chat"));
    expect(view.state()).toMatchObject({ typing: true, filter: "chat" });
  });

  it("/ leaves what fits and the branches that lead there", () => {
    const { press, shown } = open([node("MCP", 2, { children: [node("Port:files", 3)] }), node("Chat", 4)]);
    press(text("/"), text("FILES"));
    expect(
      shown()
        .slice(2, 6)
        .map((line) => line.split("  ")[0]),
    ).toEqual(["Application", "└─ MCP", "", ""]);
    expect(shown().join("\n")).not.toContain("Chat");
    press(key("enter"), key("escape"));
    expect(shown().join("\n")).toContain("Chat");
  });

  it("f shows the reports about the chosen one, at the top everybody's, and how many were lost", () => {
    const { view, press, shown } = open([node("Store", 2), node("Chat", 3)]);
    const child = { id: "Chat", name: "Chat", pid: "<3>" };
    view.take({
      event: "report",
      report: { kind: "supervisor", at: 0, id: "<1>", context: "child_terminated", child, reason: "boom" },
    });
    view.take({ event: "report", report: { kind: "crash", at: 0, id: "<2>", name: "Store", reason: "disk" } });
    press(key("end"), text("f"));
    expect(shown().join("\n")).toMatch(/child terminated +Chat\n +boom/);
    expect(shown().join("\n")).not.toContain("disk");
    press(key("escape"), key("home"), text("f"));
    view.take({ event: "lost", count: 12 });
    expect(shown().join("\n")).toMatch(/12 reports were left out[\s\S]*disk[\s\S]*boom/);
  });
});

describe("on a terminal", () => {
  function observer(columns = 80, rows = 12) {
    const terminal = new HeadlessTerminal(columns, rows);
    const actions = {
      inspect: () => Promise.reject(new Error()),
      intervene: () => Promise.reject(new Error()),
      quit: () => {},
    };
    const made = new Observer({ ...terminal, theme, actions, onError: (error) => expect.fail(String(error)) });
    made.view.connected(7, 0);
    made.view.take(look([node("Chat", 2)]));
    made.start();
    return { terminal, made };
  }

  it("takes the alternate screen and gives everything back", async () => {
    const { terminal, made } = observer();
    await terminal.shows(/└─ Chat +running/);
    made.stop();
    expect(terminal.bytes).toMatch(/^(?:\u001b\[\?\d+[hl])*\u001b\[\?1049h/);
    expect(terminal.bytes).toMatch(/\u001b\[\?25h\u001b\[\?1049l$/);
    expect(terminal.raw).toEqual([true, false]);
  });

  it("a look that changes one line writes that line and wipes nothing", async () => {
    const { terminal, made } = observer();
    await terminal.shows(/└─ Chat +running/);
    const before = terminal.bytes.length;
    made.view.take(look([node("Chat", 2, { mailbox: 5 })]));
    await terminal.shows(/└─ Chat +running +5/);
    const written = terminal.bytes.slice(before);
    expect(written).not.toContain("\u001b[2J");
    expect(written).not.toContain("Application");
    made.stop();
  });

  it("another size is drawn anew, whole", async () => {
    const { terminal, made } = observer();
    await terminal.shows(/└─ Chat +running/);
    terminal.resize(40, 8);
    await terminal.settled();
    await terminal.until(() => terminal.screen().length === 8, "eight lines");
    expect(terminal.screen().join("\n")).toMatch(/└─ Chat +running/);
    made.stop();
  });
});
