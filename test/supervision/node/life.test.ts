// Programs of their own: what only shows in the life of a whole one.
import { describe, expect, it } from "vitest";
import { eventually, program, runs } from "./support.js";

describe("isolated processes", () => {
  it("end with their parent, even after kill -9 and even a spinning one", async () => {
    const parent = program("parent.mjs");
    const pids = JSON.parse(await parent.said((line) => line.startsWith("["))) as number[];
    expect(pids.map(runs)).toEqual([true, true]);
    parent.child.kill("SIGKILL");
    await eventually(() => !pids.some(runs));
  });
});

describe("blame", () => {
  it("lays errors of timers, promises and listeners to the process that started them, and reports those of nobody", async () => {
    const { code, lines, stderr } = await program("blame.mjs", "report").ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(lines).toEqual([
      "careless: timer",
      "careless: promise",
      "careless: promise after await",
      "careless: timer while busy",
      "the name careless.busy ended before it answered: timer while busy",
      "careless: listener",
      "unharmed",
      "an error of a process that had ended: too late",
      "stray: of nobody",
      "handlers left: 0",
    ]);
  });

  it("ends the application with an error of nobody, unless told otherwise", async () => {
    const { code, lines } = await program("blame.mjs", "stop").ended;
    expect(code).toBe(0);
    expect(lines.slice(-4)).toEqual([
      "stray: of nobody",
      expect.stringContaining("of nobody"),
      "ended: of nobody",
      "handlers left: 0",
    ]);
  });
});

describe("late blame", () => {
  it("reports the first error of a timer and goes on, and lays the next to the process that started it", async () => {
    const { code, lines, stderr } = await program("blame-late.mjs").ended;
    expect({ code, stderr, lines }).toEqual({ code: 0, stderr: "", lines: ["stray: timer", "careless: timer"] });
  });
});

describe("signals", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s stops the application in order and sets the exit code", async (signal, code) => {
    const app = program("signals.mjs", "50");
    await app.said((line) => line === "ready");
    app.child.kill(signal);
    const ended = await app.ended;
    expect(ended.lines).toEqual(["ready", "terminating: shutdown", "terminated", "done: shutdown"]);
    expect(ended.code).toBe(code);
  });

  it("a second SIGINT ends the program at once", async () => {
    const app = program("signals.mjs", "60000");
    await app.said((line) => line === "ready");
    app.child.kill("SIGINT");
    await app.said((line) => line.startsWith("terminating"));
    app.child.kill("SIGINT");
    const ended = await app.ended;
    expect(ended.lines).toEqual(["ready", "terminating: shutdown"]);
    expect(ended.code).toBe(130);
  });

  it("past the deadline what is left is killed", async () => {
    const app = program("signals.mjs", "1500", "50");
    await app.said((line) => line === "ready");
    app.child.kill("SIGTERM");
    await app.said((line) => line === "done: killed");
    app.child.kill("SIGKILL");
    await app.ended;
  });
});
