import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { hold } from "../../../src/actors/store/held.js";
import { migrations } from "../../../src/actors/store/migrations.js";
import { memoryNotice } from "../../../src/actors/store/notices.js";
import type { Store as StoreClass } from "../../../src/actors/store/store.js";
import type { Pid } from "../../../src/supervision/index.js";
import { root } from "../../support/banyan.js";
import { Store, supervision } from "../../support/built-store.js";
import { temporaryHome } from "../../support/home.js";

const { GenServer, stopProcess } = supervision;

const insert = (id: string) => ({
  sql: "INSERT INTO sessions (id, project, run, model, created_at, updated_at) VALUES (?, 'p', 'r', 'm', 1, 1)",
  params: [id],
});
const ids = { sql: "SELECT id FROM sessions ORDER BY id" };

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

async function open(file: string): Promise<Pid<StoreClass>> {
  const store = await Store.start({ file });
  onTestFinished(() => stopProcess(store));
  return store;
}

describe("Store", () => {
  it("keeps what it acknowledged over a restart, in WAL mode, with the schema's number in the file", async () => {
    const file = join(temporaryHome(), "deep", "banyan.db");
    const first = await Store.start({ file });
    await first.call.write(insert("a"), insert("b"));
    expect(await first.call.all({ sql: "PRAGMA journal_mode" })).toEqual([{ journal_mode: "wal" }]);
    await stopProcess(first);
    const second = await Store.start({ file });
    expect(await second.call.all(ids)).toEqual([{ id: "a" }, { id: "b" }]);
    expect(await second.call.status()).toMatchObject({ durable: true, notices: [] });
    await stopProcess(second);
  });

  it("writes all statements of a call or none, and crashes on a statement that is wrong", async () => {
    const file = join(temporaryHome(), "banyan.db");
    const store = await Store.start({ file });
    await expect(store.call.write(insert("a"), insert("a"))).rejects.toMatchObject({ code: "exited" });
    const again = await Store.start({ file });
    expect(await again.call.all(ids)).toEqual([]);
    await stopProcess(again);
  });

  it("moves a file that is no database aside, begins a new one, and says so", async () => {
    const home = temporaryHome();
    const file = join(home, "banyan.db");
    writeFileSync(file, "this is a letter, not a database, and quite a long one too".repeat(50));
    const store = await Store.start({ file });
    await store.call.write(insert("a"));
    const { durable, notices } = await store.call.status();
    expect(durable).toBe(true);
    expect(notices).toEqual([expect.stringMatching(/was damaged.*now lies at .*broken-.*a new one was begun/)]);
    expect(readdirSync(home).some((name) => name.startsWith("banyan.db.broken-"))).toBe(true);
    await stopProcess(store);
  });

  it("goes on in memory where it cannot write, and says how to mend it", async () => {
    const home = temporaryHome();
    writeFileSync(join(home, "data"), "a file where a folder should be");
    const store = await Store.start({ file: join(home, "data", "banyan.db") });
    await store.call.write(insert("a"));
    expect(await store.call.all(ids)).toEqual([{ id: "a" }]);
    const { durable, notices } = await store.call.status();
    expect(durable).toBe(false);
    expect(notices).toEqual([expect.stringContaining("make the folder writable or choose another with --home DIR")]);
    await stopProcess(store);
  });

  it("says of a full disk that there must be room", () => {
    const full = Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
    expect(memoryNotice("/h/banyan.db", full)).toContain("(database or disk is full)");
    expect(memoryNotice("/h/banyan.db", full)).toContain("make room on its disk or choose another with --home DIR");
  });

  it("never touches a database that a newer Banyan wrote", async () => {
    const home = temporaryHome();
    mkdirSync(home, { recursive: true });
    const file = join(home, "banyan.db");
    const store = await Store.start({ file });
    await store.call.all({ sql: "PRAGMA user_version" });
    await stopProcess(store);
    const db = hold(new Database(file));
    db.exec("PRAGMA user_version = 999");
    db.close();
    const later = await Store.start({ file });
    expect(await later.call.status()).toMatchObject({
      durable: false,
      notices: [expect.stringContaining("written by a newer Banyan")],
    });
    await stopProcess(later);
  });

  it("refuses the caller alone when the disk is full, with a sentence that says so, and writes again once there is room", async () => {
    const store = await open(join(temporaryHome(), "banyan.db"));
    const [row] = await store.call.all({ sql: "PRAGMA page_count" });
    await store.call.all({ sql: `PRAGMA max_page_count = ${row?.page_count}` });
    const big = { ...insert("a"), params: ["a".repeat(100_000)] };
    await expect(store.call.write(big)).rejects.toMatchObject({
      code: "SQLITE_FULL",
      message: expect.stringContaining("the disk is full; make room"),
    });
    expect(await store.call.all(ids)).toEqual([]);
    await store.call.all({ sql: "PRAGMA max_page_count = 100000" });
    await store.call.write(big);
    expect(await store.call.all(ids)).toHaveLength(1);
  });

  it("waits for another process that holds the file without holding the event loop, and gives up with a word", async () => {
    const file = join(temporaryHome(), "banyan.db");
    const store = await open(file);
    const other = hold(new Database(file));
    onTestFinished(() => void other.close());
    other.exec("BEGIN IMMEDIATE");
    let turns = 0;
    const ticking = setInterval(() => turns++, 10);
    await expect(store.call.write(insert("a"))).rejects.toMatchObject({
      code: "SQLITE_BUSY",
      message: expect.stringContaining("another program holds the database"),
    });
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(20);
    const written = store.call.write(insert("b"));
    setTimeout(() => other.exec("COMMIT"), 100);
    expect(await written).toEqual([1]);
    expect(await store.call.all(ids)).toEqual([{ id: "b" }]);
  });

  it("moves a file that is damaged while it runs aside, begins a new one and tells its watchers", async () => {
    const home = temporaryHome();
    const file = join(home, "banyan.db");
    const store = await open(file);
    const watcher = await Watcher.start();
    await store.call.watch(watcher);
    await store.call.write(insert("a"));
    await store.call.all({ sql: "PRAGMA wal_checkpoint(TRUNCATE)" });
    const disk = openSync(file, "r+");
    writeSync(disk, Buffer.alloc(statSync(file).size - 4096, 0xff), 0, undefined, 4096);
    closeSync(disk);
    await store.call.write({ sql: "PRAGMA shrink_memory" }); // forget the pages that were read
    await store.call.write(insert("b"));
    expect(await store.call.all(ids)).toEqual([{ id: "b" }]);
    expect(await watcher.call.seen()).toEqual([expect.stringMatching(/it now lies at .*broken-.*a new one was begun/)]);
  });

  it("lets nobody but its owner read the database or the files beside it", async () => {
    const home = temporaryHome();
    const file = join(home, "banyan.db");
    const store = await open(file);
    await store.call.write(insert("a"));
    for (const name of readdirSync(home))
      expect([name, statSync(join(home, name)).mode & 0o777]).toEqual([name, 0o600]);
    expect(readdirSync(home).sort()).toEqual(["banyan.db", "banyan.db-shm", "banyan.db-wal"]);
  });

  it("opens a new file that another process sets up at the same moment", async () => {
    const file = join(temporaryHome(), "banyan.db");
    const other = hold(new Database(file));
    onTestFinished(() => void other.close());
    other.exec("PRAGMA journal_mode = WAL");
    other.exec("BEGIN IMMEDIATE");
    const opening = `console.log("opening"); const { openDatabase } = await import(${JSON.stringify(join(root, "dist/actors/store/open.js"))});
      const { durable, notices } = await openDatabase(${JSON.stringify(file)}, new AbortController().signal); console.log(JSON.stringify({ durable, notices }));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", opening]);
    await once(child.stdout, "data");
    const answer = once(child.stdout, "data");
    await new Promise((resolve) => setTimeout(resolve, 700)); // long enough to read the version, short of the time-out
    for (const step of migrations) other.exec(step);
    other.exec(`PRAGMA user_version = ${migrations.length}`);
    other.exec("COMMIT");
    expect(JSON.parse(String((await answer)[0]))).toEqual({ durable: true, notices: [] });
  });
});
