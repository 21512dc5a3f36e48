import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cli, place, root } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { recorded } from "../support/recorded.js";
import { hasTmux, RealTerminal } from "../support/terminal.js";

describe.skipIf(!hasTmux)("recorded: commands on the screen (needs tmux)", () => {
  it("how one is used, arguments completed by Tab, a tool run by hand, and a server connected after a yes", async () => {
    const here = place(temporaryHome(), "[startup]\nprofile = false\n");
    mkdirSync(join(here.cwd, "servers"));
    writeFileSync(join(here.cwd, "hello.txt"), "hi");
    const terminal = new RealTerminal(here, 100, 30);
    const shows = (text: string | RegExp) =>
      expect
        .poll(() => terminal.screen(), { timeout: 45_000 })
        .toMatch(text instanceof RegExp ? text : new RegExp(text));
    terminal.enter(`clear; ${process.execPath} ${cli}`);
    await shows("● 1");

    terminal.enter("/help call");
    await shows("Also");
    terminal.enter("/sevrers");
    await shows("Did you mean");
    await recorded(terminal, "help-of-a-command");

    terminal.type("/call host.s");
    await shows("/call host.s");
    terminal.press("Tab");
    await shows("/call host.search_files");
    terminal.press("Tab");
    await shows("required");
    await recorded(terminal, "arguments-completed");
    terminal.press("Escape");
    terminal.press("C-u");

    const demo = join(root, "dist", "servers", "demo", "main.js");
    terminal.enter(`/connect mine -- node ${demo}`);
    await shows("Run connect/mine");
    await recorded(terminal, "connect-asks", { masks: [[/\/\S*dist\/servers/g, "…/dist/servers"]] });
    terminal.press("y");
    await shows("mine is ready");
    terminal.enter("/call host.calculate expression=6*7 ;; host.list_directory");
    await shows("Run host.list_directory");
    terminal.press("y");
    await shows("hello.txt");
    await recorded(terminal, "called-by-hand", { masks: [[/\/\S*dist\/servers/g, "…/dist/servers"]] });
  });
});
