import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { tokensOf } from "../../../src/mcp/catalog/answering/shown.js";
import { GenServer } from "../../../src/supervision/index.js";
import { temporaryHome } from "../../support/home.js";
import { catalog, files, killCatalog, rows, startCatalog, write } from "./catalog-tree.js";

async function started(...options: Parameters<typeof startCatalog> extends [string, ...infer More] ? More : never) {
  const home = temporaryHome();
  write(home, files);
  const { stop } = await startCatalog(home, ...options);
  onTestFinished(stop);
  return { home, stop };
}

describe("what is asked", () => {
  const home = mkdtempSync(join(tmpdir(), "banyan-test-"));
  let stop = async (): Promise<void> => {};
  beforeAll(async () => {
    write(home, files);
    const changing = fileURLToPath(new URL("../../support/changing-server.mjs", import.meta.url));
    const things = { name: "things", command: process.execPath, args: [changing] };
    ({ stop } = await startCatalog(home, {}, [things]));
  });
  afterAll(async () => {
    await stop();
    rmSync(home, { recursive: true, force: true });
  });

  describe("a question about agents", () => {
    it("by role: the primary of the registry, then its fallbacks", async () => {
      const { agents, confidence, reasoning, cache_hit } = await catalog.call.queryAgents({
        role: "frontend_developer",
      });
      expect(agents.map(({ name }) => name)).toEqual(["frontend-developer", "react-specialist"]);
      expect(confidence).toBeGreaterThan(0.9);
      expect(reasoning).toContain("frontend-developer, react-specialist for the role frontend_developer");
      expect(cache_hit).toBe(false);
      const { agents: all, reasoning: words } = await catalog.call.queryAgents({ role: "database_architect" });
      expect(all[0]?.name).toBe("database-architect");
      expect(words).toContain("No registry names the role database_architect");
    });

    it("by capability, by context, and by both: what both find comes first", async () => {
      const tagged = await catalog.call.queryAgents({ capability: "vue" });
      expect(tagged.agents[0]).toMatchObject({ name: "frontend-developer", plugin: "web", model: "sonnet" });
      expect(tagged.reasoning).toContain("Matched by 'vue' capability tag");
      const free = await catalog.call.queryAgents({ context: "rendering performance of components" });
      expect(free.agents[0]).toMatchObject({
        name: "react-specialist",
        capabilities: ["react", "hooks", "performance"],
      });
      expect(free.reasoning).toMatch(/Matched the words .*performance/);
      const both = await catalog.call.queryAgents({ capability: "react", context: "layout and accessibility" });
      expect(both.agents[0]?.name).toBe("frontend-developer");
    });

    it("keeps to a plugin, a model and a limit", async () => {
      const names = async (query: Parameters<typeof catalog.call.queryAgents>[0]) =>
        (await catalog.call.queryAgents(query)).agents.map(({ name }) => name);
      expect((await names({ capability: "sql", plugin: "data" })).sort()).toEqual(["database-architect", "sql-helper"]);
      expect(await names({ capability: "sql", model: "opus" })).toEqual(["database-architect"]);
      expect(await names({ capability: "sql", limit: 1 })).toHaveLength(1);
      expect(await names({ plugin: "web" })).toEqual(["frontend-developer", "react-specialist"]);
    });

    it("among equals prefers a model that is made for such a task", async () => {
      const first = async (context: string) =>
        (await catalog.call.queryAgents({ capability: "postgres", context })).agents[0]?.name;
      expect(await first("an overhaul of the whole architecture")).toBe("database-architect");
      expect(await first("a tiny typo")).toBe("sql-helper");
    });

    it("that nothing answers has the nearest names, and says what was looked for", async () => {
      const { agents, nearest, reasoning, confidence } = await catalog.call.queryAgents({ role: "xqzzv" });
      expect([agents, confidence]).toEqual([[], 0]);
      expect(nearest).toEqual(expect.any(Array));
      expect(reasoning).toBe("No agent matches the role 'xqzzv'.");
    });

    it("is refused with every wrong param named, and holds up nobody", async () => {
      const wrong = { limit: 21, role: "r".repeat(51), capability: "c".repeat(101), context: "x".repeat(501) };
      const paths = ["context", "limit", "capability", "role"];
      const issues = paths.map((path) => expect.objectContaining({ path }));
      const refused = { code: "invalid_params", issues };
      await expect(catalog.call.queryAgents(wrong)).rejects.toMatchObject(refused);
      expect((await catalog.call.queryAgents({ capability: "sql" })).agents).not.toEqual([]);
    });
  });

  describe("how much is told", () => {
    it("by mode: names alone, cut descriptions, or whole files", async () => {
      const role = "frontend_developer";
      const told = async (mode: "index" | "catalog" | "full") =>
        (await catalog.call.queryAgents({ role, mode })).agents[0];
      expect(Object.keys((await told("index")) ?? {})).toEqual(["id", "kind", "name", "plugin", "score"]);
      const cut = await told("catalog");
      expect(cut?.description?.length).toBeLessThanOrEqual(120);
      expect(cut?.description).toMatch(/\w…$/);
      const full = await told("full");
      expect(full?.description).toContain("explains what was decided.");
      expect(full?.text).toContain("# frontend-developer");
    });

    it("within the budget: shorter or fewer, and says how many were left out", async () => {
      for (const mode of ["index", "catalog", "full"] as const) {
        for (const max_tokens of [100, 150, 300, 600]) {
          const answer = await catalog.call.queryAgents({ context: "postgres react sql", mode, max_tokens });
          expect(tokensOf(JSON.stringify(answer))).toBeLessThanOrEqual(max_tokens);
          if (max_tokens === 100) expect(answer.left_out).toBeGreaterThan(0);
        }
      }
    });
  });

  // As o200k, which most models of today count by, counts them.
  it.each([
    ["Reviews pull requests for security holes, and says how to mend them.", 14],
    ['{"id":"agent:web/react-specialist","kind":"agent","name":"react-specialist","plugin":"web","score":0.881}', 29],
    ["为结算服务添加身份验证", 7],
    ["🌳🌳🌳", 6],
  ])("%s is taken for no fewer tokens than it is", (text, tokens) => {
    expect(tokensOf(text)).toBeGreaterThanOrEqual(tokens);
  });

  describe("skills, workflows and tools", () => {
    it("are found by their kind", async () => {
      const { skills } = await catalog.call.querySkills({ context: "move rows to a warehouse" });
      expect(skills[0]?.name).toBe("etl-pipelines");
      const { workflows } = await catalog.call.queryWorkflows({ goal: "fill a column" });
      expect(workflows[0]).toMatchObject({ kind: "workflow", plugin: "data", arguments: "TABLE COLUMN" });
      const { tools } = await catalog.call.queryTools({ query: "write" });
      expect(tools[0]).toMatchObject({ name: "things.write", plugin: "things", kind: "tool" });
      const { indexes } = await catalog.call.stats();
      expect(indexes).toEqual({ agents: 4, skills: 1, workflows: 1, tools: 3, patterns: 0 });
    });
  });
});

