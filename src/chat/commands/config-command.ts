// /config: the settings in force and where each came from, and a setting changed as `banyan config set` does.
import { z } from "zod";
import { again } from "../../actors/again.js";
import { byServerName, isSetting, lookUp, schemaPath, UnknownSettingError } from "../../actors/config/lookup.js";
import type { Origin } from "../../actors/config/merge.js";
import { placeOf } from "../../actors/config/problems.js";
import { schemaAt } from "../../actors/config/schema.js";
import { withoutSecrets } from "../../actors/config/without-secrets.js";
import { writtenSetting } from "../../actors/config/written-setting.js";
import { plainText } from "../../supervision/index.js";
import { cell } from "../cell.js";
import type { MixedCommand, Suggestions, Surroundings } from "../command.js";
import { fuzzyBegin, startingWith } from "../suggestions.js";
import { changeSetting } from "./settings-change.js";

const LONGEST = 200;

export const configCommand: MixedCommand = {
  name: "config",
  group: "app",
  summary: "show the settings that differ from the defaults, all, or some; or change one for good",
  usage: ["", "all", "KEY", "KEY VALUE", "--unset KEY"],
  examples: ["/config", "/config chat", "/config chat.max_steps 50", "/config --unset chat.max_steps"],
  complete,
  waits: (rest) => /^--unset(\s|$)|\S\s+\S/.test(rest.trim()),
  run: async (context, rest) => show(context, rest.trim()),
  ask: async (context, rest) => {
    const [, unset, key = "", value] = /^(--unset\s+)?(\S+)(?:\s+([\s\S]+))?$/.exec(rest.trim()) ?? [];
    if (!isSetting(key)) throw new UnknownSettingError(key);
    await changeSetting(context, key, unset === undefined ? unquoted(value ?? "") : undefined);
    return show(context, key);
  },
};

async function show({ names, use }: Surroundings, key: string): Promise<string> {
  if (key !== "" && key !== "all" && !isSetting(key)) throw new UnknownSettingError(key);
  const { loaded, problems } = await again(() => use(names.config).call.describe());
  const settings = withoutSecrets(byServerName(loaded.config));
  const wanted = ([name, { layer }]: readonly [string, Origin]): boolean =>
    key === "" ? layer !== "default" : key === "all" || `${name}.`.startsWith(`${key}.`);
  const rows = Object.entries(loaded.origins)
    .filter(wanted)
    .map(([name, origin]) => {
      const value = plainText(writtenSetting(name, lookUp(settings, name))).slice(0, LONGEST);
      return `| \`${cell(name)}\` | \`${cell(value)}\` | ${cell(placeOf(origin))} |`;
    });
  const wrong = problems.map(({ message }) => `\nNot in force: ${cell(plainText(message))}`);
  if (rows.length === 0) {
    const none = key === "" ? "Every setting has its default; `/config all` shows them." : `\`${key}\` is not set.`;
    return [none, ...wrong].join("\n");
  }
  return ["| setting | value | from |", "| --- | --- | --- |", ...rows, ...wrong].join("\n");
}

/** A text may stand in quotes, as in a file. */
function unquoted(value: string): string {
  return value.replace(/^(["'])([\s\S]*)\1$/, "$2");
}

async function complete(typed: string, { names, use }: Surroundings): Promise<Suggestions> {
  const [, key, value] = /^(\S+)\s+(\S*)$/.exec(typed) ?? [];
  if (key !== undefined && key !== "--unset") {
    const hints = valuesOf(key).map((name) => ({ name: `${key} ${name}`, label: name, summary: "" }));
    return startingWith(typed, hints);
  }
  const { loaded } = await again(() => use(names.config).call.describe());
  const before = key === undefined ? "" : `${key} `;
  const hints = Object.keys(loaded.origins).map((name) => ({
    name: `${before}${name}`,
    label: name,
    summary: schemaAbout(name),
  }));
  return value === "" || typed === "" ? hints : fuzzyBegin(typed, hints);
}

function valuesOf(key: string): readonly string[] {
  const schema = schemaAt(schemaPath(key));
  if (schema instanceof z.ZodBoolean) return ["true", "false"];
  return schema instanceof z.ZodEnum ? schema.options.map(String) : [];
}

function schemaAbout(name: string): string {
  const schema = schemaAt(schemaPath(name));
  return (schema && z.globalRegistry.get(schema)?.description) ?? "";
}
