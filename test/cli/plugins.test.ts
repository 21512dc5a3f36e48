import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scaffold } from "../../src/mcp/host/plugins/scaffold.js";
import { banyan, place, startBanyan } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { serving } from "../support/serving.js";

describe("banyan plugins list, status, restart, monitor and inspect", () => {
  it("tell of the plugins of this folder what they are without an app, and what they do in one that runs", async () => {
    const home = temporaryHome();
    const folder = join(home, "mine");
    for (const name of ["weather", "broken"]) {
      mkdirSync(join(folder, name), { recursive: true });
      const files = scaffold({ name, dependencies: [], typescript: false });
      for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text);
    }
    writeFileSync(join(folder, "broken", "package.json"), '{ "banyan": { "restart": "sometimes" } }');
    const here = place(home, `[bundled]\nhost = false\n[plugins]\nfolders = [${JSON.stringify(folder)}]\n`);

    const [listed, alone, inspected, unknown] = await Promise.all([
      banyan(here, ["plugins", "list"]),
      banyan(here, ["plugins", "status"]),
      banyan(here, ["plugins", "inspect", "weather"]),
      banyan(here, ["plugins", "inspect", "nobody"]),
    ]);
    expect(listed.stdout).toMatch(/^broken +left out +- +\S+\/mine\/broken +\S+package.json: /m);
    expect(listed.stdout).toMatch(/^weather +not running +- +/m);
    expect(alone).toMatchObject({ code: 4, stdout: "" });
    expect(inspected.stdout).toMatch(/^cd \S+\/mine\/weather && npx -y @modelcontextprotocol\/inspector .*runner/);
    expect(unknown.stderr).toBe("banyan: There is no plugin nobody; see banyan plugins list.\n");

    await serving(here, ["--http", "127.0.0.1:0"]);
    expect((await banyan(here, ["plugins", "status"])).stdout).toMatch(/^weather +asleep +-/m);
    expect(await banyan(here, ["tools", "call", "weather.greet", "name=Ada"])).toMatchObject({ code: 0 });
    expect((await banyan(here, ["plugins", "status"])).stdout).toMatch(/^weather +ready +\d+ +\d+ MB +1 +0 +\d+ *$/m);
    const before = JSON.parse((await banyan(here, ["plugins", "status", "weather", "--json"])).stdout);
    expect(await banyan(here, ["plugins", "restart", "weather"])).toEqual({
      code: 0,
      stdout: "weather is ready, 1 tool.\n",
      stderr: "",
    });
    const after = await banyan(here, ["plugins", "status", "weather"]);
    expect(after.stdout).toMatch(/^weather is ready\n {2}folder +\S+\/mine\/weather\n {2}pid +\d+\n {2}takes +\d+ MB/);
    expect(after.stdout).not.toMatch(new RegExp(`pid +${before.pid}\n`));
    expect(await banyan(here, ["plugins", "restart", "nobody"])).toMatchObject({ code: 1 });

    const monitor = startBanyan(here, ["plugins", "monitor", "--json"]);
    const closed = once(monitor, "close");
    let looks = "";
    for await (const part of monitor.stdout.setEncoding("utf8")) {
      looks += part;
      if (looks.split("\n").length > 2) break;
    }
    monitor.kill("SIGINT");
    await closed;
    const [first, second] = looks.split("\n").map((line) => (line === "" ? undefined : JSON.parse(line)));
    expect(first.plugins).toContainEqual(expect.objectContaining({ name: "weather", memory: expect.any(Number) }));
    const weather = second.plugins.find(({ name }: { readonly name: string }) => name === "weather");
    expect(weather).toMatchObject({ callsPerSecond: 0, cpuPercent: expect.any(Number) });
  });
});
