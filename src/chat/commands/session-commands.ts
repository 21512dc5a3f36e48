// Commands about the conversation itself and the stored ones: name it, look back in it, fork it, write it to a file, go on with another.
import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { again } from "../../actors/again.js";
import { exportEndings, exported, exportFormats, writeExport } from "../../actors/session/export.js";
import { forkSession } from "../../actors/session/fork.js";
import type { StoredMessage } from "../../actors/session/message.js";
import { searchMessages } from "../../actors/session/search.js";
import type { Session } from "../../actors/session/session.js";
import { statsOf } from "../../actors/session/stats.js";
import {
  findSession,
  listSessions,
  type SessionDatabase,
  type StoredSession,
} from "../../actors/session/stored-sessions.js";
import { redact } from "../../actors/telemetry/redact.js";
import type { Ref } from "../../supervision/index.js";
import { answering } from "../answering.js";
import { cell } from "../cell.js";
import type { CommandContext, QuickCommand, Suggestions, Surroundings } from "../command.js";
import { oneOf, startingWith } from "../suggestions.js";

/** What commands about conversations need; refs bound to the process that runs the command. */
export interface SessionContext {
  readonly session: Ref<Pick<Session, "view" | "page" | "rename">>;
  readonly database: SessionDatabase;
  /** The folder the conversation is about. */
  readonly project: string;
  /** Goes on with another one, shown from now on. False, and said, while an answer is being written. */
  goOnWith(reference: string): Promise<boolean>;
  /** True while an answer is being written. */
  readonly busy: boolean;
}

const SHOWN = 20;
const PAGE = 20;
/** Characters shown of a message, looking back. */
const LONGEST_LINE = 300;

