import fc from "fast-check";
import { expect, test } from "vitest";
import {
  Askers,
  type AskersHost,
  GHOST_MS,
  HOLD_MS,
  LONGEST_HOLD_MS,
  PROBATION_MS,
} from "../../../src/mcp/client/askers.js";

interface Client {
  readonly key: string;
}

/** A clock that is moved by hand, and whatever the askers say. */
class Stage implements AskersHost {
  time = 0;
  readonly admitted: string[] = [];
  /** What became of each question: "ann for 1,2", "nobody", "withdrawn"; absent while it is held. */
  readonly fates = new Map<string, string>();
  readonly askers = new Askers<Client>(this);
  private wakes: number[] = [];
  private questions = 0;

  now(): number {
    return this.time;
  }

  /** A little too early, as timers may be. */
  wake(ms: number): void {
    this.wakes.push(this.time + ms - 0.9);
  }

  admit(call: string): void {
    this.admitted.push(call);
  }

  enter(call: string, client: string, tool: string): boolean {
    const enters = this.askers.enter(call, { key: client }, tool);
    if (enters) this.admitted.push(call);
    return enters;
  }

  /** A tool answers without a question, which makes it a trusted one. */
  trust(tool: string): void {
    this.enter(`trust ${tool}`, "somebody", tool);
    this.askers.leave(`trust ${tool}`, "answered");
  }

  ask(about?: string): string {
    const id = `q${++this.questions}`;
    this.askers.ask(
      id,
      {
        settle: (to) => this.fates.set(id, to === undefined ? "nobody" : `${to.party.key} for ${to.calls}`),
        withdraw: () => this.fates.set(id, "withdrawn"),
      },
      about,
    );
    return id;
  }

  /** A client's tool asks and is answered, which makes it one that asks. */
  teach(tool: string): void {
    this.enter(`teach ${tool}`, "somebody", tool);
    this.askers.done(this.ask());
    this.askers.leave(`teach ${tool}`, "answered");
  }

  pass(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const next = Math.min(...this.wakes);
      if (next > until) break;
      this.wakes = this.wakes.filter((at) => at !== next);
      this.time = next;
      this.askers.due();
    }
    this.time = until;
  }
}

test("a question during one client's calls is that client's, and is withdrawn when the last of them is over", () => {
  const stage = new Stage();
  stage.enter("1", "ann", "form");
  stage.enter("2", "ann", "form");
  const q = stage.ask();
  expect(stage.fates.get(q)).toBe("ann for 1,2");
  stage.askers.leave("1", "answered");
  expect(stage.fates.get(q)).toBe("ann for 1,2");
  stage.askers.leave("2", "given up");
  expect(stage.fates.get(q)).toBe("withdrawn");
});

test("a question that nobody called for is nobody's", () => {
  const stage = new Stage();
  expect(stage.fates.get(stage.ask())).toBe("nobody");
});

test("a tool that asks runs for one client at a time; the others take turns, in the order they came", () => {
  const stage = new Stage();
  stage.teach("form");
  expect(stage.enter("a1", "ann", "form")).toBe(true);
  expect(stage.enter("b1", "bob", "form")).toBe(false);
  expect(stage.enter("c1", "cem", "form")).toBe(false);
  expect(stage.enter("a2", "ann", "form")).toBe(false); // it is others' turn
  expect(stage.enter("b2", "bob", "form")).toBe(false);
  stage.pass(60_000);
  expect(stage.fates.get(stage.ask())).toBe("ann for a1");
  stage.askers.leave("a1", "answered");
  expect(stage.admitted.slice(-2)).toEqual(["b1", "b2"]);
  expect(stage.fates.get(stage.ask())).toBe("bob for b1,b2");
  for (const id of ["b1", "b2"]) stage.askers.leave(id, "answered");
  expect(stage.admitted.at(-1)).toBe("c1");
  stage.askers.leave("c1", "failed");
  expect(stage.admitted.at(-1)).toBe("a2");
});

test("a client that is being asked may call the tool again to find its answer, though others wait", () => {
  const stage = new Stage();
  stage.teach("form");
  stage.enter("a1", "ann", "form");
  stage.enter("b1", "bob", "form");
  stage.ask();
  expect(stage.enter("a2", "ann", "form")).toBe(true);
});

