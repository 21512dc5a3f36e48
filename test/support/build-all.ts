// Before the first test: what tests run as a user would is built from the sources as they stand; with --coverage, so that its
// lines can be told.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

export default function build({ config }: TestProject): void {
  const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
  const covered = config.coverage.enabled;
  if (covered) rmSync(join(root, "coverage", "processes"), { recursive: true, force: true });
  const args = [join(root, "scripts", "build.mjs"), ...(covered ? ["--sourceMap"] : [])];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`the sources do not compile:\n${stdout}${stderr}`);
}
