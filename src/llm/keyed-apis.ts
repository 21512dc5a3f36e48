// The two APIs that want a key: where each is, what its key is, and how a plain request, for the list of its models, is made.
// What the config says comes before the environment, and that before the provider's own address.
import { ANTHROPIC_URL } from "./anthropic.js";
import { OPENAI_URL } from "./openai.js";
import type { SelectOptions } from "./select.js";

export interface KeyedApi {
  readonly provider: "anthropic" | "openai";
  /** For people: "Anthropic". */
  readonly name: string;
  /** Up to and with its `/v1`, if it has one. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  /** False at an address of the user's own, which may want no key. */
  readonly isProvidersOwn: boolean;
  /** What shows the key with a plain request. */
  readonly headers: Readonly<Record<string, string>>;
  /** The environment variable of the key, and the setting of the address. */
  readonly variable: string;
  readonly setting: string;
}

type Where = Pick<SelectOptions, "env" | "providers">;

export function anthropicApi({ env, providers }: Where): KeyedApi {
  const given = present(providers?.anthropic?.baseUrl) ?? present(env.ANTHROPIC_BASE_URL) ?? ANTHROPIC_URL;
  const apiKey = present(providers?.anthropic?.apiKey) ?? present(env.ANTHROPIC_API_KEY);
  const baseUrl = `${given.replace(/\/+$/, "").replace(/\/v1$/, "")}/v1`;
  return {
    provider: "anthropic",
    name: "Anthropic",
    baseUrl,
    apiKey,
    isProvidersOwn: baseUrl === ANTHROPIC_URL,
    headers: { "anthropic-version": "2023-06-01", ...(apiKey === undefined ? {} : { "x-api-key": apiKey }) },
    variable: "ANTHROPIC_API_KEY",
    setting: "providers.anthropic.base_url",
  };
}

export function openaiApi({ env, providers }: Where): KeyedApi {
  const given = present(providers?.openai?.baseUrl) ?? present(env.OPENAI_BASE_URL) ?? OPENAI_URL;
  const apiKey = present(providers?.openai?.apiKey) ?? present(env.OPENAI_API_KEY);
  const baseUrl = given.replace(/\/+$/, "");
  return {
    provider: "openai",
    name: "OpenAI",
    baseUrl,
    apiKey,
    isProvidersOwn: baseUrl === OPENAI_URL,
    headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
    variable: "OPENAI_API_KEY",
    setting: "providers.openai.base_url",
  };
}

export function present(text: string | undefined): string | undefined {
  return text?.trim() || undefined;
}