test("who gives up waiting leaves the line", () => {
  const stage = new Stage();
  stage.teach("form");
  stage.enter("a1", "ann", "form");
  stage.enter("b1", "bob", "form");
  stage.enter("c1", "cem", "form");
  stage.askers.leave("b1", "given up");
  stage.askers.leave("a1", "answered");
  expect(stage.admitted.at(-1)).toBe("c1");
});

test("a client that goes in the middle of a question gives the lane free, and what the server still asks for it is nobody's", () => {
  const stage = new Stage();
  stage.teach("form");
  stage.enter("a1", "ann", "form");
  const q = stage.ask();
  stage.enter("b1", "bob", "form");
  stage.askers.leave("a1", "given up");
  expect(stage.fates.get(q)).toBe("withdrawn");
  expect(stage.fates.get(stage.ask())).toBe("nobody");
  expect(stage.admitted).not.toContain("b1");
  stage.pass(GHOST_MS);
  expect(stage.admitted.at(-1)).toBe("b1");
  expect(stage.fates.get(stage.ask())).toBe("bob for b1");
});

test("of tools that have answered without a question many clients' calls run at once, beside one that asks", () => {
  const stage = new Stage();
  stage.trust("echo");
  stage.teach("form");
  for (const client of ["ann", "bob", "cem"]) expect(stage.enter(client, client, "echo")).toBe(true);
  expect(stage.enter("d", "dan", "form")).toBe(true);
  expect(stage.fates.get(stage.ask())).toBe("dan for d");
});

test("a new tool keeps others waiting until it has answered, asked, or a second is over", () => {
  const answered = new Stage();
  answered.enter("a", "ann", "new");
  expect(answered.enter("b", "bob", "new")).toBe(false);
  answered.askers.leave("a", "answered");
  expect(answered.admitted).toEqual(["a", "b"]);

  const asked = new Stage();
  asked.enter("a", "ann", "new");
  asked.enter("b", "bob", "new");
  expect(asked.fates.get(asked.ask())).toBe("ann for a");
  asked.pass(60_000);
  expect(asked.admitted).toEqual(["a"]);

  const slow = new Stage();
  slow.enter("a", "ann", "new");
  slow.enter("b", "bob", "new");
  slow.pass(PROBATION_MS - 10);
  expect(slow.admitted).toEqual(["a"]);
  slow.pass(10);
  expect(slow.admitted).toEqual(["a", "b"]);
});

test("an ambiguous question is held while candidates fall away, and is then the last one's", () => {
  const stage = new Stage();
  for (const [id, client] of [
    ["a", "ann"],
    ["b", "bob"],
    ["c", "cem"],
  ] as const) {
    stage.enter(id, client, id);
    stage.pass(PROBATION_MS);
  }
  const q = stage.ask();
  stage.askers.leave("a", "answered");
  expect(stage.fates.get(q)).toBeUndefined();
  stage.askers.leave("c", "answered");
  expect(stage.fates.get(q)).toBe("bob for b");
});

test("one that stays ambiguous is refused, and its suspects run apart from then on", () => {
  const stage = new Stage();
  for (const [id, client] of [
    ["a", "ann"],
    ["b", "bob"],
  ] as const) {
    stage.enter(id, client, "slow");
    stage.pass(PROBATION_MS);
  }
  const q = stage.ask();
  stage.pass(HOLD_MS);
  expect(stage.fates.get(q)).toBe("nobody");
  stage.askers.leave("a", "answered");
  stage.askers.leave("b", "answered");
  expect([stage.enter("a2", "ann", "slow"), stage.enter("b2", "bob", "slow")]).toEqual([true, false]);
});

test("that a candidate was given up does not make a question another's", () => {
  const stage = new Stage();
  for (const [id, client] of [
    ["a", "ann"],
    ["b", "bob"],
  ] as const) {
    stage.enter(id, client, "slow");
    stage.pass(PROBATION_MS);
  }
  const q = stage.ask();
  stage.askers.leave("a", "given up");
  stage.pass(HOLD_MS);
  expect(stage.fates.get(q)).toBe("nobody");
});

