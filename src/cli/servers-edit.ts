// `banyan servers add|remove|enable|disable|import`: changes of a settings file, which running apps apply by themselves.
import { editSettings } from "../actors/config/edit-file.js";
import type { Origin } from "../actors/config/merge.js";
import { type NewServerOptions, newServer } from "../actors/config/new-server.js";
import { readFromDisk } from "../actors/config/read.js";
import {
  blocksIn,
  type WrittenServer,
  withEnabled,
  withoutServer,
  withServer,
} from "../actors/config/server-blocks.js";
import type { ConfigFile } from "../actors/paths.js";
import { isBundled } from "../mcp/client/configured-servers.js";
import { type Left, readHostFile } from "../mcp/client/host-file.js";
import { BanyanError, plainText } from "../supervision/index.js";
import type { CommonOptions } from "./options.js";
import { printJson } from "./print-json.js";
import { recordBefore } from "./recorded.js";
import { pathsOf, requestOf } from "./settings.js";
import { warn } from "./warn.js";

export interface ScopeOptions extends CommonOptions {
  readonly scope?: "user" | "project";
}

export interface AddOptions extends ScopeOptions, NewServerOptions {}

export async function addServer(name: string, words: readonly string[], options: AddOptions): Promise<void> {
  refuseBundled(name);
  const server = newServer(name, words, options);
  const target = targetOf(options);
  const { loaded } = await editSettings(requestOf(options), target, adding(server), () =>
    recorded(options, "add", server, target),
  );
  const waits = loaded.config.servers.some((each) => each.name === name && !each.approved);
  say(options, { name, file: target.file }, `Added ${name} to ${target.file}.`);
  if (waits) warn(`${name} is not started before you look at ${target.file} and run banyan config approve.`);
}

export async function removeServer(name: string, options: ScopeOptions): Promise<void> {
  const target = await declaring(name, options);
  const edit = (text: string) => withoutServer(text, name);
  const { loaded } = await editSettings(requestOf(options), target, edit, () =>
    recorded(options, "remove", { name }, target),
  );
  say(options, { name, file: target.file }, `Removed ${name} from ${target.file}.`);
  if (loaded.config.servers.some((server) => server.name === name)) {
    warn(`${name} is still declared elsewhere; see banyan config show servers.${name} --origins.`);
  }
}

export async function switchServer(name: string, enabled: boolean, options: ScopeOptions): Promise<void> {
  const target = await declaring(name, options);
  const edit = (text: string) => withEnabled(text, name, enabled);
  await editSettings(requestOf(options), target, edit, async ({ config, origins }) => {
    const inForce = config.servers.find((server) => server.name === name)?.enabled;
    if (inForce !== enabled) throw overruled(name, enabled, origins[`servers.${name}.enabled`]);
    await recorded(options, enabled ? "enable" : "disable", { name }, target);
  });
  say(options, { name, enabled, file: target.file }, `Switched ${name} ${enabled ? "on" : "off"} in ${target.file}.`);
}

export async function importServers(file: string, options: ScopeOptions): Promise<void> {
  const { servers, notes: notesOf, left } = readHostFile(file);
  const target = targetOf(options);
  const imported: string[] = [];
  const skipped: Left[] = [...left];
  for (const server of servers) {
    try {
      refuseBundled(server.name);
      const record = () => recorded(options, "add", server, target);
      await editSettings(requestOf(options), target, adding(server), record);
      imported.push(server.name);
    } catch (error) {
      if (!(error instanceof BanyanError) || error.code === "config_invalid") throw error;
      skipped.push({ name: server.name, why: error.message });
    }
  }
  const notes = imported.flatMap((name) => notesOf.get(name) ?? []);
  const list = imported.length === 0 ? "Nothing was imported" : `Imported ${imported.join(", ")}`;
  say(options, { imported, notes, left: skipped, file: target.file }, `${list} (${target.file}).`);
  for (const note of notes) warn(note);
  for (const { name, why } of skipped) warn(`${name} was left out: ${why}`);
  if (imported.length === 0) process.exitCode = 1;
}

/** The file new servers are written to. */
function targetOf(options: ScopeOptions): ConfigFile {
  const files = pathsOf(options).config;
  const wanted = options.scope ?? "user";
  const named = files.find(({ layer }) => layer === "named");
  if (named !== undefined && options.scope !== undefined) throw usage("Give --config or --scope, not both.");
  const found = named ?? files.find(({ layer }) => layer === wanted);
  if (found !== undefined) return found;
  throw usage("Here the project's settings are the user's own; leave --scope out.");
}

/** The strongest file that has a block for the server. */
async function declaring(name: string, options: ScopeOptions): Promise<ConfigFile> {
  const candidates = options.scope === undefined ? pathsOf(options).config.toReversed() : [targetOf(options)];
  for (const source of candidates) {
    const bytes = readFromDisk(source.file);
    if (bytes === undefined) continue;
    const blocks = await blocksIn(new TextDecoder().decode(bytes)).catch(() => []); // told when all is loaded
    if (blocks.some((block) => block.name === name)) return source;
  }
  if (isBundled(name)) {
    throw usage(`${name} comes with Banyan; switch it with: banyan config set bundled.${name} true (or false).`);
  }
  const files = candidates.map(({ file }) => file).join(", ");
  throw new BanyanError("no_server", `There is no server ${name} in ${files}; see banyan servers list.`);
}

function adding(server: WrittenServer) {
  return async (text: string): Promise<string> => {
    if ((await blocksIn(text)).some(({ name }) => name === server.name)) {
      throw new BanyanError(
        "server_exists",
        `There is a server ${server.name} already; remove it first or choose another name.`,
      );
    }
    return withServer(text, server);
  };
}

function refuseBundled(name: string): void {
  if (isBundled(name)) throw usage(`${name} is a bundled server's name; choose another.`);
}

function overruled(name: string, enabled: boolean, origin: Origin | undefined): BanyanError {
  const place =
    origin === undefined || origin.layer === "default"
      ? "another place"
      : "file" in origin
        ? `${origin.file}:${origin.line}`
        : origin.name;
  return new BanyanError(
    "overruled",
    `Nothing was changed: ${place} says enabled = ${!enabled} for ${name}; change it there.`,
  );
}

function recorded(
  options: CommonOptions,
  verb: "add" | "remove" | "enable" | "disable",
  { name, ...rest }: { readonly name: string } & Partial<WrittenServer>,
  { file }: ConfigFile,
): Promise<void> {
  return recordBefore(pathsOf(options), { action: `server.${verb}`, subject: name, detail: { file, ...rest } });
}

function say({ json }: CommonOptions, value: unknown, text: string): void {
  if (json) printJson(value);
  else process.stdout.write(`${plainText(text)}\n`);
}

function usage(text: string): BanyanError {
  return new BanyanError("usage", text);
}
