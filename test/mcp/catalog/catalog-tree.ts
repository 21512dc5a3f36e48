// The Catalog over a small folder of its own, with the real Store and the real servers' branch beside it.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Store } from "../../../src/actors/store/store.js";
import { Catalog, type CatalogOptions } from "../../../src/mcp/catalog/catalog.js";
import type { ServerConfigInput } from "../../../src/mcp/client/server-config.js";
import { Application, child, exit, monitor, named, whereis } from "../../../src/supervision/index.js";
import { startBranch } from "../client/tree.js";

export const store = named<Store>("Store");
const name = named<Catalog>("Catalog");
export const catalog = name.with({ timeout: 60_000 });

const agent = (name: string, model: string, description: string, more = ""): string =>
  `---\nname: ${name}\ndescription: ${description}\nmodel: ${model}\n${more}---\n\n# ${name}\n\nYou are an expert.\n`;

/** Folders, as a project has them. */
export const files: Readonly<Record<string, string>> = {
  "plugins/web/agents/react-specialist.md": agent(
    "react-specialist",
    "haiku",
    "Expert in React components, hooks and rendering performance for browser interfaces.",
    "capabilities: [react, hooks, performance]\n",
  ),
  "plugins/web/agents/frontend-developer.md": agent(
    "frontend-developer",
    "sonnet",
    "Builds browser interfaces with React, Vue or Angular. Cares for layout and accessibility. Works from a design to tested code, and explains what was decided.",
    "capabilities: [react, vue]\n",
  ),
  "plugins/data/agents/database-architect.md": agent(
    "database-architect",
    "opus",
    "Designs database schemas and plans migrations of PostgreSQL.",
    "capabilities: [postgres, sql]\n",
  ),
  "plugins/data/agents/sql-helper.md": agent(
    "sql-helper",
    "haiku",
    "Writes a database query in SQL for PostgreSQL.",
    "capabilities: [postgres, sql]\n",
  ),
  "plugins/data/skills/etl/SKILL.md":
    "---\nname: etl-pipelines\ndescription: How to move rows from one warehouse to another.\n---\n\n# Pipelines\n\nBatch, then check.\n",
  "plugins/data/commands/backfill.md":
    "---\ndescription: Fill a new column from the old ones.\nargument-hint: TABLE COLUMN\n---\n\n1. Count rows\n2. Fill $ARGUMENTS\n",
  "agent-registry.yml": "frontend_developer:\n  primary: frontend-developer\n  fallbacks: [react-specialist]\n",
};

export function write(folder: string, written: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(written)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

export async function startCatalog(
  home: string,
  options: Partial<CatalogOptions> = {},
  servers: readonly ServerConfigInput[] = [],
): Promise<{ stop(): Promise<void> }> {
  const branch = await startBranch(servers);
  const app = await Application.start({
    strategy: "one_for_one",
    maxRestarts: 100,
    children: [
      child(Store, { file: join(home, "data", "banyan.db") }, { name: store }),
      child(
        Catalog,
        {
          ...{ name, store, aggregator: branch.aggregator, project: home },
          ...{ enabled: true, roots: [home], folder: join(home, "data", "catalog"), longLived: false },
          ...{ cacheTtlMs: 300_000, reindexMs: 3_600_000, maxLogRows: 1_000 },
          ...options,
        },
        { name },
      ),
    ],
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= app.stop().then(() => branch.app.stop());
    return stopped;
  };
  await branch.manager.with({ timeout: 100_000 }).call.settled();
  return { stop };
}

/** Kills the process, and resolves once another one is in its place. */
export async function killCatalog(): Promise<void> {
  const pid = whereis(name);
  if (pid === undefined) throw new Error("it runs");
  const gone = new Promise<void>((resolve) => monitor(pid, () => resolve()));
  exit(pid, "kill");
  await gone;
}

/** The rows of a table, once what is gathered is written. */
export async function rows(sql: string, ...params: string[]): Promise<readonly Record<string, unknown>[]> {
  return await store.call.all({ sql, params });
}
