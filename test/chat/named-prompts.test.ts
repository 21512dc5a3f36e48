import { describe, expect, it } from "vitest";
import { promptArguments, promptHints, promptNamed } from "../../src/chat/named-prompts.js";

const prompt = (server: string, ownName: string, ...args: string[]) => ({
  server,
  ownName,
  name: `${server}.${ownName}`,
  description: "About it.",
  arguments: args.map((name) => ({ name: name.replace("?", ""), required: !name.endsWith("?") })),
});
const prompts = [prompt("a", "greet", "name", "style?"), prompt("a", "help"), prompt("b", "greet"), prompt("b", "sum")];

describe("a server's prompt as a command", () => {
  it("is meant by its whole name, and by its own where no other prompt has it", () => {
    expect(promptNamed("b.greet", prompts)?.name).toBe("b.greet");
    expect(promptNamed("sum", prompts)?.name).toBe("b.sum");
    expect(promptNamed("greet", prompts)).toBeUndefined();
    expect(promptNamed("nothing", prompts)).toBeUndefined();
  });

  it("is listed with its arguments, and under its own name unless a command is called that", () => {
    expect(promptHints(prompts, new Set(["help"]))).toEqual([
      { name: "a.greet", summary: "About it. (name [style])", also: [] },
      { name: "a.help", summary: "About it.", also: [] },
      { name: "b.greet", summary: "About it.", also: [] },
      { name: "b.sum", summary: "About it.", also: ["sum"] },
    ]);
  });

  it("takes its arguments in order or by name, and the last of them all that is over", () => {
    const given = (text: string) => promptArguments(text, prompt("s", "p", "who", "what?"));
    expect(given("Ada write a poem")).toEqual({ who: "Ada", what: "write a poem" });
    expect(given('"Ada Lovelace"')).toEqual({ who: "Ada Lovelace" });
    expect(given("what='a poem' Ada")).toEqual({ who: "Ada", what: "a poem" });
    expect(given("  ")).toEqual({});
    expect(() => given("style=short")).toThrow('s.p has no argument for "style"; its arguments are: who, what.');
    expect(() => promptArguments("x", prompt("s", "none"))).toThrow("its arguments are: none.");
  });
});
