import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { cli, place, serverBlock } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { PNG } from "../support/images.js";
import { startModelServer } from "../support/model-server.js";
import { recorded } from "../support/recorded.js";
import { hasTmux, RealTerminal } from "../support/terminal.js";

/** Of the status line, what comes when it comes. */
const masks = [[/ · (?:\d+ new, F5|ctx ~?\d+%|↑\d+ ↓\d+)/g, ""]] as const;

describe.skipIf(!hasTmux)("recorded: mentions (needs tmux)", () => {
  it("are completed from the project's files and a server's prompts, and stand under the message they go with", async () => {
    const model = await startModelServer();
    onTestFinished(() => model.close());
    const settings = `${serverBlock("all", "server-everything")}
[bundled]
host = false
[providers.openai]
base_url = "${model.baseUrl}"
`;
    const here = place(temporaryHome(), settings);
    mkdirSync(join(here.cwd, "src"));
    writeFileSync(join(here.cwd, "src", "turn.ts"), "export {};\n");
    writeFileSync(join(here.cwd, "notes.md"), "# Notes\n");
    writeFileSync(join(here.cwd, "picture of a dot.png"), PNG);
    writeFileSync(join(here.cwd, "secret.txt"), "not to be listed");
    writeFileSync(join(here.cwd, ".gitignore"), "secret.txt\n");
    execFileSync("git", ["init", "-q"], { cwd: here.cwd });
    const env = { ...here.env, OPENAI_API_KEY: "k" };
    const terminal = new RealTerminal({ ...here, env }, 80, 20);
    const shows = (text: string) => expect.poll(() => terminal.screen()).toContain(text);
    terminal.enter(`clear; ${process.execPath} ${cli} --model openai:scripted`);
    await shows("● 1");
    // The offers of servers come when they come.
    terminal.type("Compare @file:");
    await shows("file:notes.md");
    await recorded(terminal, "mention-list", { masks });
    terminal.type("tu");
    await shows("file:src/turn.ts");
    await expect.poll(() => terminal.screen()).not.toContain("file:notes.md");
    terminal.press("Tab");
    await shows("Compare @file:src/turn.ts");
    terminal.type('with @"pic');
    await shows("picture of a dot.png");
    terminal.press("Enter");
    await shows('@"picture of a dot.png"');
    terminal.enter("and @./nothing");
    await shows("This is a scripted answer.");
    await recorded(terminal, "mention-attached", { masks });
    expect(JSON.stringify(model.requests.at(-1)?.json)).toContain(PNG.toString("base64"));

    terminal.type("/all.");
    await shows("/all.args-prompt");
    await recorded(terminal, "prompt-commands", { masks });
    terminal.press("Escape");
    await expect.poll(() => terminal.screen()).not.toContain("/all.args-prompt");
    terminal.enter("args-prompt Rome Lazio");
    await shows("What's weather in Rome, Lazio?");
    // What it still writes must not meet the folder's removal.
    terminal.enter("/quit");
    await expect.poll(() => terminal.screen().trimEnd().endsWith("$")).toBe(true);
  });
});
