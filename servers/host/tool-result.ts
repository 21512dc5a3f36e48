// What a handler returned, made a result of the protocol: checked, bounded in size, number and depth, and free of anything that
// still belongs to the tool. A text that is too long is cut with a word about it; anything else that does not fit is refused in a
// sentence for the tool's author, since half of a picture or of an object is of no use to anybody.
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { cutBytes, formatBytes } from "../../tools/support/text.js";
import { NotPlainError, plainJson } from "./plain-json.js";

/** Of one result. Pictures and sounds are counted beside the text, for they are larger by nature. */
const BOUNDS = { blocks: 200, depth: 64, values: 100_000, mediaCharacters: 8_000_000 };

const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/, "must be base64");
const text = z.object({ type: z.literal("text"), text: z.string() });
const media = z.object({ type: z.enum(["image", "audio"]), data: base64, mimeType: z.string().min(3).max(200) });
const link = z.object({
  type: z.literal("resource_link"),
  uri: z.string().max(4_096),
  name: z.string().max(1_000),
  ...{ title: z.string().optional(), description: z.string().optional(), mimeType: z.string().optional() },
});
const embedded = z.object({
  type: z.literal("resource"),
  resource: z.union([
    z.object({ uri: z.string().max(4_096), mimeType: z.string().optional(), text: z.string() }),
    z.object({ uri: z.string().max(4_096), mimeType: z.string().optional(), blob: base64 }),
  ]),
});
const whole = z.object({
  content: z.array(z.discriminatedUnion("type", [text, media, link, embedded])).max(BOUNDS.blocks),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  isError: z.boolean().optional(),
});

/** The result of what `tool` returned. */
export function resultOf(tool: string, output: unknown, maxBytes: number): CallToolResult {
  try {
    const characters = BOUNDS.mediaCharacters + maxBytes;
    if (typeof output === "string") return { content: bounded([{ type: "text", text: output }], maxBytes) };
    // From here on it is ours: a list, too, may have methods of its own.
    const plain = plainJson(output, { characters, depth: BOUNDS.depth, values: BOUNDS.values });
    if (Array.isArray(plain) && plain.every((part) => typeof part === "string")) {
      const texts: CallToolResult["content"] = plain.slice(0, BOUNDS.blocks).map((text) => ({ type: "text", text }));
      return { content: bounded(texts, maxBytes) };
    }
    const read = whole.safeParse(plain);
    if (!read.success) return refused(tool, shapeProblem(output, read.error));
    const { content, structuredContent, isError } = read.data;
    const size = structuredContent === undefined ? 0 : Buffer.byteLength(JSON.stringify(structuredContent));
    if (size > maxBytes) {
      return refused(
        tool,
        `its structuredContent has ${formatBytes(size)}, and ${formatBytes(maxBytes)} are taken; return less`,
      );
    }
    return {
      // A tool that gives an object alone is read by models that know only text, too.
      content: bounded(
        content.length > 0 || !structuredContent
          ? content
          : [{ type: "text", text: JSON.stringify(structuredContent) }],
        maxBytes,
      ),
      ...(structuredContent && { structuredContent }),
      ...(isError && { isError }),
    };
  } catch (error) {
    const why = error instanceof NotPlainError ? error.message : "it cannot be read";
    return refused(tool, why);
  }
}

function bounded(content: CallToolResult["content"], maxBytes: number): CallToolResult["content"] {
  const size = content.reduce((sum, block) => sum + (block.type === "text" ? Buffer.byteLength(block.text) : 0), 0);
  if (size <= maxBytes) return content;
  const kept: CallToolResult["content"] = [];
  let left = maxBytes;
  for (const block of content) {
    if (block.type !== "text") {
      kept.push(block);
      continue;
    }
    const text = cutBytes(block.text, left);
    left -= Buffer.byteLength(text);
    if (text !== "") kept.push({ type: "text", text });
  }
  const remark = `(The result was cut to ${formatBytes(maxBytes)} of ${formatBytes(size)}; ask for less at a time.)`;
  kept.push({ type: "text", text: remark });
  return kept;
}

function shapeProblem(output: unknown, error: z.ZodError): string {
  const isResult = typeof output === "object" && output !== null && "content" in output;
  if (!isResult)
    return 'it must be a text, a list of texts, or { content: [{ type: "text", text }] }; use JSON.stringify for other values';
  const [issue] = error.issues;
  return `its ${issue?.path.join(".") || "result"} is not valid (${issue?.message ?? "unknown"})`;
}

function refused(tool: string, why: string): CallToolResult {
  return { isError: true, content: [{ type: "text", text: `${tool} returned what cannot be passed on: ${why}.` }] };
}
