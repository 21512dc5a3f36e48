import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LoadRequest, loadConfig } from "../../../src/actors/config/load.js";
import { ConfigError } from "../../../src/actors/config/problems.js";
import { schemaAt, settingsIn } from "../../../src/actors/config/schema.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "banyan-broken-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function messages(request: LoadRequest): Promise<string[]> {
  const result = await loadConfig(request);
  return "error" in result ? result.error.map(({ message }) => message.replaceAll(folder, "/x")) : ["valid"];
}

function messagesOf(content: string | Uint8Array, name = "c.toml"): Promise<string[]> {
  writeFileSync(join(folder, name), content);
  return messages({ files: [{ layer: "user", file: join(folder, name) }] });
}

const TOP = Object.keys(settingsIn(schemaAt([]))).join(", ");
const CHAT = Object.keys(settingsIn(schemaAt(["chat"]))).join(", ");
const SERVER = Object.keys(settingsIn(schemaAt(["servers", 0]))).join(", ");
const NAME = 'a name of a-z, 0-9, "_" and "-" that begins with a letter or digit, at most 64 long';
const time = (least: string, most: string) =>
  `a time such as "30s" (ms, s, m, h or d), or milliseconds as a number, from ${least} to ${most}`;
const size = (least: string, most: string) =>
  `a size such as "256KB" (B, KB, MB or GB), or bytes as a number, from ${least} to ${most}`;
const ADDRESS = 'an address such as "https://host/v1" without a user name or password';
const REFERENCE = `a reference, "\${env:NAME}" or "\${file:/PATH}", never the secret itself`;
const VARIABLE = `a text in which secrets stand as \${env:NAME} or \${file:/PATH}`;
const HEADER = `a text of visible ASCII in which secrets stand as \${env:NAME} or \${file:/PATH}`;
const NO_ADDRESS = `is a string (not shown); allowed: an address such as "https://host/mcp" without a user name or password; secrets in it stand as \${env:NAME}`;
const remote = (url: string) => `[[servers]]\nname = "a"\nurl = "${url}"\n`;
const server = (line: string) => `[[servers]]\nname = "a"\ncommand = "x"\n${line}\n`;

