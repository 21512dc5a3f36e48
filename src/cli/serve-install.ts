// `banyan serve --install HOST`: prints the entry by which another host starts or finds Banyan, or writes it into the host's settings.
import { fileURLToPath } from "node:url";
import { entryText, HOSTS, hostFolders, type Way, writeEntry } from "../mcp/client/host-entries.js";
import { addressFrom, urlOf } from "../mcp/server/address.js";
import { BanyanError } from "../supervision/index.js";
import { fileOptions } from "./file-options.js";
import type { CommonOptions } from "./options.js";
import { printJson } from "./print-json.js";
import { setUp } from "./settings.js";
import { warn } from "./warn.js";

export interface InstallOptions extends CommonOptions {
  readonly install: string;
  readonly write?: boolean;
  readonly http?: string | true;
}

export async function installAt(options: InstallOptions): Promise<void> {
  const host = HOSTS.find(({ name }) => name === options.install);
  if (host === undefined) {
    const known = HOSTS.map(({ name }) => name).join(", ");
    throw new BanyanError("usage", `${options.install} is no host that is known here; there are ${known}.`);
  }
  const entry = host.entry(await wayFor(options));
  if (entry === undefined) throw new BanyanError("usage", `${host.title} starts its servers itself; leave out --http.`);
  const file = host.file(hostFolders());
  const text = entryText(host, entry);
  if (options.write !== true) {
    if (options.json === true) return printJson({ host: host.name, file, entry, written: false });
    process.stdout.write(text);
    warn(`This belongs into ${file}, for ${host.title}; --write puts it there.`);
    return;
  }
  const { changed, backup } = writeEntry(file, host, entry);
  if (options.json === true)
    return printJson({ host: host.name, file, entry, written: changed, backup: backup ?? null });
  const more = backup === undefined ? "" : ` What it was before is in ${backup}.`;
  process.stdout.write(
    changed ? `Written into ${file}; start ${host.title} again.${more}\n` : `${file} has it already.\n`,
  );
}

async function wayFor(options: InstallOptions): Promise<Way> {
  if (options.http === undefined) {
    const cli = fileURLToPath(new URL("../cli.js", import.meta.url));
    return { command: process.execPath, args: [cli, "serve", "--stdio", ...fileOptions(options)] };
  }
  const { host, port } = (await setUp(options)).loaded.config.server;
  const address = typeof options.http === "string" ? addressFrom(options.http, { host, port }) : { host, port };
  if (address.port === 0) throw new BanyanError("usage", "Name the port, as in --http 127.0.0.1:3700.");
  return { url: `${urlOf(address)}/mcp` };
}
