import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { root } from "../support/banyan.js";
import { hasTmux } from "../support/tmux.js";

it.skipIf(!hasTmux)(
  "kill -9 while a tool runs: the conversation ends as if nothing had happened, but for one question",
  async () => {
    const args = ["scripts/chaos-chat.ts", "--step", "tool running", "--victim", "kill -9", "--json"];
    const chaos = spawn(process.execPath, ["test/support/run.mjs", ...args], { cwd: root });
    const [out, errors] = await Promise.all([text(chaos.stdout), text(chaos.stderr)]);
    expect(errors).toBe("");
    expect(JSON.parse(out)).toMatchObject({
      undisturbed: [
        { role: "user", status: "complete" },
        { role: "user", status: "complete" },
        { role: "assistant", status: "complete" },
        { role: "tool", tool: "count.look", status: "done" },
        { role: "tool", tool: "count.write", status: "done" },
        { role: "assistant", status: "complete" },
        { role: "assistant", status: "complete" },
      ],
      results: [{ outcome: "asked" }],
      misses: [],
    });
  },
  200_000,
);
