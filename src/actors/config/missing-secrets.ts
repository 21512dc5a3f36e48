// References to secrets, all of them at once: those that lead nowhere, which a server or provider would find out only when it is
// started, and what the others lead to.
import { BanyanError } from "../../supervision/errors.js";
import type { Environment } from "../paths.js";
import type { Loaded } from "./load.js";
import { byServerName } from "./lookup.js";
import { isTable, settingName } from "./merge.js";
import { type ConfigProblem, placeOf } from "./problems.js";
import { resolveReferences } from "./references.js";
import type { Path, Settings } from "./schema.js";

/** One problem for each reference of an enabled and approved server, or of a provider, that cannot be looked up in `env`. */
export function missingSecrets({ config, origins }: Loaded, env: Environment): ConfigProblem[] {
  const servers = config.servers.filter(({ enabled, approved }) => enabled && approved);
  const { providers, servers: named } = byServerName({ ...config, servers });
  return textsIn({ providers, servers: named }).flatMap(({ path, text }) => {
    const why = missing(text, env);
    if (why === undefined) return [];
    const key = settingName(path.filter((step) => typeof step === "string")); // a list is one setting
    const origin = origins[key] ?? { layer: "default" as const };
    return [{ message: `${placeOf(origin)}: ${key}: ${why}`, key, origin }];
  });
}

/** Looks up every reference there is, so that what it leads to is hidden wherever secrets are: see `redact`. */
export function learnSecrets(settings: Settings, env: Environment): void {
  for (const { text } of textsIn(settings)) missing(text, env);
}

function missing(text: string, env: Environment): string | undefined {
  try {
    resolveReferences(text, env);
    return undefined;
  } catch (error) {
    if (error instanceof BanyanError) return error.message;
    throw error;
  }
}

function textsIn(value: unknown, at: Path = []): { path: Path; text: string }[] {
  if (typeof value === "string") return [{ path: at, text: value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => textsIn(item, [...at, index]));
  return isTable(value) ? Object.entries(value).flatMap(([key, inner]) => textsIn(inner, [...at, key])) : [];
}
