#!/usr/bin/env node
// The command line; the larger families of commands stand in cli/commands. What a command needs is imported when it runs, so that
// `--version` loads nothing and print mode no screen.
import { readFileSync } from "node:fs";
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { examples, optionsOf, withCommonOptions } from "./cli/command-line.js";
import { withAuditCommands } from "./cli/commands/audit.js";
import { withCatalogCommands } from "./cli/commands/catalog.js";
import { withConfigCommands } from "./cli/commands/config.js";
import { withDaemonCommands } from "./cli/commands/daemon.js";
import { withKeyCommands } from "./cli/commands/keys.js";
import { withPluginCommands } from "./cli/commands/plugins.js";
import { withServerCommands } from "./cli/commands/servers.js";
import { withSessionCommands } from "./cli/commands/sessions.js";
import { withToolCommands } from "./cli/commands/tools.js";
import type { Shell } from "./cli/completion.js";
import { type ChatCommandOptions, exitCodes } from "./cli/options.js";
import type { ServeCommandOptions } from "./cli/serve.js";
import type { InstallOptions } from "./cli/serve-install.js";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

function program(): Command {
  const banyan = new Command("banyan")
    .description("A chat with a model and its tools that goes on whatever crashes.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .exitOverride()
    .helpCommand("help [command]", "show the help of a command")
    .configureOutput({ outputError: (text, write) => write(plainError(text)) });
  withCommonOptions(banyan);
  withChatOptions(banyan);
  banyan
    .action(chat)
    .addHelpText(
      "after",
      examples(
        "banyan                                    open the chat",
        "banyan --resume                           go on with the last chat of this folder",
        'banyan -p "what is 6*7"                   one answer, no screen',
        'echo "what is 6*7" | banyan               the same',
        'git diff | banyan -p "review this"        what is piped in goes with the message',
        'banyan -p "list the files here" --yes     let the tools run without asking',
        "banyan config set log.level debug         change a setting, also of an app that runs",
        "banyan tree --json                        the supervision tree of the running app",
        "banyan metrics                            its figures, as Prometheus reads them",
      ),
    );

  withChatOptions(withCommonOptions(banyan.command("chat")))
    .description("open the chat (the default)")
    .allowExcessArguments()
    .addHelpText("after", examples("banyan chat --resume", "banyan chat --model ollama:llama3.2"))
    .action(chat);
  withCommonOptions(banyan.command("serve"))
    .description("be an MCP server: every tool, resource and prompt of the servers, for other programs")
    .option("--stdio", "over stdin and stdout, for a program that starts this one")
    .option("--http [address]", "over HTTP, on this address of this machine (default: server.host and server.port)")
    .option("--sse", "over HTTP, answer clients of 2024 too, at /sse (default: server.sse)")
    .option("--no-auth", "let clients in without a key, also where other machines can reach it")
    .option("--toolhost", "with the tools of the tool host alone")
    .addOption(new Option("--daemon").hideHelp())
    .option("--install <host>", "print the entry by which another host starts this, or with --http finds it")
    .option("--write", "with --install: write it into the host's settings, of which the rest stays as it is")
    .addHelpText(
      "after",
      examples(
        "banyan serve --stdio                              for the settings of another MCP host",
        "banyan serve --http                               at http://127.0.0.1:3700/mcp",
        "banyan serve --toolhost --http 127.0.0.1:3001     the tool host alone",
        "banyan serve --install cursor --write             have Cursor start it; or claude, vscode, zed, codex, …",
      ),
    )
    .action(async (_: unknown, command: Command) => {
      const options = optionsOf<ServeCommandOptions & Partial<InstallOptions>>(command);
      const { install } = options;
      if (install !== undefined) await (await import("./cli/serve-install.js")).installAt({ ...options, install });
      else {
        (await import("./cli/heap.js")).keepHeapSmall(); // before what is imported has made it large
        await (await import("./cli/serve.js")).serve(options, version);
      }
    });
  withDaemonCommands(banyan);
  withCommonOptions(banyan.command("tree"))
    .description("show the supervision tree of the running app")
    .addHelpText("after", examples("banyan tree", "banyan tree --json"))
    .action(async (_: unknown, command: Command) => (await import("./cli/tree.js")).showTree(optionsOf(command)));
  withCommonOptions(banyan.command("observe"))
    .description("watch the supervision tree of the running app, inspect its processes and restart them")
    .option("--pid <pid>", "the app with this pid, where several run (default: the newest)", parsePid)
    .addHelpText(
      "after",
      examples(
        "banyan observe              on the terminal; ? there shows the keys",
        "banyan observe --json       a look at the tree each second and every report, one a line",
        "banyan observe --pid 4711   where several run",
      ),
    )
    .action(async (_: unknown, command: Command) => (await import("./cli/observe.js")).observe(optionsOf(command)));
  withCommonOptions(banyan.command("doctor"))
    .description("check the runtime, storage, settings, servers and models, and say how to mend each fault")
    .option("--online", "also ask the model's API whether it answers")
    .addHelpText("after", examples("banyan doctor", "banyan doctor --online --json"))
    .action(async (_: unknown, command: Command) =>
      (await import("./cli/doctor.js")).doctor(optionsOf(command), version),
    );
  withCommonOptions(banyan.command("completion"))
    .description("print the script that lets a shell complete banyan's commands and options")
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      examples(
        "source <(banyan completion bash)                                     in ~/.bashrc",
        "source <(banyan completion zsh)                                      in ~/.zshrc, after compinit",
        "banyan completion fish > ~/.config/fish/completions/banyan.fish      once",
      ),
    )
    .action(async (shell: Shell) => (await import("./cli/completion.js")).printCompletion(banyan, shell));
  withCommonOptions(banyan.command("metrics"))
    .description("print the figures of the running app, for Prometheus or as JSON")
    .addHelpText("after", examples("banyan metrics", "banyan metrics --json"))
    .action(async (_: unknown, command: Command) => (await import("./cli/metrics.js")).showMetrics(optionsOf(command)));
  withServerCommands(banyan);
  withToolCommands(banyan, version);
  withCatalogCommands(banyan, version);
  withPluginCommands(banyan, version);
  withSessionCommands(banyan);
  withKeyCommands(banyan);
  withConfigCommands(banyan);
  withAuditCommands(banyan);
  return banyan.allowExcessArguments(); // last, for commands inherit it; what has no place is told by the action
}

