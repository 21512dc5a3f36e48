// Models behind the chat completions API: whatever imitates OpenAI (LM Studio, llama.cpp, vLLM, hosted models). The wire format,
// with the quirks of many servers, is @ai-sdk/openai-compatible's.

import { familyWindow } from "./context-window.js";
import { checkedEndpoint, type EndpointOptions } from "./endpoint.js";
import type { Provider } from "./provider.js";
import { type SdkApi, sdkProvider } from "./sdk-stream.js";
import { windowInList, windowOf } from "./window-asked.js";

/**
 * A provider for one model; `baseUrl` is everything before `/chat/completions`, the key is sent as a bearer token.
 *
 * @throws ProviderError when the base URL, the key or a header cannot be used
 */
export function createOpenAICompatible(options: EndpointOptions): Provider {
  const endpoint = checkedEndpoint(options, "an OpenAI-compatible base URL");
  // A company's model is called the same wherever it is served; how much of a local one is loaded only its server knows.
  const known = familyWindow(endpoint.id);
  return {
    ...sdkProvider(endpoint, api),
    contextWindow: windowOf(endpoint, known, known ? undefined : () => windowInList(endpoint)),
  };
}

const api: SdkApi = {
  imageResults: false, // a result is one text there
  seesImages: () => true, // nobody can say, so it is tried
  async open({ baseUrl, apiKey, headers, model }, fetch) {
    const sdk = await import("@ai-sdk/openai-compatible");
    return sdk
      .createOpenAICompatible({
        name: "openaiCompatible",
        baseURL: baseUrl,
        headers: { ...(apiKey === undefined ? {} : { Authorization: `Bearer ${apiKey}` }), ...headers },
        includeUsage: true,
        fetch,
        transformRequestBody: (body) => forHost(baseUrl, body),
      })
      .chatModel(model);
  },
  adapt: (options, { thinking }) =>
    thinking === undefined
      ? options
      : {
          ...options,
          providerOptions: { openaiCompatible: { reasoningEffort: thinking === "off" ? "none" : thinking } },
        },
};

/** OpenAI's newer models refuse `max_tokens`; the servers that imitate it know nothing else. */
function forHost(baseUrl: string, body: Record<string, unknown>): Record<string, unknown> {
  if (new URL(baseUrl).hostname !== "api.openai.com") return body;
  const { max_tokens: limit, ...rest } = body;
  return limit === undefined ? rest : { ...rest, max_completion_tokens: limit };
}
