// What a change of the settings is to the user, in one line: the names of what changed, and which of it waits for the next start.
import { isDeepStrictEqual } from "node:util";
import { byServerName, settingOf } from "./lookup.js";
import { leaves, settingName } from "./merge.js";
import type { Settings } from "./schema.js";

const MOST_NAMES = 5;

/** `live` are the settings and tables that are applied at once. Undefined when nothing has changed. */
export function describeChange(before: Settings, after: Settings, live: readonly string[]): string | undefined {
  const names = changedSettings(before, after);
  const waits = names.filter((name) => !live.some((each) => `${name}.`.startsWith(`${each}.`)));
  const applied = names.filter((name) => !waits.includes(name));
  const sentences = [
    applied.length > 0 ? `Applied from the settings: ${listed(applied)}.` : undefined,
    waits.length > 0 ? `Changed, but in effect from the next start on: ${listed(waits)}.` : undefined,
  ];
  return names.length === 0 ? undefined : sentences.filter((sentence) => sentence !== undefined).join(" ");
}

/** A server as a whole is one thing to the user, and one that waits for approval is none yet. */
function changedSettings(old: Settings, fresh: Settings): string[] {
  const [before, after] = [approved(old), approved(fresh)];
  const paths = [before, after].flatMap((settings) => leaves(byServerName(settings)));
  const names = new Set(paths.map((path) => settingName(path[0] === "servers" ? path.slice(0, 2) : path)));
  return [...names].filter((name) => !isDeepStrictEqual(settingOf(before, name), settingOf(after, name)));
}

function approved(settings: Settings): Settings {
  return { ...settings, servers: settings.servers.filter((server) => server.approved) };
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return more > 0 ? `${names.slice(0, MOST_NAMES).join(", ")} and ${more} more` : names.join(", ");
}
