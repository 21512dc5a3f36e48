import { describe, expect, it } from "vitest";
import type { AssistantMessage, StoredMessage, ToolMessage, UserMessage } from "../../src/actors/session/message.js";
import { resumedNotice } from "../../src/chat/notices.js";
import { standingOf, unfinished } from "../../src/chat/standing.js";

let at = 0;
const user = (id: string, more: Partial<UserMessage> = {}): UserMessage => ({
  ...{ id, at: ++at, role: "user", text: id, status: "complete" },
  ...more,
});
const assistant = (calls: readonly string[], more: Partial<AssistantMessage> = {}): AssistantMessage => ({
  ...{ id: `${++at}`, at, role: "assistant", model: "m", text: "words", status: "complete" },
  toolCalls: calls.map((id) => ({ id, name: "s.t", arguments: {} })),
  ...more,
});
const tool = (callId: string, status: ToolMessage["status"], more: Partial<ToolMessage> = {}): ToolMessage => ({
  ...{ id: `${++at}`, at, role: "tool", callId, tool: "s.t", arguments: {}, text: "", status },
  ...more,
});
const turn = { run: "r", resumed: 0 };
const standing = (...messages: StoredMessage[]) => standingOf([user("q", { at: 0 }), ...messages], "q");
const callsOf = (...messages: StoredMessage[]) =>
  standing(...messages).calls.map(({ call, message }) => [call.id, message?.status]);

describe("where a turn stands", () => {
  it("is at its beginning when nothing is kept but the message, whatever was said before it", () => {
    const before = [user("earlier"), assistant([])];
    const begun = { rounds: 0, calls: [], cutOff: undefined, over: false };
    expect(standingOf([...before, user("q")], "q")).toMatchObject(begun);
  });

  it("has the calls whose end is not kept, those that had not begun too", () => {
    const asked = assistant(["done", "failed", "denied", "waiting", "running", "never"]);
    const [done, failed, denied] = [tool("done", "done"), tool("failed", "failed"), tool("denied", "denied")];
    expect(callsOf(asked, done, failed, denied, tool("waiting", "waiting"), tool("running", "running"))).toEqual([
      ["waiting", "waiting"],
      ["running", "running"],
      ["never", undefined],
    ]);
  });

  it("knows two calls of one round apart that a model gave the same id, and rounds in which it counts anew", () => {
    expect(callsOf(assistant(["a", "a"]), tool("a", "done"), tool("a", "running"))).toEqual([["a", "running"]]);
    expect(callsOf(assistant(["a"]), tool("a", "done"), assistant(["a"]))).toEqual([["a", undefined]]);
  });

  it("counts the rounds made, and has the answer that was cut off, which is no round", () => {
    const round = [assistant(["a"]), tool("a", "done")];
    const half = assistant(["b"], { status: "streaming" });
    expect(standing(...round, half)).toMatchObject({ rounds: 1, calls: [], cutOff: half });
  });

  it("is over once the last word is said, or the answer failed", () => {
    expect(standing(assistant(["a"]), tool("a", "done"), assistant([])).over).toBe(true);
    expect(standing(assistant([], { status: "failed" })).over).toBe(true);
    expect(standing(assistant(["a"]), tool("a", "done")).over).toBe(false);
  });

  it("leaves out what is superseded", () => {
    expect(standing(assistant([], { superseded: true }))).toMatchObject({ over: false, rounds: 0 });
  });

  it("is of the user's own calls where no model asked for them", () => {
    expect(standing(assistant(["a"], { model: "" }))).toMatchObject({ byHand: true, over: false });
  });
});

it("finds the message whose turn is under way, and those that wait, in their order", () => {
  const [asked, one, two] = [user("q", { turn }), user("one", { status: "queued" }), user("two", { status: "queued" })];
  expect(unfinished([user("old"), asked, one, two])).toEqual({ request: asked, queued: [one, two] });
  expect(unfinished([user("old"), user("unsent", { status: "unsent" })])).toEqual({ request: undefined, queued: [] });
});

it("tells in one line what is gone on with", () => {
  const asked = assistant(["a", "b", "c"]);
  const calls = standing(asked, tool("a", "running"), tool("b", "waiting"));
  expect(resumedNotice("Back", calls, 2)).toBe(
    "Back: 1 tool call was under way, 1 tool call waits for approval again, 2 queued messages follow; everything said is here.",
  );
  expect(resumedNotice("Back", standing(), 0)).toBe("Back: the turn goes on where it was; everything said is here.");
  expect(resumedNotice("Back", standing(assistant([])), 0)).toBe("Back; everything said is here.");
});
