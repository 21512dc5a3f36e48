import { afterEach, describe, expect, test } from "vitest";
import { platformOf } from "../../../src/actors/platform/index.js";
import { childEnvironment } from "../../../src/mcp/client/environment.js";
import { SpawnError } from "../../../src/mcp/client/errors.js";
import type { OversizeLine } from "../../../src/mcp/client/line-splitter.js";
import { OsProcess, type OsProcessOptions } from "../../../src/mcp/client/os-process.js";
import { deferred, eventually, gone, hostile, isAlive } from "./support.js";

const running: OsProcess[] = [];
afterEach(async () => {
  for (const process of running.splice(0)) process.kill();
});

interface Started {
  process: OsProcess;
  lines: string[];
  stderr: string[];
  oversize: OversizeLine[];
}

async function start(script: string, options: Partial<OsProcessOptions> = {}): Promise<Started> {
  const lines: string[] = [];
  const stderr: string[] = [];
  const oversize: OversizeLine[] = [];
  const started = await OsProcess.start(
    {
      server: "files",
      command: process.execPath,
      args: ["-e", script],
      env: childEnvironment({}),
      maxLineBytes: 1_000_000,
      graceMs: 200,
      ...options,
    },
    {
      lines: (found, bytes) => {
        lines.push(...found);
        started.took(bytes);
      },
      oversize: (line) => oversize.push(line),
      stdoutEnded: () => {},
      stderr: (found) => stderr.push(...found),
    },
  );
  running.push(started);
  return { process: started, lines, stderr, oversize };
}

const refusal = async (options: Partial<OsProcessOptions>): Promise<SpawnError> => {
  const error = await start("", options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SpawnError);
  return error as SpawnError; // just checked
};

describe("starting a program", () => {
  test("a command that does not exist says so and which setting to correct", async () => {
    const error = await refusal({ command: "npxx" });
    expect(error.message).toBe(
      'command not found: "npxx"; install it or correct servers.files.command in the configuration',
    );
    expect(error.permanent).toBe(true);
    expect(error.code).toBe("server_spawn_failed");
  });

  test("a file that is no program, a folder that is none, and arguments the system refuses each say what to mend", async () => {
    expect((await refusal({ command: hostile })).message).toMatch(/may not be run; make it executable/);
    expect((await refusal({ cwd: "/no/such/folder" })).message).toMatch(/folder not found.*servers\.files\.cwd/);
    expect((await refusal({ args: ["a\0b"] })).message).toMatch(/does not accept the arguments/);
  });

  test("it inherits the few variables of the allowlist and no secret of ours", () => {
    const ours = {
      PATH: "/bin",
      HOME: "/h",
      LC_ALL: "C",
      OPENAI_API_KEY: "secret",
      NODE_OPTIONS: "--x",
      SHELL: "() { :; }",
    };
    expect(childEnvironment({ TOKEN: "t", HOME: "/other" }, ours, platformOf("linux"))).toEqual({
      PATH: "/bin",
      HOME: "/other",
      LC_ALL: "C",
      TOKEN: "t",
    });
    expect(childEnvironment({}, { Path: "C:\\", SystemRoot: "C:\\W", KEY: "k" }, platformOf("win32"))).toEqual({
      Path: "C:\\",
      SystemRoot: "C:\\W",
    });
  });
});

