#!/usr/bin/env node
// The command line. What a command needs is imported when it runs, so that `--version` loads nothing and print mode no screen.
import { readFileSync } from "node:fs";
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { Shell } from "./cli/completion.js";
import { type ChatCommandOptions, type CommonOptions, exitCodes } from "./cli/options.js";
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
  withDaemonCommands(
    banyan
      .command("daemon")
      .description("be an MCP server over HTTP in the background, started again whenever it ends")
      .addHelpText("after", examples("banyan daemon start", "banyan daemon status --json")),
  );
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
  withServerCommands(
    banyan
      .command("servers")
      .description("show, add and change the MCP servers")
      .addHelpText(
        "after",
        examples("banyan servers list", "banyan servers add files -- npx -y @modelcontextprotocol/server-filesystem ."),
      ),
  );
  withToolCommands(
    banyan
      .command("tools")
      .description("show, find and run the tools of the servers, and make your own")
      .addHelpText("after", examples("banyan tools search file", "banyan tools call host.calculate 'expression=6*7'")),
  );
  withCatalogCommands(
    banyan
      .command("catalog")
      .description("find agents, skills, workflows, tools and patterns by what is to be done")
      .addHelpText(
        "after",
        examples("banyan catalog agents rest api with login", "banyan catalog workflows --full code review"),
      ),
  );
  withPluginCommands(
    banyan
      .command("plugins")
      .description("show the plugins of this folder, watch and restart them")
      .addHelpText("after", examples("banyan plugins list", "banyan plugins monitor")),
  );
  withSessionCommands(
    banyan
      .command("sessions")
      .description("show, search, fork and remove the stored conversations")
      .addHelpText("after", examples("banyan sessions list", "banyan sessions search disk full")),
  );
  withKeyCommands(
    banyan
      .command("keys")
      .description("make, show and revoke the keys of clients that come over HTTP")
      .addHelpText("after", examples("banyan keys create laptop", "banyan keys list", "banyan keys revoke laptop")),
  );
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
      (await import("./cli/config-show.js")).showConfig(key, optionsOf(command)),
    );
  withCommonOptions(config.command("set"))
    .description("store a setting over all others; running apps apply it at once")
    .addHelpText("after", examples("banyan config set log.level debug", "banyan config set log.level --unset"))
    .argument("<key>", "such as chat.max_steps or servers.files.enabled")
    .argument("[value]", "as in a settings file; quotes around a text may be left out")
    .option("--unset", "take it out again")
    .action(async (key: string, value: string | undefined, _: unknown, command: Command) =>
      (await import("./cli/config-set.js")).setConfig(key, value, command),
    );
  config
    .command("schema")
    .description("print the JSON Schema of the settings, for editors")
    .addHelpText("after", examples("banyan config schema > banyan.schema.json"))
    .action(async () => (await import("./cli/config.js")).printSchema());
  withCommonOptions(config.command("check"))
    .description("check every settings file and say what is wrong")
    .addHelpText("after", examples("banyan config check", "banyan config check --config ./banyan.toml --json"))
    .action(async (_: unknown, command: Command) => (await import("./cli/config.js")).checkConfig(optionsOf(command)));
  withCommonOptions(config.command("path"))
    .description("print where settings are looked for")
    .addHelpText("after", examples("banyan config path", "banyan config path --home ~/work/banyan"))
    .action(async (_: unknown, command: Command) => (await import("./cli/config.js")).printPaths(optionsOf(command)));
  withCommonOptions(config.command("approve"))
    .description("let ./.banyan/config.toml, as it stands now, and the plugins of this folder start programs")
    .option("--yes", "without asking")
    .addHelpText("after", examples("banyan config approve", "banyan config approve --yes"))
    .action(async (_: unknown, command: Command) => (await import("./cli/config.js")).approve(optionsOf(command)));
  const audit = banyan
    .command("audit")
    .description("show the privileged actions that were recorded, or prove the record")
    .addHelpText("after", examples("banyan audit list", "banyan audit verify"));
  withCommonOptions(audit.command("list"))
    .description("print the newest, oldest first")
    .addHelpText("after", examples("banyan audit list --limit 200", "banyan audit list --json"))
    .option("--limit <n>", "how many, 1 to 100000", parseLimit, 50)
    .action(async (_: unknown, command: Command) => (await import("./cli/audit.js")).listAudit(optionsOf(command)));
  withCommonOptions(audit.command("verify"))
    .description("check that no row was changed or taken out; names the first that does not fit")
    .addHelpText("after", examples("banyan audit verify"))
    .action(async (_: unknown, command: Command) => (await import("./cli/audit.js")).verifyAudit(optionsOf(command)));
  return banyan.allowExcessArguments(); // last, for commands inherit it; what has no place is told by the action
}