export const sessionCommands: readonly QuickCommand[] = [
  {
    name: "sessions",
    aliases: ["recovery"],
    group: "conversation",
    summary: "show the conversations of this folder, the last used first",
    run: answering(async ({ sessions }) => {
      const { id } = await again(() => sessions.session.call.view());
      const found = await listSessions(sessions.database, sessions.project, SHOWN);
      if (found.length === 0) return "No conversation was held here yet.";
      const rows = found.map((each) => sessionRow(each, each.id === id));
      return ["| session | name or beginning | messages | last used |", "| --- | --- | --- | --- |", ...rows].join(
        "\n",
      );
    }),
  },
  {
    name: "resume",
    aliases: ["load"],
    group: "conversation",
    summary: "go on with another conversation",
    usage: ["ID-or-NAME"],
    complete: sessionNames,
    run: answering(async ({ sessions }, rest) => {
      if (rest.trim() === "") return "Write `/resume ID`; `/sessions` shows what there is.";
      return (await sessions.goOnWith(rest.trim())) ? heading(sessions) : undefined;
    }),
  },
  {
    name: "fork",
    group: "conversation",
    summary: "go on in a copy of this conversation, all of it or up to message N as /history numbers them",
    usage: ["[N]"],
    run: answering(async ({ sessions }, rest) => {
      const at = rest.trim() === "" ? undefined : numberOf(rest);
      if (sessions.busy) return "An answer is being written; press Esc first, then /fork.";
      const { database } = sessions;
      const here = await current(sessions);
      if (here.messages === 0) return "Nothing was said yet, so there is nothing to fork.";
      if (Number.isNaN(at) || (at ?? 1) > here.messages) return `Write \`/fork N\`, N from 1 to ${here.messages}.`;
      const fork = await forkSession(database, here, { id: randomUUID(), messages: at, name: undefined });
      return (await sessions.goOnWith(fork.id)) ? heading(sessions) : undefined;
    }),
  },
  {
    name: "save",
    group: "conversation",
    summary: "name this conversation, so that /resume and banyan --resume find it",
    usage: ["NAME"],
    run: answering(async ({ sessions }, rest) => {
      if (rest.trim() === "") return "All is saved as it is said. `/save NAME` names it, for `/resume NAME`.";
      const name = await again(() => sessions.session.call.rename(rest));
      return `This conversation is called **${cell(redact(name))}**: \`/resume ${name}\``;
    }),
  },
  {
    name: "export",
    group: "conversation",
    summary: "write this conversation to a new file, without secrets",
    usage: ["[markdown|json] [FILE]"],
    complete: oneOf({ markdown: "to read", json: "for programs" }),
    run: answering(async ({ sessions }, rest) => {
      const [, first = "", others = ""] = /^(\S*)\s*([\s\S]*)$/.exec(rest.trim()) ?? [];
      const format = exportFormats.find((known) => known === first.toLowerCase());
      const named = format === undefined ? rest.trim() : others.trim();
      const kind = format ?? (named.endsWith(exportEndings.json) ? "json" : "markdown");
      const here = await current(sessions);
      const file = resolve(sessions.project, named || `banyan-${here.id.slice(0, 8)}${exportEndings[kind]}`);
      await writeExport(file, exported(sessions.database, here, kind));
      return `${here.messages} messages are in \`${file}\`.`;
    }),
  },
  {
    name: "search",
    group: "conversation",
    summary: "find messages in the conversations of this folder",
    usage: ["WORDS", '"A PHRASE"'],
    run: answering(async ({ sessions }, rest) => {
      if (rest.trim() === "") return 'Write `/search WORDS`, or `/search "a phrase"`.';
      const { database, project } = sessions;
      const found = await searchMessages(database, { query: rest, project, limit: SHOWN });
      if (found.length === 0) return "Nothing was found in the conversations of this folder.";
      const rows = found.map(({ session, name, number, role, at, snippet }) => {
        const where = cell(redact(name ?? session.slice(0, 8)));
        return `| ${where} | ${number} | ${role} | ${time(at)} | ${plain(snippet)} |`;
      });
      return ["| session | # | who | when | what |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
    }),
  },
  {
    name: "history",
    group: "conversation",
    summary: "look back in this conversation, page by page; with N, at what was before message N",
    usage: ["[N]"],
    run: answering(async ({ sessions }, rest) => {
      const here = await current(sessions);
      const before = rest.trim() === "" ? here.messages + 1 : numberOf(rest);
      if (Number.isNaN(before)) return "Write `/history N`, N the number of a message.";
      const { messages, from } = await again(() => sessions.session.call.page(before - 1, PAGE));
      if (here.messages === 0) return "Nothing was said yet in this conversation.";
      if (messages.length === 0) return "There is nothing before that.";
      const rows = messages.map((message, at) => {
        const mark = message.superseded ? " (superseded)" : "";
        return `| ${from + at + 1} | ${who(message)}${mark} | ${plain(lineOf(message))} |`;
      });
      const more = from === 0 ? [] : ["", `${from} before: \`/history ${from + 1}\``];
      return ["| # | who | what |", "| --- | --- | --- |", ...rows, ...more].join("\n");
    }),
  },
  {
    name: "stats",
    group: "conversation",
    summary: "show what this conversation was made of: messages, tools, tokens, cost",
    run: answering(async ({ sessions }) => {
      const here = await current(sessions);
      const { user, assistant, summary, tools } = await statsOf(sessions.database, here);
      const { tokens, cost, createdAt, forkedFrom } = here;
      const lines = [
        `- begun ${time(createdAt)}${forkedFrom === undefined ? "" : `, forked from ${forkedFrom.slice(0, 8)}`}`,
        `- ${here.messages} messages: ${user} of yours, ${assistant} answers, ${here.messages - user - assistant - summary} tool calls${summary === 0 ? "" : `, ${summary} ${summary === 1 ? "summary" : "summaries"}`}`,
        `- ${tokens.input} tokens in, ${tokens.output} out${cost === 0 ? "" : `, $${cost.toFixed(4)}`}`,
      ];
      if (tools.length === 0) return lines.join("\n");
      const rows = tools.map(({ tool, calls, done, durationMs }) => {
        return `| \`${cell(tool)}\` | ${calls} | ${calls - done} | ${Math.round(durationMs / calls)} ms |`;
      });
      return [...lines, "", "| tool | calls | not done | on average |", "| --- | --- | --- | --- |", ...rows].join(
        "\n",
      );
    }),
  },
];

async function sessionNames(typed: string, { names, use }: Surroundings): Promise<Suggestions> {
  const found = await listSessions(use(names.store), names.project, SHOWN);
  return startingWith(
    typed,
    found.map(({ id, name, title }) => ({ name: name ?? id.slice(0, 8), summary: redact(title) })),
  );
}

async function current({ session, database }: SessionContext): Promise<StoredSession> {
  return findSession(database, (await again(() => session.call.view())).id);
}

async function heading(context: CommandContext["sessions"]): Promise<string> {
  const { id, name, title, messages } = await current(context);
  return `Going on with **${plain(name ?? title)}** (${id.slice(0, 8)}), ${messages} messages.`;
}

function sessionRow({ id, name, title, kind, messages, updatedAt }: StoredSession, here: boolean): string {
  const mark = here ? " (this one)" : kind === "print" ? " (-p)" : "";
  return `| ${id.slice(0, 8)} | ${plain(name ?? title)}${mark} | ${messages} | ${time(updatedAt)} |`;
}

function who(message: StoredMessage): string {
  if (message.role === "user") return "you";
  if (message.role === "summary") return "summary";
  return message.role === "tool" ? `\`${cell(message.tool)}\`` : cell(message.model) || "assistant";
}

function lineOf(message: StoredMessage): string {
  const { text } = message;
  const calls = message.role === "assistant" ? message.toolCalls.map(({ name }) => `(calls ${name})`) : [];
  const line = [
    text
      .slice(0, LONGEST_LINE + 1)
      .replace(/\s+/g, " ")
      .trim(),
    ...calls,
  ]
    .join(" ")
    .trim();
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}

/** What was said, where Markdown and secrets mean nothing. */
function plain(text: string): string {
  return cell(redact(text)).replace(/[`*_[\]<>]/g, "\\$&");
}

function numberOf(text: string): number {
  return /^[1-9]\d{0,8}$/.test(text.trim()) ? Number(text) : Number.NaN;
}

/** To the minute, in UTC. */
export function time(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace("T", " ");
}