test("where the connection says which call it is about nobody waits, and the question is that call's or nobody's", () => {
  const stage = new Stage();
  stage.askers.setExact(true);
  for (const client of ["ann", "bob"]) expect(stage.enter(client, client, "form")).toBe(true);
  expect(stage.fates.get(stage.ask("bob"))).toBe("bob for bob");
  expect(stage.fates.get(stage.ask("over"))).toBe("nobody");
  stage.askers.leave("ann", "answered");
  expect(stage.enter("a2", "ann", "form")).toBe(true);
});

test("a lost connection settles every question, and nobody waits for a call that was given up before", () => {
  const stage = new Stage();
  stage.teach("form");
  stage.enter("a1", "ann", "form");
  const q = stage.ask();
  stage.enter("b1", "bob", "form");
  stage.askers.leave("a1", "given up");
  stage.askers.lost();
  expect(stage.fates.get(q)).toBe("withdrawn");
  expect(stage.admitted.at(-1)).toBe("b1");
});

test("a tool whose questions were refused is not taken for one that does not ask", () => {
  const stage = new Stage();
  for (let n = 0; n < 10; n++) {
    stage.askers.setExact(true); // so that all of them run at once
    for (const client of ["ann", "bob"]) stage.enter(`${client} ${n}`, client, "form");
    stage.askers.setExact(false);
    const questions = [stage.ask(), stage.ask()];
    stage.pass(HOLD_MS + 1);
    expect(questions.map((q) => stage.fates.get(q))).toEqual(["nobody", "nobody"]);
    for (const client of ["ann", "bob"]) stage.askers.leave(`${client} ${n}`, "answered");
  }
  expect([stage.enter("a", "ann", "form"), stage.enter("b", "bob", "form")]).toEqual([true, false]);
});

test("a slow tool that ran beside the one that asked, and is suspected for it, keeps nobody waiting for more than its probation", () => {
  const stage = new Stage();
  for (const tool of ["slow", "form"]) stage.enter(`ann ${tool}`, "ann", tool);
  stage.askers.done(stage.ask());
  stage.askers.leave("ann form", "answered");
  for (const client of ["bob", "cem"])
    for (const tool of ["slow", "form"]) expect(stage.enter(`${client} ${tool}`, client, tool)).toBe(false);
  stage.pass(PROBATION_MS);
  expect(stage.admitted).toContain("bob slow");
  expect(stage.admitted).toContain("cem slow");
  expect(stage.admitted).toContain("bob form");
  const q = stage.ask();
  for (const client of ["ann", "bob", "cem"]) stage.askers.leave(`${client} slow`, "answered");
  expect(stage.fates.get(q)).toBe("bob for bob form");
  stage.askers.done(q);
  expect(stage.admitted).not.toContain("cem form");
  stage.askers.leave("bob form", "answered");
  expect(stage.admitted.at(-1)).toBe("cem form");
});

test("of suspects that end together after the answer none is taken for the one that asked; one that ends alone is", () => {
  const together = (gap: number) => {
    const stage = new Stage();
    for (const tool of ["slow", "ask"]) stage.enter(tool, "ann", tool);
    stage.askers.done(stage.ask());
    stage.pass(1);
    stage.askers.leave("ask", "answered");
    stage.pass(gap);
    stage.askers.leave("slow", "answered");
    stage.pass(200);
    stage.enter("bob's", "bob", "ask");
    stage.enter("cid's", "cid", "slow");
    stage.pass(PROBATION_MS + 100); // what a new tool waits, and a suspect does not
    return stage.admitted.includes("cid's");
  };
  expect(together(0)).toBe(false);
  expect(together(100)).toBe(true);
});

test("a suspect keeps others waiting for longer than a tool that is new", () => {
  const stage = new Stage();
  for (const tool of ["slow", "ask"]) stage.enter(tool, "ann", tool);
  stage.askers.done(stage.ask());
  stage.enter("bob's", "bob", "slow");
  stage.pass(PROBATION_MS + 1_000);
  expect(stage.admitted).not.toContain("bob's");
  stage.pass(HOLD_MS);
  expect(stage.admitted).toContain("bob's");
});

