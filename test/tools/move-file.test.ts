import { existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { moveFile } from "../../tools/move-file.js";
import { callTool } from "../support/call-tool.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();
afterAll(() => work.remove());

const move = (from: string, to: string, more = {}) => callTool(moveFile, { from, to, ...more }, { root: work.root });
const content = (path: string) => readFileSync(join(work.root, path), "utf8");
const exists = (path: string) => existsSync(join(work.root, path));

describe("move_file", () => {
  it("renames a file and makes the folders above its new name", async () => {
    work.write("a.txt", "a");
    expect((await move("a.txt", "new/deep/b.txt")).text).toBe("Moved a.txt to new/deep/b.txt.");
    expect(content("new/deep/b.txt")).toBe("a");
    expect(exists("a.txt")).toBe(false);
  });

  it("moves a folder with all that is in it", async () => {
    work.write("folder/sub/x.txt", "x");
    await move("folder", "moved");
    expect(content("moved/sub/x.txt")).toBe("x");
    expect(exists("folder")).toBe(false);
  });

  it("replaces nothing unless told to, and then only a file by a file", async () => {
    work.write("one.txt", "1");
    work.write("two.txt", "2");
    mkdirSync(join(work.root, "empty"));
    expect((await move("one.txt", "two.txt")).text).toBe(
      '"two.txt" exists already; choose another name, or set overwrite to replace a file.',
    );
    expect(content("two.txt")).toBe("2");
    const overwrite = { overwrite: true };
    expect((await move("one.txt", "empty", overwrite)).text).toContain("only a file can be replaced, by a file");
    expect((await move("empty", "two.txt", overwrite)).isError).toBe(true);
    expect((await move("one.txt", "two.txt", overwrite)).text).toBe(
      "Moved one.txt to two.txt, replacing the file that was there.",
    );
    expect(content("two.txt")).toBe("1");
  });

  it("moves a symbolic link itself, not what it points to", async () => {
    work.write("target.txt", "t");
    symlinkSync("target.txt", join(work.root, "link"));
    await move("link", "renamed-link");
    expect(readlinkSync(join(work.root, "renamed-link"))).toBe("target.txt");
    expect(content("target.txt")).toBe("t");
  });

  it("refuses the working folder, a folder into itself, the same place and what is not there", async () => {
    work.write("self/x", "x");
    expect((await move(".", "elsewhere")).text).toContain("is the working folder itself");
    expect((await move("self", "self/inner")).text).toContain("cannot be moved into itself");
    expect((await move("self", "./self/")).text).toContain("is already there");
    expect((await move("none", "other")).text).toContain('"none" does not exist');
    expect((await move("self/x/y", "other")).text).toContain("goes through a file as if it were a folder");
  });
});
