import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { backupName, makeBackupFolder } from "../../../src/actors/store/backups.js";
import type * as StoreFile from "../../../src/actors/store/store.js";
import type * as CatalogFile from "../../../src/mcp/catalog/catalog.js";
import type { Decision } from "../../../src/mcp/catalog/queries.js";
import type { Aggregator } from "../../../src/mcp/client/aggregator.js";
import { built } from "../../support/build.js";
import { Store, supervision } from "../../support/built-store.js";
import { temporaryHome } from "../../support/home.js";
import { catalog, rows, startCatalog } from "./catalog-tree.js";

async function started(home: string) {
  const app = await startCatalog(home);
  onTestFinished(app.stop);
  return app;
}

const decision = (task_id: string, more: Partial<Decision> = {}): Decision => ({
  ...{ task_id, task_description: "Move the shop to the new database", agents_used: ["a", "b"], result: "success" },
  ...more,
});
const decisions = () => rows("SELECT * FROM decision_history ORDER BY id");

describe("a decision", () => {
  it("is kept once for its task, with all it says", async () => {
    const home = temporaryHome();
    await started(home);
    const first = decision("t1", { agents_used: ["a"], duration_ms: 1_500, tokens_saved: 20 });
    expect(await catalog.call.recordDecision(first)).toEqual({ stored: true, known: false });
    const again = decision("t1", { result: "failure" });
    expect(await catalog.call.recordDecision(again)).toEqual({ stored: false, known: true });
    expect(await decisions()).toMatchObject([
      { task_id: "t1", project: home, result: "success", agents_used: '["a"]', duration_ms: 1_500, tokens_saved: 20 },
    ]);
    await expect(catalog.call.recordDecision(decision("t2", { task_id: "" }))).rejects.toMatchObject({
      code: "invalid_params",
      issues: [{ path: "task_id" }],
    });
  });

  it("teaches the pattern that was followed, once, in running averages of what was told", async () => {
    await started(temporaryHome());
    const { id } = await catalog.call.storePattern({ goal: "move a shop", agent_sequence: ["a", "b"] });
    const follow = (task: string, more: Partial<Decision> = {}) =>
      catalog.call.recordDecision(decision(task, { pattern_id: id, ...more }));
    expect(await follow("1", { duration_ms: 1_000, tokens_saved: 100 })).toEqual({
      ...{ stored: true, known: false, pattern_id: id },
    });
    expect(await follow("1", { duration_ms: 9_000 })).toEqual({ stored: false, known: true });
    await follow("2", { result: "failure", duration_ms: 2_000 });
    await follow("3", { result: "partial", tokens_saved: 300 });
    await follow("4");
    const { pattern, task_count, success_rate } = {
      task_count: 0,
      success_rate: 0,
      ...(await catalog.call.getPattern({ goal: "move a shop" })),
    };
    expect(pattern).toMatchObject({
      success_count: 2,
      failure_count: 1,
      avg_duration_ms: 1_500,
      avg_tokens_saved: 200,
    });
    expect([task_count, success_rate]).toEqual([3, 3 / 5]);
  });

  it("that fails often enough ends a pattern, and not before there is evidence", async () => {
    await started(temporaryHome());
    const { id } = await catalog.call.storePattern({ goal: "hope for the best", agent_sequence: ["a"] });
    const fail = (n: number) => catalog.call.recordDecision(decision(`f${n}`, { pattern_id: id, result: "failure" }));
    for (let n = 0; n < 9; n++) await fail(n);
    expect((await catalog.call.getPattern({ goal: "hope for the best" })).pattern).toMatchObject({ failure_count: 9 });
    await fail(9);
    expect(await catalog.call.getPattern({ goal: "hope for the best" })).toMatchObject({ pattern: null });
    expect(await rows("SELECT * FROM orchestration_patterns")).toEqual([]);
    expect(await decisions()).toHaveLength(10);
  });

  it("that succeeded with several agents becomes a pattern, where none is near", async () => {
    await started(temporaryHome());
    const made = await catalog.call.recordDecision(decision("1", { agents_used: ["a", "b", "a"], duration_ms: 100 }));
    expect(await catalog.call.getPattern({ goal: "move the shop to the new database" })).toMatchObject({
      pattern: { id: made.pattern_id, agent_sequence: ["a", "b"], success_count: 1, avg_duration_ms: 100 },
      success_rate: 2 / 3,
    });
    const others: Partial<Decision>[] = [
      {},
      { task_description: "Something else", agents_used: ["a", "a"] },
      { task_description: "Another matter", result: "failure" },
    ];
    for (const [n, other] of others.entries()) {
      const kept = await catalog.call.recordDecision(decision(`other ${n}`, other));
      expect(kept).toEqual({ stored: true, known: false });
    }
    expect(await rows("SELECT * FROM orchestration_patterns")).toHaveLength(1);
  });
});

/** Built, since the Store mends a file in a thread that loads files of its own. */
async function startBuilt(home: string) {
  const { Application, child, named } = supervision;
  const { Catalog } = (await import(built("mcp/catalog/catalog.js"))) as typeof CatalogFile; // what is built is what the sources say
  const [store, catalog] = [named<StoreFile.Store>("Store"), named<CatalogFile.Catalog>("Catalog")];
  const settings = {
    enabled: true,
    roots: [home],
    folder: join(home, "catalog"),
    cacheTtlMs: 1_000,
    reindexMs: 60_000,
  };
  const options = { ...settings, maxLogRows: 0, project: home, longLived: false };
  const names = { name: catalog, store, aggregator: named<Aggregator>("Aggregator") };
  const app = await Application.start({
    strategy: "one_for_one",
    children: [
      child(Store, { file: join(home, "banyan.db") }, { name: store }),
      child(Catalog, { ...options, ...names }, { name: catalog }),
    ],
  });
  onTestFinished(() => app.stop());
  return { app, store, catalog: catalog.with({ timeout: 60_000 }) };
}

describe("a database that is damaged", () => {
  it("comes back from its backup with the patterns in it, also while the catalog runs", async () => {
    const home = temporaryHome();
    const file = join(home, "banyan.db");
    const goal = "graft an apple tree";
    const first = await startBuilt(home);
    const { id } = await first.catalog.call.storePattern({ goal, agent_sequence: ["a", "b"] });
    await first.app.stop();
    copyFileSync(file, join(makeBackupFolder(file), backupName(Date.now())));
    const { store, catalog } = await startBuilt(home);
    await catalog.call.storePattern({ goal: "not in the backup", agent_sequence: ["a"] });
    rmSync(file);
    expect(await catalog.call.recordDecision(decision("after", { pattern_id: id }))).toMatchObject({ stored: true });
    expect((await store.call.status()).notices.join(" ")).toContain("and the backup of");
    expect(await catalog.call.getPattern({ goal })).toMatchObject({ pattern: { id, success_count: 1 } });
    expect(await catalog.call.getPattern({ goal: "not in the backup" })).toMatchObject({ pattern: null });
  });
});
