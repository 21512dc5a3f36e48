// `banyan config set`: a setting over all others, kept in the data folder, which running apps apply at once.
import type { Command } from "commander";
import { isSetting, UnknownSettingError } from "../actors/config/lookup.js";
import { removeOverride, storeOverride } from "../actors/config/overrides.js";
import { plainText } from "../supervision/index.js";
import { showConfig } from "./config-show.js";
import type { CommonOptions } from "./options.js";
import { recordBefore } from "./recorded.js";
import { pathsOf, requestOf } from "./settings.js";

export interface SetOptions extends CommonOptions {
  readonly unset?: boolean;
}

export async function setConfig(key: string, value: string | undefined, command: Command): Promise<void> {
  const options = command.optsWithGlobals<SetOptions>();
  if ((value === undefined) !== (options.unset === true)) {
    command.error("error: give a value, as in banyan config set log.level debug, or --unset", { exitCode: 2 });
  }
  if (!isSetting(key)) throw new UnknownSettingError(key);
  const request = requestOf(options);
  const detail = value === undefined ? { unset: true } : { [key]: value };
  const first = () => recordBefore(pathsOf(options), { action: "config.set", subject: key, detail });
  if (value === undefined) await removeOverride(request, key, first);
  else await storeOverride(request, key, value, first);
  if (!options.json) {
    const done = value === undefined ? "Taken out of" : "Stored in";
    process.stdout.write(plainText(`${done} ${request.overrides}; in force now:\n`));
  }
  await showConfig(key, { ...options, origins: true });
}
