import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { editFile } from "../../tools/edit-file.js";
import { callTool } from "../support/call-tool.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();
afterAll(() => work.remove());

const edit = (path: string, ...edits: Record<string, unknown>[]) =>
  callTool(editFile, { path, edits }, { root: work.root });
const change = (path: string, old_text: string, new_text: string, more = {}) =>
  edit(path, { old_text, new_text, ...more });
const content = (path: string) => readFileSync(join(work.root, path), "utf8");

describe("edit_file", () => {
  it("replaces a passage and shows the change as a diff", async () => {
    work.write("a.ts", "one\ntwo\nthree\nfour\nfive\nsix\n");
    const { texts } = await change("a.ts", "three\nfour", "3\n4\n4.5");
    expect(texts).toEqual([
      "Edited a.ts: 1 place, 3 lines added, 2 removed.",
      "--- a/a.ts\n+++ b/a.ts\n@@ -1,6 +1,7 @@\n one\n two\n-three\n-four\n+3\n+4\n+4.5\n five\n six",
    ]);
    expect(content("a.ts")).toBe("one\ntwo\n3\n4\n4.5\nfive\nsix\n");
  });

  it("makes several edits in order, a later one on the result of those before it", async () => {
    work.write("b.txt", "alpha beta");
    await edit("b.txt", { old_text: "alpha", new_text: "gamma" }, { old_text: "gamma beta", new_text: "done" });
    expect(content("b.txt")).toBe("done");
  });

  it("changes nothing at all when one of several edits cannot be made, and names that edit", async () => {
    work.write("c.txt", "one two");
    const { isError, text } = await edit(
      "c.txt",
      { old_text: "one", new_text: "1" },
      { old_text: "three", new_text: "3" },
    );
    expect(isError).toBe(true);
    expect(text).toBe("edits[1].old_text does not occur in c.txt; read the file and copy the passage exactly.");
    expect(content("c.txt")).toBe("one two");
  });

  it("refuses a passage that occurs more than once and tells the lines, unless all are meant", async () => {
    work.write("d.txt", "x = 1\ny\nx = 1\nx = 1\n");
    expect((await change("d.txt", "x = 1", "x = 2")).text).toBe(
      "edits[0].old_text occurs 3 times in d.txt (lines 1, 3, 4); give more lines around it, or set replace_all.",
    );
    expect((await change("d.txt", "x = 1", "x = 2", { replace_all: true })).texts[0]).toContain("3 places");
    expect(content("d.txt")).toBe("x = 2\ny\nx = 2\nx = 2\n");
  });

  it("tells where a passage stands that differs in white space alone", async () => {
    work.write("e.ts", "class A {\n\tgo() {\n\t\treturn 1;\n\t}\n}\n");
    expect((await change("e.ts", "  go() {\n    return 1;", "x")).text).toBe(
      "edits[0].old_text does not occur in e.ts; a passage that differs from it in white space alone begins at line 2: copy that one exactly.",
    );
  });

  it("finds a passage whatever line breaks the file has, and writes the file's own", async () => {
    work.write("crlf.txt", "a\r\nb\r\nc\r\n");
    await change("crlf.txt", "a\nb\n", "1\n2\n3\n");
    expect(content("crlf.txt")).toBe("1\r\n2\r\n3\r\nc\r\n");
    work.write("lf.txt", "a\nb\n");
    await change("lf.txt", "a\r\nb", "1\r\n2");
    expect(content("lf.txt")).toBe("1\n2\n");
    work.write("mixed.txt", "a\r\nb\nc\n");
    await change("mixed.txt", "c", "d");
    expect(content("mixed.txt")).toBe("a\r\nb\nd\n");
  });

  it("finds several places among line breaks of both kinds", async () => {
    work.write("both.txt", "x\r\n1\nx\r\n\r\nx\n1\r\nx\r1");
    await change("both.txt", "x\n1", "y\n2", { replace_all: true });
    expect(content("both.txt")).toBe("y\r\n2\nx\r\n\r\ny\r\n2\r\nx\r1");
    await change("both.txt", "\n\ny", "\nz");
    expect(content("both.txt")).toBe("y\r\n2\nx\r\nz\r\n2\r\nx\r1");
  });

  it("is held up by no passage that repeats itself in a file that does so too", async () => {
    work.write("same.txt", "a\n".repeat(900_000));
    for (const [old, why] of [
      ["a\na\n".repeat(1_000), "occurs 450 times"],
      [`${"a\n".repeat(90_000)}b`, "does not occur"],
    ] as const) {
      expect((await change("same.txt", old, "x")).text).toContain(why);
    }
  });

  it("keeps a byte order mark, UTF-16 and the permissions", async () => {
    const script = work.write("bom.sh", "\uFEFFecho old\n");
    chmodSync(script, 0o755);
    await change("bom.sh", "old", "new");
    expect(content("bom.sh")).toBe("\uFEFFecho new\n");
    expect(statSync(script).mode & 0o777).toBe(0o755);
    const little = work.write("le.txt", Buffer.from("\uFEFFhello ü\n", "utf16le"));
    const big = work.write("be.txt", Buffer.from("\uFEFFhello ü\n", "utf16le").swap16());
    await change("le.txt", "hello", "bye");
    await change("be.txt", "hello", "bye");
    expect(readFileSync(little)).toEqual(Buffer.from("\uFEFFbye ü\n", "utf16le"));
    expect(readFileSync(big)).toEqual(Buffer.from("\uFEFFbye ü\n", "utf16le").swap16());
  });

  it("takes the passage and its replacement as they are, not as patterns", async () => {
    work.write("f.txt", "a.b(c)*$1 [x]");
    await change("f.txt", ".b(c)*$1 [", "$& $1 \\n [");
    expect(content("f.txt")).toBe("a$& $1 \\n [x]");
  });

  it("loses none of many edits of one file that are asked for at the same time", async () => {
    work.write("g.txt", Array.from({ length: 20 }, (_, i) => `line${i};`).join("\n"));
    await Promise.all(Array.from({ length: 20 }, (_, i) => change("g.txt", `line${i};`, `done${i};`)));
    expect(content("g.txt")).toBe(Array.from({ length: 20 }, (_, i) => `done${i};`).join("\n"));
  });

  it("refuses what is binary, no valid text, too large, missing or unchanged, each in a sentence", async () => {
    work.write("bin", Buffer.from([1, 0, 2]));
    work.write("latin", Buffer.from("caf\xe9 a", "latin1"));
    work.write("big.txt", "a".repeat(2_000_001));
    work.write("same.txt", "a");
    expect((await change("bin", "a", "b")).text).toContain('"bin" is a binary file (3 bytes), not text');
    expect((await change("latin", "a", "b")).text).toBe(
      "latin holds bytes that are no valid utf-8 text, which an edit would lose.",
    );
    expect((await change("big.txt", "a", "b")).text).toContain('"big.txt" is over 2 MB');
    expect((await change("none.txt", "a", "b")).text).toContain('"none.txt" does not exist');
    expect((await change("same.txt", "a", "a")).text).toContain("change nothing in same.txt");
    expect(readdirSync(work.root).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
