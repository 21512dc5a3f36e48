import { describe, expect, it } from "vitest";
import { namesOf } from "../../src/chat/command.js";
import { help, unknownCommand } from "../../src/chat/command-help.js";
import { commands, parseCommand, reservedNames } from "../../src/chat/commands.js";
import { conversation } from "../support/conversation.js";

describe("slash commands", () => {
  it("each have names of their own, one line that says what they do, and examples that are theirs", () => {
    expect(reservedNames).toHaveLength(commands.flatMap((command) => [command.name, ...namesOf(command)]).length);
    for (const { name, summary, examples = [] } of commands) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(summary).toMatch(/^[^\n|]{3,120}[^.]$/);
      for (const line of examples) expect(parseCommand(line)?.command.name).toBe(name);
    }
  });

  it("are found by their other names, whatever the case", () => {
    expect(parseCommand("/EXIT")?.command.name).toBe("quit");
    expect(parseCommand("/load the first one")).toMatchObject({ command: { name: "resume" }, rest: "the first one" });
    expect(parseCommand("/nope")).toBeUndefined();
  });

  it("cannot be hidden by an alias, not by any of their names", async () => {
    const { run } = await conversation({ serversOf: () => ({ servers: [], problems: [] }) });
    for (const name of ["quit", "exit", "saved", "call", "concurrent"]) {
      expect(await run(`/alias ${name} = hi`)).toContain(`/${name} is a command already`);
    }
    await run("/alias twice = /config $1 ;; /config $2");
    await run("/alias settings = /twice chat.max_steps $@");
    expect(await run("/settings log.level")).toContain("`log.level`");
    expect(await run("/alias twice = /settings x")).toContain("call each other in a circle");
  });

  it("are explained by /help: all of them, one of them, or those about some words", async () => {
    const all = await help(commands, "");
    for (const { name } of commands) expect(all).toContain(`\`/${name}\``);
    const one = await help(commands, "/resume");
    expect(one).toContain("/resume ID-or-NAME");
    expect(one).toContain("Also: `/load`");
    expect(await help(commands, "supervision tree")).toContain("`/tree`");
    expect(await help(commands, "keys")).toMatch(/Esc stops the answer[\s\S]*F1[\s\S]*`y` once/);
    expect(await help(commands, "xyzzy")).toContain("Nothing here has to do with");
  });

  it("are guessed when mistyped", async () => {
    expect(await unknownCommand(commands, "/sevrers x")).toContain("Did you mean /servers");
    expect(await unknownCommand(commands, "/rsrc")).toContain("/resource");
    expect(await unknownCommand(commands, "/qwxz")).toBe("There is no command /qwxz. Type /help for what there is.");
  });
});
