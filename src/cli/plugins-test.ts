// `banyan plugins test [NAME]`: starts each plugin as the app would, looks at what it offers, and runs the tests it brings along.
// Exit code 1 if one is not as it should be. With --inspect it is started under a debugger instead, until Ctrl-C.
import { once } from "node:events";
import { platform } from "../actors/platform/index.js";
import type { ListedTool } from "../mcp/client/manual-calls.js";
import type { ServerStatus } from "../mcp/client/server-status.js";
import { isUp } from "../mcp/client/server-status.js";
import { ownPlugins } from "../mcp/host/plugins/own-plugins.js";
import { runOwnTests, type TestRun } from "../mcp/host/plugins/own-tests.js";
import type { Plugin } from "../mcp/host/plugins/plugin.js";
import { freePort, pluginWorkshop } from "../mcp/host/plugins/plugin-server.js";
import { toolFaults } from "../mcp/host/plugins/tool-faults.js";
import { BanyanError, messageOf, plainText } from "../supervision/index.js";
import { type CommonOptions, exitCodes } from "./options.js";
import { withOwnServers } from "./own-servers.js";
import { printJson } from "./print-json.js";
import { setUp } from "./settings.js";
import { printTable } from "./table.js";
import { warn } from "./warn.js";

export interface TestPluginOptions extends CommonOptions {
  readonly inspect?: boolean;
}

interface Tested {
  readonly name: string;
  readonly ok: boolean;
  readonly tools: number;
  readonly tests: readonly TestRun[];
  /** Milliseconds of all of it. */
  readonly ms: number;
  readonly faults: readonly string[];
}

export async function testPlugins(
  name: string | undefined,
  options: TestPluginOptions,
  version: string,
): Promise<void> {
  const { paths, loaded } = await setUp(options);
  const { chosen, leftOut } = await ownPlugins(paths, loaded.config, process.cwd(), process.env);
  const isAsked = (each: { readonly name: string }): boolean => name === undefined || each.name === name;
  const plugins = chosen.filter(({ server }) => isAsked(server));
  const others = leftOut.filter((each) => isAsked(each) && each.state !== "disabled");
  if (plugins.length + others.length === 0)
    throw new BanyanError(
      "no_plugin",
      name === undefined
        ? "No plugin is here; banyan plugins new NAME writes one."
        : `There is no plugin ${name} that is switched on; see banyan plugins list.`,
    );
  if (options.inspect) {
    const [first] = plugins;
    if (name === undefined || first === undefined)
      throw new BanyanError("usage", "Name the plugin to debug: banyan plugins test NAME --inspect.");
    return debug(name, options, version);
  }
  const workshop = pluginWorkshop(paths.state, process.cwd());
  const results: Tested[] = others.map(({ name: each, reason }) => {
    return { name: each, ok: false, tools: 0, tests: [], ms: 0, faults: [reason] };
  });
  for (const { plugin, server } of plugins)
    results.push(await test(plugin, options, version, () => runOwnTests(plugin, workshop, server.env ?? {})));
  if (options.json) printJson(results);
  else show(results);
  if (results.some(({ ok }) => !ok)) process.exitCode = exitCodes.failed;
}

async function test(
  { manifest: { name } }: Plugin,
  options: CommonOptions,
  version: string,
  ownTests: () => Promise<readonly TestRun[]>,
): Promise<Tested> {
  const begun = performance.now();
  const faults: string[] = [];
  let tools: readonly ListedTool[] = [];
  let tests: readonly TestRun[] = [];
  try {
    const { status, listed } = await look(name, options, version);
    tools = listed;
    if (!isUp(status.state)) faults.push(`it did not start: ${status.reason ?? status.state}`);
    for (const tool of tools) faults.push(...toolFaults(name, { ...tool, name: tool.tool }));
    tests = await ownTests();
    for (const { file, failed } of tests) if (failed > 0) faults.push(`${file}: ${failed} failed`);
  } catch (error) {
    if (!(error instanceof BanyanError)) throw error;
    faults.push(messageOf(error));
  }
  const ms = Math.round(performance.now() - begun);
  return { name, ok: faults.length === 0, tools: tools.length, tests, ms, faults };
}

/** How it stands once it is up, and what it offers. */
function look(
  name: string,
  options: CommonOptions,
  version: string,
): Promise<{ readonly status: ServerStatus; readonly listed: readonly ListedTool[] }> {
  return withOwnServers(options, { only: name, start: "all" }, version, async (door) => {
    const listed = (await door.tools()) as readonly ListedTool[]; // of the Aggregator in this very process
    const all = (await door.status()) as readonly ServerStatus[]; // likewise
    const status = all.find((server) => server.name === name);
    if (status === undefined) throw new BanyanError("no_plugin", `The plugin ${name} is gone.`);
    return { status, listed };
  });
}

async function debug(name: string, options: CommonOptions, version: string): Promise<void> {
  const debugPort = await freePort();
  const ended = Promise.race(Object.keys(platform.endSignals).map((signal) => once(process, signal)));
  await withOwnServers(options, { only: name, start: "all", debugPort }, version, async (door) => {
    const listed = (await door.tools()) as readonly ListedTool[]; // of the Aggregator in this very process
    process.stdout.write(
      plainText(
        `${name} runs, ${listed.length} ${listed.length === 1 ? "tool" : "tools"}; its debugger listens on 127.0.0.1:${debugPort}: open chrome://inspect or attach your editor. It has no sandbox, which lets no debugger in. Ctrl-C ends it.\n`,
      ),
    );
    await ended;
  });
}

function show(results: readonly Tested[]): void {
  for (const { tests } of results)
    for (const { file, output } of tests)
      if (output !== undefined) process.stderr.write(plainText(`${file}:\n${output}\n`));
  printTable(
    ["PLUGIN", "", "TOOLS", "TESTS", "MS"],
    results.map(({ name, ok, tools, tests, ms }) => {
      const [passed, failed] = [
        tests.reduce((n, run) => n + run.passed, 0),
        tests.reduce((n, run) => n + run.failed, 0),
      ];
      const shown =
        failed > 0 ? `${passed} passed, ${failed} failed` : tests.length === 0 ? "none" : `${passed} passed`;
      return [name, ok ? "ok" : "failed", `${tools}`, shown, `${ms}`];
    }),
  );
  for (const { name, faults } of results) for (const fault of faults) warn(`${name}: ${fault}`);
}
