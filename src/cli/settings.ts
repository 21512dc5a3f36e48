// What every command starts from: where the files are, and what they say.
import { type Flag, type Loaded, loadConfig, settingsInEnvironment } from "../actors/config/load.js";
import type { StoringRequest } from "../actors/config/overrides.js";
import { ConfigError } from "../actors/config/problems.js";
import { type Paths, resolvePaths } from "../actors/paths.js";
import type { CommonOptions } from "./options.js";

export interface Setup {
  readonly paths: Paths;
  readonly request: StoringRequest;
  readonly loaded: Loaded;
}

export function pathsOf({ home, config }: CommonOptions): Paths {
  return resolvePaths({ home, config, env: process.env, platform: process.platform, cwd: process.cwd() });
}

export function requestOf(options: CommonOptions & { readonly profileStartup?: boolean }): StoringRequest {
  const { config, approvals, overrides } = pathsOf(options);
  const { logLevel, profileStartup, screenReader } = options;
  const flags: Flag[] = [];
  if (logLevel !== undefined) flags.push({ flag: "--log-level", setting: "log.level", value: logLevel });
  if (profileStartup === true) flags.push({ flag: "--profile-startup", setting: "startup.profile", value: true });
  if (screenReader === true) flags.push({ flag: "--screen-reader", setting: "ui.screen_reader", value: true });
  return { files: config, env: settingsInEnvironment(process.env), flags, approvals, overrides };
}

/** Loads the settings. Throws a {@link ConfigError} with everything that is wrong. */
export async function setUp(options: Parameters<typeof requestOf>[0]): Promise<Setup> {
  const paths = pathsOf(options);
  const request = requestOf(options);
  const result = await loadConfig(request);
  if ("error" in result) throw new ConfigError(result.error);
  return { paths, request, loaded: result.ok };
}
