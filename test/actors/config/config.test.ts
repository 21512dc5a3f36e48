import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Config } from "../../../src/actors/config/config.js";
import { type LoadRequest, loadConfig } from "../../../src/actors/config/load.js";
import { ConfigError } from "../../../src/actors/config/problems.js";
import { Application, child, exit, getStatus, named, type Report, whereis } from "../../../src/supervision/index.js";
import { alone } from "../../support/config.js";
import { crashAtNextMessage } from "../../support/faults.js";

describe("the Config process", () => {
  const config = named<Config>("Config");
  let folder = "";
  let file = "";
  let request: LoadRequest = { files: [] };
  let app: Application | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "banyan-config-"));
    file = join(folder, "config.toml");
    writeFileSync(file, "[chat]\nmax_steps = 1\n");
    request = { files: [{ layer: "user", file }] };
    const loaded = await loadConfig(request);
    if (!("ok" in loaded)) throw new Error("not valid");
    const options = { ...alone, loaded: loaded.ok, request, subscriptions: [], added: [] };
    const spec = child(Config, options, { name: config, restart: "permanent" });
    app = await Application.start({ strategy: "one_for_one", maxRestarts: 3, maxSeconds: 5, children: [spec] });
  });

  afterEach(async () => {
    await app?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const crash = async () => {
    const before = whereis(config);
    if (before === undefined) throw new Error("not running");
    exit(before, "kill");
    await before.down;
  };

  test("gives the settings and where each came from", async () => {
    expect((await config.call.get()).chat.max_steps).toBe(1);
    const { loaded, problems } = await config.call.describe();
    expect(loaded.origins["chat.max_steps"]).toEqual({ layer: "user", file, line: 2 });
    expect(problems).toEqual([]);
  });

  test("a reload swaps in what the files say now", async () => {
    writeFileSync(file, "[chat]\nmax_steps = 2\n");
    expect((await config.call.get()).chat.max_steps).toBe(1);
    expect((await config.call.reload()).config.chat.max_steps).toBe(2);
    expect((await config.call.get()).chat.max_steps).toBe(2);
  });

  test("a reload of a broken file fails for its caller, changes nothing and is no crash", async () => {
    const before = whereis(config);
    writeFileSync(file, "[chat]\nmax_steps = 2\nturn_timeout = 'long'\n[ui]\ntheme = 1\n");
    const error: unknown = await config.call.reload().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({
      code: "config_invalid",
      problems: [{ key: "chat.turn_timeout" }, { key: "ui.theme" }],
    });
    expect((await config.call.get()).chat.max_steps).toBe(1);
    expect((await config.call.describe()).problems).toHaveLength(2);
    expect(whereis(config)).toBe(before);
    writeFileSync(file, "[chat]\nmax_steps = 3\n");
    await config.call.reload();
    expect((await config.call.describe()).problems).toEqual([]);
  });

  test("after a crash it has what the files say", async () => {
    writeFileSync(file, "[chat]\nmax_steps = 4\n");
    await crash();
    expect((await config.call.get()).chat.max_steps).toBe(4);
  });

  test("after a crash with a file that broke meanwhile it goes on with the settings of the start, and says why", async () => {
    writeFileSync(file, "[chat\n");
    await crash();
    expect((await config.call.get()).chat.max_steps).toBe(1);
    expect((await config.call.describe()).problems).toMatchObject([
      { message: `${file}:1: this is not valid TOML at column 6: illegal character in key.` },
    ]);
  });

  test("shows references alone, in its status and in a crash report, also where a secret was written in clear", async () => {
    writeFileSync(
      file,
      `providers.openai.api_key = "\${env:KEY}"\n[[servers]]\nname = "a"\ncommand = "x"\nargs = ["--token", "s3cret"]\nenv = { TOKEN = "s3cret" }`,
    );
    await config.call.reload();
    expect((await config.call.get()).servers[0]?.args).toEqual(["--token", "s3cret"]);
    const crashed = new Promise<Report>((resolve) => app?.on("crash", resolve));
    const noticed = crashAtNextMessage("Config");
    const status = JSON.stringify(await getStatus(config));
    config.cast.get();
    await noticed;
    const report = JSON.stringify(await crashed);
    for (const shown of [status, report, JSON.stringify(app?.tree())]) expect(shown).not.toContain("s3cret");
    for (const shown of [status, report]) expect(shown).toContain(`\${env:KEY}`);
  });
});
