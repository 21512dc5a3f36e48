import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fieldsText, LogTail } from "../../../src/actors/telemetry/log-tail.js";
import { temporaryHome } from "../../support/home.js";

const line = (event: string, more: object = {}) =>
  `${JSON.stringify({ level: "info", time: "2026-11-21T12:00:00.000Z", pid: 7, event, ...more })}\n`;

it("reads the newest file's lines and then what is appended, whole lines alone, and goes on with the next file", async () => {
  const folder = join(temporaryHome(), "logs");
  mkdirSync(folder);
  const tail = new LogTail(folder);
  const events = async () => (await tail.read()).map(({ event }) => event);
  expect(await events()).toEqual([]);
  writeFileSync(join(folder, "banyan.2026-11-20.log"), line("yesterday"));
  const today = join(folder, "banyan.2026-11-21.log");
  writeFileSync(today, `${line("one")}not JSON\n`);
  expect(await events()).toEqual(["one"]);
  const [first, rest] = [line("two").slice(0, 20), line("two").slice(20)];
  appendFileSync(today, first);
  expect(await events()).toEqual(["one"]);
  appendFileSync(today, rest + line("three"));
  expect(await events()).toEqual(["one", "two", "three"]);
  writeFileSync(join(folder, "banyan.2026-11-21.2.log"), line("next part"));
  expect(await events()).toEqual(["one", "two", "three", "next part"]);
});

it("of a large file only the end is read, and of many lines only the newest are kept", async () => {
  const folder = temporaryHome();
  const file = join(folder, "banyan.2026-11-21.log");
  writeFileSync(file, Array.from({ length: 20_000 }, (_, number) => line(`event ${number}`)).join(""));
  const tail = new LogTail(folder);
  const lines = await tail.read();
  expect(lines.length).toBeGreaterThan(100);
  expect(lines.length).toBeLessThanOrEqual(2_000);
  expect(lines.at(-1)?.event).toBe("event 19999");
});

it("what a line tells is one line that acts on no terminal", () => {
  expect(fieldsText({ server: "files", text: "two\nlines \u001b[2J", ms: 3 })).toBe(
    'server=files text="two\\nlines \\u001b[2J" ms=3',
  );
});
