import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { hold } from "../../src/actors/store/held.js";
import { banyan, type Place, place, root } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { startHostileHttp } from "../support/hostile-http.js";

const hostile = join(root, "test", "support", "hostile-server.mjs");
/** No bundled server, so that a home costs nothing to look at. */
const QUIET = "[bundled]\nhost = false\n";

interface Finding {
  readonly area: string;
  readonly level: "ok" | "warn" | "fail";
  readonly text: string;
  readonly mend?: string;
}

function home(config = ""): Place {
  const here = place(temporaryHome(), config + QUIET);
  for (const folder of ["data", "state"]) mkdirSync(join(here.home, folder), { mode: 0o700 });
  return here;
}

/** What is not well, the exit code with it. */
async function faults(here: Place, env: NodeJS.ProcessEnv = {}, args: readonly string[] = []) {
  // A port that is free, whatever runs on this machine.
  const { code, stdout, stderr } = await banyan({ ...here, env: { ...here.env, MCP_PORT: "1", ...env } }, [
    "doctor",
    "--json",
    ...args,
  ]);
  expect(stderr).toBe("");
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
  const found = findings.filter(
    ({ level, area, text }) => level !== "ok" && !(area === "network" && text.includes("Port 1 ")),
  );
  for (const { mend } of found) expect(mend).toMatch(/^[A-Z].*[.?]$/);
  return { code, ok, found, findings };
}

