// Before the first test: what tests run as a user would is compiled from the sources as they stand.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export default function build(): void {
  const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
  for (const project of ["src", "servers"]) {
    const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", join(root, project)], { encoding: "utf8" });
    if (status !== 0) throw new Error(`${project} does not compile:\n${stdout}`);
  }
}
