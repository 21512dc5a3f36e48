import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFile } from "../../tools/read-file.js";
import { type Connection, connect } from "../support/stdio-client.js";
import { toolContext } from "../support/tool-context.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();
let host: Connection;
const read = (args: Record<string, unknown>) => host.call("read_file", args);

beforeAll(async () => {
  host = await connect("host", { cwd: work.root });
});
afterAll(async () => {
  await host.client.close();
  work.remove();
});

describe("read_file", () => {
  it("returns the content unchanged, Windows line ends and a missing last one included", async () => {
    work.write("docs/a.txt", "eins\r\nzwei – ü 😀\nend");
    expect(await read({ path: "docs/a.txt" })).toMatchObject({ isError: false, texts: ["eins\r\nzwei – ü 😀\nend"] });
    expect((await read({ path: join(work.root, "docs/a.txt") })).text).toBe("eins\r\nzwei – ü 😀\nend");
  });

  it("returns a range of lines, both ends included", async () => {
    work.write("ten.txt", Array.from({ length: 10 }, (_, i) => `line ${i + 1}\n`).join(""));
    expect((await read({ path: "ten.txt", start_line: 3, end_line: 5 })).texts).toEqual(["line 3\nline 4\nline 5\n"]);
    expect((await read({ path: "ten.txt", start_line: 9 })).texts).toEqual(["line 9\nline 10\n"]);
    expect((await read({ path: "ten.txt", end_line: 1 })).texts).toEqual(["line 1\n"]);
    expect((await read({ path: "ten.txt", end_line: 99 })).text).toHaveLength(71);
  });

  it("says how many lines there are when the range begins past the end, and refuses a reversed range", async () => {
    work.write("two.txt", "one\ntwo\n");
    work.write("two-open.txt", "one\ntwo");
    const sentence = (name: string) => `"${name}" has only 2 lines; choose a start_line up to that.`;
    expect(await read({ path: "two.txt", start_line: 3 })).toMatchObject({ isError: true, text: sentence("two.txt") });
    expect((await read({ path: "two-open.txt", start_line: 3 })).text).toBe(sentence("two-open.txt"));
    expect((await read({ path: "two-open.txt", start_line: 2 })).text).toBe("two");
    expect((await read({ path: "two.txt", start_line: 2, end_line: 1 })).text).toContain("swap them");
  });

  it("cuts a long file at the end of a line and tells the line to go on with, until all of it was read", async () => {
    const whole = Array.from({ length: 40_000 }, (_, i) => `row ${i + 1} äöü 😀\n`).join("");
    work.write("long.txt", whole);
    let text = "";
    let parts = 0;
    for (let next: number | undefined = 1; next !== undefined; parts++) {
      const { texts } = await read({ path: "long.txt", start_line: next });
      text += texts[0];
      expect(texts[0]?.length).toBeLessThanOrEqual(250_000);
      const go = /go on with start_line (\d+)/.exec(texts[1] ?? "");
      next = go ? Number(go[1]) : undefined;
    }
    expect(text === whole).toBe(true);
    expect(parts).toBe(Math.ceil(whole.length / 250_000));
  });

  it("cuts a single line that is too long, without splitting a character, and says so", async () => {
    work.write("minified.js", `x${"😀".repeat(200_000)}`);
    const { texts } = await read({ path: "minified.js" });
    expect(texts[0]).toHaveLength(249_999);
    expect(texts[0]?.at(-1)).toBe("\ude00");
    expect(texts[1]).toContain("Line 1 of minified.js is longer than one read may return");
  });

  it("reads a range near the end of a large file in bounded memory", async () => {
    work.write("large.txt", `${"0123456789abcde\n".repeat(4_000_000)}the last line`); // 64 MB
    const before = rss(host.pid);
    expect((await read({ path: "large.txt", start_line: 4_000_001 })).text).toBe("the last line");
    expect(rss(host.pid) - before).toBeLessThan(50_000);
  });

  it("tells kindly that a file is binary, and its size", async () => {
    work.write("logo.png", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0, 1, 2]));
    expect(await read({ path: "logo.png" })).toMatchObject({
      isError: true,
      text: '"logo.png" is a binary file (8 bytes), not text; read_file can only show text.',
    });
  });

  it("shows invalid UTF-8 as � with a word about it, and keeps the rest", async () => {
    work.write("latin1.txt", Buffer.from("caf\xe9 au lait\n", "latin1"));
    const { isError, texts } = await read({ path: "latin1.txt" });
    expect([isError, texts[0]]).toEqual([false, "caf� au lait\n"]);
    expect(texts[1]).toContain("not valid text");
  });

  it("reads UTF-16 with its mark, and hides a UTF-8 mark", async () => {
    work.write("utf16.txt", Buffer.from("\ufeffGrüße\n", "utf16le"));
    work.write("bom.txt", "\ufeffhello\n");
    expect((await read({ path: "utf16.txt" })).text).toBe("Grüße\n");
    expect((await read({ path: "bom.txt" })).text).toBe("hello\n");
  });

  it("names what to do for a folder, a missing file, an empty one and one that is no regular file", async () => {
    mkdirSync(join(work.root, "folder"));
    work.write("empty.txt", "");
    execFileSync("mkfifo", [join(work.root, "pipe")]);
    expect(await read({ path: "folder" })).toMatchObject({
      isError: true,
      text: '"folder" is a folder; use list_directory to see what is in it.',
    });
    expect((await read({ path: "nope.txt" })).text).toBe(
      '"nope.txt" does not exist; use list_directory or search_files to find the right path.',
    );
    expect((await read({ path: "empty.txt/below" })).text).toContain("goes through a file as if it were a folder");
    expect((await read({ path: "empty.txt" })).text).toContain("(empty.txt is empty.)");
    expect((await read({ path: "pipe" })).text).toContain("is no regular file");
  });

  it("stops when its caller cancels", async () => {
    const stop = new AbortController();
    stop.abort(new Error("not any more"));
    const context = toolContext({ root: work.root, signal: stop.signal });
    await expect(readFile.handler({ path: "long.txt" }, context)).rejects.toThrow("not any more");
  });
});

function rss(pid: number): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }));
}
