// `banyan sessions list|show|search|rename|export|fork|remove`: the stored conversations, whether or not an app is running. What is
// printed is without secrets and without what a terminal would act on.
import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { learnSecrets } from "../actors/config/missing-secrets.js";
import { type ExportFormat, exported, writeExport } from "../actors/session/export.js";
import { forkSession } from "../actors/session/fork.js";
import type { StoredMessage } from "../actors/session/message.js";
import { messagesBefore, type NumberedMessage } from "../actors/session/pages.js";
import { removeSession } from "../actors/session/remove.js";
import { searchMessages } from "../actors/session/search.js";
import { findSession, listSessions, nameSession, type StoredSession } from "../actors/session/stored-sessions.js";
import { keepSecretsOf, redactWhole, withoutSecrets } from "../actors/telemetry/redact.js";
import { BanyanError, plainText } from "../supervision/index.js";
import { confirmed } from "./confirm.js";
import { type Database, withDatabase } from "./database.js";
import type { CommonOptions } from "./options.js";
import { printJson } from "./print-json.js";
import { setUp } from "./settings.js";
import { printTable } from "./table.js";
import { warn } from "./warn.js";

export interface ListOptions extends CommonOptions {
  readonly all?: boolean;
  readonly limit: number;
}

export interface ShowOptions extends CommonOptions {
  readonly before?: number;
  readonly limit: number;
}

export interface ExportOptions extends CommonOptions {
  readonly format?: ExportFormat;
  readonly file?: string;
}

export interface ForkOptions extends CommonOptions {
  readonly at?: number;
  readonly name?: string;
}

export interface RemoveOptions extends CommonOptions {
  readonly yes?: boolean;
}

export function listStored(options: ListOptions): Promise<void> {
  return reading(options, async ({ store }) => {
    const sessions = await listSessions(store, options.all ? undefined : process.cwd(), options.limit);
    if (options.json) return printJson(sessions.map(told));
    if (sessions.length === 0) {
      const elsewhere = options.all ? "" : "; banyan sessions list --all shows those of all folders";
      process.stdout.write(`No conversation was held here yet${elsewhere}.\n`);
    }
    printTable(
      [
        "ID",
        "NAME OR BEGINNING",
        "KIND",
        "MESSAGES",
        "TOKENS",
        "COST",
        "LAST USED",
        ...(options.all ? ["FOLDER"] : []),
      ],
      sessions.map((session) => [
        session.id.slice(0, 8),
        session.name ?? session.title,
        session.openIn === undefined ? session.kind : `${session.kind}, open in ${session.openIn}`,
        `${session.messages}`,
        `${session.tokens.input + session.tokens.output}`,
        session.cost === 0 ? "-" : `$${session.cost.toFixed(2)}`,
        time(session.updatedAt),
        ...(options.all ? [session.project] : []),
      ]),
    );
  });
}

export function showStored(reference: string, options: ShowOptions): Promise<void> {
  return reading(options, async ({ store }) => {
    const session = await findSession(store, reference);
    const before = options.before ?? session.messages + 1;
    const page = await messagesBefore(store, session.id, before, options.limit);
    const [first] = page;
    const earlier = first === undefined || first.number === 1 ? undefined : first.number;
    if (options.json) {
      const messages = page.map(({ number, message }) => ({ number, ...(withoutSecrets(message) as object) }));
      return printJson({ session: told(session), messages, before: earlier ?? null });
    }
    await writeOut(page.map((each) => `${plainText(linesOf(each))}\n\n`));
    if (earlier !== undefined) {
      warn(`${earlier - 1} messages before: banyan sessions show ${session.id.slice(0, 8)} --before ${earlier}`);
    }
  });
}

export function searchStored(words: readonly string[], options: ListOptions): Promise<void> {
  return reading(options, async ({ store }) => {
    const request = { query: words.join(" "), project: options.all ? undefined : process.cwd(), limit: options.limit };
    const found = await searchMessages(store, request);
    if (options.json) return printJson(withoutSecrets(found));
    printTable(
      ["SESSION", "#", "WHO", "WHEN", "WHAT"],
      found.map(({ session, name, number, role, at, snippet }) => [
        name ?? session.slice(0, 8),
        `${number}`,
        role,
        time(at),
        snippet,
      ]),
    );
    if (found.length > 0) return undefined;
    const elsewhere = options.all ? "" : " in this folder; --all searches all of them";
    throw new BanyanError("not_found", `Nothing was found${elsewhere}.`);
  });
}

