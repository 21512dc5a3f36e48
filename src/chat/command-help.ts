// /help: all commands by group, how one is used, and those that have to do with some words.
import { cell } from "./cell.js";
import { type Command, commandGroups, namesOf } from "./command.js";

/** Of a search. */
const MOST_FOUND = 12;

const KEYS: readonly string[] = [
  "**Keys**: Esc stops the answer · Ctrl+J or `\\` and Enter for a new line · ↑ ↓ for earlier input, Ctrl+R searches it · Ctrl+C twice or Ctrl+D to leave.",
  "",
  "**F1** lists all keys; F2 to F7 show the tree, servers, log, notifications, cache and running tools, and Esc leads back.",
  "",
  "**Tools** ask before they run: `y` once, `s` in this conversation, `a` always in this folder, `p` all that fit a pattern, `n` no, `r` no and why.",
];

export async function help(commands: readonly Command[], rest: string): Promise<string> {
  const asked = rest.trim().replace(/^\//, "").toLowerCase();
  if (asked === "") return overview(commands);
  const command = commands.find((one) => one.name === asked || namesOf(one).includes(asked));
  if (command !== undefined) return helpOf(command);
  if (/^(?:keys?|f\d+|shortcuts?)$/.test(asked)) return KEYS.join("\n");
  const { searchCommands } = await import("./command-search.js"); // only who searches pays for it
  const found = searchCommands(commands, asked);
  if (found.length === 0) return `Nothing here has to do with "${rest.trim()}". \`/help\` shows all there is.`;
  return ["| command | what it does |", "| --- | --- |", ...found.slice(0, MOST_FOUND).map(row)].join("\n");
}

/** What to say of a line that is no command: the nearest ones. */
export async function unknownCommand(commands: readonly Command[], line: string): Promise<string> {
  const [name = ""] = line.slice(1).trim().split(/\s+/);
  const { nearestCommands } = await import("./command-search.js");
  const near = nearestCommands(commands, name);
  const hint =
    near.length > 0
      ? `Did you mean ${near.map((known) => `/${known}`).join(" or ")}?`
      : "Type /help for what there is.";
  return `There is no command /${name}. ${hint}`;
}

/** Of one command, in Markdown. */
export function helpOf(command: Command): string {
  const { name, summary, usage = [""], examples = [], aliases = [] } = command;
  const also = aliases.map((alias) =>
    typeof alias === "string" ? `\`/${alias}\`` : `\`/${alias.name}\` (for \`/${name} ${alias.rest}\`)`,
  );
  return [
    `**/${name}**: ${summary}`,
    "",
    "```",
    ...usage.map((form) => `/${name} ${form}`.trim()),
    "```",
    ...(examples.length === 0 ? [] : ["", `For example: ${examples.map((line) => `\`${line}\``).join(" · ")}`]),
    ...(also.length === 0 ? [] : ["", `Also: ${also.join(", ")}`]),
  ].join("\n");
}

function overview(commands: readonly Command[]): string {
  const groups = commandGroups.flatMap((group) => {
    const members = commands.filter((command) => (command.group ?? "app") === group);
    if (members.length === 0) return [];
    return [`| **${group}** | |`, ...members.map(row)];
  });
  return [
    "Type a message and press Enter. While an answer is written you can go on typing: it is sent next.",
    "",
    "| command | what it does |",
    "| --- | --- |",
    ...groups,
    "",
    "`/help COMMAND` shows how one is used, `/help WORDS` searches; Tab completes.",
    "",
    ...KEYS,
  ].join("\n");
}

function row({ name, summary }: Command): string {
  return `| \`/${name}\` | ${cell(summary)} |`;
}
