import { describe, expect, it } from "vitest";
import { resolvePaths } from "../../src/actors/paths.js";
import { platformOf } from "../../src/actors/platform/index.js";
import { processesInListing, usagesInListing } from "../../src/actors/platform/macos.js";
import { socketsAmong } from "../../src/actors/platform/windows.js";

const [linux, macos, windows] = [platformOf("linux"), platformOf("darwin"), platformOf("win32")];

describe("each system's variant", () => {
  it("is chosen by the system's name, and an unknown Unix counts as Linux", () => {
    expect([linux.name, macos.name, windows.name, platformOf("freebsd").name]).toEqual([
      "Linux",
      "macOS",
      "Windows",
      "Linux",
    ]);
  });

  it("names an app's control socket after its pid", () => {
    expect(linux.appSocket("/run/banyan/control.sock", 42)).toBe("/run/banyan/42.sock");
    expect(macos.appSocket("/run/banyan/control.sock", 42)).toBe("/run/banyan/42.sock");
    const { socket } = resolvePaths({ home: "C:\\B", env: {}, platform: "win32", cwd: "C:\\" });
    expect(windows.appSocket(socket, 42)).toMatch(/^\\\\\.\\pipe\\banyan-[0-9a-f]{12}-42$/);
  });

  it("finds an app's pipe among all of Windows' pipes", () => {
    const control = "\\\\.\\pipe\\banyan-0123456789ab";
    const names = ["lsass", "banyan-0123456789ab-7", "banyan-ba9876543210-8", "banyan-0123456789ab-7-x"];
    expect(socketsAmong(names, control)).toEqual([{ pid: 7, socket: `${control}-7`, since: 0 }]);
  });

  it("lets a program inherit what it needs to run, whatever the case on Windows, and no key", () => {
    for (const { inherits } of [linux, macos]) {
      expect(["PATH", "HOME", "LC_ALL", "Path", "OPENAI_API_KEY"].map(inherits)).toEqual([
        true,
        true,
        true,
        false,
        false,
      ]);
    }
    expect(["Path", "SystemRoot", "OPENAI_API_KEY", "HOME"].map(windows.inherits)).toEqual([true, true, false, false]);
  });

  it("ends on the signals its system has", () => {
    expect(linux.endSignals).toEqual({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 });
    expect(macos.endSignals).toEqual(linux.endSignals);
    expect(Object.keys(windows.endSignals)).toEqual(["SIGINT", "SIGBREAK", "SIGHUP"]);
  });

  it("never takes its own group, or everybody, for a group to be ended", () => {
    for (const { signalGroup } of [linux, macos, windows]) {
      for (const group of [0, 1, -5, 1.5]) expect(() => signalGroup(group, "SIGKILL")).toThrow("is no process group");
    }
  });
});

describe("what groups take", () => {
  it("macOS: read from ps, each group's processes together", () => {
    const listing = [
      "  501  20480   1:02.50",
      "  501   1024   0:00.50",
      "    1    512 1:02:03",
      "  77  10 1-00:00:01",
    ].join("\n");
    expect(usagesInListing(`${listing}\n`, [501, 77, 9])).toEqual(
      new Map([
        [501, { rssBytes: 21_504 * 1_024, cpuMs: 63_000 }],
        [77, { rssBytes: 10_240, cpuMs: 86_401_000 }],
      ]),
    );
  });

  it("macOS: the user's processes, from a listing of ps", () => {
    const listing =
      "  501   1  20480   1:02.50 02-03:04:05 /usr/bin/thing --flag a b\n   77 501    10 0:00.01    00:09 (gone)\nnoise\n";
    expect(processesInListing(listing)).toEqual([
      {
        pid: 501,
        parent: 1,
        rssBytes: 20_971_520,
        cpuMs: 62_500,
        seconds: 183_845,
        command: "/usr/bin/thing --flag a b",
      },
      { pid: 77, parent: 501, rssBytes: 10_240, cpuMs: 10, seconds: 9, command: "(gone)" },
    ]);
  });

  it.runIf(process.platform === "linux")("Linux: this very process, from /proc", async () => {
    const ours = (await linux.ownProcesses())?.find(({ pid }) => pid === process.pid);
    expect(ours).toMatchObject({ parent: process.ppid, command: expect.stringContaining("node") });
    expect(ours?.rssBytes).toBeGreaterThan(10_000_000);
    expect(ours?.cpuMs).toBeGreaterThan(0);
    expect(ours?.seconds).toBeLessThan(86_400);
  });

  it.runIf(process.platform === "linux")("Linux: our own group's, from /proc", async () => {
    const stat = (await import("node:fs")).readFileSync("/proc/self/stat", "utf8");
    const group = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
    const usage = (await linux.groupUsages([group, 4_194_305])).get(group);
    expect(usage?.rssBytes).toBeGreaterThan(10_000_000);
    expect(usage?.cpuMs).toBeGreaterThan(0);
    expect(linux.startOf(process.pid)).toMatch(/^\d+$/);
  });
});
