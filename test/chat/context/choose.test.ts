import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StoredMessage, SummaryMessage } from "../../../src/actors/session/message.js";
import { chooseKept } from "../../../src/chat/context/choose.js";
import { messageTokens, storedTokens, sum } from "../../../src/chat/context/estimate.js";
import { fitted } from "../../../src/chat/context/fit.js";
import { sentAsItIs, sentMessages } from "../../../src/chat/context/sent.js";

/** A conversation: each number is a round, of a question, an answer, or an answer that calls so many tools and their results. */
function conversation(
  rounds: readonly { readonly tools: number; readonly size: number; readonly question: boolean }[],
) {
  const messages: StoredMessage[] = [];
  const add = (message: Partial<StoredMessage>) =>
    messages.push({ id: `m${messages.length}`, at: messages.length, text: "", ...message } as StoredMessage); // whole by what follows
  for (const { tools, size, question } of rounds) {
    if (question) add({ role: "user", text: "q".repeat(size), status: "complete" });
    // Some models number their calls anew in every round.
    const toolCalls = Array.from({ length: tools }, (_, at) => ({ id: `${at}`, name: "s.read", arguments: { at } }));
    add({ role: "assistant", model: "p:m", text: "a".repeat(size), toolCalls, status: "complete" });
    for (const { id } of toolCalls)
      add({ role: "tool", callId: id, tool: "s.read", arguments: {}, text: "r".repeat(size), status: "done" });
  }
  return messages;
}

function summaryUpTo(keptFrom: number): SummaryMessage {
  const said = { id: "s", at: 1e6, role: "summary", model: "p:m", text: "so far", status: "complete" } as const;
  return { ...said, keptFrom, messages: 1, calls: [], tokensBefore: 0, tokensAfter: 0 };
}

const rounds = fc.array(
  fc.record({ tools: fc.nat(4), size: fc.integer({ min: 1, max: 3_000 }), question: fc.boolean() }),
  { minLength: 1, maxLength: 40 },
);
const place = (messages: readonly StoredMessage[]) => sentAsItIs({ messages, from: 0, summary: undefined });

describe("what is kept as it is when the conversation is compacted", () => {
  it("never parts a call from its result, keeps the end, and the question that is answered", () => {
    fc.assert(
      fc.property(rounds, fc.integer({ min: 0, max: 20_000 }), (made, budget) => {
        const all = place(conversation(made));
        const choice = chooseKept(all, budget);
        if (choice === undefined) return;
        expect([...choice.compacted, ...choice.kept]).toEqual(all);
        expect(choice.kept.length).toBeGreaterThan(0);
        const open = new Set<string>();
        for (const { message } of choice.kept) {
          if (message.role === "assistant") {
            open.clear();
            for (const { id } of message.toolCalls) open.add(id);
          } else if (message.role === "tool") expect(open.has(message.callId)).toBe(true);
        }
        const view = {
          messages: all.map(({ message }) => message),
          from: 0,
          summary: summaryUpTo(choice.kept[0]?.position ?? 0),
        };
        const last = all.findLast(({ message }) => message.role === "user");
        if (last !== undefined) expect(sentAsItIs(view)).toContainEqual(last);
      }),
    );
  });

  it("fits what it is given, but for the very least that may stay", () => {
    fc.assert(
      fc.property(rounds, fc.integer({ min: 500, max: 20_000 }), (made, budget) => {
        const all = place(conversation(made));
        const choice = chooseKept(all, budget);
        if (choice === undefined) return;
        const tokens = (messages: typeof all) => sum(messages.map(({ message }) => storedTokens(message)));
        const request = all.findLast(({ message }) => message.role === "user");
        const more = request !== undefined && choice.compacted.includes(request) ? storedTokens(request.message) : 0;
        const least = chooseKept(all, 0)?.kept.length ?? 0;
        expect(tokens([...choice.kept]) + more <= budget || choice.kept.length <= least).toBe(true);
      }),
    );
  });

  it("gains nothing from a conversation of one question", () => {
    expect(chooseKept(place(conversation([{ tools: 0, size: 9, question: true }])).slice(0, 1), 0)).toBeUndefined();
  });
});

describe("what fits no model's window", () => {
  it("is cut until it does, the results of tools first", () => {
    fc.assert(
      fc.property(rounds, fc.integer({ min: 100, max: 20_000 }), (made, room) => {
        const context = { pinned: [], factor: 1 };
        const messages = sentMessages({ messages: conversation(made), from: 0, summary: undefined, context });
        const calls = sum(messages.map((message) => messageTokens({ ...message, text: "" })));
        const budget = room + calls + messages.length * 32;
        const cut = fitted(messages, budget);
        expect(sum(cut.map(messageTokens))).toBeLessThanOrEqual(budget);
        const said = (list: typeof messages) => list.filter(({ role }) => role === "user").map(({ text }) => text);
        const results = sum(messages.filter(({ role }) => role === "tool").map(messageTokens));
        if (sum(messages.map(messageTokens)) - results + messages.length * 32 <= budget)
          expect(said([...cut])).toEqual(said(messages));
      }),
    );
  });
});
