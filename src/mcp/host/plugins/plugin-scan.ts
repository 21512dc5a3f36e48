// What looks dangerous in a plugin's own code, in one sentence. A version that was looked at is remembered, so that its user is told
// once and not at every start.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { plainText } from "../../../supervision/index.js";
import type { Finding } from "../scan/report.js";
import { codeOf, type Plugin } from "./plugin.js";
import type { PluginWorkshop } from "./plugin-server.js";

export interface PluginScan {
  /** What was found; undefined: nothing to speak of. */
  readonly finding: string | undefined;
  /** It was looked at before. */
  readonly isKnown: boolean;
}

/** Reads file after file, and lets others go first between them. */
export async function scanPlugin(plugin: Plugin, { scripts }: Pick<PluginWorkshop, "scripts">): Promise<PluginScan> {
  const memory = join(dirname(scripts), "scanned", `${plugin.manifest.name}.json`);
  const known = remembered(memory, plugin.hash);
  if (known !== undefined) return { finding: known.finding ?? undefined, isKnown: true };
  const { scanModule } = await import("../scan/scan.js"); // with it comes a parser
  const found: { readonly finding: Finding; readonly file: string }[] = [];
  for (const file of codeOf(plugin)) {
    await breathe();
    const shown = relative(plugin.folder, file);
    const { findings } = scanModule(readFileSync(file, "utf8"), shown, { kind: "plugin" });
    for (const finding of findings) if (finding.action !== "warn") found.push({ finding, file: shown });
  }
  const finding = sentence(plugin, found);
  mkdirSync(dirname(memory), { recursive: true, mode: 0o700 });
  writeFileSync(memory, JSON.stringify({ hash: plugin.hash, finding: finding ?? null }), { mode: 0o600 });
  return { finding, isKnown: false };
}

function sentence(
  { manifest }: Plugin,
  found: readonly { readonly finding: Finding; readonly file: string }[],
): string | undefined {
  const worst = found.find(({ finding }) => finding.action === "block") ?? found[0];
  if (worst === undefined) return undefined;
  const { line, reason, rule } = worst.finding;
  const more = found.length === 1 ? "" : ` (and ${found.length - 1} more)`;
  return plainText(
    `The plugin ${manifest.name} has code that looks dangerous, ${worst.file}:${line} (${rule})${more}: ${reason}`,
  );
}

/** A memory that cannot be read is none. */
function remembered(file: string, hash: string): { readonly finding: string | null } | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const known: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof known !== "object" || known === null || !("hash" in known) || known.hash !== hash) return undefined;
    return "finding" in known && (typeof known.finding === "string" || known.finding === null)
      ? { finding: known.finding }
      : undefined;
  } catch {
    rmSync(file, { force: true });
    return undefined;
  }
}
