import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFile } from "../../tools/write-file.js";
import { type Connection, connect } from "../support/stdio-client.js";
import { toolContext } from "../support/tool-context.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();
let host: Connection;
const write = (path: string, content: unknown) => host.call("write_file", { path, content });
const content = (path: string) => readFileSync(join(work.root, path), "utf8");

beforeAll(async () => {
  host = await connect("host", { cwd: work.root });
});
afterAll(async () => {
  await host.client.close();
  work.remove();
});

describe("write_file", () => {
  it("creates a file with the folders above it, and says so", async () => {
    expect(await write("new/deep/a.txt", "héllo\n")).toMatchObject({
      isError: false,
      text: "Created new/deep/a.txt (7 bytes).",
    });
    expect(content("new/deep/a.txt")).toBe("héllo\n");
  });

  it("replaces a file, says so, and keeps its permissions", async () => {
    const file = work.write("run.sh", "old");
    chmodSync(file, 0o750);
    expect((await write("run.sh", "new")).text).toBe("Replaced run.sh (3 bytes).");
    expect(content("run.sh")).toBe("new");
    expect(statSync(file).mode & 0o777).toBe(0o750);
  });

  it("is atomic: whoever has the old file open keeps the old content, and no temporary file stays", async () => {
    const file = work.write("atomic/a.txt", "old");
    const before = statSync(file).ino;
    await write("atomic/a.txt", "new");
    expect(statSync(file).ino).not.toBe(before);
    expect(readdirSync(join(work.root, "atomic"))).toEqual(["a.txt"]);
  });

  it("writes through a symlink that stays inside, and leaves the link a link", async () => {
    work.write("real/target.txt", "old");
    symlinkSync("real/target.txt", join(work.root, "link.txt"));
    expect((await write("link.txt", "new")).text).toBe("Replaced real/target.txt (3 bytes).");
    expect(content("real/target.txt")).toBe("new");
    expect(readdirSync(work.root)).toContain("link.txt");
  });

  it("writes an empty file", async () => {
    expect((await write("empty.txt", "")).text).toBe("Created empty.txt (0 bytes).");
    expect(content("empty.txt")).toBe("");
  });

  it("refuses a folder, the working folder itself and a path that ends in a slash", async () => {
    mkdirSync(join(work.root, "folder"));
    expect(await write("folder", "x")).toMatchObject({
      isError: true,
      text: '"folder" is a folder; choose another file name.',
    });
    expect((await write(".", "x")).text).toBe('"." names a folder; add a file name.');
    expect((await write("fresh/", "x")).text).toBe('"fresh/" names a folder; add a file name.');
    expect(existsSync(join(work.root, "fresh"))).toBe(false);
  });

  it("refuses a file as a parent and a name too long for the disk, in one sentence", async () => {
    work.write("plain.txt", "x");
    expect((await write("plain.txt/a", "x")).text).toContain("goes through a file as if it were a folder");
    expect((await write("n".repeat(300), "x")).text).toContain("is too long for a path");
  });

  it("refuses content over its limit and content that is no text, naming the field", async () => {
    expect(await write("big.txt", "x".repeat(2_000_001))).toMatchObject({
      isError: true,
      text: 'The field "content" of write_file is not valid: expected string to have <=2000000 characters.',
    });
    expect((await write("number.txt", 7)).text).toBe(
      'The field "content" of write_file is not valid: expected string, received number.',
    );
    expect(existsSync(join(work.root, "big.txt"))).toBe(false);
  });

  it("changes nothing when its caller cancels before the last step", async () => {
    work.write("kept/a.txt", "old");
    const stop = new AbortController();
    stop.abort(new Error("not any more"));
    const context = toolContext({ root: work.root, signal: stop.signal });
    await expect(writeFile.handler({ path: "kept/a.txt", content: "new" }, context)).rejects.toThrow("not any more");
    expect(content("kept/a.txt")).toBe("old");
    expect(readdirSync(join(work.root, "kept"))).toEqual(["a.txt"]);
  });
});
