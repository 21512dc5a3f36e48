// What a tool answered, on stdout: its text as it is, or made harmless for a terminal; anything that is no text in one line each.
import type { ContentBlock, ToolResult } from "../mcp/client/mcp-types.js";
import { plainText } from "../supervision/index.js";
import { warn } from "./warn.js";

export function printContent({ content, structuredContent, mismatch }: ToolResult): void {
  if (mismatch !== undefined) warn(plainText(`The structured result is not what the tool promises: ${mismatch}`));
  const parts = content.map(shown);
  const text =
    parts.length > 0
      ? parts.join("\n")
      : structuredContent === undefined
        ? ""
        : JSON.stringify(structuredContent, null, 2);
  if (text !== "") process.stdout.write(`${process.stdout.isTTY ? plainText(text) : text}\n`);
}

function shown(block: ContentBlock): string {
  switch (block.type) {
    case "text":
      return block.text;
    case "image":
    case "audio":
      return `(${block.type}, ${block.mimeType}, ${Buffer.byteLength(block.data, "base64")} bytes; --json prints it)`;
    case "resource":
      return "text" in block.resource ? block.resource.text : `(${block.resource.uri}; --json prints it)`;
    default:
      return block.uri;
  }
}
