// `banyan config …`: what the settings files say, and the approval of a folder's own file.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { approveProject } from "../actors/config/approval.js";
import { loadConfig } from "../actors/config/load.js";
import { ConfigError } from "../actors/config/problems.js";
import { BanyanError } from "../supervision/index.js";
import type { CommonOptions } from "./options.js";
import { recordBefore } from "./recorded.js";
import { pathsOf, requestOf, setUp } from "./settings.js";
import { warn } from "./warn.js";

export async function checkConfig(options: CommonOptions): Promise<void> {
  const result = await loadConfig(requestOf(options));
  if ("error" in result) {
    if (options.json) print({ ok: false, problems: result.error });
    else for (const { message } of result.error.slice(1)) warn(message);
    throw new ConfigError(result.error.slice(0, 1));
  }
  const { pendingApproval } = result.ok;
  if (options.json) print({ ok: true, pendingApproval });
  else {
    process.stdout.write("The settings are valid.\n");
    if (pendingApproval !== undefined) {
      process.stdout.write(`${pendingApproval.file} waits for approval: run banyan config approve.\n`);
    }
  }
}

export function printPaths(options: CommonOptions): void {
  const { config, database, logs, run } = pathsOf(options);
  if (options.json) {
    print({ config, database, logs, run });
    return;
  }
  for (const { layer, file } of config) process.stdout.write(`${layer.padEnd(9)} ${file}\n`);
  process.stdout.write(`${"database".padEnd(9)} ${database}\n`);
}

export async function approve(options: CommonOptions): Promise<void> {
  const { paths, loaded } = await setUp(options);
  const { pendingApproval } = loaded;
  if (pendingApproval === undefined) {
    process.stdout.write("Nothing waits for approval.\n");
    return;
  }
  const { file, sha256 } = pendingApproval;
  const bytes = await readFile(file);
  if (createHash("sha256").update(bytes).digest("hex") !== sha256) {
    throw new BanyanError("changed", `${file} has just been changed; run banyan config approve again.`);
  }
  process.stdout.write(`${visible(bytes.toString("utf8"))}\n`);
  const { servers, settings } = pendingApproval;
  await recordBefore(paths, { action: "config.approve", subject: file, detail: { sha256, servers, settings } });
  approveProject(pendingApproval, paths.approvals);
  process.stdout.write(`${file} is approved as it stands now.\n`);
}

/** What a terminal would act on instead of showing it is shown as an escape: the file was written by somebody else. */
function visible(text: string): string {
  return text.replace(/[^\P{C}\n\t]/gu, (hidden) => `\\u{${hidden.codePointAt(0)?.toString(16)}}`);
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
