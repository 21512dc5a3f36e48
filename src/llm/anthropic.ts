// Anthropic's models through the Messages API. What a model thought is signed and must be sent back with its tool calls. The
// conversation up to its last message is marked to be cached there: a turn with ten tool calls sends it eleven times.

import { familyWindow } from "./context-window.js";
import { checkedEndpoint, type EndpointOptions } from "./endpoint.js";
import type { Provider, ThinkingEffort } from "./provider.js";
import { type SdkApi, sdkProvider } from "./sdk-stream.js";
import { windowInEntry, windowOf } from "./window-asked.js";
import type { CallOptions } from "./wire-messages.js";

export const ANTHROPIC_URL = "https://api.anthropic.com/v1";

/**
 * A provider for one model; `baseUrl` may end before or after the API's `/v1`.
 *
 * @throws ProviderError when the base URL, the key or a header cannot be used
 */
export function createAnthropic(options: EndpointOptions): Provider {
  const baseUrl = `${options.baseUrl.replace(/\/+$/, "").replace(/\/v1$/, "")}/v1`;
  const endpoint = checkedEndpoint({ ...options, baseUrl }, "the base URL of Anthropic's Messages API");
  return {
    ...sdkProvider(endpoint, api),
    contextWindow: windowOf(endpoint, familyWindow(`anthropic:${endpoint.model}`), () =>
      windowInEntry(endpoint, { "anthropic-version": "2023-06-01", "x-api-key": endpoint.apiKey ?? "none" }),
    ),
  };
}

const api: SdkApi = {
  imageResults: true,
  seesImages: () => true, // all that are still served
  async open({ baseUrl, apiKey, headers, model }, fetch) {
    const sdk = await import("@ai-sdk/anthropic");
    return sdk.createAnthropic({ baseURL: baseUrl, apiKey: apiKey ?? "none", headers: { ...headers }, fetch })(model);
  },
  adapt(options, { thinking }, model) {
    const anthropic = thinking === undefined ? undefined : thinkingOf(thinking, model);
    return {
      ...options,
      prompt: cached(options.prompt),
      ...(anthropic !== undefined && { providerOptions: { anthropic } }),
    };
  },
};

/** Models up to the first of the 4.5 generation are given a budget; later ones decide for themselves how much an effort is. */
const BUDGETED = /claude-(?:3|opus-4(?:-[015]|-2025|$)|sonnet-4(?:-[05]|-2025|$)|haiku-4)/;
const BUDGETS = { low: 2_048, medium: 8_192, high: 24_576 } as const;

function thinkingOf(effort: ThinkingEffort, model: string) {
  if (effort === "off") return { thinking: { type: "disabled" } };
  if (BUDGETED.test(model)) return { thinking: { type: "enabled", budgetTokens: BUDGETS[effort] } };
  return { thinking: { type: "adaptive", display: "summarized" }, effort };
}

/** Marks the system text and the last message: all before a mark is read from the cache the next time. */
function cached(prompt: CallOptions["prompt"]): CallOptions["prompt"] {
  const mark = { anthropic: { cacheControl: { type: "ephemeral" } } };
  const last = prompt.length - 1;
  return prompt.map((message, at) =>
    message.role === "system" || at === last ? { ...message, providerOptions: mark } : message,
  );
}
