// `banyan config show`: the settings in force, each under the name that `banyan config set` takes, and where each came from. Secrets
// are shown as the references that stand for them.
import { byServerName, isSetting, lookUp, UnknownSettingError } from "../actors/config/lookup.js";
import { placeOf } from "../actors/config/problems.js";
import { withoutSecrets } from "../actors/config/without-secrets.js";
import { writtenSetting } from "../actors/config/written-setting.js";
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
    return plainText(`${name} = ${writtenSetting(name, lookUp(settings, name))}${from}`);
  });
  print(shown.length === 0 ? `# ${key} is not set` : lines.join("\n"));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
