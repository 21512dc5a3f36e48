import { describe, expect, it } from "vitest";
import type { Input } from "../../src/ui/keys.js";
import { type ModeEvent, TUIManager } from "../../src/ui/tui-manager.js";

function told(...events: ModeEvent[]): TUIManager {
  const manager = new TUIManager();
  for (const event of events) manager.happen(event);
  return manager;
}

const key = (name: string, ctrl = false): Input => ({ type: "key", name, ctrl, alt: false, shift: false });
const front = (...events: ModeEvent[]) => told(...events).mode().front;

describe("which mode the screen is in", () => {
  it("the conversation starts, is here, and restarts", () => {
    expect(told().mode().conversation).toBe("starting");
    expect(told({ type: "lost" }).mode().conversation).toBe("starting");
    expect(told({ type: "came" }).mode().conversation).toBe("here");
    expect(told({ type: "came" }, { type: "lost" }).mode().conversation).toBe("restarting");
    expect(told({ type: "came" }, { type: "lost" }, { type: "came" }).mode().conversation).toBe("here");
  });

  it("a question takes the keys from an empty line, not from one that is being written", () => {
    expect(front({ type: "asked", writing: false })).toBe("question");
    expect(front({ type: "asked", writing: true })).toBe("input");
    expect(front({ type: "asked", writing: true }, { type: "decide" })).toBe("question");
    expect(front({ type: "asked", writing: false }, { type: "write" })).toBe("input");
    expect(front({ type: "decide" })).toBe("input");
    expect(front({ type: "asked", writing: false }, { type: "answered" })).toBe("input");
  });

  it("a question that opens under a view waits for the way back, and one that closes there is gone", () => {
    const open: ModeEvent = { type: "open", view: "servers" };
    const asked: ModeEvent = { type: "asked", writing: false };
    expect(front(open, asked)).toBe("servers");
    expect(front(open, asked, { type: "back", writing: false })).toBe("question");
    expect(front(open, asked, { type: "back", writing: true })).toBe("input");
    expect(front(open, asked, { type: "answered" }, { type: "back", writing: false })).toBe("input");
  });

  it("what was in front of a suspension is in front again after it", () => {
    expect(front({ type: "open", view: "logs" }, { type: "suspend" })).toBe("suspended");
    expect(front({ type: "open", view: "logs" }, { type: "suspend" }, { type: "resume" })).toBe("logs");
    expect(front({ type: "search" }, { type: "suspend" }, { type: "resume" })).toBe("search");
    const asked: ModeEvent = { type: "asked", writing: false };
    expect(front(asked, { type: "suspend" }, { type: "resume" })).toBe("question");
    expect(front(asked, { type: "suspend" }, { type: "answered" }, { type: "resume" })).toBe("input");
  });

  it("function keys open views, the same key or Ctrl+O goes back, and Ctrl+O opens the last one again", () => {
    const manager = told();
    const press = (input: Input): string => {
      const event = manager.meaning(input, false);
      if (event !== undefined) manager.happen(event);
      return manager.mode().front;
    };
    expect(press(key("f3"))).toBe("servers");
    expect(press(key("f4"))).toBe("logs");
    expect(press(key("f4"))).toBe("input");
    expect(press(key("o", true))).toBe("logs");
    expect(press(key("o", true))).toBe("input");
    expect(press(key("o"))).toBe("input");
  });

  it("tells of a change once, and of what changes nothing not at all", () => {
    const manager = told();
    let count = 0;
    manager.subscribe(() => count++);
    manager.happen({ type: "came" });
    manager.happen({ type: "came" });
    manager.happen({ type: "answered" });
    expect(count).toBe(1);
  });
});
