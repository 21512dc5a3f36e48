import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cli, place } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { recorded } from "../support/recorded.js";
import { hasTmux, RealTerminal } from "../support/terminal.js";

describe.skipIf(!hasTmux)("recorded: writing a line (needs tmux)", () => {
  it("wide characters, a large paste, the history searched, the user's editor, suspended and back", async () => {
    const folder = temporaryHome();
    const editor = join(folder, "my editor");
    writeFileSync(editor, '#!/bin/sh\necho "editing $1"\nread word\necho "$word" >> "$2"\n');
    chmodSync(editor, 0o700);
    const here = place(folder);
    const terminal = new RealTerminal(
      { ...here, env: { ...here.env, TMUX: "yes", EDITOR: `'${editor}' --wait` } },
      80,
      34,
    );
    terminal.passExtendedKeys();
    const shows = (text: string | RegExp) => expect.poll(() => terminal.screen()).toMatch(text);
    terminal.enter(`clear; ${process.execPath} ${cli}`);
    await shows("● 1");

    terminal.type("Grüße an 漢字");
    terminal.press("S-Enter");
    terminal.type("zweite Zeile 👍 e\u0301");
    terminal.press("Left", "Left");
    await recorded(terminal, "editor-wide");
    // Under the cursor stands the space between the emoji, of two cells, and the letter with its accent.
    await expect.poll(() => terminal.cursor()).toEqual({ column: 2 + 15, row: 5 });

    terminal.press("C-c");
    await shows("Ask anything");
    terminal.type("look at ");
    terminal.paste(Array.from({ length: 12 }, (_, index) => `pasted line ${index + 1}`).join("\n"));
    terminal.type(" please");
    await recorded(terminal, "editor-pasted");
    terminal.press("Enter");
    await shows(/pasted line 12 please\n[\s\S]*Ask anything/);

    terminal.press("C-r");
    await shows("search:");
    terminal.type("LINE 7");
    await shows("pasted line 7");
    await recorded(terminal, "editor-search", { masks: [[/^[\s\S]*\n(?=─{80})/g, "‹the conversation›\n"]] });
    terminal.press("C-g");
    await shows("Ask anything");

    terminal.type("draft");
    await shows("› draft");
    terminal.press("C-g");
    await shows("editing --wait");
    terminal.enter("and more");
    await shows(/› draft\n {2}and more\n/);

    terminal.press("C-z");
    await shows(/Stopped/);
    terminal.enter("fg");
    await shows(/fg\n[\s\S]*› draft\n {2}and more\n/);
    terminal.press("C-u", "C-h", "C-u", "C-d");
    await shows(/\$\s*$/);
  });
});
