import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { appSockets } from "../../src/actors/control/client.js";
import { resolvePaths } from "../../src/actors/paths.js";
import { cli, isAlive, place, root } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { recorded } from "../support/recorded.js";
import { hasTmux, RealTerminal } from "../support/terminal.js";

const LONG = { timeout: 45_000 };

describe.skipIf(!hasTmux)("recorded: a conversation that goes on after kill -9 (needs tmux)", () => {
  it("asks whether the call that was under way is to run again, and tells what it was not", async () => {
    const folder = temporaryHome();
    const args = [join(root, "test", "support", "counting-server.mjs"), `--folder=${folder}`];
    const here = place(
      folder,
      `[bundled]\nhost = false\n[[servers]]\nname = "count"\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${JSON.stringify(args)}\n`,
    );
    writeFileSync(join(folder, "write.gate"), "");
    const terminal = new RealTerminal(here, 100, 30);
    terminal.enter(`clear; ${process.execPath} ${cli}`);
    await expect.poll(() => terminal.screen(), LONG).toContain("● 1");
    terminal.enter("count.write text=a");
    await expect.poll(() => terminal.screen(), LONG).toContain("Run count.write?");
    terminal.press("y");
    await expect.poll(() => existsSync(join(folder, "write.runs")), LONG).toBe(true);
    const { socket } = resolvePaths({ home: here.home, env: {}, platform: process.platform, cwd: here.cwd });
    const pid = appSockets(socket)[0]?.pid ?? 0;
    process.kill(pid, "SIGKILL");
    await expect.poll(() => isAlive(pid), LONG).toBe(false);
    terminal.type("stty sane; clear");
    terminal.press("C-j");
    await expect.poll(() => terminal.screen().trim(), LONG).toBe("$");
    terminal.enter(`clear; ${process.execPath} ${cli} --resume`);
    await expect.poll(() => terminal.screen(), LONG).toContain("Run count.write again?");
    const masks = [[/of .*: 3 messages/, "of ‹date›: 3 messages"]] as const;
    await recorded(terminal, "run-again", { masks });
    terminal.press("n");
    await recorded(terminal, "taken-as-failed", { masks });
  });
});
