import { describe, expect, it } from "vitest";
import { banyan, place, startBanyan } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";

const here = () => place(temporaryHome(), 'model = "offline"\n');

describe("words that have no place", () => {
  it("an unknown command is said, with the one that was meant, and is wrong usage", async () => {
    expect(await banyan(here(), ["tre"])).toMatchObject({
      code: 2,
      stderr: "banyan: unknown command 'tre'; did you mean tree?\n",
    });
    expect(await banyan(here(), ["frobnicate"])).toMatchObject({
      code: 2,
      stderr: "banyan: unknown command 'frobnicate'; ask with banyan -p \"…\"\n",
    });
    expect(await banyan(here(), ["config", "chek"])).toMatchObject({
      code: 2,
      stderr: "banyan: unknown command 'chek'; did you mean check?\n",
    });
  });

  it("a word too many after a command is wrong usage", async () => {
    expect(await banyan(here(), ["tree", "everything"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^banyan: too many arguments/),
    });
  });

  it("a message without its quotes is said", async () => {
    const { code, stderr } = await banyan(here(), ["-p", "hello", "world"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'banyan: "world" is not part of the message; put all of it in quotes: banyan -p "…"\n',
    });
  });
});

describe("help", () => {
  it("banyan help COMMAND is the command's own help, with examples", async () => {
    const { code, stdout } = await banyan(here(), ["help", "observe"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: banyan observe[\s\S]*Examples:\n {2}banyan observe/);
    expect((await banyan(here(), ["help"])).stdout).toMatch(/^Usage: banyan [\s\S]*doctor[\s\S]*Examples:/);
  });

  it("is no failure for a reader who has had enough, as head has", async () => {
    const child = startBanyan(here(), ["help"]);
    child.stdout.destroy();
    let stderr = "";
    child.stderr.on("data", (part) => {
      stderr += part;
    });
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
    expect(stderr).toBe("");
  });

  it("every command has examples", async () => {
    const commands = [
      "chat",
      "tree",
      "observe",
      "doctor",
      "completion",
      "config check",
      "config path",
      "config approve",
      "config show",
      "config set",
      "config schema",
      "audit list",
      "audit verify",
      "metrics",
    ];
    const shown = await Promise.all(commands.map((command) => banyan(here(), [...command.split(" "), "--help"])));
    for (const { stdout } of shown) expect(stdout).toContain("Examples:");
  });
});

describe("the message of print mode", () => {
  it("is not swallowed by --allow, which takes every tool before it", async () => {
    const asked = await banyan(here(), ["-p", "--allow", "host.list_directory", "host.read_*", "list the files here"]);
    expect(asked).toMatchObject({ code: 0, stderr: "" });
    const one = await banyan(here(), ["-p", "--yes", "what is 6*7"]);
    expect(one).toMatchObject({ code: 0, stdout: expect.stringContaining("42") });
  });

  it("goes with what is piped in after it", async () => {
    const { stdout } = await banyan(here(), ["-p", "host.calculate", "--output", "json"], 'expression="6*7"\n');
    expect(JSON.parse(stdout).toolCalls).toMatchObject([{ name: "host.calculate", arguments: { expression: "6*7" } }]);
  });

  it("goes alone where nothing is piped in though the pipe stays open, and that is said", async () => {
    const child = startBanyan(here(), ["-p", "what is 6*7"]);
    let out = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (part) => {
        out += part;
      });
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
    expect(out).toMatch(/nothing was piped in for 3 s[\s\S]*42/);
  });
});

describe("exit codes of print mode", () => {
  it("a model that cannot be had is wrong usage", async () => {
    for (const model of ["nonsense", "openai:gpt-5"]) {
      const { code, stderr } = await banyan(here(), ["-p", "hi", "--model", model]);
      expect({ model, code }).toEqual({ model, code: 2 });
      expect(stderr).toMatch(/^banyan: .*\n$/);
    }
  });

  it("a tool that failed is a failure", async () => {
    const { code } = await banyan(here(), ["-p", "host.read_file path=not-there.txt", "--yes"]);
    expect(code).toBe(1);
  });
});
