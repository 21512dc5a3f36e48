import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { searchFiles } from "../../tools/search-files.js";
import { parseGlob } from "../../tools/support/glob.js";
import { type Connection, connect } from "../support/stdio-client.js";
import { toolContext } from "../support/tool-context.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();
let host: Connection;
const search = (args: Record<string, unknown>) => host.call("search_files", args);

beforeAll(async () => {
  work.write("src/a.ts", "const one = 1;\r\nconst Two = 2;\n// one more\n");
  work.write("src/deep/er/b.tsx", "export const three = 3;\n");
  work.write("src/notes.md", "a.b costs $3 (one)\n");
  work.write("node_modules/x/index.js", "const one = 1;\n");
  work.write(".git/config", "one\n");
  work.write(".github/ci.yml", "run: one\n");
  work.write("bin/data.bin", Buffer.concat([Buffer.from([0]), Buffer.from("one")]));
  work.write("evil/input.txt", `fine aaa\n${"a".repeat(40)}b\n`);
  host = await connect("host", { cwd: work.root });
});
afterAll(async () => {
  await host.client.close();
  work.remove();
});

describe("search_files", () => {
  it("finds text in lines, ignoring case, in a stable order, and sums up what it searched", async () => {
    expect(await search({ query: "ONE" })).toMatchObject({
      isError: false,
      texts: [
        [
          ".github/ci.yml:1: run: one",
          "src/a.ts:1: const one = 1;",
          "src/a.ts:3: // one more",
          "src/notes.md:1: a.b costs $3 (one)",
        ].join("\n"),
        "(4 matches in 3 of 6 files.)",
      ],
    });
  });

  it("takes special characters of a text as they are", async () => {
    expect((await search({ query: "a.b costs $3 (" })).texts[0]).toBe("src/notes.md:1: a.b costs $3 (one)");
    expect((await search({ query: "c.nst" })).text).toBe("(0 matches in 0 of 6 files.)");
  });

  it("matches regular expressions line by line, in the case given if asked", async () => {
    const two = await search({ query: "^const T\\w+ = \\d;$", regex: true, case_sensitive: true });
    expect(two.texts[0]).toBe("src/a.ts:2: const Two = 2;");
  });

  it("narrows by glob and path, and finds files by name alone", async () => {
    expect((await search({ query: "const", glob: "*.tsx" })).texts[0]).toBe(
      "src/deep/er/b.tsx:1: export const three = 3;",
    );
    expect((await search({ glob: "*.{ts,tsx}" })).texts).toEqual(["src/deep/er/b.tsx\nsrc/a.ts", "(2 files found.)"]);
    expect((await search({ glob: "src/**/*.ts*" })).texts[0]).toBe("src/deep/er/b.tsx\nsrc/a.ts");
    expect((await search({ glob: "*.md", path: "src" })).texts[0]).toBe("src/notes.md");
    expect((await search({ query: "one", path: "src/notes.md" })).texts[0]).toBe("src/notes.md:1: a.b costs $3 (one)");
  });

  it("skips node_modules and .git unless told otherwise, and binary files always", async () => {
    const { text } = await search({ query: "one", include_ignored: true });
    expect(text).toContain(".git/config:1: one");
    expect(text).toContain("node_modules/x/index.js:1: const one = 1;");
    expect(text).not.toContain("data.bin");
  });

  it("stops at max_results and says so only if there is more", async () => {
    expect((await search({ query: "one", max_results: 4 })).texts[1]).toBe("(4 matches in 3 of 6 files.)");
    const { texts } = await search({ query: "one", max_results: 2 });
    expect(texts[0]?.split("\n")).toHaveLength(2);
    expect(texts[1]).toBe("(stopped at 2 results; narrow the search or raise max_results.)");
  });

  it("shows a long line around its match, and skips files over 2 MB with a word", async () => {
    work.write("big/long.txt", `${"x".repeat(5_000)}needle${"y".repeat(5_000)}\n`);
    work.write("big/huge.txt", "needle ".repeat(300_000));
    const { texts } = await search({ query: "needle", path: "big" });
    expect(texts[0]).toMatch(/^big\/long\.txt:1: …x{60}needley+…$/);
    expect(texts[0]?.length).toBeLessThan(350);
    expect(texts[1]).toBe("(1 match in 1 of 2 files; 1 file over 2 MB skipped.)");
  });

  it("refuses a bad regular expression, a bad glob, no question at all and a missing path, each in a sentence", async () => {
    expect(await search({ query: "a(b", regex: true })).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^query is not valid \(missing closing \).*\); correct it\.$/),
    });
    expect((await search({ query: "(?<!r)un", regex: true })).text).toMatch(
      /^Lookahead and lookbehind are not supported/,
    );
    expect((await search({ glob: "*.{ts" })).text).toBe('The glob "*.{ts" has a "{" that is never closed; add "}".');
    expect((await search({})).text).toBe("Give query to search in files, glob to search for names, or both.");
    expect((await search({ query: "x", path: "nowhere" })).text).toContain('"nowhere" does not exist');
    expect((await search({ query: "x", max_results: 5_000 })).text).toBe(
      'The field "max_results" of search_files is not valid: expected number to be <=1000.',
    );
  });

  it("reports progress while it goes through many files, and stops at once when the caller cancels", async () => {
    for (let i = 0; i < 450; i++) work.write(`many/f${i}.txt`, "text\n");
    const stop = new AbortController();
    const told: unknown[] = [];
    const context = toolContext({
      root: work.root,
      signal: stop.signal,
      progress: (...news) => {
        told.push(news);
        stop.abort(new Error("not any more"));
      },
    });
    // As many lines as take longer than the slice after which a search looks up.
    work.write("many/f2000.txt", "text\n".repeat(400_000));
    const args = { query: "^(t+e+x+t+)+n", regex: true, case_sensitive: true, path: "many", include_ignored: false };
    await expect(searchFiles.handler({ ...args, max_results: 100 }, context)).rejects.toThrow("not any more");
    expect(told).toEqual([[200, undefined, "Searching"]]);
    expect((await search({ glob: "f249.txt" })).texts[0]).toBe("many/f249.txt");
  });

  it("matches what makes other engines backtrack without end as fast as anything else", async () => {
    const { texts } = await search({ query: "^(a+)+$|fine", regex: true, path: "evil" });
    expect(texts).toEqual(["evil/input.txt:1: fine aaa", "(1 match in 1 of 1 file.)"]);
    work.write(`globs/${"a".repeat(60)}.txt`, "");
    expect((await search({ glob: "*a*a*a*a*a*a*a*a*a*a*b", path: "globs" })).text).toBe("(0 files found.)");
  });

  it("stops when half of the time is over, and what was found before still arrives", async () => {
    work.write("slow/a.txt", `fine aaa\n${"x".repeat(300)}\n`);
    work.write("slow/b.txt", "x\n".repeat(500_000));
    const limits = { timeMs: 2, outputBytes: 1_000_000 };
    const args = { query: "fine|(x+x+)+y", regex: true, case_sensitive: true, path: "slow", include_ignored: false };
    const output = await searchFiles.handler({ ...args, max_results: 100 }, toolContext({ root: work.root, limits }));
    expect(output.at(-1)).toMatch(/^\(stopped after 0\.001 s with [01] results?; simplify query or narrow path\.\)$/);
  });

  it("passes over lines that are too long for a large pattern, and says so", async () => {
    work.write("long/one.txt", `${"x".repeat(1_900_000)}\nneedle\n`);
    const { texts } = await search({ query: "(needle|[a-z]{60}0)", regex: true, path: "long" });
    expect(texts).toEqual([
      "long/one.txt:2: needle",
      "(1 match in 1 of 1 file; 1 line too long for this pattern skipped.)",
    ]);
  });
});

