// What docs/supervision says is so: its code compiles against the package, runs, and prints what stands beside it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { compilePages, expectedLines, readPages, runProgram } from "../support/pages.js";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

const { programs, shown, remove } = compilePages();
afterAll(remove);

describe("the framework's pages", () => {
  it.each(programs)("the code of $name runs and prints what it says", async ({ module, code }) => {
    const { lines, errors, code: exitCode } = await runProgram(module);
    expect(errors).toBe("");
    expect(exitCode).toBe(0);
    // Lines of handlers come in another order than they are written in.
    expect(lines.sort()).toEqual(expectedLines(code).sort());
  });

  it.each(shown)("$page shows $path as it stands", ({ path, text }) => {
    expect(text).toBe(read(path));
  });

  it("every example is shown on a page", () => {
    // In the README, docs/embedding.md and docs/snapshots.md.
    const elsewhere = ["examples/counter.ts", "examples/embedded-host.ts", "examples/roll_dice.ts"];
    const all = readdirSync(new URL("examples", root)).map((file) => `examples/${file}`);
    expect([...elsewhere, ...shown.map(({ path }) => path)].sort()).toEqual(all.sort());
  });

  it("every link between the pages leads somewhere", () => {
    const dead = readPages().flatMap(({ name, text }) =>
      Array.from(text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g), ([, target = ""]) => target)
        .filter((target) => !existsSync(new URL(target, new URL("docs/supervision/", root))))
        .map((target) => `${name}.md → ${target}`),
    );
    expect(dead).toEqual([]);
  });

  it("every page is in the index", () => {
    const index = read("docs/supervision/README.md");
    const missing = readPages().filter(({ name }) => name !== "README" && !index.includes(`](${name}.md)`));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  it("every case of the conformance list is a test's name or is explained in coming-from-otp.md", () => {
    const tests = readdirSync(new URL("test/supervision", root), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".test.ts"))
      .map((file) => read(`test/supervision/${file}`))
      .join("\n");
    const named = new Set(Array.from(tests.matchAll(/^\s*"?.*["`]A(\d+) /gm), ([, number]) => Number(number)));
    const page = read("docs/supervision/coming-from-otp.md");
    const explained = Array.from(page.matchAll(/^\| (A\d[^|]*)\|/gm), ([, cell = ""]) =>
      cell.split(",").map((one) => Number(one.trim().slice(1))),
    ).flat();
    const all = Array.from({ length: 187 }, (_, index) => index + 1);
    expect(all.filter((number) => !named.has(number) && !explained.includes(number))).toEqual([]);
  });
});
