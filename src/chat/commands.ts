// The registry of slash commands: all there are, and how a line is found to be one. What each is called, what may follow it and the
// Markdown it answers with stands in the files that are imported here, a few in this one. They read the processes around the chat
// and change nothing but through them. /help, completion and docs/commands.md are made of it.
import type { Usage } from "../actors/session/session.js";
import type { NamespacedTool } from "../mcp/client/mcp-types.js";
import { renderTree } from "../supervision/index.js";
import { cell } from "./cell.js";
import { type Command, namesOf } from "./command.js";
import { help } from "./command-help.js";
import { aliasCommands } from "./commands/alias-commands.js";
import { appCommands } from "./commands/app-commands.js";
import { approvalCommands } from "./commands/approval-commands.js";
import { callCommand } from "./commands/call-command.js";
import { configCommand } from "./commands/config-command.js";
import { connectCommands } from "./commands/connect-commands.js";
import { contextCommands } from "./commands/context-commands.js";
import { modelCommands } from "./commands/model-commands.js";
import { notificationsCommand } from "./commands/notifications-command.js";
import { promptCommands } from "./commands/prompt-commands.js";
import { resourceCommands } from "./commands/resource-commands.js";
import { serverFacts } from "./commands/server-facts.js";
import { serversCommand } from "./commands/servers-command.js";
import { sessionCommands } from "./commands/session-commands.js";
import { themeCommand } from "./commands/theme-command.js";
import { toolCommand } from "./commands/tool-command.js";
import { tuiCommand } from "./commands/tui-command.js";
import { turnCommands } from "./commands/turn-commands.js";
import type { CommandHint } from "./events.js";
import { healthReport } from "./health-report.js";
import { startingWith } from "./suggestions.js";

export const commands: readonly Command[] = [
  {
    name: "help",
    aliases: ["?"],
    summary: "show what can be typed here, how a command is used, or what there is about a word",
    group: "app",
    usage: ["", "COMMAND", "WORDS"],
    examples: ["/help", "/help tools", "/help restart a server"],
    complete: (typed) => startingWith(typed, commandHints),
    run: async (_, rest) => help(commands, rest),
  },
  {
    name: "health",
    aliases: ["status"],
    group: "app",
    summary: "show how everything is: what is not well and why, memory, calls that failed",
    run: async (context) => healthReport(await context.health(), Date.now()),
  },
  serversCommand,
  ...connectCommands,
  {
    name: "tools",
    settled: true,
    group: "servers and tools",
    usage: ["[WORD]"],
    examples: ["/tools", "/tools file"],
    summary: "show the tools of all servers, or those whose name or description contains a word",
    run: async (context, rest) => toolsList(await context.tools(), rest),
  },
  tuiCommand,
  toolCommand,
  callCommand,
  notificationsCommand,
  ...serverFacts,
  {
    name: "tree",
    view: "tree",
    group: "app",
    summary: "show the live supervision tree: status, restarts, mailbox",
    run: async (context) => {
      const tree = context.tree();
      return tree === undefined ? "The tree has ended." : fenced(renderTree(tree));
    },
  },
  themeCommand,
  ...modelCommands,
  ...turnCommands,
  ...approvalCommands,
  ...sessionCommands,
  ...contextCommands,
  ...resourceCommands,
  ...promptCommands,
  ...aliasCommands,
  ...appCommands,
  configCommand,
  {
    name: "cost",
    group: "conversation",
    summary: "show how many tokens this conversation took, and what they cost",
    run: async (context) => costReport(context.usage()),
  },
  {
    name: "thinking",
    group: "conversation",
    summary: "show what the model thought before its last answer",
    run: async (context) => context.thinking() ?? "The model has not thought aloud in this conversation.",
  },
  {
    name: "clear",
    aliases: ["new"],
    group: "conversation",
    summary: "begin a new conversation; the old one is kept",
    run: async (context) => {
      await context.clear();
      return undefined;
    },
  },
  {
    name: "quit",
    aliases: ["exit"],
    group: "app",
    summary: "leave",
    run: async (context) => {
      context.quit();
      return undefined;
    },
  },
];

const byName = new Map<string, { readonly command: Command; readonly rest: string }>();
for (const command of commands) {
  byName.set(command.name, { command, rest: "" });
  for (const alias of command.aliases ?? []) {
    const { name, rest } = typeof alias === "string" ? { name: alias, rest: "" } : alias;
    byName.set(name, { command, rest });
  }
}

/** Every name that a command of the user's own may not have. */
export const reservedNames: readonly string[] = [...byName.keys()];

/** Splits `/name rest`; undefined for a name that is no command. */
export function parseCommand(line: string): { command: Command; rest: string } | undefined {
  const [, name = "", rest = ""] = /^\/\s*(\S*)\s*([\s\S]*)$/.exec(line.trim()) ?? [];
  const known = byName.get(name.toLowerCase());
  return known && { command: known.command, rest: [known.rest, rest].filter((part) => part !== "").join(" ") };
}

/** What completion lists. */
export const commandHints: readonly CommandHint[] = commands.map((command) => {
  const { name, summary } = command;
  return { name, summary, also: namesOf(command) };
});

function costReport({ tokens, cached, cost }: Usage): string {
  const priced = cost === 0 ? "nothing that has a price under `[prices]` in config.toml" : `$${cost.toFixed(4)}`;
  const known = cached === 0 ? "" : ` (${cached} of them were in the provider's cache)`;
  return `${tokens.input} tokens sent${known}, ${tokens.output} written; they cost ${priced}.`;
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
