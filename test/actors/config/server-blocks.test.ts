import { describe, expect, it } from "vitest";
import { blocksIn, withEnabled, withoutServer, withServer } from "../../../src/actors/config/server-blocks.js";

const FILE = `# kept by hand
[chat]
max_steps = 9 # few

# the files of the project
[[servers]] # first
name = "files"
command = "npx" # from npm
args = [
  "a", # one
  "[[servers]]", 'b',
]
# about its environment
[servers.env]
MODE = "fast"

# and this is the other
[[servers]]
name = "other"
command = """
[[servers]]
"""
enabled = true # for now

[log]
level = "warn"
`;

describe("a server's block in a settings file", () => {
  it("is added at the end, and no other line changes", async () => {
    const added = await withServer(FILE, {
      name: "new",
      command: 'a "b"\\c',
      args: ["x\ty\x7f", "é"],
      env: { T: "${env:T}" },
    });
    expect(added.startsWith(FILE)).toBe(true);
    expect((await blocksIn(added)).at(-1)).toEqual({
      name: "new",
      command: 'a "b"\\c',
      args: ["x\ty\x7f", "é"],
      env: { T: "${env:T}" },
    });
  });

  it("is added to an empty file, and taken out again leaves it empty", async () => {
    const added = await withServer("", { name: "a", command: "x", args: [], env: {} });
    expect(added).toBe('[[servers]]\nname = "a"\ncommand = "x"\n');
    expect((await withoutServer(added, "a")).trim()).toBe("");
  });

  it("is switched off and on by one line", async () => {
    const off = await withEnabled(FILE, "files", false);
    expect(off).toBe(FILE.replace('name = "files"\n', 'name = "files"\nenabled = false\n'));
    expect(await withEnabled(off, "files", true)).toBe(off.replace("enabled = false", "enabled = true"));
    expect(await withEnabled(FILE, "other", false)).toBe(
      FILE.replace("enabled = true # for now", "enabled = false # for now"),
    );
  });

  it("is removed with its tables, and every comment beside it stays", async () => {
    const left = await withoutServer(FILE, "files");
    for (const kept of [
      "# kept by hand",
      "# few",
      "# the files of the project",
      "# and this is the other",
      'level = "warn"',
    ])
      expect(left).toContain(kept);
    expect((await blocksIn(left)).map(({ name }) => name)).toEqual(["other"]);
    expect((await blocksIn(await withoutServer(FILE, "other"))).map(({ name }) => name)).toEqual(["files"]);
  });

  it("keeps the line ends of the file", async () => {
    const dos = FILE.replaceAll("\n", "\r\n");
    expect(await withEnabled(dos, "files", false)).toBe(
      (await withEnabled(FILE, "files", false)).replaceAll("\n", "\r\n"),
    );
  });

  it("is left to the user where it is no block of its own", async () => {
    const inline = 'servers = [{ name = "a", command = "x" }]\n';
    for (const change of [withEnabled(inline, "a", false), withoutServer(inline, "a")])
      await expect(change).rejects.toMatchObject({ code: "by_hand" });
    await expect(withServer(inline, { name: "b", command: "x", args: [], env: {} })).rejects.toMatchObject({
      code: "by_hand",
    });
  });
});