describe("a broken file is refused with one sentence that names the place, the find and the mend", () => {
  const cases: readonly (readonly [what: string, toml: string, message: string])[] = [
    // Wrong types
    ["a number for a table", "chat = 3", "/x/c.toml:1: chat is a number (not shown); allowed: a table."],
    ["a list for a table", "\nchat = []", "/x/c.toml:2: chat is a list of 0; allowed: a table."],
    ["a date for a table", "chat = 1979-05-27", "/x/c.toml:1: chat is a date; allowed: a table."],
    [
      "a text for a number",
      '[chat]\nmax_steps = "25"',
      '/x/c.toml:2: chat.max_steps is "25"; allowed: a whole number from 1 to 1000.',
    ],
    [
      "a fraction for a whole number",
      "[chat]\n\n# three\nmax_steps = 2.5",
      "/x/c.toml:4: chat.max_steps is 2.5; allowed: a whole number from 1 to 1000.",
    ],
    [
      "a number out of range",
      "[breaker]\nfailures = 0",
      "/x/c.toml:2: breaker.failures is 0; allowed: a whole number from 1 to 1000.",
    ],
    [
      "no number at all",
      "[chat]\ntemperature = nan",
      "/x/c.toml:2: chat.temperature is NaN; allowed: a number from 0 to 2.",
    ],
    ["a word for a switch", '[bundled]\nhost = "yes"', '/x/c.toml:2: bundled.host is "yes"; allowed: true or false.'],
    [
      "a pool that is called what no pool may be",
      '[pools."A b"]\nurl = "http://x"',
      '/x/c.toml:1: pools."A b" is no name for a pool; allowed: a-z, 0-9, "_" and "-", beginning with a letter or digit, at most 64 long.',
    ],
    [
      "an unknown setting of a pool",
      '[pools.model]\nurl = "http://x"\nmaxx = 3',
      "/x/c.toml:3: pools.model.maxx is no setting (did you mean max?); allowed in [pools.model]: url, min, max, idle, queue, health_path, health_interval.",
    ],
    [
      "a pool without its url",
      "[pools.model]\nmax = 3",
      `/x/c.toml:2: pools.model.url is missing; allowed: ${ADDRESS}.`,
    ],
    [
      "a pool whose least is above its most",
      '[pools.model]\nurl = "http://x"\nmin = 9',
      "/x/c.toml:3: pools.model.min is 9; allowed: at most its max, 8.",
    ],
    ["a number for a text", "[chat]\nsystem_prompt = 1", "/x/c.toml:2: chat.system_prompt is 1; allowed: a text."],
    [
      "a word that is no choice",
      '[ui]\ntheme = "pink"',
      '/x/c.toml:2: ui.theme is "pink"; allowed: "auto", "dark", "light", "solarized-dark", "solarized-light", "high-contrast", "high-contrast-light", "mono".',
    ],
    [
      "a text for a list",
      'approvals.allow = "files.*"',
      '/x/c.toml:1: approvals.allow is "files.*"; allowed: a list such as ["files.read_*"], at most 1000 long.',
    ],
    [
      "a wrong member of a list, on its own line",
      '[approvals]\nallow = [\n  "files.*",\n  "a b",\n]',
      '/x/c.toml:4: approvals.allow[1] is "a b"; allowed: a tool name with * for any part, such as "files.read_*".',
    ],
    // Units
    [
      "a time without its unit",
      '[chat]\nturn_timeout = "30"',
      `/x/c.toml:2: chat.turn_timeout is "30"; allowed: ${time("10ms", "24h")}.`,
    ],
    [
      "a time with an unknown unit",
      '[breaker]\nreset_after = "3 parsecs"',
      `/x/c.toml:2: breaker.reset_after is "3 parsecs"; allowed: ${time("10ms", "24h")}.`,
    ],
    [
      "a time that is too long",
      '[providers.openai]\nstall_timeout = "2h"',
      `/x/c.toml:2: providers.openai.stall_timeout is "2h"; allowed: ${time("10ms", "1h")}.`,
    ],
    [
      "a time below zero",
      "[chat]\nturn_timeout = -1",
      `/x/c.toml:2: chat.turn_timeout is -1; allowed: ${time("10ms", "24h")}.`,
    ],
    [
      "a size with a unit of time",
      '[limits]\nline = "32s"',
      `/x/c.toml:2: limits.line is "32s"; allowed: ${size("64KB", "256MB")}.`,
    ],
    [
      "a size that is too small",
      "[limits]\ntool_result = 12",
      `/x/c.toml:2: limits.tool_result is 12; allowed: ${size("1KB", "64MB")}.`,
    ],
    // Unknown keys
    [
      "a typing error in a key",
      "[chat]\nmax_step = 3",
      `/x/c.toml:2: chat.max_step is no setting (did you mean max_steps?); allowed in [chat]: ${CHAT}.`,
    ],
    [
      "a key in another style",
      "[chat]\nmaxSteps = 3",
      `/x/c.toml:2: chat.maxSteps is no setting (did you mean max_steps?); allowed in [chat]: ${CHAT}.`,
    ],
    [
      "swapped letters in a table's name",
      "[caht]\nmax_steps = 3",
      `/x/c.toml:1: caht is no setting (did you mean chat?); allowed at the top: ${TOP}.`,
    ],
    [
      "a key in the wrong table",
      "max_steps = 3",
      `/x/c.toml:1: max_steps is no setting (did you mean chat.max_steps?); allowed at the top: ${TOP}.`,
    ],
    [
      "another host's name for servers",
      "[mcpServers.files]\ncommand = 'x'",
      `/x/c.toml:1: mcpServers is no setting (did you mean servers?); allowed at the top: ${TOP}.`,
    ],
    ["a key like nothing", "zzz = 1", `/x/c.toml:1: zzz is no setting; allowed at the top: ${TOP}.`],
    [
      "an unknown key with signs that steer a terminal",
      '"\\u001b[2J\\u009b1m" = 1',
      `/x/c.toml:1: "\\u001b[2J\\u009b1m" is no setting; allowed at the top: ${TOP}.`,
    ],
    [
      "a server's key that does not exist",
      server('max_disk = "512MB"'),
      `/x/c.toml:4: servers[0].max_disk is no setting; allowed in [[servers]]: ${SERVER}.`,
    ],
    // The model and its providers
    [
      "a model without its provider",
      'model = "gpt-5"',
      '/x/c.toml:1: model is "gpt-5"; allowed: "anthropic:NAME", "openai:NAME", "ollama:NAME", "local:NAME" or "offline".',
    ],
    [
      "an address of another protocol",
      'providers.ollama.base_url = "ftp://host"',
      `/x/c.toml:1: providers.ollama.base_url is "ftp://host"; allowed: ${ADDRESS}.`,
    ],
    [
      "an address with a password, which is not repeated",
      '[providers.openai]\nbase_url = "https://ada:s3cret@host/v1"',
      `/x/c.toml:2: providers.openai.base_url is "https://…@host/v1"; allowed: ${ADDRESS}.`,
    ],
    [
      "a key in clear text, which is not repeated",
      '[providers.openai]\napi_key = "sk-s3cret"',
      `/x/c.toml:2: providers.openai.api_key is a string (not shown); allowed: ${REFERENCE}.`,
    ],
    [
      "a key in the place of its table, which is not repeated",
      'providers.openai = "sk-s3cret"',
      "/x/c.toml:1: providers.openai is a string (not shown); allowed: a table.",
    ],
    // Servers
    [
      "a server without a name",
      "\n[[servers]]\ncommand = 'x'",
      `/x/c.toml:2: servers[0].name is missing; allowed: ${NAME}.`,
    ],
    [
      "a server with a bad name",
      '[[servers]]\nname = "My Files"\ncommand = "x"',
      `/x/c.toml:2: servers[0].name is "My Files"; allowed: ${NAME}.`,
    ],
    [
      "a server's name used twice",
      `${server("")}\n${server("")}`,
      '/x/c.toml:7: servers[1].name is "a"; allowed: a name only once in a file.',
    ],
    [
      "a server without a command",
      '[[servers]]\nname = "a"\nargs = []',
      "/x/c.toml:1: servers.a.command is missing; allowed: either a command, for a program, or a url, for a server elsewhere.",
    ],
    [
      "an empty command",
      '[[servers]]\nname = "a"\ncommand = ""',
      '/x/c.toml:3: servers[0].command is ""; allowed: the program to start, such as "npx".',
    ],
    [
      "arguments in one text",
      server('args = "-y server"'),
      '/x/c.toml:4: servers[0].args is "-y server"; allowed: a list such as ["-y", "some-server"], at most 1000 long.',
    ],
    [
      "an argument that is no text",
      server('args = ["-p", 80]'),
      "/x/c.toml:4: servers[0].args[1] is 80; allowed: a text.",
    ],
    [
      "an unknown restart rule",
      server('restart = "sometimes"'),
      '/x/c.toml:4: servers[0].restart is "sometimes"; allowed: "always", "on-failure", "never".',
    ],
    [
      "an environment in one text, which is not repeated",
      server('env = "TOKEN=s3cret"'),
      `/x/c.toml:4: servers[0].env is a string (not shown); allowed: a table such as { TOKEN = "\${env:TOKEN}" }.`,
    ],
    [
      "an environment variable that is no text",
      server("[servers.env]\nPORT = 80"),
      `/x/c.toml:5: servers[0].env.PORT is a number (not shown); allowed: ${VARIABLE}.`,
    ],
    [
      "a reference of another kind",
      server(`env = { HOME = "\${HOME}" }`),
      `/x/c.toml:4: servers[0].env.HOME is a string (not shown); allowed: ${VARIABLE}.`,
    ],
    [
      "a bad name of a variable",
      server('env = { "A B" = "1" }'),
      '/x/c.toml:4: servers[0].env."A B" is no name for an environment variable; allowed: letters, digits and "_".',
    ],
    [
      "a server with a command and a url",
      server('url = "https://h/mcp"'),
      "/x/c.toml:4: servers.a.url is a string (not shown); allowed: either a command, for a program, or a url, for a server elsewhere.",
    ],
    ["a url with a password", remote("https://u:s3cret@h/"), `/x/c.toml:3: servers[0].url ${NO_ADDRESS}.`],
    ["a url with a key in it", remote("https://h/?api_key=s3cret"), `/x/c.toml:3: servers[0].url ${NO_ADDRESS}.`],
    [
      "a url that everybody on the way can read",
      remote("http://192.168.0.7/mcp"),
      "/x/c.toml:3: servers.a.url is a string (not shown); allowed: an address that begins with https://, for over http:// anybody on the way reads and changes what is sent; plain_http = true allows it.",
    ],
    [
      "a secret in a header",
      `${remote("https://h/")}headers = { Authorization = "Bearer s3cret" }`,
      `/x/c.toml:4: servers[0].headers.Authorization is a string (not shown); allowed: ${HEADER}.`,
    ],
    [
      "a header of the protocol's own",
      `${remote("https://h/")}headers = { Mcp-Session-Id = "1" }`,
      "/x/c.toml:4: servers[0].headers.Mcp-Session-Id is a string (not shown); allowed: no header that Banyan sets itself.",
    ],
    [
      "a bad name of a header",
      `${remote("https://h/")}headers = { "A B" = "1" }`,
      '/x/c.toml:4: servers[0].headers."A B" is no name for a header; allowed: letters, digits, "-" and what else HTTP allows.',
    ],
    [
      "servers as one table",
      "[servers.files]\ncommand = 'x'",
      "/x/c.toml:1: servers is a table; allowed: [[servers]] blocks in a configuration file.",
    ],
    ["servers as names", 'servers = ["files"]', "/x/c.toml:1: servers[0] is a string (not shown); allowed: a table."],
    // TOML itself
    ["no value", "model = \n", "/x/c.toml:1: this is not valid TOML at column 9: invalid value."],
    [
      "a word without quotes",
      "# one\nmodel = offline",
      "/x/c.toml:2: this is not valid TOML at column 9: invalid value.",
    ],
    [
      "a header that does not end",
      "[chat\nmax_steps = 3",
      "/x/c.toml:1: this is not valid TOML at column 6: illegal character in key.",
    ],
    [
      "a table declared twice",
      "[chat]\n[ui]\n[chat]",
      "/x/c.toml:3: this is not valid TOML at column 2: trying to redefine an already defined table or value.",
    ],
    [
      "a text that does not end, whose content is not repeated",
      '[chat]\nsystem_prompt = "s3cret',
      "/x/c.toml:2: this is not valid TOML at column 17: unfinished string.",
    ],
    [
      "two settings on one line",
      "model = 'offline' x = 1",
      "/x/c.toml:1: this is not valid TOML at column 19: each key-value declaration must be followed by an end-of-line.",
    ],
    [
      "a key that could change objects of the program",
      "[chat]\n__proto__.polluted = true",
      "/x/c.toml:2: this is not valid TOML at column 1: document contains an unsafe property.",
    ],
    [
      "a file that ends in the middle of a list, as one half-written does",
      '[approvals]\nallow = ["a.*",\n',
      "/x/c.toml:3: this is not valid TOML at column 1: invalid value.",
    ],
    [
      "a file that ends in the middle of a key",
      "[chat]\nmax_st",
      "/x/c.toml:2: this is not valid TOML at column 1: incomplete key-value: cannot find end of key.",
    ],
    [
      "a setting given twice",
      "[chat]\nmax_steps = 3\nmax_steps = 4",
      "/x/c.toml:3: this is not valid TOML at column 1: trying to redefine an already defined table or value.",
    ],
    [
      "a control character",
      "[chat]\nsystem_prompt = 'a\u0007b'",
      "/x/c.toml:2: this is not valid TOML at column 19: control characters are not allowed in strings.",
    ],
    [
      "a number with a leading zero",
      "[chat]\nmax_steps = 025",
      "/x/c.toml:2: this is not valid TOML at column 13: illegal leading zero.",
    ],
    [
      "a switch as other languages write it",
      "[bundled]\nhost = True",
      "/x/c.toml:2: this is not valid TOML at column 8: invalid value.",
    ],
    [
      "a mistake in a file that begins with a byte order mark, on its line",
      "\uFEFF[chat]\r\nmax_steps = 0\r\n",
      "/x/c.toml:2: chat.max_steps is 0; allowed: a whole number from 1 to 1000.",
    ],
    ["blocks for a table", "[[chat]]\nmax_steps = 3", "/x/c.toml:1: chat is a list of 1; allowed: a table."],
    [
      "a number too large for any number",
      "[chat]\nmax_tokens = 99999999999999999999",
      "/x/c.toml:2: this is not valid TOML at column 14: integer value cannot be represented losslessly.",
    ],
    [
      "a time of the wrong unit",
      '[limits]\nresource_age = "5MB"',
      `/x/c.toml:2: limits.resource_age is "5MB"; allowed: ${time("10ms", "30d")}.`,
    ],
    [
      "a size in another case",
      '[limits]\nline = "32mb"',
      `/x/c.toml:2: limits.line is "32mb"; allowed: ${size("64KB", "256MB")}.`,
    ],
    [
      "a reference to no name",
      `[providers.openai]\napi_key = "\${env:}"`,
      `/x/c.toml:2: providers.openai.api_key is a string (not shown); allowed: ${REFERENCE}.`,
    ],
    [
      "a reference to a relative path",
      `[providers.openai]\napi_key = "\${file:key}"`,
      `/x/c.toml:2: providers.openai.api_key is a string (not shown); allowed: ${REFERENCE}.`,
    ],
    [
      "a reference with a secret beside it, which is not repeated",
      `[providers.openai]\napi_key = "s3cret\${env:KEY}"`,
      `/x/c.toml:2: providers.openai.api_key is a string (not shown); allowed: ${REFERENCE}.`,
    ],
    ["JSON", '{ "model": "offline" }', "/x/c.toml:1: this is not valid TOML at column 1: illegal character in key."],
  ];
  test.each(cases)("%s", async (_what, toml, message) => {
    expect(await messagesOf(toml)).toEqual([message]);
  });
});

