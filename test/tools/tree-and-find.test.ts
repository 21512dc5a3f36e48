import { symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { directoryTree } from "../../tools/directory-tree.js";
import { findFiles } from "../../tools/find-files.js";
import { callTool } from "../support/call-tool.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();
const OLD = new Date("2020-05-06T07:08:09Z");

beforeAll(() => {
  for (const [path, size] of Object.entries({
    "README.md": 5,
    ".hidden": 1,
    "src/main.ts": 1_500,
    "src/deep/er/a.ts": 10,
    "src/deep/er/b.tsx": 20,
    "src/deep/file2.txt": 2,
    "src/deep/file10.txt": 10,
    "node_modules/lib/index.js": 9,
    ".git/config": 9,
  })) {
    const file = work.write(path, "x".repeat(size));
    utimesSync(file, OLD, OLD);
  }
  utimesSync(join(work.root, "src/main.ts"), new Date(), new Date());
  symlinkSync(work.outside, join(work.root, "out"));
});
afterAll(() => work.remove());

describe("directory_tree", () => {
  const tree = (args = {}) => callTool(directoryTree, args, { root: work.root });

  it("shows folders first, sizes, and what it does not enter", async () => {
    expect((await tree()).texts).toEqual([
      [
        ".git/  (not entered)",
        "node_modules/  (not entered)",
        "src/",
        "  deep/",
        "    er/  (not opened)",
        "    file2.txt  (2 bytes)",
        "    file10.txt  (10 bytes)",
        "  main.ts  (1.5 kB)",
        ".hidden  (1 byte)",
        "out  (symbolic link)",
        "README.md  (5 bytes)",
      ].join("\n"),
      "(5 folders, 6 files, 1.5 kB.)",
    ]);
  });

  it("goes as deep as asked, hides what is hidden, and enters what is ignored only when told", async () => {
    const { texts } = await tree({ depth: 1, include_hidden: false });
    expect(texts[0]).toBe(
      "node_modules/  (not entered)\nsrc/  (not opened)\nout  (symbolic link)\nREADME.md  (5 bytes)",
    );
    expect((await tree({ depth: 9, path: "src" })).text).toContain(
      "  er/\n    a.ts  (10 bytes)\n    b.tsx  (20 bytes)",
    );
    expect((await tree({ include_ignored: true })).text).toContain("  lib/\n    index.js");
  });

  it("shows the upper levels first when there is more than may be shown", async () => {
    const { texts } = await tree({ max_entries: 8 });
    expect(texts[0]).toContain("README.md");
    expect(texts[1]).toContain("or more not shown: raise max_entries or choose a sub-folder");
    expect(texts[0]?.split("\n").length).toBe(8);
  });

  it("says so when the folder is empty, missing or a file", async () => {
    work.write("hollow/x", "");
    expect((await tree({ path: "nowhere" })).text).toContain('"nowhere" does not exist');
    expect((await tree({ path: "README.md" })).isError).toBe(true);
  });
});

describe("find_files", () => {
  const find = (args = {}) => callTool(findFiles, args, { root: work.root });
  const paths = async (args = {}) => ((await find(args)).texts[0] ?? "").split("\n").map((line) => line.split("  ")[0]);

  it("finds by name pattern, skipping .git and node_modules, with size and date", async () => {
    expect((await find({ glob: "*.ts" })).texts).toEqual([
      expect.stringMatching(
        /^src\/deep\/er\/a\.ts {2}\(10 bytes, 2020-05-06 07:08 UTC\)\nsrc\/main\.ts {2}\(1\.5 kB, .*\)$/,
      ),
      expect.stringMatching(/^\(2 found; in \d+ entries\.\)$/),
    ]);
    expect(await paths({ glob: "src/**/*.{ts,tsx}" })).toEqual([
      "src/deep/er/a.ts",
      "src/deep/er/b.tsx",
      "src/main.ts",
    ]);
    expect(await paths({ glob: "index.js", include_ignored: true })).toEqual(["node_modules/lib/index.js"]);
    expect(await paths({ glob: "[!f]*.t*", path: "src/deep" })).toEqual(["src/deep/er/a.ts", "src/deep/er/b.tsx"]);
  });

  it("finds by size, by kind and by time of change", async () => {
    expect(await paths({ min_bytes: 10, max_bytes: 20, glob: "*.t*" })).toEqual([
      "src/deep/er/a.ts",
      "src/deep/er/b.tsx",
      "src/deep/file10.txt",
    ]);
    expect(await paths({ type: "folder", path: "src" })).toEqual(["src/deep/", "src/deep/er/"]);
    expect(await paths({ modified_since: "24h", path: "src" })).toEqual(["src/main.ts"]);
    expect((await find({ modified_since: "2099-01-01" })).text).toMatch(/^\(0 found/);
  });

  it("sorts by size and by date, and says when there is more", async () => {
    expect(await paths({ path: "src", sort: "size", max_results: 2 })).toEqual(["src/main.ts", "src/deep/er/b.tsx"]);
    expect((await paths({ path: "src", sort: "modified" }))[0]).toBe("src/main.ts");
    expect((await find({ path: "src", max_results: 2 })).texts[1]).toBe(
      "(2 of 5 found; in 7 entries; raise max_results or narrow the search.)",
    );
  });

  it("is not held up by a pattern made to make matchers hang", async () => {
    work.write(`many/${"a".repeat(200)}`, "");
    expect((await find({ glob: `${"*a".repeat(90)}*b`, path: "many" })).text).toMatch(/^\(0 found/);
  });

  it("refuses a wrong date, a wrong size range, a bad glob and a file as a place to look in", async () => {
    expect((await find({ modified_since: "yesterday" })).text).toContain(
      'modified_since "yesterday" is neither a date',
    );
    expect((await find({ min_bytes: 2, max_bytes: 1 })).text).toBe("min_bytes is above max_bytes; swap them.");
    expect((await find({ glob: "[a" })).text).toContain("never closed");
    expect((await find({ path: "README.md" })).text).toBe('"README.md" is a file; give a folder to look in.');
  });
});
