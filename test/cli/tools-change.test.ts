// `banyan tools create|delete|history|rollback` as a person types them: once with a tool host of the command's own, then through an app
// that runs.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { banyan, type Place, place, root, startBanyan } from "../support/banyan.js";
import { temporaryHome } from "../support/home.js";

const example = readFileSync(join(root, "examples", "roll_dice.ts"), "utf8");

/** The smallest app that has a tool host; resolves once it can be reached. */
async function startApp(here: Place): Promise<void> {
  const app = startBanyan(here, ["serve", "--toolhost", "--http", "127.0.0.1:0"]);
  const closed = new Promise((resolve) => app.once("close", resolve));
  onTestFinished(async () => {
    app.kill();
    await closed;
  });
  await new Promise<void>((resolve, reject) => {
    app.stderr.setEncoding("utf8").on("data", (text: string) => text.includes("listening") && resolve());
    void closed.then(() => reject(new Error("the app has ended")));
  });
}

test("a tool is made of a file, called, refused where it is none, replaced, looked back at, rolled back and deleted", async () => {
  const here = place(temporaryHome());
  const file = join(here.cwd, "roll_dice.ts");
  writeFileSync(file, example);
  const run = (...args: string[]) => banyan(here, ["tools", ...args]);
  expect(await run("create", file)).toEqual({ code: 0, stdout: "roll_dice is created.\n", stderr: "" });
  await startApp(here);
  expect((await run("call", "host.roll_dice", "count=2")).stdout).toMatch(/^[1-6] [1-6] = \d+\n$/);

  // By its name, its code or its own tests; nothing is written.
  const refused = [
    ["../evil", "export default {}"],
    ["calculate", "export default {}"],
    ["evil", 'import fs from "node:fs"; export default {}'],
    ["evil", "export default { name: "],
    [
      "evil",
      'export default { name: "evil", description: "Fails its own test", input: { type: "object" }, handler: () => "a", tests: [{ args: {}, expect: "b" }] }',
    ],
  ] as const;
  for (const [name, code] of refused) {
    const { code: exit, stderr } = await banyan(here, ["tools", "create", "-", "--name", name], code);
    expect([exit, stderr]).toEqual([1, expect.stringMatching(/^banyan: .{20,}\n$/)]);
  }
  expect(readdirSync(join(here.home, "data", "tools"))).toEqual(["roll_dice.ts"]);

  const again = await run("create", file);
  expect([again.code, again.stdout]).toEqual([1, ""]);
  expect(again.stderr).toContain("There is a tool roll_dice already");
  writeFileSync(file, example.replace("* 6)", "* 1)"));
  const replaced = await run("create", file, "--replace");
  expect(replaced.stdout).toMatch(/^roll_dice is updated\.\ncode: \+1 -1 lines\n-.*\* 6\).*\n\+.*\* 1\)/);
  expect((await run("call", "host.roll_dice", "count=2")).stdout).toBe("1 1 = 2\n");

  const history = JSON.parse((await run("history", "host.roll_dice", "--json")).stdout);
  expect(history.map((record: { change: string }) => record.change)).toEqual(["updated", "created"]);
  expect((await run("history", "roll_dice")).stdout).toMatch(/roll_dice +updated[\s\S]*code: \+1 -1 lines\n/);
  const list = await run("rollback", "--list");
  expect(list.stdout).toMatch(
    /^SNAPSHOT +WHEN[\s\S]*\n2 .* roll_dice created by [\s\S]*\n3 .* now +roll_dice updated by /,
  );
  expect((await run("rollback", "2", "--diff")).stdout).toMatch(/roll_dice changed: \+1 -1 lines/);
  expect((await run("rollback", "2")).stdout).toContain(
    "The tools are those of snapshot 2. What was before is snapshot 3.",
  );
  expect(readFileSync(join(here.home, "data", "tools", "roll_dice.ts"), "utf8")).toBe(example);

  expect((await run("delete", "roll_dice")).stdout).toBe("roll_dice is deleted.\n");
  expect((await run("call", "host.roll_dice", "count=2")).code).toBe(1);
  expect((await run("delete", "roll_dice")).stderr).toContain("No tool that was made here is named roll_dice");
});

test("a file that is none, or has no name for a tool, is wrong usage", async () => {
  const here = place(temporaryHome());
  const wrong: [args: string[], mend: string][] = [
    [["Bad Name.js"], "--name"],
    [["-"], "--name"],
    [["none.js"], "cannot be read"],
  ];
  for (const [args, mend] of wrong) {
    expect(await banyan(here, ["tools", "create", ...args], "x")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(mend),
    });
  }
});
