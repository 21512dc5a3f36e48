// `banyan config …`: settings, and whence they are.
import type { Command } from "commander";
import { examples, optionsOf, withCommonOptions } from "../command-line.js";

export function withConfigCommands(banyan: Command): void {
  const config = banyan
    .command("config")
    .description("show, check and change the settings")
    .addHelpText("after", examples("banyan config show --origins", "banyan config set log.level debug"));
  withCommonOptions(config.command("show"))
    .description("print the settings in force: all, or one, or one table")
    .addHelpText("after", examples("banyan config show --origins", "banyan config show chat.max_steps --json"))
    .argument("[key]", "such as chat.max_steps, log or servers.files")
    .option("--origins", "say where each came from")
    .action(async (key: string | undefined, _: unknown, command: Command) =>
      (await import("../config-show.js")).showConfig(key, optionsOf(command)),
    );
  withCommonOptions(config.command("set"))
    .description("store a setting over all others; running apps apply it at once")
    .addHelpText("after", examples("banyan config set log.level debug", "banyan config set log.level --unset"))
    .argument("<key>", "such as chat.max_steps or servers.files.enabled")
    .argument("[value]", "as in a settings file; quotes around a text may be left out")
    .option("--unset", "take it out again")
    .action(async (key: string, value: string | undefined, _: unknown, command: Command) =>
      (await import("../config-set.js")).setConfig(key, value, command),
    );
  config
    .command("schema")
    .description("print the JSON Schema of the settings, for editors")
    .addHelpText("after", examples("banyan config schema > banyan.schema.json"))
    .action(async () => (await import("../config.js")).printSchema());
  withCommonOptions(config.command("check"))
    .description("check every settings file and say what is wrong")
    .addHelpText("after", examples("banyan config check", "banyan config check --config ./banyan.toml --json"))
    .action(async (_: unknown, command: Command) => (await import("../config.js")).checkConfig(optionsOf(command)));
  withCommonOptions(config.command("path"))
    .description("print where settings are looked for")
    .addHelpText("after", examples("banyan config path", "banyan config path --home ~/work/banyan"))
    .action(async (_: unknown, command: Command) => (await import("../config.js")).printPaths(optionsOf(command)));
  withCommonOptions(config.command("approve"))
    .description("let ./.banyan/config.toml, as it stands now, and the plugins of this folder start programs")
    .option("--yes", "without asking")
    .addHelpText("after", examples("banyan config approve", "banyan config approve --yes"))
    .action(async (_: unknown, command: Command) => (await import("../config.js")).approve(optionsOf(command)));
}
