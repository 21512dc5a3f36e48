// The border of the working folder, for every place where a tool takes a path; folder.test.ts has the tricks one by one.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tools } from "../../tools/index.js";
import { callTool } from "../support/call-tool.js";
import { makeWorkspace } from "../support/workspace.js";

const work = makeWorkspace();

/** Where a path goes in, and how; `new`: the path of something to be made. */
const PLACES: readonly (readonly [string, (path: string) => Record<string, unknown>, "new"?])[] = [
  ["edit_file", (path) => ({ path, edits: [{ old_text: "secret", new_text: "owned" }] })],
  ["move_file", (from) => ({ from, to: "moved" })],
  ["move_file", (to) => ({ from: "a.txt", to, overwrite: true }), "new"],
  ["directory_tree", (path) => ({ path })],
  ["find_files", (path) => ({ path })],
  ["diff_files", (path) => ({ path, other_text: "" })],
  ["diff_files", (path) => ({ path: "a.txt", other_path: path })],
  ["hash_file", (path) => ({ paths: ["a.txt", path] })],
  ["archive", (path) => ({ action: "list", path })],
  ["archive", (path) => ({ action: "extract", path, to: "unpacked" })],
  ["archive", (path) => ({ action: "create", path: "made.zip", paths: [path], overwrite: true })],
  [
    "archive",
    (path) => ({
      action: "create",
      path: path === ".." ? "../x.zip" : `${path}.zip`,
      paths: ["a.txt"],
      overwrite: true,
    }),
    "new",
  ],
  ["archive", (to) => ({ action: "extract", path: "good.zip", to }), "new"],
  ["count_text", (path) => ({ path })],
  ["regex", (path) => ({ path, action: "test", pattern: "secret" })],
  ["template", (path) => ({ path })],
  ["markdown_to_text", (path) => ({ path })],
  ["html_to_text", (path) => ({ path })],
  ["json_query", (path) => ({ path, query: "$" })],
  ["convert_data", (path) => ({ path, from: "json", to: "yaml" })],
  ["csv_query", (path) => ({ path })],
  ["validate_json", (path) => ({ data_path: path, schema: "{}" })],
  ["validate_json", (path) => ({ data: "1", schema_path: path })],
];

const OUTSIDE = [
  "../outside/secret.txt",
  "..",
  "/etc/passwd",
  "/dev/zero",
  "/proc/self/environ",
  "folder/../../outside/secret.txt",
  "out/secret.txt",
  "folder/far/secret.txt",
];

beforeAll(() => {
  work.write("folder/b.txt", "inside too\n");
  work.write("good.zip", zipSync({ "x.txt": strToU8("x") }));
  symlinkSync(work.outside, join(work.root, "out"));
  symlinkSync("../../outside", join(work.root, "folder/far"));
  execFileSync("mkfifo", [join(work.root, "pipe")]);
});
beforeEach(() => {
  work.write("a.txt", "inside\n");
  for (const name of ["secret-link", "zero", "moved"]) rmSync(join(work.root, name), { force: true });
  symlinkSync(join(work.outside, "secret.txt"), join(work.root, "secret-link"));
  symlinkSync("/dev/zero", join(work.root, "zero"));
});
afterAll(() => work.remove());

describe.each(PLACES.map(([name, args, kind], i) => [`${name} (${i})`, name, args, kind] as const))(
  "%s",
  (_, name, args, kind) => {
    const tool = tools.find((one) => one.name === name);
    if (!tool) throw new Error(`there is no ${name}`);
    const call = (path: string) => callTool(tool, args(path), { root: work.root });

    it("stays inside, whatever leads out", async () => {
      for (const path of OUTSIDE) {
        const { isError, text } = await call(path);
        expect(isError, path).toBe(true);
        expect(text, path).toContain("leads outside the allowed folder");
        expect(text).not.toContain("top secret");
      }
    });

    it("refuses a NUL character", async () => {
      expect((await call("a.txt\0.zip")).text).toBe("The path holds a NUL character; remove it.");
    });

    it("does not follow links that lead out, and waits for no pipe and no endless device", async () => {
      const moves = name === "move_file"; // which may move a pipe or a link itself
      for (const path of moves ? ["secret-link", "zero"] : ["secret-link", "zero", "pipe"]) {
        const { isError, text } = await call(path);
        if (!moves && kind !== "new") expect(isError, path).toBe(true);
        expect(text, path).not.toContain("top secret");
      }
    });
  },
);

it("nothing of all that reached the folder outside", () => {
  expect(readdirSync(work.outside)).toEqual(["secret.txt"]);
  expect(readFileSync(join(work.outside, "secret.txt"), "utf8")).toBe("top secret\n");
});
