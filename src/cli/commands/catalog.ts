// `banyan catalog …`: what the index knows.
import type { Command } from "commander";
import { examples, optionsOf, withCommonOptions } from "../command-line.js";

export function withCatalogCommands(banyan: Command, version: string): void {
  const catalog = banyan
    .command("catalog")
    .description("find agents, skills, workflows, tools and patterns by what is to be done")
    .addHelpText(
      "after",
      examples("banyan catalog agents rest api with login", "banyan catalog workflows --full code review"),
    );
  const run = () => import("../catalog.js");
  const kinds = {
    agents: ["agents security review", "agents --role backend_developer", "agents --capability react --model opus"],
    skills: ["skills kubernetes manifests"],
    workflows: ["workflows build a feature", "workflows --full code review"],
    tools: ["tools read a file"],
  } as const;
  for (const kind of ["agents", "skills", "workflows", "tools"] as const) {
    const find = withCommonOptions(catalog.command(kind))
      .description(`print the ${kind} that fit, the best first`)
      .argument("[words...]", "what is to be done")
      .option("--plugin <name>", "of this plugin alone")
      .option("--limit <n>", "how many at most, 20 and no more (default: 5)")
      .option("--full", "with the whole text of each")
      .addHelpText("after", examples(...kinds[kind].map((words) => `banyan catalog ${words}`)))
      .action(async (words: string[], _: unknown, command: Command) =>
        (await run()).findEntries(kind, words, optionsOf(command), version),
      );
    if (kind === "agents" || kind === "skills") find.option("--capability <tag>", "with this tag, or one like it");
    if (kind === "agents") {
      find.option("--role <name>", "who takes this role, as agent-registry.yml has it");
      find.option("--model <name>", "of this model alone");
    }
  }
  const pattern = catalog
    .command("pattern")
    .description("find and store sequences of agents that went well")
    .addHelpText(
      "after",
      examples(
        "banyan catalog pattern find add a login to an api",
        'banyan catalog pattern add "add a login" security-auditor backend,frontend test',
      ),
    );
  withCommonOptions(pattern.command("find"))
    .description("print the sequences that served goals like this")
    .argument("<goal...>", "what is to be reached")
    .option("--min-similarity <n>", "from 0 to 1 (default: 0.7)")
    .option("--limit <n>", "how many at most, 20 and no more (default: 5)")
    .addHelpText("after", examples("banyan catalog pattern find add a login to an api"))
    .action(async (goal: string[], _: unknown, command: Command) =>
      (await run()).findPatterns(goal.join(" "), optionsOf(command), version),
    );
  withCommonOptions(pattern.command("add"))
    .description("store a sequence; agents joined by a comma work side by side")
    .argument("<goal>", "what was reached")
    .argument("<agents...>", "in the order they worked in")
    .addHelpText("after", examples('banyan catalog pattern add "add a login" security-auditor backend,frontend test'))
    .action(async (goal: string, agents: string[], _: unknown, command: Command) =>
      (await run()).addPattern(goal, agents, optionsOf(command), version),
    );
  withCommonOptions(catalog.command("reindex"))
    .description("read all files again, and print what is wrong with them")
    .addHelpText("after", examples("banyan catalog reindex"))
    .action(async (_: unknown, command: Command) => (await run()).reindex(optionsOf(command), version));
  withCommonOptions(catalog.command("status"))
    .description("print how much the catalog holds and how it answers")
    .addHelpText("after", examples("banyan catalog status", "banyan catalog status --json"))
    .action(async (_: unknown, command: Command) => (await run()).showStatus(optionsOf(command), version));
}
