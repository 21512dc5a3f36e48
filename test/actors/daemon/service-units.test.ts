import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { launchdPlist, scheduledTask, systemdUnit } from "../../../src/actors/daemon/service-units.js";
import { temporaryHome } from "../../support/home.js";

const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;

const service = {
  command: ["/usr/bin/node", "/opt/100% banyan/cli.js", "serve", "--home", '/home/ada/$"quoted"\\'],
  folder: "/home/ada/100% <shop>",
  path: "/usr/bin:/home/ada/$bin",
  stderr: "/home/ada/logs/daemon-stderr.log",
  stopSeconds: 17,
};

describe("what the system is told to run", () => {
  it("is quoted as systemd reads it, and is started again whenever it fails", () => {
    const { text } = systemdUnit(service);
    expect(text).toContain(
      String.raw`ExecStart="/usr/bin/node" "/opt/100%% banyan/cli.js" "serve" "--home" "/home/ada/$$\"quoted\"\\"`,
    );
    expect(text).toContain('Environment="PATH=/usr/bin:/home/ada/$bin"');
    expect(text).toContain("WorkingDirectory=/home/ada/100%% <shop>\n");
    expect(text).toMatch(/StartLimitIntervalSec=0[\s\S]*Restart=on-failure\nRestartSec=1\nTimeoutStopSec=17\n/);
  });

  it.skipIf(!hasSystemd)("is in order for systemd itself (where systemd-analyze is here)", () => {
    const home = temporaryHome();
    const file = join(home, "banyan.service");
    const folder = join(home, "ä & 100% $shop");
    mkdirSync(folder);
    const command = [process.execPath, ...service.command.slice(1)];
    writeFileSync(file, systemdUnit({ ...service, command, folder }).text);
    const { stdout, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" });
    expect(`${stdout}${stderr}`).not.toContain("banyan.service");
  });

  it("is XML for launchd", () => {
    const { text, enable } = launchdPlist(service);
    expect(text).toContain("<string>/home/ada/100% &lt;shop&gt;</string>");
    expect(text).toMatch(/<key>SuccessfulExit<\/key>\s*<false\/>/);
    expect(enable).toContain("~/Library/LaunchAgents/banyan.daemon.plist");
  });

  it("is one command for the task scheduler, in the folder of the settings", () => {
    const command = ["C:\\node.exe", "C:\\banyan\\cli.js", "daemon", "start"];
    expect(scheduledTask({ ...service, command, folder: "C:\\my shop" }).text).toBe(
      String.raw`schtasks /Create /F /SC ONLOGON /TN Banyan /TR "cmd /c cd /d \"C:\my shop\" && \"C:\node.exe\" \"C:\banyan\cli.js\" \"daemon\" \"start\""` +
        "\n",
    );
  });

  it("is refused where a path could say something of its own", () => {
    const folder = "/home/ada\nExecStart=/bin/evil";
    for (const unit of [systemdUnit, launchdPlist]) expect(() => unit({ ...service, folder })).toThrow(/line break/);
    expect(() => scheduledTask({ ...service, folder: 'C:\\" & evil' })).toThrow(/double quote/);
    expect(() => scheduledTask({ ...service, command: ["C:\\node.exe"], folder: "C:\\long".repeat(50) })).toThrow(
      /261/,
    );
  });
});
