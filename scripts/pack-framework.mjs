// Packs the framework alone, without the chat that grows on it, as banyan-supervision-VERSION.tgz: what is compiled, with the
// two packages it needs.
//   npm run pack:framework [-- --to FOLDER]     (node scripts/pack-framework.mjs packs dist/ as it stands)
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const DEPENDENCIES = ["eventemitter3", "xstate"];
const ENTRIES = [".", "./node", "./state-machine", "./package.json"];

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { values } = parseArgs({ options: { to: { type: "string", default: "." } } });
if (!existsSync(join(root, "dist", "supervision", "index.js"))) {
  console.error("nothing is compiled yet; run: npm run pack:framework");
  process.exit(1);
}

const { version, license, type, engines, exports, dependencies } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
);
const manifest = {
  name: "banyan-supervision",
  version,
  description: "Supervision trees for TypeScript, modelled on Erlang/OTP.",
  license,
  type,
  engines,
  exports: Object.fromEntries(ENTRIES.map((entry) => [entry, exports[entry]])),
  files: ["dist"],
  dependencies: Object.fromEntries(DEPENDENCIES.map((name) => [name, dependencies[name]])),
};

const staging = mkdtempSync(join(tmpdir(), "banyan-supervision-"));
try {
  cpSync(join(root, "dist", "supervision"), join(staging, "dist", "supervision"), { recursive: true });
  cpSync(join(root, "LICENSE"), join(staging, "LICENSE"));
  cpSync(join(root, "src", "supervision", "README.md"), join(staging, "README.md"));
  writeFileSync(join(staging, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const { status } = spawnSync("npm", ["pack", "--silent", "--pack-destination", resolve(values.to)], {
    cwd: staging,
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(staging, { recursive: true, force: true });
}
