// One configured server over stdio, checked. The `[[servers]]` table of config.toml maps to it, with its durations and sizes
// already turned into milliseconds and bytes.
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { ServerConfigError } from "./errors.js";
import { routingSchema } from "./router/routing.js";

const milliseconds = z.number().int().positive().max(86_400_000);

const schema = z.strictObject({
  /** Stands before the dot of every tool's name, so it has none itself. */
  name: z.string().regex(/^[A-Za-z0-9_-]{1,64}(~\d{1,2})?$/, "use 1 to 64 letters, digits, _ or -"),
  /** The server whose calls it shares: it has the same tools, under that server's name. Its own name is then `NAME~2` or the like. */
  replicaOf: z.string().optional(),
  command: z.string().min(1, "name the program to run"),
  args: z.array(z.string()).default([]),
  /** Added to the few variables every server inherits. */
  env: z.record(z.string(), z.string()).default({}),
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
  /** What a stopping server is given after its stdin closed, and again after SIGTERM. */
  graceMs: milliseconds.default(2_000),
  /** The longest message taken from the server, in bytes. */
  maxLineBytes: z.number().int().min(1_024).max(1_073_741_824).default(16_777_216),
  /** `eager`: connected at once, and the first answer waits for it; `background`: at once, and nobody waits; `lazy`: when
   * something of it is needed, and once to learn what it offers. */
  start: z.enum(["eager", "background", "lazy"]).default("eager"),
  /** A lazy server that nobody has used for so long is stopped until it is needed again. */
  idleStopMs: milliseconds.default(600_000),
  /** Only what fits one of these is taken of it, where there are any: tools and prompts by name, resources by URI; `*` is any part. */
  allow: z.array(z.string()).default([]),
  /** What fits one of these is not taken. */
  deny: z.array(z.string()).default([]),
  /** Resident memory of its process group, above which it is ended and started again. Linux only. */
  maxMemoryBytes: z.number().int().positive().optional(),
  /** Percent of one core over `cpuWindowMs`: warned of after one such time, ended and started again after two. Linux only. */
  maxCpuPercent: z.number().positive().optional(),
  cpuWindowMs: milliseconds.default(60_000),
  /** False: known, shown, and not started until asked. */
  enabled: z.boolean().default(true),
  routing: routingSchema.prefault({}),
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

/** Whether two settings of a server ask for the same. */
export function sameConfig(a: ServerConfig, b: ServerConfig): boolean {
  return isDeepStrictEqual(a, b);
}
