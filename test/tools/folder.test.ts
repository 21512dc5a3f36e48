// Attacks on the border of the working folder, through the tools as a model calls them.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isInside, openFolder, resolveInside } from "../../tools/support/folder.js";
import { type Connection, connect } from "../support/stdio-client.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();
let host: Connection;

beforeAll(async () => {
  work.write("a.txt", "inside\n");
  work.write("sub/b.txt", "inside too\n");
  symlinkSync("/etc", join(work.root, "etc"));
  symlinkSync(work.outside, join(work.root, "out"));
  symlinkSync(join(work.outside, "secret.txt"), join(work.root, "secret-link"));
  symlinkSync("out", join(work.root, "sub", "twice"));
  symlinkSync("../out", join(work.root, "sub", "relative"));
  symlinkSync(join(work.outside, "not-yet"), join(work.root, "dangling"));
  symlinkSync("loop", join(work.root, "loop"));
  symlinkSync("sub", join(work.root, "fine"));
  host = await connect("host", { cwd: work.root });
});
afterAll(async () => {
  await host.client.close();
  work.remove();
});

const escapes = [
  "..",
  "../outside/secret.txt",
  "sub/../../outside/secret.txt",
  "/etc/passwd",
  "/",
  "etc/passwd",
  "etc",
  "out",
  "out/secret.txt",
  "out/new/file.txt",
  "secret-link",
  "sub/relative/secret.txt",
  "sub/relative",
];

describe("file tools stay inside the working folder", () => {
  describe.each(["read_file", "list_directory", "write_file", "search_files"])("%s", (tool) => {
    const call = (path: string) => {
      const rest = tool === "write_file" ? { content: "owned" } : tool === "search_files" ? { query: "secret" } : {};
      return host.call(tool, { path, ...rest });
    };

    it.each(escapes)("refuses %s and names the allowed folder", async (path) => {
      const { isError, text } = await call(path);
      expect(isError).toBe(true);
      expect(text).toBe(`"${path}" leads outside the allowed folder ${work.root}; give a path inside it.`);
    });

    it("refuses a NUL character, a broken symlink and a loop of symlinks", async () => {
      expect(await call("a.txt\0.png")).toMatchObject({
        isError: true,
        text: "The path holds a NUL character; remove it.",
      });
      expect((await call("dangling")).text).toContain("a symbolic link whose target is missing");
      expect((await call("dangling/deeper/x.txt")).text).toContain("a symbolic link whose target is missing");
      expect((await call("sub/twice")).text).toContain("a symbolic link whose target is missing");
      expect((await call("loop/x")).text).toContain("a loop of symbolic links");
      expect((await call("x".repeat(5_000))).text).toContain('The field "path"');
    });
  });

  it("nothing of all that reached the folder outside", () => {
    expect(readdirSync(work.outside)).toEqual(["secret.txt"]);
    expect(readFileSync(join(work.outside, "secret.txt"), "utf8")).toBe("top secret\n");
  });

  it("follows symlinks that stay inside, and names that merely look like an escape", async () => {
    work.write("..file", "dots\n");
    expect((await host.call("read_file", { path: "fine/b.txt" })).text).toBe("inside too\n");
    expect((await host.call("read_file", { path: "..file" })).text).toBe("dots\n");
    expect((await host.call("read_file", { path: "sub/../a.txt" })).text).toBe("inside\n");
    expect((await host.call("write_file", { path: "fine/new.txt", content: "x" })).text).toContain(
      "Created sub/new.txt",
    );
  });

  it("does not look through symlinks when it searches", async () => {
    const { text } = await host.call("search_files", { query: "secret" });
    expect(text).toMatch(/^\(0 matches in 0 of \d+ files\.\)$/);
    const names = await host.call("search_files", { glob: "*" });
    expect(names.text).not.toContain("secret");
  });

  it("works in a folder that is itself reached through a symlink", async () => {
    const base = await realpath(await mkdtemp(join(tmpdir(), "banyan-link-")));
    symlinkSync(work.root, join(base, "alias"));
    const other = await connect("host", { cwd: join(base, "alias") });
    try {
      expect((await other.call("read_file", { path: "a.txt" })).text).toBe("inside\n");
      expect((await other.call("read_file", { path: join(base, "alias", "a.txt") })).text).toBe("inside\n");
      expect((await other.call("read_file", { path: "../outside/secret.txt" })).isError).toBe(true);
    } finally {
      await other.client.close();
      rmSync(base, { recursive: true });
    }
  });
});

describe("somebody who swaps a folder for a symlink in between", () => {
  it("is noticed when the folder is opened after the check", async () => {
    mkdirSync(join(work.root, "swap"));
    const checked = await resolveInside(work.root, "swap");
    renameSync(join(work.root, "swap"), join(work.root, "swapped"));
    symlinkSync(work.outside, join(work.root, "swap"));
    await expect(openFolder(work.root, checked.real, "swap")).rejects.toThrow();
    unlinkSync(join(work.root, "swap"));
  });

  it.runIf(process.platform === "linux")("is noticed in a parent of what is opened", async () => {
    mkdirSync(join(work.root, "parent/child"), { recursive: true });
    mkdirSync(join(work.outside, "child"));
    const checked = await resolveInside(work.root, "parent/child");
    renameSync(join(work.root, "parent"), join(work.root, "parent-was"));
    symlinkSync(work.outside, join(work.root, "parent"));
    await expect(openFolder(work.root, checked.real, "parent/child")).rejects.toThrow(
      "leads outside the allowed folder",
    );
  });

  it.runIf(process.platform === "linux")(
    "gains nothing once the folder is open: writes go to the checked folder",
    async () => {
      mkdirSync(join(work.root, "held"));
      const checked = await resolveInside(work.root, "held");
      const folder = await openFolder(work.root, checked.real, "held");
      renameSync(join(work.root, "held"), join(work.root, "held-was"));
      symlinkSync(work.outside, join(work.root, "held"));
      const { writeFile } = await import("node:fs/promises");
      await writeFile(folder.entry("made.txt"), "x");
      await folder.close();
      expect(existsSync(join(work.root, "held-was", "made.txt"))).toBe(true);
      expect(existsSync(join(work.outside, "made.txt"))).toBe(false);
    },
  );
});

describe("isInside", () => {
  it.each([
    ["/a", "/a", true],
    ["/a", "/a/b", true],
    ["/a", "/a/..b", true],
    ["/a", "/ab", false],
    ["/a", "/", false],
    ["/a/b", "/a/c", false],
    ["/", "/a", true],
  ])("%s holds %s: %s", (root, path, inside) => {
    expect(isInside(root, path)).toBe(inside);
  });
});
