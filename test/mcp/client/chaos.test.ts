import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { root } from "../../support/banyan.js";

it("kill -9 of random servers, among them some that misbehave: each call ends once, calls to the others succeed, nothing is left", async () => {
  const args = ["scripts/chaos-servers.mjs", "--seconds", "2", "--servers", "5", "--seed", "4", "--json"];
  const chaos = spawn(process.execPath, args, { cwd: root });
  const [out, errors] = await Promise.all([text(chaos.stdout), text(chaos.stderr)]);
  expect([errors, out.startsWith("{")]).toEqual(["", true]);
  const { kills, well, misbehaving, bars } = JSON.parse(out);
  // A machine that is busy may make a call late; nothing else may become of it.
  expect(["answered", "call_timed_out", "timeout"]).toEqual(expect.arrayContaining(Object.keys(well.outcomes)));
  expect([kills > 0, well.answered > 0, misbehaving.calls > 0]).toEqual([true, true, true]);
  expect(bars.filter((bar: { met: boolean; timing: boolean }) => !bar.met && !bar.timing)).toEqual([]);
});
