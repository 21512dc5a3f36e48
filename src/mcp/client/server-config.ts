// One configured server, checked. The `[[servers]]` table of config.toml maps to it, with its durations and sizes
// already turned into milliseconds and bytes.
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { isConfidential, isWebAddress, PLAIN_HTTP } from "../../actors/config/web-address.js";
import { ServerConfigError } from "./errors.js";
import { logLevels, prefixes } from "./mcp-types.js";
import { oauthSettings } from "./oauth/settings.js";
import { routingSchema } from "./router/routing.js";

/** Who may want servers. A name that both want is the first one's. */
export const serverSources = ["settings", "plugins"] as const;
export type ServerSource = (typeof serverSources)[number];

const milliseconds = z.number().int().positive().max(86_400_000);

const fields = z.strictObject({
  /** Stands before the dot of every tool's name, so it has none itself. */
  name: z.string().regex(/^[A-Za-z0-9_-]{1,64}(~\d{1,2})?$/, "use 1 to 64 letters, digits, _ or -"),
  /** The server whose calls it shares: it has the same tools, under that server's name. Its own name is then `NAME~2` or the like. */
  replicaOf: z.string().optional(),
  /** The program to run. Of `command`, `url` and `embedded` there is exactly one. */
  command: z.string().min(1, "name the program to run").optional(),
  args: z.array(z.string()).default([]),
  /** The address of a server that runs elsewhere. */
  url: z.string().refine(isWebAddress, "write an address such as https://host/mcp, without a user name").optional(),
  /** How it is spoken to at its address; Streamable HTTP, or else SSE, when absent. */
  transport: z.enum(["http", "sse"]).optional(),
  /** How clients of ours know what it offers; as the settings say for all servers when absent. */
  prefix: z.enum(prefixes).optional(),
  /** Sent with every request to its origin, and to no other. */
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/), z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/))
    .default({}),
  /** How it is signed in to at its address. */
  oauth: oauthSettings.prefault({}),
  /** Whether its address may begin with http:// although it is another machine's. */
  plainHttp: z.boolean().default(false),
  /** The name of the connection pool its requests go through; connections of its own when absent. */
  pool: z.string().optional(),
  /** True of a server inside this process, which `Surroundings.embedded` holds under its name. */
  embedded: z.boolean().default(false),
  /** Added to the few variables every server inherits. */
  env: z.record(z.string(), z.string()).default({}),
  /** False: `env` is all it gets. */
  inherits: z.boolean().default(true),
  /** The current folder when absent. */
  cwd: z.string().optional(),
  restart: z.enum(["always", "on-failure", "never"]).default("on-failure"),
  /** Restarts in a row, without a minute of health between them, before the server is parked. */
  maxRestarts: z.number().int().min(0).max(1_000).default(5),
  restartDelayMs: milliseconds.default(1_000),
  /** A call's time when its caller gives none. */
  timeoutMs: milliseconds.default(30_000),
  /** From the start of the program to the end of the handshake. */
  connectTimeoutMs: milliseconds.default(30_000),
  healthIntervalMs: milliseconds.default(30_000),
  /** A check must be answered within this, or within the interval where that is shorter. */
  healthTimeoutMs: milliseconds.default(10_000),
  /** What a stopping server is given after its stdin closed, and again after SIGTERM. */
  graceMs: milliseconds.default(2_000),
  /** The longest message taken from the server, in bytes. */
  maxLineBytes: z.number().int().min(1_024).max(1_073_741_824).default(16_777_216),
  /** `eager`: connected at once, and the first answer waits for it; `background`: at once, and nobody waits; `lazy`: when
   * something of it is needed, and once to learn what it offers. */
  start: z.enum(["eager", "background", "lazy"]).default("eager"),
  /** A lazy server that nobody has used for so long is stopped until it is needed again. */
  idleStopMs: milliseconds.default(600_000),
  /** A lazy server is connected with the start, without anybody waiting for it, and rests when it is idle. */
  prewarm: z.boolean().default(false),
  /** Only what fits one of these is taken of it, where there are any: tools and prompts by name, resources by URI; `*` is any part. */
  allow: z.array(z.string()).default([]),
  /** What fits one of these is not taken. */
  deny: z.array(z.string()).default([]),
  /** Resident memory of its process group, above which it is ended and started again. Linux only. */
  maxMemoryBytes: z.number().int().positive().optional(),
  /** Percent of one core over `cpuWindowMs`: warned of after one such time, ended and started again after two. Linux only. */
  maxCpuPercent: z.number().positive().optional(),
  cpuWindowMs: milliseconds.default(60_000),
  /** The least serious of its log messages that it is asked for; absent: those it likes to send. Changed while it runs. */
  logLevel: z.enum(logLevels).optional(),
  /** False: known, shown, and not started until asked. */
  enabled: z.boolean().default(true),
  /** Who wants it: the settings, or the {@link ServerManager.setServers} of somebody else. */
  source: z.enum(serverSources).default("settings"),
  /** What it is, where that is known better than by its command: a hash of its files. Another one is another server. */
  version: z.string().optional(),
  /** When another takes its place: the time its calls under way are given. Meanwhile, and until the other has told what it offers,
   * what it offers stays known and new calls wait. 0: it is ended at once. */
  drainMs: z.number().int().min(0).max(600_000).default(0),
  /** Its script `to` is made of the source `from` before it is started, by `Surroundings.build`. */
  built: z.strictObject({ from: z.string(), to: z.string() }).optional(),
  routing: routingSchema.prefault({}),
});

const schema = fields.superRefine(({ command, url, embedded, plainHttp }, context) => {
  const ways = Number(command !== undefined) + Number(url !== undefined) + Number(embedded);
  if (ways !== 1) context.addIssue({ code: "custom", message: "give it either a command or a url" });
  if (url !== undefined && !plainHttp && !isConfidential(url)) {
    context.addIssue({ code: "custom", path: ["url"], message: PLAIN_HTTP });
  }
});

export type ServerConfig = z.output<typeof schema>;
export type ServerConfigInput = z.input<typeof schema>;

/** Checks one server's settings and fills in the defaults. Throws a {@link ServerConfigError} that names the field. */
export function serverConfig(input: ServerConfigInput): ServerConfig {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue === undefined || issue.path.length === 0 ? "" : `.${issue.path.join(".")}`;
  throw new ServerConfigError(`servers.${input?.name ?? "?"}${field} is wrong: ${issue?.message ?? "not a server"}`);
}

/** Checks them all. Throws a {@link ServerConfigError} for the first that is wrong, or has another's name. */
export function serverConfigs(inputs: readonly ServerConfigInput[]): ServerConfig[] {
  const names = new Set<string>();
  return inputs.map((input) => {
    const config = serverConfig(input);
    if (names.has(config.name))
      throw new ServerConfigError(`two servers are named "${config.name}"; rename one of them`);
    names.add(config.name);
    return config;
  });
}

/** Whether two settings of a server ask for the same server; what it is told while it runs may differ. */
export function sameConfig(a: ServerConfig, b: ServerConfig): boolean {
  return isDeepStrictEqual({ ...a, logLevel: undefined }, { ...b, logLevel: undefined });
}
