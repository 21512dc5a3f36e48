import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { cli, place } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { startModelServer } from "../support/model-server.js";
import { recorded } from "../support/recorded.js";
import { hasTmux, RealTerminal } from "../support/terminal.js";

/** The status line has a test of its own; what it shows changes with many things. */
const masks = [[/^.*openai:m.*$/gm, "‹status›"]] as const;

/** A machine that is busy with other things is no news here. */
const quiet = '[health]\nloop_delay_warn = "1h"\ngc_pause_warn = "1h"\n';

describe.skipIf(!hasTmux)("recorded: what a turn asks, and what the user says to it (needs tmux)", () => {
  it("several calls at once, a pattern, a reason, the list of approvals, a message said again, the queue", async () => {
    const model = await startModelServer();
    onTestFinished(() => model.close());
    const here = place(
      temporaryHome(),
      `model = "openai:m"\n[providers.openai]\nbase_url = "${model.baseUrl}"\n[approvals]\nallow = []\n[bundled]\ndemo = true\n${quiet}`,
    );
    here.env.OPENAI_API_KEY = "k";
    writeFileSync(join(here.cwd, "a.txt"), "first\nsecond\n");
    const terminal = new RealTerminal(here, 60, 30);
    const shows = (text: string) => expect.poll(() => terminal.screen()).toContain(text);
    terminal.enter(`clear; ${process.execPath} ${cli}`);
    await shows("● 2");

    const read = (id: string, path: string) => ({ id, name: "host__read_file", arguments: { path } });
    const list = { id: "3", name: "host__list_directory", arguments: {} };
    model.enqueue({ toolCalls: [read("1", "a.txt"), read("2", "b.txt"), list] }, { text: "One is missing." });
    terminal.enter("read my files");
    await shows("(1 of 3)");
    await recorded(terminal, "several-calls", { masks });
    terminal.press("r");
    await shows("Why not?");
    terminal.type("not that one");
    await recorded(terminal, "why-not", { masks });
    terminal.press("Enter");
    await shows("(2 of 3)");
    terminal.press("n");
    await shows("(3 of 3)");
    terminal.press("p");
    await recorded(terminal, "pattern", { masks });
    terminal.press("Enter");
    await shows("One is missing.");
    terminal.enter("/approvals");
    await shows("Everything else asks.");
    await recorded(terminal, "approvals", { masks });

    model.enqueue({ toolCalls: [{ id: "1", name: "demo__hang", arguments: {} }] });
    terminal.enter("/edit");
    await shows("› /edit read my files");
    terminal.type(" and wait");
    await shows("and wait");
    await recorded(terminal, "edit", { masks });
    terminal.press("Enter");
    await shows("Run demo.hang?");
    terminal.press("y");
    await expect.poll(() => terminal.screen()).not.toContain("Run demo.hang?");
    for (const text of ["what comes next", "and then this"]) {
      terminal.enter(text);
      await shows(`⋮ ${text}`);
    }
    await recorded(terminal, "queue", { masks: [...masks, [/demo\.hang .*/, "demo.hang"]] });
    terminal.press("Up");
    await shows("› and then this");
  });
});
