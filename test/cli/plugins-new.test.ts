import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scaffold } from "../../src/mcp/host/plugins/scaffold.js";
import { banyan, type Place, place, startBanyan } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";

describe("banyan plugins new", () => {
  it("writes a plugin that passes its own test at once, in JavaScript and in TypeScript, and answers", async () => {
    const here = place(temporaryHome());
    expect(await banyan(here, ["plugins", "new", "plain"])).toMatchObject({ code: 0, stderr: "" });
    expect(await banyan(here, ["plugins", "new", "typed", "--ts"])).toMatchObject({ code: 0, stderr: "" });
    const { code, stdout } = await banyan(here, ["plugins", "test"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^plain +ok +1 +1 passed +\d+$/m);
    expect(stdout).toMatch(/^typed +ok +1 +1 passed +\d+$/m);
    const called = await banyan(here, ["tools", "call", "typed.greet", "name=Ada"]);
    expect(called).toEqual({ code: 0, stdout: "Hello, Ada, from typed.\n", stderr: "" });
  });

  it("writes over nothing and nowhere else, and approves only what it wrote", async () => {
    const here = place(temporaryHome());
    const strange = join(here.cwd, "plugins", "strange");
    mkdirSync(strange, { recursive: true });
    writeFileSync(join(strange, "package.json"), '{"banyan":{}}');
    writeFileSync(join(strange, "index.js"), "");
    expect(await banyan(here, ["plugins", "new", "strange"])).toMatchObject({
      code: 1,
      stderr: "banyan: plugins/strange is there already; choose another name, or remove it.\n",
    });
    expect(await banyan(here, ["plugins", "new", "host"])).toMatchObject({ code: 2 });
    expect(await banyan(here, ["plugins", "new", "needs", "some-package", "--no-install"])).toMatchObject({ code: 0 });
    expect(readdirSync(here.cwd)).toEqual(["plugins"]);
    expect(readdirSync(join(here.cwd, "plugins"))).toEqual(["needs", "strange"]);
    const { code, stderr } = await banyan(here, ["plugins", "test"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/strange: look at it, then run banyan config approve/);
    expect(stderr).toMatch(/needs: .*some-package, not installed; run npm install in plugins\/needs/);
    const asks = { read: Array.from({ length: 20 }, (_, i) => `./some/folder/${i}`), run: true };
    writeFileSync(join(strange, "package.json"), JSON.stringify({ banyan: { permissions: asks } }));
    const shown = await banyan(here, ["config", "approve"]);
    expect(shown).toMatchObject({ code: 1, stderr: expect.stringMatching(/--yes once you have looked/) });
    // However much it asks for, nothing of it is cut off, and what lets it do anything stands first.
    expect(shown.stdout).toMatch(/may\n {2}start programs \(so anything you may\)\n {2}read \.\/some\/folder\/0\n/);
    expect(shown.stdout).toContain("read ./some/folder/19\n");
  });
});

describe("banyan plugins test", () => {
  it("says which plugin is not as it should be, and lets tests reach no more than the plugin does", async () => {
    const { here, folder } = withPlugins("curious", "dead", "vague");
    const secret = join(here.home, "secret");
    writeFileSync(secret, "hidden");
    const canary = join(here.home, "canary");
    const attempts = `import { readFileSync, writeFileSync } from "node:fs";
test("reads", () => void readFileSync(${JSON.stringify(secret)}));
test("writes", () => writeFileSync(${JSON.stringify(canary)}, "out"));
`;
    appendFileSync(join(folder, "curious", "greet.test.js"), attempts);
    writeFileSync(join(folder, "dead", "index.js"), "process.exit(3);\n");
    const nameless = 'server.registerTool("nameless", { description: "" }, () => ({ content: [] }));\n';
    appendFileSync(join(folder, "vague", "index.js"), nameless);
    const { code, stdout } = await banyan(here, ["plugins", "test", "--json"]);
    expect(code).toBe(1);
    const [curious, dead, vague] = JSON.parse(stdout);
    expect(curious).toMatchObject({ name: "curious", ok: false, faults: ["greet.test.js: 2 failed"] });
    expect(curious.tests).toMatchObject([
      { passed: 1, failed: 2, output: expect.stringContaining("ERR_ACCESS_DENIED") },
    ]);
    expect(existsSync(canary)).toBe(false);
    expect(dead).toMatchObject({ name: "dead", ok: false, tools: 0 });
    expect(dead.faults[0]).toMatch(/did not start: .*exit code 3/);
    expect(vague.faults).toContain('"nameless" has no description, by which a model would choose it');
  });

  it("--inspect starts it under a debugger that can be reached, until it is told to stop", async () => {
    const { here } = withPlugins("probed");
    const program = startBanyan(here, ["plugins", "test", "probed", "--inspect"]);
    const closed = once(program, "close");
    let said = "";
    let address: string | undefined;
    for await (const part of program.stdout.setEncoding("utf8")) {
      said += part;
      address = /listens on (127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (address !== undefined) break;
    }
    const targets = await (await fetch(`http://${address}/json/list`)).json();
    expect(targets).toHaveLength(1);
    program.kill("SIGTERM");
    expect((await closed)[0]).toBe(0);
    await expect(fetch(`http://${address}/json/list`)).rejects.toThrow();
  });
});

/** In a folder of the user's own, which need no approval. */
function withPlugins(...names: readonly string[]): { readonly here: Place; readonly folder: string } {
  const home = temporaryHome();
  const folder = join(home, "mine");
  for (const name of names) {
    mkdirSync(join(folder, name), { recursive: true });
    const files = scaffold({ name, dependencies: [], typescript: false });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text);
  }
  return { here: place(home, `[plugins]\nfolders = [${JSON.stringify(folder)}]\n`), folder };
}
