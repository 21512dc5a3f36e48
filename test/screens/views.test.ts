import { describe, expect, it } from "vitest";
import { cli, place } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { recorded } from "../support/recorded.js";
import { hasTmux, RealTerminal } from "../support/terminal.js";

const LONG = { interval: 50 };

describe.skipIf(!hasTmux)("recorded: the views over the running chat (needs tmux)", () => {
  it("a tool runs on underneath, the views act on what they show, and the chat comes back whole", async () => {
    const here = place(temporaryHome(), '[approvals]\nallow = ["*"]\n[bundled]\ndemo = true\n');
    const terminal = new RealTerminal(here, 100, 24);
    const shows = (text: string | RegExp) => expect.poll(() => terminal.screen(), LONG).toMatch(text);
    terminal.enter(`clear; ${process.execPath} ${cli}`);
    await shows("● 2");
    terminal.enter("/resource demo.counter");
    await shows(/\/resource demo\.counter[\s\S]*\b0\b/);
    terminal.enter("demo.slow seconds=600");
    await shows(/\d\/s +[\w ]+ left/);

    terminal.press("F7");
    await shows(/1 running[\s\S]*demo\.slow +━*─* +\d+% +[\w ]+ +1\/s .*Worked [\d.]+ of 600 s/);
    terminal.press("F6");
    await recorded(terminal, "view-cache", { masks: [[/ +\d+ B +0 +[\d.]+ m?s$/gm, "  ‹figures›"]] });
    terminal.type("x");
    await shows("demo://counter is forgotten");
    await shows("0 resources");

    terminal.press("F2");
    terminal.type("/ServerManager");
    await shows(/─ ServerManager +running +· +·/);
    terminal.press("Enter", "End", "Up");
    terminal.type("k");
    await shows("Kill ServerManager? y/n");
    terminal.type("y");
    await shows(/─ ServerManager +running +· +1/);
    terminal.press("Escape");
    await shows(/─ ToolHost +running/);
    terminal.press("Escape");
    await shows("Esc stops");

    terminal.enter("/servers");
    await shows(/demo +ready/);
    await recorded(terminal, "view-servers");
    terminal.resize(40, 12);
    await recorded(terminal, "view-servers-narrow");
    terminal.press("Home", "Enter");
    await shows(/program +banyan-demo/);
    terminal.resize(300, 80);
    await shows(/1 tree {2}2 servers {2}3 logs/);
    terminal.press("Escape");
    await shows("Enter details");
    terminal.press("Down", "r");
    await shows("Restart host? y/n");
    terminal.press("y");
    await shows("host is ready");

    terminal.press("F4");
    await shows(/connection +server=host state=ready/);
    terminal.type("ll");
    await shows("level: warn");
    terminal.press("F5");
    await shows(/log +demo +\d\d:\d\d:\d\d/);
    terminal.press("Escape");
    await shows("Ask anything");
    terminal.press("Escape"); // the call that goes on underneath
    await shows("Stopped.");
    const all = terminal.everything();
    expect(all.match(/› demo\.slow seconds=600/g)).toHaveLength(1);
    expect(all.match(/demo\.slow {2}seconds=600/g)).toHaveLength(1);
  });
});
