// A `banyan serve` of a test: started, and stopped when the test is over.
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { type Place, startBanyan } from "./banyan.js";

/** Resolves once it listens, with where. */
export async function serving(
  here: Place,
  args: readonly string[],
): Promise<{ readonly program: ChildProcessWithoutNullStreams; readonly url: string }> {
  const program = startBanyan(here, ["serve", ...args]);
  onTestFinished(async () => {
    if (program.exitCode !== null || program.signalCode !== null) return;
    program.kill("SIGTERM");
    await once(program, "close");
  });
  let said = "";
  for await (const part of program.stderr.setEncoding("utf8")) {
    said += part;
    const url = /listening on (http:\/\/\S+)\/mcp\n/.exec(said)?.[1];
    if (url !== undefined) return { program, url };
  }
  throw new Error(`it ended: ${said}`);
}