test("a suspect that ends while the question is open was not the one that asked", () => {
  const stage = new Stage();
  for (const tool of ["slow", "form"]) stage.enter(`ann ${tool}`, "ann", tool);
  stage.ask();
  stage.askers.leave("ann slow", "answered");
  for (const client of ["bob", "cem"]) expect(stage.enter(client, client, "slow")).toBe(false);
  stage.pass(PROBATION_MS);
  for (const client of ["bob", "cem"]) stage.askers.leave(client, "answered");
  stage.pass(60_000);
  expect([stage.enter("b", "bob", "slow"), stage.enter("c", "bob", "form")]).toEqual([true, false]);
});

test("while several clients call, a new tool has the lane for itself, so that a question in it tells which tool asks", () => {
  const stage = new Stage();
  stage.enter("a", "ann", "echo");
  for (const tool of ["form", "slow"]) stage.enter(`bob ${tool}`, "bob", tool);
  stage.askers.leave("a", "answered");
  expect(stage.admitted).toEqual(["a", "bob form", "bob slow"]); // nobody else is there any more
  const other = new Stage();
  other.enter("a", "ann", "echo");
  for (const tool of ["form", "slow"]) other.enter(`bob ${tool}`, "bob", tool);
  other.enter("c", "cem", "form");
  other.askers.leave("a", "answered");
  expect(other.admitted).toEqual(["a", "bob form"]);
  expect(other.fates.get(other.ask())).toBe("bob for bob form");
});

test("a question is held as long as candidates fall away, but not for ever", () => {
  const held = (calls: number): Stage => {
    const stage = new Stage();
    stage.askers.setExact(true); // so that all of them run at once
    for (let n = 0; n < calls; n++) stage.enter(`${n}`, `c${n}`, `t${n}`);
    stage.askers.setExact(false);
    return stage;
  };
  const [few, many] = [held(4), held(20)];
  const [q, never] = [few.ask(), many.ask()];
  for (let n = 0; n < 3; n++) {
    few.pass(HOLD_MS - 10);
    few.askers.leave(`${n}`, "answered");
  }
  expect(few.fates.get(q)).toBe("c3 for 3");
  for (let n = 0; n < 7; n++) {
    many.pass(LONGEST_HOLD_MS / 7);
    many.askers.leave(`${n}`, "answered");
  }
  expect(many.fates.get(never)).toBe("nobody");
});

// Clients that call tools side by side, some of which ask; users answer at once, and tools take their time.
test("whatever is called side by side, a tool that never asks waits for a probation or two, and not behind the line", () => {
  const bound = 2 * (PROBATION_MS + HOLD_MS);
  const turn = fc.record({
    client: fc.nat(5),
    tool: fc.nat(3),
    takes: fc.integer({ min: 1, max: 20_000 }),
    after: fc.nat(400),
  });
  fc.assert(
    fc.property(fc.array(turn, { minLength: 1, maxLength: 60 }), fc.nat(3), (turns, asking) => {
      const stage = new Stage();
      const open = new Map<string, { asks: boolean; client: string; came: number; left: number; question?: string }>();
      const waited: number[] = [];
      const step = (): void => {
        stage.pass(50);
        for (const [id, call] of open) {
          const { asks, client, came, question } = call;
          if (!stage.admitted.includes(id)) {
            if (!asks) waited.push(stage.time - came);
            continue;
          }
          const fate = question === undefined ? undefined : stage.fates.get(question);
          if (fate !== undefined && fate !== "nobody") expect(fate).toContain(`${client} for`);
          if (asks && question === undefined) call.question = stage.ask();
          else if (asks && fate !== undefined) stage.askers.done(question ?? "");
          if (asks ? fate === undefined : (call.left -= 50) > 0) continue;
          open.delete(id);
          stage.askers.leave(id, "answered");
        }
      };
      for (const [n, { client, tool, takes, after }] of turns.entries()) {
        const asks = tool === asking;
        open.set(`${n}`, { asks, client: `c${client}`, came: stage.time, left: takes });
        stage.enter(`${n}`, `c${client}`, `t${tool}`);
        for (let ms = 0; ms < after; ms += 50) step();
      }
      for (let n = 0; open.size > 0 && n < 40_000; n++) step();
      expect([...open.keys()]).toEqual([]);
      expect(Math.max(0, ...waited)).toBeLessThanOrEqual(bound);
    }),
    { numRuns: 100 },
  );
});

