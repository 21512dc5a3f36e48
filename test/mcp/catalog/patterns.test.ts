import { join } from "node:path";
import { distance } from "fastest-levenshtein";
import { describe, expect, it, onTestFinished } from "vitest";
import { Store } from "../../../src/actors/store/store.js";
import { PatternTable, successRate } from "../../../src/mcp/catalog/patterns/pattern-table.js";
import { sequenceFault } from "../../../src/mcp/catalog/patterns/sequence.js";
import type { Pattern } from "../../../src/mcp/catalog/queries.js";
import { Application, child, named } from "../../../src/supervision/index.js";
import { temporaryHome } from "../../support/home.js";
import { catalog, rows, startCatalog } from "./catalog-tree.js";

async function started(home: string) {
  const app = await startCatalog(home);
  onTestFinished(app.stop);
  return app;
}

const pattern = (id: string, goal: string, success_count = 0, failure_count = 0): Pattern => ({
  ...{ id, goal, success_count, failure_count, agent_sequence: ["a"], dependencies: {}, parallel_groups: [] },
  ...{ avg_duration_ms: 0, avg_tokens_saved: 0, created_at: "", updated_at: "" },
});

function table(...patterns: readonly Pattern[]): PatternTable {
  const made = new PatternTable();
  for (const each of patterns) made.put(each);
  return made;
}

describe("the patterns of a project", () => {
  it("are as similar as 0.5 cosine + 0.3 keywords + 0.2 edit distance say", () => {
    const [asked, known] = ["deploy billing service", "deploy billing worker"];
    const found = table(pattern("1", known)).find(asked, 0, 1)[0];
    // One pattern: a word it has weighs 1, one that it lacks 1 + ln 2. Two of three words are shared.
    const rare = 1 + Math.log(2);
    const cosine = 2 / (Math.sqrt(2 + rare ** 2) * Math.sqrt(3));
    const edit = 1 - distance(asked, known) / 22;
    expect(found?.similarity).toBeCloseTo(0.5 * cosine + 0.3 * (4 / 6) + 0.2 * edit, 9);
  });

  it("are the same however a goal is written, and near where its words are other forms of the same", () => {
    const known = table(pattern("1", "Add OAuth2 sign-ins to the API"), pattern("2", "Write a changelog"));
    expect(known.find("add  oauth2 SIGN-INS to the api", 1, 5)).toMatchObject([{ similarity: 1 }]);
    expect(known.find("implement OAuth2 sign-in for the API", 0.7, 5)).toMatchObject([{ pattern: { id: "1" } }]);
    expect(known.find("bake bread", 0.7, 5)).toEqual([]);
    expect(known.nearest("an OAuth2 question", 3)).toEqual(["Add OAuth2 sign-ins to the API"]);
    expect(table(pattern("zh", "为结算服务添加身份验证")).find("结算服务身份验证", 0.5, 1)).toHaveLength(1);
  });

  it("are ranked by similarity and by how often they succeeded, as far as so few can tell", () => {
    const [tried, failed] = [pattern("tried", "release the app", 9, 0), pattern("failed", "release the apps", 0, 3)];
    const known = table(failed, pattern("new", "release an app"), tried);
    expect(known.find("release the app", 0.7, 5).map(({ pattern: { id } }) => id)).toEqual(["tried", "new", "failed"]);
    expect([successRate(tried), successRate(failed), successRate(pattern("", ""))]).toEqual([10 / 11, 1 / 5, 1 / 2]);
  });

  it("are found as by looking at every one of them, however many there are", () => {
    const words =
      "api billing cache deploy email graph invoice job login mobile order parser queue report search".split(" ");
    const goal = (n: number) =>
      [0, 1, 2, 3].map((k) => words[(n * (k + 3) + k * k + (n >> (k + 2))) % words.length]).join(" ");
    const all = Array.from({ length: 400 }, (_, n) => pattern(`p${n}`, `${goal(n)} ${n % 7}`, n % 5, n % 3));
    const known = table(...all);
    for (let n = 0; n < 20; n++) {
      const asked = `${goal(n * 17)} ${n % 5}`;
      const score = ({ similarity, success_rate }: { similarity: number; success_rate: number }) =>
        similarity * success_rate;
      for (const least of [0, 0.3, 0.7]) {
        const every = known.find(asked, least, all.length);
        expect(every.every(({ similarity }) => similarity >= least)).toBe(true);
        if (least === 0) expect(every).toHaveLength(all.length);
        const scores = every.map(score);
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
        expect(known.find(asked, least, 5).map(score)).toEqual(scores.slice(0, 5));
      }
    }
  });

  it("come and go", () => {
    const known = table(pattern("1", "ship it today"));
    known.put(pattern("1", "paint the fence"));
    expect(known.find("ship it today", 0.3, 5)).toEqual([]);
    expect(known.find("paint the fence", 1, 5)).toHaveLength(1);
    known.remove("1");
    expect([known.size, known.find("paint the fence", 0, 5)]).toEqual([0, []]);
  });
});

