// What can go with a message: text, and images of the kinds that models see. What a content is its bytes say, not its name.
import type { ContentBlock } from "../../mcp/client/mcp-types.js";
import { BanyanError } from "../../supervision/index.js";
import { bytesOf } from "../saved-content.js";

export interface Content {
  /** As the user wrote it, or where it comes from. */
  readonly name: string;
  /** `image/…` for an image; anything else is text in UTF-8. */
  readonly mimeType: string;
  readonly data: Uint8Array;
}

/** In bytes. */
export interface SizeLimits {
  readonly text: number;
  readonly image: number;
}

/** The kind of an image that models see; undefined for anything else. */
export function imageType(data: Uint8Array): string | undefined {
  const head = Buffer.from(data.buffer, data.byteOffset, Math.min(12, data.byteLength)).toString("latin1");
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (/^GIF8[79]a/.test(head)) return "image/gif";
  return /^RIFF[\s\S]{4}WEBP$/.test(head) ? "image/webp" : undefined;
}

/** Rejects, with a word for the user, what is too large or neither text nor an image. */
export function contentOf(name: string, data: Uint8Array, limits: SizeLimits, mimeType = "text/plain"): Content {
  const image = imageType(data);
  const limit = image === undefined ? limits.text : limits.image;
  if (data.length > limit) throw tooLarge(data.length, image === undefined ? "text" : "image", limits);
  if (image !== undefined) return { name, mimeType: image, data };
  if (!isText(data)) throw new BanyanError("binary_content", "it is neither text nor an image (PNG, JPEG, GIF, WebP)");
  return { name, mimeType: mimeType.startsWith("image/") ? "text/plain" : mimeType, data };
}

/** The image in a block, if it is one that models see and not too large. */
export function imageOf(name: string, block: ContentBlock, limits: SizeLimits): Content[] {
  const bytes = bytesOf(block);
  if (bytes === undefined || bytes.data.length > limits.image) return [];
  const image = imageType(bytes.data);
  return image === undefined ? [] : [{ name, mimeType: image, data: bytes.data }];
}

export function tooLarge(size: number, kind: "text" | "image", limits: SizeLimits): BanyanError {
  const setting = kind === "text" ? "attachment_size" : "image_size";
  const most = `at most ${shortSize(limits[kind])} go with a message`;
  return new BanyanError("too_large", `it is larger (${shortSize(size)}) than limits.${setting} allows: ${most}`);
}

function isText(data: Uint8Array): boolean {
  if (data.includes(0)) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(data);
    return true;
  } catch {
    return false;
  }
}

/** `812 B`, `3 kB`, `1.4 MB`. */
export function shortSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1024 * 1000) return `${Math.max(1, Math.round(bytes / 1024))} kB`;
  return `${(bytes / 1024 / 1024).toFixed(1).replace(/\.0$/, "")} MB`;
}
