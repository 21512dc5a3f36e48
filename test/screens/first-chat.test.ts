import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cli, place } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { recorded } from "../support/recorded.js";
import { hasTmux, RealTerminal } from "../support/terminal.js";

describe.skipIf(!hasTmux)("recorded: the first minutes of a new user (needs tmux)", () => {
  it("the greeting, a question of approval, and the answer of a tool", async () => {
    const here = place(temporaryHome());
    writeFileSync(join(here.cwd, "hello.txt"), "hi");
    const terminal = new RealTerminal(here, 100, 30);
    terminal.enter(`clear; ${process.execPath} ${cli}`);
    await expect.poll(() => terminal.screen()).toContain("● 1");
    await recorded(terminal, "greeting");
    terminal.enter("list the files here");
    await expect.poll(() => terminal.screen()).toContain("Run host.list_directory?");
    await recorded(terminal, "approval");
    terminal.press("y");
    await recorded(terminal, "tool-answer");
  });
});
