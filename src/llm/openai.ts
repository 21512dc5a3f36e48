// OpenAI's own models through its Responses API, the one that shows what a model thinks. Nothing is stored there: what a model
// thought comes back encrypted, is kept with the conversation and sent again.

import { familyWindow } from "./context-window.js";
import { checkedEndpoint, type EndpointOptions } from "./endpoint.js";
import type { Provider } from "./provider.js";
import { type SdkApi, sdkProvider } from "./sdk-stream.js";
import { windowOf } from "./window-asked.js";

export const OPENAI_URL = "https://api.openai.com/v1";

/**
 * A provider for one model; `baseUrl` is everything before `/responses`.
 *
 * @throws ProviderError when the base URL, the key or a header cannot be used
 */
export function createOpenAI(options: EndpointOptions): Provider {
  const endpoint = checkedEndpoint(options, "the base URL of OpenAI's Responses API");
  return { ...sdkProvider(endpoint, api), contextWindow: windowOf(endpoint, familyWindow(`openai:${endpoint.model}`)) };
}

const api: SdkApi = {
  imageResults: true,
  seesImages: (model) => !/^(?:gpt-3|gpt-4(?:-0|-32k|$)|o1-mini|o1-preview|o3-mini)/.test(model),
  async open({ baseUrl, apiKey, headers, model }, fetch) {
    const sdk = await import("@ai-sdk/openai");
    return sdk
      .createOpenAI({ baseURL: baseUrl, apiKey: apiKey ?? "none", headers: { ...headers }, fetch })
      .responses(model);
  },
  adapt(options, { thinking }, model) {
    const effort = thinking === "off" ? "none" : thinking;
    const openai = {
      store: false,
      ...(thinks(model) && { reasoningSummary: "auto" }),
      ...(effort !== undefined && { reasoningEffort: effort }),
    };
    // The API takes every schema for a strict one unless told otherwise; those of MCP tools seldom are.
    const tools = options.tools?.map((tool) => (tool.type === "function" ? { ...tool, strict: false } : tool));
    return { ...options, ...(tools !== undefined && { tools }), providerOptions: { openai } };
  },
};

/** A summary of its thoughts may be asked only of a model that has any. */
function thinks(model: string): boolean {
  return /^(o\d|gpt-(?:[5-9]|\d\d))/.test(model) && !/^gpt-\d+-chat/.test(model);
}
