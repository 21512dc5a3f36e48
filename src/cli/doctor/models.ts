// Which model would answer, and whether it can: a key that is set, a server on this machine that answers, and, when asked to go
// online, an API that takes the key.
import type { Settings } from "../../actors/config/schema.js";
import { anthropicApi, type KeyedApi, openaiApi } from "../../llm/keyed-apis.js";
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
    const where = { env: process.env, providers };
    if (provider.id.startsWith("anthropic:")) return [chosen, await checkApi(anthropicApi(where), online), offline];
    if (provider.id.startsWith("openai:")) return [chosen, await checkApi(openaiApi(where), online), offline];
    return [chosen, offline];
  } catch (error) {
    if (error instanceof ModelChoiceError)
      return [failed("models", error.message.replace(/: (?=set|choose)/, "; ")), offline];
    if (error instanceof BanyanError) return [failed("models", error.message), offline];
    throw error;
  }
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