describe("a file that cannot be read", () => {
  const inPlaceOf = (name: string) => messages({ files: [{ layer: "user", file: join(folder, name) }] });

  test("a folder in its place", async () => {
    mkdirSync(join(folder, "c.toml"));
    expect(await inPlaceOf("c.toml")).toEqual([
      "/x/c.toml: this file cannot be read: it is a folder, and a file is needed; mend it or move it away.",
    ]);
  });

  test.skipIf(process.platform === "win32")("a named pipe, which would make the start wait for ever", async () => {
    execFileSync("mkfifo", [join(folder, "c.toml")]);
    expect(await inPlaceOf("c.toml")).toEqual([
      "/x/c.toml: this file cannot be read: it is not a regular file; mend it or move it away.",
    ]);
  });

  test.skipIf(process.platform === "win32")("links that run in a circle", async () => {
    symlinkSync(join(folder, "c.toml"), join(folder, "c.toml"));
    expect(await inPlaceOf("c.toml")).toEqual([
      "/x/c.toml: this file cannot be read: its symbolic links run in a circle; mend it or move it away.",
    ]);
  });

  test("no permission", async () => {
    // Whoever runs the tests may be allowed everything, so the refusal comes from the reader.
    const refused = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
    const result = await loadConfig({ files: [{ layer: "user", file: "/x/c.toml" }] }, () => {
      throw refused;
    });
    expect(result).toEqual({
      error: [{ message: "/x/c.toml: this file cannot be read: you may not read it; mend it or move it away." }],
    });
  });

  test("more than 256 KB", async () => {
    expect(await messagesOf("#".repeat(256 * 1024))).toEqual(["valid"]);
    expect(await messagesOf("#".repeat(256 * 1024 + 1))).toEqual([
      "/x/c.toml: this file cannot be read: it has 262145 bytes, and at most 262144 are allowed; mend it or move it away.",
    ]);
  });

  test("text that is not UTF-8, by the line", async () => {
    const latin1 = Buffer.from("# fine\n\nmodel = 'caf\xe9'\n", "latin1");
    expect(await messagesOf(latin1)).toEqual(["/x/c.toml:3: this is not UTF-8 text; save the file as UTF-8."]);
    expect(await messagesOf(Buffer.from("\uFEFFmodel = 'offline'", "utf16le"))).toEqual([
      "/x/c.toml:1: this is not UTF-8 text; save the file as UTF-8.",
    ]);
  });

  test("a file named with --config that is not there, while any other is simply absent", async () => {
    const file = join(folder, "none.toml");
    expect(await messages({ files: [{ layer: "named", file }] })).toEqual([
      "/x/none.toml: there is no such file; give --config the path of one that exists.",
    ]);
    expect(await messages({ files: [{ layer: "user", file }] })).toEqual(["valid"]);
    // A file where the folder should be.
    writeFileSync(file, "");
    expect(await messages({ files: [{ layer: "user", file: join(file, "config.toml") }] })).toEqual(["valid"]);
  });
});

