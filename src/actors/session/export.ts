// A session as it may leave the program: as Markdown for people or as JSON for programs, without secrets. It comes in parts, so that
// one of any length takes no more memory than a few messages.
import { open, rename, rm, stat } from "node:fs/promises";
import { BanyanError } from "../../supervision/index.js";
import { redactWhole, withoutSecrets } from "../telemetry/redact.js";
import type { Attachment, StoredMessage } from "./message.js";
import { allMessages } from "./pages.js";
import type { SessionDatabase, StoredSession } from "./stored-sessions.js";

export const exportFormats = ["markdown", "json"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What a file of a format ends in. */
export const exportEndings = { markdown: ".md", json: ".json" } as const;

export async function* exported(
  database: SessionDatabase,
  session: StoredSession,
  format: ExportFormat,
): AsyncGenerator<string> {
  yield format === "json" ? jsonHead(session) : markdownHead(session);
  for await (const { number, message } of allMessages(database, session.id)) {
    if (format === "markdown") yield `\n${markdownOf(message, number)}\n`;
    else
      yield `${number === 1 ? "" : ","}\n${JSON.stringify({ number, ...(withoutSecrets(message) as object) }) /* of an object it makes an object */}`;
  }
  if (format === "json") yield "\n]}\n";
}

/** Writes what is exported into a new file that its owner alone may read; it is there whole or not at all. Rejects with
 * `file_exists` or `not_written`. */
export async function writeExport(file: string, parts: AsyncIterable<string>): Promise<void> {
  if (await stat(file).catch(() => undefined)) {
    throw new BanyanError("file_exists", `${file} is there already; name another file.`);
  }
  const unfinished = `${file}.${process.pid}.unfinished`;
  try {
    const handle = await open(unfinished, "wx", 0o600);
    try {
      for await (const part of parts) await handle.write(part);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    if (error instanceof BanyanError || !(error instanceof Error && "code" in error)) throw error;
    throw new BanyanError("not_written", `${file} could not be written (${error.message}); name another file.`);
  }
}

function jsonHead(session: StoredSession): string {
  const { run: _, openIn: __, ...told } = session;
  return `{"format":"banyan-session","version":1,"session":${JSON.stringify(withoutSecrets(told))},"messages":[`;
}

function markdownHead(session: StoredSession): string {
  const { name, title, project, model, id, createdAt, messages } = session;
  const heading = redactWhole(name ?? title) || "Conversation";
  const lines = [
    `# ${heading}`,
    "",
    `- session: \`${id}\``,
    `- folder: \`${redactWhole(project)}\``,
    `- model: ${model}`,
    `- begun: ${new Date(createdAt).toISOString()}`,
    `- messages: ${messages}`,
  ];
  return `${lines.join("\n")}\n`;
}

function markdownOf(message: StoredMessage, number: number): string {
  const at = new Date(message.at).toISOString();
  const text = redactWhole(message.text);
  if (message.role === "user") {
    const said = [text, attachmentLines(message.attachments ?? [])].filter((part) => part !== "").join("\n\n");
    return `## ${number}. You, ${at}${markOf(message)}\n\n${said}`;
  }
  if (message.role === "assistant") {
    const calls = message.toolCalls.map(({ name }) => `*calls* \`${name}\``);
    const said = [text, ...calls].filter((part) => part !== "").join("\n\n");
    return `## ${number}. ${message.model || "Assistant"}, ${at}${markOf(message)}\n\n${said}`;
  }
  if (message.role === "summary") {
    return `## ${number}. Summary of ${message.messages} messages, ${at}\n\n${text}`;
  }
  const asked = JSON.stringify(withoutSecrets(message.arguments), null, 2);
  const heading = `## ${number}. Tool ${message.tool}, ${at}${markOf(message)}`;
  return `${heading}\n\n${fenced(asked, "json")}\n\n${fenced(text, "")}`;
}

/** What went with a message, by name: its content is its own file's, or its server's. */
function attachmentLines(attachments: readonly Attachment[]): string {
  return attachments
    .map(
      (one) =>
        `- attached: ${redactWhole(one.name)} (${"problem" in one ? one.problem : `${one.mimeType}, ${one.bytes} bytes`})`,
    )
    .join("\n");
}

function markOf({ status, superseded }: StoredMessage): string {
  const marks = [
    ...(status === "complete" || status === "done" ? [] : [status]),
    ...(superseded ? ["superseded"] : []),
  ];
  return marks.length === 0 ? "" : ` (${marks.join(", ")})`;
}

/** With a fence longer than any in the text. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...(text.match(/`{3,}/g) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
