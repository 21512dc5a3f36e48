import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { root } from "../support/banyan.js";

it("kills each process of the app under load: nothing acknowledged and no subscription is lost, nothing is left behind", async () => {
  const args = ["scripts/chaos-actors.mjs", "--kills", "4", "--seed", "8", "--json"];
  const chaos = spawn(process.execPath, args, { cwd: root });
  const [out, errors] = await Promise.all([text(chaos.stdout), text(chaos.stderr)]);
  expect(errors).toBe("");
  const { results, failures } = JSON.parse(out);
  expect(failures).toEqual([]);
  expect(results).toHaveLength(17);
  for (const { acknowledged, kills } of results) expect([acknowledged > 0, kills]).toEqual([true, 4]);
});
