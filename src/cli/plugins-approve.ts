// The plugins' half of `banyan config approve`: shows those of the project that are not approved, with what they ask for, and lets
// all of the project run, from now on also new and changed ones.
import { approvePlugins } from "../actors/config/approval.js";
import type { Plugin } from "../mcp/host/plugins/plugin.js";
import { choose, PluginFolders } from "../mcp/host/plugins/plugin-folders.js";
import { BanyanError, plainText } from "../supervision/index.js";
import { confirmed } from "./confirm.js";
import { recordBefore } from "./recorded.js";
import type { Setup } from "./settings.js";

/** False if none waits. Rejects with `not_approved` after a no. */
export async function approvePluginsOf({ paths, loaded }: Setup, yes: boolean): Promise<boolean> {
  const project = process.cwd();
  const found = await new PluginFolders(project, paths.approvals).look(loaded.config);
  const waiting = choose(found, loaded.config).leftOut.filter(({ state }) => state === "not approved");
  const plugins = found.found.flatMap(({ folder, read }) =>
    !("problem" in read) && waiting.some((each) => each.folder === folder) ? [read] : [],
  );
  if (plugins.length === 0) return false;
  process.stdout.write("Plugins of this project, programs that came with it:\n");
  for (const plugin of plugins) process.stdout.write(`${asking(plugin)}\n`);
  const question = "Let the plugins of this project run, also new and changed ones?";
  if (!yes && !(await confirmed(question, "run banyan config approve --yes once you have looked"))) {
    throw new BanyanError("not_approved", "The plugins of this project are not approved.");
  }
  const names = plugins.map(({ manifest }) => manifest.name);
  await recordBefore(paths, { action: "config.approve", subject: `plugins of ${project}`, detail: { plugins: names } });
  await approvePlugins(project, paths.approvals);
  process.stdout.write(plainText(`The plugins of ${project} may run from now on.\n`));
  return true;
}

/** All of what it asks for, nothing of it cut off, and first what counts most: whoever reads this decides by it. */
function asking({ manifest: { name, permissions }, shown, folder, entry }: Plugin): string {
  const { read, write, net, run, workers, addons, env } = permissions;
  const may = [
    ...(run ? ["start programs (so anything you may)"] : []),
    ...(addons ? ["load native code (so anything you may)"] : []),
    ...write.map((place) => `write ${place}`),
    ...read.map((place) => `read ${place}`),
    ...(net === true ? ["use the network"] : []),
    ...(Array.isArray(net) ? net.map((host) => `connect to ${host}`) : []),
    ...(workers ? ["start threads"] : []),
    ...env.map((variable) => `know ${variable}`),
  ];
  const lines = [`${name}, ${shown}/${entry.slice(folder.length + 1)}, may`, ...may.map((each) => `  ${each}`)];
  if (may.length === 0) lines.push("  do nothing but answer");
  return lines.map((line) => plainText(line).replace(/(?<=\S)\s+/g, " ")).join("\n");
}
