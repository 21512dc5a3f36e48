// `banyan plugins new NAME [DEP…]`: writes a plugin that works, installs its packages, and approves it, since it is ours.
import { spawn } from "node:child_process";
import { mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { approvePlugins } from "../actors/config/approval.js";
import { isReserved } from "../mcp/host/plugins/plugin-folders.js";
import { checkedName, type Dependency, dependencyFrom, scaffold } from "../mcp/host/plugins/scaffold.js";
import { BanyanError, messageOf, plainText } from "../supervision/index.js";
import type { CommonOptions } from "./options.js";
import { printJson } from "./print-json.js";
import { recordBefore } from "./recorded.js";
import { setUp } from "./settings.js";

export interface NewPluginOptions extends CommonOptions {
  readonly ts?: boolean;
  /** False with --no-install. */
  readonly install?: boolean;
}

export async function newPlugin(name: string, wanted: readonly string[], options: NewPluginOptions): Promise<void> {
  const { ts = false, install = true, json = false } = options;
  const dependencies = wanted.map(dependencyFrom);
  const { paths, loaded } = await setUp(options);
  const taken = loaded.config.servers.some((server) => server.name === name);
  if (isReserved(checkedName(name)) || taken)
    throw new BanyanError("usage", `${name} is ${taken ? "a server's name" : "Banyan's own name"}; choose another.`);
  const project = process.cwd();
  const [root = "plugins"] = loaded.config.plugins.folders;
  const folder = resolve(project, root.startsWith("~/") ? join(homedir(), root.slice(2)) : root, name);
  const shown = relative(project, folder).startsWith("..") ? folder : relative(project, folder);
  const files = scaffold({ name, dependencies, typescript: ts });
  write(folder, shown, files);
  const real = realpathSync(folder);
  await recordBefore(paths, { action: "config.approve", subject: `plugin ${real}`, detail: { by: "plugins new" } });
  await approvePlugins(project, paths.approvals, real);
  if (!json)
    process.stdout.write(
      plainText(
        `${Object.keys(files)
          .map((file) => join(shown, file))
          .join("\n")}\n`,
      ),
    );
  const installed = install && dependencies.length > 0;
  if (installed) await npmInstall(dependencies, folder, shown);
  if (json) return printJson({ name, folder, files: Object.keys(files), installed });
  const first = installed || dependencies.length === 0 ? "" : `cd ${shown} && npm install, then: `;
  process.stdout.write(plainText(`The plugin ${name} is written. ${first}banyan plugins test ${name}\n`));
}

/** Whole, or not at all; what is there is never written over. */
function write(folder: string, shown: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(dirname(folder), { recursive: true });
  try {
    mkdirSync(folder);
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    if (!isThere) throw new BanyanError("not_written", `${shown} cannot be made (${messageOf(error)}).`);
    throw new BanyanError("already_there", `${shown} is there already; choose another name, or remove it.`);
  }
  try {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text, { flag: "wx" });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw new BanyanError("not_written", `${shown} cannot be written (${messageOf(error)}); nothing of it is left.`);
  }
}

/** npm says on stderr how it gets on, and writes the ranges it chose. */
async function npmInstall(dependencies: readonly Dependency[], folder: string, shown: string): Promise<void> {
  const packages = dependencies.map(({ name, range }) => (range === "*" ? name : `${name}@${range}`));
  const args = ["install", "--save", "--no-audit", "--no-fund", "--", ...packages];
  const mend = `the files are there; run npm install in ${shown}`;
  const code = await new Promise<number | null>((done, fail) => {
    // On Windows npm is a script for the shell; the names were checked, so nothing in them means anything to it.
    const shell = process.platform === "win32";
    const npm = spawn("npm", args, { cwd: folder, stdio: ["ignore", 2, 2], shell });
    npm.once("error", (error) =>
      fail(new BanyanError("not_installed", `npm could not be started (${messageOf(error)}); ${mend}.`)),
    );
    npm.once("exit", done);
  });
  if (code !== 0) throw new BanyanError("not_installed", `npm could not install ${packages.join(", ")}; ${mend}.`);
}