function withChatOptions(command: Command): Command {
  return command
    .option("-p, --print [text]", "answer one message without a screen")
    .addOption(
      new Option("--output <format>", "with --print: how the answer is printed (default: text)").choices([
        "text",
        "json",
        "stream-json",
      ]),
    )
    .option("--profile-startup", "print what each phase, part and server of the start took, at the end")
    .option("--allow <tool...>", "let these tools run without asking; * stands for any part of a name")
    .option("--yes", "let every tool run without asking")
    .option("--model <provider:model>", "the model to talk to", parseModel)
    .option("--screen-reader", "print everything line by line, in words, for a screen reader")
    .option("--resume [session]", "go on with a conversation: of this id or name, or the last of this folder");
}

function parseModel(value: string): string {
  if (value.trim() === "") throw new InvalidArgumentError("Name a model, such as openai:gpt-5 or offline.");
  return value;
}

function parsePid(value: string): number {
  if (!/^[1-9]\d{0,9}$/.test(value)) throw new InvalidArgumentError("Give the number of a process.");
  return Number(value);
}

/** An error of the command line on one line. */
function plainError(text: string): string {
  return text
    .replace(/^error: /, "banyan: ")
    .replace(/\n\(Did you mean (.*)\?\)/, "; did you mean $1?")
    .replace(/(unknown (?:command|option) '[^']*')\n/, "$1; see --help for what there is\n");
}

async function chat(_: unknown, command: Command): Promise<void> {
  const commands = (command.parent ?? command).commands.map((each) => each.name());
  const words = { operands: command.args, commands };
  await (await import("./cli/chat.js")).runChat(optionsOf<ChatCommandOptions>(command), words, version);
}

/** Whoever reads what is printed may have had enough (`| head`), which is no failure. What would go on for ever listens for it itself. */
function hadEnough(error: Error): void {
  if (!("code" in error && error.code === "EPIPE")) throw error;
}

async function main(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", hadEnough);
  try {
    await program().parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
      return;
    }
    const { reportFailure } = await import("./cli/failure.js");
    process.exitCode = reportFailure(error, process.argv.includes("--debug"));
  }
}

await main();
