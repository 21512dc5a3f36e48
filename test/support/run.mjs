// Runs a TypeScript file of the tests as a process of its own, on a Node that cannot strip types. The file is bundled into a
// temporary module inside node_modules, from where packages resolve; the module's first statement removes it again, so that
// nothing stays behind however the process ends.
//
//   node test/support/run.mjs FILE.ts [ARGS…]
import { mkdtempSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "rolldown";

const [file, ...args] = process.argv.slice(2);
if (file === undefined) throw new Error("Name the TypeScript file to run: node test/support/run.mjs FILE.ts");

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const folder = mkdtempSync(join(root, "node_modules", ".run-"));
const output = join(folder, "entry.mjs");
const banner = `import { rmSync as removeFolder } from "node:fs";\nremoveFolder(${JSON.stringify(folder)}, { recursive: true });`;

/** A module finds the files beside it by where it is written, not by where it is bundled. */
function ownUrl(code, id) {
  return code.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(id).href));
}

await build({
  input: resolve(file),
  platform: "node",
  plugins: [{ name: "own-urls", transform: ownUrl }],
  external: (id) => !id.startsWith(".") && !id.startsWith("/"),
  output: { file: output, format: "esm", codeSplitting: false, banner },
  logLevel: "silent",
});
process.argv.splice(1, process.argv.length, resolve(file), ...args);
await import(pathToFileURL(output).href);
