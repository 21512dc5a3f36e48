// `banyan catalog …`, with a catalog of the command's own and through an app that runs.
import { mkdirSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { tableText } from "../../src/cli/table.js";
import { banyan, bare, type Place } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";
import { serving } from "../support/serving.js";

function projectWithPlugins(): Place {
  const here = bare(temporaryHome());
  const long = `Reviews code for faults. ${"It looks at every line. ".repeat(10)}`;
  const files = {
    "plugins/web/agents/reviewer.md": `---\nname: reviewer\ndescription: ${long}\nmodel: opus\n---\n\n# The reviewer\n`,
    "plugins/web/commands/release.md": "---\ndescription: Release a version.\n---\n\nTag it.\n",
    "plugins/web/commands/broken.md": "---\nname: [\n",
    "agent-registry.yml": "code_reviewer:\n  primary: reviewer\n",
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(here.cwd, path)), { recursive: true });
    writeFileSync(join(here.cwd, path), text);
  }
  return here;
}

it("finds by words and by role, prints a table or JSON, and says what is wrong with a file", async () => {
  const here = projectWithPlugins();
  const held = await banyan(here, ["catalog", "status"]);
  expect([held.stdout, held.stderr]).toEqual([
    expect.stringMatching(
      /^1 agent, 0 skills, 1 workflow\nno server is connected for this, so tools are not counted\n/,
    ),
    "",
  ]);
  const table = await banyan(here, ["catalog", "agents", "review", "code"]);
  expect([table.code, table.stderr]).toEqual([0, ""]);
  expect(table.stdout).toMatch(
    /^NAME +PLUGIN +MODEL +SCORE +DOES\nreviewer +web +opus +0\.\d\d +Reviews code .{1,60}…\n$/,
  );
  const read = await banyan(here, ["catalog", "reindex"]);
  expect(read.stdout).toMatch(/^1 agent, 0 skills, 1 workflow, read in \d+ ms\.\nFILE +PROBLEM\n/);
  expect(read.stdout).toMatch(/plugins\/web\/commands\/broken\.md:\d+ +.*left out/);
  const index = join(here.home, "data", "catalog");
  const spoil = () => readdirSync(index).map((name) => truncateSync(join(index, name), 1_000));
  expect(spoil()).not.toEqual([]);
  const anew = "the kept index is not as long as it should be, so it was made anew from the files";
  expect((await banyan(here, ["catalog", "reindex"])).stderr).toBe(`banyan: ${anew}\n`);
  spoil();
  expect((await banyan(here, ["catalog", "status"])).stdout).toMatch(new RegExp(`to mend; .*\n${anew}\n$`));
  const off = { ...here, env: { ...here.env, BANYAN_CATALOG__ENABLED: "false" } };
  const said = await banyan(off, ["catalog", "agents", "review"]);
  expect([said.code, said.stderr]).toEqual([1, "banyan: The catalog is off; set enabled = true under [catalog].\n"]);
  const wrong = await banyan(here, ["catalog", "agents", "x", "--limit", "many"]);
  expect([wrong.code, wrong.stderr]).toEqual([2, "banyan: --limit is followed by a whole number, and many is none.\n"]);
});

it("asks the app that runs, whose patterns it adds to, and exits with 1 where nothing fits", async () => {
  const here = projectWithPlugins();
  await serving(here, ["--http", "127.0.0.1:0"]);
  const found = await banyan(here, ["catalog", "agents", "--role", "code_reviewer", "--full", "--json"]);
  expect(JSON.parse(found.stdout).agents[0]).toMatchObject({
    name: "reviewer",
    text: expect.stringContaining("# The"),
  });
  const added = await banyan(here, ["catalog", "pattern", "add", "release a version", "tester,reviewer", "publisher"]);
  expect(added.stdout).toMatch(/^Stored as \S+\.\n$/);
  const patterns = JSON.parse(
    (await banyan(here, ["catalog", "pattern", "find", "release a version", "--json"])).stdout,
  );
  expect(patterns.matches[0].pattern).toMatchObject({
    agent_sequence: ["tester", "reviewer", "publisher"],
    dependencies: { publisher: ["tester", "reviewer"] },
    parallel_groups: [["tester", "reviewer"], ["publisher"]],
  });
  const status = await banyan(here, ["catalog", "status"]);
  expect(status.stdout).toMatch(/^1 agent, 0 skills, 1 workflow, \d+ tools\n\d+ questions, p95 .*\n1 pattern, /);
  const nobody = await banyan(here, ["catalog", "agents", "--role", "astronaut"]);
  expect([nobody.code, nobody.stdout]).toEqual([1, ""]);
  expect(nobody.stderr).toMatch(/^banyan: .*astronaut/);
});

it("fits its table into the terminal: prose gives way first and the name last; piped it is whole", () => {
  const name = "a-name-of-thirty-two-characters-";
  const does = "Reviews every line that is written for faults.";
  const lines = (room?: number) =>
    tableText(["NAME", "PLUGIN", "DOES"], [[name, "a-long-plugin", does]], room).split("\n");
  expect(lines(80)[1]).toBe(`${name}  a-long-plugin  Reviews every line that is wri…`);
  expect(lines(60)[1]).toBe(`${name}  a-long-plug…  Reviews eve…`);
  expect(lines(40)[1]).toBe("a-name-of-thirty-…  a-lon…  Reviews eve…");
  expect(lines()[1]).toContain(does);
});