describe("a running program", () => {
  test("its lines come whole, also the last one without a newline, before its exit is told", async () => {
    const { process, lines } = await start('process.stdout.write("a\\nb\\nlast"); process.exitCode = 4;');
    expect(await process.exited).toMatchObject({ code: 4, signal: null });
    expect(lines).toEqual(["a", "b", "last"]);
  });

  test("a line it is written comes back from a program that echoes", async () => {
    const { process, lines } = await start("process.stdin.pipe(process.stdout)");
    expect(process.write("hello")).toBe("written");
    await eventually("the echo", () => lines.includes("hello"));
  });

  test("writing to a dead program is harmless", async () => {
    const { process } = await start("process.stdin.destroy(); process.exit(0)");
    for (let i = 0; i < 100; i++) process.write("x".repeat(10_000));
    await process.exited;
    expect(process.write("late")).toBe("closed");
  });

  test("a program that does not read is not given memory without bound", async () => {
    const { process } = await start("setInterval(() => {}, 1000)");
    const megabyte = "x".repeat(1_048_576);
    const answers = Array.from({ length: 80 }, () => process.write(megabyte));
    expect(answers[0]).toBe("written");
    expect(answers.at(-1)).toBe("full");
  });

  test("the end of what it wrote to stderr is kept, at most 64 KB of it, and lines are told", async () => {
    const { process, stderr } = await start(
      'process.stderr.write("first\\n"); process.stderr.write("x".repeat(200_000) + "\\n"); process.stderr.write("the reason\\n");',
    );
    const { stderrTail } = await process.exited;
    expect(stderrTail.length).toBeLessThanOrEqual(65_536);
    expect(stderrTail.endsWith("the reason\n")).toBe(true);
    expect(stderr[0]).toBe("first");
    expect(stderr[1]).toMatch(/^x+…$/);
    expect(stderr[2]).toBe("the reason");
  });

  test("a flood on stderr is read at about a megabyte a second, and not every line of it is told", async () => {
    const { process, lines, stderr } = await start(
      'const b = ("e".repeat(99) + "\\n").repeat(1000); let sent = 0; (function f() { process.stderr.write(b, () => { console.log(sent += b.length); setImmediate(f) }) })();',
    );
    await eventually("two seconds' worth", () => Number(lines.at(-1)) > 2_000_000);
    expect(Date.now() - process.startedAt).toBeGreaterThan(900);
    const seconds = Math.ceil((Date.now() - process.startedAt) / 1_000);
    expect(stderr.length).toBeLessThanOrEqual(200 * (seconds + 1));
    await process.stop();
  });

  test("lines that nobody takes stop the reading, and taking them starts it again", async () => {
    const taken = deferred<number>();
    const pong = { count: 0 };
    let bytes = 0;
    // It writes to stdout as fast as it is read, and answers every line of its stdin on stderr.
    const script = `
      const b = ("o".repeat(99) + "\\n").repeat(1000);
      (function f() { process.stdout.write(b, f) })();
      process.stdin.on("data", () => process.stderr.write("pong\\n"));`;
    const started: OsProcess = await OsProcess.start(
      {
        server: "files",
        command: process.execPath,
        args: ["-e", script],
        env: childEnvironment({}),
        maxLineBytes: 1_000_000,
        graceMs: 200,
      },
      {
        lines: (_, size) => {
          bytes += size;
          if (bytes >= 4_194_304) taken.resolve(bytes);
        },
        oversize: () => {},
        stdoutEnded: () => {},
        stderr: () => pong.count++,
      },
    );
    running.push(started);
    const paused = await taken.promise;
    for (let i = 1; i <= 20; i++) {
      started.write("ping");
      await eventually("its answer", () => pong.count >= i);
    }
    expect(bytes).toBe(paused);
    started.took(paused);
    await eventually("more lines", () => bytes > paused);
    await started.stop();
  });
});

describe("ending a program", () => {
  test("the end of its stdin is enough for one that minds it", async () => {
    const { process, lines } = await start(
      'process.stdin.resume().on("end", () => { console.log("bye"); process.exit(0) }); process.on("SIGTERM", () => console.log("term"));',
      { graceMs: 5_000 },
    );
    expect(await process.stop()).toMatchObject({ code: 0, signal: null });
    expect(lines).toEqual(["bye"]);
  });

  test("SIGTERM follows for one that does not", async () => {
    const { process } = await start("setInterval(() => {}, 1000)", { graceMs: 10_000 });
    expect(await process.stop()).toMatchObject({ code: null, signal: "SIGTERM" });
  });

  test("SIGKILL follows for one that ignores both, and stop returns only when it is dead", async () => {
    const { process, lines } = await start(
      'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("up")',
      { graceMs: 100 },
    );
    await eventually("it is up", () => lines.includes("up"));
    expect(await process.stop()).toMatchObject({ code: null, signal: "SIGKILL" });
    expect(isAlive(process.pid)).toBe(false);
  });

  test("one that is blocked because nobody reads its output can still end by itself", async () => {
    const { process } = await start(
      'process.stdin.resume().on("end", () => process.exit(7)); const b = "e".repeat(100000) + "\\n"; (function f() { process.stderr.write(b, f) })();',
      { graceMs: 5_000 },
    );
    expect(await process.stop()).toMatchObject({ code: 7 });
  });

  test("what it started dies with it, however it ends", async () => {
    for (const end of ["stop", "kill -9"] as const) {
      const { process: server, lines } = await start("", {
        args: [hostile, "--stubborn", "--grandchild"],
        graceMs: 100,
      });
      const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "pids" } };
      server.write(JSON.stringify(call));
      const line = await eventually("its ids", () => lines[0]);
      const { grandchild } = JSON.parse(JSON.parse(line).result.content[0].text);
      expect(isAlive(grandchild)).toBe(true);
      if (end === "stop") await server.stop();
      else {
        process.kill(server.pid, "SIGKILL");
        expect(await server.exited).toMatchObject({ signal: "SIGKILL" });
      }
      expect(isAlive(server.pid)).toBe(false);
      await gone(grandchild);
    }
  });
});
