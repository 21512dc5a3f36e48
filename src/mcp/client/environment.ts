// What a server inherits of our environment: what a program needs to find itself a home, a path and a language, and no key,
// token or setting of ours. Anything else must be named in the server's own `env`.

import { platform as here, type Platform } from "../../actors/platform/index.js";

/** The complete environment of a server: the inherited few, then `configured` over them. */
export function childEnvironment(
  configured: Readonly<Record<string, string>>,
  ours: Readonly<Record<string, string | undefined>> = process.env,
  platform: Platform = here,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(ours)) {
    // Old shells export functions as values that begin with "()": code, not data.
    if (value === undefined || value.startsWith("()")) continue;
    if (platform.inherits(name)) environment[name] = value;
  }
  return { ...environment, ...configured };
}
