// A message of a conversation as it is kept: what was said, what a tool was asked and answered, and how far it got.
import { randomUUID } from "node:crypto";
import { z } from "zod";

const base = {
  id: z.string(),
  at: z.number(),
  /** Said again since, or answered again: it is kept, found and counted, and told to no model any more. */
  superseded: z.literal(true).optional(),
};

/** What goes with a message beside its text. Its content is kept apart, under its hash: see attachments.ts. */
const attachmentSchema = z.union([
  z.object({
    /** As the user wrote it, or where it comes from. */
    name: z.string(),
    /** An image is shown to the model as one; anything else is text. */
    mimeType: z.string(),
    bytes: z.number(),
    hash: z.string(),
  }),
  /** It could not be read, and this is why. */
  z.object({ name: z.string(), problem: z.string() }),
]);

const messageSchema = z.discriminatedUnion("role", [
  z.object({
    ...base,
    role: z.literal("user"),
    text: z.string(),
    /** `queued`: typed while a turn ran and not yet taken up; `unsent`: its run ended before it was. */
    status: z.enum(["complete", "queued", "unsent"]),
    /** So much of its text the user has typed, and what is mentioned there is not read yet; in UTF-16 units. */
    unread: z.number().optional(),
    attachments: z.array(attachmentSchema).optional(),
    /** While it is being answered: by which run of the app, and how often that was taken up again after a crash. */
    turn: z.object({ run: z.string(), resumed: z.number() }).optional(),
  }),
  z.object({
    ...base,
    role: z.literal("assistant"),
    model: z.string(),
    text: z.string(),
    toolCalls: z.array(z.object({ id: z.string(), name: z.string(), arguments: z.record(z.string(), z.unknown()) })),
    /** What the model thought first, with what its provider wants back to know it again. */
    thoughts: z
      .array(
        z.object({
          text: z.string(),
          proof: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
        }),
      )
      .optional(),
    status: z.enum(["streaming", "complete", "interrupted", "failed"]),
  }),
  z.object({
    ...base,
    role: z.literal("tool"),
    callId: z.string(),
    tool: z.string(),
    arguments: z.record(z.string(), z.unknown()),
    /** The result or the error, as the model is given it. */
    text: z.string(),
    /** The file with all of a result that was cut. */
    whole: z.string().optional(),
    status: z.enum(["waiting", "running", "done", "failed", "denied", "cancelled", "interrupted"]),
    durationMs: z.number().optional(),
    /** The images of the result. */
    attachments: z.array(attachmentSchema).optional(),
  }),
  // Stands, for the model alone, for what was said before; that stays as it is.
  z.object({
    ...base,
    role: z.literal("summary"),
    /** Which model wrote it, `provider:model`; empty: none could, and what was said before is left out. */
    model: z.string(),
    text: z.string(),
    /** The position in the session, from 0, of the first message the model is still sent as it is. */
    keptFrom: z.number().int().nonnegative(),
    /** How many messages it stands for, those of earlier summaries included. */
    messages: z.number().int().nonnegative(),
    /** Of what is sent, about. */
    tokensBefore: z.number(),
    tokensAfter: z.number(),
    /** The tool calls among them, the newest last: where the result of each is found. */
    calls: z.array(
      z.object({
        /** Of the message, within the session, from 1. */
        number: z.number(),
        tool: z.string(),
        arguments: z.string(),
        status: z.string(),
        /** The beginning of the result. */
        result: z.string(),
        /** The files that the result names as its own. */
        files: z.array(z.string()),
      }),
    ),
    status: z.literal("complete"),
  }),
]);

export type StoredMessage = z.infer<typeof messageSchema>;
export type UserMessage = Extract<StoredMessage, { role: "user" }>;
export type AssistantMessage = Extract<StoredMessage, { role: "assistant" }>;
export type ToolMessage = Extract<StoredMessage, { role: "tool" }>;
export type Attachment = z.infer<typeof attachmentSchema>;
export type KeptAttachment = Extract<Attachment, { hash: string }>;
export type SummaryMessage = Extract<StoredMessage, { role: "summary" }>;

/** A new message's id and time. */
export function stamp(): { id: string; at: number } {
  return { id: randomUUID(), at: Date.now() };
}

/** From a `body` of the database. One that is none is told of in its place. */
export function readMessage(body: unknown): StoredMessage {
  const parsed = messageSchema.safeParse(parsedJson(body));
  if (parsed.success) return parsed.data;
  const text = `This message could not be read back: ${z.prettifyError(parsed.error)}`;
  return { ...stamp(), role: "assistant", model: "", text, toolCalls: [], status: "failed" };
}

function parsedJson(body: unknown): unknown {
  try {
    return typeof body === "string" ? JSON.parse(body) : undefined;
  } catch {
    return undefined;
  }
}

/** What nobody goes on with, marked so: a queued message is unsent, and the rest as {@link settled} has it. */
export function interrupted(message: StoredMessage): StoredMessage | undefined {
  if (message.role === "user" && message.status === "queued") return { ...message, status: "unsent" };
  return settled(message);
}

/** What was under way in a turn that is over, marked so; undefined for what was not. */
export function settled(message: StoredMessage): StoredMessage | undefined {
  if (message.role === "user") {
    const { turn, ...answered } = message;
    return turn === undefined ? undefined : answered;
  }
  if (message.role === "assistant") {
    return message.status === "streaming" ? { ...message, status: "interrupted" } : undefined;
  }
  if (message.role === "summary") return undefined;
  // Until its yes has come a call waits, so one that still did was never sent.
  if (message.status === "waiting") {
    return { ...message, status: "cancelled", text: "This call was not run: it still waited for approval." };
  }
  return message.status === "running"
    ? { ...message, status: "interrupted", text: "This call was interrupted; whether it took effect is not known." }
    : undefined;
}
