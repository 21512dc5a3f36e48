import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { StartupClock } from "../../src/actors/startup/startup-clock.js";
import { names } from "../../src/application.js";
import { conversation } from "../support/conversation.js";

it("/config shows what is in force and where from, changes a setting for good, and refuses what is not valid", async () => {
  const { run } = await conversation({}, { env: {} });
  expect(await run("/config")).toContain("Every setting has its default");
  expect(await run("/config chat.max_steps")).toContain("| `chat.max_steps` | `25` | default |");
  expect(await run("/config chat.max_steps 30")).toMatch(/\| `chat.max_steps` \| `30` \| .*overrides\.toml:\d+ \|/);
  expect((await names.config.call.get()).chat.max_steps).toBe(30);
  expect(await run("/config chat.max_steps many")).toContain("allowed: a whole number from 1 to 1000");
  expect(await run("/config --unset chat.max_steps")).toContain("| `25` | default |");
  expect(await run("/config chat.maxsteps 1")).toMatch(/chat\.maxsteps.*max_steps/);
  const { actions } = await audited();
  expect(actions.filter((action) => action === "config.set")).toHaveLength(2);
});

async function audited(): Promise<{ readonly actions: readonly string[] }> {
  const rows = await names.store.call.all({ sql: "SELECT action FROM audit ORDER BY seq", params: [] });
  return { actions: rows.map(({ action }) => String(action)) };
}

it("/logs, /profile, /cache, /progress, /capabilities and /samplings say how things are", async () => {
  const startup = new StartupClock();
  startup.mark("settings");
  const { run, home } = await conversation({ startup, serversOf: () => ({ servers: [], problems: [] }) });
  const folder = join(home, "state", "logs");
  mkdirSync(folder, { recursive: true });
  const line = (level: string, event: string) => JSON.stringify({ level, time: "2999-01-01T12:00:00.000Z", event });
  const file = join(folder, "banyan.2999-01-01.log");
  writeFileSync(file, `${["info", "warn", "error"].map((level) => line(level, `an_${level}`)).join("\n")}\n`);
  expect(await run("/logs warn 5")).toMatch(/^```\n12:00:00 warn {2}an_warn\n12:00:00 error an_error\n```$/);
  expect(await run("/logs error")).not.toContain("an_warn");
  expect(await run("/logs loud")).toContain("takes a level");
  expect(await run("/profile")).toMatch(/settings +[\d.]+ ms/);
  expect(await run("/cache")).toContain("- 0 resources kept");
  expect(await run("/cache disable")).toContain("No resource is kept");
  expect(await run("/cache")).toContain("switched off");
  expect(await run("/progress")).toBe("No tool call is under way.");
  expect(await run("/capabilities nope")).toContain("There is no server nope");
  expect(await run("/samplings")).toContain("No server has asked");
});

it("/notifications shows what servers told, lets the user choose what is said as it comes, and forgets it", async () => {
  const { run, type, shown } = await conversation({ serversOf: () => ({ servers: [], problems: [] }) });
  const tell = (text: string): void => names.notifications.cast.record("files", { type: "stderr", lines: [text] });
  tell("one");
  tell("two");
  expect(await run("/notifications files stderr 1")).toMatch(/\| files \| stderr \| two \|$/);
  expect(await run("/notifications status")).toMatch(/\| stderr \| 2 \| no \|/);
  expect(await run("/notifications enable stderr")).toContain("The chat says `stderr`");
  tell("three");
  await expect.poll(async () => JSON.stringify(await shown())).toContain("The server files tells: stderr: three");
  expect(await run("/notifications clear")).toBe("3 notifications are forgotten.");
  expect(await run("/notifications")).toContain("Nothing was told yet");
  expect((await type("/notifications enable nope")).at(-1)).toMatchObject({ level: "error" });
  expect(await run("/notifications disable stderr")).toContain("does not say");
});
