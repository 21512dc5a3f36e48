// `banyan daemon …`: the server in the background.
import { type Command, Option } from "commander";
import { examples, optionsOf, withCommonOptions } from "../command-line.js";

export function withDaemonCommands(banyan: Command): void {
  const daemon = banyan
    .command("daemon")
    .description("be an MCP server over HTTP in the background, started again whenever it ends")
    .addHelpText("after", examples("banyan daemon start", "banyan daemon status --json"));
  const run = () => import("../daemon.js");
  withCommonOptions(daemon.command("start"))
    .description("start it with the settings of this folder; returns once it is ready")
    .addHelpText(
      "after",
      examples("banyan daemon start", "BANYAN_SERVER__PORT=3701 banyan daemon start --home ~/other"),
    )
    .action(async (_: unknown, command: Command) => (await run()).startDaemon(optionsOf(command)));
  withCommonOptions(daemon.command("stop"))
    .description("stop it in order: what is being answered has server.drain to be")
    .addHelpText("after", examples("banyan daemon stop"))
    .action(async (_: unknown, command: Command) => (await run()).stopDaemon(optionsOf(command)));
  withCommonOptions(daemon.command("restart"))
    .description("stop it, if it runs, and start it with the settings of this folder")
    .addHelpText("after", examples("banyan daemon restart"))
    .action(async (_: unknown, command: Command) => (await run()).restartDaemon(optionsOf(command)));
  withCommonOptions(daemon.command("status"))
    .description("say whether it runs and how it is; exit code 4 where it does not")
    .addHelpText("after", examples("banyan daemon status", "banyan daemon status --json"))
    .action(async (_: unknown, command: Command) => (await run()).daemonStatus(optionsOf(command)));
  withCommonOptions(daemon.command("install"))
    .description("have the system run it, with the settings of this folder: systemd, launchd or the task scheduler")
    .option("--print", "show what would be written and change nothing")
    .addOption(
      new Option("--platform <system>", "with --print: that of another system").choices(["linux", "macos", "windows"]),
    )
    .option("--remove", "take it out again")
    .addHelpText(
      "after",
      examples("banyan daemon install --print", "banyan daemon install", "banyan daemon install --remove"),
    )
    .action(async (_: unknown, command: Command) =>
      (await import("../daemon-install.js")).installDaemon(optionsOf(command)),
    );
}
