import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { entryText, HOSTS, hostFolders, withEntry, writeEntry } from "../../../src/mcp/client/host-entries.js";
import { type Json, memberOf, withMember } from "../../../src/mcp/client/jsonc.js";
import { temporaryHome } from "../../support/home.js";

const program = { command: "/usr/bin/node", args: ["/opt/banyan/cli.js", "serve", "--stdio"] };
const address = { url: "http://127.0.0.1:3700/mcp" };

function host(name: string) {
  const found = HOSTS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

describe("the entry of Banyan in another host's settings", () => {
  it.each([
    ["claude", program, { mcpServers: { banyan: program } }],
    ["claude-code", address, { mcpServers: { banyan: { type: "http", ...address } } }],
    ["cursor", program, { mcpServers: { banyan: program } }],
    ["vscode", program, { servers: { banyan: { type: "stdio", ...program } } }],
    ["windsurf", address, { mcpServers: { banyan: { serverUrl: address.url } } }],
    ["zed", program, { context_servers: { banyan: program } }],
    ["gemini", address, { mcpServers: { banyan: { httpUrl: address.url } } }],
  ])("%s has it as it reads it", (name, way, file) => {
    expect(JSON.parse(entryText(host(name), host(name).entry(way) ?? {}))).toEqual(file);
  });

  it("is not an address where the host starts programs alone", () => {
    expect(host("claude").entry(address)).toBeUndefined();
  });

  it("lies where each system's host looks for it", () => {
    const at = (name: string, system: NodeJS.Platform, env = {}) =>
      host(name)
        .file(hostFolders(system, env, "/home/ada"))
        .replaceAll("\\", "/");
    expect(at("claude", "linux")).toBe("/home/ada/.config/Claude/claude_desktop_config.json");
    expect(at("claude", "darwin")).toBe("/home/ada/Library/Application Support/Claude/claude_desktop_config.json");
    expect(at("vscode", "linux", { XDG_CONFIG_HOME: "/cfg" })).toBe("/cfg/Code/User/mcp.json");
    expect(at("zed", "darwin")).toBe("/home/ada/.config/zed/settings.json");
    expect(at("codex", "linux", { CODEX_HOME: "/codex" })).toBe("/codex/config.toml");
  });

  it("goes in beside what is there, and not a byte of that is changed, comments included", () => {
    const zed = `// Zed settings
{
    "theme": "One", // dark
    "context_servers": {
        // mine
        "files": { "command": "files" },
    },
    /* "vim_mode": true, */
}
`;
    const written = withEntry(zed, host("zed"), program);
    expect(written).toBe(
      zed.replace(
        '"context_servers": {',
        `"context_servers": {
        "banyan": {
            "command": "/usr/bin/node",
            "args": [
                "/opt/banyan/cli.js",
                "serve",
                "--stdio"
            ]
        },`,
      ),
    );
    expect(withEntry(written, host("zed"), program)).toBe(written);
    const moved = withEntry(written, host("zed"), address);
    expect(memberOf(moved, ["context_servers"])).toEqual({ banyan: address, files: { command: "files" } });
    expect(withEntry(moved, host("zed"), program)).toBe(written);
  });

  it("keeps what the user has added to it", () => {
    const own = JSON.stringify({ mcpServers: { banyan: { command: "old", env: { A: "1" }, disabled: true } } });
    expect(JSON.parse(withEntry(own, host("cursor"), address))).toEqual({
      mcpServers: { banyan: { ...address, env: { A: "1" }, disabled: true } },
    });
  });

  it("goes into TOML as a table of its own, and is exchanged there", () => {
    const codex = 'model = "x" # best\n\n[mcp_servers.files]\ncommand = "files"\n';
    const first = withEntry(codex, host("codex"), program);
    expect(first.startsWith(codex)).toBe(true);
    expect(parse(first)).toMatchObject({ model: "x", mcp_servers: { files: { command: "files" }, banyan: program } });
    expect(withEntry(first, host("codex"), program)).toBe(first);
    const more = `${first}\n[profiles.a]\nmodel = "y"\n`;
    expect(parse(withEntry(more, host("codex"), address))).toEqual({
      ...{ model: "x", mcp_servers: { files: { command: "files" }, banyan: address } },
      profiles: { a: { model: "y" } },
    });
    const ours = '[mcp_servers.banyan]\ncommand = "old"\nstartup_timeout_sec = 9\n';
    expect(() => withEntry(ours, host("codex"), program)).toThrow(/startup_timeout_sec/);
  });

  it("is written whole with a copy of what was before, also behind a link, and nothing is written where that is not understood", () => {
    const home = temporaryHome();
    const file = join(home, "deep", "mcp.json");
    expect(writeEntry(file, host("cursor"), program)).toEqual({ changed: true });
    expect(writeEntry(file, host("cursor"), program)).toEqual({ changed: false });
    const before = readFileSync(file, "utf8");
    const link = join(home, "link.json");
    symlinkSync(file, link);
    expect(writeEntry(link, host("cursor"), address)).toEqual({ changed: true, backup: `${link}.before-banyan` });
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ mcpServers: { banyan: address } });
    expect(readFileSync(`${link}.before-banyan`, "utf8")).toBe(before);
    mkdirSync(join(home, "bad"));
    const bad = join(home, "bad", "mcp.json");
    for (const text of ['{ "mcpServers": [', '{ "mcpServers": [] }', "[]", '{ "a": 1 } x']) {
      writeFileSync(bad, text);
      expect(() => writeEntry(bad, host("cursor"), program)).toThrow(/is left as it is: .*\.$/);
      expect(readFileSync(bad, "utf8")).toBe(text);
    }
    expect(readdirSync(join(home, "bad"))).toEqual(["mcp.json"]);
    // A device or a pipe would be read without end.
    const places = process.platform === "win32" ? [home] : [home, "/dev/zero"];
    for (const place of places) expect(() => writeEntry(place, host("cursor"), program)).toThrow(/is no file/);
  });
});

it("a member set in any JSON is there afterwards, and the rest is what it was", () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  const table = fc.dictionary(fc.string(), json);
  const made = fc.tuple(table, fc.string(), fc.string(), json, fc.constantFrom(0, 1, 2, "\t"));
  fc.assert(
    fc.property(made, ([whole, outer, inner, value, indent]) => {
      fc.pre(outer !== "__proto__" && inner !== "__proto__");
      const before = whole[outer];
      fc.pre(before === undefined || isTable(before));
      const text = JSON.stringify(whole, null, indent);
      const changed = withMember(text, [outer, inner], value as Json);
      const expected = { ...whole, [outer]: { ...(isTable(before) ? before : {}), [inner]: value } };
      expect(JSON.parse(changed)).toEqual(JSON.parse(JSON.stringify(expected)));
    }),
  );
});

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
