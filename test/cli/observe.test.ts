import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { banyan, bare, cli, startBanyan } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { hasTmux, RealTerminal } from "../support/terminal.js";

const start = `${process.execPath} ${cli}`;
const LONG = { interval: 50 };

const pidOf = (screen: string): number => Number(/pid (\d+) · up/.exec(screen)?.[1]);

describe.skipIf(!hasTmux)("banyan observe in a real terminal (needs tmux)", () => {
  it("shows the tree, restarts a process, outlives the app, finds the next, and leaves the terminal as it was", async () => {
    const here = bare(temporaryHome());
    const [app, view] = [new RealTerminal(here), new RealTerminal(here, 100, 34)];
    app.enter(start);
    await expect.poll(() => app.screen(), LONG).toContain("Model: offline");
    view.enter("echo before");
    view.enter(`${start} observe`);
    await expect.poll(() => view.screen(), LONG).toMatch(/HealthMonitor +running +· +·/);

    view.type("/");
    view.type("Health");
    view.press("Enter", "Down", "r");
    await expect.poll(() => view.screen(), LONG).toContain("Restart HealthMonitor? y/n");
    view.type("y");
    await expect.poll(() => view.screen(), LONG).toMatch(/HealthMonitor +running +· +1/);
    expect(JSON.parse((await banyan(here, ["audit", "list", "--json"])).stdout)).toMatchObject([
      { action: "process.restart", subject: "HealthMonitor", detail: { by: "the control socket" } },
    ]);
    view.press("Enter");
    await expect.poll(() => view.screen(), LONG).toMatch(/class +HealthMonitor[\s\S]*restarts +1/);
    view.press("Escape");

    const pid = pidOf(view.screen());
    process.kill(pid, "SIGKILL");
    await expect
      .poll(() => view.screen(), LONG)
      .toContain(`The app with the pid ${pid} has ended; waiting for the next`);
    new RealTerminal(here).enter(start);
    await expect.poll(() => view.screen(), LONG).toMatch(/pid \d+ · up/);
    expect(pidOf(view.screen())).not.toBe(pid);

    view.type("q");
    await expect.poll(() => view.screen(), LONG).toMatch(/before\n[\s\S]*\n\$ *$/m);
    expect(view.screen()).not.toContain("STATUS");
    view.enter("echo typed $((40 + 2)), exit $?");
    await expect.poll(() => view.screen(), LONG).toContain("typed 42, exit 0");
  });

  it("a signal ends it with the terminal given back, and as lines of JSON it can be piped", async () => {
    const here = bare(temporaryHome());
    const [app, view] = [new RealTerminal(here), new RealTerminal(here, 60, 12)];
    app.enter(start);
    await expect.poll(() => app.screen(), LONG).toContain("Model: offline");
    const file = join(here.home, "pid");
    view.enter(`sh -c 'echo $$ > ${file}; exec ${start} observe'; echo "exit $?"`);
    await expect.poll(() => view.screen(), LONG).toMatch(/STATUS[\s\S]*Store +running/);
    process.kill(Number(readFileSync(file, "utf8")), "SIGTERM");
    await expect.poll(() => view.screen(), LONG).toContain("exit 143");
    expect(view.screen()).not.toContain("STATUS");
    view.enter("echo typed $((40 + 2))");
    await expect.poll(() => view.screen(), LONG).toContain("typed 42");
    const lines = startBanyan(here, ["observe", "--json"]);
    onTestFinished(() => void lines.kill());
    for await (const line of createInterface({ input: lines.stdout })) {
      expect(JSON.parse(line)).toMatchObject({
        event: "snapshot",
        tree: { name: "Application" },
        app: { cwd: here.cwd },
      });
      break;
    }
  });
});

describe("banyan observe where it cannot draw", () => {
  it("nothing runs: exit code 4, with the mend", async () => {
    const { code, stderr } = await banyan(bare(temporaryHome()), ["observe"]);
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: "banyan: No Banyan is running here; start one with banyan, or name its folder with --home DIR.\n",
    });
  });

  it("a pid that is none is wrong usage", async () => {
    const { code, stderr } = await banyan(bare(temporaryHome()), ["observe", "--pid", "x"]);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Give the number of a process"),
    });
  });
});