describe("banyan doctor", () => {
  it("a home that is well: every area is named, exit code 0, and nothing was changed", async () => {
    const here = place(temporaryHome());
    const { code, stdout } = await banyan(here, ["doctor"]);
    expect(stdout.split("\n").filter((line) => /^\w+$/.test(line))).toEqual([
      "runtime",
      "terminal",
      "storage",
      "permissions",
      "config",
      "servers",
      "models",
      "network",
    ]);
    expect(stdout).toMatch(/✓ The server host answers in \d+ ms: banyan-tools .*, \d\d tools\./);
    expect(stdout).toMatch(/✓ offline is always there/);
    expect({ code, left: readdirSync(here.home) }).toEqual({ code: 0, left: [] });
  });

  it("a data folder that cannot be written", async () => {
    const here = place(temporaryHome(), QUIET);
    writeFileSync(join(here.home, "data"), "a file where the folder should be");
    const { code, found } = await faults(here);
    expect(code).toBe(1);
    expect(found).toContainEqual({
      area: "storage",
      level: "fail",
      text: expect.stringMatching(/^The data folder .*\/data cannot be written/),
      mend: expect.stringMatching(/^Make .*\/data a folder that you may write, or choose another with --home DIR\.$/),
    });
  });

  it("a damaged database, and one of a newer Banyan", async () => {
    const here = home();
    const file = join(here.home, "data", "banyan.db");
    writeFileSync(file, "not a database at all, but rather long. ".repeat(100), { mode: 0o600 });
    expect(await faults(here)).toMatchObject({
      code: 1,
      found: [{ text: expect.stringMatching(/is damaged/), mend: expect.stringContaining("moves it aside") }],
    });
    const newer = home();
    const db = hold(new Database(join(newer.home, "data", "banyan.db")));
    db.exec("PRAGMA user_version = 999");
    db.close();
    chmodSync(join(newer.home, "data", "banyan.db"), 0o600);
    expect(await faults(newer)).toMatchObject({ code: 1, found: [{ mend: expect.stringMatching(/^Update Banyan/) }] });
  });

  it("broken settings: each is named with its file and line", async () => {
    const { code, found } = await faults(home("[chat]\nmax_steps = -1\nmax_step = 2\n"));
    expect({ code, found }).toMatchObject({
      code: 1,
      found: [
        {
          area: "config",
          text: expect.stringMatching(/config\.toml:2: chat\.max_steps is -1; allowed/),
          mend: expect.stringContaining("banyan config check"),
        },
        { area: "config", text: expect.stringMatching(/config\.toml:3: chat\.max_step is no setting/) },
      ],
    });
  });

  it("servers: a program that is missing, one that never answers, one that crashes; the good one is well", async () => {
    const server = (name: string, command: string, args: readonly string[] = [], more = "") =>
      `[[servers]]\nname = "${name}"\ncommand = ${JSON.stringify(command)}\nargs = ${JSON.stringify(args)}\n${more}\n`;
    const config = [
      server("gone", "no-such-command-anywhere"),
      server("mute", process.execPath, [hostile, "--mute"], 'timeout = "500ms"'),
      server("crashing", process.execPath, ["-e", "console.error('no key'); process.exit(3)"]),
      server("good", process.execPath, [hostile, "--banner"]),
      server("off", "no-such-command-either", [], "enabled = false"),
    ].join("\n");
    const { code, found, findings } = await faults(home(config));
    expect(code).toBe(1);
    expect(found).toMatchObject([
      {
        text: expect.stringContaining('The server gone: command not found: "no-such-command-anywhere"'),
        mend: expect.stringContaining("Install it or correct servers.gone.command"),
      },
      {
        text: "The server mute was started, but it did not answer in 0.5 s.",
        mend: expect.stringContaining("Run its command by hand"),
      },
      {
        text: expect.stringMatching(/^The server crashing was started, but .*; its last words: no key\.$/),
        mend: expect.stringContaining("servers.crashing"),
      },
    ]);
    expect(findings.filter(({ area, level }) => area === "servers" && level === "ok")).toMatchObject([
      { text: expect.stringMatching(/^The server good answers in \d+ ms/) },
      { text: "The server off is switched off." },
    ]);
  });

  it("servers at an address: one that is not there, one that wants a sign-in, one that sends us elsewhere; the good one is well", async () => {
    const server = await startHostileHttp();
    onTestFinished(() => server.close());
    const gone = await startHostileHttp();
    await gone.close();
    const block = (name: string, url: string) => `[[servers]]\nname = "${name}"\nurl = "${url}"\n`;
    const path = (name: string) => block(name, server.url.replace("/mcp", `/${name}`));
    const config = [block("gone", gone.url), path("guarded"), path("away"), block("good", server.url)].join("\n");
    const { code, found, findings } = await faults(home(config));
    expect(code).toBe(1);
    expect(found).toMatchObject([
      { text: `The server gone could not be reached: ECONNREFUSED 127.0.0.1:${gone.port}.` },
      { text: expect.stringContaining("The server guarded needs you to sign in: banyan servers login guarded") },
      { text: expect.stringContaining("The server away sends us to http://127.0.0.2:1/mcp; if you trust it") },
    ]);
    expect(findings.filter(({ area, level }) => area === "servers" && level === "ok")).toMatchObject([
      { text: expect.stringMatching(/^The server good answers in \d+ ms: hostile 1, 13 tools\.$/) },
    ]);
  });

  it("folders and files that others may read or change, each with its chmod", async () => {
    const here = home();
    const [data, config] = [join(here.home, "data"), join(here.home, "config.toml")];
    chmodSync(data, 0o777);
    chmodSync(join(here.home, "state"), 0o755);
    chmodSync(config, 0o666);
    expect(await faults(here)).toMatchObject({
      code: 1,
      found: [
        { level: "fail", text: `Others may change the data folder ${data}.`, mend: `Close it: chmod 700 ${data}.` },
        { level: "warn", text: expect.stringContaining("Others may read the state folder") },
        { level: "fail", mend: `Close it: chmod go-w ${config}.` },
      ],
    });
  });

  it("the socket of an app that was killed, which is left where it is", async () => {
    const here = home();
    const run = join(here.home, "state", "run");
    mkdirSync(run, { mode: 0o700 });
    const script = `require("node:net").createServer().listen(process.argv[1], () => console.log("up"))`;
    const app = spawn(process.execPath, ["-e", script, join(run, "4242.sock")]);
    await once(app.stdout, "data");
    app.kill("SIGKILL");
    await once(app, "close");
    const socket = join(run, "4242.sock");
    expect(await faults(here)).toMatchObject({
      code: 0,
      found: [
        {
          level: "warn",
          text: `The app with the pid 4242 is gone, and left ${socket}.`,
          mend: `Remove it: rm ${socket}.`,
        },
      ],
    });
    expect(existsSync(socket)).toBe(true);
  });

  it("a secret that is not there, and a folder's settings and plugins that wait for approval or are wrong", async () => {
    const here = home(`[[servers]]\nname = "keyed"\ncommand = "true"\nenv = { KEY = "\${env:NOT_SET_ANYWHERE}" }\n`);
    mkdirSync(join(here.cwd, ".banyan"));
    writeFileSync(join(here.cwd, ".banyan", "config.toml"), 'model = "offline"\n');
    for (const [name, manifest] of Object.entries({ misspelt: '{"max_memroy":"1MB"}', new: "{}" })) {
      mkdirSync(join(here.cwd, "plugins", name), { recursive: true });
      writeFileSync(join(here.cwd, "plugins", name, "plugin.json"), manifest);
      writeFileSync(join(here.cwd, "plugins", name, "index.js"), "");
    }
    expect(await faults(here)).toMatchObject({
      code: 1,
      found: [
        { area: "config", level: "warn", mend: "Look at it, then run banyan config approve." },
        {
          area: "config",
          level: "fail",
          text: expect.stringContaining("NOT_SET_ANYWHERE is not set"),
          mend: expect.stringContaining("Set it"),
        },
        { text: expect.stringMatching(/^The plugin misspelt is left out: .*/), mend: "Did you mean max_memory?" },
        { level: "warn", text: "The plugin new is not approved.", mend: "Look at it, then run banyan config approve." },
      ],
    });
  });

  it("a model whose key is missing or refused, and a port that another program has", async () => {
    const none = await faults(home('model = "openai:m"\n'));
    expect(none).toMatchObject({
      code: 1,
      found: [{ area: "models", mend: expect.stringContaining("OPENAI_API_KEY") }],
    });

    const api = createServer((_, response) => void response.writeHead(401).end("{}"));
    await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void api.close());
    const { port } = api.address() as AddressInfo;
    const env = { OPENAI_API_KEY: "k", OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, MCP_PORT: `${port}` };
    const { code, found } = await faults(home('model = "openai:m"\n'), env);
    expect({ code, found }).toMatchObject({
      code: 1,
      found: [
        { area: "models", level: "fail", text: expect.stringContaining("refuses the key") },
        { area: "network", level: "warn", text: `Port ${port} of 127.0.0.1 is another program's.` },
      ],
    });
  });
});
