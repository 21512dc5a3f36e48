// Makes one script of a plugin's entry and the files it imports, so that TypeScript runs without a build step. Packages stay where
// they are: each import of one becomes the address of its file, as Node finds it from the plugin's folder, or of Banyan's own copy
// where the plugin has installed none. The script's name holds the hash of the plugin's files, so one that is there is good.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import type { Plugin as RolldownPlugin } from "rolldown";
import { BanyanError, messageOf, plainText } from "../../../supervision/index.js";
import { lent } from "./plugin.js";

const MOST_SAID = 300;
/** A script nobody has used for so long is removed when another is made. */
const KEPT_MS = 30 * 86_400_000;

const builtins = new Set(builtinModules);

/** What stands in the way of a script, with the place in the source. */
export class PluginBuildError extends BanyanError {
  constructor(why: string, cause: unknown) {
    super("plugin_build", why, { kind: "module", cause });
  }
}

/** Makes the script `to` of the source `from`, unless it is there. Rejects with a {@link PluginBuildError}. */
export async function buildPlugin({ from, to }: { readonly from: string; readonly to: string }): Promise<void> {
  if (existsSync(to)) return;
  const code = await bundled(from);
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  removeOld(dirname(to));
  const fresh = `${to}.${process.pid}.new`; // another app may be making the same
  writeFileSync(fresh, code, { mode: 0o600 });
  renameSync(fresh, to);
}

async function bundled(from: string): Promise<string> {
  const { rolldown } = await import("rolldown");
  try {
    const bundle = await rolldown({
      input: from,
      platform: "node",
      logLevel: "silent",
      resolve: { conditionNames: ["node", "import", "default"] },
      plugins: [packagesByAddress(), ownAddresses()],
    });
    const { output } = await bundle.generate({ format: "esm", codeSplitting: false, sourcemap: "inline" });
    await bundle.close();
    return output[0].code;
  } catch (error) {
    throw new PluginBuildError(wordsOf(error), error);
  }
}

/** A file imported of the plugin becomes part of the script; a package is named by the address of its file. */
function packagesByAddress(): RolldownPlugin {
  const own = fileURLToPath(import.meta.url);
  return {
    name: "packages-by-address",
    resolveId: {
      order: "pre",
      async handler(source, importer, { kind }) {
        if (importer === undefined || /^[./]|^file:/.test(source)) return null;
        if (source.startsWith("node:") || builtins.has(source)) return { id: source, external: true };
        const isLent = lent.some((name) => source === name || source.startsWith(`${name}/`));
        const theirs = await this.resolve(source, importer, { skipSelf: true });
        const found = theirs ?? (isLent ? await this.resolve(source, own, { skipSelf: true }) : null);
        if (found === null) throw new Error(`${source} is not installed; run npm install in the plugin's folder`);
        return { id: kind === "require-call" ? found.id : pathToFileURL(found.id).href, external: true };
      },
    },
  };
}

/** A module that looks for files beside itself finds them where it was written. */
function ownAddresses(): RolldownPlugin {
  return {
    name: "own-addresses",
    transform(code, id) {
      if (!code.includes("import.meta.")) return null;
      return code
        .replaceAll(/\bimport\.meta\.url\b/g, JSON.stringify(pathToFileURL(id).href))
        .replaceAll(/\bimport\.meta\.dirname\b/g, JSON.stringify(dirname(id)))
        .replaceAll(/\bimport\.meta\.filename\b/g, JSON.stringify(id));
    },
  };
}

/** What is wrong and where, in one line. */
function wordsOf(error: unknown): string {
  const all = error instanceof Error && "errors" in error && Array.isArray(error.errors) ? error.errors : [error];
  const text = plainText(stripVTControlCharacters(messageOf(all[0])));
  return text
    .replaceAll(/[\s\u2500-\u257F·│]+/g, " ")
    .trim()
    .slice(0, MOST_SAID);
}

function removeOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > KEPT_MS) rmSync(file, { force: true });
  }
}
