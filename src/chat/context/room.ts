// How many tokens a request may have: what the model takes at once, less what is kept free for its answer.
import type { Settings } from "../../actors/config/schema.js";
import { type ContextWindow, GUESSED_WINDOW } from "../../llm/context-window.js";
import type { Provider } from "../../llm/provider.js";

export interface Room {
  /** All that the model takes, question and answer. */
  readonly window: ContextWindow;
  /** Of it, kept free for the answer. */
  readonly reserve: number;
  /** What a request may have. */
  readonly limit: number;
  /** From here on older messages are compacted. */
  readonly threshold: number;
}

export interface RoomSettings {
  readonly context: Settings["context"];
  /** Longest answer in tokens, where the settings say. */
  readonly maxTokens: number | undefined;
}

/** Undefined for a model without measure, as the offline one is. `learned`: what it said it takes when it refused a request. */
export async function roomOf(
  { contextWindow }: Provider,
  settings: RoomSettings,
  learned?: number,
): Promise<Room | undefined> {
  const { max_tokens: most } = settings.context;
  const found = contextWindow === undefined ? undefined : await contextWindow();
  if (found === undefined && most === undefined) return undefined;
  const told = learned === undefined ? found : { tokens: learned, source: "provider" as const };
  return room(told ?? GUESSED_WINDOW, settings);
}

function room(found: ContextWindow, { context, maxTokens }: RoomSettings): Room {
  const { max_tokens: most, reserve: wanted, compact_at } = context;
  const isMeant = most !== undefined && (most < found.tokens || found.source === "guess");
  const window: ContextWindow = isMeant ? { tokens: most, source: "settings" } : found;
  const reserve = Math.min(maxTokens ?? wanted, Math.floor(window.tokens / 4));
  const limit = window.tokens - reserve;
  return { window, reserve, limit, threshold: Math.floor((limit * compact_at) / 100) };
}
