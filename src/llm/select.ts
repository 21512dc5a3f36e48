// Which model answers: `--model`, else the config, else whichever key is in the environment, else a model server on this
// machine, else the offline stand-in, so that a chat opens on any machine and says on what it runs.
import { BanyanError } from "../supervision/errors.js";
import { createAnthropic } from "./anthropic.js";
import type { EndpointOptions } from "./endpoint.js";
import { anthropicApi, type KeyedApi, openaiApi, present } from "./keyed-apis.js";
import { type LocalServer, OLLAMA_URL, OTHER_SERVERS, ollamaAt, type Probe, probeServer } from "./local-servers.js";
import { createOffline } from "./offline.js";
import { createOllama } from "./ollama.js";
import { createOpenAI } from "./openai.js";
import { createOpenAICompatible } from "./openai-compatible.js";
import type { Provider } from "./provider.js";

/** What the config says of a provider. */
export interface ProviderSettings {
  readonly baseUrl?: string | undefined;
  readonly apiKey?: string | undefined;
  /** Milliseconds without a byte after which an answer is given up. */
  readonly stallTimeoutMs?: number | undefined;
  /** How many tokens its models take at once. */
  readonly contextWindow?: number | undefined;
}

export interface ProvidersSettings {
  readonly anthropic?: ProviderSettings;
  /** `api`: which of OpenAI's is spoken; `responses` at OpenAI's own address and `chat` elsewhere, when absent. */
  readonly openai?: ProviderSettings & { readonly api?: "responses" | "chat" | undefined };
  readonly ollama?: ProviderSettings & { readonly keepAliveMs?: number | undefined };
}

export interface SelectOptions {
  /** `--model`. */
  readonly flag?: string | undefined;
  /** The model the config names. */
  readonly configured?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly providers?: ProvidersSettings | undefined;
  /** How the API at a base URL is reached; undefined for the usual way. */
  readonly fetchFor?: ((baseUrl: string) => typeof globalThis.fetch | undefined) | undefined;
  /** How local servers are looked for; `false` looks for none. Default {@link probeServer}. */
  readonly probe?: Probe | false | undefined;
}

export interface Selection {
  readonly provider: Provider;
  readonly source: "flag" | "config" | "environment" | "local-server" | "fallback";
  /** One sentence for people: what was chosen and why. */
  readonly reason: string;
}

/** The model that was asked for cannot be had; the message says what can. */
export class ModelChoiceError extends BanyanError {
  constructor(message: string) {
    super("model_choice", message, { kind: "system" });
  }
}

/** The model when only its provider is named or has a key. */
const ANTHROPIC_MODEL = "claude-sonnet-5-5";
const OPENAI_MODEL = "gpt-5-mini";
const FORMS = "anthropic:MODEL, openai:MODEL, ollama:MODEL, local:MODEL or offline";

/**
 * Chooses the model and makes its provider.
 *
 * @throws ModelChoiceError for a name that is none, a provider that is not there, or a missing key
 * @throws ProviderError for a base URL or a key that cannot be used
 */
export async function selectModel(options: SelectOptions): Promise<Selection> {
  const { flag, configured } = options;
  if (flag !== undefined) return { provider: await named(flag, options), source: "flag", reason: "Named by --model." };
  if (configured !== undefined) {
    return { provider: await named(configured, options), source: "config", reason: "Named in the config." };
  }
  if (anthropicApi(options).apiKey !== undefined) {
    return { provider: anthropic(undefined, options), source: "environment", reason: "An Anthropic API key is set." };
  }
  if (openaiApi(options).apiKey !== undefined) {
    return { provider: openai(undefined, options), source: "environment", reason: "An OpenAI API key is set." };
  }
  const found = await firstLocal([ownOllama(options), ...OTHER_SERVERS], options);
  if (found !== undefined) {
    const { server, model } = found;
    const provider = local(server, model, options);
    return { provider, source: "local-server", reason: `${server.name} answers at ${server.baseUrl}.` };
  }
  const reason = "No API key is set and no model server answers on this machine.";
  return { provider: createOffline(), source: "fallback", reason };
}

/** Only this machine is asked unbidden: an Ollama elsewhere has to be named. */
function ownOllama(options: SelectOptions): LocalServer {
  const baseUrl = present(options.providers?.ollama?.baseUrl);
  const isOwn = baseUrl !== undefined && /^https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?=[:/]|$)/i.test(baseUrl);
  return ollamaAt(isOwn ? baseUrl : OLLAMA_URL);
}

/**
 * The provider for a `provider:model` that someone wrote.
 *
 * @throws as {@link selectModel} does
 */
