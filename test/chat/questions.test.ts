import { expect, it } from "vitest";
import type { Answer } from "../../src/chat/events.js";
import { Questions } from "../../src/chat/questions.js";

function setUp() {
  const seen: string[] = [];
  const answers: [string, Answer["kind"]][] = [];
  const questions = new Questions({
    opened: ({ id }) => seen.push(`opened ${id}`),
    closed: (id) => seen.push(`closed ${id}`),
    waits: () => {},
  });
  const ask = (id: string): void =>
    questions.ask({
      question: { id, kind: "approval", tool: "t", description: "", arguments: {} },
      answered: ({ kind }) => answers.push([id, kind]),
    });
  return { seen, answers, questions, ask };
}

it("opens one question at a time, in the order they were asked", () => {
  const { seen, answers, questions, ask } = setUp();
  ask("1");
  ask("2");
  expect(seen).toEqual(["opened 1"]);
  expect(questions.answer("2", { kind: "dismissed" })).toBe(false);
  expect(questions.answer("1", { kind: "approval", decision: "once" })).toBe(true);
  expect(seen).toEqual(["opened 1", "closed 1", "opened 2"]);
  expect(answers).toEqual([["1", "approval"]]);
});

it("withdraws the questions of an asker that has gone and ignores answers that still come", () => {
  const { seen, answers, questions, ask } = setUp();
  ask("1");
  ask("2");
  ask("3");
  questions.withdraw("2");
  questions.withdraw("1");
  expect(seen).toEqual(["opened 1", "closed 1", "opened 3"]);
  expect(questions.answer("1", { kind: "dismissed" })).toBe(false);
  questions.withdraw("3");
  expect(questions.open).toBeUndefined();
  expect(answers).toEqual([]);
});

it("says which of several questions is open, until all are answered", () => {
  const { questions, ask } = setUp();
  ask("1");
  expect(questions.place).toBeUndefined();
  ask("2");
  ask("3");
  expect(questions.place).toEqual({ at: 1, of: 3 });
  questions.answer("1", { kind: "dismissed" });
  questions.withdraw("3");
  expect(questions.place).toEqual({ at: 3, of: 3 });
  questions.answer("2", { kind: "dismissed" });
  ask("4");
  expect(questions.place).toBeUndefined();
});
