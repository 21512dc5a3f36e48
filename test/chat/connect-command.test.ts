import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { names } from "../../src/application.js";
import { findServers } from "../../src/mcp/client/other-hosts.js";
import { built } from "../support/build.js";
import { conversation } from "../support/conversation.js";
import { temporaryHome } from "../support/home.js";

const yes = { kind: "approval", decision: "once" } as const;
const no = { kind: "approval", decision: "deny" } as const;

it("adds a server for this run once the user said yes, keeps it when asked to, and forgets it", async () => {
  const { run, type, questions, home } = await conversation();
  const line = `/connect mine -- ${process.execPath} ${built("servers/demo/main.js")}`;

  expect(await run(line, no)).toContain("mine was not connected");
  expect(await run("/servers saved")).toContain("No server is in your settings");
  expect(await run(line, yes)).toMatch(/\*\*mine\*\* is ready, \d+ tools\..*`\/servers save mine` keeps it/);
  expect(questions).toMatchObject([
    { kind: "approval", tool: "connect/mine", arguments: { command: process.execPath } },
    { kind: "approval", tool: "connect/mine" },
  ]);
  // Of its tools none is asked about, so a pattern that lets them all run is not offered here.
  expect(questions.some((question) => "pattern" in question)).toBe(false);
  expect(await run("/servers saved")).toMatch(/\| mine \| .* \| on \| this run \|/);
  expect(await run(line)).toContain("There is a server mine already");

  const pid = async () => (await names.servers.call.status()).find(({ name }) => name === "mine")?.pid;
  const before = await pid();
  expect(await run("/servers save mine")).toContain("config.toml");
  expect(readFileSync(join(home, "config.toml"), "utf8")).toContain('name = "mine"');
  expect(await pid()).toBe(before);
  expect(await run("/disconnect mine")).toBe("**mine** is disconnected.");
  expect(await run("/connect mine")).toMatch(/\*\*mine\*\* is ready/);
  expect(await run("/servers restart mine")).toMatch(/\*\*mine\*\* is ready/);
  expect(await pid()).not.toBe(before);

  expect(await run("/servers disable mine")).toContain("is switched off");
  await expect.poll(async () => (await names.servers.call.status()).at(-1)).toMatchObject({ state: "disconnected" });

  const gone = `/connect gone -- ${process.execPath} -e 0`;
  expect(await run(gone, yes)).toContain("`/disconnect gone` forgets it");
  expect(await run("/disconnect gone")).toBe("**gone** has ended and is forgotten.");
  expect((await type("/servers saved")).at(-1)).not.toMatchObject({ text: expect.stringContaining("gone") });

  expect(await run("/connect nope")).toContain("There is no server nope");
  expect(await run("/connect demo")).toContain("/servers enable demo");
  expect(await run("/connect x --env TOKEN=ghp_0123456789012345678901234567890123456 -- y")).toContain(
    "looks like a secret",
  );
});

it("finds what other programs have set up, secrets left where they are", () => {
  const [home, project] = [temporaryHome(), temporaryHome()];
  mkdirSync(join(home, ".cursor"));
  const token = "ghp_0123456789012345678901234567890123456";
  const servers = { mcpServers: { Ev: { command: "ev", env: { TOKEN: token } } } };
  writeFileSync(join(home, ".cursor", "mcp.json"), JSON.stringify(servers));
  writeFileSync(join(project, ".mcp.json"), "{");
  const found = findServers(project, home);
  expect(found.servers).toMatchObject([{ host: "Cursor", server: { name: "ev", command: "ev" } }]);
  expect(JSON.stringify(found)).not.toContain(token);
  expect(found.problems).toEqual([expect.stringContaining("is not valid JSON")]);
});
