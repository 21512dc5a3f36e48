// What `banyan config set` stores: the strongest layer of settings, in a file of its own in the data folder. A change is checked
// together with all other layers before it is written, and written so that neither a crash nor a second writer loses any of it.
import { BanyanError } from "../../supervision/errors.js";
import { type Loaded, type LoadRequest, loadConfig, problemsIn, typedValue } from "./load.js";
import { withLock } from "./lock.js";
import { isSetting, UnknownSettingError } from "./lookup.js";
import { isTable, type Layer, type NamedBlock, serverBlocks, type Table } from "./merge.js";
import { ConfigError } from "./problems.js";
import { readConfigFile, readFromDisk } from "./read.js";
import { replaceFile } from "./replace-file.js";

/** A load request that has a place for them. */
export type StoringRequest = LoadRequest & { readonly overrides: string };

const HEAD =
  "# Written by `banyan config set`, which also takes settings out again: `banyan config set --unset KEY`.\n\n";

/**
 * Stores a setting by its name (`chat.max_steps`, `servers.files.enabled`); the text is read as one in the environment is. Answers
 * with the settings that hold from now on. Throws a {@link ConfigError} or an {@link UnknownSettingError}, having changed nothing. `first` is
 * called when the change is known to hold and not written yet; what it throws keeps it from being written.
 */
export async function storeOverride(
  request: StoringRequest,
  name: string,
  text: string,
  first: First = nothing,
): Promise<Loaded> {
  const change = layerOf(name, typedValue(name, text));
  const wrong = problemsIn({ values: change, origin: () => ({ layer: "flag", name: "config set" }) });
  if (wrong.length > 0) throw new ConfigError(wrong);
  return rewrite(request, (stored) => merged(stored, change), first);
}

/** Takes a stored setting, or a whole table of them, out again. Throws with code `not_stored` where there is none. `first` is as above. */
export async function removeOverride(request: StoringRequest, name: string, first: First = nothing): Promise<Loaded> {
  if (!isSetting(name)) throw new UnknownSettingError(name);
  const change = (stored: Table): Table => {
    const left = without(stored, name.split("."));
    if (left !== undefined) return left;
    throw new BanyanError(
      "not_stored",
      `${name} is not set by banyan config set; see banyan config show ${name} --origins.`,
    );
  };
  return rewrite(request, change, first);
}

type First = () => Promise<void>;

async function nothing(): Promise<void> {}

function rewrite(request: StoringRequest, change: (stored: Table) => Table, first: First): Promise<Loaded> {
  const { overrides } = request;
  return withLock(overrides, async () => {
    const found = await readConfigFile({ layer: "runtime", file: overrides }, readFromDisk);
    if (found !== undefined && "problem" in found) throw new ConfigError([found.problem]);
    const { stringify } = await import("smol-toml");
    const text = `${HEAD}${stringify(change(found?.layer.values ?? {}))}`;
    const bytes = new TextEncoder().encode(text);
    const result = await loadConfig(request, (file) => (file === overrides ? bytes : readFromDisk(file)));
    if ("error" in result) throw new ConfigError(result.error);
    await first();
    replaceFile(overrides, text);
    return result.ok;
  });
}

/** A server's name is in its name's second part, and in the file in a block of its own. */
function layerOf(name: string, value: unknown): Layer["values"] {
  const path = name.split(".");
  const [top = "", server, ...rest] = path;
  const nested = (keys: readonly string[]) => keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  if (top !== "servers" || server === undefined || rest.length === 0) return { [top]: nested(path.slice(1)) };
  const inner = nested(rest);
  return { servers: [{ name: server, ...(isTable(inner) ? inner : {}) }] };
}

function merged(stored: Table, change: Table): Table {
  const result: Table = { ...stored };
  for (const [key, value] of Object.entries(change)) {
    const before = result[key];
    if (key === "servers") result[key] = mergedServers(serverBlocks(stored), serverBlocks(change));
    else result[key] = isTable(before) && isTable(value) ? merged(before, value) : value;
  }
  return result;
}

function mergedServers(stored: readonly NamedBlock[], changes: readonly NamedBlock[]): NamedBlock[] {
  const blocks = new Map(stored.map((block) => [block.name, block]));
  for (const change of changes)
    blocks.set(change.name, { ...merged(blocks.get(change.name) ?? {}, change), name: change.name });
  return [...blocks.values()];
}

/** The table without what the path leads to and without the tables that are empty then; undefined if it leads nowhere. */
function without(table: Table, [key = "", ...rest]: readonly string[]): Table | undefined {
  const { [key]: value, ...others } = table;
  if (value === undefined) return undefined;
  if (rest.length === 0) return others;
  if (key === "servers") {
    const left = withoutServer(serverBlocks(table), rest);
    return left && (left.length === 0 ? others : { ...others, servers: left });
  }
  const inner = isTable(value) ? without(value, rest) : undefined;
  return inner && (Object.keys(inner).length === 0 ? others : { ...others, [key]: inner });
}

function withoutServer(blocks: readonly Table[], [server, ...rest]: readonly string[]): Table[] | undefined {
  const block = blocks.find(({ name }) => name === server);
  if (block === undefined) return undefined;
  const left = rest.length === 0 ? {} : without(block, rest);
  if (left === undefined) return undefined;
  // A block that holds nothing but its name says nothing.
  const says = Object.keys(left).some((key) => key !== "name");
  return blocks.flatMap((each) => (each === block ? (says ? [left] : []) : [each]));
}
