import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { banyan, isAlive, place, root, startBanyan } from "../support/banyan.js";
import { built } from "../support/build.js";
import { temporaryHome } from "../support/home.js";
import { startModelServer } from "../support/model-server.js";

const hostile = join(root, "test", "support", "hostile-server.mjs");
const COMMENTED = "# mine\n[chat]\nmax_steps = 9 # few\n";

describe("banyan servers, on the settings file", () => {
  it("adds, switches and removes a server, and leaves every other line and a link as they are", async () => {
    const here = place(temporaryHome());
    const [kept, file] = [join(here.cwd, "kept.toml"), join(here.home, "config.toml")];
    writeFileSync(kept, COMMENTED, { mode: 0o644 });
    symlinkSync(kept, file);
    const added = await banyan(here, [
      "servers",
      "add",
      "nasty",
      "--env",
      "T=${env:PATH}",
      "--",
      "node",
      hostile,
      "--banner",
    ]);
    expect(added).toMatchObject({ code: 0, stderr: "" });
    const block = `[[servers]]\nname = "nasty"\ncommand = "node"\nargs = ["${hostile}", "--banner"]\nenv = { T = "\${env:PATH}" }\n`;
    expect(readFileSync(kept, "utf8")).toBe(`${COMMENTED}\n${block}`);
    expect(statSync(kept).mode & 0o777).toBe(0o644);
    expect((await banyan(here, ["servers", "disable", "nasty"])).code).toBe(0);
    const [, server] = JSON.parse((await banyan(here, ["servers", "list", "--json"])).stdout);
    expect(server).toMatchObject({ name: "nasty", enabled: false, state: "switched off", from: file });
    expect((await banyan(here, ["servers", "remove", "nasty"])).code).toBe(0);
    expect(readFileSync(file, "utf8").trimEnd()).toBe(COMMENTED.trimEnd());
    const audit = JSON.parse((await banyan(here, ["audit", "list", "--json"])).stdout) as { action: string }[];
    expect(audit.map(({ action }) => action)).toEqual(["server.add", "server.disable", "server.remove"]);
  });

  it("refuses secrets, addresses, names that are taken and files that are invalid, in one sentence, and writes nothing", async () => {
    const here = place(temporaryHome(), COMMENTED);
    const file = join(here.home, "config.toml");
    const cases: [args: string[], code: number, says: string][] = [
      [["add", "a", "--env", "TOKEN=abc", "--", "x"], 2, "TOKEN looks like a secret"],
      [["add", "a", "--", "x", "--token", "abc"], 2, "An argument looks like a secret"],
      [["add", "a", "https://example.test/mcp", "--env", "A=1"], 2, "takes no arguments and no --env"],
      [
        ["add", "a", "https://example.test/mcp", "--header", "Authorization=Bearer s3cr3t-s3cr3t"],
        2,
        "looks like a secret",
      ],
      [["add", "a", "http://192.168.0.7/mcp"], 3, "plain_http = true"],
      [["add", "a", "--transport", "sse", "--", "x"], 2, "for a server at an address"],
      [["add", "host", "--", "x"], 2, "bundled server's name"],
      [["add", "No Name", "--", "x"], 3, "servers.No Name.name"],
      [["disable", "gone"], 1, "There is no server gone"],
      [["connect", "gone"], 4, "No Banyan is running here"],
    ];
    for (const [args, code, says] of cases) {
      const ran = await banyan(here, ["servers", ...args]);
      expect([args, ran.code, ran.stdout]).toEqual([args, code, ""]);
      if (code !== 3) expect(ran.stderr).toContain(says);
      expect(ran.stderr.trim().split("\n")).toHaveLength(1);
    }
    expect(readFileSync(file, "utf8")).toBe(COMMENTED);
    writeFileSync(file, "[chat]\nmax_steps = true\n");
    expect((await banyan(here, ["servers", "add", "a", "--", "x"])).code).toBe(3);
    expect(readFileSync(file, "utf8")).toBe("[chat]\nmax_steps = true\n");
  });

  it("adds a server at an address, and shows it without what its query holds", async () => {
    const here = place(temporaryHome(), COMMENTED);
    const url = "https://example.test/mcp?key=${env:KEY}";
    const header = "Authorization=Bearer ${env:TOKEN}";
    const add = ["servers", "add", "web", url, "--transport", "http", "--header", header];
    expect(await banyan(here, add)).toMatchObject({ code: 0, stderr: "" });
    const block = `[[servers]]\nname = "web"\nurl = "${url}"\ntransport = "http"\nheaders = { Authorization = "Bearer \${env:TOKEN}" }\n`;
    expect(readFileSync(join(here.home, "config.toml"), "utf8")).toBe(`${COMMENTED}\n${block}`);
    const status = JSON.parse((await banyan(here, ["servers", "status", "web", "--json"])).stdout);
    expect(status).toMatchObject({ name: "web", url: "https://example.test/mcp?…", state: "not running" });
  });

  it("imports another host's servers; no secret of theirs reaches the file or the screen", async () => {
    const here = place(temporaryHome(), COMMENTED);
    const file = join(here.cwd, "host.json");
    const mcpServers = {
      "My Files": { command: "npx", args: ["x"], env: { API_KEY: "hush-hush", MODE: "fast", T: "${HOME}" } },
      web: {
        type: "sse",
        url: "http://127.0.0.1:1/sse",
        headers: { Authorization: "Bearer hush-hush", "X-Mode": "fast" },
      },
      keyed: { url: "https://example.test/mcp?api_key=hush-hush" },
      spoken: { command: "x", args: ["--token", "hush-hush"] },
      off: { command: "x", disabled: true },
    };
    writeFileSync(file, JSON.stringify({ mcpServers }));
    const { code, stdout, stderr } = await banyan(here, ["servers", "import", file, "--json"]);
    const text = readFileSync(join(here.home, "config.toml"), "utf8");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      imported: ["my-files", "web", "off"],
      left: [{ name: "keyed" }, { name: "spoken" }],
    });
    expect(text).toContain('url = "http://127.0.0.1:1/sse"\ntransport = "sse"\n');
    expect(text).toContain('headers = { Authorization = "Bearer ${env:WEB_AUTHORIZATION}", X-Mode = "fast" }');
    expect(text).toContain('env = { API_KEY = "${env:API_KEY}", MODE = "fast", T = "${env:HOME}" }');
    expect(text).toContain("enabled = false");
    expect(`${text}${stdout}${stderr}`).not.toContain("hush-hush");
    expect(JSON.parse(stdout).notes).toHaveLength(3);
    const again = await banyan(here, ["servers", "import", file, "--json"]);
    expect(again.code).toBe(1);
    expect(JSON.parse(again.stdout)).toMatchObject({ imported: [], notes: [] }); // nothing is said of what was not taken over
    expect((await banyan(here, ["servers", "import", join(here.cwd, "none.json")])).code).toBe(1);
  });

  // The long version: BANYAN_KILLS=50 npx vitest run test/cli/servers.test.ts
  const kills = Number(process.env.BANYAN_KILLS ?? 6);
  it(`killed ${kills} times in the middle of its writes, the file is whole: old or new`, {
    timeout: 120_000,
  }, async () => {
    const here = place(temporaryHome());
    const file = join(here.home, "config.toml");
    const text = (on: boolean) =>
      `${"# a line of many\n".repeat(8_000)}[[servers]]\nname = "a"\nenabled = ${on}\ncommand = "x"\n`;
    writeFileSync(file, text(true));
    const overrides = join(here.home, "data", "overrides.toml");
    const script = `
      const { editSettings } = await import(${JSON.stringify(built("actors/config/edit-file.js"))});
      const { withEnabled } = await import(${JSON.stringify(built("actors/config/server-blocks.js"))});
      const target = { layer: "user", file: ${JSON.stringify(file)} };
      const request = { files: [target], overrides: ${JSON.stringify(overrides)} };
      for (let on = false; ; on = !on)
        await editSettings(request, target, (text) => withEnabled(text, "a", on), async () => process.stdout.write("."));`;
    const seen = new Set<boolean>();
    for (let kill = 0; kill < kills; kill++) {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      // Each dot comes right before a write; which of them is answered with the kill is left to chance.
      for (let dots = 1 + Math.floor(Math.random() * 3); dots > 0; dots--) await once(child.stdout, "data");
      child.kill("SIGKILL");
      await once(child, "close");
      const found = readFileSync(file, "utf8");
      seen.add(found === text(true));
      expect([text(true), text(false)]).toContain(found);
    }
    expect(seen.size).toBeGreaterThan(0);
    expect((await banyan(here, ["servers", "add", "b", "--", "x"])).code).toBe(0); // no lock is left either
    expect(existsSync(`${file}.new`)).toBe(false);
  });
});

