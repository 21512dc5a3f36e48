// What a conversation has of its own beside what is said in it: its system prompt, what the user pinned to it, what becomes of older
// messages, and how far the estimate of its tokens is off. One JSON text in the session's row, for it is small and always read whole.
import { z } from "zod";

/** What becomes of older messages when the model's window is full. */
export const strategies = ["compact", "truncate", "none"] as const;
export type Strategy = (typeof strategies)[number];

const pinned = z.object({
  /** Within the conversation, from 1; never given twice. */
  number: z.number().int().positive(),
  kind: z.enum(["text", "file", "resource"]),
  /** The file or the address; of a text its beginning. */
  name: z.string(),
  /** As it was when it was pinned. */
  text: z.string(),
});
export type Pinned = z.infer<typeof pinned>;

const ownContext = z.object({
  /** In place of that of the settings. */
  system: z.string().optional(),
  /** In place of that of the settings. */
  strategy: z.enum(strategies).optional(),
  pinned: z.array(pinned).default([]),
  /** What a model takes at once that refused a request as too long. */
  learned: z.object({ model: z.string(), tokens: z.number().positive() }).optional(),
  /** Tokens the provider counted in the last request to one estimated; 1 where none has counted. */
  factor: z.number().positive().default(1),
});
export type OwnContext = z.infer<typeof ownContext>;

export const NO_CONTEXT: OwnContext = { pinned: [], factor: 1 };

/** From the database; what cannot be read counts as nothing. */
export function readContext(body: string): OwnContext {
  try {
    return ownContext.parse(JSON.parse(body));
  } catch {
    return NO_CONTEXT;
  }
}

/** A provider that counts only what it had not in its cache says too little, and is not believed. */
const LEAST_BELIEVED = 0.5;
const LEAST = 0.75;
const MOST = 4;
/** Below this, in tokens, the estimate of names and brackets says nothing about that of texts. */
const SMALLEST = 200;

/** The factor once a provider has counted `reported` tokens where `estimated` were expected. */
export function correctedFactor(before: number, estimated: number, reported: number): number {
  if (estimated < SMALLEST || reported < estimated * LEAST_BELIEVED) return before;
  return Math.round(Math.min(MOST, Math.max(LEAST, reported / estimated)) * 1_000) / 1_000;
}
