// Which model would answer, and whether it can: a key that is set, a server on this machine that answers, and, when asked to go
// online, an API that takes the key.
import type { Settings } from "../../actors/config/schema.js";
import { ModelChoiceError, selectModel } from "../../llm/select.js";
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
    if (!provider.id.startsWith("openai:")) return [chosen, offline];
    return [chosen, await checkApi(providers.openai.baseUrl, providers.openai.apiKey, online), offline];
  } catch (error) {
    if (error instanceof ModelChoiceError)
      return [failed("models", error.message.replace(/: (?=set|choose)/, "; ")), offline];
    if (error instanceof BanyanError) return [failed("models", error.message), offline];
    throw error;
  }
}

async function checkApi(
  configured: string | undefined,
  configuredKey: string | undefined,
  online: boolean,
): Promise<Finding> {
  const { ok, fail } = reporter("models");
  const baseUrl = (configured ?? process.env.OPENAI_BASE_URL ?? "https://api.openai.com/v1").replace(/\/+$/, "");
  const key = configuredKey ?? process.env.OPENAI_API_KEY ?? "";
  const { origin, hostname } = new URL(baseUrl);
  const isHere = hostname === "127.0.0.1" || hostname === "localhost" || hostname === "[::1]";
  if (!online && !isHere) return ok(`${origin} was not asked; banyan doctor --online asks it.`);
  try {
    const response = await fetch(`${baseUrl}/models`, {
      headers: { authorization: `Bearer ${key.trim()}` },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await response.body?.cancel();
    if (response.status === 401 || response.status === 403) {
      return fail(
        `${origin} answers, but refuses the key (HTTP ${response.status}).`,
        "Set OPENAI_API_KEY to a key that is valid.",
      );
    }
    return ok(`${origin} answers (HTTP ${response.status}).`);
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return fail(
      `${origin} cannot be reached (${messageOf(cause)}).`,
      "Check the network and providers.openai.base_url, or choose another model with --model.",
    );
  }
}
