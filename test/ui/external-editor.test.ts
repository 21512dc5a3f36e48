import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { editOutside, wordsOf } from "../../src/ui/external-editor.js";
import { temporaryHome } from "../support/home.js";

const { PATH } = process.env;
const folders = (): string[] => readdirSync(tmpdir());

beforeEach(() => void vi.stubEnv("TMPDIR", mkdtempSync(join(temporaryHome(), "tmp-"))));
afterEach(() => void vi.unstubAllEnvs());

describe("the user's own editor", () => {
  it.each<[string, string[]]>([
    ["vim", ["vim"]],
    ["code --wait", ["code", "--wait"]],
    ["  emacs   -nw ", ["emacs", "-nw"]],
    ["'/opt/my editor/ed' -x", ["/opt/my editor/ed", "-x"]],
    ['"/opt/my editor/ed" --title="a \\"b\\""', ["/opt/my editor/ed", '--title=a "b"']],
    ["/opt/my\\ editor/ed", ["/opt/my editor/ed"]],
    ["ed '' x", ["ed", "", "x"]],
    ["ed; rm -rf $HOME `id` && x", ["ed;", "rm", "-rf", "$HOME", "`id`", "&&", "x"]],
  ])("%s is started as %j", (command, words) => {
    expect(wordsOf(command)).toEqual(words);
  });

  it("changes the text, with its own arguments, and leaves no file behind", async () => {
    const EDITOR = `sh -c 'echo "and $0" >> "$1"' more`;
    expect(await editOutside("first\n  漢字", { PATH, EDITOR })).toEqual({ text: "first\n  漢字\nand more" });
    expect(await editOutside("", { PATH, EDITOR: "unused", VISUAL: "true" })).toEqual({ text: "" });
    expect(folders()).toEqual([]);
  });

  it("gets a Markdown file that nobody else may read, in a folder that nobody else may enter", async () => {
    const seen = join(temporaryHome(), "seen");
    const EDITOR = `sh -c 'stat -c "%a %n" "$1" "$(dirname "$1")" > ${seen}' ed`;
    await editOutside("secret", { PATH, EDITOR });
    const [file = "", folder = ""] = readFileSync(seen, "utf8").split("\n");
    expect(file).toMatch(/^600 .*\.md$/);
    expect(folder).toMatch(/^700 /);
    expect(existsSync(folder.slice(4))).toBe(false);
  });

  it("that is missing, or fails, is told with what to do, and the text stays as it was", async () => {
    expect(await editOutside("x", { PATH, EDITOR: "no-such-editor --wait" })).toEqual({
      problem: expect.stringMatching(/"no-such-editor" cannot be started .*set VISUAL or EDITOR/),
    });
    expect(await editOutside("x", { PATH, EDITOR: "sh -c 'echo y > \"$0\"; exit 3'" })).toEqual({
      problem: 'the editor "sh" ended with code 3; your text is as it was',
    });
    expect(folders()).toEqual([]);
  });

  it("runs nothing but the program that is named", async () => {
    const proof = join(temporaryHome(), "proof");
    expect(await editOutside("x", { PATH, EDITOR: `true; touch ${proof}` })).toMatchObject({
      problem: expect.stringContaining('"true;" cannot be started'),
    });
    await editOutside(`$(touch ${proof})`, { PATH, EDITOR: `true $(touch ${proof})` });
    expect(existsSync(proof)).toBe(false);
  });

  it("has Ctrl-C for itself: the program does not hear it, and hears it again afterwards", async () => {
    const heard = vi.fn();
    process.on("SIGINT", heard);
    try {
      const EDITOR = `sh -c 'kill -INT ${process.pid}; echo done >> "$1"' ed`;
      expect(await editOutside("x", { PATH, EDITOR })).toEqual({ text: "x\ndone" });
      expect(heard).not.toHaveBeenCalled();
      const again = new Promise((resolve) => process.once("SIGINT", resolve));
      process.kill(process.pid, "SIGINT");
      await again;
      expect(heard).toHaveBeenCalledOnce();
    } finally {
      process.off("SIGINT", heard);
    }
  });
});