export async function named(name: string, options: SelectOptions): Promise<Provider> {
  const colon = name.indexOf(":");
  const provider = (colon < 0 ? name : name.slice(0, colon)).trim().toLowerCase();
  const model = colon < 0 ? undefined : present(name.slice(colon + 1));
  if (colon >= 0 && model === undefined) throw new ModelChoiceError(`"${name}" names no model: write ${FORMS}.`);

  switch (provider) {
    case "offline":
      return createOffline();
    case "openai":
      return openai(model, options);
    case "anthropic":
      return anthropic(model, options);
    case "ollama": {
      const server = ollamaAt(present(options.providers?.ollama?.baseUrl) ?? OLLAMA_URL);
      if (model !== undefined) return ollama(server, model, options);
      const found = await firstLocal([server], options);
      if (found !== undefined) return ollama(server, found.model, options);
      throw new ModelChoiceError(
        `No Ollama with a model answers at ${server.baseUrl}: run \`ollama pull\`, or name one as ollama:MODEL.`,
      );
    }
    case "local": {
      const found = await firstLocal(OTHER_SERVERS, options, model);
      if (found !== undefined) return local(found.server, found.model, options);
      const places = OTHER_SERVERS.map((server) => `${server.name} (${server.baseUrl})`).join(", ");
      throw new ModelChoiceError(
        `No local server has ${model ?? "a model"}: start one of ${places}, or choose another model.`,
      );
    }
    default:
      throw new ModelChoiceError(`There is no provider "${provider}": write ${FORMS}.`);
  }
}

function anthropic(model = ANTHROPIC_MODEL, options: SelectOptions): Provider {
  const { baseUrl, apiKey } = usable(anthropicApi(options));
  return createAnthropic({
    ...reached(`anthropic:${model}`, model, baseUrl, options.providers?.anthropic, options),
    apiKey,
  });
}

function openai(model = OPENAI_MODEL, options: SelectOptions): Provider {
  const settings = options.providers?.openai;
  const { baseUrl, apiKey, isProvidersOwn } = usable(openaiApi(options));
  const api = settings?.api ?? (isProvidersOwn ? "responses" : "chat");
  const create = api === "responses" ? createOpenAI : createOpenAICompatible;
  return create({ ...reached(`openai:${model}`, model, baseUrl, settings, options), apiKey });
}

function usable(api: KeyedApi): KeyedApi {
  if (api.apiKey !== undefined || !api.isProvidersOwn) return api;
  throw new ModelChoiceError(`${api.name} needs an API key: set ${api.variable}, or choose ollama:MODEL or offline.`);
}

function ollama({ baseUrl }: LocalServer, model: string, options: SelectOptions): Provider {
  const settings = options.providers?.ollama;
  const { apiKey, keepAliveMs } = settings ?? {};
  return createOllama({ ...reached(`ollama:${model}`, model, baseUrl, settings, options), apiKey, keepAliveMs });
}

/**
 * A server on this machine has a provider name of its own, so that a stored conversation can never be continued, by its
 * model's name alone, with a company's API.
 */
function local(server: LocalServer, model: string, options: SelectOptions): Provider {
  if (server.name === "Ollama") return ollama(server, model, options);
  return createOpenAICompatible(reached(`local:${model}`, model, server.baseUrl, options.providers?.openai, options));
}

function reached(
  id: string,
  model: string,
  baseUrl: string,
  settings: ProviderSettings | undefined,
  { fetchFor }: SelectOptions,
): EndpointOptions {
  const { stallTimeoutMs, contextWindow } = settings ?? {};
  return { id, model, baseUrl, stallTimeoutMs, contextWindow, fetch: fetchFor?.(baseUrl) };
}

/** The first of the servers, in their order, that has a model (the `wanted` one, if given). All are asked at once. */
async function firstLocal(
  servers: readonly LocalServer[],
  options: SelectOptions,
  wanted?: string,
): Promise<{ server: LocalServer; model: string } | undefined> {
  const { probe = probeServer } = options;
  if (probe === false) return undefined;
  const lists = await Promise.all(servers.map((server) => probe(server).then((models) => ({ server, models }))));
  for (const { server, models } of lists) {
    const model = wanted === undefined ? models[0] : models.find((name) => name === wanted);
    if (model !== undefined) return { server, model };
  }
  return undefined;
}

/**
 * The models that stand in for the chosen one, in order, and why those that are missing cannot be had: a model that only stands
 * in is no reason not to start.
 */
export async function selectFallback(
  names: readonly string[],
  chosen: Provider,
  options: SelectOptions,
): Promise<{ readonly providers: readonly Provider[]; readonly problems: readonly string[] }> {
  const providers: Provider[] = [];
  const problems: string[] = [];
  for (const name of names) {
    try {
      const provider = await named(name, options);
      if (![chosen, ...providers].some(({ id }) => id === provider.id)) providers.push(provider);
    } catch (error) {
      if (!(error instanceof BanyanError)) throw error;
      problems.push(`${name} cannot answer in the place of ${chosen.id}: ${error.message}`);
    }
  }
  return { providers, problems };
}
