// Slash commands: what each is called, what it does, and the Markdown it answers with. They read the processes around the chat
// and change nothing but through the chat. Those that wait for servers are in resource-commands.ts and prompt-commands.ts.
import type { Usage } from "../actors/session/session.js";
import type { NamespacedTool } from "../mcp/client/mcp-types.js";
import { type ServerStatus, shownState } from "../mcp/client/server-status.js";
import { renderTree } from "../supervision/index.js";
import { aliasCommands } from "./alias-commands.js";
import { cell } from "./cell.js";
import type { Command } from "./command.js";
import { healthReport } from "./health-report.js";
import { modelCommands } from "./model-commands.js";
import { notificationsTable } from "./notifications-table.js";
import { promptCommands } from "./prompt-commands.js";
import { resourceCommands } from "./resource-commands.js";
import { sessionCommands } from "./session-commands.js";

export const commands: readonly Command[] = [
  { name: "help", summary: "show what can be typed here", run: async () => help() },
  {
    name: "status",
    summary: "show how everything is: what is not well and why, memory, calls that failed",
    run: async (context) => healthReport(await context.health(), Date.now()),
  },
  {
    name: "servers",
    summary: "show the MCP servers and how they are",
    run: async (context) => serversTable(await context.servers()),
  },
  {
    name: "tools",
    summary: "show the tools of all servers, or those whose name or description contains a word",
    run: async (context, rest) => toolsList(await context.tools(), rest),
  },
  {
    name: "tree",
    summary: "show the live supervision tree: status, restarts, mailbox",
    run: async (context) => {
      const tree = context.tree();
      return tree === undefined ? "The tree has ended." : fenced(renderTree(tree));
    },
  },
  ...modelCommands,
  ...sessionCommands,
  ...resourceCommands,
  ...promptCommands,
  {
    name: "notifications",
    summary: "show what servers have told: /notifications [SERVER] [KIND]",
    run: async ({ notifications }, rest) => notificationsTable(notifications, rest),
  },
  ...aliasCommands,
  {
    name: "cost",
    summary: "show how many tokens this conversation took, and what they cost",
    run: async (context) => costReport(context.usage()),
  },
  {
    name: "thinking",
    summary: "show what the model thought before its last answer",
    run: async (context) => context.thinking() ?? "The model has not thought aloud in this conversation.",
  },
  {
    name: "clear",
    summary: "begin a new conversation; the old one is kept",
    run: async (context) => {
      await context.clear();
      return undefined;
    },
  },
  {
    name: "quit",
    summary: "leave",
    run: async (context) => {
      context.quit();
      return undefined;
    },
  },
];

/** Splits `/name rest`; undefined for a name that is no command. */
export function parseCommand(line: string): { command: Command; rest: string } | undefined {
  const [, name = "", rest = ""] = /^\/\s*(\S*)\s*([\s\S]*)$/.exec(line.trim()) ?? [];
  const command = commands.find((known) => known.name === name.toLowerCase());
  return command === undefined ? undefined : { command, rest };
}

/** What to say of a line that is no command: the nearest ones. */
export function unknownCommand(line: string): string {
  const [name = ""] = line.slice(1).trim().split(/\s+/);
  const near = commands.filter(
    (known) => name !== "" && (known.name.startsWith(name[0] ?? "") || known.name.includes(name)),
  );
  const hint =
    near.length > 0
      ? `Did you mean ${near.map((known) => `/${known.name}`).join(" or ")}?`
      : "Type /help for what there is.";
  return `There is no command /${name}. ${hint}`;
}

function help(): string {
  return [
    "Type a message and press Enter. While an answer is written you can go on typing: it is sent next.",
    "",
    "| command | what it does |",
    "| --- | --- |",
    ...commands.map(({ name, summary }) => `| \`/${name}\` | ${summary} |`),
    "",
    "**Keys**: Esc stops the answer · Ctrl+J or `\\` and Enter for a new line · ↑ ↓ for earlier input, Ctrl+R searches it · Ctrl+C twice or Ctrl+D to leave.",
    "",
    "**Tools** ask before they run: `y` once, `a` always in this folder, `n` no.",
  ].join("\n");
}

function costReport({ tokens, cost }: Usage): string {
  const priced = cost === 0 ? "nothing that has a price under `[prices]` in config.toml" : `$${cost.toFixed(4)}`;
  return `${tokens.input} tokens sent, ${tokens.output} written; they cost ${priced}.`;
}

function serversTable(servers: readonly ServerStatus[]): string {
  if (servers.length === 0) return "No servers are configured. Add one under `[[servers]]` in config.toml.";
  const rows = servers.map((server) => {
    const { name, tools, restarts, reason, retryInMs } = server;
    const retry = retryInMs === undefined ? "" : `, tried again in ${Math.max(1, Math.ceil(retryInMs / 1000))} s`;
    return `| ${name} | ${shownState(server)} | ${tools} | ${restarts} | ${cell(reason ?? "")}${retry} |`;
  });
  return ["| server | state | tools | restarts | why |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
}

function toolsList(tools: readonly NamespacedTool[], word: string): string {
  const wanted = word.toLowerCase();
  const shown = tools.filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted));
  if (shown.length === 0)
    return wanted === "" ? "No server offers a tool now; see /servers." : `No tool matches "${word}".`;
  const rows = shown.map(({ name, description, annotations }) => {
    const [first = ""] = description.split(/(?<=\.)\s|\n/);
    return `| \`${name}\` | ${cell(first.slice(0, 120))} | ${annotations.readOnly ? "reads" : "may change things"} |`;
  });
  return ["| tool | what it does | effect |", "| --- | --- | --- |", ...rows].join("\n");
}

function fenced(text: string): string {
  return `\`\`\`\n${text}\n\`\`\``;
}
