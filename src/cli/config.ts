// `banyan config check|path|schema|approve`: what the settings files say, and the approval of a folder's own file.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { approveProject, type PendingApproval } from "../actors/config/approval.js";
import { loadConfig } from "../actors/config/load.js";
import { missingSecrets } from "../actors/config/missing-secrets.js";
import { ConfigError } from "../actors/config/problems.js";
import type { Paths } from "../actors/paths.js";
import { BanyanError } from "../supervision/index.js";
import { confirmed } from "./confirm.js";
import type { CommonOptions } from "./options.js";
import { printJson } from "./print-json.js";
import { recordBefore } from "./recorded.js";
import { pathsOf, requestOf, setUp } from "./settings.js";
import { warn } from "./warn.js";

export async function checkConfig(options: CommonOptions): Promise<void> {
  const result = await loadConfig(requestOf(options));
  const problems = "error" in result ? result.error : missingSecrets(result.ok, process.env);
  const pendingApproval = "ok" in result ? result.ok.pendingApproval : undefined;
  if (options.json) printJson({ ok: problems.length === 0, problems, pendingApproval });
  if (problems.length > 0) {
    if (!options.json) for (const { message } of problems.slice(1)) warn(message);
    throw new ConfigError(problems.slice(0, 1));
  }
  if (options.json) return;
  process.stdout.write("The settings are valid.\n");
  if (pendingApproval !== undefined) {
    process.stdout.write(`${pendingApproval.file} waits for approval: run banyan config approve.\n`);
  }
}

export function printPaths(options: CommonOptions): void {
  const { config, overrides, database, logs, run } = pathsOf(options);
  if (options.json) {
    printJson({ config, overrides, database, logs, run });
    return;
  }
  for (const { layer, file } of [
    ...config,
    { layer: "runtime", file: overrides },
    { layer: "database", file: database },
  ]) {
    process.stdout.write(`${layer.padEnd(9)} ${file}\n`);
  }
}

export async function printSchema(): Promise<void> {
  const { jsonSchema } = await import("../actors/config/json-schema.js");
  process.stdout.write(jsonSchema());
}

export async function approve(options: CommonOptions & { readonly yes?: boolean }): Promise<void> {
  const setup = await setUp(options);
  const { pendingApproval } = setup.loaded;
  if (pendingApproval !== undefined) await approveFile(setup.paths, pendingApproval, options.yes === true);
  // Approved, the file may name more folders.
  const { approvePluginsOf } = await import("./plugins-approve.js");
  const any = await approvePluginsOf(
    pendingApproval === undefined ? setup : await setUp(options),
    options.yes === true,
  );
  if (pendingApproval === undefined && !any) process.stdout.write("Nothing waits for approval.\n");
}

async function approveFile(paths: Paths, pendingApproval: PendingApproval, yes: boolean): Promise<void> {
  const { file, sha256, servers, settings } = pendingApproval;
  const bytes = await readFile(file);
  if (createHash("sha256").update(bytes).digest("hex") !== sha256) {
    throw new BanyanError("changed", `${file} has just been changed; run banyan config approve again.`);
  }
  process.stdout.write(`${visible(bytes.toString("utf8"))}\n`);
  const decides = [...servers.map((name) => `the server ${name}`), ...settings].join(", ");
  process.stdout.write(`${visible(`${file} decides over ${decides}`)}.\n`);
  if (!yes && !(await confirmed("Let it, as it stands now?", "run banyan config approve --yes once you have looked"))) {
    throw new BanyanError("not_approved", `${file} is not approved.`);
  }
  await recordBefore(paths, { action: "config.approve", subject: file, detail: { sha256, servers, settings } });
  await approveProject(pendingApproval, paths.approvals);
  process.stdout.write(`${file} is approved as it stands now.\n`);
}

/** What a terminal would act on instead of showing it is shown as an escape: the file was written by somebody else. */
function visible(text: string): string {
  return text.replace(/[^\P{C}\n\t]/gu, (hidden) => `\\u{${hidden.codePointAt(0)?.toString(16)}}`);
}