const collected = (value: string, before: readonly string[]): string[] => [...before, value];

function withServerCommands(servers: Command): void {
  const edit = () => import("./cli/servers-edit.js");
  const live = () => import("./cli/servers.js");
  const scoped = (command: Command) =>
    withCommonOptions(command).addOption(
      new Option("--scope <scope>", "whose settings file").choices(["user", "project"]),
    );
  withCommonOptions(servers.command("list"))
    .description("print the configured servers, and how they stand in the running app")
    .addHelpText("after", examples("banyan servers list", "banyan servers list --json"))
    .action(async (_: unknown, command: Command) => (await live()).listServers(optionsOf(command)));
  withCommonOptions(servers.command("status"))
    .description("say of each server, or of one, how it stands and why")
    .argument("[name]", "the server")
    .addHelpText("after", examples("banyan servers status", "banyan servers status files --json"))
    .action(async (name: string | undefined, _: unknown, command: Command) =>
      (await live()).serverStatus(name, optionsOf(command)),
    );
  scoped(servers.command("add"))
    .description("add a server to the settings; running apps start it at once")
    .argument("<name>", "the first part of the names of its tools")
    .argument("[command...]", "after --, the program and its arguments; or the address of a server elsewhere")
    .option("--env <NAME=REF>", "a variable it is given, such as 'TOKEN=${env:TOKEN}'; again for each", collected, [])
    .option(
      "--header <NAME=REF>",
      "a header sent to its address, such as 'Authorization=Bearer ${env:TOKEN}'; again for each",
      collected,
      [],
    )
    .addOption(new Option("--transport <transport>", "how its address is spoken to").choices(["http", "sse"]))
    .addHelpText(
      "after",
      examples(
        "banyan servers add files -- npx -y @modelcontextprotocol/server-filesystem .",
        "banyan servers add github --env 'GITHUB_TOKEN=${env:GITHUB_TOKEN}' -- npx -y @modelcontextprotocol/server-github",
        "banyan servers add notes --scope project -- node notes.js",
        "banyan servers add search https://mcp.example.com/mcp --header 'Authorization=Bearer ${env:SEARCH_TOKEN}'",
      ),
    )
    .action(async (name: string, words: string[], _: unknown, command: Command) =>
      (await edit()).addServer(name, words, optionsOf(command)),
    );
  scoped(servers.command("remove"))
    .description("take a server out of the settings; nothing else in the file changes")
    .argument("<name>", "the server")
    .addHelpText("after", examples("banyan servers remove files"))
    .action(async (name: string, _: unknown, command: Command) =>
      (await edit()).removeServer(name, optionsOf(command)),
    );
  scoped(servers.command("import"))
    .description("add the servers of another host's settings file (its mcpServers)")
    .argument("<file>", "JSON with mcpServers")
    .addHelpText("after", examples("banyan servers import ~/other-host/config.json"))
    .action(async (file: string, _: unknown, command: Command) =>
      (await edit()).importServers(file, optionsOf(command)),
    );
  for (const [word, enabled] of [
    ["enable", true],
    ["disable", false],
  ] as const) {
    scoped(servers.command(word))
      .description(`switch a server ${enabled ? "on" : "off"} in the settings`)
      .argument("<name>", "the server")
      .addHelpText("after", examples(`banyan servers ${word} files`))
      .action(async (name: string, _: unknown, command: Command) =>
        (await edit()).switchServer(name, enabled, optionsOf(command)),
      );
  }
  withCommonOptions(servers.command("login"))
    .description("sign in to a server at an address, in the browser")
    .argument("<name>", "the server")
    .addHelpText("after", examples("banyan servers login notes"))
    .action(async (name: string, _: unknown, command: Command) =>
      (await import("./cli/servers-login.js")).logIn(name, optionsOf(command)),
    );
  withCommonOptions(servers.command("logout"))
    .description("forget the sign-in to a server, and its tokens")
    .argument("<name>", "the server")
    .addHelpText("after", examples("banyan servers logout notes"))
    .action(async (name: string, _: unknown, command: Command) =>
      (await import("./cli/servers-login.js")).logOut(name, optionsOf(command)),
    );
  for (const action of ["connect", "disconnect", "restart"] as const) {
    withCommonOptions(servers.command(action))
      .description(`${action} a server of the running app`)
      .argument("<name>", "the server")
      .addHelpText("after", examples(`banyan servers ${action} files`))
      .action(async (name: string, _: unknown, command: Command) =>
        (await live()).actOnServer(action, name, optionsOf(command)),
      );
  }
}

