// How many tokens a model takes at once, question and answer together: what the settings say, else what its server says, else what
// is known of its family, else a careful guess, which is called one.
import { z } from "zod";

export interface ContextWindow {
  readonly tokens: number;
  /** Who says so. `guess`: nobody does. */
  readonly source: "settings" | "provider" | "family" | "guess";
}

/** Of a model nobody knows: most that are in use take this much. */
export const GUESSED_WINDOW: ContextWindow = { tokens: 32_000, source: "guess" };
/** What Ollama gives a model of which nothing else is said, however much it could take. */
export const OLLAMA_WINDOW = 4_096;

/** The first that fits the model's own name, without its provider, decides. */
const FAMILIES: readonly (readonly [RegExp, number])[] = [
  [/^claude-(?:2|instant)/, 100_000],
  [/^claude-/, 200_000],
  [/^gpt-5.*-chat/, 128_000],
  [/^gpt-[5-9]/, 400_000],
  [/^gpt-4\.1/, 1_047_576],
  [/^(?:chatgpt-4o|gpt-4o|gpt-4-turbo|gpt-4\.5|o1-(?:mini|preview))/, 128_000],
  [/^gpt-4-32k/, 32_768],
  [/^gpt-4(?:-\d|$)/, 8_192],
  [/^gpt-3\.5/, 16_385],
  [/^o\d/, 200_000],
  [/gpt-oss/, 131_072],
  [/gemini-/, 1_048_576],
  [/^(?:mistral-(?:large|medium|small)|ministral|pixtral|magistral|devstral)/, 128_000],
  [/codestral/, 256_000],
  [/deepseek-(?:chat|reasoner|v3|r1)/, 128_000],
  [/llama-?(?:3\.[1-3]|v3p[1-3])/, 131_072],
  [/^grok-(?:3|2)/, 131_072],
  [/^grok-/, 256_000],
];

/** What is known of a model by its name, `provider:model`. Names of local models say nothing: how much of them is loaded is their
 * server's choice. */
export function familyWindow(id: string): ContextWindow | undefined {
  const [, provider = "", path = ""] = /^([^:]+):(.+)$/.exec(id) ?? [];
  if (provider !== "anthropic" && provider !== "openai") return undefined;
  const name = path.toLowerCase().split("/").at(-1) ?? "";
  const found = FAMILIES.find(([pattern]) => pattern.test(name));
  return found === undefined ? undefined : { tokens: found[1], source: "family" };
}

const count = z.number().int().min(256).max(100_000_000).optional().catch(undefined);
/** What those who list models call it: vLLM, LM Studio, OpenRouter, Groq, Mistral, Anthropic, llama.cpp. What is loaded comes before
 * what could be. */
const listed = z.looseObject({
  id: z.string().optional(),
  loaded_context_length: count,
  max_model_len: count,
  context_window: count,
  context_length: count,
  max_context_length: count,
  max_input_tokens: count,
  meta: z.looseObject({ n_ctx: count, n_ctx_train: count }).optional().catch(undefined),
});
const list = z.object({ data: z.array(listed).max(10_000) });

/** From one model's entry, or from a list in which it is. */
export function windowListed(body: unknown, model: string): ContextWindow | undefined {
  const all = list.safeParse(body);
  const entry = all.success ? all.data.data.find(({ id }) => id === model) : listed.safeParse(body).data;
  if (entry === undefined) return undefined;
  const tokens =
    entry.loaded_context_length ??
    entry.meta?.n_ctx ??
    entry.max_model_len ??
    entry.context_window ??
    entry.context_length ??
    entry.max_context_length ??
    entry.max_input_tokens ??
    entry.meta?.n_ctx_train;
  return tokens === undefined ? undefined : { tokens, source: "provider" };
}

const running = z.object({
  models: z.array(z.looseObject({ name: z.string(), context_length: count })).max(10_000),
});
const described = z.looseObject({
  parameters: z.string().max(100_000).optional().catch(undefined),
  model_info: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

/** From Ollama's `/api/ps`: of a model that is loaded. */
export function windowLoaded(body: unknown, model: string): ContextWindow | undefined {
  const { data } = running.safeParse(body);
  const tokens = data?.models.find(({ name }) => name === model || name === `${model}:latest`)?.context_length;
  return tokens === undefined ? undefined : { tokens, source: "provider" };
}

/** From Ollama's `/api/show`: what it will be given when it is loaded. */
export function windowDescribed(body: unknown): ContextWindow | undefined {
  const { data } = described.safeParse(body);
  if (data === undefined) return undefined;
  const [, asked] = /^\s*num_ctx\s+(\d{2,9})\s*$/m.exec(data.parameters ?? "") ?? [];
  if (asked !== undefined) return { tokens: Number(asked), source: "provider" };
  const [, most] = Object.entries(data.model_info ?? {}).find(([key]) => key.endsWith(".context_length")) ?? [];
  const tokens = count.parse(most);
  return tokens === undefined ? undefined : { tokens: Math.min(tokens, OLLAMA_WINDOW), source: "provider" };
}
