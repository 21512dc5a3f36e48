// What the settings say of the model providers.
import { resolveReferences } from "../actors/config/references.js";
import type { Settings } from "../actors/config/schema.js";
import type { Environment } from "../actors/paths.js";
import type { ProvidersSettings } from "../llm/select.js";

/** A key is looked up only when its provider is asked for it: one that is missing is no trouble for the others. */
export function providersOf({ providers }: Settings, env: Environment): ProvidersSettings {
  const { anthropic, openai, ollama } = providers;
  const key = (reference: string | undefined) =>
    reference === undefined ? undefined : resolveReferences(reference, env);
  return {
    anthropic: {
      baseUrl: anthropic.base_url,
      get apiKey() {
        return key(anthropic.api_key);
      },
      stallTimeoutMs: anthropic.stall_timeout,
      contextWindow: anthropic.context_window,
    },
    openai: {
      baseUrl: openai.base_url,
      get apiKey() {
        return key(openai.api_key);
      },
      stallTimeoutMs: openai.stall_timeout,
      contextWindow: openai.context_window,
      api: openai.api,
    },
    ollama: {
      baseUrl: ollama.base_url,
      stallTimeoutMs: ollama.stall_timeout,
      keepAliveMs: ollama.keep_alive,
      contextWindow: ollama.context_window,
    },
  };
}
