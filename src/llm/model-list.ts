// Which models there are to choose from: every provider that can be asked is, all at once, for a few seconds.
import { BanyanError, messageOf } from "../supervision/index.js";
import { anthropicApi, type KeyedApi, openaiApi } from "./keyed-apis.js";
import { type LocalServer, OLLAMA_URL, OTHER_SERVERS, ollamaAt, readModelList } from "./local-servers.js";
import type { SelectOptions } from "./select.js";

export interface ModelList {
  /** What stands before the colon: `anthropic`. */
  readonly provider: string;
  /** Who was asked, for people. */
  readonly from: string;
  readonly models: readonly string[];
  /** Why there are none. */
  readonly problem?: string;
}

const TIMEOUT_MS = 5_000;
/** Models of an API of many trades that hold no conversation. */
const NO_CHAT =
  /embed|whisper|tts|audio|realtime|transcribe|image|dall-e|sora|moderation|davinci|babbage|instruct$|-search/i;

/** Never rejects; servers of this machine that are not there are left out, for most people run none of them. */
export async function listModels(options: SelectOptions): Promise<readonly ModelList[]> {
  const lists = await Promise.all([
    keyed("anthropic", anthropicApi, options),
    keyed("openai", openaiApi, options),
    local("ollama", ollamaAt(options.providers?.ollama?.baseUrl ?? OLLAMA_URL)),
    ...OTHER_SERVERS.map((server) => local("local", server)),
  ]);
  return lists.filter((list) => list !== undefined);
}

async function keyed(
  provider: string,
  find: (options: SelectOptions) => KeyedApi,
  options: SelectOptions,
): Promise<ModelList> {
  try {
    const api = find(options);
    const from = new URL(api.baseUrl).host;
    if (api.apiKey === undefined && api.isProvidersOwn) {
      return { provider, from, models: [], problem: `set ${api.variable} to use ${api.name}` };
    }
    const all = await readModelList(`${api.baseUrl}/models?limit=1000`, TIMEOUT_MS, api.headers);
    return { provider, from, models: all.filter((model) => !NO_CHAT.test(model)).sort() };
  } catch (error) {
    if (error instanceof BanyanError) return { provider, from: "", models: [], problem: error.message };
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return { provider, from: "", models: [], problem: `its models cannot be listed (${messageOf(cause)})` };
  }
}

async function local(provider: string, server: LocalServer): Promise<ModelList | undefined> {
  try {
    const models = await readModelList(server.modelsUrl, TIMEOUT_MS);
    return { provider, from: server.name, models };
  } catch {
    return undefined;
  }
}
