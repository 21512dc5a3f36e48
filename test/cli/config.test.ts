import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { banyan, cli, type Place, place } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { hasTmux, RealTerminal } from "../support/terminal.js";

const LONG = { interval: 50 };

function withEnv(here: Place, env: NodeJS.ProcessEnv): Place {
  return { ...here, env: { ...here.env, ...env } };
}

function project(here: Place, toml: string): string {
  mkdirSync(join(here.cwd, ".banyan"));
  const file = join(here.cwd, ".banyan", "config.toml");
  writeFileSync(file, toml);
  return file;
}

const SECRETS = `[providers.openai]
api_key = "\${env:MY_KEY}"
[[servers]]
name = "files"
command = "true"
args = ["--token", "s3cret-argument", "--api-key=s3cret-option", "sk-s3cret-by-its-looks", "\${env:MY_KEY}", "plain"]
env = { KEY = "Bearer \${env:MY_KEY}", API_TOKEN = "s3cret-in-clear", LEVEL = "debug" }
`;

describe("banyan config show", () => {
  it("prints every setting with where it came from, and references in the place of secrets", async () => {
    const here = withEnv(place(temporaryHome(), SECRETS), { MY_KEY: "s3cret-from-env", BANYAN_CHAT__MAX_STEPS: "7" });
    const { code, stdout } = await banyan(here, ["config", "show", "--origins", "--log-level", "debug"]);
    const user = join(here.home, "config.toml");
    expect(code).toBe(0);
    expect(stdout.split("\n")).toEqual(
      expect.arrayContaining([
        `providers.openai.api_key = "\${env:MY_KEY}"  # ${user}:2`,
        "chat.max_steps = 7  # BANYAN_CHAT__MAX_STEPS",
        'chat.turn_timeout = "10m"  # default',
        'limits.tool_result = "256KB"  # default',
        'log.level = "debug"  # --log-level',
        `servers.files.args = ["--token", "(not shown)", "(not shown)", "(not shown)", "\${env:MY_KEY}", "plain"]  # ${user}:6`,
        `servers.files.env.KEY = "Bearer \${env:MY_KEY}"  # ${user}:7`,
        `servers.files.env.API_TOKEN = "(not shown)"  # ${user}:7`,
        `servers.files.env.LEVEL = "debug"  # ${user}:7`,
      ]),
    );
    const { stdout: json } = await banyan(here, ["config", "show", "--origins", "--json"]);
    expect(JSON.parse(json)).toMatchObject({
      value: { chat: { max_steps: 7, turn_timeout: 600_000 }, servers: { files: { command: "true" } } },
      origins: { "chat.max_steps": { layer: "environment", name: "BANYAN_CHAT__MAX_STEPS" } },
    });
    expect(stdout + json).not.toContain("s3cret");
  });

  it("prints one setting or one table, and names the one that was meant", async () => {
    const here = place(temporaryHome());
    expect((await banyan(here, ["config", "show", "breaker"])).stdout).toBe(
      'breaker.failures = 5\nbreaker.reset_after = "30s"\nbreaker.half_open_probes = 1\n',
    );
    expect((await banyan(here, ["config", "show", "model"])).stdout).toBe("# model is not set\n");
    const unknown = await banyan(here, ["config", "show", "chat.max_step"]);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("did you mean max_steps?") });
  });
});

describe("banyan config check", () => {
  it("fails with 3 on a reference to nothing, but not for a server that is switched off", async () => {
    const here = place(temporaryHome(), SECRETS);
    const checked = await banyan(here, ["config", "check"]);
    expect(checked.code).toBe(3);
    expect(checked.stderr.split("\n").sort()).toEqual([
      "",
      `banyan: ${here.home}/config.toml:2: providers.openai.api_key: The environment variable MY_KEY is not set; set it and start again.`,
      `banyan: ${here.home}/config.toml:6: servers.files.args: The environment variable MY_KEY is not set; set it and start again.`,
      `banyan: ${here.home}/config.toml:7: servers.files.env.KEY: The environment variable MY_KEY is not set; set it and start again.`,
    ]);
    expect((await banyan(withEnv(here, { MY_KEY: "x" }), ["config", "check"])).code).toBe(0);
    writeFileSync(
      join(here.home, "config.toml"),
      `[[servers]]\nname = "a"\ncommand = "x"\nenabled = false\nenv = { A = "\${env:NOPE}" }\n`,
    );
    expect((await banyan(here, ["config", "check"])).code).toBe(0);
  });
});

