// docs/commands.md is written from the registry: `npx vitest run test/docs/commands.test.ts -u` writes it anew.
import { expect, it } from "vitest";
import { type Command, commandGroups, namesOf } from "../../src/chat/command.js";
import { commands, parseCommand } from "../../src/chat/commands.js";

const HEAD = `# Commands

A line that begins with a slash is a command; anything else is a message. They are typed in the chat, on any terminal, and work for one line
alone too:

\`\`\`
$ banyan -p "/call host.calculate expression=6*7"
42
\`\`\`

\`/help\` shows all of them, \`/help COMMAND\` how one is used, \`/help WORDS\` those that have to do with some words; a name that is mistyped is
guessed. Tab completes names, servers, tools and their arguments, resources, prompts, models, conversations, and settings with their values.

\`/call\` runs a tool as the model would: under the same approvals, with progress, kept in the conversation, so that the model knows of it.
Several calls run at once, each after \`;;\`. What the tool needs and is not given is asked for in a form.

\`/connect NAME -- COMMAND\` starts a program, so it asks first; the server is there until Banyan ends, and \`/servers save NAME\` keeps it.
Commands about servers and settings work while an answer is being written.

\`/config KEY VALUE\` stores a setting as \`banyan config set\` does: checked whole first, in force at once where it can be, over all files.

Commands of your own: [aliases-and-history.md](aliases-and-history.md).
`;

/** What users of other chats type, and what it is here. */
const KNOWN: readonly (readonly [string, string])[] = [
  ["/new, /clear", "/clear"],
  ["/save", "/save"],
  ["/load, /resume", "/resume"],
  ["/sessions, /recovery", "/sessions"],
  ["/history", "/history"],
  ["/config", "/config"],
  ["/cost", "/cost"],
  ["/stats", "/stats"],
  ["/export", "/export"],
  ["/backend, /model, /model switch", "/model"],
  ["/models, /model list", "/models"],
  ["/model info, /model capabilities, /model compare", "/models info A B …"],
  ["/servers", "/servers"],
  ["/saved", "/servers saved"],
  ["/discover", "/servers discover"],
  ["/connect", "/connect"],
  ["/disconnect", "/disconnect"],
  ["/tools", "/tools"],
  ["/tool", "/tool to look, /call to run"],
  ["/concurrent", "/call A … ;; B …"],
  ["/resources, /resource", "/resources, /resource"],
  ["/prompts, /prompt", "/prompts, /prompt"],
  ["/sample", "/samplings"],
  ["/progress", "/progress"],
  ["/notify, /notification", "/notifications"],
  ["/capabilities", "/capabilities"],
  ["/context", "/context"],
  ["/system", "/system"],
  ["/tokens", "/tokens"],
  ["/alias", "/alias"],
  ["/cache", "/cache"],
  ["/status", "/health"],
  ["/exit, /quit", "/quit"],
];

it("docs/commands.md tells of every command, and of every name one may know", async () => {
  for (const [, here] of KNOWN) {
    for (const [name] of here.matchAll(/\/\w+/g)) expect(parseCommand(name), name).toBeDefined();
  }
  await expect(page()).toMatchFileSnapshot("../../docs/commands.md");
});

function page(): string {
  const groups = commandGroups.flatMap((group) => {
    const members = commands.filter((command) => (command.group ?? "app") === group);
    return [
      `\n## ${group[0]?.toUpperCase()}${group.slice(1)}\n`,
      "| command | what it does |",
      "| --- | --- |",
      ...members.map(row),
    ];
  });
  const known = KNOWN.map(([there, here]) => `| ${code(there)} | ${code(here)} |`);
  return [
    HEAD,
    ...groups.join("\n").trimStart().split("\n"),
    "",
    "## Names you may know",
    "",
    "| elsewhere | here |",
    "| --- | --- |",
    ...known,
    "",
  ].join("\n");
}

function row(command: Command): string {
  const { name, usage = [""], summary, examples = [] } = command;
  const forms = usage.map((form) => `\`/${name}${form === "" ? "" : ` ${escaped(form)}`}\``);
  const also = namesOf(command).map((other) => `\`/${other}\``);
  const said = [
    `${escaped(summary)}.`,
    ...(also.length === 0 ? [] : [`Also ${also.join(", ")}.`]),
    ...(examples.length === 0 ? [] : [`For example ${examples.map((line) => `\`${escaped(line)}\``).join(", ")}.`]),
  ];
  return `| ${forms.join("<br>")} | ${said.join(" ")} |`;
}

function code(text: string): string {
  return text.replace(/\/\w[^,]*?(?=, | to |$)/g, (command) => `\`${command}\``);
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|");
}