// A server whose tools either always ask before they answer or never do, and which notices within a moment that a call was given up.
test("whatever the schedule, no question reaches another client than its own, and every call gets its turn", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("call"), client: fc.nat(3), tool: fc.nat(4) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("go on"), pick: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("give up"), pick: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("pass"), ms: fc.integer({ min: 1, max: 2_500 }) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.uniqueArray(fc.nat(4)), (steps, asking) => {
      const stage = new Stage();
      const calls = new Map<string, { client: string; asks: boolean; question?: string }>();
      const open = (): string[] => stage.admitted.filter((id) => calls.has(id));
      const pick = (n: number): string | undefined => open()[n % Math.max(1, open().length)];
      const check = (): void => {
        for (const [q, client] of late)
          expect(stage.fates.get(q) ?? "nobody").toMatch(new RegExp(`nobody|withdrawn|^${client} for`));
        for (const [id, { client, question }] of calls) {
          const fate = stage.fates.get(question ?? "");
          if (fate !== undefined && fate !== "nobody") expect(`${id}: ${fate}`).toContain(`${client} for`);
        }
      };
      const goOn = (id: string): void => {
        const call = calls.get(id);
        if (call === undefined) return;
        if (call.asks && call.question === undefined) call.question = stage.ask();
        else if (call.question === undefined || stage.fates.has(call.question)) {
          check();
          if (call.question !== undefined) stage.askers.done(call.question);
          calls.delete(id);
          stage.askers.leave(id, "answered");
        }
      };
      const late = new Map<string, string>();
      let count = 0;
      for (const each of steps) {
        if (each.do === "call" && "tool" in each) {
          const id = `${++count}`;
          calls.set(id, { client: `c${each.client}`, asks: asking.includes(each.tool) });
          stage.enter(id, `c${each.client}`, `t${each.tool}`);
        } else if (each.do === "go on" && "pick" in each) goOn(pick(each.pick) ?? "");
        else if (each.do === "give up" && "pick" in each) {
          const id = [...calls.keys()][each.pick % Math.max(1, calls.size)];
          const call = calls.get(id ?? "");
          if (id === undefined || call === undefined) continue;
          calls.delete(id);
          stage.askers.leave(id, "given up");
          // The server asks once more before it notices.
          if (call.asks && stage.admitted.includes(id)) late.set(stage.ask(), call.client);
          if (call.question !== undefined) late.set(call.question, call.client);
        } else if ("ms" in each) stage.pass(each.ms);
        check();
      }
      for (let turns = 0; calls.size > 0 && turns < 1_000; turns++) {
        for (const id of open()) goOn(id);
        stage.pass(HOLD_MS);
        check();
      }
      expect([...calls.keys()]).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("what was learned is told once, and recalled by others: nothing is new to them, and what only seems to ask may be cleared", () => {
  const before = new Stage();
  before.trust("quiet");
  before.enter("1", "ann", "asking");
  before.ask();
  before.askers.done("q1");
  before.askers.leave("1", "answered");
  before.enter("2", "ann", "slow");
  expect(before.askers.hasLearned).toBe(true);
  const learned = before.askers.news();
  expect(learned).toEqual([
    ["quiet", "quiet"],
    ["asking", "asks"],
  ]);
  before.trust("quiet");
  expect(before.askers.news()).toBeUndefined();

  const after = new Stage();
  after.askers.recall([...(learned ?? []), ["seems", "perhaps"]]);
  expect(after.askers.news()).toBeUndefined();
  expect(after.enter("1", "ann", "asking")).toBe(true);
  // Neither waits for a probation: the one need not, and the other has to until the lane is free.
  expect(after.enter("2", "bob", "quiet")).toBe(true);
  expect(after.enter("3", "bob", "asking")).toBe(false);
  after.ask();
  expect(after.fates.get("q1")).toBe("ann for 1");
  after.askers.done("q1");
  after.askers.leave("1", "answered");
  expect(after.admitted).toContain("3");
  after.askers.leave("3", "answered");
  for (let n = 0; n < 3; n++) after.trust("seems");
  expect(after.askers.news()).toContainEqual(["seems", "quiet"]);
});
