import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Log } from "../../src/actors/log.js";
import { currentRuntime, type Report, stopProcess } from "../../src/supervision/index.js";
import { startConfig } from "../support/config.js";
import { temporaryHome } from "../support/home.js";

it("cuts long texts of a report and hides what a key calls a secret", async () => {
  const file = join(temporaryHome(), "banyan.log");
  const log = await Log.start({ file, config: await startConfig({ files: [] }) });
  onTestFinished(() => stopProcess(log));
  const report = {
    kind: "crash",
    id: "1",
    at: 1,
    description: "x".repeat(1_000_000),
    child: { name: "Part", env: { API_KEY: "s3cret-1", accessToken: "s3cret-2", HOME: "/h" } },
  };
  currentRuntime().reports.emit("crash", report as unknown as Report); // the fields of a report of any kind
  await expect.poll(() => readFileSync(file, "utf8")).toContain("crash");
  const text = readFileSync(file, "utf8");
  expect(text.length).toBeLessThan(4_000);
  expect(text).not.toContain("s3cret");
  expect(text).toContain("/h");
});

it("follows the level of the settings while it runs", async () => {
  const home = temporaryHome();
  const [file, settings] = [join(home, "banyan.log"), join(home, "config.toml")];
  writeFileSync(settings, '[log]\nlevel = "warn"\n');
  const config = await startConfig({ files: [{ layer: "user", file: settings }] });
  const log = await Log.start({ file, config });
  onTestFinished(() => stopProcess(log));
  await log.call.write("info", { event: "one" });
  await log.call.write("warn", { event: "two" });
  writeFileSync(settings, '[log]\nlevel = "debug"\n');
  await config.call.reload();
  await log.call.write("debug", { event: "three" });
  writeFileSync(settings, '[log]\nlevel = "error"\n');
  await config.call.reload();
  await log.call.write("warn", { event: "four" });
  const events = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).event);
  expect(events).toEqual(["two", "three"]);
});
