// Settings of models: which one answers, its providers, and what its tokens cost.
import { z } from "zod";
import { isReference } from "../references.js";
import { choice, duration, reference, table, text, webAddress, whole } from "../setting-types.js";

export const modelName = '"anthropic:NAME", "openai:NAME", "ollama:NAME", "local:NAME" or "offline"';
export const MODEL_NAME = /^(?:(?:anthropic|openai|ollama|local)(?::[^\s\0]{1,200})?|offline)$/;

const apiKey = (variable: string) =>
  z
    .string({ error: reference })
    .refine(isReference, { error: reference })
    .optional()
    .meta({
      description: `Where the key is found; without this setting the environment's ${variable} is used.`,
      example: `\${env:${variable}}`,
    });

const stallTimeout = (standard: string) =>
  duration("10ms", "1h").prefault(standard).describe("An answer of which nothing arrives for this long is given up.");

const contextWindow = (more = "") =>
  whole(1_000, 100_000_000)
    .optional()
    .meta({ description: `How many tokens its models take at once; found out when absent.${more}`, example: 32_768 });

export const providers = table(
  {
    anthropic: table(
      {
        base_url: webAddress().optional().meta({
          description:
            "Address of the Messages API; the environment's ANTHROPIC_BASE_URL, else Anthropic's own, when absent.",
          example: "https://api.anthropic.com/v1",
        }),
        api_key: apiKey("ANTHROPIC_API_KEY"),
        stall_timeout: stallTimeout("60s"),
        context_window: contextWindow(),
      },
      "Anthropic.",
    ).prefault({}),
    openai: table(
      {
        base_url: webAddress().optional().meta({
          description:
            "Address of a compatible API; the environment's OPENAI_BASE_URL, else OpenAI's own, when absent.",
          example: "https://api.openai.com/v1",
        }),
        api_key: apiKey("OPENAI_API_KEY"),
        api: choice(["responses", "chat"]).optional().meta({
          description: "Which API is spoken: responses at OpenAI's own address and chat at any other, when absent.",
          example: "chat",
        }),
        stall_timeout: stallTimeout("60s"),
        context_window: contextWindow(),
      },
      "OpenAI and every API compatible with it.",
    ).prefault({}),
    ollama: table(
      {
        base_url: webAddress().prefault("http://127.0.0.1:11434").describe("Address of the Ollama server."),
        keep_alive: duration("1s", "30d")
          .prefault("10m")
          .describe("How long a model stays loaded after the last answer, and after the chat that chose it has ended."),
        stall_timeout: stallTimeout("5m"),
        context_window: contextWindow(" Ollama is asked to load a model with as much (num_ctx)."),
      },
      "Ollama.",
    ).prefault({}),
  },
  "Where models are reached.",
);

const price = () => {
  const error = "a number from 0 to 100000";
  return z.number({ error }).check(z.gte(0, { error }), z.lte(100_000, { error }));
};

export const priceOf = table(
  {
    model: text(modelName, MODEL_NAME).meta({ description: "The model it is the price of.", example: "openai:gpt-5" }),
    input: price().meta({ description: "Dollars for a million tokens that are sent.", example: 1.25 }),
    output: price().meta({
      description: "Dollars for a million tokens that are written, thoughts included.",
      example: 10,
    }),
    cache_read: price().optional().meta({
      description: "Dollars for a million tokens sent that the provider had in its cache; as input when absent.",
      example: 0.125,
    }),
    cache_write: price().optional().meta({
      description: "Dollars for a million tokens sent that it puts into its cache; as input when absent.",
      example: 1.25,
    }),
  },
  "What a model costs; a table for each, under a name of its own. No price is known without one.",
);

export const noPrices = { error: "[prices.NAME] tables" };
