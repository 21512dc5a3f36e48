// The settings of a run: defaults, then the files, the environment, the flags and what `banyan config set` stored, each over
// the one before. Every layer is checked by itself, so that an error names the place the user wrote it, and all layers are checked together, so that
// a broken setting never takes effect in part: the result is the whole configuration or every problem found.
import { z } from "zod";
import type { ConfigFile, Environment } from "../paths.js";
import { type PendingApproval, pendingApproval, withoutHeldBack } from "./approval.js";
import { byServerName, schemaPath } from "./lookup.js";
import {
  isTable,
  type Layer,
  leaves,
  mergeLayers,
  type Origin,
  serverBlocks,
  settingName,
  type Table,
} from "./merge.js";
import { type ConfigProblem, problemsOf } from "./problems.js";
import { type ReadFile, readConfigFile, readFromDisk } from "./read.js";
import { configSchema, layerSchema, type Path, type Settings, schemaAt } from "./schema.js";
import type { WrittenServer } from "./server-blocks.js";

/** A command line option that stands for a setting: `{ flag: "--model", setting: "model", value: "openai:gpt-5" }`. */
export interface Flag {
  readonly flag: string;
  readonly setting: string;
  /** A text is read as in the environment: JSON where the setting is no text. */
  readonly value: string | number | boolean | readonly string[];
}

/** From where to load; plain data. */
export interface LoadRequest {
  /** From the weakest to the strongest: `resolvePaths(…).config`. */
  readonly files: readonly ConfigFile[];
  /** See {@link settingsInEnvironment}; the whole of `process.env` will do. */
  readonly env?: Environment | undefined;
  readonly flags?: readonly Flag[] | undefined;
  /** Record of approved project files, `resolvePaths(…).approvals`; without it no project file is approved. */
  readonly approvals?: string | undefined;
  /** What `banyan config set` stored, `resolvePaths(…).overrides`. */
  readonly overrides?: string | undefined;
  /** Settings that are in no file: those a program gives that has Banyan inside it. Weaker than all others. */
  readonly values?: Table;
  /** Servers that the user has added to this run alone. */
  readonly added?: readonly WrittenServer[];
}

/** Valid settings. `origins` has an entry for each value, by its name (`chat.max_steps`, `servers.files.command`). */
export interface Loaded {
  readonly config: Settings;
  readonly origins: Readonly<Record<string, Origin>>;
  readonly pendingApproval: PendingApproval | undefined;
}

export type LoadResult = { readonly ok: Loaded } | { readonly error: readonly ConfigProblem[] };

// Zod compiles each schema at its first use, which for a few uses costs more than it saves.
const ONCE = { jitless: true };

// Names that other hosts of the same kind use; first, so that Banyan's own win. MCP_CACHE_TTL is in seconds.
const OLDER_NAMES = ["MCP_LOG_LEVEL", "MCP_CACHE_TTL", "MCP_AUTO_RESTART", "MCP_PORT"];

/** Loads and checks every layer. Never throws for what a user wrote; `read` is for hosts whose files are elsewhere. */
export async function loadConfig(request: LoadRequest, read: ReadFile = readFromDisk): Promise<LoadResult> {
  const problems: ConfigProblem[] = [];
  const layers: Layer[] = [];
  let pending: PendingApproval | undefined;
  const add = (layer: Layer): boolean => {
    const wrong = problemsIn(layer);
    if (wrong.length === 0) layers.push(layer);
    problems.push(...wrong);
    return wrong.length === 0;
  };

  if (request.added !== undefined && request.added.length > 0) {
    const servers = request.added.map((server) => ({ ...server }));
    add({ values: { servers }, origin: () => ({ layer: "flag", name: "/connect" }) });
  }
  if (request.values !== undefined) add({ values: request.values, origin: () => ({ layer: "flag", name: "config" }) });
  for (const source of request.files) {
    const found = await readConfigFile(source, read);
    if (found === undefined) continue;
    if ("problem" in found) problems.push(found.problem);
    else if (add(found.layer) && source.layer === "project") {
      pending = pendingApproval(source.file, found.bytes, found.layer, request.approvals);
      if (pending !== undefined) layers.splice(-1, 1, withoutHeldBack(found.layer));
    }
  }
  for (const [name, value] of Object.entries(settingsInEnvironment(request.env ?? {}))) {
    const layer = fromEnvironment(name, value, layers);
    if ("message" in layer) problems.push(layer);
    else add(layer);
  }
  for (const { flag, setting, value } of request.flags ?? []) {
    add(single(setting, value, { layer: "flag", name: flag }));
  }
  if (request.overrides !== undefined) {
    const stored = await readConfigFile({ layer: "runtime", file: request.overrides }, read);
    if (stored !== undefined && "problem" in stored) problems.push(stored.problem);
    else if (stored !== undefined) add(stored.layer);
  }

  return problems.length > 0 ? { error: problems } : combine(layers, pending);
}