function withPluginCommands(plugins: Command): void {
  const run = () => import("./cli/plugins.js");
  withCommonOptions(plugins.command("new"))
    .description("write a new plugin that works, with its test, and install the packages it needs")
    .argument("<name>", "the first part of the names of its tools")
    .argument("[packages...]", "packages it needs, such as undici or undici@^7")
    .option("--ts", "in TypeScript, which needs no build step either")
    .option("--no-install", "leave npm install to you")
    .addHelpText("after", examples("banyan plugins new notes", "banyan plugins new weather-api undici --ts"))
    .action(async (name: string, packages: string[], _: unknown, command: Command) =>
      (await import("./cli/plugins-new.js")).newPlugin(name, packages, optionsOf(command)),
    );
  withCommonOptions(plugins.command("test"))
    .description("start the plugins, or one, as the app would, look at what they offer, and run their tests")
    .argument("[name]", "the plugin")
    .option("--inspect", "start it under a debugger instead, without the sandbox, until Ctrl-C")
    .addHelpText("after", examples("banyan plugins test", "banyan plugins test weather-api --inspect"))
    .action(async (name: string | undefined, _: unknown, command: Command) =>
      (await import("./cli/plugins-test.js")).testPlugins(name, optionsOf(command), version),
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
      (await import("./cli/plugins-monitor.js")).monitorPlugins(optionsOf(command)),
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

function withCatalogCommands(catalog: Command): void {
  const run = () => import("./cli/catalog.js");
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

function withDaemonCommands(daemon: Command): void {
  const run = () => import("./cli/daemon.js");
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
      (await import("./cli/daemon-install.js")).installDaemon(optionsOf(command)),
    );
}

function withKeyCommands(keys: Command): void {
  const run = () => import("./cli/keys.js");
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

function withToolCommands(tools: Command): void {
  const run = () => import("./cli/tools.js");
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
  const change = () => import("./cli/tools-change.js");
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

function withSessionCommands(sessions: Command): void {
  const run = () => import("./cli/sessions.js");
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

const SESSION = "its id, the beginning of its id, or its name";

function examples(...lines: string[]): string {
  return ["", "Examples:", ...lines.map((line) => `  ${line}`)].join("\n");
}

function withCommonOptions(command: Command): Command {
  return command
    .option("--config <file>", "read this settings file instead of the usual ones")
    .option("--home <dir>", "keep everything under one folder")
    .addOption(
      new Option("--log-level <level>", "least serious entries of the log").choices(["debug", "info", "warn", "error"]),
    )
    .option("--json", "answer in JSON")
    .option("--debug", "show stack traces of errors");
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

function parseLimit(value: string): number {
  const limit = /^\d{1,6}$/.test(value) ? Number(value) : 0;
  if (limit < 1 || limit > 100_000) throw new InvalidArgumentError("Give a whole number from 1 to 100000.");
  return limit;
}

function parseNumber(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError("Give the number of a message.");
  return Number(value);
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

/** A command's own options over those of the program, so that they may stand on either side of its name. */
function optionsOf<T extends CommonOptions>(command: Command): T {
  return command.optsWithGlobals<T>();
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
