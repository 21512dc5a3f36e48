// The same from outside, with real processes and a real kill -9: a short run of `npm run chaos:toolhost`.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../support/banyan.js";

test("killed with -9 in the middle of changes, 8 times, the tools are one whole version at each next start", async () => {
  const script = join(root, "scripts", "chaos-toolhost.mjs");
  const child = spawn(process.execPath, [script, "--kills", "8", "--seed", "8"], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect(said).toMatch(/8 kills in \d+ s: each time the tools were one whole version/);
  expect(code).toBe(0);
});
