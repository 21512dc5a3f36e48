import { describe, expect, it } from "vitest";
import { cli, place } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { recorded } from "../support/recorded.js";
import { hasTmux, RealTerminal } from "../support/terminal.js";

describe.skipIf(!hasTmux)("recorded: how the chat looks (needs tmux)", () => {
  it("the themes, each with its sample; another size loses and doubles nothing, and leaves alone what the shell had written", async () => {
    const here = place(temporaryHome());
    const terminal = new RealTerminal(here, 110, 30);
    terminal.enter(`clear; echo shell line; ${process.execPath} ${cli}`);
    await expect.poll(() => terminal.screen()).toContain("● 1");
    terminal.enter("/theme");
    await expect.poll(() => terminal.screen()).toContain("high-contrast-light ● answer");
    await recorded(terminal, "themes");
    terminal.resize(60, 24);
    await expect
      .poll(
        () =>
          terminal
            .screen()
            .split("\n")
            .filter((line) => /^─{60}$/.test(line)),
        { timeout: 45_000 },
      )
      .toHaveLength(1);
    await recorded(terminal, "themes-narrower", { scrollback: true });
    terminal.resize(110, 30);
    await recorded(terminal, "themes");
  });
});