describe("a broken variable or flag", () => {
  test.each([
    [
      { BANYAN_CHAT__MAX_STEPS: "many" },
      'BANYAN_CHAT__MAX_STEPS: chat.max_steps is "many"; allowed: a whole number from 1 to 1000.',
    ],
    [
      { BANYAN_CHAT__MAX_STEP: "3" },
      `BANYAN_CHAT__MAX_STEP: chat.max_step is no setting (did you mean max_steps?); allowed in [chat]: ${CHAT}.`,
    ],
    [{ BANYAN_FOO__BAR: "1" }, `BANYAN_FOO__BAR: foo is no setting; allowed at the top: ${TOP}.`],
    [{ BANYAN_CHAT__: "1" }, `BANYAN_CHAT__: chat."" is no setting; allowed in [chat]: ${CHAT}.`],
    [
      { BANYAN_CHAT__MAX_STEPS__DEEPER: "1" },
      "BANYAN_CHAT__MAX_STEPS__DEEPER: chat.max_steps is a table; allowed: a whole number from 1 to 1000.",
    ],
    [
      { BANYAN_MODEL: "gpt-5" },
      'BANYAN_MODEL: model is "gpt-5"; allowed: "anthropic:NAME", "openai:NAME", "ollama:NAME", "local:NAME" or "offline".',
    ],
    [{ MCP_LOG_LEVEL: "loud" }, 'MCP_LOG_LEVEL: log.level is "loud"; allowed: "debug", "info", "warn", "error".'],
    [{ MCP_CACHE_TTL: "long" }, `MCP_CACHE_TTL: catalog.cache_ttl is "long"; allowed: ${time("10ms", "30d")}.`],
    [{ MCP_AUTO_RESTART: "maybe" }, 'MCP_AUTO_RESTART is "maybe"; allowed: true or false.'],
    [
      { BANYAN_APPROVALS__ALLOW: '["a"' },
      'BANYAN_APPROVALS__ALLOW: approvals.allow is "[\\"a\\""; allowed: a list such as ["files.read_*"], at most 1000 long.',
    ],
    [
      { BANYAN_SERVERS__FILES__COMMAND: "x" },
      "BANYAN_SERVERS__FILES__COMMAND: servers is a table; allowed: [[servers]] blocks in a configuration file.",
    ],
    [
      { BANYAN_PROVIDERS__OPENAI__API_KEY: "sk-s3cret" },
      `BANYAN_PROVIDERS__OPENAI__API_KEY: providers.openai.api_key is a string (not shown); allowed: ${REFERENCE}.`,
    ],
  ])("%j", async (env, message) => {
    expect(await messages({ files: [], env })).toEqual([message]);
  });

  test("a flag is named as the user typed it", async () => {
    const flags = [
      { flag: "--log-level", setting: "log.level", value: "loud" },
      { flag: "--allow", setting: "approvals.allow", value: ["a b"] },
    ];
    expect(await messages({ files: [], flags })).toEqual([
      '--log-level: log.level is "loud"; allowed: "debug", "info", "warn", "error".',
      '--allow: approvals.allow[0] is "a b"; allowed: a tool name with * for any part, such as "files.read_*".',
    ]);
  });
});

