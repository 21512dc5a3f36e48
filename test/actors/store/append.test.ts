import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { Backlog } from "../../../src/actors/store/backlog.js";
import { hold } from "../../../src/actors/store/held.js";
import { Store } from "../../../src/actors/store/store.js";
import { GenServer, type Pid, stopProcess } from "../../../src/supervision/index.js";
import { temporaryHome } from "../../support/home.js";

const row = (body: string, id: number | null = null) => ({
  sql: "INSERT INTO notifications (id, at, project, run, source, category, body) VALUES (?, 1, '/p', 'r', 's', 'log', ?)",
  params: [id, body],
});
const bodies = { sql: "SELECT body FROM notifications ORDER BY id" };

async function open(file: string): Promise<Pid<Store>> {
  const store = await Store.start({ file });
  onTestFinished(() => stopProcess(store).catch(() => {}));
  return store;
}

/** Another program's connection to the same file. */
function another(file: string): Database.Database {
  const db = hold(new Database(file));
  onTestFinished(() => void db.close());
  return db;
}

class Watcher extends GenServer<void, string[]> {
  protected override init() {
    this.state = [];
  }
  storeChanged(notice: string) {
    this.state.push(notice);
  }
  seen() {
    return this.state;
  }
}

describe("rows that nobody waits for", () => {
  it("are there for the next query, in the order in which they came", async () => {
    const store = await open(join(temporaryHome(), "banyan.db"));
    for (let i = 0; i < 1_234; i++) store.cast.append(row(String(i)));
    const found = await store.call.all(bodies);
    expect(found.map(({ body }) => body)).toEqual(Array.from({ length: 1_234 }, (_, i) => String(i)));
  });

  it("are written without anybody asking, many in one transaction", async () => {
    const file = join(temporaryHome(), "banyan.db");
    const store = await open(file);
    const other = another(file);
    const count = hold(other.prepare("SELECT COUNT(*) FROM notifications").pluck());
    for (let i = 0; i < 20; i++) store.cast.append(row(String(i)));
    const seen = new Set<unknown>();
    await expect
      .poll(() => {
        seen.add(count.get());
        return count.get();
      })
      .toBe(20);
    expect([...seen].every((rows) => rows === 0 || rows === 20)).toBe(true);
  });

  it("are written when the Store is stopped", async () => {
    const file = join(temporaryHome(), "banyan.db");
    const store = await open(file);
    store.cast.append(row("the last word"));
    await stopProcess(store);
    expect(await (await open(file)).call.all(bodies)).toEqual([{ body: "the last word" }]);
  });

  it("wait while the database cannot be written, at most 10,000 of them; the oldest go, counted and told", async () => {
    const file = join(temporaryHome(), "banyan.db");
    const store = await open(file);
    const watcher = await Watcher.start();
    await store.call.watch(watcher);
    const other = another(file);
    other.exec("BEGIN IMMEDIATE");
    for (let i = 0; i < 10_100; i++) store.cast.append(row(String(i)));
    expect(await store.call.all(bodies)).toEqual([]); // queries are answered meanwhile
    expect(await store.call.status()).toMatchObject({ dropped: 100 });
    expect(await store.call.getStatus()).toMatchObject({
      level: "warn",
      details: expect.stringContaining("the database cannot be written"),
    });
    other.exec("COMMIT");
    const kept = await store.call.all(bodies);
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([10_000, { body: "100" }, { body: "10099" }]);
    expect(await watcher.call.seen()).toEqual([expect.stringMatching(/^100 notifications of servers were not kept/)]);
    expect(await store.call.getStatus()).toMatchObject({ level: "ok" });
  });

  it("that the database refuses go alone and are counted", async () => {
    const store = await open(join(temporaryHome(), "banyan.db"));
    store.cast.append(row("one", 1), row("one again", 1), row("two", 2));
    expect(await store.call.all(bodies)).toEqual([{ body: "one" }, { body: "two" }]);
    expect(await store.call.status()).toMatchObject({ dropped: 1 });
  });

  it("of huge size are held to 16 MB, and a megabyte is written at a time", async () => {
    const file = join(temporaryHome(), "banyan.db");
    const store = await open(file);
    const db = another(file);
    const backlog = new Backlog();
    for (let i = 0; i < 20; i++) backlog.add(row("x".repeat(1024 * 1024)));
    expect([backlog.length, backlog.dropped]).toEqual([15, 5]);
    backlog.writeSome(db, (sql) => hold(db.prepare(sql)));
    expect(backlog.length).toBe(14);
    expect(await store.call.all({ sql: "SELECT COUNT(*) AS rows FROM notifications" })).toEqual([{ rows: 1 }]);
  });
});
