import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { root } from "../../support/banyan.js";

it("keeps all that was acknowledged, and whole backups, however often its process is killed with -9", async () => {
  const chaos = spawn(process.execPath, ["scripts/chaos-store.mjs", "--kills", "8", "--seed", "8"], { cwd: root });
  const [out, errors] = await Promise.all([text(chaos.stdout), text(chaos.stderr)]);
  expect(errors).toBe("");
  expect(out).toMatch(/^8 kills in \d+ s; acknowledged: \{.*"message":\d+.*\}/m);
  expect(out).toContain("all that was acknowledged is kept, and the database and its backups are whole");
});
