// From a source as its author wrote it to a module that host processes import: scanned, types taken off, and every import either one of
// ours by its address or a harmless module of Node's. It lies in a folder that is this program's alone and goes with it.
import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ScanPolicy } from "../scan/rules.js";
import { LibraryError } from "./library-error.js";
import { rewriteImports } from "./tool-imports.js";
import { hashOf } from "./tools-folder.js";
import type { Refusal, StagedTool, ToolSource } from "./versions.js";
import { namesIn } from "./whole-files.js";

/** The number of the process whose folder it is, and something no other has. */
const FOLDER = /^([0-9]+)-[0-9a-f]{8}$/;

export class StagedTools {
  readonly folder: string;

  constructor(
    private readonly parent: string,
    /** Of the scan, where it differs from the rules' own. */
    private readonly policy: ScanPolicy,
  ) {
    this.folder = join(parent, `${process.pid}-${randomUUID().slice(0, 8)}`);
  }

  /** A finding that is to be asked about stands against the source unless its rule is accepted. */
  async stage(tool: ToolSource, accepted: readonly string[]): Promise<StagedTool | Refusal> {
    const { name, file, hash, source } = tool;
    const { scanModule } = await import("../scan/scan.js");
    const { findings } = scanModule(source, file, { policy: this.policy });
    const against = findings.filter(
      ({ action, rule }) => action === "block" || (action === "ask" && !accepted.includes(rule)),
    );
    const [first] = against;
    if (first !== undefined) {
      const more = against.length > 1 ? `; and ${against.length - 1} more` : "";
      const mend =
        first.action === "ask"
          ? ` (rule ${first.rule}; it can be accepted: accept_findings, on the command line --accept)`
          : ` (rule ${first.rule})`;
      const reason = `${file}:${first.line}:${first.column}: ${first.reason.replace(/\.$/, "")}${mend}${more}.`;
      return { name, reason, findings };
    }
    try {
      const code = await rewriteImports(await withoutTypes(source, file), file);
      return { name, hash, file: await this.put(name, code), findings };
    } catch (error) {
      if (!(error instanceof LibraryError)) throw error;
      return { name, reason: error.message, findings };
    }
  }

  /** Removes what programs that are gone have left. */
  async sweep(): Promise<void> {
    for (const name of await namesIn(this.parent)) {
      const pid = FOLDER.exec(name)?.[1];
      if (pid !== undefined && !isAlive(Number(pid)))
        await rm(join(this.parent, name), { recursive: true, force: true });
    }
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Named for what it holds: another code is another module to whoever imports it. */
  private async put(name: string, code: string): Promise<string> {
    const file = join(this.folder, `${name}.${hashOf(code).slice(0, 16)}.mjs`);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const fresh = `${file}.${randomUUID()}`;
    await writeFile(fresh, code, { flag: "wx", mode: 0o600 });
    await rename(fresh, file);
    return file;
  }
}

/** As JavaScript with the lines it had; a module of JavaScript as it is. */
async function withoutTypes(source: string, file: string): Promise<string> {
  if (!file.endsWith(".ts")) return source;
  const { transform } = await import("rolldown/utils");
  const { code, map, errors } = await transform(file, source, { sourcemap: true, target: "node20" });
  const [first] = errors;
  if (first !== undefined) {
    throw new LibraryError("tool_refused", `${file} is no TypeScript: ${first.message.split("\n")[0]}.`, first);
  }
  if (map === undefined) return code;
  const base64 = Buffer.from(JSON.stringify(map)).toString("base64");
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${base64}\n`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}
