import { expect, it } from "vitest";
import type { StoredMessage } from "../../src/actors/session/message.js";
import { repeatedCall } from "../../src/chat/repeated-call.js";

let made = 0;
const user = (id: string, status: "complete" | "queued" = "complete"): StoredMessage => {
  return { id, at: ++made, role: "user", text: "go", status };
};
const asks = (): StoredMessage => {
  return { id: `${++made}`, at: made, role: "assistant", model: "m", text: "", toolCalls: [], status: "complete" };
};
const result = (tool: string, args: { [key: string]: unknown }, text: string): StoredMessage => {
  const id = `${++made}`;
  return { id, at: made, role: "tool", callId: id, tool, arguments: args, text, status: "done" };
};
const rounds = (count: number, of: (round: number) => StoredMessage[]): StoredMessage[] =>
  Array.from({ length: count }, (_, round) => [asks(), ...of(round)]).flat();

it("is told once the same call got the same result in five rounds, however its arguments are ordered", () => {
  const call = (round: number) => [result("a.b", round % 2 === 0 ? { x: 1, y: [2] } : { y: [2], x: 1 }, "same")];
  expect(repeatedCall([user("u"), ...rounds(4, call)], "u")).toBeUndefined();
  expect(
    repeatedCall(
      [user("u"), ...rounds(3, call), user("next", "queued"), ...rounds(2, (round) => call(round + 1))],
      "u",
    ),
  ).toEqual({ tool: "a.b", times: 5 });
});

it("is none where the arguments or the results differ: who waits for something asks again and again", () => {
  expect(repeatedCall([user("u"), ...rounds(9, (round) => [result("a.b", { round }, "same")])], "u")).toBeUndefined();
  expect(repeatedCall([user("u"), ...rounds(9, (round) => [result("a.b", {}, `${round} %`)])], "u")).toBeUndefined();
});

it("counts rounds, not calls of one round, and only in the answer to one message", () => {
  const twins = () => [result("a.b", {}, "same"), result("a.b", {}, "same")];
  expect(repeatedCall([user("u"), ...rounds(4, twins)], "u")).toBeUndefined();
  expect(repeatedCall([user("t"), ...rounds(4, twins), user("u"), ...rounds(4, twins)], "u")).toBeUndefined();
});
