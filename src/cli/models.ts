// What the settings say of the model providers, with their keys looked up.
import { resolveReferences } from "../actors/config/references.js";
import type { Settings } from "../actors/config/schema.js";
import type { Environment } from "../actors/paths.js";

export function providersOf({ providers: { openai, ollama } }: Settings, env: Environment) {
  return {
    openai: {
      baseUrl: openai.base_url,
      apiKey: openai.api_key === undefined ? undefined : resolveReferences(openai.api_key, env),
    },
    ollama: { baseUrl: ollama.base_url },
  };
}
