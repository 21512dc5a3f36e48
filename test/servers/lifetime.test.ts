// Both bundled servers end with their client, however the client ends. Nothing here waits for a time: each test awaits the end
// of the process itself.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { built } from "../support/build.js";

const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}\n';
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

async function start(server: string) {
  const child = spawn(process.execPath, [built(`servers/${server}/main.js`)], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  started.push(child);
  // Its answer shows that everything is set up.
  child.stdin.write(PING);
  await once(child.stdout, "data");
  return child;
}

describe.each(["host", "demo"])("the %s server ends", (server) => {
  it("when stdin ends, with exit code 0", async () => {
    const child = await start(server);
    const exit = once(child, "exit");
    child.stdin.end();
    expect(await exit).toEqual([0, null]);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("on %s, with exit code 0", async (signal) => {
    const child = await start(server);
    const exit = once(child, "exit");
    child.kill(signal);
    expect(await exit).toEqual([0, null]);
  });

  it("when nobody reads its answers any more", async () => {
    const child = await start(server);
    const exit = once(child, "exit");
    child.stdout.destroy();
    child.stdin.on("error", () => {}); // it may be gone before the next line is written
    child.stdin.write(PING);
    expect(await exit).toEqual([0, null]);
  });

  it("after the answers to what it was asked before stdin ended", async () => {
    const child = spawn(process.execPath, [built(`servers/${server}/main.js`)], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    started.push(child);
    let out = "";
    child.stdout.on("data", (chunk) => {
      out += String(chunk);
    });
    child.stdin.end(`${PING}{"jsonrpc":"2.0","id":2,"method":"tools/list"}\n`);
    await once(child, "close");
    const ids = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).id);
    expect(ids).toEqual([1, 2]);
  });

  it("when its parent is killed, even if somebody else holds its stdin open", async () => {
    // The one in the middle hands its stdin on to the server: a named pipe that this test keeps open at both ends.
    const folder = mkdtempSync(join(tmpdir(), "banyan-lifetime-"));
    execFileSync("mkfifo", [join(folder, "stdin")]);
    const stdin = openSync(join(folder, "stdin"), "r+");
    const spawnIt =
      "require('child_process').spawn(process.execPath, [process.argv[1]], { stdio: ['inherit', 'inherit', 'ignore'] })";
    const middle = spawn(process.execPath, ["-e", spawnIt, built(`servers/${server}/main.js`)], {
      stdio: [stdin, "pipe", "inherit"],
    });
    started.push(middle);
    writeSync(stdin, PING);
    if (middle.stdout) await once(middle.stdout, "data");
    // "close" comes when nobody has the other end of stdout any more: neither the killed process nor the server.
    const silent = once(middle, "close");
    middle.kill("SIGKILL");
    await silent;
    closeSync(stdin);
    rmSync(folder, { recursive: true });
  });
});
