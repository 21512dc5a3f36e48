// The `[[servers]]` blocks of a settings file, changed as a person would: only the lines of one block, so that comments, order and
// whatever else stands in the file stay as they are. Every change is proved by reading the file before and after it: all but that
// one server must say the same as before, or the change is refused.
import { isDeepStrictEqual } from "node:util";
import { BanyanError } from "../../supervision/errors.js";
import { headersOf, locate } from "./locate.js";
import { isTable, type NamedBlock, serverBlocks, type Table } from "./merge.js";

/** A server as it is written: what is absent has its default. */
export interface WrittenServer {
  readonly name: string;
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly url?: string;
  readonly transport?: "http" | "sse";
  readonly headers?: Readonly<Record<string, string>>;
  readonly enabled?: boolean;
}

/** The text with a block for the server at its end. */
export async function withServer(text: string, server: WrittenServer): Promise<string> {
  const lines = linesOf(text);
  while (lines.length > 0 && lines.at(-1) === "") lines.pop();
  if (lines.length > 0) lines.push("");
  return proved(text, joined(text, [...lines, ...blockOf(server), ""]), server.name);
}

/** The text without the lines of the server's block; comments around it stay. */
export async function withoutServer(text: string, name: string): Promise<string> {
  const { first, last } = await spanOf(text, name);
  const lines = linesOf(text);
  const gap = lines[last] === "" && (first === 1 || lines[first - 2] === "") ? 1 : 0;
  lines.splice(first - 1, last - first + 1 + gap);
  return proved(text, joined(text, lines), name);
}

/** The text with the server switched on or off. */
export async function withEnabled(text: string, name: string, enabled: boolean): Promise<string> {
  const { index, block } = await spanOf(text, name);
  const lineOf = locate(text);
  const lines = linesOf(text);
  if ("enabled" in block) {
    const at = lineOf(["servers", index, "enabled"]) - 1;
    lines[at] = (lines[at] ?? "").replace(/(\benabled["']?\s*=\s*)(?:true|false)\b/, `$1${enabled}`);
  } else {
    lines.splice(lineOf(["servers", index, "name"]), 0, `enabled = ${enabled}`);
  }
  const changed = await proved(text, joined(text, lines), name);
  const now = (await blocksIn(changed)).find((each) => each.name === name);
  if (now?.enabled !== enabled) throw byHand(name);
  return changed;
}

/** The servers a valid TOML text declares or changes. */
export async function blocksIn(text: string): Promise<NamedBlock[]> {
  return serverBlocks(await parsed(text));
}

function blockOf({ name, command, args = [], env, cwd, url, transport, headers, enabled }: WrittenServer): string[] {
  const text = (key: string, value: string | undefined) => (value === undefined ? [] : [`${key} = ${quoted(value)}`]);
  const table = (key: string, values: Readonly<Record<string, string>> = {}) => {
    const entries = Object.entries(values).map(([name, value]) => `${keyOf(name)} = ${quoted(value)}`);
    return entries.length === 0 ? [] : [`${key} = { ${entries.join(", ")} }`];
  };
  return [
    "[[servers]]",
    ...text("name", name),
    ...text("command", command),
    ...(args.length > 0 ? [`args = [${args.map(quoted).join(", ")}]`] : []),
    ...table("env", env),
    ...text("cwd", cwd),
    ...text("url", url),
    ...text("transport", transport),
    ...table("headers", headers),
    ...(enabled === undefined ? [] : [`enabled = ${enabled}`]),
  ];
}

function keyOf(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : quoted(name);
}

/** JSON's texts are TOML's, but for one character. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll("\x7f", "\\u007f");
}

/** The block's lines, from 1, without the comments and blank lines after its last setting: those belong to what follows. */
async function spanOf(text: string, name: string) {
  const blocks = await blocksIn(text);
  const index = blocks.findIndex((each) => each.name === name);
  const block = blocks[index];
  if (block === undefined) throw new BanyanError("no_server", `There is no server ${name} in this file.`);
  const headers = headersOf(text);
  const starts = headers.filter(({ keys }) => keys.length === 1 && keys[0] === "servers");
  const start = starts[index];
  if (start === undefined) throw byHand(name);
  const next = headers.find(({ line, keys }) => line > start.line && (keys[0] !== "servers" || keys.length === 1));
  const lines = linesOf(text);
  let last = next === undefined ? lines.length : next.line - 1;
  while (last > start.line && /^\s*(?:#.*)?$/.test(lines[last - 1] ?? "")) last--;
  return { index, block, first: start.line, last };
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/);
}

function joined(before: string, lines: readonly string[]): string {
  return lines.join(before.includes("\r\n") ? "\r\n" : "\n");
}

async function proved(before: string, after: string, name: string): Promise<string> {
  const others = async (text: string): Promise<Table> => {
    const values = await parsed(text);
    return { ...values, servers: serverBlocks(values).filter((block) => block.name !== name) };
  };
  try {
    if (isDeepStrictEqual(await others(before), await others(after))) return after;
  } catch {
    // What came out is no TOML.
  }
  throw byHand(name);
}

async function parsed(text: string): Promise<Table> {
  const { parse } = await import("smol-toml");
  const values: unknown = parse(text);
  return isTable(values) ? values : {};
}

function byHand(name: string): BanyanError {
  return new BanyanError(
    "by_hand",
    `The server ${name} cannot be changed without touching other lines of the file; edit it by hand, as a [[servers]] block of its own.`,
  );
}
