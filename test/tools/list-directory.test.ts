import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listDirectory } from "../../tools/list-directory.js";
import { type Connection, connect } from "../support/stdio-client.js";
import { toolContext } from "../support/tool-context.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();
let host: Connection;
const list = (args: Record<string, unknown>) => host.call("list_directory", args);

beforeAll(async () => {
  work.write("mixed/file10.txt", "x".repeat(1_500));
  work.write("mixed/file2.txt", "x");
  work.write("mixed/.hidden", "");
  work.write("mixed/zoo/inner.txt", "");
  work.write("mixed/Alpha/inner.txt", "");
  symlinkSync("/etc/passwd", join(work.root, "mixed/link"));
  execFileSync("mkfifo", [join(work.root, "mixed/pipe")]);
  host = await connect("host", { cwd: work.root });
});
afterAll(async () => {
  await host.client.close();
  work.remove();
});

describe("list_directory", () => {
  it("shows folders first, names in counting order, sizes, and symlinks by their target without following them", async () => {
    expect(await list({ path: "mixed" })).toMatchObject({
      isError: false,
      texts: [
        [
          "Alpha/",
          "zoo/",
          ".hidden  0 bytes",
          "file2.txt  1 byte",
          "file10.txt  1.5 kB",
          "link -> /etc/passwd",
          "pipe  (special file)",
        ].join("\n"),
      ],
    });
  });

  it("lists the working folder by default and leaves hidden names out on request", async () => {
    expect((await list({})).text).toBe("mixed/");
    expect((await list({ path: "mixed", include_hidden: false })).text).not.toContain(".hidden");
  });

  it("says that a folder is empty, missing or a file", async () => {
    mkdirSync(join(work.root, "mixed/void"));
    expect((await list({ path: "mixed/void" })).text).toBe("(mixed/void is empty.)");
    expect(await list({ path: "nowhere" })).toMatchObject({
      isError: true,
      text: '"nowhere" does not exist; list its parent folder to find the right name.',
    });
    expect((await list({ path: "mixed/file2.txt" })).text).toBe(
      '"mixed/file2.txt" is a file, not a folder; use read_file to see it.',
    );
  });

  it("shows the first 1000 entries of a crowded folder and counts the rest", async () => {
    for (let i = 0; i < 1_203; i++) work.write(`crowd/f${i}`, "");
    const { texts } = await list({ path: "crowd" });
    expect(texts[0]?.split("\n")).toHaveLength(1_000);
    expect(texts[1]).toBe("(203 more entries not shown; use search_files.)");
  });

  it("stops when its caller cancels", async () => {
    const stop = new AbortController();
    stop.abort(new Error("not any more"));
    const context = toolContext({ root: work.root, signal: stop.signal });
    await expect(listDirectory.handler({ path: "mixed", include_hidden: true }, context)).rejects.toThrow(
      "not any more",
    );
  });
});
