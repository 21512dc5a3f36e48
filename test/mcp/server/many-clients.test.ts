import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { root } from "../../support/banyan.js";

// The script is what shows it for many; here a few, so that it stays true.
it("clients over stdio, Streamable HTTP and SSE at once each see their own progress, cancellation and questions", async () => {
  const script = join(root, "scripts", "chaos-sessions.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [script, "--sessions=7", "--stdio=1", "--known"]);
  expect(stdout).toContain("each saw its own progress, cancellation and elicitation, and nothing of another's");
});
