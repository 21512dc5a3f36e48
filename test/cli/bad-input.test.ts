import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { banyan, bare, type Place, place, root, startBanyan } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";

const hostile = join(root, "test", "support", "hostile-server.mjs");

function server(name: string, command: string, args: readonly string[] = [], more = ""): string {
  return `[[servers]]\nname = "${name}"\ncommand = ${JSON.stringify(command)}\nargs = ${JSON.stringify(args)}\n${more}\n`;
}

/** The app goes on: the bundled tools answer. */
async function stillAnswers(here: Place): Promise<string> {
  const { code, stdout, stderr } = await banyan(here, ["-p", "what is 6*7", "--yes", "--model", "offline"]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("42") });
  return stderr;
}

describe("settings that are wrong", () => {
  const cases: [name: string, config: string, message: string | RegExp][] = [
    ["broken TOML", "model = \n", /config\.toml:1(:\d+)?: /],
    [
      "an unknown key",
      "[chat]\nmax_step = 3\n",
      "config.toml:2: chat.max_step is no setting (did you mean max_steps?)",
    ],
    [
      "a wrong type",
      '[chat]\nmax_steps = "many"\n',
      /config\.toml:2: chat\.max_steps is "many"; allowed: a whole number/,
    ],
  ];
  for (const [name, config, message] of cases) {
    it(`${name}: one sentence with file and line on stderr, exit code 3`, async () => {
      const { code, stdout, stderr } = await banyan(place(temporaryHome(), config), ["-p", "hello"]);
      expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
      expect(stderr).toMatch(message);
      expect(stderr.trim().split("\n")).toHaveLength(1);
    });
  }
});

describe("servers that are broken", () => {
  it("a command that does not exist: said with its mend, and the app goes on without it", async () => {
    const stderr = await stillAnswers(place(temporaryHome(), server("gone", "no-such-command-anywhere")));
    expect(stderr).toMatch(/The server gone is given up: .*no-such-command-anywhere.*/);
  });

  it("garbage on stdout is skipped, and its good answers count", async () => {
    const here = bare(temporaryHome(), server("noisy", process.execPath, [hostile, "--banner"]));
    const { code, stdout } = await banyan(here, ["-p", "noisy.echo", "--yes", "--model", "offline"]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("Echo") });
  });

  it("a server that never answers does not keep the others from answering", async () => {
    await stillAnswers(place(temporaryHome(), server("mute", process.execPath, [hostile, "--mute"], 'timeout = "2s"')));
  });

  it("a result of 10 MB is cut for the model and said to be", async () => {
    const here = place(temporaryHome(), "[bundled]\ndemo = true\n");
    const args = ["-p", "demo.flood bytes=10485760", "--yes", "--model", "offline", "--output", "json"];
    const { code, stdout } = await banyan(here, args);
    const result = JSON.parse(stdout);
    expect({ code, call: result.toolCalls[0].status }).toMatchObject({ call: expect.stringMatching(/done|failed/) });
    expect(result.toolCalls[0].result.length).toBeLessThan(300 * 1024);
    await stillAnswers(here);
  });

  it("invalid UTF-8 in a file is shown with replacement characters, not crashed on", async () => {
    const here = place(temporaryHome());
    writeFileSync(join(here.cwd, "latin.txt"), Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a]));
    const { code, stdout } = await banyan(here, ["-p", "read latin.txt", "--yes", "--model", "offline"]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("caf") });
  });
});

describe("storage that is broken", () => {
  it("a data folder that cannot be written: said with its mend, and the conversation goes on", async () => {
    const here = place(temporaryHome());
    writeFileSync(join(here.home, "data"), "a file where the folder should be");
    expect(await stillAnswers(here)).toMatch(/nothing of this session is kept; make the folder writable/);
  });

  it("a database that is not one is moved aside and said", async () => {
    const here = place(temporaryHome());
    mkdirSync(join(here.home, "data"));
    writeFileSync(join(here.home, "data", "banyan.db"), "not a database at all, but rather long. ".repeat(100));
    expect(await stillAnswers(here)).toMatch(/was damaged.*it now lies at .*broken/);
    expect(await stillAnswers(here)).toBe("");
  });
});

describe("wrong usage", () => {
  it("the help of a group of commands shows examples, and a command it does not have is said with a mend", async () => {
    const here = place(temporaryHome());
    for (const group of ["config", "audit", "servers", "tools"]) {
      const help = await banyan(here, [group, "--help"]);
      expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining(`Examples:\n  banyan ${group}`) });
      const { code, stderr } = await banyan(here, [group, "frobnicate"]);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: "banyan: unknown command 'frobnicate'; see --help for what there is\n",
      });
    }
  });

  it("a setting that there is not is wrong usage", async () => {
    const { code, stderr } = await banyan(place(temporaryHome()), ["config", "set", "chat.max_step", "3"]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("did you mean max_steps?") });
  });

  it("an unknown option or output format is one sentence and exit code 2", async () => {
    for (const args of [["--nope"], ["-p", "hi", "--output", "xml"], ["frobnicate"]]) {
      const { code, stderr } = await banyan(place(temporaryHome()), args);
      expect({ args, code }).toEqual({ args, code: 2 });
      expect(stderr).toMatch(/^banyan: /);
    }
  });

  it("an empty message is refused with an example", async () => {
    const { code, stderr } = await banyan(place(temporaryHome()), ["-p"], "\n");
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'banyan: Nothing was asked; write banyan -p "your question".\n',
    });
  });

  it("a message that is piped in without an end is refused while it is read", async () => {
    const child = startBanyan(place(temporaryHome()), []);
    const closed = new Promise((resolve) => child.on("close", resolve));
    let stderr = "";
    child.stderr.on("data", (part) => {
      stderr += part;
    });
    child.stdin.on("error", () => {}); // it stops reading
    const piece = Buffer.alloc(1024 * 1024, "x");
    const more = (): void => {
      while (child.exitCode === null && child.stdin.writable && child.stdin.write(piece));
    };
    child.stdin.on("drain", more);
    more();
    expect(await closed).toBe(1);
    expect(stderr).toContain("The message is longer than 10 MB");
  });

  it("a conversation that is not there is said in one sentence", async () => {
    const { code, stderr } = await banyan(place(temporaryHome()), ["-p", "hi", "--resume", "nope"]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "banyan: There is no conversation nope; banyan sessions list shows what there is.\n",
    });
  });
});
