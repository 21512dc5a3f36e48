// Reads what a message mentions, all at once, each within its time; of what cannot be read it says why. A plain `@word` that is no
// file and no resource is a word, and so nothing.
import type { Settings } from "../../actors/config/schema.js";
import type { NamespacedTool, ResourceContents } from "../../mcp/client/mcp-types.js";
import { BanyanError, messageOf } from "../../supervision/index.js";
import { foundResource } from "../commands/resource-commands.js";
import { serverAndName } from "../named-of-server.js";
import type { ServerReach } from "../server-reach.js";
import { blockText } from "../transcript.js";
import { type Content, contentOf, imageOf, type SizeLimits } from "./content.js";
import { type Mention, mentionsIn } from "./mention.js";
import { readPath } from "./read-file.js";
import { readUrl } from "./read-url.js";

export interface MentionLimits {
  /** Most mentions of one message. */
  readonly count: number;
  readonly size: SizeLimits;
  /** For a page, and for what servers are asked, in milliseconds. */
  readonly urlMs: number;
  readonly serverMs: number;
}

/** As the settings say. */
export function mentionLimits(limits: Settings["limits"]): MentionLimits {
  const { mentions, attachment_size, image_size, url_timeout, mention_timeout } = limits;
  const size = { text: attachment_size, image: image_size };
  return { count: mentions, size, urlMs: url_timeout, serverMs: mention_timeout };
}

export interface MentionSources {
  /** What paths are relative to. */
  readonly folder: string;
  readonly limits: MentionLimits;
  readonly reach: ServerReach;
  serverNames(): Promise<readonly string[]>;
  tools(): Promise<readonly NamespacedTool[]>;
}

/** It could not be read, and why. */
export interface Unread {
  readonly name: string;
  readonly problem: string;
}

/** In the order of the mentions. Rejects with the signal's reason alone. */
export async function readMentions(
  text: string,
  sources: MentionSources,
  signal: AbortSignal,
): Promise<readonly (Content | Unread)[]> {
  const mentions = mentionsIn(text);
  const { count } = sources.limits;
  const read = await Promise.all(
    mentions.slice(0, count).map(async (mention): Promise<readonly (Content | Unread)[]> => {
      try {
        return await contentsOf(mention, sources, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof BanyanError)) throw error;
        return [{ name: mention.name, problem: messageOf(error) }];
      }
    }),
  );
  const most = `a message takes at most ${count} mentions (limits.mentions)`;
  const over = mentions.slice(count).filter(({ plain }) => plain);
  return [...read.flat(), ...over.map(({ name }) => ({ name, problem: most }))];
}

async function contentsOf(mention: Mention, sources: MentionSources, signal: AbortSignal): Promise<readonly Content[]> {
  const { folder, limits } = sources;
  const { name, target } = mention;
  const asked = (answer: Promise<readonly Content[]>) => within(limits.serverMs, answer);
  switch (mention.kind) {
    case "url":
      return [await readUrl(name, target, limits.size, limits.urlMs, signal)];
    case "resource":
      return await asked(resource(mention, sources));
    case "prompt":
      return await asked(prompt(mention, sources));
    case "tool":
      return await asked(tool(mention, sources));
  }
  const file = await readPath(name, target, folder, limits.size);
  if (file !== undefined) return [file];
  if (mention.kind === undefined && (await sources.serverNames()).some((server) => target.startsWith(`${server}.`))) {
    if (mention.plain) return await asked(resource(mention, sources));
    return await asked(resource(mention, sources)).catch((error: unknown) => {
      if (error instanceof BanyanError && error.code === "unknown_name") return [];
      throw error;
    });
  }
  if (!mention.plain) return [];
  throw new BanyanError(
    "unknown_name",
    target.includes("://") ? "no server has this address" : "there is no such file",
  );
}

async function resource({ name, target }: Mention, { reach, limits }: MentionSources): Promise<readonly Content[]> {
  const { server, uri } = await foundResource(reach, target);
  const contents = await reach.read(server, uri);
  const named = (part: ResourceContents): string => (contents.length === 1 ? name : `${name} (${part.uri})`);
  return contents.map((part) => {
    const data = Buffer.from("text" in part ? part.text : part.blob, "text" in part ? "utf8" : "base64");
    return contentOf(named(part), data, limits.size, part.mimeType);
  });
}

async function prompt({ name, target }: Mention, { reach, limits }: MentionSources): Promise<readonly Content[]> {
  const { server, name: own } = serverAndName(target, "@prompt:SERVER.NAME");
  const known = (await reach.prompts()).find((one) => one.name === target);
  if (known === undefined)
    throw new BanyanError("unknown_name", `no such prompt; /prompts ${server} shows what there is`);
  const missing = known.arguments.filter(({ required }) => required).map((one) => one.name);
  if (missing.length > 0) {
    throw new BanyanError("usage", `it needs ${missing.join(", ")}; say it with /prompt ${target} ${missing[0]}=…`);
  }
  const { messages } = await (await reach.server(server)).call.getPrompt(own, {});
  const images = messages.flatMap(({ content }) => imageOf(name, content, limits.size));
  const text = messages.map(({ role, content }) => `${role}: ${blockText(content)}`).join("\n\n");
  return [contentOf(name, Buffer.from(text), limits.size), ...images];
}

async function tool({ name, target }: Mention, { tools, limits }: MentionSources): Promise<readonly Content[]> {
  const known = (await tools()).find((one) => one.name === target);
  if (known === undefined) throw new BanyanError("unknown_name", "no such tool; /tools shows what there is");
  const text = [
    `The user wants the tool ${known.name} used for this, before any other.`,
    known.description,
    `Its arguments: ${JSON.stringify(known.inputSchema)}`,
  ].join("\n\n");
  return [contentOf(name, Buffer.from(text), limits.size)];
}

async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const why = `there was no answer within ${ms / 1000} s (limits.mention_timeout)`;
    timer = setTimeout(() => reject(new BanyanError("not_read", why)), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