export function renameStored(reference: string, words: readonly string[], options: CommonOptions): Promise<void> {
  return reading(options, async ({ store }) => {
    const { id } = await findSession(store, reference);
    const name = await nameSession(store, id, words.join(" "));
    say(options, { id, name }, `The conversation ${id.slice(0, 8)} is called ${name}: banyan --resume ${quoted(name)}`);
  });
}

export function exportStored(reference: string, options: ExportOptions): Promise<void> {
  return reading(options, async ({ store }) => {
    const session = await findSession(store, reference);
    const format = options.format ?? (options.json ? "json" : "markdown");
    const parts = exported(store, session, format);
    if (options.file === undefined) return writeOut(parts);
    const file = resolve(options.file);
    await writeExport(file, parts);
    say(options, { id: session.id, file, format }, `${session.messages} messages are in ${file}.`);
  });
}

export function forkStored(reference: string, options: ForkOptions): Promise<void> {
  return reading(options, async ({ store }) => {
    const from = await findSession(store, reference);
    if (options.at !== undefined && options.at > from.messages) {
      throw new BanyanError("usage", `That conversation has ${from.messages} messages; fork it at one of them.`);
    }
    const fork = await forkSession(store, from, { id: randomUUID(), messages: options.at, name: options.name });
    const text = `${fork.messages} messages are in ${fork.id}: banyan --resume ${quoted(fork.name ?? fork.id)}`;
    say(options, told(fork), text);
  });
}

export function removeStored(references: readonly string[], options: RemoveOptions): Promise<void> {
  return reading(options, async ({ store, audit }) => {
    const sessions: StoredSession[] = [];
    for (const reference of references) sessions.push(await findSession(store, reference));
    if (!options.yes) {
      for (const session of sessions)
        process.stdout.write(plainText(`${nameOf(session)}, ${session.messages} messages\n`));
      const mend = "run banyan sessions remove again with --yes once you have looked";
      if (!(await confirmed("Remove this for ever?", mend)))
        throw new BanyanError("not_removed", "Nothing was removed.");
    }
    for (const session of sessions) {
      await removeSession(store, audit, session);
      if (!options.json) process.stdout.write(plainText(`Removed ${nameOf(session)}.\n`));
    }
    if (options.json) printJson(sessions.map(({ id }) => ({ id, removed: true })));
  });
}

/** With the settings read, so that what is a secret is known. */
async function reading(options: CommonOptions, work: (database: Database) => Promise<void>): Promise<void> {
  const { paths, loaded } = await setUp(options);
  keepSecretsOf(process.env);
  learnSecrets(loaded.config, process.env);
  await withDatabase(paths, work);
}

/** In parts, as fast as they are read; whoever reads may have had enough. */
async function writeOut(parts: AsyncIterable<string> | Iterable<string>): Promise<void> {
  const shown = process.stdout.isTTY ? mapped(parts, plainText) : parts; // what is piped on is exact
  try {
    await pipeline(Readable.from(shown), process.stdout, { end: false });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
  }
}

async function* mapped(parts: AsyncIterable<string> | Iterable<string>, change: (part: string) => string) {
  for await (const part of parts) yield change(part);
}

function linesOf({ number, message }: NumberedMessage): string {
  const { role, status, at, text } = message;
  const who = whoOf(message);
  const mark = status === "complete" || status === "done" ? "" : `, ${status}`;
  const calls = role === "assistant" ? message.toolCalls.map(({ name }) => `(calls ${name})`) : [];
  const asked = role === "tool" ? [JSON.stringify(withoutSecrets(message.arguments))] : [];
  const said = [...asked, redactWhole(text), ...calls].filter((line) => line !== "");
  return [`#${number} ${who}, ${time(at)}${mark}`, ...said].join("\n");
}

function whoOf(message: StoredMessage): string {
  if (message.role === "user") return "you";
  if (message.role === "tool") return message.tool;
  return message.role === "summary" ? "summary" : message.model || "assistant";
}

function told({ run: _, ...session }: StoredSession): unknown {
  return withoutSecrets({ ...session, name: session.name ?? null, openIn: session.openIn ?? null });
}

function nameOf({ id, name, title }: StoredSession): string {
  return `${id.slice(0, 8)} (${redactWhole(name ?? title)})`;
}

function quoted(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}

function time(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace("T", " ");
}

function say(options: CommonOptions, result: unknown, text: string): void {
  if (options.json) printJson(result);
  else process.stdout.write(plainText(`${redactWhole(text)}\n`));
}