describe("a sequence of agents", () => {
  const sequence = (
    agent_sequence: string[],
    dependencies: Record<string, string[]>,
    parallel_groups: string[][] = [],
  ) => ({
    ...{ agent_sequence, dependencies, parallel_groups },
  });
  it.each([
    ["in order", sequence(["a", "b", "c"], { b: ["a"], c: ["a", "b"] }, [["a"], ["b"], ["c"]]), undefined],
    ["named as an object's own", sequence(["constructor", "b"], { b: ["constructor"] }), undefined],
    [
      "a circle",
      sequence(["a", "b", "c"], { a: ["c"], b: ["a"], c: ["b"] }),
      "dependencies is a circle, a → c → b → a",
    ],
    ["on itself", sequence(["a"], { a: ["a"] }), "dependencies is a circle, a → a"],
    ["a stranger waited for", sequence(["a"], { a: ["x"] }), "dependencies names x, which is not in agent_sequence"],
    ["a stranger who waits", sequence(["a"], { x: ["a"] }), "dependencies names x, which is not in agent_sequence"],
    ["a stranger in a group", sequence(["a"], {}, [["a", "x"]]), "parallel_groups names x, which is not"],
    ["twice in the sequence", sequence(["a", "a"], {}), "agent_sequence has a twice"],
    ["twice in groups", sequence(["a", "b"], {}, [["a", "b"], ["a"]]), "parallel_groups has a twice"],
    ["together", sequence(["a", "b"], { b: ["a"] }, [["a", "b"]]), "b in the same group as a, which it depends on"],
    ["too early", sequence(["a", "b"], { b: ["a"] }, [["b"], ["a"]]), "b in an earlier group than a"],
    [
      "together, through another",
      sequence(["a", "b", "c"], { b: ["a"], c: ["b"] }, [["a", "c"]]),
      "c in the same group as a",
    ],
  ])("%s", (_, given, fault) => {
    const found = sequenceFault(given);
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject({ code: "invalid_params", message: expect.stringContaining(fault) });
  });
});

const steps = { agent_sequence: ["security-auditor", "backend-developer"] };

describe("a pattern that is stored", () => {
  it("is found at once, changed by its goal, and kept over a crash and a restart", async () => {
    const home = temporaryHome();
    const { stop } = await started(home);
    expect(await catalog.call.getPattern({ goal: "add OAuth2 authentication" })).toMatchObject({
      pattern: null,
      nearest: [],
    });
    const stored = await catalog.call.storePattern({ goal: "Add OAuth2 authentication", ...steps });
    expect(stored).toMatchObject({ ...steps, success_count: 0, dependencies: {}, parallel_groups: [] });
    expect(await catalog.call.getPattern({ goal: "add OAuth2 authentication" })).toEqual({
      ...{ pattern: stored, similarity: 1, success_rate: 0.5, task_count: 0, cache_hit: false },
    });
    expect(await catalog.call.getPattern({ goal: "add OAuth2 authentication" })).toMatchObject({ cache_hit: true });
    const dependencies = { "backend-developer": ["security-auditor"] };
    const changed = await catalog.call.storePattern({ goal: "add  oauth2 AUTHENTICATION", ...steps, dependencies });
    expect(changed).toMatchObject({ id: stored.id, created_at: stored.created_at, dependencies });
    const { matches } = await catalog.call.findPatterns({ goal: "OAuth2 authentication", min_similarity: 0.5 });
    expect(matches).toMatchObject([{ pattern: { id: stored.id, dependencies } }]);
    expect((await catalog.call.stats()).patterns).toEqual({ total: 1, avg_success_rate: 0 });
    await stop();
    await started(home);
    expect(await catalog.call.getPattern({ goal: "add OAuth2 authentication" })).toMatchObject({ pattern: changed });
  });

  it("is refused whole with a circle, and nothing of it is kept", async () => {
    await started(temporaryHome());
    const circle = { a: ["b"], b: ["a"] };
    const stored = catalog.call.storePattern({ goal: "g", agent_sequence: ["a", "b"], dependencies: circle });
    await expect(stored).rejects.toMatchObject({ code: "invalid_params", issues: [{ path: "dependencies" }] });
    expect(await rows("SELECT * FROM orchestration_patterns")).toEqual([]);
  });

  it("is the project's own: another sees it by naming the project", async () => {
    const home = temporaryHome();
    await started(home);
    await catalog.call.storePattern({ goal: "prune the orchard", ...steps, project: "/elsewhere" });
    expect(await catalog.call.getPattern({ goal: "prune the orchard" })).toMatchObject({ pattern: null });
    const there = await catalog.call.getPattern({ goal: "prune the orchard", project: "/elsewhere" });
    expect(there).toMatchObject({ similarity: 1 });
  });

  it("by another program on the same database is seen", async () => {
    const home = temporaryHome();
    await started(home);
    expect(await catalog.call.getPattern({ goal: "count the trees" })).toMatchObject({ pattern: null });
    const other = named<Store>("AnotherStore");
    const file = join(home, "data", "banyan.db");
    const app = await Application.start({
      strategy: "one_for_one",
      children: [child(Store, { file }, { name: other })],
    });
    onTestFinished(() => app.stop());
    await other.call.write({
      sql: `INSERT INTO orchestration_patterns
        (id, project, goal, goal_key, agent_sequence, dependencies, parallel_groups, created_at, updated_at)
        VALUES ('theirs', ?, 'count the trees', 'count the trees', '["a"]', '{}', '[]', '2026', '2026')`,
      params: [home],
    });
    const seen = async () => (await catalog.call.getPattern({ goal: "count the trees" })).pattern?.id;
    await expect.poll(seen).toBe("theirs");
    await other.call.write({ sql: "DELETE FROM orchestration_patterns" });
    await expect.poll(seen).toBeUndefined();
  });
});
