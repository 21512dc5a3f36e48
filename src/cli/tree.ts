// `banyan tree`: the supervision tree of the running app, as text for people and as JSON for machines.
import { askRunningApp } from "../actors/control/client.js";
import { renderTree, type TreeNode } from "../supervision/index.js";
import type { CommonOptions } from "./options.js";
import { printJson } from "./print-json.js";
import { pathsOf } from "./settings.js";

export async function showTree(options: CommonOptions): Promise<void> {
  const tree = await askRunningApp(pathsOf(options).socket, { method: "tree" });
  // The other side is this same program, and its answer came over a socket only its owner can open.
  if (options.json) printJson(tree);
  else process.stdout.write(`${renderTree(tree as TreeNode)}\n`);
}
