// A plugin's manifest: the `banyan` field of its package.json, or its plugin.json. What is wrong with one leaves out that plugin
// alone, and is said in one sentence with the file and the field.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { nearest } from "../../../actors/config/problems.js";
import { hasOnlyReferences } from "../../../actors/config/references.js";
import { choice, duration, size, text, toggle, whole } from "../../../actors/config/setting-types.js";
import { variable, variables } from "../../../actors/config/settings/servers.js";
import { messageOf, plainText } from "../../../supervision/index.js";

const LARGEST_MANIFEST = 256 * 1024;
const FILES = ["package.json", "plugin.json"] as const;

const nameError = 'a name of a-z, 0-9, "_" and "-" that begins with a letter or digit, at most 64 long';
const entryError = 'a file of the plugin, such as "index.js"';
const folder = 'a path such as "./data", "/srv/data" or "${project}/docs"';
const hosts = 'true, false or a list of hosts such as ["api.example.com", "*.example.org:443"]';
const restarts = () => choice(["always", "on-failure", "never"]);
const paths = z
  .array(text(folder, /^[^\0]{1,1000}$/), { error: `a list such as ["./data"]` })
  .max(100)
  .default([]);
const packages = 'names of packages, such as { undici = "^7.0.0" }';

const permissions = z.strictObject(
  {
    /** Relative ones are the plugin's own; `${project}` is the folder Banyan works in. */
    read: paths,
    write: paths,
    net: z.union([z.boolean(), z.array(z.string().min(1).max(300)).max(100)], { error: hosts }).default(false),
    run: toggle().default(false),
    workers: toggle().default(false),
    addons: toggle().default(false),
    /** Variables of Banyan's own environment. */
    env: z
      .array(text("the name of a variable", /^[A-Za-z_][A-Za-z0-9_]{0,255}$/), { error: 'a list such as ["LANG"]' })
      .max(100)
      .default([]),
  },
  { error: "a table" },
);

const manifestSchema = z.strictObject(
  {
    name: text(nameError, /^[a-z0-9][a-z0-9_-]{0,63}$/).optional(),
    entry: text(entryError, /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\0\\]{1,500}\.(?:[cm]?js|[cm]?ts)$/).optional(),
    enabled: toggle().default(true),
    max_memory: size("1MB", "1024GB").optional(),
    max_cpu: whole(1, 100_000).optional(),
    timeout: duration("10ms", "24h").optional(),
    restart: restarts().optional(),
    max_restarts: whole(0, 1000).default(5),
    permissions: permissions.prefault({}),
    dependencies: z
      .union([z.array(z.string()), z.record(z.string(), z.string())], { error: packages })
      .transform((given) => (Array.isArray(given) ? given : Object.keys(given)))
      .default([]),
    env: z
      .record(
        z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
        z.string({ error: variable }).refine(hasOnlyReferences, { error: variable }),
        { error: variables },
      )
      .default({}),
    start: choice(["eager", "background", "lazy"]).default("lazy"),
    /** The same under the names that other hosts use. */
    process: z
      .strictObject({
        maxMemory: size("1MB", "1024GB").optional(),
        timeout: duration("10ms", "24h").optional(),
        restartPolicy: restarts().optional(),
      })
      .prefault({}),
  },
  { error: "a table" },
);