describe("parseGlob", () => {
  const matches = (glob: string, path: string) => {
    const { source, wholePath } = parseGlob(glob);
    return new RegExp(source).test(wholePath ? path : path.slice(path.lastIndexOf("/") + 1));
  };

  it.each([
    ["*.ts", "a/b/c.ts", true],
    ["*.ts", "a/b/c.tsx", false],
    ["a/*.ts", "a/c.ts", true],
    ["a/*.ts", "a/b/c.ts", false],
    ["a/**/c.ts", "a/c.ts", true],
    ["a/**/c.ts", "a/b/b/c.ts", true],
    ["a/**", "a/b/c.ts", true],
    ["**/c.ts", "c.ts", true],
    ["./a/c.ts", "a/c.ts", true],
    ["?.ts", "c.ts", true],
    ["?.ts", "cc.ts", false],
    ["{a,b}.{ts,js}", "b.js", true],
    ["{a,b}.{ts,js}", "c.js", false],
    ["[a-c].ts", "b.ts", true],
    ["[!a-c].ts", "b.ts", false],
    ["[!a-c].ts", "d.ts", true],
    ["a+b(1).ts", "a+b(1).ts", true],
    ["a.b", "axb", false],
    ["[]].ts", "].ts", true],
  ])("%s on %s: %s", (glob, path, expected) => {
    expect(matches(glob, path)).toBe(expected);
  });
});
