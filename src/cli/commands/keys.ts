// `banyan keys …`: who may use the server.
import type { Command } from "commander";
import { examples, optionsOf, withCommonOptions } from "../command-line.js";

export function withKeyCommands(banyan: Command): void {
  const keys = banyan
    .command("keys")
    .description("make, show and revoke the keys of clients that come over HTTP")
    .addHelpText("after", examples("banyan keys create laptop", "banyan keys list", "banyan keys revoke laptop"));
  const run = () => import("../keys.js");
  withCommonOptions(keys.command("create"))
    .description("make a key and print it, this once; what is kept cannot be turned into it again")
    .argument("<name>", "what you call it")
    .option(
      "--scope <scope...>",
      "what it opens: *, tools, tools:PATTERN, resources, prompts, catalog, manage, metrics",
    )
    .option("--expires <time>", "for how long, such as 30d (default: until it is revoked)")
    .addHelpText(
      "after",
      examples(
        "banyan keys create laptop                                  every tool, resource, prompt and the catalog",
        "banyan keys create ci --scope 'tools:git.*' --expires 30d  the tools of one server, for a month",
        "banyan keys create prometheus --scope metrics              health and figures alone",
      ),
    )
    .action(async (name: string, _: unknown, command: Command) => (await run()).createOne(name, optionsOf(command)));
  withCommonOptions(keys.command("list"))
    .description("print the keys, what they open and when they were used")
    .addHelpText("after", examples("banyan keys list", "banyan keys list --json"))
    .action(async (_: unknown, command: Command) => (await run()).listAll(optionsOf(command)));
  withCommonOptions(keys.command("revoke"))
    .description("let a key open nothing any more; sessions begun with it end within seconds")
    .argument("<name>", "the key's name or id")
    .addHelpText("after", examples("banyan keys revoke laptop"))
    .action(async (name: string, _: unknown, command: Command) => (await run()).revokeOne(name, optionsOf(command)));
}
