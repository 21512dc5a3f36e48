// Before the first test: what tests run as a user would is compiled from the sources as they stand; with --coverage, so that
// its lines can be told.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

export default function build({ config }: TestProject): void {
  const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
  const covered = config.coverage.enabled;
  if (covered) rmSync(join(root, "coverage", "processes"), { recursive: true, force: true });
  for (const project of ["src", "servers"]) {
    const args = [tsc, "-p", join(root, project), ...(covered ? ["--sourceMap"] : [])];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`${project} does not compile:\n${stdout}`);
  }
}
