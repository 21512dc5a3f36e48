// `banyan doctor`: looks at everything Banyan stands on and says of each fault how to mend it. It changes nothing. Exit code 0 when
// nothing failed, else 1.
import { loadConfig } from "../actors/config/load.js";
import { configSchema, type Settings } from "../actors/config/schema.js";
import { configuredServers } from "../mcp/client/configured-servers.js";
import type { ServerConfigInput } from "../mcp/client/server-config.js";
import { programOf } from "../mcp/host/host-program.js";
import { ownPlugins } from "../mcp/host/plugins/own-plugins.js";
import { toolHostSettings } from "../mcp/host/tool-host-settings.js";
import { messageOf, plainText } from "../supervision/index.js";
import { detectTheme } from "../ui/abilities.js";
import type { Theme } from "../ui/theme.js";
import { type Finding, failed, type Level, reporter } from "./doctor/finding.js";
import { checkRuntime, checkTerminal } from "./doctor/machine.js";
import { checkModels } from "./doctor/models.js";
import { checkNetwork } from "./doctor/network.js";
import { checkServers } from "./doctor/servers.js";
import { checkPermissions, checkStorage } from "./doctor/storage.js";
import { type CommonOptions, exitCodes } from "./options.js";
import { printJson } from "./print-json.js";
import { pathsOf, requestOf } from "./settings.js";

export interface DoctorOptions extends CommonOptions {
  readonly online?: boolean;
}

type LoadResult = Awaited<ReturnType<typeof loadConfig>>;

export async function doctor(options: DoctorOptions, version: string): Promise<void> {
  const paths = pathsOf(options);
  const loading = loadConfig(requestOf(options));
  const findings = (
    await Promise.all([
      attempt("runtime", async () => [...checkRuntime(), ...checkTerminal(process.stdout, process.env)]),
      attempt("storage", () => checkStorage(paths)),
      attempt("permissions", async () => checkPermissions(paths)),
      attempt("config", async () => checkSettings(options, version, await loading)),
      attempt("network", async () => checkNetwork(paths, portIn(await loading))),
    ])
  ).flat();
  const ok = findings.every(({ level }) => level !== "fail");
  if (options.json) printJson({ ok, findings });
  else process.stdout.write(`${report(findings, detectTheme(process.env, process.stdout))}\n`);
  process.exitCode = ok ? exitCodes.done : exitCodes.failed;
}

/** The settings, and what they name. */
async function checkSettings(options: DoctorOptions, version: string, loaded: LoadResult): Promise<Finding[]> {
  const { ok, warn } = reporter("config");
  if ("error" in loaded) {
    const mend = "Correct it there; banyan config check says when all is well. Servers and models were not looked at.";
    return loaded.error.map(({ message }) => reporter("config").fail(message, mend));
  }
  const { config, pendingApproval } = loaded.ok;
  // No pool runs here.
  const { servers, problems } = configuredServers({ ...config, pools: {} }, process.env);
  const { leftOut } = await ownPlugins(pathsOf(options), config, process.cwd(), process.env);
  const findings = [
    ok("The settings are valid."),
    ...(pendingApproval === undefined
      ? []
      : [warn(`${pendingApproval.file} is not in force yet.`, "Look at it, then run banyan config approve.")]),
    ...problems.map((problem) => failed("config", problem)),
    ...leftOut.flatMap(({ name, state, reason }) => {
      if (state === "disabled") return [];
      if (state === "left out") return [failed("config", `The plugin ${name} is left out: ${reason}`)];
      return [warn(`The plugin ${name} is not approved.`, "Look at it, then run banyan config approve.")];
    }),
  ];
  const [ofServers, ofModels] = await Promise.all([
    attempt("servers", () => checkServers(servers.flatMap(withProgram(config)), version, pathsOf(options).signIns)),
    attempt("models", () => checkModels(config, options.online === true)),
  ]);
  return [...findings, ...ofServers, ...ofModels];
}

/** Of banyan serve; where the settings cannot be read, the one it has when nothing is said. */
function portIn(loaded: LoadResult): number {
  return "ok" in loaded ? loaded.ok.config.server.port : configSchema.parse({}).server.port;
}

/** The tool host, which runs inside the app, answers here by the process it would start; the catalog has none, and cannot be away. */
function withProgram(settings: Settings): (server: ServerConfigInput) => ServerConfigInput[] {
  const project = process.cwd();
  const { maxMemoryBytes } = toolHostSettings(settings, false);
  const program = programOf("bundled", { project, staged: project }, maxMemoryBytes);
  return (server) => {
    if (!server.embedded) return [server];
    return server.name === "host" ? [{ ...server, ...program, embedded: false }] : [];
  };
}

/** A check that fails itself is a finding, too. */
async function attempt(area: Finding["area"], check: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await check();
  } catch (error) {
    return [failed(area, messageOf(error))];
  }
}

function report(findings: readonly Finding[], theme: Theme): string {
  const { glyphs } = theme;
  const marks: Record<Level, string> = {
    ok: theme.ok(glyphs.ok),
    warn: theme.warn("!"),
    fail: theme.error(glyphs.fail),
  };
  const areas = [...new Set(findings.map(({ area }) => area))];
  const lines = areas.flatMap((area) => [
    theme.bold(area),
    ...findings
      .filter((finding) => finding.area === area)
      .flatMap(({ level, text, mend }) => [
        `  ${marks[level]} ${plainText(text)}`,
        ...(mend === undefined ? [] : [`    ${theme.accent(plainText(mend))}`]),
      ]),
  ]);
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const [warnings, faults] = [count("warn"), count("fail")];
  const summary =
    warnings + faults === 0
      ? "All is well."
      : `${count("ok")} well, ${warnings} to look at, ${faults} ${faults === 1 ? "fault" : "faults"}.`;
  return [...lines, "", summary].join("\n");
}
