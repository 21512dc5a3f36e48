import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { keepSecret } from "../../../../src/actors/telemetry/redact.js";
import { primaryPort } from "../../../../src/mcp/host/primary-port/index.js";
import { shownCommand } from "../../../../src/mcp/host/primary-port/processes.js";

const never = new AbortController().signal;
const port = primaryPort({ project: process.cwd() });

describe("the processes the port tells of", () => {
  it.skipIf(process.platform === "win32")(
    "are this user's, by memory or processor, with no secret of their arguments",
    async () => {
      const code = "console.log('up'); setInterval(() => {}, 1000)";
      const child = spawn(process.execPath, ["-e", code, "port-test", "--password", "hunter22", "--api-key=abc-def"]);
      try {
        await once(child.stdout, "data");
        const answer = (await port("processes.list", { name: "port-test", sort: "memory" }, never)) as {
          processes: { pid: number; parent: number; rssBytes: number; cpuPercent: number; command: string }[];
          total: number;
        };
        const found = answer.processes.find(({ pid }) => pid === child.pid);
        expect(found).toMatchObject({ parent: process.pid, cpuPercent: expect.any(Number) });
        expect(found?.rssBytes).toBeGreaterThan(1_000_000);
        expect(found?.command).toMatch(/port-test --password \(hidden\) --api-key=\(hidden\)$/);
        const all = (await port("processes.list", { count: 2 }, never)) as typeof answer;
        expect(all.processes).toHaveLength(2);
        expect(all.total).toBeGreaterThan(2);
      } finally {
        child.kill("SIGKILL");
      }
    },
  );

  it.each([
    ["psql postgres://ann:geheim@db/x", "geheim"],
    ["curl -H 'Authorization: Bearer abcdefgh12345' http://x", "abcdefgh12345"],
    ["curl -u ann:wonderland http://x", "wonderland"],
    ["mysql -uroot -pgeheim shop", "geheim"],
    ["sshpass -p geheim ssh host", "geheim"],
    ["serve --jwt-secret 'two words' --port 1", "two words"],
    ["env AWS_SECRET=abcdef node x", "abcdef"],
    ["node x --auth-token=abc", "abc"],
    ["run known-to-banyan-0815", "known-to-banyan-0815"],
  ])("hides the secret of %s", (command, secret) => {
    keepSecret("known-to-banyan-0815");
    expect(shownCommand(command)).not.toContain(secret);
    expect(shownCommand(command)).toContain("(hidden)");
  });

  it("shows a long command, and one with control characters, on one line of a bounded length", () => {
    expect(shownCommand(`a\n\u001b[31mb${"c".repeat(10_000)}`).length).toBeLessThan(320);
    expect(shownCommand("a\n\u001b[31mb")).not.toMatch(/\p{Cc}/u);
  });

  it("are not measured to the end when nobody waits", async () => {
    const stop = new AbortController();
    const asked = port("processes.list", {}, stop.signal);
    stop.abort(new Error("given up"));
    await expect(asked).rejects.toThrow();
  });
});

describe("the disks the port tells of", () => {
  it("are those of the project, the home and the temporary files, with room and names left", async () => {
    const { fileSystems } = (await port("disk.file_systems", {}, never)) as {
      fileSystems: { holds: string[]; totalBytes: number; freeBytes: number }[];
    };
    const project = fileSystems.find(({ holds }) => holds.includes("project"));
    expect(project?.totalBytes).toBeGreaterThan(0);
    expect(project?.freeBytes).toBeLessThanOrEqual(project?.totalBytes ?? 0);
    await expect(port("disk.file_systems", { path: "/" }, never)).rejects.toMatchObject({ code: "port_refused" });
  });
});