describe("banyan servers and tools, with a running app", () => {
  it("connects, disconnects and restarts a server; calls go through the app and a cancelled one ends there", async () => {
    const model = await startModelServer();
    onTestFinished(() => model.close());
    const block = (name: string, more: string) =>
      `[[servers]]\nname = "${name}"\ncommand = ${JSON.stringify(process.execPath)}\nargs = ["${hostile}"]\n${more}`;
    const config = `model = "openai:m"\n[providers.openai]\nbase_url = "${model.baseUrl}"\n${block("nasty", "")}${block("late", 'start = "lazy"\nidle_stop = "1s"\n')}${block("off", "enabled = false\n")}`;
    const here = place(temporaryHome(), config);
    here.env.OPENAI_API_KEY = "k";
    model.enqueue({ text: "a ".repeat(200), deltas: 200, paceMs: 500 });
    const app = startBanyan(here, ["-p", "question", "--yes"]);
    app.stdin.end();
    await once(app.stdout, "data");
    const status = async () => JSON.parse((await banyan(here, ["servers", "status", "nasty", "--json"])).stdout);

    const before = await status();
    expect(before).toMatchObject({ state: "ready", pid: expect.any(Number) });
    if (process.platform !== "win32")
      expect(before).toMatchObject({ memory: expect.any(Number), cpu: expect.any(Number) });
    expect(await banyan(here, ["servers", "restart", "nasty"])).toMatchObject({ code: 0, stderr: "" });
    expect((await status()).pid).not.toBe(before.pid);
    expect(isAlive(before.pid)).toBe(false);
    process.kill((await status()).pid, "SIGKILL");
    await expect.poll(status).toMatchObject({ state: "ready", lastEnd: { signal: "SIGKILL" } });
    const { stdout: shown } = await banyan(here, ["servers", "status", "nasty"]);
    expect(shown).toMatch(
      /^nasty is ready\n.*connected again {2}2×\n {2}last ended +\d{4}-.*because +it was ended by SIGKILL/s,
    );
    const called = await banyan(here, ["tools", "call", "nasty.progress_and_answer"]);
    expect(called).toEqual({ code: 0, stdout: "done\n", stderr: "1/1\n" });

    const hanging = startBanyan(here, ["tools", "call", "nasty.hang"]);
    await expect.poll(async () => (await banyan(here, ["audit", "list"])).stdout).toContain("nasty.hang");
    hanging.kill("SIGINT");
    const [code] = await once(hanging, "close");
    expect(code).toBe(130);
    expect(await banyan(here, ["servers", "disconnect", "nasty"])).toMatchObject({ code: 0 });
    expect(await status()).toMatchObject({ state: "disconnected" });
    const { stderr: refused } = await banyan(here, ["tools", "call", "nasty.echo", "message=x"]);
    expect(refused).toBe('banyan: the server "nasty" is disconnected; to have it back: banyan servers connect nasty\n');
    expect(await banyan(here, ["servers", "connect", "nasty"])).toMatchObject({ code: 0 });

    // Why a server is not up: not needed, or switched off; and one that is connected in spite of its settings is shown so.
    const states = async () => {
      const all: { name: string; state: string }[] = JSON.parse(
        (await banyan(here, ["servers", "list", "--json"])).stdout,
      );
      return Object.fromEntries(all.map(({ name, state }) => [name, state]));
    };
    await expect.poll(states).toMatchObject({ late: "asleep", off: "switched off" });
    expect(await banyan(here, ["servers", "connect", "off"])).toMatchObject({ code: 0 });
    expect(await states()).toMatchObject({ nasty: "ready", off: "ready" });
    app.kill("SIGTERM");
    await once(app, "close");
  });
});