/** The variables that are settings: `BANYAN_SECTION__KEY`, `BANYAN_MODEL` and some `MCP_…`. An empty one is not set. */
export function settingsInEnvironment(env: Environment): Record<string, string> {
  const names = [...OLDER_NAMES, ...Object.keys(env).filter((name) => /^BANYAN_(MODEL$|\w*?__)/.test(name))];
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

/** `below` are the layers of the files, which name the servers that there are. */
function fromEnvironment(name: string, value: string, below: readonly Layer[]): Layer | ConfigProblem {
  const origin = { layer: "environment", name } as const;
  if (name === "MCP_LOG_LEVEL") return single("log.level", value, origin);
  if (name === "MCP_PORT") return single("server.port", value, origin);
  if (name === "MCP_CACHE_TTL") return single("catalog.cache_ttl", /^\d+$/.test(value) ? `${value}s` : value, origin);
  if (name !== "MCP_AUTO_RESTART") {
    return single(name.slice("BANYAN_".length).toLowerCase().replaceAll("__", "."), value, origin);
  }
  if (!/^(true|1|false|0)$/.test(value)) {
    return { message: `${name} is ${JSON.stringify(value.slice(0, 60))}; allowed: true or false.`, origin };
  }
  const restarts = value === "true" || value === "1";
  const names = new Set(restarts ? [] : below.flatMap(({ values }) => serverBlocks(values).map((block) => block.name)));
  const servers = [...names].map((each) => ({ name: each, restart: "never" }));
  return { values: { servers, server: { auto_restart: restarts } }, origin: () => origin };
}

/** A layer of one setting. */
function single(setting: string, value: Flag["value"], origin: Origin): Layer {
  const path = setting.split(".");
  const typed = typeof value === "string" ? typedValue(setting, value) : value;
  const values = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), typed);
  return { values: isTable(values) ? values : {}, origin: () => origin };
}

/** A text becomes a value as the setting's type asks: it stays as it is for a text, else it is read as JSON if it is that. */
export function typedValue(setting: string, text: string): unknown {
  if (schemaAt(schemaPath(setting)) instanceof z.ZodString) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What is wrong with one layer by itself; none when it holds. */
export function problemsIn({ values, origin }: Layer): ConfigProblem[] {
  const checked = layerSchema.safeParse(values, ONCE);
  return checked.success ? [] : problemsOf(checked.error.issues, values, origin);
}

/** All layers as one. What can still be wrong is what no layer alone has: a server without its command, a pool without its url. */
function combine(layers: readonly Layer[], pending: PendingApproval | undefined): LoadResult {
  const { values, servers, origins } = mergeLayers(layers);
  const checked = configSchema.safeParse({ ...values, servers: [...servers.values()] }, ONCE);
  if (!checked.success) {
    // Blocks of one server may stand in several files, so it is told by its name and by where it was first named.
    const names = [...servers.keys()];
    const byName = ([section, index, ...rest]: PropertyKey[]) =>
      section === "servers" ? [section, names[Number(index)] ?? "", ...rest] : [section ?? "", index ?? "", ...rest];
    const issues = checked.error.issues.map((issue) => ({ ...issue, path: byName(issue.path) }));
    const origin = (path: Path) => {
      const table = settingName(path.slice(0, 2));
      const within = [...origins.keys()].find((name) => name.startsWith(`${table}.`)) ?? "";
      return (
        origins.get(settingName(path)) ?? origins.get(table) ?? origins.get(within) ?? { layer: "default" as const }
      );
    };
    return { error: problemsOf(issues, { ...values, servers: Object.fromEntries(servers) }, origin) };
  }
  const found = leaves(byServerName(checked.data)).map((path) => {
    const name = settingName(path);
    return [name, origins.get(name) ?? { layer: "default" as const }] as const;
  });
  const waiting = new Set(pending?.servers);
  const marked = checked.data.servers.map((server) => ({ ...server, approved: !waiting.has(server.name) }));
  return {
    ok: { config: { ...checked.data, servers: marked }, origins: Object.fromEntries(found), pendingApproval: pending },
  };
}
