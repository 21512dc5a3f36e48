// `banyan tools create|delete|history|rollback`: the tools that users make, through the tool host's own management tools, in the app
// that runs or with a tool host of the command's own.
import { readFile, stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { z } from "zod";
import type { ToolResult } from "../mcp/client/mcp-types.js";
import { LONGEST_SOURCE, toolOfFile } from "../mcp/host/library/tool-names.js";
import type { FileDifference, Snapshot, ToolChangeRecord } from "../mcp/host/library/versions.js";
import { BanyanError, messageOf, plainText } from "../supervision/index.js";
import { callByHand } from "./call-by-hand.js";
import type { CommonOptions } from "./options.js";
import { printJson } from "./print-json.js";
import { printTable } from "./table.js";
import { printContent } from "./tool-result.js";

export interface CreateOptions extends CommonOptions {
  readonly name?: string;
  readonly replace?: boolean;
  readonly accept?: string[];
}

export interface HistoryOptions extends CommonOptions {
  readonly limit: number;
}

export interface RollbackOptions extends CommonOptions {
  readonly list?: boolean;
  readonly diff?: boolean;
}

export async function createTool(file: string, options: CreateOptions, version: string): Promise<void> {
  const { replace = false, accept = [] } = options;
  const name = options.name ?? (file === "-" ? undefined : toolOfFile(basename(file)));
  if (name === undefined) {
    const why = file === "-" ? "What comes from stdin has no name" : `${basename(file)} is no name for a tool`;
    throw new BanyanError("usage", `${why}; give one of a-z, 0-9 and _ with --name.`);
  }
  const code = file === "-" ? await fromStdin() : await fromFile(file);
  const language = extname(file) === ".ts" ? "ts" : "js";
  const result = await managed(
    "create_tool",
    { name, code, language, replace, accept_findings: accept },
    options,
    version,
  );
  if (result !== undefined) say(result, options);
}

export async function deleteTool(name: string, options: CommonOptions, version: string): Promise<void> {
  const result = await managed("delete_tool", { name: ownName(name) }, options, version);
  if (result !== undefined) say(result, options);
}

export async function toolHistory(name: string | undefined, options: HistoryOptions, version: string): Promise<void> {
  const args = { limit: options.limit, ...(name === undefined ? {} : { name: ownName(name) }) };
  const result = await managed("tool_history", args, options, version);
  if (result === undefined) return;
  const { changes } = told<{ changes: ToolChangeRecord[] }>(result, "changes");
  if (options.json) return printJson(changes);
  if (changes.length === 0) process.stdout.write("Nothing has happened yet; banyan tools create FILE makes a tool.\n");
  const rows = changes.map(({ at, tool, change, by, snapshot, what }) => {
    return [timeOf(at), tool, change, by, snapshot, what[0] ?? ""];
  });
  printTable(["WHEN", "TOOL", "CHANGE", "BY", "SNAPSHOT", "WHAT"], rows);
  const [only] = changes;
  if (name !== undefined && only !== undefined) process.stdout.write(plainText(`\n${only.what.join("\n")}\n`));
}

export async function rollBackTools(id: string | undefined, options: RollbackOptions, version: string): Promise<void> {
  if (options.list) return listSnapshots(options, version);
  if (options.diff) return showDifference(id, options, version);
  const result = await managed("rollback", id === undefined ? {} : { snapshot: id }, options, version);
  if (result !== undefined) say(result, options);
}

async function listSnapshots(options: CommonOptions, version: string): Promise<void> {
  const snapshots = await allSnapshots(options, version);
  if (snapshots === undefined) return;
  if (options.json) return printJson(snapshots);
  if (snapshots.length === 0)
    process.stdout.write("There are no snapshots yet; the first comes with the first tool.\n");
  const newest = snapshots.at(-1);
  printTable(
    ["SNAPSHOT", "WHEN", "TOOLS", "STATE", "WHAT LED TO IT"],
    snapshots.map((snapshot) => [
      snapshot.id,
      timeOf(snapshot.at),
      `${snapshot.tools.length}`,
      [...stateOf(snapshot), ...(snapshot === newest ? ["now"] : [])].join(", "),
      snapshot.why,
    ]),
  );
}

/** What a rollback would change; it changes nothing. */
async function showDifference(id: string | undefined, options: CommonOptions, version: string): Promise<void> {
  const snapshots = await allSnapshots(options, version);
  if (snapshots === undefined) return;
  const newest = snapshots.at(-1);
  const to = id ?? snapshots.findLast((each) => each.good && each.tree !== newest?.tree)?.id;
  if (newest === undefined || to === undefined) {
    throw new BanyanError(
      "no_snapshot",
      "No other version is known to have run well; see banyan tools rollback --list.",
    );
  }
  const result = await managed("diff_snapshots", { from: newest.id, to }, options, version);
  if (result === undefined) return;
  if (options.json) printJson(told<{ files: FileDifference[] }>(result, "files").files);
  else printContent(result);
}

async function allSnapshots(options: CommonOptions, version: string): Promise<Snapshot[] | undefined> {
  const result = await managed("list_snapshots", {}, options, version);
  return result && told<{ snapshots: Snapshot[] }>(result, "snapshots").snapshots;
}

/** What the tool host answered; undefined if the call was cancelled. Throws what it refused. */
async function managed(
  tool: string,
  args: Readonly<Record<string, unknown>>,
  options: CommonOptions,
  version: string,
): Promise<ToolResult | undefined> {
  const result = await callByHand(`host.${tool}`, args, options, version);
  if (!result?.isError) return result;
  const text = result.content.map((block) => (block.type === "text" ? block.text : "")).join("\n");
  const code = z.object({ code: z.string() }).safeParse(result.structuredContent);
  throw new BanyanError(code.success ? code.data.code : "tool_failed", text);
}

function told<T>({ structuredContent }: ToolResult, field: string): T {
  if (structuredContent !== undefined && field in structuredContent) return structuredContent as T; // of our own tool host
  throw new BanyanError("protocol", "The app speaks another version's language; update Banyan and start it again.");
}

function say(result: ToolResult, { json }: CommonOptions): void {
  if (json) printJson(result.structuredContent);
  else printContent(result);
}

async function fromFile(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > LONGEST_SOURCE) throw tooLong(file);
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof BanyanError) throw error;
    throw new BanyanError("usage", `${file} cannot be read (${messageOf(error)}); name a file with a tool's code.`);
  }
}

async function fromStdin(): Promise<string> {
  let code = "";
  for await (const part of process.stdin.setEncoding("utf8")) {
    code += String(part);
    if (code.length > LONGEST_SOURCE) throw tooLong("What comes from stdin");
  }
  return code;
}

function tooLong(what: string): BanyanError {
  return new BanyanError("usage", `${what} has more than ${LONGEST_SOURCE} bytes; make the tool shorter.`);
}

/** As people type it, who see `host.dice` in the list. */
function ownName(name: string): string {
  return name.replace(/^host\./, "");
}

function stateOf({ good, bad }: Snapshot): string[] {
  if (bad) return ["rolled back from"];
  return good ? ["ran well"] : [];
}

function timeOf(at: number): string {
  return new Date(at).toLocaleString("sv");
}