describe("banyan config set", () => {
  it("stores a setting over all others and takes it out again; what would not hold is refused with 3", async () => {
    const here = place(temporaryHome(), "[chat]\nmax_steps = 2\n");
    const shown = async () => (await banyan(here, ["config", "show", "chat.max_steps"])).stdout;
    const set = await banyan(here, ["config", "set", "chat.max_steps", "9"]);
    expect(set).toMatchObject({ code: 0, stderr: "" });
    expect(set.stdout).toContain("chat.max_steps = 9  # ");
    const many = await banyan(here, ["config", "set", "chat.max_steps", "many"]);
    expect(many).toMatchObject({ code: 3, stderr: expect.stringContaining('config set: chat.max_steps is "many"') });
    expect(await shown()).toBe("chat.max_steps = 9\n");
    expect((await banyan(here, ["config", "set", "--unset", "chat.max_steps"])).code).toBe(0);
    expect(await shown()).toBe("chat.max_steps = 2\n");
    expect((await banyan(here, ["config", "set", "chat.max_steps"])).code).toBe(2);
  });
});

describe("banyan config approve", () => {
  it("shows the file and approves nothing where nobody can be asked, unless told --yes", async () => {
    const here = place(temporaryHome());
    project(here, '[[servers]]\nname = "tool"\ncommand = "true"\n');
    const refused = await banyan(here, ["config", "approve"]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("banyan config approve --yes") });
    expect(refused.stdout).toContain('command = "true"');
    expect((await banyan(here, ["config", "check"])).stdout).toContain("waits for approval");
    expect((await banyan(here, ["config", "approve", "--yes"])).code).toBe(0);
    expect((await banyan(here, ["config", "check"])).stdout).toBe("The settings are valid.\n");
  });

  it.skipIf(!hasTmux)("asks on a terminal, where only a clear yes is one (needs tmux)", async () => {
    const here = place(temporaryHome());
    project(here, '[[servers]]\nname = "tool"\ncommand = "true"\n');
    const terminal = new RealTerminal(here, 200);
    for (const [answer, says] of [
      ["", "is not approved."],
      ["y", "is approved as it stands now."],
    ] as const) {
      terminal.enter(`clear; ${process.execPath} ${cli} config approve`);
      await expect.poll(() => terminal.screen(), LONG).toContain("Let it, as it stands now? [y/N]");
      terminal.enter(answer);
      await expect.poll(() => terminal.screen(), LONG).toContain(says);
    }
  });
});

describe.skipIf(!hasTmux)("settings of a chat that is open in a terminal (needs tmux)", () => {
  it("are applied as files change, kept when one breaks, and a project's servers wait for approval", async () => {
    const here = place(temporaryHome());
    const config = join(here.home, "config.toml");
    const terminal = new RealTerminal(here, 160);
    terminal.enter(`${process.execPath} ${cli}`);
    await expect.poll(() => terminal.screen(), LONG).toContain("offline · ● 1");

    writeFileSync(config, "[bundled]\ndemo = true\n");
    await expect.poll(() => terminal.screen(), LONG).toContain("offline · ● 2");
    expect(terminal.screen()).toContain("Applied from the settings: bundled.demo.");

    writeFileSync(config, '[bundled]\ndemo = false\n[chat]\nmax_steps = "three"\n');
    await expect
      .poll(() => terminal.screen().replaceAll(/\s+/g, " "), LONG)
      .toContain(
        `${config}:4: chat.max_steps is "three"; allowed: a whole number from 1 to 1000. The settings before it stay in force.`,
      );
    expect(terminal.screen()).toContain("offline · ● 2");

    writeFileSync(config, "[bundled]\ndemo = false\n[chat]\nmax_steps = 3\n");
    await expect.poll(() => terminal.screen(), LONG).toContain("The settings files are valid again.");
    await expect.poll(() => terminal.screen(), LONG).toContain("offline · ● 1");

    await banyan(here, ["config", "set", "bundled.demo", "true"]);
    await expect.poll(() => terminal.screen(), LONG).toContain("offline · ● 2");

    const started = join(here.home, "started");
    project(here, `[[servers]]\nname = "tool"\ncommand = "sh"\nargs = ["-c", "touch ${started}; cat >/dev/null"]\n`);
    await expect.poll(() => terminal.screen(), LONG).toContain("is not in force yet");
    expect(existsSync(started)).toBe(false);
    await banyan(here, ["config", "approve", "--yes"]);
    await expect.poll(() => existsSync(started), LONG).toBe(true);
  });
});