/** Only what is read of a package.json besides. */
const packageSchema = z.object({
  main: z.string().optional().catch(undefined),
  dependencies: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

/** Times in milliseconds, sizes in bytes; paths as they were written. */
export interface Manifest {
  /** The file it stands in. */
  readonly file: string;
  readonly name: string;
  /** Relative to the folder; absent: not said. */
  readonly entry: string | undefined;
  readonly enabled: boolean;
  readonly maxMemory: number | undefined;
  readonly maxCpu: number | undefined;
  readonly timeout: number | undefined;
  readonly restart: "always" | "on-failure" | "never";
  readonly maxRestarts: number;
  readonly permissions: z.output<typeof permissions>;
  /** Packages it needs. */
  readonly dependencies: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly start: "eager" | "background" | "lazy";
}

/** What stands in the way of a plugin, in one sentence that names the mend. */
export interface PluginProblem {
  readonly problem: string;
}

/** The manifest of the plugin in this folder; undefined if it is none. `shown`: the folder as people know it. */
export function readManifest(directory: string, base: string, shown: string): Manifest | PluginProblem | undefined {
  for (const file of FILES) {
    const json = readText(join(directory, file));
    if (json === undefined) continue;
    const place = `${shown}/${file}`;
    if (json === "too large") return { problem: `${place} has more than 256 KB; a manifest is a few lines.` };
    const parsed = parse(json);
    if ("error" in parsed) {
      // A package.json that is no plugin's is none of our business.
      if (file === "package.json" && !json.includes('"banyan"')) continue;
      return { problem: `${place} is no valid JSON (${parsed.error}); correct it.` };
    }
    const whole = parsed.value;
    if (!isTable(whole)) continue;
    const given = file === "package.json" ? whole.banyan : whole;
    if (given === undefined) continue;
    return checked(given, whole, file, { base, place, isPackage: file === "package.json" });
  }
  return undefined;
}

function checked(
  given: unknown,
  whole: unknown,
  file: string,
  { base, place, isPackage }: { base: string; place: string; isPackage: boolean },
): Manifest | PluginProblem {
  const parsed = manifestSchema.safeParse(given);
  if (!parsed.success) {
    const field = isPackage ? "banyan" : "";
    return { problem: `${place}: ${sentence(parsed.error.issues[0], given, field)}` };
  }
  const { process: other, max_memory, max_cpu, max_restarts, dependencies, ...rest } = parsed.data;
  const { main, dependencies: needed = {} } = isPackage ? packageSchema.parse(whole) : {};
  const name = rest.name ?? base;
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name)) {
    return {
      problem: `${place}: the folder's name ${quoted(name)} is no name for a plugin; give it one: ${nameError}.`,
    };
  }
  return {
    file,
    name,
    entry: rest.entry ?? main,
    enabled: rest.enabled,
    maxMemory: max_memory ?? other.maxMemory,
    maxCpu: max_cpu,
    timeout: rest.timeout ?? other.timeout,
    restart: rest.restart ?? other.restartPolicy ?? "on-failure",
    maxRestarts: max_restarts,
    permissions: rest.permissions,
    dependencies: [...new Set([...dependencies, ...Object.keys(needed)])],
    env: rest.env,
    start: rest.start,
  };
}

function sentence(issue: z.core.$ZodIssue | undefined, given: unknown, field: string): string {
  if (issue === undefined) return "it is no manifest.";
  const at = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    const close = at.length === 0 ? nearest(key, Object.keys(manifestSchema.shape)) : undefined;
    const meant = close === undefined ? "take it out" : `did you mean ${close}?`;
    return `${[field, ...at, plainText(key).slice(0, 100)].filter(Boolean).join(".")} is no field of a manifest; ${meant}`;
  }
  const found = at.reduce<unknown>((value, step) => (isTable(value) ? value[step] : undefined), given);
  // A variable's value may be a secret.
  const shown = at[0] === "env" ? "what it is" : found === undefined ? "nothing" : quoted(found);
  const key = [field, ...at].filter(Boolean).join(".") || "it";
  return `${plainText(key)} is ${shown}; allowed: ${issue.message}.`;
}

function quoted(value: unknown): string {
  return plainText(JSON.stringify(value) ?? "").slice(0, 80);
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Undefined if there is none that can be read. */
function readText(file: string): string | undefined {
  try {
    const bytes = readFileSync(file);
    return bytes.length > LARGEST_MANIFEST ? "too large" : bytes.toString("utf8").replace(/^\uFEFF/, "");
  } catch {
    return undefined;
  }
}

function parse(json: string): { readonly value: unknown } | { readonly error: string } {
  try {
    return { value: JSON.parse(json) };
  } catch (error) {
    return { error: plainText(messageOf(error)).slice(0, 120) };
  }
}
