// `banyan tools …`: every tool of every server, and those of the user's own.
import type { Command } from "commander";
import { examples, optionsOf, parseLimit, withCommonOptions } from "../command-line.js";

export function withToolCommands(banyan: Command, version: string): void {
  const tools = banyan
    .command("tools")
    .description("show, find and run the tools of the servers, and make your own")
    .addHelpText("after", examples("banyan tools search file", "banyan tools call host.calculate 'expression=6*7'"));
  const run = () => import("../tools.js");
  withCommonOptions(tools.command("list"))
    .description("print every tool")
    .addHelpText("after", examples("banyan tools list", "banyan tools list --json"))
    .action(async (_: unknown, command: Command) => (await run()).listTools(optionsOf(command), version));
  withCommonOptions(tools.command("show"))
    .description("print what a tool does, takes and says of itself, and what has changed of it")
    .argument("<name>", "server.tool")
    .option("--accept", "take a tool that has changed for what it is now; what was allowed for it by name holds again")
    .addHelpText("after", examples("banyan tools show host.calculate", "banyan tools show files.read_file --accept"))
    .action(async (name: string, _: unknown, command: Command) =>
      (await run()).showTool(name, optionsOf(command), version),
    );
  withCommonOptions(tools.command("search"))
    .description("print the tools that fit these words, the likeliest first")
    .argument("<words...>", "what is to be done")
    .addHelpText("after", examples("banyan tools search read a file"))
    .action(async (words: string[], _: unknown, command: Command) =>
      (await run()).searchTools(words, optionsOf(command), version),
    );
  withCommonOptions(tools.command("call"))
    .description("run a tool; Ctrl-C cancels it, progress is on stderr")
    .argument("<name>", "server.tool")
    .argument("[arguments...]", "a JSON object, or key=value pairs, or - for JSON on stdin")
    .addHelpText(
      "after",
      examples(
        'banyan tools call host.calculate \'{"expression": "6*7"}\'',
        "banyan tools call host.calculate expression=6*7",
        'echo \'{"path": "."}\' | banyan tools call host.list_directory -',
      ),
    )
    .action(async (name: string, words: string[], _: unknown, command: Command) =>
      (await run()).callTool(name, words, optionsOf(command), version),
    );
  const change = () => import("../tools-change.js");
  withCommonOptions(tools.command("create"))
    .description("make a tool of a file with its code; it is scanned and tried first")
    .argument("<file>", "NAME.js, .mjs or .ts, or - for JavaScript from stdin")
    .option("--name <name>", "its name (default: the file's)")
    .option("--replace", "in the place of the tool of this name, if there is one")
    .option("--accept <rule...>", "take it in spite of what the scan found by these rules")
    .addHelpText(
      "after",
      examples(
        "banyan tools create roll_dice.ts",
        "banyan tools create roll_dice.ts --replace",
        "cat dice.js | banyan tools create - --name roll_dice",
      ),
    )
    .action(async (file: string, _: unknown, command: Command) =>
      (await change()).createTool(file, optionsOf(command), version),
    );
  withCommonOptions(tools.command("delete"))
    .description("delete a tool that was made here; a rollback brings it back")
    .argument("<name>", "the tool")
    .addHelpText("after", examples("banyan tools delete roll_dice"))
    .action(async (name: string, _: unknown, command: Command) =>
      (await change()).deleteTool(name, optionsOf(command), version),
    );
  withCommonOptions(tools.command("history"))
    .description("print what happened to the tools that were made here, the newest first")
    .argument("[name]", "one tool's, with its last change line by line")
    .option("--limit <n>", "how many, 1 to 100000", parseLimit, 20)
    .addHelpText("after", examples("banyan tools history", "banyan tools history roll_dice"))
    .action(async (name: string | undefined, _: unknown, command: Command) =>
      (await change()).toolHistory(name, optionsOf(command), version),
    );
  withCommonOptions(tools.command("rollback"))
    .description("make all tools that were made here what they were at a snapshot")
    .argument("[snapshot]", "its number (default: the last that ran well and is not what they are now)")
    .option("--list", "print the snapshots and change nothing")
    .option("--diff", "print what would change and change nothing")
    .addHelpText(
      "after",
      examples("banyan tools rollback --list", "banyan tools rollback 7 --diff", "banyan tools rollback 7"),
    )
    .action(async (id: string | undefined, _: unknown, command: Command) =>
      (await change()).rollBackTools(id, optionsOf(command), version),
    );
}
