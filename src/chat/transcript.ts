// From what is stored to what is shown, and to what the model is given.
import type { AssistantMessage, StoredMessage, SummaryMessage, ToolMessage } from "../actors/session/message.js";
import type { ContentBlock, ToolResult } from "../mcp/client/mcp-types.js";
import type { ToolCallView, TranscriptItem } from "./events.js";
import { carriedBy, isImage, type SentMessage } from "./sent-message.js";

/** Longest result shown on a card, in characters. */
const SHOWN_RESULT = 4_000;
/** And of what a model thought. */
const SHOWN_THINKING = 20_000;

/** A message as it is shown: itself, and what goes with it. */
export function itemsOf(message: StoredMessage): TranscriptItem[] {
  return message.superseded ? [] : [itemOf(message), attachmentsItemOf(message)].filter((item) => item !== undefined);
}

/** Undefined for an answer that is nothing but its tool calls, for these have cards of their own, for what is superseded, and for what
 * is queued and so not said yet. */
export function itemOf(message: StoredMessage): TranscriptItem | undefined {
  if (message.superseded) return undefined;
  if (message.role === "user") {
    if (message.status === "queued") return undefined;
    const mark = message.status === "unsent" ? " (not sent)" : "";
    return { kind: "user", id: message.id, text: message.text + mark };
  }
  if (message.role === "tool") return { kind: "tool", id: message.id, call: cardOf(message) };
  if (message.role === "summary") return { kind: "notice", id: message.id, level: "info", text: compacted(message) };
  const { id, model, text, status } = message;
  const thinking = thinkingOf(message);
  if (text === "" && thinking === undefined && status === "complete") return undefined;
  return { kind: "assistant", id, model, ...(thinking !== undefined && { thinking }), text, status };
}

function compacted({ model, messages, tokensBefore, tokensAfter }: SummaryMessage): string {
  const saved = `${tokensBefore.toLocaleString("en")} → ${tokensAfter.toLocaleString("en")} tokens`;
  if (model === "") return `Left out from here on: ${messages} earlier messages (${saved}).`;
  return `Compacted: ${messages} messages → summary (${saved}).`;
}

/** What goes with a message, under it; undefined for nothing. The images of a tool's result are named in its text. */
function attachmentsItemOf(message: StoredMessage): TranscriptItem | undefined {
  if (message.role !== "user" || message.attachments === undefined) return undefined;
  const files = message.attachments.map((one) =>
    "problem" in one ? one : { name: one.name, bytes: one.bytes, image: isImage(one) },
  );
  return { kind: "attachments", id: `${message.id}/attachments`, files };
}

/** What the model thought before it answered, as far as it can be read; undefined for nothing. */
function thinkingOf({ thoughts = [] }: AssistantMessage): string | undefined {
  const text = thoughts.flatMap((thought) => (thought.text.trim() === "" ? [] : [thought.text.trim()])).join("\n\n");
  return text === "" ? undefined : cutText(text, SHOWN_THINKING, "characters");
}

function cardOf({ id, tool, arguments: args, status, text, durationMs }: ToolMessage): ToolCallView {
  const ended = status !== "waiting" && status !== "running";
  return {
    id,
    name: tool,
    arguments: args,
    status,
    ...(ended ? { result: cutText(text, SHOWN_RESULT, "characters") } : {}),
    ...(durationMs === undefined ? {} : { durationMs }),
  };
}

/** As it was held: a message typed while a turn ran was stored then, and said when it was taken up. */
export function inOrder(messages: readonly StoredMessage[]): StoredMessage[] {
  return [...messages].sort((one, other) => one.at - other.at);
}

/** The conversation as the model is given it. Every tool call of an assistant message gets a result, also one whose turn was
 * interrupted before it ran: providers refuse a call without. What was never sent, or was cut off and is asked for again, is left
 * out. */
export function modelMessages(stored: readonly StoredMessage[]): SentMessage[] {
  const messages = inOrder(stored);
  return messages.flatMap((message, at): SentMessage[] => {
    if (message.role === "user") {
      return message.status === "complete" ? [{ role: "user", text: message.text, ...carriedBy(message) }] : [];
    }
    if (message.role === "tool" || message.role === "summary") return [];
    const { text, toolCalls, model, thoughts = [], status } = message;
    if (status === "streaming" || (text === "" && toolCalls.length === 0)) return [];
    const results = resultsAfter(messages, at);
    return [
      { role: "assistant", text, toolCalls, model, thoughts },
      ...toolCalls.map(({ id, name }): SentMessage => {
        const result = results.get(id);
        const given = result?.text ?? "This call was not made: the turn was interrupted.";
        return {
          role: "tool",
          callId: id,
          tool: name,
          text: given,
          isError: result?.status !== "done",
          ...carriedBy(result),
        };
      }),
    ];
  });
}

/** The results of one round, by call: those up to the next answer. Some models number their calls anew in every round. */
function resultsAfter(messages: readonly StoredMessage[], at: number): Map<string, ToolMessage> {
  const results = new Map<string, ToolMessage>();
  for (let next = at + 1; next < messages.length; next++) {
    const message = messages[next];
    if (message?.role === "assistant") break;
    if (message?.role === "tool") results.set(message.callId, message);
  }
  return results;
}

/** A tool's result as text. What is not text is named, with the file it was saved as, so that nothing is dropped in silence. */
export function resultText(
  { content, structuredContent, mismatch }: ToolResult,
  saved: ReadonlyMap<ContentBlock, string> = new Map(),
): string {
  const parts = content.map((block) => blockText(block, saved.get(block)));
  if (parts.length === 0 && structuredContent !== undefined) parts.push(JSON.stringify(structuredContent, null, 2));
  if (mismatch !== undefined) parts.push(`[The structured result is not what the tool promises: ${mismatch}]`);
  return parts.join("\n");
}

/** A block of content for people and models: text as it is, anything else in one line that says what it is. */
export function blockText(block: ContentBlock, file?: string): string {
  if (block.type === "text") return block.text;
  if (block.type === "resource_link") {
    const title = block.title ?? block.name;
    return `[resource ${block.uri}: ${title}${block.mimeType === undefined ? "" : `, ${block.mimeType}`}]`;
  }
  const where = file === undefined ? "" : `, saved as ${file}`;
  if (block.type === "resource") {
    const { resource } = block;
    if ("text" in resource) return resource.text;
    const kind = resource.mimeType === undefined ? "" : `, ${resource.mimeType}`;
    return `[binary resource ${resource.uri}${kind}, ${base64Size(resource.blob)}${where}]`;
  }
  return `[${block.type}, ${block.mimeType}, ${base64Size(block.data)}${where}]`;
}

function base64Size(data: string): string {
  const bytes = Buffer.byteLength(data, "base64");
  return bytes < 1024 ? `${bytes} bytes` : formatSize(bytes, "bytes");
}

/** At most `limit` of the text's characters or bytes, with a word about what was cut. Never splits a character. */
export function cutText(text: string, limit: number, unit: "characters" | "bytes"): string {
  const size = unit === "bytes" ? Buffer.byteLength(text) : text.length;
  if (size <= limit) return text;
  const kept =
    unit === "bytes"
      ? new TextDecoder().decode(Buffer.from(text).subarray(0, limit)).replace(/\uFFFD+$/, "")
      : text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, "");
  return `${kept}\n… cut here: ${formatSize(size, unit)} in all, ${formatSize(limit, unit)} shown`;
}

function formatSize(size: number, unit: "characters" | "bytes"): string {
  if (unit === "characters") return `${size} characters`;
  return size < 1024 * 1024 ? `${Math.round(size / 1024)} KB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
}
