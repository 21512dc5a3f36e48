// A Config process over real files, for tests of whoever follows the settings.
import { onTestFinished } from "vitest";
import { Config, type ConfigOptions } from "../../src/actors/config/config.js";
import { type LoadRequest, loadConfig } from "../../src/actors/config/load.js";
import { type Named, named, stopProcess } from "../../src/supervision/index.js";

/** Everything a Config is started with but what it was loaded from, with nobody to tell. */
export const alone: Omit<ConfigOptions, "loaded" | "request" | "subscriptions" | "added"> = {
  watch: false,
  live: [],
  listener: named("nobody listens"),
};

/** Starts one under the name it has in the app; it ends with the test. */
export async function startConfig(request: LoadRequest): Promise<Named<Config>> {
  const loaded = await loadConfig(request);
  if ("error" in loaded) throw new Error(loaded.error.map(({ message }) => message).join("\n"));
  const config = named<Config>("Config");
  const pid = await Config.start(
    { ...alone, loaded: loaded.ok, request, subscriptions: [], added: [] },
    { name: config },
  );
  onTestFinished(() => stopProcess(pid));
  return config;
}
