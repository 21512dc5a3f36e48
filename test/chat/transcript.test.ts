import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type StoredMessage, stamp } from "../../src/actors/session/message.js";
import { cutText, itemOf, modelMessages, resultText } from "../../src/chat/transcript.js";

const user = (text: string, status: "complete" | "queued" | "unsent" = "complete"): StoredMessage => ({
  ...stamp(),
  role: "user",
  text,
  status,
});
const assistant = (text: string, calls: string[] = []): StoredMessage => ({
  ...stamp(),
  role: "assistant",
  model: "m",
  text,
  toolCalls: calls.map((id) => ({ id, name: "host.calculate", arguments: {} })),
  status: "complete",
});
const tool = (callId: string, text: string, status: "done" | "failed" | "interrupted" = "done"): StoredMessage => ({
  ...stamp(),
  role: "tool",
  callId,
  tool: "host.calculate",
  arguments: {},
  text,
  status,
});

describe("what a model thought", () => {
  const proof = { anthropic: { signature: "s" } };
  const thoughtful: StoredMessage = {
    ...stamp(),
    role: "assistant",
    model: "m",
    text: "",
    toolCalls: [{ id: "a", name: "host.calculate", arguments: {} }],
    thoughts: [{ text: "First.", proof }, { text: " " }, { text: "Second." }],
    status: "complete",
  };

  it("is given back with what proves it, and with the model that thought it", () => {
    expect(modelMessages([thoughtful, tool("a", "1")])[0]).toMatchObject({
      model: "m",
      thoughts: [{ text: "First.", proof }, { text: " " }, { text: "Second." }],
    });
  });

  it("is shown as text, also before calls alone; thoughts that nobody can read are none", () => {
    expect(itemOf(thoughtful)).toMatchObject({ kind: "assistant", text: "", thinking: "First.\n\nSecond." });
    expect(itemOf({ ...thoughtful, thoughts: [{ text: "", proof }] })).toBeUndefined();
  });
});

describe("what the model is given", () => {
  it("has a result after each call, in the order of the calls, whatever became of them", () => {
    const messages = [
      user("go"),
      assistant("", ["a", "b", "c"]),
      tool("b", "two", "failed"),
      tool("a", "one"),
      assistant("ok"),
    ];
    expect(modelMessages(messages)).toMatchObject([
      { role: "user" },
      { role: "assistant", toolCalls: [{ id: "a" }, { id: "b" }, { id: "c" }] },
      { role: "tool", callId: "a", text: "one", isError: false },
      { role: "tool", callId: "b", text: "two", isError: true },
      { role: "tool", callId: "c", text: expect.stringContaining("not made"), isError: true },
      { role: "assistant", text: "ok" },
    ]);
  });

  it("keeps the results of two rounds apart whose calls the model gave the same id", () => {
    const messages = [assistant("", ["0"]), tool("0", "Paris"), user("and?"), assistant("", ["0"]), tool("0", "Rome")];
    expect(modelMessages(messages)).toMatchObject([{}, { text: "Paris" }, {}, {}, { text: "Rome" }]);
  });

  it("leaves out what was never sent and answers that are empty", () => {
    expect(modelMessages([user("waiting", "queued"), user("lost", "unsent"), assistant("")])).toEqual([]);
  });
});

describe("a message typed while a turn ran", () => {
  it("comes after that turn's answer, where it was taken up", () => {
    const at = (message: StoredMessage, time: number): StoredMessage => ({ ...message, at: time });
    const messages = [at(user("first"), 1), at(user("second"), 9), at(assistant("answer to first"), 2)];
    expect(modelMessages(messages).map((message) => "text" in message && message.text)).toEqual([
      "first",
      "answer to first",
      "second",
    ]);
  });
});

describe("what is shown", () => {
  it("shows no answer for one that is nothing but its calls", () => {
    expect(itemOf(assistant("", ["a"]))).toBeUndefined();
    expect(itemOf(assistant("words", ["a"]))).toMatchObject({ kind: "assistant", text: "words" });
  });
});

describe("cutText", () => {
  it("keeps short text as it is and says of long text how much there was", () => {
    expect(cutText("short", 10, "bytes")).toBe("short");
    expect(cutText("x".repeat(3 * 1024 * 1024), 1024, "bytes")).toMatch(
      /^x{1024}\n… cut here: 3\.0 MB in all, 1 KB shown$/,
    );
  });

  it("never splits a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), fc.integer({ min: 0, max: 50 }), (text, limit) => {
        for (const unit of ["bytes", "characters"] as const) {
          const [kept = ""] = cutText(text, limit, unit).split("\n… cut here");
          expect(text.startsWith(kept)).toBe(true);
          expect(kept).not.toMatch(/[\uD800-\uDBFF]$/);
        }
      }),
    );
  });
});

describe("resultText", () => {
  it("names what is not text, so that nothing is dropped in silence", () => {
    const text = resultText({
      isError: false,
      content: [
        { type: "text", text: "hello" },
        { type: "image", data: "A".repeat(4096), mimeType: "image/png" },
        { type: "resource_link", uri: "demo://clock", name: "clock" },
        { type: "resource", resource: { uri: "x://y", blob: "AAAA" } },
      ],
    });
    expect(text).toBe(
      "hello\n[image, image/png, 3 KB]\n[resource demo://clock: clock]\n[binary resource x://y, 3 bytes]",
    );
    expect(resultText({ isError: false, content: [], structuredContent: { a: 1 } })).toBe('{\n  "a": 1\n}');
  });
});

it("a message that was never sent is shown with a word that says so", () => {
  expect(itemOf(user("later", "unsent"))).toMatchObject({ text: "later (not sent)" });
  expect(itemOf(user("now"))).toMatchObject({ text: "now" });
});
