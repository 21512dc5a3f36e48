// A setting by the name it is shown with: "chat.max_steps", and of a server by the server's own name, "servers.files.command".
// The name of a table stands for everything in it.
import { BanyanError } from "../../supervision/errors.js";
import { isTable } from "./merge.js";
import { unknownSetting } from "./problems.js";
import { type Path, type Settings, schemaAt } from "./schema.js";

/** No setting has this name. */
export class UnknownSettingError extends BanyanError {
  constructor(name: string) {
    super("unknown_setting", `${unknownSetting(schemaPath(name))}.`);
  }
}

/** Where the schema of a setting is found: every server has the same. */
export function schemaPath(name: string): Path {
  const path = name.split(".");
  return path[0] === "servers" && path.length > 1 ? ["servers", 0, ...path.slice(2)] : path;
}

export function isSetting(name: string): boolean {
  return schemaAt(schemaPath(name)) !== undefined;
}

/** The settings with the servers by their names, as they are shown. */
export function byServerName<S extends { readonly servers: readonly { readonly name: string }[] }>(settings: S) {
  return { ...settings, servers: Object.fromEntries(settings.servers.map((server) => [server.name, server])) };
}

/** What a setting or table is now; undefined where it is not set. */
export function settingOf(settings: Settings, name: string): unknown {
  return lookUp(byServerName(settings), name);
}

/** The same in what {@link byServerName} made. */
export function lookUp(settings: unknown, name: string): unknown {
  return name
    .split(".")
    .reduce<unknown>((value, key) => (isTable(value) && Object.hasOwn(value, key) ? value[key] : undefined), settings);
}
