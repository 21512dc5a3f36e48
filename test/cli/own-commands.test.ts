import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { banyan, cli, place } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { hasTmux, RealTerminal } from "../support/terminal.js";

const start = `${process.execPath} ${cli}`;
const LONG = { interval: 50 };

describe.skipIf(!hasTmux)("commands and lines of one's own, in a real terminal (needs tmux)", () => {
  it("an alias is defined, completed and run; it and the history survive kill -9", async () => {
    const here = place(temporaryHome());
    const terminal = new RealTerminal(here);
    terminal.enter(start);
    await expect.poll(() => terminal.screen(), LONG).toContain("● 1");
    terminal.enter("/alias times = what is $1*$2 ;; /aliases");
    await expect.poll(() => terminal.screen(), LONG).toContain("/times is defined for this folder.");
    terminal.type("/tim");
    await expect.poll(() => terminal.screen(), LONG).toMatch(/\/times +what is \$1\*\$2/);
    terminal.press("Tab");
    terminal.enter("6 7");
    await expect.poll(() => terminal.screen(), LONG).toMatch(/› what is 6\*7[\s\S]*answered: 42/);
    terminal.enter("/alias loop = /times 1 2 ;; /loop");
    await expect.poll(() => terminal.screen(), LONG).toContain("circle: /loop → /loop");

    const { run } = JSON.parse((await banyan(here, ["config", "path", "--json"])).stdout) as { run: string };
    const pid = Number.parseInt(readdirSync(run).find((name) => name.endsWith(".sock")) ?? "", 10);
    process.kill(pid, "SIGKILL");
    await expect.poll(() => terminal.screen(), LONG).toMatch(/Killed/);
    terminal.type("stty sane; clear");
    terminal.press("C-j");
    await expect.poll(() => terminal.screen(), LONG).not.toContain("● 1");
    terminal.enter(start);
    await expect.poll(() => terminal.screen(), LONG).toContain("● 1");
    terminal.press("Up");
    await expect.poll(() => terminal.screen(), LONG).toContain("› /alias loop = ");
    terminal.press("Up");
    await expect.poll(() => terminal.screen(), LONG).toContain("› /times 6 7");
    terminal.press("C-c");
    terminal.press("C-r");
    terminal.type("times 6");
    await expect.poll(() => terminal.screen(), LONG).toMatch(/› \/times 6 7\s+search: times 6/);
    terminal.press("Enter");
    await expect.poll(() => terminal.screen(), LONG).toMatch(/› what is 6\*7[\s\S]*answered: 42/);
  });

  it("an alias works in print mode to its last line, and what is refused is said in one line", async () => {
    const here = place(temporaryHome());
    const define = await banyan(here, ["-p", "/alias --global sum = /aliases ;; what is $1+$2 ;; what is $1*$2"]);
    expect(define).toMatchObject({ code: 0, stdout: "`/sum` is defined for all folders.\n" });
    const { code, stdout } = await banyan(here, ["-p", "/sum 20 2"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/all folders[\s\S]*answered: 22[\s\S]*answered: 40/);
    const refused = await banyan(here, ["-p", "/sum 40"]);
    expect([refused.code, refused.stdout]).toEqual([1, ""]);
    expect(refused.stderr).toMatch(/^banyan: \/sum needs at least 2 words after it: .*\n$/);
  });
});
