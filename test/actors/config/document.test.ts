import { readFileSync } from "node:fs";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/sdk/validation/ajv";
import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { describeConfig } from "../../../src/actors/config/document.js";
import { jsonSchema } from "../../../src/actors/config/json-schema.js";
import { loadConfig } from "../../../src/actors/config/load.js";

const loadText = (toml: string) =>
  loadConfig({ files: [{ layer: "user", file: "/config.toml" }] }, () => new TextEncoder().encode(toml));

describe("config.toml", () => {
  test("in the repository is what the schema says (after a change: run this test with -u)", async () => {
    await expect(describeConfig()).toMatchFileSnapshot("../../../config.toml");
  });

  test("loads to exactly the defaults", async () => {
    const documented = await loadText(readFileSync(new URL("../../../config.toml", import.meta.url), "utf8"));
    const defaults = await loadConfig({ files: [] });
    expect("ok" in documented && documented.ok.config).toEqual("ok" in defaults && defaults.ok.config);
  });

  test("shows examples that are valid when their # is taken away", async () => {
    const uncommented = describeConfig().replaceAll(/^#(?=[[a-z])/gm, "");
    const result = await loadText(uncommented);
    expect(result).toMatchObject({
      ok: {
        config: {
          model: "openai:gpt-5",
          chat: { temperature: 0.7, max_tokens: 4096 },
          servers: [{ name: "files", command: "npx", restart: "on-failure", timeout: 30_000, approved: true }],
        },
      },
    });
  });

  test("explains every setting in one line above it", () => {
    const lines = describeConfig().split("\n");
    const settings = lines.flatMap((line, index) => (/^#?[a-z_]+ = /.test(line) ? [index] : []));
    expect(settings.length).toBeGreaterThan(30);
    for (const index of settings) expect(lines[index - 1], lines[index]).toMatch(/^# [A-Z].*\.$/);
  });
});

describe("the schema for editors", () => {
  const validate = new AjvJsonSchemaValidator().getValidator(JSON.parse(jsonSchema()));
  const accepts = (toml: string) => validate(parse(toml)).valid;

  test("in the repository is what the settings are (after a change: run this test with -u)", async () => {
    await expect(jsonSchema()).toMatchFileSnapshot("../../../config.schema.json");
  });

  test("is named in the first line of config.toml, where editors look for it", () => {
    expect(describeConfig().split("\n")[0]).toBe("#:schema ./config.schema.json");
  });

  test("accepts config.toml, also with every example in it, and a block that changes another file's server", () => {
    expect(accepts(describeConfig())).toBe(true);
    expect(accepts(describeConfig().replaceAll(/^#(?=[[a-z])/gm, ""))).toBe(true);
    expect(accepts('[[servers]]\nname = "files"\nenabled = false')).toBe(true);
  });

  test.each([
    "[chat]\nmax_step = 3",
    '[chat]\nmax_steps = "3"',
    "[chat]\nmax_steps = 0",
    '[chat]\nturn_timeout = "3 parsecs"',
    '[limits]\nline = "32s"',
    '[ui]\ntheme = "pink"',
    "[[servers]]\ncommand = 'x'",
    '[[servers]]\nname = "A B"\ncommand = "x"',
    "chat = 3",
  ])("refuses what the settings refuse: %j", async (toml) => {
    expect(accepts(toml)).toBe(false);
    expect("error" in (await loadText(toml))).toBe(true);
  });
});
