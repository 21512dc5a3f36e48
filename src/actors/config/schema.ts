// All settings together, of one layer and of all: each with its type, its default and the one line that explains it, which stand
// by subject in settings/. config.toml in the root of the repository is written from them (document.ts). A setting keeps its name
// everywhere: in files, in the environment, in flags and in code. Times come out in milliseconds, sizes in bytes.
import { z } from "zod";
import { list, table, tableName, text } from "./setting-types.js";
import { approvals, chat, context, ui } from "./settings/chat.js";
import { bundled, catalog, plugins, toolhost } from "./settings/hosted.js";
import { MODEL_NAME, modelName, noPrices, priceOf, providers } from "./settings/models.js";
import { oneWay, server } from "./settings/servers.js";
import { served } from "./settings/serving.js";
import {
  breaker,
  errors,
  health,
  limits,
  log,
  noPools,
  pool,
  project,
  session,
  startup,
  store,
  telemetry,
} from "./settings/upkeep.js";
import { isConfidential, PLAIN_HTTP } from "./web-address.js";

const sections = {
  model: text(modelName, MODEL_NAME).optional().meta({
    description:
      "The model, as provider:name; when absent, by the keys in the environment and the servers on this machine.",
    example: "openai:gpt-5",
  }),
  fallback: list(text(modelName, MODEL_NAME), '["ollama:llama3.2", "offline"]').describe(
    "Models that answer in its place, the first that can, while it fails or is left alone.",
  ),
  providers: providers.prefault({}),
  chat: chat.prefault({}),
  context: context.prefault({}),
  approvals: approvals.prefault({}),
  breaker: breaker.prefault({}),
  ui: ui.prefault({}),
  limits: limits.prefault({}),
  session: session.prefault({}),
  store: store.prefault({}),
  log: log.prefault({}),
  telemetry: telemetry.prefault({}),
  errors: errors.prefault({}),
  health: health.prefault({}),
  project: project.prefault({}),
  startup: startup.prefault({}),
  bundled: bundled.prefault({}),
  toolhost: toolhost.prefault({}),
  plugins: plugins.prefault({}),
  catalog: catalog.prefault({}),
  server: served.prefault({}),
};

const onlyBlocks = { error: "[[servers]] blocks in a configuration file" };

/** All layers together. */
export const configSchema = table(
  {
    ...sections,
    pools: z
      .record(tableName, pool, noPools)
      .superRefine((pools, context) => {
        for (const [name, { min, max }] of Object.entries(pools)) {
          if (min > max)
            context.addIssue({ code: "custom", path: [name, "min"], message: `at most its max, ${max}`, input: min });
        }
      })
      .prefault({}),
    prices: z.record(tableName, priceOf, noPrices).prefault({}),
    servers: z
      .array(server, onlyBlocks)
      .superRefine((servers, context) => {
        for (const [index, { command, url, plain_http }] of servers.entries()) {
          const wrong = (field: string, message: string, input: unknown) =>
            context.addIssue({ code: "custom", path: [index, field], message, input });
          if ((command === undefined) === (url === undefined))
            wrong(url === undefined ? "command" : "url", oneWay, url);
          else if (url !== undefined && !plain_http && !isConfidential(url)) wrong("url", PLAIN_HTTP, url);
        }
      })
      .prefault([])
      .describe("MCP servers to start or to connect to."),
  },
  "Banyan's settings.",
);

/** One layer alone: it may change a server, a pool or a price that another layer declares, so only the name of each is required. */
export const layerSchema = configSchema.extend({
  pools: z
    .record(tableName, pool.partial({ url: true }), noPools)
    .refine((pools) => Object.keys(pools).length <= 50, { error: "at most 50 [pools.NAME] tables" })
    .prefault({}),
  prices: z
    .record(tableName, priceOf.partial({ model: true, input: true, output: true }), noPrices)
    .refine((prices) => Object.keys(prices).length <= 200, { error: "at most 200 [prices.NAME] tables" })
    .prefault({}),
  servers: z
    .array(server, onlyBlocks)
    .max(200, { error: "at most 200 [[servers]] blocks" })
    .superRefine((servers, context) => {
      const names = new Set<string>();
      for (const [index, { name }] of servers.entries()) {
        if (names.has(name))
          context.addIssue({ code: "custom", path: [index, "name"], message: "a name only once in a file" });
        names.add(name);
      }
    })
    .prefault([]),
});

type Checked = z.output<typeof configSchema>;

/** A configured server. `approved` is false while the user has not yet approved the project's file that declares or changes it. */
export type ServerConfig = Checked["servers"][number] & { readonly approved: boolean };

/** As they are written: what has a default may be left out, times and sizes may be texts. */
export type SettingsInput = z.input<typeof configSchema>;

/** The effective settings: plain data, times in milliseconds, sizes in bytes, secrets still as references. */
export type Settings = Omit<Checked, "servers"> & { readonly servers: readonly ServerConfig[] };

/** A place in the settings: names of tables and keys, and numbers for the blocks of an array. */
export type Path = readonly (string | number)[];

/** The schema without what only says that it may be absent. */
export function required(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while (inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) inner = inner.unwrap();
  return inner;
}

/** The schema of a setting or of a table, or undefined where the path leads nowhere. */
export function schemaAt(path: Path): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType | undefined = configSchema;
  for (const step of path) {
    const outer: z.core.$ZodType | undefined = schema && required(schema);
    if (outer instanceof z.ZodRecord && typeof step === "string") schema = outer.valueType;
    else if (typeof step === "string") schema = settingsIn(outer)[step];
    else if (outer instanceof z.ZodArray && typeof step === "number") schema = outer.element;
    else return undefined;
  }
  return schema && required(schema);
}

/** The schema of each table of a setting that is tables under names of the user's choice. */
export function tablesIn(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  return schema instanceof z.ZodRecord && schema.valueType instanceof z.ZodObject ? schema.valueType : undefined;
}

/** The settings and tables directly in a table, by name; none for anything that is not a table of settings. */
export function settingsIn(schema: z.core.$ZodType | undefined): Readonly<Record<string, z.core.$ZodType | undefined>> {
  // Without a prototype, so that a key named "constructor" finds nothing.
  return Object.assign(Object.create(null), schema instanceof z.ZodObject ? schema.shape : {});
}
