// What a scripted model answers, whatever format it is written in. Plain JSON, so that another process can send it.
import { z } from "zod";

const scriptedCall = z.object({
  id: z.string().optional(),
  /** As on the wire: `server__tool`. */
  name: z.string(),
  /** An object is written as JSON; a string is sent as it is, valid or not. */
  arguments: z.union([z.record(z.string(), z.unknown()), z.string()]),
});

/** One scripted answer. */
export const modelReply = z.union([
  z.strictObject({
    status: z.number().int().min(200).max(599),
    message: z.string().optional(),
    code: z.string().optional(),
    /** The Retry-After header: seconds or an HTTP date. */
    retryAfter: z.union([z.number(), z.string()]).optional(),
    /** Sent in place of the usual JSON error. */
    body: z.string().optional(),
  }),
  z.strictObject({
    /** What the model thinks before it answers. */
    thinking: z.string().optional(),
    text: z.string().optional(),
    toolCalls: z.array(scriptedCall).optional(),
    /** Into how many pieces the thoughts, the text, and the arguments of each call, are split. Default 4. */
    deltas: z.number().int().positive().optional(),
    /** Milliseconds between two pieces. Default 0. */
    paceMs: z.number().nonnegative().optional(),
    /** False leaves the usage out, as some servers do. */
    usage: z
      .union([
        z.literal(false),
        z.object({
          input: z.number(),
          output: z.number(),
          cacheRead: z.number().optional(),
          cacheWrite: z.number().optional(),
        }),
      ])
      .optional(),
    finish: z.string().optional(),
    /**
     * What happens after that many pieces: silence, a destroyed socket, an end without a finish, a chunk that is no JSON, an
     * error object. `late-cut` destroys the socket after the finish, before what follows it.
     */
    fault: z
      .object({
        kind: z.enum(["stall", "cut", "late-cut", "end", "malformed", "error"]),
        afterDeltas: z.number().int().nonnegative(),
      })
      .optional(),
  }),
]);
export type ModelReply = z.infer<typeof modelReply>;
export type Answer = Exclude<ModelReply, { status: number }>;
export type Refusal = Extract<ModelReply, { status: number }>;

/** One request and the answer to it, as its format needs them. */
export interface Exchanged {
  readonly request: Record<string, unknown>;
  readonly reply: Answer;
  /** The number of the request, from 1. */
  readonly turn: number;
}

/** An answer as it is written, piece by piece. Each piece is the whole text of one or more chunks. */
export interface WrittenAnswer {
  readonly begin: string;
  /** One for each delta; a fault comes between two of them. */
  readonly pieces: readonly string[];
  readonly finish: string;
  /** What follows the finish. */
  readonly end: string;
  readonly malformed: string;
  readonly error: string;
}

/** The format of one API. */
export interface Wire {
  readonly path: string;
  readonly contentType: string;
  /** How a request shows its key. */
  key(headers: Readonly<Record<string, string | string[] | undefined>>): string | undefined;
  /** What the real API says of a request it does not take. */
  complaint(body: unknown): string | undefined;
  write(exchanged: Exchanged): WrittenAnswer;
  error(refusal: Refusal): unknown;
}

/** The text in at most `count` pieces of about the same length, never cutting a character in two. */
export function split(text: string, count: number): string[] {
  const characters = Array.from(text);
  const size = Math.max(1, Math.ceil(characters.length / count));
  const pieces: string[] = [];
  for (let at = 0; at < characters.length; at += size) pieces.push(characters.slice(at, at + size).join(""));
  return pieces;
}

export function argumentsText(value: string | Record<string, unknown>): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function words(text: string): number {
  return text.split(/\s+/).filter((word) => word !== "").length;
}

/** Tokens in and out, as scripted or counted in words. */
export function tokensOf({ request, reply }: Exchanged) {
  const { usage, text = "" } = reply;
  if (usage === false) return undefined;
  const {
    input,
    output,
    cacheRead = 0,
    cacheWrite = 0,
  } = usage ?? {
    input: words(JSON.stringify(request.messages ?? request.input)),
    output: words(text),
  };
  return { input, output, cacheRead, cacheWrite };
}

/** Server-sent events, each with its type as its name. */
export function namedEvents(...events: { readonly type: string; readonly [key: string]: unknown }[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

/** The first of what a schema finds wrong. */
/** The kinds of images that every API takes. */
export const imageType = z.enum(["image/png", "image/jpeg", "image/gif", "image/webp"]);
/** An image within an address, as OpenAI's APIs take it. */
export const imageData = z.string().regex(/^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+=*$/);

export function problemOf(schema: z.ZodType, body: unknown): string | undefined {
  const parsed = schema.safeParse(body);
  return parsed.success ? undefined : z.prettifyError(parsed.error);
}
