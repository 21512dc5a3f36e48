import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cli, place, root } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { recorded } from "../support/recorded.js";
import { hasTmux, RealTerminal } from "../support/terminal.js";

describe.skipIf(!hasTmux)("recorded: commands on the screen (needs tmux)", () => {
  it("how one is used, arguments completed by Tab, a tool run by hand, and a server connected after a yes", async () => {
    // A slow machine is none of its subjects.
    const here = place(temporaryHome(), '[health]\nloop_delay_warn = "1h"\ngc_pause_warn = "1h"\n');
    // By a short name, so that it takes no more of the screen wherever the repository lies.
    const demo = JSON.stringify(join(root, "dist", "servers", "demo", "main.js"));
    writeFileSync(join(here.cwd, "demo.mjs"), `await import(${demo});\n`);
    const terminal = new RealTerminal(here, 100, 60); // nothing scrolls: how much does depends on time
    const shows = (text: string) => expect.poll(() => terminal.screen()).toContain(text);
    terminal.enter(`clear; ${process.execPath} ${cli}`);
    await shows("● 1");

    terminal.enter("/help call");
    await shows("Also");
    terminal.enter("/sevrers");
    await shows("Did you mean");
    await recorded(terminal, "help-of-a-command");

    terminal.enter("/connect mine -- node demo.mjs");
    await shows("Run connect/mine");
    await recorded(terminal, "connect-asks");
    terminal.press("y");
    await shows("mine is ready");
    terminal.enter("/call host.calculate expression=6*7 ;; host.list_directory");
    await shows("Run host.list_directory");
    terminal.press("y");
    await shows("demo.mjs  ");
    await recorded(terminal, "called-by-hand", { masks: [[/\d+ bytes/g, "‹size›"]] });

    terminal.type("/call host.w");
    await shows("/call host.w");
    terminal.press("Tab");
    await shows("/call host.write_file");
    terminal.press("Tab");
    await shows("required");
    await recorded(terminal, "arguments-completed", { masks: [[/\d+ bytes/g, "‹size›"]] });
  });
});
