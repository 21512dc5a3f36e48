import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { settingNames } from "../../src/cli/completion.js";
import { cli, place, root } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { hasTmux, RealTerminal } from "../support/terminal.js";

const has = (shell: string) => spawnSync(shell, ["--version"]).status === 0;
const scripts: Record<string, string> = {};

beforeAll(() => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { stdout, status } = spawnSync(process.execPath, [cli, "completion", shell], { encoding: "utf8" });
    expect({ shell, status }).toEqual({ shell, status: 0 });
    scripts[shell] = stdout;
  }
});

/** What bash offers for the last word of the line. */
function inBash(line: string): string[] {
  const words = line.split(" ").map((word) => `'${word}'`);
  const ask = `COMP_WORDS=(${words.join(" ")}); COMP_CWORD=${words.length - 1}; _banyan; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", `${scripts.bash}\n${ask}`], { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.split("\n").filter((each) => each !== "");
}

function inFish(line: string): string[] {
  const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", `${scripts.fish}\ncomplete -C '${line}'`], {
    encoding: "utf8",
    env: { ...process.env, HOME: temporaryHome() },
  });
  expect(stderr).toBe("");
  return stdout
    .split("\n")
    .filter((each) => each !== "")
    .map((each) => each.split("\t")[0] ?? "");
}

describe.skipIf(!has("bash"))("completion in bash (needs bash)", () => {
  it("commands, commands of a command, options and their choices", () => {
    expect(inBash("banyan con")).toEqual(["config"]);
    expect(inBash("banyan config ap")).toEqual(["approve"]);
    expect(inBash("banyan observe --p")).toEqual(["--pid"]);
    expect(inBash("banyan -p hello --output ")).toEqual(["text", "json", "stream-json"]);
    expect(inBash("banyan chat --model off")).toEqual(["offline"]);
    expect(inBash("banyan completion ")).toEqual(expect.arrayContaining(["bash", "zsh", "fish"]));
    expect(inBash("banyan help doc")).toEqual(["doctor"]);
  });

  it("a value of an option is not taken for a command", () => {
    expect(inBash("banyan --home tree config ch")).toEqual(["check"]);
  });

  it("a file after --config, a folder after --home", () => {
    expect(inBash(`banyan --config ${join(root, "config.t")}`)).toEqual([join(root, "config.toml")]);
    expect(inBash(`banyan --home ${join(cli, "..", "supervisi")}`)).toEqual([join(cli, "..", "supervision")]);
  });

  it("the names of settings, where a command takes a key", () => {
    for (const command of ["set", "show"])
      expect(inBash(`banyan config ${command} chat.max_s`)).toEqual(["chat.max_steps"]);
    expect(settingNames()).toEqual(expect.arrayContaining(["model", "providers.openai.base_url", "log.level"]));
  });
});

describe.skipIf(!has("fish"))("completion in fish (needs fish)", () => {
  it("commands, commands of a command, options and their choices", () => {
    expect(inFish("banyan con")).toEqual(["config"]);
    expect(inFish("banyan config ")).toEqual(expect.arrayContaining(["approve", "check", "help", "path"]));
    expect(inFish("banyan config set chat.max_s")).toEqual(["chat.max_steps"]);
    expect(inFish("banyan observe --p")).toContain("--pid");
    expect(inFish("banyan --output ")).toEqual(["json", "stream-json", "text"]);
    expect(inFish("banyan completion z")).toEqual(["zsh"]);
    expect(inFish("banyan --home tree config ch")).toEqual(["check"]);
  });
});

describe.skipIf(!has("zsh") || !hasTmux)("completion in zsh (needs zsh and tmux)", () => {
  it("a Tab completes commands, options and their choices", async () => {
    const here = place(temporaryHome());
    writeFileSync(join(here.home, "_banyan"), scripts.zsh ?? "");
    const terminal = new RealTerminal({ ...here, env: { ...here.env, HOME: here.home } });
    const shows = (text: string | RegExp) => expect.poll(() => terminal.screen()).toMatch(text);
    terminal.enter("exec zsh -f");
    terminal.enter(`PS1='zsh> '; autoload -Uz compinit; compinit -u -D; source ${here.home}/_banyan; echo rea''dy`);
    await shows(/^ready$/m);
    for (const [typed, completed] of [
      ["banyan con", /zsh> banyan config\s*$/m],
      ["banyan config ch", /zsh> banyan config check/],
      ["banyan observe --pi", /zsh> banyan observe --pid/],
      ["banyan --output stream", /zsh> banyan --output stream-json/],
      ["banyan --home tree config app", /zsh> banyan --home tree config approve/],
    ] as const) {
      terminal.type(typed);
      terminal.press("Tab");
      await shows(completed);
      terminal.press("C-u", "C-l"); // the line is emptied, then the screen
      await expect.poll(() => terminal.screen()).not.toContain("banyan");
    }
  });
});