describe("the cache", () => {
  it("answers the same question however it is written, until the files are read again", async () => {
    const { home } = await started();
    await catalog.call.queryAgents({ capability: "sql", limit: 5 });
    expect((await catalog.call.queryAgents({ limit: 5, capability: "sql " })).cache_hit).toBe(true);
    expect((await catalog.call.queryAgents({ capability: "sql", limit: 4 })).cache_hit).toBe(false);
    rmSync(join(home, "plugins/data/agents/sql-helper.md"));
    const report = await catalog.call.reindex();
    expect(report.indexes.agents).toBe(3);
    const { agents, cache_hit } = await catalog.call.queryAgents({ capability: "sql", limit: 5 });
    expect([agents.map(({ name }) => name), cache_hit]).toEqual([["database-architect"], false]);
    const { cache, queries, performance } = await catalog.call.stats();
    expect(cache).toMatchObject({ hits: 1, misses: 3, hit_rate: 0.25 });
    expect(queries).toEqual({ total: 4, by_method: { queryAgents: 4 } });
    expect(performance.misses.count).toBe(3);
  });

  it("lets go of what is too old", async () => {
    await started({ cacheTtlMs: 1 });
    await catalog.call.queryAgents({ capability: "sql" });
    await expect.poll(async () => (await catalog.call.queryAgents({ capability: "sql" })).cache_hit).toBe(false);
  });

  it("is warm after a start with what was asked often before", async () => {
    await started({ longLived: true });
    await catalog.call.queryAgents({ capability: "sql" });
    await expect.poll(async () => (await rows("SELECT 1 FROM agent_queries")).length).toBe(1);
    await killCatalog();
    await expect.poll(async () => (await catalog.call.stats()).cache.entries).toBe(1);
    expect((await catalog.call.queryAgents({ capability: "sql" })).cache_hit).toBe(true);
  });
});

