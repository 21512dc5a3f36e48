// `banyan servers …`: the configured servers, and those that run.
import { type Command, Option } from "commander";
import { examples, optionsOf, withCommonOptions } from "../command-line.js";

const collected = (value: string, before: readonly string[]): string[] => [...before, value];

export function withServerCommands(banyan: Command): void {
  const servers = banyan
    .command("servers")
    .description("show, add and change the MCP servers")
    .addHelpText(
      "after",
      examples("banyan servers list", "banyan servers add files -- npx -y @modelcontextprotocol/server-filesystem ."),
    );
  const edit = () => import("../servers-edit.js");
  const live = () => import("../servers.js");
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
      (await import("../servers-login.js")).logIn(name, optionsOf(command)),
    );
  withCommonOptions(servers.command("logout"))
    .description("forget the sign-in to a server, and its tokens")
    .argument("<name>", "the server")
    .addHelpText("after", examples("banyan servers logout notes"))
    .action(async (name: string, _: unknown, command: Command) =>
      (await import("../servers-login.js")).logOut(name, optionsOf(command)),
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
