import { describe, expect, it } from "vitest";
import type { ChatEvent, TranscriptItem } from "../../src/chat/events.js";
import { SentMessage } from "../../src/chat/remote-turn.js";

type Answer = Extract<TranscriptItem, { kind: "assistant" }>;

const user = (text: string): ChatEvent => ({ type: "item", item: { kind: "user", id: text, text } });
const answer = (id: string, text: string, status: Answer["status"]): Answer => {
  return { kind: "assistant", id, model: "m", text, status };
};
const item = (one: TranscriptItem): ChatEvent => ({ type: "item", item: one });
const update = (one: TranscriptItem): ChatEvent => ({ type: "update", item: one });

function sent(text: string, ...events: readonly ChatEvent[]) {
  const told: string[] = [];
  const message = new SentMessage(text, (soFar) => told.push(soFar));
  for (const event of events) message.take(event);
  return { message, told };
}

describe("a message sent into a chat from elsewhere", () => {
  it("is answered with the last that the model says in its turn, told as it grows, whoever speaks before and after", async () => {
    const { message, told } = sent(
      "ours",
      user("theirs"),
      item(answer("a", "to them", "complete")),
      user("ours"),
      item(answer("b", "let me look", "complete")),
      item(answer("c", "", "streaming")),
      { type: "delta", id: "c", text: "six " },
      { type: "delta", id: "c", text: "times seven" },
      update(answer("c", "six times seven", "complete")),
      user("theirs again"),
      item(answer("d", "to them again", "complete")),
      { type: "idle" },
    );
    expect(await message.over).toEqual({ answer: "six times seven" });
    expect(told).toEqual(["let me look", "six ", "six times seven", "six times seven"]);
  });

  it("is said to have no whole answer where its turn was stopped or failed", async () => {
    const begun = [user("ours"), item(answer("c", "six ", "streaming"))];
    const stopped = sent("ours", ...begun, update(answer("c", "six ", "interrupted")), { type: "idle" });
    expect(await stopped.message.over).toEqual({ answer: "six ", problem: "The answer was interrupted." });
    const notice: TranscriptItem = { kind: "notice", id: "n", level: "error", text: "The model is away." };
    const failed = sent("ours", user("ours"), item(notice), { type: "idle" });
    expect(await failed.message.over).toEqual({ answer: "", problem: "The model is away." });
  });
});