describe("the log", () => {
  it("has every question in the columns of old, without secrets, and only so many", async () => {
    const { home } = await started({ maxLogRows: 3 });
    await catalog.call.queryAgents({ capability: "sql", context: "with Bearer abcdefghijklmnopqrstuvwxyz123456" });
    for (let n = 0; n < 2; n++) await catalog.call.queryAgents({ role: "frontend_developer" });
    const logged = () => rows("SELECT * FROM agent_queries ORDER BY id");
    await expect.poll(async () => (await logged()).length).toBe(3);
    const [first, second, third] = await logged();
    expect(first).toMatchObject({ project: home, method: "queryAgents", capability: "sql", role: null, cache_hit: 0 });
    expect(first?.params).toBeNull();
    expect(String(first?.context)).not.toContain("abcdefghijklmnopqrstuvwxyz");
    expect(JSON.parse(String(second?.agents_returned))).toHaveLength(2);
    expect(third).toMatchObject({ role: "frontend_developer", cache_hit: 1, duration_ms: expect.any(Number) });
    for (let n = 0; n < 5; n++) await catalog.call.queryAgents({ capability: "sql", limit: n + 1 });
    const limits = async () => (await logged()).map(({ params }) => JSON.parse(String(params))?.limit);
    await expect.poll(limits).toEqual([3, 4, 5]);
  });
});

describe("an index on disk that is damaged", () => {
  it("is made anew from the files, which is said", async () => {
    const { home, stop } = await started();
    const before = await catalog.call.queryAgents({ role: "frontend_developer" });
    await stop();
    const folder = join(home, "data", "catalog");
    const kept = readdirSync(folder).map((name) => join(folder, name));
    expect(kept).not.toEqual([]);
    for (const file of kept) truncateSync(file, Math.floor(statSync(file).size / 2));
    const again = await startCatalog(home);
    onTestFinished(again.stop);
    expect(await catalog.call.queryAgents({ role: "frontend_developer" })).toEqual(before);
    expect((await catalog.call.stats()).rebuild).toMatchObject({ count: 1, damaged: expect.any(String) });
  });
});

describe("a crash of the process", () => {
  it("leaves it answering as before", async () => {
    await started();
    const before = await catalog.call.queryAgents({ role: "frontend_developer" });
    await killCatalog();
    expect(await catalog.call.queryAgents({ role: "frontend_developer" })).toEqual(before);
  });
});

/** Calls back when it has been told. */
class Watcher extends GenServer<() => void> {
  private told = (): void => {};
  protected override init(told: () => void): void {
    this.told = told;
  }
  entriesChanged(): void {
    this.told();
  }
}

it("lists what there is, and tells when there is something else", async () => {
  const { home } = await started();
  await catalog.call.queryAgents({});
  const listed = await catalog.call.entries({ kinds: ["agent"], prefix: "re", limit: 10 });
  expect(listed.map(({ name }) => name)).toEqual(["react-specialist"]);
  expect(await catalog.call.plugins({ kind: "agent", prefix: "", limit: 10 })).toEqual(["data", "web"]);
  expect(await catalog.call.text(listed[0]?.id ?? "")).toContain("# react-specialist");
  await expect(catalog.call.text("agent:web/none")).rejects.toMatchObject({ code: "unknown_entry" });
  let tell = (): void => {};
  const told = new Promise<void>((resolve) => {
    tell = resolve;
  });
  await catalog.call.watchEntries(await Watcher.start(tell));
  write(home, { "plugins/web/agents/new.md": "---\nname: newcomer\n---\nNew.\n" });
  await catalog.call.reindex();
  await told;
  expect((await catalog.call.queryAgents({ context: "newcomer" })).agents[0]?.name).toBe("newcomer");
});

it("answers nothing where it is switched off", async () => {
  await started({ enabled: false });
  await expect(catalog.call.queryAgents({})).rejects.toMatchObject({ code: "catalog_off" });
});
