// The one message of print mode: what stands after -p, what is left over of the other words, and what is piped in.
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { nearest } from "../actors/config/problems.js";
import { BanyanError } from "../supervision/index.js";
import type { ChatCommandOptions } from "./options.js";
import { warn } from "./warn.js";

const MAX_PROMPT_BYTES = 10 * 1024 * 1024;
/** Who gives the message with -p may have nothing to pipe and still hold the pipe open: so long its first byte is waited for. */
const FIRST_BYTE_MS = 3_000;

/** What the words of the command line say. */
export interface Asked {
  /** Undefined: a chat on the screen, or what is piped in. */
  readonly message: string | undefined;
  readonly allow: readonly string[];
}

/**
 * `--allow` takes every word up to the next option, so what is no tool's name belongs to the message after it. Throws a `usage`
 * error for words that have no place. `commands`: the names that might have been meant.
 */
export function askedBy(options: ChatCommandOptions, operands: readonly string[], commands: readonly string[]): Asked {
  const allow = (options.allow ?? []).filter(isToolPattern);
  const words = [...(options.allow ?? []).filter((word) => !isToolPattern(word)), ...operands];
  const [first] = words;
  if (first === undefined) return { message: typeof options.print === "string" ? options.print : undefined, allow };
  if (options.print === true) return { message: words.join(" "), allow };
  if (typeof options.print === "string") {
    throw usage(`"${first}" is not part of the message; put all of it in quotes: banyan -p "…"`);
  }
  const meant = nearest(first, commands);
  const mend = meant === undefined ? `ask with banyan -p "…"` : `did you mean ${meant}?`;
  throw usage(`unknown command '${first}'; ${mend}`);
}

/** Tools are named `server.tool`; `*` stands for any part. */
function isToolPattern(word: string): boolean {
  return /^[A-Za-z0-9_*][A-Za-z0-9_.*/-]{0,127}$/.test(word) && /[.*]/.test(word);
}

/** The message to answer, with what is piped in after it; undefined for the chat on the screen. */
export async function promptOf(
  message: string | undefined,
  options: ChatCommandOptions,
  stdin: NodeJS.ReadStream,
): Promise<string | undefined> {
  if (message === undefined) {
    if (options.print === undefined && stdin.isTTY) return undefined;
    return checked(await piped(stdin));
  }
  if (stdin.isTTY || message.trim() === "") return checked(message);
  const more = await pipedIfAny(stdin);
  return checked(more.trim() === "" ? message : `${message}\n\n${more}`);
}

async function pipedIfAny(stdin: NodeJS.ReadStream): Promise<string> {
  const over = new AbortController();
  const { signal } = over;
  try {
    const began = await Promise.race([
      once(stdin, "readable", { signal }).then(() => true),
      sleep(FIRST_BYTE_MS, false, { signal }),
    ]);
    if (began) return await piped(stdin);
  } finally {
    over.abort();
  }
  warn(
    `nothing was piped in for ${FIRST_BYTE_MS / 1_000} s, so the message goes without it; < /dev/null spares the wait.`,
  );
  stdin.destroy();
  return "";
}

/** What is piped in, refused as soon as it is too long: it may have no end. */
async function piped(stdin: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    size += chunk.length;
    if (size > MAX_PROMPT_BYTES) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function checked(prompt: string): string {
  if (prompt.trim() === "") throw new BanyanError("no_prompt", 'Nothing was asked; write banyan -p "your question".');
  if (Buffer.byteLength(prompt) > MAX_PROMPT_BYTES) throw tooLong();
  return prompt.replace(/\r?\n$/, "");
}

function usage(text: string): BanyanError {
  return new BanyanError("usage", text);
}

function tooLong(): BanyanError {
  return new BanyanError(
    "prompt_too_long",
    "The message is longer than 10 MB; name a file for the tools to read instead.",
  );
}
