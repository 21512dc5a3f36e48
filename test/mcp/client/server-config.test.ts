import { describe, expect, test } from "vitest";
import { ServerConfigError } from "../../../src/mcp/client/errors.js";
import { serverConfig } from "../../../src/mcp/client/server-config.js";

describe("a server's settings", () => {
  test("need a name and a command; the rest has defaults", () => {
    expect(serverConfig({ name: "files", command: "npx" })).toEqual({
      allow: [],
      deny: [],
      idleStopMs: 600_000,
      name: "files",
      prewarm: false,
      command: "npx",
      args: [],
      env: {},
      headers: {},
      plainHttp: false,
      embedded: false,
      restart: "on-failure",
      maxRestarts: 5,
      oauth: {},
      restartDelayMs: 1_000,
      timeoutMs: 30_000,
      start: "eager",
      cpuWindowMs: 60_000,
      connectTimeoutMs: 30_000,
      healthIntervalMs: 30_000,
      healthTimeoutMs: 10_000,
      graceMs: 2_000,
      maxLineBytes: 16_777_216,
      drainMs: 0,
      inherits: true,
      source: "settings",
      enabled: true,
      routing: {
        concurrency: 64,
        balance: "round_robin",
        hedge: false,
        fallbacks: {},
        costs: {},
        hideAfterMs: 60_000,
      },
    });
  });

  test.each([
    [{ name: "a b", command: "x" }, "servers.a b.name is wrong: use 1 to 64 letters, digits, _ or -"],
    [{ name: "a", command: "" }, "servers.a.command is wrong: name the program to run"],
    [{ name: "a", command: "x", timeoutMs: -1 }, /^servers\.a\.timeoutMs is wrong: /],
    [{ name: "a", command: "x", restart: "sometimes" }, /^servers\.a\.restart is wrong: .*"always"/],
    [{ name: "a", command: "x", comand: "y" }, /^servers\.a is wrong: .*comand/],
    [{ name: "a" }, "servers.a is wrong: give it either a command or a url"],
    [{ name: "a", command: "x", url: "https://h/mcp" }, "servers.a is wrong: give it either a command or a url"],
    [{ name: "a", url: "ftp://h" }, "servers.a.url is wrong: write an address such as https://host/mcp"],
    [{ name: "a", url: "https://u:p@h/" }, "servers.a.url is wrong: write an address such as https://host/mcp"],
    [{ name: "a", url: "http://192.168.1.5/mcp" }, "servers.a.url is wrong: an address that begins with https://"],
    [{ name: "a", url: "https://h", headers: { "X-A": "one\ntwo" } }, /^servers\.a\.headers\.X-A is wrong/],
    [undefined, /^servers\.\? is wrong: /],
  ])("that are wrong are refused with the field and what is allowed: %j", (input, message) => {
    // Settings come from files and programs that no compiler checks.
    const check = (): unknown => serverConfig(input as never);
    expect(check).toThrow(ServerConfigError);
    expect(check).toThrow(message);
  });

  test.each([
    "https://example.com/mcp",
    "http://127.0.0.1:8080/mcp",
    "http://127.9.9.9/",
    "http://[::1]:80/",
    "http://localhost/",
  ])("may be an address that nobody listens in on: %s", (url) => {
    expect(serverConfig({ name: "a", url })).toMatchObject({ url, headers: {} });
  });

  test("may be a plain address elsewhere only where that is said", () => {
    expect(serverConfig({ name: "a", url: "http://192.168.1.5/mcp", plainHttp: true }).plainHttp).toBe(true);
  });
});
