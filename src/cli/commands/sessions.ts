// `banyan sessions …`: stored conversations.
import { type Command, InvalidArgumentError, Option } from "commander";
import { examples, optionsOf, parseLimit, withCommonOptions } from "../command-line.js";

const SESSION = "its id, the beginning of its id, or its name";

function parseNumber(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError("Give the number of a message.");
  return Number(value);
}

export function withSessionCommands(banyan: Command): void {
  const sessions = banyan
    .command("sessions")
    .description("show, search, fork and remove the stored conversations")
    .addHelpText("after", examples("banyan sessions list", "banyan sessions search disk full"));
  const run = () => import("../sessions.js");
  const ofAll = (command: Command) => command.option("--all", "of all folders, not of this one alone");
  const limited = (command: Command, standard: number) =>
    command.option("--limit <n>", "how many, 1 to 100000", parseLimit, standard);
  limited(ofAll(withCommonOptions(sessions.command("list"))), 20)
    .description("print the conversations of this folder, the last used first")
    .addHelpText("after", examples("banyan sessions list", "banyan sessions list --all --limit 100 --json"))
    .action(async (_: unknown, command: Command) => (await run()).listStored(optionsOf(command)));
  limited(withCommonOptions(sessions.command("show")), 50)
    .description("print the last messages of a conversation, or those before one of them")
    .argument("<session>", SESSION)
    .option("--before <n>", "those before the message with this number", parseNumber)
    .addHelpText(
      "after",
      examples("banyan sessions show 3f2a91c4", "banyan sessions show release --before 120 --limit 20"),
    )
    .action(async (session: string, _: unknown, command: Command) =>
      (await run()).showStored(session, optionsOf(command)),
    );
  limited(ofAll(withCommonOptions(sessions.command("search"))), 20)
    .description("print the messages in which all these words are, the newest first")
    .argument("<words...>", "beginnings of words, or a phrase in double quotes")
    .addHelpText(
      "after",
      examples("banyan sessions search disk full", "banyan sessions search '\"no space left\"' --all"),
    )
    .action(async (words: string[], _: unknown, command: Command) =>
      (await run()).searchStored(words, optionsOf(command)),
    );
  withCommonOptions(sessions.command("rename"))
    .description("give a conversation a name, by which it can be resumed")
    .argument("<session>", SESSION)
    .argument("<name...>", "the name")
    .addHelpText("after", examples("banyan sessions rename 3f2a91c4 release"))
    .action(async (session: string, name: string[], _: unknown, command: Command) =>
      (await run()).renameStored(session, name, optionsOf(command)),
    );
  withCommonOptions(sessions.command("export"))
    .description("print a conversation, or write it to a new file, without secrets")
    .argument("<session>", SESSION)
    .addOption(new Option("--format <format>", "markdown (the default) or json").choices(["markdown", "json"]))
    .option("--file <file>", "a file that is not there yet")
    .addHelpText(
      "after",
      examples(
        "banyan sessions export 3f2a91c4 > talk.md",
        "banyan sessions export release --format json --file talk.json",
      ),
    )
    .action(async (session: string, _: unknown, command: Command) =>
      (await run()).exportStored(session, optionsOf(command)),
    );
  withCommonOptions(sessions.command("fork"))
    .description("begin a new conversation with the messages of another, all or the first of them")
    .argument("<session>", SESSION)
    .option("--at <n>", "up to the message with this number", parseNumber)
    .option("--name <name>", "what the new one is called")
    .addHelpText(
      "after",
      examples("banyan sessions fork 3f2a91c4 --at 12", "banyan sessions fork release --name release-2"),
    )
    .action(async (session: string, _: unknown, command: Command) =>
      (await run()).forkStored(session, optionsOf(command)),
    );
  withCommonOptions(sessions.command("remove"))
    .description("remove conversations for ever")
    .argument("<sessions...>", SESSION)
    .option("--yes", "without asking")
    .addHelpText("after", examples("banyan sessions remove 3f2a91c4", "banyan sessions remove release release-2 --yes"))
    .action(async (references: string[], _: unknown, command: Command) =>
      (await run()).removeStored(references, optionsOf(command)),
    );
}
