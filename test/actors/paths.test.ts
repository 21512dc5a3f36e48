import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type PathOptions, resolvePaths } from "../../src/actors/paths.js";
import { ensurePrivateFolder } from "../../src/actors/platform/posix.js";

const linux = (options: Partial<PathOptions> = {}) =>
  resolvePaths({ env: { HOME: "/home/ada" }, platform: "linux", cwd: "/work/shop", ...options });
const configOf = (options: Partial<PathOptions>) => linux(options).config.map(({ layer, file }) => `${layer} ${file}`);

describe("where files are", () => {
  test("the XDG defaults under the home folder", () => {
    expect(linux()).toEqual({
      data: "/home/ada/.local/share/banyan",
      state: "/home/ada/.local/state/banyan",
      logs: "/home/ada/.local/state/banyan/logs",
      run: "/home/ada/.local/state/banyan/run",
      socket: "/home/ada/.local/state/banyan/run/control.sock",
      database: "/home/ada/.local/share/banyan/banyan.db",
      signIns: "/home/ada/.local/share/banyan/sign-ins",
      overrides: "/home/ada/.local/share/banyan/overrides.toml",
      approvals: "/home/ada/.local/state/banyan/approved-projects.json",
      config: [
        { layer: "system", file: "/etc/banyan/config.toml" },
        { layer: "user", file: "/home/ada/.config/banyan/config.toml" },
        { layer: "project", file: "/work/shop/.banyan/config.toml" },
      ],
    });
  });

  test("macOS follows the same folders as Linux", () => {
    expect(linux({ platform: "darwin" })).toEqual(linux());
  });

  test("XDG variables are honoured, and a relative one is ignored as the specification says", () => {
    const env = { HOME: "/home/ada", XDG_DATA_HOME: "/d", XDG_STATE_HOME: "/s", XDG_CONFIG_HOME: "not/absolute" };
    const paths = linux({ env });
    expect(paths).toMatchObject({ data: "/d/banyan", state: "/s/banyan", socket: "/s/banyan/run/control.sock" });
    expect(paths.config[1]?.file).toBe("/home/ada/.config/banyan/config.toml");
  });

  test("BANYAN_HOME puts everything under one folder", () => {
    const paths = linux({ env: { HOME: "/home/ada", XDG_DATA_HOME: "/d", BANYAN_HOME: "/b" } });
    expect(paths).toMatchObject({
      data: "/b/data",
      database: "/b/data/banyan.db",
      logs: "/b/state/logs",
      run: "/b/state/run",
    });
    expect(paths.config[1]).toEqual({ layer: "user", file: "/b/config.toml" });
  });

  test("--home is stronger than BANYAN_HOME and may be relative to the current folder", () => {
    expect(linux({ home: "here", env: { HOME: "/home/ada", BANYAN_HOME: "/b" } }).data).toBe("/work/shop/here/data");
  });

  test("MCP_DATA_DIR moves the data alone, and --home is stronger", () => {
    const paths = linux({ env: { HOME: "/home/ada", MCP_DATA_DIR: "/big" } });
    expect(paths).toMatchObject({ database: "/big/banyan.db", state: "/home/ada/.local/state/banyan" });
    expect(linux({ env: { BANYAN_HOME: "/b", MCP_DATA_DIR: "big" } }).database).toBe("/work/shop/big/banyan.db");
    expect(linux({ home: "/b", env: { MCP_DATA_DIR: "/big" } }).database).toBe("/b/data/banyan.db");
  });

  test("--config stands for all files", () => {
    expect(configOf({ config: "my.toml" })).toEqual(["named /work/shop/my.toml"]);
  });

  test("a project's file that is the user's own is the user's", () => {
    expect(configOf({ home: ".banyan" })).toEqual([
      "system /etc/banyan/config.toml",
      "user /work/shop/.banyan/config.toml",
    ]);
  });

  test("Windows has its own folders and a named pipe", () => {
    const env = {
      USERPROFILE: "C:\\Users\\Ada",
      LOCALAPPDATA: "C:\\Users\\Ada\\AppData\\Local",
      APPDATA: "D:\\Roaming",
      PROGRAMDATA: "C:\\ProgramData",
    };
    const paths = resolvePaths({ env, platform: "win32", cwd: "C:\\shop" });
    expect(paths).toMatchObject({
      data: "C:\\Users\\Ada\\AppData\\Local\\banyan\\data",
      state: "C:\\Users\\Ada\\AppData\\Local\\banyan\\state",
      run: "C:\\Users\\Ada\\AppData\\Local\\banyan\\state\\run",
    });
    expect(paths.socket).toMatch(/^\\\\\.\\pipe\\banyan-[0-9a-f]{12}$/);
    expect(paths.config.map(({ file }) => file)).toEqual([
      "C:\\ProgramData\\banyan\\config.toml",
      "D:\\Roaming\\banyan\\config.toml",
      "C:\\shop\\.banyan\\config.toml",
    ]);
  });
});

describe("the control socket", () => {
  test("stays in the run folder up to the last byte a socket path may have", () => {
    const suffix = "/state/run/control.sock";
    const longest = `/${"b".repeat(103 - suffix.length - 1)}`;
    expect(linux({ home: longest }).socket).toBe(`${longest}${suffix}`);
    expect(linux({ home: `${longest}b` }).socket).not.toContain(longest);
  });

  test("falls back to a short folder of its own, the same at every start and another for another home", () => {
    const home = `/${"ü".repeat(60)}`;
    const paths = linux({ home, env: { TMPDIR: "/t" } });
    expect(paths.socket).toMatch(/^\/t\/banyan-[0-9a-f]{12}\/control\.sock$/);
    expect(paths.run).toBe(paths.socket.slice(0, -"/control.sock".length));
    expect(linux({ home, env: { TMPDIR: "/t" } }).socket).toBe(paths.socket);
    expect(linux({ home: `${home}x`, env: { TMPDIR: "/t" } }).socket).not.toBe(paths.socket);
  });

  test("fits even where the temporary folder's path is long itself", () => {
    const long = `/${"x".repeat(120)}`;
    expect(linux({ home: long, env: { TMPDIR: long } }).socket).toMatch(/^\/tmp\/banyan-[0-9a-f]{12}\/control\.sock$/);
  });
});

describe.skipIf(process.platform === "win32")("a private folder", () => {
  let base = "";
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), "banyan-paths-"));
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));
  const mode = (folder: string) => statSync(folder).mode & 0o777;

  test("is made for its owner alone", () => {
    ensurePrivateFolder(join(base, "a", "run"));
    expect(mode(join(base, "a", "run"))).toBe(0o700);
  });

  test("is tightened when it is open to others", () => {
    mkdirSync(join(base, "run"));
    chmodSync(join(base, "run"), 0o777);
    ensurePrivateFolder(join(base, "run"));
    expect(mode(join(base, "run"))).toBe(0o700);
  });

  test("is refused when it is a link", () => {
    mkdirSync(join(base, "elsewhere"));
    symlinkSync(join(base, "elsewhere"), join(base, "run"));
    expect(() => ensurePrivateFolder(join(base, "run"))).toThrowError(
      `${join(base, "run")} is a link or belongs to another user; remove it or set BANYAN_HOME.`,
    );
  });
});
