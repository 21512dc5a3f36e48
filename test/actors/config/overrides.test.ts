import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { loadConfig } from "../../../src/actors/config/load.js";
import { removeOverride, type StoringRequest, storeOverride } from "../../../src/actors/config/overrides.js";
import { root } from "../../support/banyan.js";
import { temporaryHome } from "../../support/home.js";

let request: StoringRequest = { files: [], overrides: "" };
beforeEach(() => {
  const folder = temporaryHome();
  const user = join(folder, "config.toml");
  writeFileSync(user, '[chat]\nmax_steps = 2\n[[servers]]\nname = "files"\ncommand = "x"\nenv = { A = "1" }\n');
  request = {
    files: [{ layer: "user", file: user }],
    env: { BANYAN_CHAT__MAX_STEPS: "3" },
    flags: [{ flag: "--max-steps", setting: "chat.max_steps", value: 4 }],
    overrides: join(folder, "data", "overrides.toml"),
  };
});

async function settings() {
  const result = await loadConfig(request);
  if ("error" in result) throw new Error(result.error.map(({ message }) => message).join("\n"));
  return result.ok;
}

describe("a stored setting", () => {
  test("is over every file, the environment and the flags, and says where it is from", async () => {
    expect((await settings()).config.chat.max_steps).toBe(4);
    expect((await storeOverride(request, "chat.max_steps", "5")).config.chat.max_steps).toBe(5);
    const { config, origins } = await settings();
    expect(config.chat.max_steps).toBe(5);
    expect(origins["chat.max_steps"]).toEqual({ layer: "runtime", file: request.overrides, line: 4 });
    expect(statSync(request.overrides).mode & 0o777).toBe(process.platform === "win32" ? 0o666 : 0o600);
  });

  test.each([
    ["chat.turn_timeout", "90s", 90_000],
    ["chat.turn_timeout", "1500", 1_500],
    ["chat.system_prompt", "42", "42"],
    ["chat.temperature", "0.5", 0.5],
    ["log.level", "debug", "debug"],
    ["bundled.demo", "true", true],
    ["approvals.allow", '["a.*"]', ["a.*"]],
    ["providers.openai.api_key", `\${env:KEY}`, `\${env:KEY}`],
  ])("%s is read as in the environment: %s", async (name, text, value) => {
    await storeOverride(request, name, text);
    const [section = "", key = "", inner = ""] = name.split(".");
    const { config } = await settings();
    const table: Record<string, unknown> = Object(Object(config)[section]);
    expect(inner === "" ? table[key] : Object(table[key])[inner]).toEqual(value);
  });

  test("may be one of a server, by its name, and leaves the rest of it alone", async () => {
    await storeOverride(request, "servers.files.enabled", "false");
    await storeOverride(request, "servers.files.env.B", "2");
    await storeOverride(request, "servers.files.timeout", "5s");
    const { config, origins } = await settings();
    expect(config.servers).toMatchObject([
      { name: "files", command: "x", env: { A: "1", B: "2" }, enabled: false, timeout: 5_000, approved: true },
    ]);
    expect(origins["servers.files.env.A"]).toMatchObject({ layer: "user" });
    expect(origins["servers.files.enabled"]).toMatchObject({ layer: "runtime" });
  });

  test("is taken out again, alone or with its table, and leaves nothing behind", async () => {
    for (const [name, text] of [
      ["chat.max_steps", "5"],
      ["chat.max_tokens", "6"],
      ["ui.theme", "dark"],
      ["servers.files.enabled", "false"],
      ["servers.files.env.B", "2"],
    ] as const) {
      await storeOverride(request, name, text);
    }
    await removeOverride(request, "chat.max_tokens");
    expect((await settings()).config.chat).toMatchObject({ max_steps: 5 });
    await removeOverride(request, "chat");
    await removeOverride(request, "servers.files.env.B");
    expect((await settings()).config.servers[0]).toMatchObject({ enabled: false, env: { A: "1" } });
    await removeOverride(request, "servers.files.enabled");
    await removeOverride(request, "ui.theme");
    expect(readFileSync(request.overrides, "utf8").replaceAll(/^#.*$/gm, "").trim()).toBe("");
    expect((await settings()).config.chat.max_steps).toBe(4);
  });
});

describe("what would not hold is refused and nothing is written", () => {
  test.each([
    ["chat.max_steps", "many", 'config set: chat.max_steps is "many"; allowed: a whole number from 1 to 1000.'],
    ["chat.max_step", "3", "config set: chat.max_step is no setting (did you mean max_steps?)"],
    ["chat", "3", "config set: chat is a number (not shown); allowed: a table."],
    ["servers.nope.enabled", "false", "servers.nope.command is missing"],
    ["servers.files.enable", "false", "config set: servers[0].enable is no setting (did you mean enabled?)"],
    ["providers.openai.api_key", "sk-s3cret", "config set: providers.openai.api_key is a string (not shown)"],
    ["", "3", 'config set: "" is no setting'],
    ["__proto__.x", "3", "config set: __proto__ is no setting"],
  ])("%s = %s", async (name, text, message) => {
    await expect(storeOverride(request, name, text)).rejects.toThrowError(message);
    expect(existsSync(request.overrides)).toBe(false);
  });

  test("also when another layer is broken, which is named", async () => {
    const file = request.files[0]?.file ?? "";
    writeFileSync(file, "[chat]\nmax_steps = 0\n");
    await expect(storeOverride(request, "ui.theme", "dark")).rejects.toThrowError(`${file}:2: chat.max_steps is 0`);
    expect(existsSync(request.overrides)).toBe(false);
  });

  test("and a stored file that somebody broke is named, not overwritten", async () => {
    await storeOverride(request, "ui.theme", "dark");
    writeFileSync(request.overrides, "[ui\n");
    await expect(storeOverride(request, "ui.theme", "light")).rejects.toThrowError(
      "overrides.toml:1: this is not valid TOML",
    );
    expect(readFileSync(request.overrides, "utf8")).toBe("[ui\n");
  });

  test("taking out what is not stored says so", async () => {
    await expect(removeOverride(request, "chat.max_steps")).rejects.toThrowError(
      "chat.max_steps is not set by banyan config set",
    );
    await expect(removeOverride(request, "chat.steps")).rejects.toThrowError("chat.steps is no setting");
  });
});

/** A program that stores one number after another under its key and prints each once it is stored. */
function writer(key: string): ChildProcess {
  const module = pathToFileURL(join(root, "dist", "actors", "config", "overrides.js")).href;
  const code = `import { storeOverride } from ${JSON.stringify(module)};
    const request = ${JSON.stringify(request)};
    for (let n = 1; ; n++) { await storeOverride(request, ${JSON.stringify(key)}, String(n)); console.log(n); }`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

describe("two writers at once", () => {
  test("lose nothing: forty settings stored together are all there", async () => {
    const names = Array.from({ length: 40 }, (_, index) => `V${index}`);
    await Promise.all(names.map((name) => storeOverride(request, `servers.files.env.${name}`, "x")));
    const { env = {} } = (await settings()).config.servers[0] ?? {};
    expect(Object.keys(env).sort()).toEqual(["A", ...names].sort());
  });

  test("and kill -9 of one at any moment: what it was told is stored is there, the file is whole and the other goes on", async () => {
    const keys = ["chat.max_tokens", "ui.history_size"] as const;
    const stored = { [keys[0]]: 0, [keys[1]]: 0 };
    const programs = keys.map((key) => {
      const program = writer(key);
      const lines = createInterface({ input: program.stdout ?? process.stdin });
      lines.on("line", (line) => {
        stored[key] = Number(line);
      });
      return { program, lines };
    });
    const [first, second] = programs;
    if (first === undefined || second === undefined) throw new Error("two were started");
    await expect.poll(() => Math.min(...Object.values(stored)), { interval: 1 }).toBeGreaterThan(5);
    const gone = new Promise((resolve) => first.lines.once("close", resolve));
    first.program.kill("SIGKILL");
    await gone;
    const before = stored[keys[1]];
    await expect.poll(() => stored[keys[1]], { interval: 1 }).toBeGreaterThan(before + 3);
    second.program.kill("SIGKILL");
    await new Promise((resolve) => second.lines.once("close", resolve));
    const { config } = await settings();
    expect(config.chat.max_tokens).toBeGreaterThanOrEqual(stored[keys[0]]);
    expect(config.chat.max_tokens).toBeLessThanOrEqual(stored[keys[0]] + 1);
    expect(config.ui.history_size).toBeGreaterThanOrEqual(stored[keys[1]]);
    await storeOverride(request, "ui.theme", "dark");
    expect(readdirSync(join(request.overrides, "..")).sort()).toEqual(["overrides.toml", "overrides.toml.lock"]);
  });
});
