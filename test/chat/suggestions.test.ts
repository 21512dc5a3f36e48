import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { names } from "../../src/application.js";
import { conversation } from "../support/conversation.js";

async function completed(line: string): Promise<readonly string[]> {
  return (await names.chat.call.complete(line)).map(({ name, label = name }) => label);
}

it("the rest of a command's line is completed from what there is: tools, their arguments, settings, servers, themes", async () => {
  const { run } = await conversation();
  await names.servers.with({ timeout: 60_000 }).call.settled();
  expect(await run("/capabilities host")).toMatch(/\| host \| banyan-tools .* \| tools/);
  expect(await completed("/call host.calc")).toContain("host.calculate");
  expect(await completed("/call host.calculate exp")).toEqual(["expression="]);
  expect(await completed("/call host.calculate expression=1 ;; host.curr")).toContain("host.current_time");
  expect(await completed("/call nobody.knows x")).toEqual([]);
  expect(await completed("/tool host.read")).toContain("host.read_file");
  expect(await completed("/config chat.max_st")).toContain("chat.max_steps");
  expect(await completed("/config --unset chat.max_st")).toContain("chat.max_steps");
  expect(await completed("/config ui.show_cost t")).toEqual(["true"]);
  expect(await completed("/servers en")).toEqual(["enable"]);
  expect(await completed("/servers restart ho")).toEqual(["host"]);
  expect(await completed("/theme dar")).toEqual(["dark"]);
  expect(await completed("/tui sh")).not.toEqual([]);
  expect(await completed("/notifications en")).not.toEqual([]);
});

it("/theme shows the themes and takes one for good; /tool shows a tool; what is not there is named", async () => {
  const { run } = await conversation();
  expect(await run("/theme")).toContain("high-contrast");
  await run("/theme light");
  expect((await names.config.call.get()).ui.theme).toBe("light");
  expect(await run("/theme pink")).toContain("pink");
  expect(await run("/tool host.calculate")).toContain("expression");
  expect(await run("/tui show both")).not.toBe("");
  expect(await run("/servers")).toMatch(/\| host \| ready \|/);
  expect(await run("/servers discover")).not.toBe("");
});

it("a mention is completed from the project's files, paths beyond it and what servers offer", async () => {
  const { home } = await conversation();
  mkdirSync(join(home, "plans", "old"), { recursive: true });
  writeFileSync(join(home, "plans", "my notes.txt"), "x");
  writeFileSync(join(home, "notes.md"), "x");
  await names.servers.with({ timeout: 60_000 }).call.settled();
  await expect.poll(() => completed("@notes")).toContain("notes.md");
  expect(await completed("@file:notes")).toContain("file:notes.md");
  expect(await completed("@./pla")).toEqual(["./plans/"]);
  const inside = await names.chat.call.complete("@./plans/");
  expect(inside.map(({ name }) => name)).toEqual(["@./plans/old/", '@"./plans/my notes.txt"']);
  expect(await completed("@tool:host.calc")).toContain("tool:host.calculate");
  expect(await completed("@url:http")).toEqual([]);
  expect((await completed("@")).length).toBeGreaterThan(3);
});