describe("several problems", () => {
  test("are all told, in the order of the file, and those of every layer", async () => {
    writeFileSync(join(folder, "a.toml"), "[ui]\ntheme = 1\n[chat]\nmax_steps = 0\nextra = 1\n");
    writeFileSync(join(folder, "b.toml"), "[[servers]]\nname = 'A'\n");
    const found = await messages({
      files: [
        { layer: "system", file: join(folder, "a.toml") },
        { layer: "user", file: join(folder, "b.toml") },
      ],
      env: { BANYAN_LOG__LEVEL: "x" },
    });
    expect(found.map((message) => message.split(" is ")[0])).toEqual([
      "/x/a.toml:2: ui.theme",
      "/x/a.toml:4: chat.max_steps",
      "/x/a.toml:5: chat.extra",
      "/x/b.toml:2: servers[0].name",
      "BANYAN_LOG__LEVEL: log.level",
    ]);
  });

  test("a server that no layer gives a command is told where it was first named", async () => {
    writeFileSync(join(folder, "a.toml"), "[[servers]]\nname = 'a'\ncommand = 'x'\n[[servers]]\nname = 'b'\n");
    writeFileSync(join(folder, "b.toml"), "\n\n[[servers]]\nname = 'b'\nargs = []\n");
    const files = ["a.toml", "b.toml"].map((name) => ({ layer: "user" as const, file: join(folder, name) }));
    expect(await messages({ files })).toEqual([
      "/x/a.toml:4: servers.b.command is missing; allowed: either a command, for a program, or a url, for a server elsewhere.",
    ]);
  });

  test("a value that a stronger layer replaces must be valid all the same", async () => {
    writeFileSync(join(folder, "a.toml"), "model = 'x'");
    const files = [{ layer: "user" as const, file: join(folder, "a.toml") }];
    expect(await messages({ files, env: { BANYAN_MODEL: "offline" } })).toEqual([
      '/x/a.toml:1: model is "x"; allowed: "anthropic:NAME", "openai:NAME", "ollama:NAME", "local:NAME" or "offline".',
    ]);
  });

  test("past twenty the rest is counted", async () => {
    const found = await messagesOf(Array.from({ length: 25 }, (_, index) => `k${index} = 1`).join("\n"));
    expect(found).toHaveLength(21);
    expect(found.at(-1)).toBe("/x/c.toml:21: k20 is wrong too, and 4 after it.");
  });

  test("as many as a file may hold are answered soon", async () => {
    expect(await messagesOf("[[servers]]\n".repeat(20_000))).toEqual([
      "/x/c.toml:1: servers is a list of 20000; allowed: at most 200 [[servers]] blocks.",
    ]);
    expect(await messagesOf(server(`env = { A = "${"${file:/".repeat(30_000)}" }`))).toEqual([
      `/x/c.toml:4: servers[0].env.A is a string (not shown); allowed: ${VARIABLE}.`,
    ]);
    const keys = Array.from({ length: 25_000 }, (_, index) => `k${index}=1`);
    expect(await messagesOf(keys.join("\n"))).toHaveLength(21);
    expect(await messagesOf(`chat${".a".repeat(120_000)} = 1`)).toEqual([
      `/x/c.toml:1: chat.a is no setting; allowed in [chat]: ${CHAT}.`,
    ]);
  });

  test("as one error tell the first and the number of the others", () => {
    expect(new ConfigError([{ message: "One." }, { message: "Two." }, { message: "Three." }])).toMatchObject({
      code: "config_invalid",
      message: "One. (and 2 more)",
    });
  });
});
