import { createHash } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { diffFiles } from "../../tools/diff-files.js";
import { hashFile } from "../../tools/hash-file.js";
import { callTool } from "../support/call-tool.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();
afterAll(() => work.remove());

describe("diff_files", () => {
  const diff = (args: Record<string, unknown>) => callTool(diffFiles, args, { root: work.root });

  it("compares two files, or a file with a text, as a unified diff", async () => {
    work.write("a.txt", "1\n2\n3\n4\n5\n");
    work.write("b.txt", "1\n2\ndrei\n4\n5");
    expect((await diff({ path: "a.txt", other_path: "b.txt", context_lines: 1 })).texts).toEqual([
      "--- a.txt\n+++ b.txt\n@@ -2,4 +2,4 @@\n 2\n-3\n+drei\n 4\n-5\n+5\n\\ No newline at end of file",
      "(2 lines added, 2 removed.)",
    ]);
    expect((await diff({ path: "a.txt", other_text: "1\n" })).texts[1]).toBe("(0 lines added, 4 removed.)");
  });

  it("says when nothing differs, or spaces alone", async () => {
    work.write("c.txt", "1\n  2\n");
    work.write("d.txt", "1\n2  \n");
    expect((await diff({ path: "c.txt", other_path: "./c.txt" })).text).toBe("c.txt and c.txt are equal.");
    expect((await diff({ path: "c.txt", other_path: "d.txt", ignore_space: true })).text).toBe(
      "c.txt and d.txt differ in spaces alone.",
    );
  });

  it("gives up on large texts that have nothing in common, and says so", async () => {
    const lines = (word: string) => Array.from({ length: 60_000 }, (_, i) => `${word} ${i * 7}`).join("\n");
    work.write("x.txt", lines("x"));
    work.write("y.txt", lines("y"));
    expect((await diff({ path: "x.txt", other_path: "y.txt" })).text).toBe(
      "x.txt and y.txt have too little in common to show line by line.",
    );
  });

  it("wants exactly one thing to compare with, and text", async () => {
    work.write("bin", Buffer.from([0, 1]));
    const one = "Give either other_path or other_text to compare with, and not both.";
    expect((await diff({ path: "a.txt" })).text).toBe(one);
    expect((await diff({ path: "a.txt", other_path: "b.txt", other_text: "" })).text).toBe(one);
    expect((await diff({ path: "a.txt", other_path: "bin" })).text).toContain("is a binary file");
  });
});

describe("hash_file", () => {
  const hash = (args: Record<string, unknown>) => callTool(hashFile, args, { root: work.root });

  it("sums many files, one line each, with the algorithm asked for", async () => {
    const bytes = Buffer.alloc(3_000_000, "banyan");
    work.write("big.bin", bytes);
    work.write("empty", "");
    expect((await hash({ paths: ["empty", "big.bin"] })).text).toBe(
      `e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  empty\n${createHash("sha256").update(bytes).digest("hex")}  big.bin`,
    );
    for (const algorithm of ["md5", "sha1", "sha512"]) {
      const expected = createHash(algorithm).update(bytes).digest("hex");
      expect((await hash({ paths: ["big.bin"], algorithm })).text).toBe(`${expected}  big.bin`);
    }
  });

  it("names the file it cannot read", async () => {
    expect(await hash({ paths: ["empty", "none"] })).toMatchObject({
      isError: true,
      text: expect.stringContaining('"none" does not exist'),
    });
    expect((await hash({ paths: ["."] })).text).toContain("is a folder");
  });
});
