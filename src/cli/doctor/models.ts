// Which model would answer, and whether it can: a key that is set, a server on this machine that answers, and, when asked to go
// online, an API that takes the key.
import type { Settings } from "../../actors/config/schema.js";
import { ANTHROPIC_URL } from "../../llm/anthropic.js";
import { OPENAI_URL } from "../../llm/openai.js";
import { ModelChoiceError, type ProvidersSettings, selectModel } from "../../llm/select.js";
import { BanyanError, messageOf } from "../../supervision/index.js";
import { providersOf } from "../models.js";
import { type Finding, failed, reporter } from "./finding.js";

const ANSWER_MS = 5_000;

export async function checkModels(settings: Settings, online: boolean): Promise<Finding[]> {
  const { ok } = reporter("models");
  const offline = ok("offline is always there, and needs nothing.");
  try {
    const providers = providersOf(settings, process.env);
    const { provider, reason } = await selectModel({ configured: settings.model, env: process.env, providers });
    const chosen = ok(`${provider.id} answers the chat. ${reason}`);
    const api = apiOf(provider.id, providers);
    return api === undefined ? [chosen, offline] : [chosen, await checkApi(api, online), offline];
  } catch (error) {
    if (error instanceof ModelChoiceError)
      return [failed("models", error.message.replace(/: (?=set|choose)/, "; ")), offline];
    if (error instanceof BanyanError) return [failed("models", error.message), offline];
    throw error;
  }
}

/** The API a key is for: where it lists its models, and how it is shown the key. */
interface KeyedApi {
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The environment variable of the key, and the setting of the address. */
  readonly variable: string;
  readonly setting: string;
}

function apiOf(id: string, { anthropic, openai }: ProvidersSettings): KeyedApi | undefined {
  const { env } = process;
  if (id.startsWith("anthropic:")) {
    const root = (anthropic?.baseUrl ?? env.ANTHROPIC_BASE_URL ?? ANTHROPIC_URL)
      .replace(/\/+$/, "")
      .replace(/\/v1$/, "");
    const key = (anthropic?.apiKey ?? env.ANTHROPIC_API_KEY ?? "").trim();
    const headers = { "x-api-key": key, "anthropic-version": "2023-06-01" };
    const [variable, setting] = ["ANTHROPIC_API_KEY", "providers.anthropic.base_url"];
    return { baseUrl: `${root}/v1`, headers, variable, setting };
  }
  if (!id.startsWith("openai:")) return undefined;
  const baseUrl = (openai?.baseUrl ?? env.OPENAI_BASE_URL ?? OPENAI_URL).replace(/\/+$/, "");
  const headers = { authorization: `Bearer ${(openai?.apiKey ?? env.OPENAI_API_KEY ?? "").trim()}` };
  return { baseUrl, headers, variable: "OPENAI_API_KEY", setting: "providers.openai.base_url" };
}

async function checkApi({ baseUrl, headers, variable, setting }: KeyedApi, online: boolean): Promise<Finding> {
  const { ok, fail } = reporter("models");
  const { origin, hostname } = new URL(baseUrl);
  const isHere = hostname === "127.0.0.1" || hostname === "localhost" || hostname === "[::1]";
  if (!online && !isHere) return ok(`${origin} was not asked; banyan doctor --online asks it.`);
  try {
    const response = await fetch(`${baseUrl}/models`, {
      headers,
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await response.body?.cancel();
    if (response.status === 401 || response.status === 403) {
      return fail(
        `${origin} answers, but refuses the key (HTTP ${response.status}).`,
        `Set ${variable} to a key that is valid.`,
      );
    }
    return ok(`${origin} answers (HTTP ${response.status}).`);
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return fail(
      `${origin} cannot be reached (${messageOf(cause)}).`,
      `Check the network and ${setting}, or choose another model with --model.`,
    );
  }
}
