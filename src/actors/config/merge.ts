// The layers of settings, laid over one another from the weakest to the strongest. Tables are merged key by key,
// [[servers]] blocks by their name; anything else the stronger layer replaces whole. Where each value came from is kept.
import type { ConfigFile } from "../paths.js";
import type { Path } from "./schema.js";

/** Where a value came from. */
export type Origin =
  | { readonly layer: "default" }
  | { readonly layer: ConfigFile["layer"]; readonly file: string; readonly line: number }
  | { readonly layer: "environment"; readonly name: string }
  | { readonly layer: "flag"; readonly name: string };

export type Table = { [key: string]: unknown };

/** One layer: values that follow the schema, and where each stands. */
export interface Layer {
  readonly values: Table;
  readonly origin: (path: Path) => Origin;
}

/** All layers as one: the servers by name, and apart from them the rest. Each value's origin is under its {@link settingName}. */
export interface Merged {
  readonly values: Table;
  readonly servers: ReadonlyMap<string, Table>;
  readonly origins: ReadonlyMap<string, Origin>;
}

/** A setting's name as it is shown: `chat.max_steps`, and of a server by the server's own name, `servers.files.command`. */
export function settingName(path: Path): string {
  return path.join(".");
}

export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function mergeLayers(layers: readonly Layer[]): Merged {
  const servers = new Map<string, Table>();
  const origins = new Map<string, Origin>();
  const values: Table = {};
  for (const { values: layer, origin } of layers) {
    for (const [index, block] of serverBlocks(layer).entries()) {
      const known = servers.get(block.name) ?? {};
      const name = ["servers", block.name];
      servers.set(block.name, known);
      if (!origins.has(settingName(name))) origins.set(settingName(name), origin(["servers", index]));
      overlay(known, block, (path) =>
        origins.set(settingName([...name, ...path]), origin(["servers", index, ...path])),
      );
    }
    const { servers: _merged, ...rest } = layer;
    overlay(values, rest, (path) => origins.set(settingName(path), origin(path)));
  }
  return { values, servers, origins };
}

export type NamedBlock = Table & { readonly name: string };

/** The servers a layer declares or changes. */
export function serverBlocks(layer: Table): NamedBlock[] {
  const blocks = Array.isArray(layer.servers) ? layer.servers : [];
  return blocks.filter((block) => isTable(block) && typeof block.name === "string");
}

/** The paths of all values that are not tables. */
export function leaves(values: Table, at: Path = []): Path[] {
  return Object.entries(values).flatMap(([key, value]) =>
    isTable(value) ? leaves(value, [...at, key]) : [[...at, key]],
  );
}

function overlay(target: Table, values: Table, placed: (path: Path) => void, at: Path = []): void {
  for (const [key, value] of Object.entries(values)) {
    const path = [...at, key];
    if (!isTable(value)) {
      target[key] = value;
      placed(path);
      continue;
    }
    const inner = target[key];
    const table = isTable(inner) ? inner : {};
    target[key] = table;
    overlay(table, value, placed, path);
  }
}
