// `banyan plugins …`: programs of a project that are servers.
import type { Command } from "commander";
import { examples, optionsOf, withCommonOptions } from "../command-line.js";

export function withPluginCommands(banyan: Command, version: string): void {
  const plugins = banyan
    .command("plugins")
    .description("show the plugins of this folder, watch and restart them")
    .addHelpText("after", examples("banyan plugins list", "banyan plugins monitor"));
  const run = () => import("../plugins.js");
  withCommonOptions(plugins.command("new"))
    .description("write a new plugin that works, with its test, and install the packages it needs")
    .argument("<name>", "the first part of the names of its tools")
    .argument("[packages...]", "packages it needs, such as undici or undici@^7")
    .option("--ts", "in TypeScript, which needs no build step either")
    .option("--no-install", "leave npm install to you")
    .addHelpText("after", examples("banyan plugins new notes", "banyan plugins new weather-api undici --ts"))
    .action(async (name: string, packages: string[], _: unknown, command: Command) =>
      (await import("../plugins-new.js")).newPlugin(name, packages, optionsOf(command)),
    );
  withCommonOptions(plugins.command("test"))
    .description("start the plugins, or one, as the app would, look at what they offer, and run their tests")
    .argument("[name]", "the plugin")
    .option("--inspect", "start it under a debugger instead, without the sandbox, until Ctrl-C")
    .addHelpText("after", examples("banyan plugins test", "banyan plugins test weather-api --inspect"))
    .action(async (name: string | undefined, _: unknown, command: Command) =>
      (await import("../plugins-test.js")).testPlugins(name, optionsOf(command), version),
    );
  withCommonOptions(plugins.command("list"))
    .description("print the plugins of this folder, and how they stand in the running app")
    .addHelpText("after", examples("banyan plugins list", "banyan plugins list --json"))
    .action(async (_: unknown, command: Command) => (await run()).listPlugins(optionsOf(command)));
  withCommonOptions(plugins.command("status"))
    .description("say of each plugin of the running app, or of one, how it stands and why")
    .argument("[name]", "the plugin")
    .addHelpText("after", examples("banyan plugins status", "banyan plugins status weather --json"))
    .action(async (name: string | undefined, _: unknown, command: Command) =>
      (await run()).pluginStatus(name, optionsOf(command)),
    );
  withCommonOptions(plugins.command("monitor"))
    .description("watch what the plugins take and do, until Ctrl-C")
    .addHelpText(
      "after",
      examples("banyan plugins monitor          a table", "banyan plugins monitor --json   a line a second"),
    )
    .action(async (_: unknown, command: Command) =>
      (await import("../plugins-monitor.js")).monitorPlugins(optionsOf(command)),
    );
  withCommonOptions(plugins.command("restart"))
    .description("start a plugin of the running app anew, once its calls are over")
    .argument("<name>", "the plugin")
    .option("--inspect", "with a debugger, and without the sandbox, until the next restart")
    .addHelpText("after", examples("banyan plugins restart weather", "banyan plugins restart weather --inspect"))
    .action(async (name: string, _: unknown, command: Command) =>
      (await run()).restartPlugin(name, optionsOf(command)),
    );
  withCommonOptions(plugins.command("inspect"))
    .description("print the command that opens a plugin in the official MCP inspector")
    .argument("<name>", "the plugin")
    .option("--open", "run it, through npx")
    .addHelpText("after", examples("banyan plugins inspect weather", "banyan plugins inspect weather --open"))
    .action(async (name: string, _: unknown, command: Command) =>
      (await run()).inspectPlugin(name, optionsOf(command)),
    );
}
