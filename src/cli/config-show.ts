// `banyan config show`: the settings in force, each under the name that `banyan config set` takes, and where each came from. Secrets
// are shown as the references that stand for them.
import { z } from "zod";
import { inline } from "../actors/config/document.js";
import { byServerName, isSetting, lookUp, schemaPath, UnknownSettingError } from "../actors/config/lookup.js";
import { placeOf } from "../actors/config/problems.js";
import { schemaAt } from "../actors/config/schema.js";
import { SIZE, TIME } from "../actors/config/units.js";
import { withoutSecrets } from "../actors/config/without-secrets.js";
import { plainText } from "../supervision/index.js";
import type { CommonOptions } from "./options.js";
import { setUp } from "./settings.js";

export async function showConfig(
  key: string | undefined,
  options: CommonOptions & { readonly origins?: boolean },
): Promise<void> {
  if (key !== undefined && !isSetting(key)) throw new UnknownSettingError(key);
  const { config, origins } = (await setUp(options)).loaded;
  const settings = withoutSecrets(byServerName(config));
  const shown = Object.entries(origins).filter(([name]) => key === undefined || `${name}.`.startsWith(`${key}.`));
  if (options.json) {
    const value = key === undefined ? settings : (lookUp(settings, key) ?? null);
    print(JSON.stringify(options.origins ? { value, origins: Object.fromEntries(shown) } : value, null, 2));
    return;
  }
  const lines = shown.map(([name, origin]) => {
    const from = options.origins ? `  # ${placeOf(origin)}` : "";
    return plainText(`${name} = ${written(name, lookUp(settings, name))}${from}`);
  });
  print(shown.length === 0 ? `# ${key} is not set` : lines.join("\n"));
}

/** As it would stand in a file: a time as "10m", not as its milliseconds. */
function written(name: string, value: unknown): string {
  const schema = schemaAt(schemaPath(name));
  const unit = schema && z.globalRegistry.get(schema)?.unit;
  const known = [TIME, SIZE].find((each) => each === unit);
  return inline(typeof value === "number" && known !== undefined ? known.format(value) : value);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
