// Compiles src/ to dist/ and the bundled tools and servers to dist/tools and dist/servers, in a clean folder that takes the
// place of dist/ when all is well: the tarball never carries a file whose source is gone, and a running app keeps its files.
//   node scripts/build.mjs [--sourceMap]
import { spawnSync } from "node:child_process";
import { chmodSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");

const [dist, fresh] = [join(root, "dist"), join(root, "dist.new")];

rmSync(fresh, { recursive: true, force: true });
for (const project of ["src", "servers"]) {
  const args = [tsc, "-p", join(root, project), "--outDir", fresh, ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
await bundle(fresh, !process.argv.includes("--sourceMap"));
chmodSync(join(fresh, "cli.js"), 0o755);
rmSync(dist, { recursive: true, force: true });
renameSync(fresh, dist);
